"""The special names, such as `__getitem__`, that the builtin types of values have as attributes.

The operators work all the same: MicroPython's types have functions for them, and no attributes. What is listed here is
in the tables of attributes of py/objdict.c:608, py/objset.c:538 and 564@v1.28.0 (py/objdict.c:540, py/objset.c:540 and
566@v1.9.4); py/objstr.c, objint.c, objlist.c, objtuple.c, objarray.c, objrange.c, objfloat.c and objbool.c have none.
"""

from __future__ import annotations

from collections.abc import Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

TYPES: Final = frozenset("bool bytearray bytes dict float frozenset int list memoryview range set str tuple".split())
"""The types whose special names are known."""

_OF_CLASSES: Final = frozenset({"__bases__", "__class__", "__dict__", "__name__"})
"""Names that every class has, in builds with them (py/objtype.c:1073@v1.28.0, py/runtime.c:1189@v1.28.0)."""

NAMES: Final[Mapping[str, frozenset[str]]] = {
    "dict": frozenset({"__delitem__", "__getitem__", "__setitem__"}),
    "frozenset": frozenset({"__contains__"}),
    "set": frozenset({"__contains__"}),
}
"""The special names that a type has as attributes; the other types have none."""

OF_OBJECT: Final = frozenset({"__delattr__", "__init__", "__new__", "__setattr__"})
"""Names that `super()` finds in `object`, whatever the base is (py/objobject.c:100@v1.28.0)."""


def is_special(name: str) -> bool:
    """True for a name that begins and ends with two underscores."""
    return name.startswith("__") and name.endswith("__")


def has(type_: str, name: str) -> bool | None:
    """True if a builtin type has an attribute of this special name, on every port; None where that is not known."""
    if type_ not in TYPES or name in _OF_CLASSES:
        return None
    return name in NAMES.get(type_, ())

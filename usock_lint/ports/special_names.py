"""The special names, such as `__getitem__`, that the builtin types of values have as attributes.

The operators work all the same: MicroPython's types have functions for them, and no attributes. What is listed here is
in the tables of attributes of py/objdict.c:608, py/objset.c:538 and 564@v1.28.0 (py/objdict.c:540, py/objset.c:540 and
566@v1.9.4); py/objstr.c, objint.c, objlist.c, objtuple.c, objarray.c, objrange.c, objfloat.c, objbool.c and objexcept.c
have none.
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping

from usock_lint.ports import exceptions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

TYPES: Final = frozenset("bool bytearray bytes dict float frozenset int list memoryview range set str tuple".split())
"""The types whose special names are known, beside exceptions."""

FIXED: Final = frozenset("bytes float frozenset int str tuple".split())
"""The types that a class may have as a base, and whose objects have their values before `__init__` is called."""

_OF_CLASSES: Final = frozenset({"__bases__", "__class__", "__dict__", "__name__"})
"""Names that every class has, in builds with them (py/objtype.c:1073@v1.28.0, py/runtime.c:1189@v1.28.0)."""

_OF_PROGRAMS: Final = frozenset({"__doc__", "__module__", "__qualname__"})
"""Names that a class of a program has besides, or that the body of it may set."""

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
    if name in _OF_CLASSES or (type_ not in TYPES and not is_exception(type_)):
        return None
    return name in NAMES.get(type_, ())


def lacks_object(name: str) -> bool:
    """True for a special name that CPython's classes get from `object`, and those of a program on MicroPython do not.

    The look-up in a class leaves `object` out (py/objtype.c:239@v1.28.0, 223@v1.9.4): `Base.__init__` is there only if
    the class, or one above it, has a method of this name.
    """
    return name in _OF_OBJECT_ON_CPYTHON and name not in _OF_CLASSES | _OF_PROGRAMS


_OF_OBJECT_ON_CPYTHON: Final = frozenset(dir(object))


def is_exception(name: str) -> bool:
    """True for a builtin exception that every port has."""
    known = getattr(builtins, name, None)
    if not isinstance(known, type) or not issubclass(known, BaseException) or known.__name__ != name:
        return False
    return name not in exceptions.INSTEAD and (known is OSError or not issubclass(known, OSError))

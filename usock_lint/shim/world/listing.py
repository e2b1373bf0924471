"""The builtin dir: which attributes it lists, in the order in which MicroPython has interned their names."""

from __future__ import annotations

import io
import tokenize
import types
from ast import literal_eval
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, cast

from usock_lint.ports import Cell
from usock_lint.ports import world as table
from usock_lint.shim.core.sealed import OpenModule, is_of_shim
from usock_lint.shim.world import device
from usock_lint.shim.world.classes import HIDDEN, no_init

FIRST: Sequence[str] = (
    *("__call__ __class__ __delitem__ __enter__ __exit__ __getattr__ __getitem__ __hash__ __init__ __int__").split(),
    *("__iter__ __len__ __main__ __module__ __name__ __new__ __next__ __qualname__ __repr__ __setitem__").split(),
    *("__str__ ArithmeticError AssertionError AttributeError BaseException EOFError Ellipsis Exception").split(),
    *("GeneratorExit ImportError IndentationError IndexError KeyError KeyboardInterrupt LookupError").split(),
    *("MemoryError NameError NoneType NotImplementedError OSError OverflowError RuntimeError StopIteration").split(),
    *("SyntaxError SystemExit TypeError ValueError ZeroDivisionError abs all any append args bool builtins").split(),
    *("bytearray bytecode bytes callable chr classmethod clear close const copy count dict dir divmod end").split(),
    *("endswith eval exec extend find format from_bytes get getattr globals hasattr hash id index insert").split(),
    *("int isalpha isdigit isinstance islower isspace issubclass isupper items iter join key keys len list").split(),
    *("little locals lower lstrip main map micropython next object open ord pop popitem pow print range").split(),
    *("read readinto readline remove replace repr reverse rfind rindex round rsplit rstrip self send sep").split(),
    *("set setattr setdefault sort sorted split start startswith staticmethod step stop str strip sum").split(),
    *("super throw to_bytes tuple type update upper value values write zip").split(),
)
"""The names that come first in each build (py/makeqstrdata.py:100@v1.28.0)."""

SECOND = [
    *(
        "bool pos neg invert abs float complex sizeof lt gt eq le ge ne contains iadd isub imul imatmul ifloordiv"
    ).split(),
    *("itruediv imod ipow ior ixor iand ilshift irshift add sub mul matmul floordiv truediv mod divmod pow or").split(),
    *("xor and lshift rshift radd rsub rmul rmatmul rfloordiv rtruediv rmod rpow ror rxor rand rlshift").split(),
    *("rrshift get set delete").split(),
]
"""The names that come after FIRST, without their underscores (py/makeqstrdata.py:264@v1.28.0)."""

SPELLED: Sequence[type] = (int, list, dict, set, float, types.AsyncGeneratorType, io.BytesIO)
"""Types of CPython's whose special names each build has, too."""

SHORT = 10
"""The most bytes of a string literal that is interned, as names are (MICROPY_ALLOC_PARSE_INTERN_STRING_LEN@v1.28.0)."""


class Names:
    """The order of the names in the firmware and in the sources that a world has compiled."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        self.places: dict[str, int] = {}
        self.sources_read = 0

    def sorted(self, names: set[str], sources: Sequence[str | bytes]) -> list[str]:
        """Names in the order of the numbers that MicroPython gives them when it has compiled these sources."""
        if not self.places:
            known = [*FIRST, *sorted(f"__{name}__" for name in SECOND)]
            known += sorted(set(firmware_names(self.cell)) - {*known})
            self.places = {name: place for place, name in enumerate(known)}
        for source in sources[self.sources_read :]:
            for name in names_in(source if isinstance(source, str) else source.decode("utf-8", "replace")):
                self.places.setdefault(name, len(self.places))
        self.sources_read = len(sources)
        return sorted(names, key=lambda name: (self.places.get(name, len(self.places)), name))


def firmware_names(cell: Cell) -> Iterator[str]:
    """The names that the firmware has interned: of modules, of what is in them, and of members of types."""
    for module in table.built_in_modules():
        if table.module_exists(cell, module):
            yield module
            for name in table.names(cell, module):
                yield name
                yield from table.members(cell, module, name)
    for kind, owner in device.HOSTS.items():
        yield from (name for name in dir(kind) if device.has(cell, owner, name) is not False)
    for kind in SPELLED:
        yield from (name for name in dir(kind) if name[:2] == "__")
    yield from ("__bases__", "__globals__", "__file__", "__path__", "__aenter__", "__aexit__", "errno")


def names_in(source: str) -> Iterator[str]:
    """The names in a source, and its short string literals."""
    with suppress(tokenize.TokenError, SyntaxError):
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.NAME:
                yield token.string
            elif token.type == tokenize.STRING:
                with suppress(ValueError, SyntaxError):  # of an f-string on old Pythons, of a lone surrogate
                    text = literal_eval(token.string)
                    if isinstance(text, str) and len(text.encode()) <= SHORT:
                        yield text


def listed(thing: Any) -> set[str]:
    """The names of the attributes of an object, some of which MicroPython's types may lack."""
    kind = cast("Any", type(thing))
    if isinstance(thing, types.ModuleType):
        more = type(thing).also_listed(thing) if isinstance(thing, OpenModule) else set[str]()
        return {name for name in vars(thing) if name not in HIDDEN} | more | {"__class__", "__dict__"}
    if kind is types.FunctionType and not is_of_shim(thing):
        return {"__class__", "__name__", "__globals__"}
    is_type = isinstance(thing, type)
    classes = cast("Any", thing if is_type else kind).__mro__
    found = {"__class__", *(("__name__", "__bases__", "__dict__") if is_type else ())}
    scripted = [one for one in classes if device.is_scripted(one)]
    if scripted:
        found |= {"__module__", "__qualname__", "__dict__"}
    for one in scripted:
        names = (name for name, value in contents(one).items() if value is not no_init)
        found |= {name.strip("<>") for name in names if name not in HIDDEN}  # `device.uncalled` has put some into <>
    if not is_type:
        found |= {name for name in getattr(thing, "__dict__", ()) if name not in HIDDEN}
    return found | native(thing, classes[len(scripted) :])


def contents(kind: Any) -> dict[str, Any]:
    """The attributes that a class defines itself."""
    return dict(kind.__dict__)


def native(thing: Any, classes: Sequence[Any]) -> set[str]:
    """The names of the attributes that an object has from types of the firmware."""
    if isinstance(thing, type) and issubclass(thing, BaseException):
        return set()
    owner = next((device.HOSTS[one] for one in classes if one in device.HOSTS), "")
    special = {"__class__", *device.SPECIAL.get(owner, ())}
    if not isinstance(thing, type):
        special.add("__next__")  # of each iterator
    names = {name for one in classes if one is not object for name in contents(one)}
    names |= {"format"} if owner == "bytes" else set()
    names |= {"__next__"} if types.CoroutineType in classes else set()
    if not isinstance(thing, type):
        names |= {name for kind, name in device.ADDED if kind == device.owner_of(thing, name)}
    return {name for name in names if name[:1] != "_" or name in special}

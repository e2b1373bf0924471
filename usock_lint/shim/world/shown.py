"""repr() and str() of values as MicroPython prints them."""

from __future__ import annotations

import inspect
import re
import types
from array import array
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from usock_lint.ports import Release
from usock_lint.shim.core.sealed import Module, Sealed, is_of_shim
from usock_lint.shim.core.streams import IOBase
from usock_lint.shim.world.classes import Super, parts
from usock_lint.shim.world.containers import OrderedDict
from usock_lint.shim.world.frozen import FRAMES, is_frozen
from usock_lint.shim.world.tables import DictView, TableIterator

LETTERS_SINCE: Release = (1, 29, 0)
"""From then on repr() shows letters beyond ASCII as they are (py/objstrunicode.c:79@1c3c201149)."""

ATOMS: tuple[Any, ...] = (int, float, complex, bool, type(None), bytes, bytearray, range, array)
"""Types whose values print as on CPython; only floats and complex numbers have digits of their own."""

_ITERATED: Any = (b"", "", "\xe9", [], (), {}, set[Any](), bytearray(), memoryview(b""), array("b"))

_type: Any = type  # for a type checker, which otherwise looks into the expressions below

ITERATORS: Mapping[Any, str] = {_type(iter(one)): "iterator" for one in _ITERATED}
"""The types of CPython's iterators. A str that is not ASCII has another one."""

NAMES: Mapping[Any, str] = {
    types.BuiltinFunctionType: "function",
    types.MethodType: "bound_method",
    types.CoroutineType: "generator",
    types.AsyncGeneratorType: "generator",
    type(type.__call__): "function",
    type(str.join): "function",
    type([].__len__): "bound_method",
    **ITERATORS,
    _type(iter(range(0))): "iterator",
    **dict.fromkeys((_type(getattr({}, name)()) for name in ("keys", "values", "items")), "dict_view"),
    **dict.fromkeys((_type(...), _type(NotImplemented)), ""),
    Module: "module",
    types.ModuleType: "module",
    reversed: "reversed",
    _type(reversed(list[Any]())): "reversed",
}
"""CPython's types whose counterparts on MicroPython have other names."""

VIEWS: Any = [type(getattr({}, name)()) for name in ("keys", "values", "items")]
"""The types of keys(), values() and items() of a dict."""


_ESCAPED = re.compile(r"[\0-\x1f\x7f\\\ud800-\udfff]")


def with_letters(text: str) -> str:
    """A str in quotes. Characters beyond ASCII are as they are, except surrogates (py/objstrunicode.c@1c3c201149)."""
    shown = _ESCAPED.sub(lambda found: ascii(found[0])[1:-1], text)
    return f'"{shown}"' if "'" in text and '"' not in text else "'{}'".format(shown.replace("'", "\\'"))


HOST_TEXTS: Any = tuple(vars(kind)["__str__"] for kind in (BaseException, KeyError, SyntaxError))
"""The methods of CPython's exceptions that make their texts. Any other one is a script's."""


class Printer:
    """Prints values as a release does."""

    def __init__(self, release: Release, tells_cells: bool = True) -> None:
        self.release = release
        self.tells_cells = tells_cells
        """True if a closure is shown with what it closes over: in builds with detailed errors, of all ports unix."""
        self.functions: Mapping[int, str] = {}
        """The names of the builtin functions that are not CPython's, by their ids."""
        self.text: Callable[[str], str] = with_letters if release >= LETTERS_SINCE else ascii

    def repr(self, value: Any, /) -> str:
        """The builtin repr."""
        kind = cast("Any", type(value))
        if kind is str:
            return self.text(value)
        if kind is float or kind is complex:
            return self.number(value) if kind is float else self.complex(value)
        if kind in ATOMS:
            return repr(value)
        if kind.__repr__ in OWN:
            return OWN[kind.__repr__](self, value)
        return self.object(value)

    def str(self, value: Any, /) -> str:
        """The builtin str of one value."""
        kind = cast("Any", type(value))
        if kind is float or kind is complex:
            return self.repr(value)
        if kind is str or kind in ATOMS:
            return str(value)
        if isinstance(value, BaseException) and kind.__str__ in HOST_TEXTS:
            return self.error(value)
        if kind.__str__ is object.__str__:
            return self.repr(value)
        return str(value)

    def number(self, value: float) -> str:
        """A float."""
        from usock_lint.shim.world import floats  # not for programs that print none

        return floats.float_repr(self.release, value)

    def complex(self, value: complex) -> str:
        """A complex."""
        from usock_lint.shim.world import floats

        return floats.complex_repr(self.release, value)

    def object(self, value: Any) -> str:
        """An object by the `__repr__` of its class, or else by the name of its class."""
        kind = cast("Any", type(value))
        if id(value) in self.functions:
            return "<function>"
        if isinstance(value, type):
            return f"<class '{type_name(value)}'>"
        if isinstance(value, types.FunctionType) and is_of_shim(value):
            if is_frozen(value) and value.__code__.co_flags & (inspect.CO_GENERATOR | inspect.CO_COROUTINE):
                return "<generator>"
            return f"<function {FRAMES[value.__code__][1]} at {id(value):#x}>" if is_frozen(value) else "<function>"
        if isinstance(value, types.MethodType):
            return f"<bound_method {id(value):x} {self.repr(value.__self__)}.{self.repr(value.__func__)}>"
        if isinstance(value, types.BuiltinMethodType) and not isinstance(value.__self__, types.ModuleType | None):
            return f"<bound_method {id(value):x} {self.repr(value.__self__)}.<function>>"
        if isinstance(value, types.CodeType):
            return "<code>"
        if value is ... or value is NotImplemented or isinstance(value, types.ModuleType):
            return repr(value)
        if isinstance(value, types.FunctionType):
            function = "<generator>" if value.__code__.co_flags & inspect.CO_GENERATOR else self.function(value)
            return self.closure(value, function) if value.__closure__ else function
        if kind in (types.GeneratorType, types.CoroutineType):
            return f"<generator object '{value.__name__}' at {id(value):x}>"
        if kind is IOBase:
            return "<IOBase>"
        if kind in NAMES or kind in PLAIN:
            return f"<{type_name(kind)}>"
        if kind.__repr__ is object.__repr__ and kind.__module__ != "builtins" and type(kind) is not Sealed:
            return f"<{kind.__name__} object at {id(value):x}>"
        if kind.__repr__ is object.__repr__:
            return f"<{kind.__name__}>"
        return repr(value)

    def function(self, value: types.FunctionType) -> str:
        """A function of a script that is neither a generator nor a closure."""
        return f"<function {value.__name__} at {id(value):#x}>"

    def closure(self, value: types.FunctionType, function: str) -> str:
        """A closure, `function` without what it closes over (py/objclosure.c:64@v1.28.0)."""
        if not self.tells_cells:
            return "<closure>"
        cells = [f"<cell {id(cell):x} {self.cell(cell)}> " for cell in value.__closure__ or ()]
        return f"<closure {function} at {id(value):x}, n_closed={len(cells)} {''.join(cells)}>"

    def cell(self, cell: types.CellType) -> str:
        """The value of a variable that a closure uses."""
        try:
            return self.repr(cell.cell_contents)
        except ValueError:
            return "(nil)"

    def error(self, error: BaseException) -> str:
        """The text of an exception."""
        match error.args:
            case ():
                return ""
            case (only,):
                return self.str(only)
            case several:
                return self.repr(several)

    def sequence(self, opening: str, values: Iterable[Any], closing: str) -> str:
        """Values in brackets."""
        return f"{opening}{', '.join(map(self.repr, values))}{closing}"

    def dict(self, value: Mapping[Any, Any]) -> str:
        """A dict, which may be an ordered one."""
        shown = self.mapping(value)
        return f"{type(value).__name__}({shown})" if isinstance(value, OrderedDict) else shown

    def mapping(self, value: Mapping[Any, Any]) -> str:
        """A dict."""
        return f"{{{', '.join(f'{self.repr(key)}: {self.repr(one)}' for key, one in value.items())}}}"


def type_name(kind: Any) -> str:
    """The name of a type."""
    return NAMES.get(kind, kind.__name__)


def of_tuple(printer: Printer, value: Any) -> str:
    """A tuple."""
    return printer.sequence("(", value, ",)" if len(value) == 1 else ")")


def of_error(printer: Printer, error: BaseException) -> str:
    """An exception: its arguments as a tuple, also a single one (py/objexcept.c:139@v1.28.0)."""
    return f"{type(error).__name__}{printer.repr(error.args)}"


def of_super(printer: Printer, value: Super) -> str:
    """A super()."""
    return f"<super: {', '.join(map(printer.repr, parts(value)))}>"


def of_set(printer: Printer, value: Any) -> str:
    """A set or a frozenset."""
    if not value:
        return f"{type(value).__name__}()"
    inner = printer.sequence("{", value, "}")
    return inner if issubclass(cast("Any", type(value)), set) else f"{type(value).__name__}({inner})"


_BY_TYPE: Mapping[Any, Callable[[Printer, Any], str]] = {
    Super: of_super,
    tuple: of_tuple,
    list: lambda printer, value: printer.sequence("[", value, "]"),
    dict: lambda printer, value: printer.dict(value),
    set: of_set,
    frozenset: of_set,
    str: lambda printer, value: printer.text(str.__str__(value)),
    BaseException: of_error,
    memoryview: lambda printer, value: "<memoryview>",
    **dict.fromkeys(VIEWS, lambda printer, value: printer.sequence(f"{type(value).__name__}([", value, "])")),
    DictView: lambda printer, value: printer.sequence(f"dict_{value.kind}([", value, "])"),
}

OWN: Mapping[Any, Callable[[Printer, Any], str]] = {kind.__repr__: function for kind, function in _BY_TYPE.items()}
"""Printers by CPython's `__repr__` of the type. A script's class with a `__repr__` of its own is not among the keys."""

PLAIN: tuple[Any, ...] = (zip, map, filter, enumerate, classmethod, staticmethod, TableIterator)
"""Further types whose objects print as the name of the type alone."""

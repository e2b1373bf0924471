"""Attributes and signatures of MicroPython's types and functions, from the table, where CPython's allow more.

A script runs on CPython's types. `lookups.py` rewrites attribute look-ups and calls that only CPython allows into calls
of this module, which raise as the device does.
"""

from __future__ import annotations

import array
import builtins
import io
import types
from collections.abc import Callable, Mapping
from functools import cache, cached_property, lru_cache, partial
from typing import TYPE_CHECKING, Any, cast

from usock_lint.ports import Cell, Release, special_names
from usock_lint.ports import world as table
from usock_lint.shim.core.arguments import check_count, integer
from usock_lint.shim.core.errors import NotSimulated
from usock_lint.shim.core.files import FileIO, TextIOWrapper
from usock_lint.shim.core.memory import BytesIO, StringIO
from usock_lint.shim.core.sealed import Sealed
from usock_lint.shim.world import codings, tables
from usock_lint.shim.world.containers import Array, ByteArray, OrderedDict, deque
from usock_lint.shim.world.digests import HASHES
from usock_lint.shim.world.frozen import is_frozen
from usock_lint.shim.world.operators import type_of
from usock_lint.shim.world.poll import Poll
from usock_lint.shim.world.shown import Printer, type_name
from usock_lint.shim.world.texts import Match, Pattern
from usock_lint.shim.world.threads import lock

if TYPE_CHECKING:
    from usock_lint.shim.world.formats import Formatter

HOSTS: dict[type, str] = {
    **{getattr(builtins, name): name for name in "bytearray bytes complex dict float frozenset int list".split()},
    **{getattr(builtins, name): name for name in "memoryview range set slice str tuple".split()},
    bool: "int",
    types.GeneratorType: "generator",
    types.CoroutineType: "generator",
    Pattern: "pattern",
    Match: "match",
    io.TextIOWrapper: "text_file",
    TextIOWrapper: "text_file",
    FileIO: "binary_file",
    BytesIO: "io.BytesIO",
    StringIO: "io.StringIO",
    OrderedDict: "collections.OrderedDict",
    deque: "collections.deque",
    ByteArray: "bytearray",
    Array: "array.array",
    array.array: "array.array",
    **{kind: f"hashlib.{kind.__name__}" for kind in HASHES},
    Poll: "poll",
    lock: "lock",
    **{type(getattr({}, name)()): "dict_view" for name in ("keys", "values", "items")},
    tables.View: "dict_view",
    **{kind: name for made in tables.all_kinds() for name, kind in made._asdict().items()},
}
"""CPython's types, and what the table calls MicroPython's."""

OF_MODULE = {"lock": "_thread", "match": "re", "pattern": "re", "poll": "select"}
"""The modules that make objects of types without a name."""

BARE = frozenset({"float"})
"""Types of which no object has an attribute: py/objfloat.c:184@v1.28.0 lists none."""

SPECIAL: Mapping[str, frozenset[str]] = {
    **special_names.NAMES,
    "collections.OrderedDict": special_names.NAMES["dict"],
    "text_file": frozenset({"__enter__", "__exit__", "__del__"}),
    "binary_file": frozenset({"__enter__", "__exit__", "__del__"}),
    "io.BytesIO": frozenset({"__enter__", "__exit__"}),
    "io.StringIO": frozenset({"__enter__", "__exit__"}),
    "exception": frozenset({"__init__"}),
    "lock": frozenset({"__enter__", "__exit__"}),
}
"""Names with underscores that objects of MicroPython's own types have as attributes, besides __class__:
the locals_dict tables of py/objdict.c, py/objset.c, py/objstringio.c and extmod/vfs_posix_file.c@v1.28.0."""


def refuse_other(part: object, kinds: type | tuple[type, ...]) -> None:
    """Raise TypeError for an argument of another type, as bad_implicit_conversion() of py/objstr.c:46@v1.28.0."""
    if not isinstance(part, kinds):
        wanted = "bytes" if isinstance(part, str) else "str"
        raise TypeError(f"can't convert '{type_name(type(part))}' object to {wanted} implicitly")


def compare(method: Callable[..., bool], part: Any, *bounds: Any) -> bool:
    """startswith or endswith, which take a str of bytes and bytes of a str."""
    of_text = isinstance(cast("Any", method).__self__, str)
    refuse_other(part, (str, bytes, tuple))
    if isinstance(part, bytes) and of_text:
        return method(part.decode(), *bounds)
    return method(part.encode() if isinstance(part, str) and not of_text else part, *bounds)


SEEKING = ("find", "rfind", "index", "rindex", "count", "partition", "rpartition", "strip", "lstrip", "rstrip")
CUTTING = ("split", "rsplit")
PARTS: Mapping[str, int] = {**dict.fromkeys((*SEEKING, *CUTTING), 1), "replace": 2}
"""Methods of str and bytes, and how many of their first arguments are of the type of the object itself."""


FINDING = frozenset({"find", "rfind", "index", "rindex"})
BYTES_SINCE: Release = (1, 29, 0)
"""These methods of bytes take an int from then on (py/objstr.c:880@1c3c201149)."""


def find_byte(find: Callable[..., Any], part: Any, *bounds: Any) -> Any:
    """Call one of these."""
    if not isinstance(part, int):
        return find(part, *bounds)
    if not 0 <= part < 256:
        raise ValueError("bytes value out of range")
    return find(bytes([part]), *bounds)


def take_parts(name: str, method: Callable[..., Any], *arguments: Any) -> Any:
    """Call one of these, which takes no other type: of bytes, no int either (py/objstr.c:792@v1.28.0)."""
    own = (str,) if isinstance(cast("Any", method).__self__, str) else (bytes, bytearray)
    if name == "rsplit" and len(arguments) > 1 and arguments[0] is None:
        raise NotImplementedError("rsplit(None,n)")
    for part in arguments[: PARTS[name]]:
        refuse_other(part, (own[0], type(None)) if name in CUTTING else own)
    return method(*arguments)


def centered(data: str, width: Any) -> str:
    """data.center(width), which counts bytes (py/objstr.c:941@v1.26.0)."""
    missing = integer(width) - len(data.encode())
    return " " * (missing // 2) + data + " " * (missing - missing // 2) if missing > 0 else data


def add_value(error: Any) -> object:
    """The value of `errno` and `value` of any exception: its first argument (py/objexcept.c:286@v1.28.0)."""
    return error.args[0] if error.args else None


def taking_parts(name: str, data: Any) -> Callable[..., Any]:
    """The method of that name in PARTS."""
    return partial(take_parts, name, getattr(data, name))


ADDED: Mapping[tuple[str, str], Callable[[Any], Any]] = {
    **{(kind, name): partial(taking_parts, name) for kind in ("str", "bytes", "bytearray") for name in PARTS},
    ("str", "center"): lambda data: partial(centered, data),
    ("str", "endswith"): lambda data: partial(compare, data.endswith),
    ("str", "startswith"): lambda data: partial(compare, data.startswith),
    ("bytes", "endswith"): lambda data: partial(compare, data.endswith),
    ("bytes", "startswith"): lambda data: partial(compare, data.startswith),
    ("exception", "errno"): add_value,
    ("exception", "value"): add_value,
}
"""Attributes that CPython's types lack, each with a function that computes it."""


UNCALLED = frozenset({"__del__", "__init_subclass__", "__class_getitem__", "__index__", "__missing__", "__slots__"})
"""Names in a script's class that mean nothing, and something to CPython: they are kept as `uncalled` spells them."""


def uncalled(name: str) -> str:
    """The name under which one of UNCALLED is kept."""
    return f"<{name}>"


INNER = frozenset(
    {"__cause__", "__context__", "__suppress_context__", "__traceback__", "__mro__", "mro", "__subclasses__", "__doc__"}
    | {"__code__", "__defaults__", "__kwdefaults__", "__closure__", "__annotations__", "__func__", "__self__"}
    | {"__wrapped__", "__weakref__", "__builtins__", "with_traceback", "add_note", "gi_frame", "cr_frame", "ag_frame"}
)
"""Attributes that CPython gives to exceptions, types, functions and generators, and MicroPython to none."""


OF_OBJECT = frozenset(
    {"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__hash__", "__repr__", "__str__", "__format__"}
    | {"__dir__", "__reduce__", "__reduce_ex__", "__sizeof__"}
)
"""Methods that each object has on CPython."""


FIXED = frozenset({types.FunctionType, types.MethodType, types.GeneratorType, types.CoroutineType})
"""Types of CPython's whose objects take attributes, or say otherwise that they take none, and MicroPython's do not."""


def thrown(generator: Any) -> Callable[..., Any]:
    """generator.throw, which takes the second of two arguments for the exception (py/objgenerator.c:302@v1.28.0)."""

    def throw(kind: Any, value: Any = None, _traceback: Any = None, /) -> Any:
        error = kind if value is None else value
        if isinstance(error, type | BaseException):
            return generator.throw(error)
        return generator.throw(TypeError("exceptions must derive from BaseException"))

    return throw


def bases(kind: type) -> tuple[type, ...]:
    """__bases__ of a class. The port's OSError derives from CPython's, which the script does not see."""
    is_port = kind.__bases__ == (OSError,) and kind.__name__ == "OSError"
    return OSError.__bases__ if is_port else kind.__bases__


class Device:
    """The types and functions of one port at one release."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        self.printer = Printer(cell.release)
        self.fixed = tables.fixed(cell)
        self.own: dict[int, str] = {}
        """The names of the builtin functions that are not CPython's, by their ids."""

    def attribute(self, thing: Any, name: str) -> Any:
        """thing.name, as MicroPython looks it up."""
        if name in INNER and not defines(thing, name):
            what = (
                f"type object '{type_name(thing)}'" if isinstance(thing, type) else f"'{type_name(type(thing))}' object"
            )
            raise AttributeError(f"{what} has no attribute '{name}'")
        if name in UNCALLED:
            return getattr(thing, uncalled(name) if hasattr(thing, uncalled(name)) else name)
        if name == "__name__" and not isinstance(thing, types.ModuleType):
            return named(thing)
        if name in ("__module__", "__qualname__") and not isinstance(thing, types.ModuleType):
            return qualified(thing, name)
        if name == "__dict__" and is_host(cast("Any", type(thing))) and not isinstance(thing, type):
            raise AttributeError(f"'{type_name(type(thing))}' object has no attribute '__dict__'")
        if name == "__dict__" and is_scripted(type(thing)):
            return self.fixed.laid(thing.__dict__, 0)
        if name == "__bases__" and isinstance(thing, type):
            return bases(thing)
        if name == "throw" and isinstance(thing, types.GeneratorType | types.CoroutineType):
            return thrown(thing)
        if name == "format" and isinstance(thing, str | bytes):
            return partial(self.format if isinstance(thing, str) else self.format_bytes, thing)
        if name == "hex" and self.cell.release < TEXT_SINCE and isinstance(thing, bytes | bytearray | memoryview):
            return partial(hexed, thing)
        owner = "" if isinstance(thing, types.ModuleType) else owner_of(thing, name)
        if not owner and name in OF_OBJECT and is_objects(thing, name):
            raise AttributeError(f"'{type_name(type(thing))}' object has no attribute '{name}'")
        if not owner:
            return getattr(thing, name)
        if has(self.cell, owner, name, isinstance(thing, type)) is False:
            shown = kind_name(thing, owner)
            what = f"type object '{shown}'" if isinstance(thing, type) else f"'{shown}' object"
            raise AttributeError(f"{what} has no attribute '{name}'")
        added = ADDED.get((owner, name))
        if added and not isinstance(thing, type):
            found = added(thing)
            if name in FINDING and owner != "str" and self.cell.release >= BYTES_SINCE:
                found = partial(find_byte, found)
        elif (owner, name) in codings.METHODS and not isinstance(thing, type):
            found = codings.method(self.cell, thing, name)
        else:
            found = getattr(thing, name)
        call = signature(self.cell, owner, name)
        bound = not isinstance(thing, type) or isinstance(found, types.BuiltinMethodType)
        return checked(found, call, int(not isinstance(thing, type))) if call and bound else found

    @cached_property
    def formatter(self) -> Formatter:
        """What formats texts. Many programs need none."""
        from usock_lint.shim.world.formats import Formatter

        return Formatter(self.printer, self.cell.release)

    def percent(self, left: Any, right: Any) -> Any:
        """left % right"""
        if not isinstance(left, str | bytes):
            return left % right
        return self.formatter.percent(left, right)

    def format(self, form: str, /, *values: Any, **named: Any) -> str:
        """str.format"""
        return self.formatter.format(form, values, named)

    def format_bytes(self, form: bytes, /, *values: Any, **named: Any) -> bytes:
        """bytes.format, which is str's (py/objstr.c:2129@v1.28.0)."""
        return self.format(form.decode(), *values, **named).encode()

    def getattr(self, thing: Any, name: Any, *default: Any) -> Any:
        """The builtin getattr."""
        name = attribute_name(name)
        if len(default) > 1:
            raise TypeError(f"function expected at most 3 arguments, got {2 + len(default)}")
        try:
            return self.attribute(thing, name)
        except AttributeError:
            if default:
                return default[0]
            raise

    def hasattr(self, thing: Any, name: Any, /) -> bool:
        """The builtin hasattr."""
        name = attribute_name(name)
        try:
            self.attribute(thing, name)
        except AttributeError:
            return False
        return True

    def settable(self, thing: Any, name: str) -> Any:
        """The object itself, of which an attribute is set or deleted; AttributeError if it has no room for any."""
        native = isinstance(thing, type) and is_host(thing)
        bare = type(thing) in FIXED or (isinstance(thing, BaseException) and is_host(type(thing)))
        if native or bare:
            raise AttributeError(f"'{'type' if native else type_name(type(thing))}' object has no attribute '{name}'")
        return thing

    def setattr(self, thing: Any, name: str, value: Any, /) -> None:
        """The builtin setattr."""
        setattr(self.settable(thing, attribute_name(name)), name, value)

    def delattr(self, thing: Any, name: str, /) -> None:
        """The builtin delattr."""
        delattr(self.settable(thing, attribute_name(name)), name)

    def call(self, function: Any, /, *arguments: Any, **keywords: Any) -> Any:
        """function(*arguments, **keywords); TypeError when MicroPython's takes them otherwise."""
        name = self.own.get(id(function))
        call = table.signature(self.cell, "builtins", name) if name else called(self.cell, function)
        if call and call.takes(len(arguments), keywords) is False:
            refuse(call, None if name else function, len(arguments), keywords)
        if function is type and len(arguments) == 1 and not keywords:
            return type_of(arguments[0])
        if function is str and len(arguments) == 1:
            return self.printer.str(arguments[0])
        return codings.constructor(self.cell, function, arguments)(*arguments, **keywords)


TEXT_SINCE: Release = (1, 28, 0)


def hexed(data: Any, *separator: Any) -> Any:
    """data.hex(), which makes no text of no bytes before TEXT_SINCE (py/objstr.c:2001@v1.27.0)."""
    check_count(1 + len(separator), 1, 2)
    return data.hex(*separator) if len(data) else b""


def attribute_name(name: Any) -> str:
    """The name of an attribute, for which only a str is taken (py/objstr.c:2290@v1.28.0)."""
    if not isinstance(name, str):
        raise TypeError(f"can't convert '{type_name(type(name))}' object to str implicitly")
    return name


def is_objects(thing: Any, name: str) -> bool:
    """True if it is an object whose class has this method from `object` alone."""
    found: Any = getattr(cast("Any", type(thing)), name, None)
    return not isinstance(thing, type | types.ModuleType) and found is getattr(object, name)


def defines(thing: Any, name: str) -> bool:
    """True if the script set this attribute on the object or its class."""
    if name in getattr(thing, "__dict__", ()) and not isinstance(thing, type | types.FunctionType):
        return True
    kinds = cast("Any", thing if isinstance(thing, type) else type(thing)).__mro__
    return any(cast("Any", vars(kind)).get(name) is not None for kind in kinds if not is_host(kind))


def named(thing: Any) -> str:
    """The attribute __name__: types and functions of scripts have it."""
    kind = cast("Any", type(thing))
    function: Any = getattr(thing, "__func__", thing)
    shim = isinstance(function, types.FunctionType) and function.__module__.startswith("usock_lint.")
    if (shim and not is_frozen(function)) or kind in (types.BuiltinFunctionType, types.CoroutineType):
        raise AttributeError(f"'{type_name(type_of(thing))}' object has no attribute '__name__'")
    return type_name(thing) if isinstance(thing, type) else thing.__name__


def qualified(thing: Any, name: str) -> Any:
    """The attributes __module__ and __qualname__: classes of a script and their objects have them, as they are."""
    kind: Any = thing if isinstance(thing, type) else type(thing)
    scripted = next((one for one in kind.__mro__ if is_scripted(one)), None)
    if scripted and not isinstance(thing, types.FunctionType | types.MethodType):
        is_plain = name == "__qualname__" and not isinstance(getattr(thing, name, None), property)
        return type_name(scripted) if is_plain else getattr(thing, name)
    what = f"type object '{type_name(kind)}'" if kind is thing else f"'{type_name(kind)}' object"
    raise AttributeError(f"{what} has no attribute '{name}'")


class Entered:
    """An object in a `with` statement. Its `__exit__` gets None as the traceback (py/vm.c:788@v1.28.0).

    `caught` makes MicroPython's exception of what was raised.
    """

    __slots__ = ("caught", "leave", "thing")

    def __init__(self, caught: Callable[[BaseException], BaseException], thing: Any) -> None:
        self.caught = caught
        self.thing = thing
        self.leave = method_of(thing, "__exit__")
        method_of(thing, "__enter__")

    def __enter__(self) -> Any:
        return method_of(self.thing, "__enter__")(self.thing)

    def __exit__(self, kind: Any, error: BaseException | None, _: object) -> Any:
        if error is None:
            return self.leave(self.thing, None, None, None)
        near = self.caught(error)
        return self.leave(self.thing, type(near), near, None)


class AsyncEntered:
    """An object in an `async with` statement."""

    __slots__ = ("leave", "thing")

    def __init__(self, thing: Any) -> None:
        self.thing = thing
        method_of(thing, "__aenter__")
        self.leave = method_of(thing, "__aexit__")

    def __aenter__(self) -> Any:
        return method_of(self.thing, "__aenter__")(self.thing)

    def __aexit__(self, kind: Any, error: Any, _: object) -> Any:
        return self.leave(self.thing, kind, error, None)


def started(_self: object, *_: object, **__: object) -> None:
    """The `__init__` of a class that has none."""


def method_of(thing: Any, name: str) -> Any:
    """A method of the type of an object. Raises AttributeError."""
    kind = cast("Any", type(thing))
    found = getattr(kind, name, None)
    if found is None:
        raise AttributeError(f"'{type_name(kind)}' object has no attribute '{name}'")
    return found


def steps(thing: Any) -> Any:
    """The object itself, for an `async for`; AttributeError for generators, which `async` makes no other ones of."""
    kind = cast("Any", type(thing))
    if not hasattr(kind, "__aiter__") or kind is types.AsyncGeneratorType:
        raise AttributeError(f"'{type_name(kind)}' object has no attribute '__aiter__'")
    return thing


def awaited(thing: Any) -> Any:
    """The iterator of an awaitable for `yield from`: generators and coroutines are their own.

    Objects of a script's class are gone over, for nobody calls their `__await__` (py/compile.c:2769@v1.28.0).
    """
    kind = cast("Any", type(thing))
    if is_scripted(kind) or kind in (types.GeneratorType, types.CoroutineType) or not hasattr(thing, "__await__"):
        return thing
    return thing.__await__()


def owner_of(thing: Any, name: str) -> str:
    """The table's name for the type that decides on an attribute: "" for a class of a script's or the shim's."""
    is_type = isinstance(thing, type)
    kind: Any = thing if is_type else type(thing)
    if not is_type and name in getattr(thing, "__dict__", ()):
        return ""
    base: Any
    for base in kind.__mro__:
        if base in HOSTS:
            return HOSTS[base]
        if issubclass(base, BaseException) and base.__module__ == "builtins" and hasattr(builtins, base.__name__):
            return "exception"
        if name in vars(base):
            return ""
    return ""


@lru_cache(10_000)
def has(cell: Cell, owner: str, name: str, of_type: bool = False) -> bool | None:
    """True if objects of a type have the attribute; None where that is not known."""
    if name.startswith("__") and name.endswith("__"):
        if of_type:
            return special_names.has(owner, name)
        return None if name in ("__class__", "__next__") else name in SPECIAL.get(owner, ())
    if owner in BARE:
        return False
    module, _, cls = owner.rpartition(".")
    if table.module_exists(cell, module or OF_MODULE.get(owner, "builtins")) is False:
        return None  # the board that the table has read has nothing of the kind
    return table.class_member(cell, module, cls, name) if module else table.builtin_method(cell, owner, name)


@lru_cache(10_000)
def signature(cell: Cell, owner: str, name: str) -> table.Call | None:
    """The signature of a method."""
    builtin = "." not in owner and hasattr(builtins, owner)
    return table.signature(cell, f"builtins.{owner}" if builtin else owner, name)


def called(cell: Cell, function: Any) -> table.Call | None:
    """The signature of a builtin function, or of one of CPython's types; None for any other function."""
    if isinstance(function, types.BuiltinMethodType) and not isinstance(function.__self__, types.ModuleType):
        owner = owner_of(function.__self__, function.__name__)
        return signature(cell, owner, function.__name__) if owner else None
    if isinstance(function, type) and function in HOSTS:
        module, _, cls = HOSTS[function].rpartition(".")
        return table.signature(cell, module or "builtins", cls or function.__name__)
    name = getattr(function, "__name__", "")
    return table.signature(cell, "builtins", name) if getattr(builtins, name, None) is function else None


def checked(function: Any, call: table.Call, own: int = 0) -> Any:
    """`function`, raising TypeError when it is called as MicroPython's cannot be; `own` is 1 for a method."""
    if not callable(function):
        return function

    def call_it(*arguments: Any, **keywords: Any) -> Any:
        if call.takes(len(arguments), keywords) is False:
            refuse(call, function, len(arguments), keywords, own)
        return function(*arguments, **keywords)

    return call_it


def refuse(call: table.Call, function: Any, given: int, keywords: Mapping[str, Any], own: int = 0) -> None:
    """Raise what MicroPython raises for such arguments, in its words."""
    if keywords and function in (bytes, str):
        raise NotImplementedError("keyword argument(s) not implemented - use normal args instead")
    if keywords and not call.named and not call.keywords:
        raise TypeError("function doesn't take keyword arguments")
    own = own or int(not isinstance(getattr(function, "__self__", None), types.ModuleType | None))
    most = None if call.maximum is None else call.maximum + own
    if (call.named or call.keywords) and given < call.minimum:
        raise TypeError(f"function missing {call.minimum - given} required positional arguments")
    if call.keywords and call.maximum is not None and given > call.maximum:
        raise TypeError("extra positional arguments given")
    check_count(given + own, call.minimum + own, most)
    raise TypeError("extra keyword arguments given")


SHOWN = {"pattern": "re", "text_file": "TextIOWrapper", "binary_file": "FileIO"}
"""MicroPython's names of types that the table names otherwise."""


def kind_name(thing: Any, owner: str) -> str:
    """The name of its type as an AttributeError has it."""
    if owner == "exception":
        return thing.__name__ if isinstance(thing, type) else type(thing).__name__
    return SHOWN.get(owner, owner.rpartition(".")[2])


@cache
def absent(cell: Cell) -> frozenset[str]:
    """The attributes that some type has on CPython or on MicroPython alone."""
    found = (
        {name for _, name in ADDED} | INNER | {"__name__", "__bases__", "__dict__", "__del__", "code", "throw", "hex"}
    )
    for kind, owner in {**HOSTS, Exception: "exception"}.items():
        found |= {name for name in dir(kind) if name[:2] != "__" and has(cell, owner, name) is False}
    return frozenset(found)


@cache
def methods(cell: Cell) -> Mapping[str, tuple[table.Call, ...]]:
    """The signatures of methods, by name."""
    found: dict[str, list[table.Call]] = {}
    for kind, owner in HOSTS.items():
        for name in dir(kind):
            if name[:2] != "__" and (call := signature(cell, owner, name)):
                found.setdefault(name, []).append(call)
    return {name: tuple(calls) for name, calls in found.items()}


FRAMED = frozenset({"dir", "eval", "exec", "execfile", "globals", "locals", "super"})
"""Builtins that look at the frame that calls them, so that nothing may come between."""


@cache
def functions(cell: Cell) -> Mapping[str, tuple[table.Call, ...]]:
    """The signatures of builtins, and of classes of modules, by name."""
    found: dict[str, tuple[table.Call, ...]] = {}
    names = {name: getattr(builtins, name) for name in dir(builtins) if name[:1] != "_" and name not in FRAMED}
    names |= {kind.__name__: kind for kind, owner in HOSTS.items() if "." in owner}
    for name, function in names.items():
        if callable(function) and (call := called(cell, function)):
            found[name] = (call,)
    return found


def filtered(cell: Cell, module: str, names: Mapping[str, Any]) -> dict[str, Any]:
    """The contents of a module less what the port's has not, each function called as the port's is."""
    found: dict[str, Any] = {}
    exists = table.module_exists(cell, module) is not False
    for name, value in names.items():
        if exists and table.module_name(cell, module, name) is False:
            continue
        if is_frozen(value):
            found[name] = value
            continue
        call = None if isinstance(value, type) or name[:2] == "__" else table.signature(cell, module, name)
        found[name] = device_errors(checked(value, call)) if call else value
    return found


def unsimulated(cell: Cell, module: str, names: Mapping[str, Any]) -> dict[str, Any]:
    """The names that the port's module has and the shim's has not: they are there, and of no use."""
    parts = {name for name in table.names(cell, module) if table.module_exists(cell, f"{module}.{name}")}
    return {name: Unsimulated(f"{module}.{name}") for name in table.names(cell, module) - parts if name not in names}


def device_errors(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function`, raising for an exception that is CPython's alone the nearest one that MicroPython has."""

    def call(*arguments: Any, **keywords: Any) -> Any:
        try:
            return function(*arguments, **keywords)
        except Exception as error:
            near = device_error(error)
            if near is error:
                raise
            raise near from None

    return call


def device_error(error: BaseException) -> BaseException:
    """The exception as MicroPython would have raised it."""
    kind = type(error)
    if is_known(kind) or not is_host(kind):
        return error
    base = next(base for base in kind.__mro__ if is_known(base))
    made = cast("type[BaseException]", ValueError if base is Exception else base)
    return made(*(() if made is UnicodeError else error.args)).with_traceback(error.__traceback__)


def is_known(kind: type) -> bool:
    """True if MicroPython has an exception type of CPython's."""
    return kind.__module__ == "builtins" and bool(table.kind("builtins", kind.__name__))


def is_host(kind: type) -> bool:
    """True if a type is CPython's or its library's."""
    return kind.__module__.partition(".")[0] in HOST_MODULES


def is_scripted(kind: Any) -> bool:
    """True for a class of a script."""
    return type(kind) is not Sealed and not is_host(kind) and not kind.__module__.startswith("usock_lint.")


HOST_MODULES = frozenset(
    {"builtins", "binascii", "json", "struct", "re", "zlib", "ssl", "socket", "_struct", "hashlib"}
)


class UnsimulatedModule(types.ModuleType):
    """A module that the port has and the shim does not play: its names are there, and of no use."""

    def __init__(self, cell: Cell, name: str) -> None:
        super().__init__(name)
        self.__cell = cell

    def __getattr__(self, name: str) -> Any:
        if table.module_name(self.__cell, self.__name__, name) is False or name.startswith("__"):
            raise AttributeError(f"'module' object has no attribute '{name}'")
        return Unsimulated(f"{self.__name__}.{name}")

    def __dir__(self) -> list[str]:
        return sorted({"__name__", *table.names(self.__cell, self.__name__)})


class Unsimulated:
    """Something that a device has and the shim does not play. Any use ends the program with NotSimulated."""

    def __init__(self, name: str) -> None:
        self.__name = name

    def __getattr__(self, name: str) -> Any:
        return Unsimulated(f"{self.__name}.{name}")

    def __call__(self, *_: object, **__: object) -> Any:
        raise NotSimulated(self.__name)

    __mro_entries__ = __getitem__ = __setitem__ = __index__ = __iter__ = __call__
    __or__ = __ror__ = __and__ = __rand__ = __call__

"""Attributes and signatures of MicroPython's types and functions, from the table, where CPython's allow more.

A script runs on CPython's types. `lookups.py` rewrites look-ups and calls that MicroPython may refuse, or that have
other results there, into calls of this module.
"""

from __future__ import annotations

import array
import builtins
import io
import types
from collections.abc import Callable, Mapping
from functools import cache, cached_property, lru_cache, partial
from inspect import getattr_static
from typing import TYPE_CHECKING, Any, cast

from usock_lint.ports import Cell, Release, special_names
from usock_lint.ports import world as table
from usock_lint.shim.core.arguments import SMALL, buffer, check_count, integer
from usock_lint.shim.core.errors import Absent, NotSimulated
from usock_lint.shim.core.files import FileIO, TextIOWrapper
from usock_lint.shim.core.memory import BytesIO, StringIO
from usock_lint.shim.core.sealed import OpenModule, Sealed, is_of_shim
from usock_lint.shim.world import codings, tables
from usock_lint.shim.world.classes import HIDDEN, class_with_parents, no_init
from usock_lint.shim.world.containers import Array, ByteArray, OrderedDict, deque
from usock_lint.shim.world.digests import HASHES, hexlify
from usock_lint.shim.world.expressions import Match, Pattern
from usock_lint.shim.world.frozen import is_frozen
from usock_lint.shim.world.operators import Closure, type_of
from usock_lint.shim.world.poll import Poll
from usock_lint.shim.world.shown import Printer, type_name
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
    tables.DictView: "dict_view",
    **{kind: name for made in tables.all_kinds() for name, kind in made._asdict().items()},
}
"""The types that scripts run on, CPython's and the shim's, and the table's names for MicroPython's."""

OF_MODULE = {"lock": "_thread", "match": "re", "pattern": "re", "poll": "select"}
"""The modules of types that scripts cannot name, such as that of re.compile()."""

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


def in_bytes(data: Any) -> bytes:
    """The bytes of a str (as UTF-8) or of a buffer."""
    return data.encode("utf-8", "surrogatepass") if isinstance(data, str) else bytes(data)


def compare(matches: Callable[[bytes, bytes], bool], data: Any, part: Any, *bounds: Any) -> bool:
    """startswith or endswith of str, bytes and bytearray: each takes str and bytes, and tuples of both.

    The parts of a tuple behind the one that matches are not looked at (py/objstr.c:841@v1.28.0).
    """
    begin, end = [*bounds, None, None][:2]
    whole = in_bytes(data[begin:end])
    for one in cast("tuple[Any, ...]", part) if isinstance(part, tuple) else (part,):
        refuse_other(one, (str, bytes))
        if matches(whole, in_bytes(one)):
            return True
    return False


def comparing(matches: Callable[[bytes, bytes], bool], data: Any) -> Callable[..., bool]:
    """startswith or endswith of an object."""
    return partial(compare, matches, data)


TAKES_TUPLES_SINCE: Release = (1, 25, 0)
"""From then on startswith and endswith take a tuple of parts (py/objstr.c:830@v1.25.0, :810@v1.24.0)."""


def compare_one(method: Callable[..., bool], part: Any, *bounds: Any) -> bool:
    """Call startswith or endswith as before TAKES_TUPLES_SINCE."""
    refuse_other(part, (str, bytes))
    return method(part, *bounds)


SEEKING = ("find", "rfind", "index", "rindex", "count", "partition", "rpartition", "strip", "lstrip", "rstrip")
CUTTING = ("split", "rsplit")
PARTS: Mapping[str, int] = {**dict.fromkeys((*SEEKING, *CUTTING), 1), "replace": 2}
"""Methods of str and bytes, and how many of their first arguments have to be of the object's own type."""


FINDING = frozenset({"find", "rfind", "index", "rindex"})
FINDS_INTS_SINCE: Release = (1, 29, 0)
"""From then on the methods FINDING of bytes take an int, too (py/objstr.c:880@1c3c201149)."""


def find_byte(find: Callable[..., Any], part: Any, *bounds: Any) -> Any:
    """Call a method in FINDING; an int is the value of the byte to find."""
    if not isinstance(part, int):
        return find(part, *bounds)
    if not 0 <= part < 256:
        raise ValueError("bytes value out of range")
    return find(bytes([part]), *bounds)


def take_parts(name: str, method: Callable[..., Any], *arguments: Any) -> Any:
    """Call a method in PARTS. TypeError for a part of another type, for an int too (py/objstr.c:792@v1.28.0)."""
    own = (str,) if isinstance(cast("Any", method).__self__, str) else (bytes, bytearray)
    if name == "rsplit" and len(arguments) > 1 and arguments[0] is None:
        raise NotImplementedError("rsplit(None,n)")
    for part in arguments[: PARTS[name]]:
        refuse_other(part, (own[0], type(None)) if name in CUTTING else own)
    return method(*arguments)


EXTENDS_BY_ITEMS_SINCE: Release = (1, 26, 0)
"""From then on extend() and += of an array and a bytearray take anything iterable, before a buffer alone
(py/objarray.c:446@v1.26.0, :437@v1.25.0)."""


EXTENDED = ("bytearray", "array.array")


def extended_by_buffers(data: Any) -> Callable[[Any], None]:
    """data.extend before EXTENDS_BY_ITEMS_SINCE."""
    return lambda items: data.extend(buffer(items))


CHECKS_SIZES_SINCE: Release = (1, 24, 0)
"""From then on int.to_bytes has an error for an int that does not fit (py/objint.c:473@v1.24.0, :423@v1.20.0)."""

KNOWS_SIGNED_SINCE: Release = (1, 29, 0)
"""From then on int.to_bytes takes `signed` (py/objint.c:439@1c3c201149); before, negative ints are signed."""


def from_bytes(data: object, byteorder: object = "big", *signed: object) -> int:
    """int.from_bytes(), of a str, too. Any order but "little" is big, `signed` is ignored (py/objint.c:398@v1.28.0)."""
    return int.from_bytes(buffer(data), "little" if byteorder == "little" else "big")


def to_bytes(
    release: Release, value: int, /, length: Any = 1, byteorder: Any = "big", _: Any = None, *, signed: Any = False
) -> bytes:
    """value.to_bytes(length, byteorder), and with `signed`. Any order but "little" is big.

    Before KNOWS_SIGNED_SINCE a third argument is taken and ignored (py/objint.c:478@v1.28.0); nothing has a name.
    """
    size = integer(length)
    if size < 0:
        raise ValueError
    if release < CHECKS_SIZES_SINCE:
        # The lowest bytes; a small int has eight, and there are zeros above them, whatever its sign.
        kept = min(size, 8) if -SMALL <= value < SMALL else size
        low = (value % (1 << 8 * kept)).to_bytes(kept, "little").ljust(size, b"\0")
        return low if byteorder == "little" else low[::-1]
    knows_signed = release >= KNOWS_SIGNED_SINCE
    if knows_signed and value < 0 and not signed:
        raise OverflowError("can't convert negative int to unsigned")
    try:
        if value and not size:
            raise OverflowError  # CPython's -1 has room in no bytes
        return value.to_bytes(
            size, "little" if byteorder == "little" else "big", signed=bool(signed) if knows_signed else value < 0
        )
    except OverflowError:
        words = f"value would overflow a {size} byte buffer" if knows_signed else "buffer too small"
        raise OverflowError(words) from None


def centered(data: Any, width: Any, coding: str = "utf-8") -> Any:
    """data.center(width) of a str, whose bytes are counted, or of bytes (py/objstr.c:941@v1.26.0)."""
    if not isinstance(data, str):
        return type(data)(centered(bytes(data).decode("latin-1"), width, "latin-1").encode("latin-1"))
    missing = integer(width) - len(data.encode(coding))
    return " " * (missing // 2) + data + " " * (missing - missing // 2) if missing > 0 else data


def first_argument(error: Any) -> object:
    """The attributes `errno` and `value`, which every exception has (py/objexcept.c:286@v1.28.0)."""
    return error.args[0] if error.args else None


def taking_parts(name: str, data: Any) -> Callable[..., Any]:
    """The method of this name in PARTS, with its arguments checked."""
    return partial(take_parts, name, getattr(data, name))


ASCII_ALONE = ("upper", "lower", "isalpha", "isdigit", "isspace", "isupper", "islower")
"""Methods of str that know the letters of ASCII alone (py/unicode.c:107@v1.28.0)."""


def of_ascii(name: str, data: str) -> Callable[[], Any]:
    """The method of this name in ASCII_ALONE."""

    def call() -> Any:
        found = getattr(data.encode("utf-8", "surrogatepass"), name)()
        return found.decode() if isinstance(found, bytes) else found

    return call


ADDED: Mapping[tuple[str, str], Callable[[Any], Any]] = {
    **{(kind, name): partial(taking_parts, name) for kind in ("str", "bytes", "bytearray") for name in PARTS},
    **{("str", name): partial(of_ascii, name) for name in ASCII_ALONE},
    **{(kind, "center"): partial(partial, centered) for kind in ("str", "bytes", "bytearray")},
    **{(kind, "endswith"): partial(comparing, bytes.endswith) for kind in ("str", "bytes", "bytearray")},
    **{(kind, "startswith"): partial(comparing, bytes.startswith) for kind in ("str", "bytes", "bytearray")},
    ("exception", "errno"): first_argument,
    ("exception", "value"): first_argument,
}
"""Attributes that CPython's types lack, or that differ there, each with a function that computes it for an object."""


UNCALLED = frozenset({"__del__", "__init_subclass__", "__class_getitem__", "__index__", "__missing__", "__slots__"})
"""Names in a script's class that CPython gives a meaning, and MicroPython none. `uncalled` changes them."""


def uncalled(name: str) -> str:
    """The name under which a script's class has one of UNCALLED, so that CPython does not find it."""
    return f"<{name}>"


INNER = frozenset(
    {"__cause__", "__context__", "__suppress_context__", "__traceback__", "__mro__", "mro", "__subclasses__", "__doc__"}
    | {"__code__", "__defaults__", "__kwdefaults__", "__closure__", "__annotations__", "__func__", "__self__"}
    | {"__wrapped__", "__weakref__", "__builtins__", "with_traceback", "add_note", "gi_frame", "cr_frame", "ag_frame"}
)
"""Attributes of exceptions, types, functions and generators that only CPython has."""


OF_OBJECT = frozenset(
    {"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__hash__", "__repr__", "__str__", "__format__"}
    | {"__dir__", "__reduce__", "__reduce_ex__", "__sizeof__"}
)
"""Methods that each object has on CPython."""


_OF_CLASS = frozenset({*dir(types.ModuleType), "__getattr__", "__module__", "__qualname__"})
OF_HOST_MODULES = (_OF_CLASS | HIDDEN) - {"__name__", "__class__", "__dict__"}
"""Attributes that each module has on CPython. MicroPython's have those that they set themselves."""


FIXED = frozenset({types.FunctionType, types.MethodType, types.GeneratorType, types.CoroutineType})
"""Types of CPython's whose objects take attributes, or refuse them in other words; MicroPython's take none."""


def thrown(generator: Any) -> Callable[..., Any]:
    """generator.throw: of two arguments the second is the exception (py/objgenerator.c:302@v1.28.0)."""

    def throw(kind: Any, value: Any = None, _traceback: Any = None, /) -> Any:
        if not is_left(generator):
            raise StopIteration  # py/objgenerator.c:157@v1.28.0
        error = kind if value is None else value
        if isinstance(error, type | BaseException):
            return generator.throw(error)
        return generator.throw(TypeError("exceptions must derive from BaseException"))

    return throw


def is_left(generator: Any) -> bool:
    """True if a generator or a coroutine has not ended."""
    frame = generator.gi_frame if isinstance(generator, types.GeneratorType) else generator.cr_frame
    return frame is not None


def bases(kind: type) -> tuple[type, ...]:
    """__bases__ of a class. The port's OSError derives from CPython's, which the script does not see."""
    is_port = kind.__bases__ == (OSError,) and kind.__name__ == "OSError"
    return OSError.__bases__ if is_port else kind.__bases__


ORDINARY = object()
"""The result of `Device._special` for an attribute without rules of its own."""


class Device:
    """The types and functions of one port at one release."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        self.printer = Printer(cell.release, cell.port == "unix")
        self.fixed = tables.fixed(cell)
        self.own: dict[int, str] = {}
        """The names of the builtin functions that are not CPython's, by their ids."""

    def attribute(self, thing: Any, name: str) -> Any:
        """thing.name, as MicroPython looks it up."""
        if isinstance(thing, types.ModuleType) and name in OF_HOST_MODULES and vars(thing).get(name) is None:
            return type(thing).__getattr__(thing, name)
        if name in INNER and not defines(thing, name):
            look_up = getattr(cast("Any", type(thing)), "__getattr__", None)
            if look_up and is_scripted(type(thing)):
                return look_up(thing, name)
            raise absent_from(thing, name)
        if name == "__init__" and not defines_init(thing):
            raise absent_from(thing, name)
        if name in UNCALLED:
            return getattr(thing, uncalled(name) if hasattr(thing, uncalled(name)) else name)
        special = self._special(thing, name)
        if special is not ORDINARY:
            return special
        owner = "" if isinstance(thing, types.ModuleType) else owner_of(thing, name)
        if owner:
            return self._member(thing, name, owner)
        if name in OF_OBJECT and inherits_from_object(thing, name):
            raise absent_from(thing, name)
        return getattr(thing, name)

    def _special(self, thing: Any, name: str) -> Any:
        """An attribute that differs from CPython's in its value or on which objects it exists; ORDINARY for others."""
        if name == "__name__" and not isinstance(thing, types.ModuleType):
            return name_of(thing)
        if name in ("__module__", "__qualname__") and not isinstance(thing, types.ModuleType):
            return qualified(thing, name)
        if name == "__dict__" and isinstance(thing, type):
            found = contents_of_class(thing)
            return self.fixed.with_room({one: found[one] for one in found if self.hasattr(thing, one)}, 0)
        if name == "__dict__" and is_host(cast("Any", type(thing))):
            raise absent_from(thing, name)
        if name == "__dict__" and is_scripted(type(thing)):
            return self.fixed.with_room(thing.__dict__, 0)
        if name == "__bases__" and isinstance(thing, type):
            return bases(thing)
        if name == "throw" and isinstance(thing, types.GeneratorType | types.CoroutineType):
            return thrown(thing)
        if name == "format" and isinstance(thing, str | bytes):
            return partial(self.format if isinstance(thing, str) else self.format_bytes, thing)
        if name in ("from_bytes", "to_bytes") and (thing is bool or isinstance(thing, bool)):
            raise absent_from(thing, name)  # a bool is no int: py/objbool.c:83@v1.28.0
        if name == "hex" and isinstance(thing, bytes | bytearray | memoryview) and has(self.cell, "bytes", "hex"):
            return partial(hexed, self.cell.release, thing)
        return ORDINARY

    def _member(self, thing: Any, name: str, owner: str) -> Any:
        """An attribute of a type in the table, `owner` by name. A method takes the arguments that the port's does."""
        if has(self.cell, owner, name, isinstance(thing, type)) is False:
            if isinstance(getattr_static(thing, name, None), Absent):
                return getattr(thing, name)  # puts it into the report of what is missing, and raises
            shown = kind_name(thing, owner)
            what = f"type object '{shown}'" if isinstance(thing, type) else f"'{shown}' object"
            raise AttributeError(f"{what} has no attribute '{name}'")
        added = ADDED.get((owner, name))
        if added and not isinstance(thing, type):
            found = added(thing)
            if name in FINDING and owner != "str" and self.cell.release >= FINDS_INTS_SINCE:
                found = partial(find_byte, found)
            if name in ("startswith", "endswith") and self.cell.release < TAKES_TUPLES_SINCE:
                found = partial(compare_one, found)
        elif (
            name == "extend"
            and owner in EXTENDED
            and self.cell.release < EXTENDS_BY_ITEMS_SINCE
            and not isinstance(thing, type)
        ):
            found = extended_by_buffers(thing)
        elif (owner, name) == ("int", "to_bytes") and not isinstance(thing, type):
            found = partial(to_bytes, self.cell.release, int(thing))
        elif (owner, name) == ("int", "from_bytes"):
            found = from_bytes
        elif (owner, name) in codings.METHODS and not isinstance(thing, type):
            found = codings.method(self.cell, thing, name)
        else:
            found = getattr(thing, name)
        call = signature(self.cell, owner, name)
        has_self = not isinstance(thing, type) or found is from_bytes
        bound = has_self or isinstance(found, types.BuiltinMethodType)
        return checked(found, call, int(has_self)) if call and bound else found

    @cached_property
    def formatter(self) -> Formatter:
        """The formatter, imported when a program first formats a text."""
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
            if not default:
                raise
            held = property_of(thing, name)
            return default[0] if held is None else held

    def hasattr(self, thing: Any, name: Any, /) -> bool:
        """The builtin hasattr."""
        name = attribute_name(name)
        try:
            self.attribute(thing, name)
        except AttributeError:
            return property_of(thing, name) is not None
        return True

    def settable(self, thing: Any, name: str) -> Any:
        """The object itself, if it takes attributes; AttributeError if nothing can be set or deleted."""
        if type_of(thing) is Closure and name not in OF_FUNCTIONS:
            return Forgetful()
        native = isinstance(thing, type) and is_host(thing)
        bare = type(thing) in FIXED or (isinstance(thing, BaseException) and is_host(type(thing)))
        if native or bare:
            raise AttributeError(
                f"'{'type' if native else type_name(type_of(thing))}' object has no attribute '{name}'"
            )
        return thing

    def setattr(self, thing: Any, name: str, value: Any, /) -> None:
        """The builtin setattr."""
        setattr(self.settable(thing, attribute_name(name)), name, value)

    def delattr(self, thing: Any, name: str, /) -> None:
        """The builtin delattr."""
        delattr(self.settable(thing, attribute_name(name)), name)

    def call(self, function: Any, /, *arguments: Any, **keywords: Any) -> Any:
        """function(*arguments, **keywords); TypeError if MicroPython's function does not take these."""
        name = self.own.get(id(function))
        call = table.signature(self.cell, "builtins", name) if name else called(self.cell, function)
        if call and call.takes(len(arguments), keywords) is False:
            refuse_by_name(name or getattr(function, "__name__", ""), len(arguments), keywords)
            refuse(call, None if name else function, len(arguments), keywords)
        if function is type and len(arguments) == 1 and not keywords:
            return type_of(arguments[0])
        if function is type and len(arguments) == 3:
            return made_class(*arguments)
        if function is str and len(arguments) == 1:
            return self.printer.str(arguments[0])
        return codings.constructor(self.cell, function, arguments)(*arguments, **keywords)


def made_class(name: Any, bases: Any, contents: Any) -> Any:
    """The builtin type with three arguments: a class (py/objtype.c:1081@v1.28.0)."""
    parents: Any = bases
    if not isinstance(bases, tuple) or not all(isinstance(one, type) for one in parents):
        raise TypeError
    make = class_with_parents if len(parents) > 1 else type
    return make(attribute_name(name), parents, dict(contents))


OF_FUNCTIONS = ("__globals__", "__name__")
"""The attributes of functions. A closure looks up in its function what is set, and setting fails if that is found."""


class Forgetful:
    """An object that takes any attribute and keeps none, as a closure does (py/objclosure.c:82@v1.28.0)."""

    def __setattr__(self, name: str, value: object) -> None:
        pass

    def __delattr__(self, name: str) -> None:
        pass


HEX_IS_STR_SINCE: Release = (1, 28, 0)


def hexed(release: Release, data: Any, *separator: Any) -> Any:
    """data.hex(). Before HEX_IS_STR_SINCE of empty data it returns b"" and not "" (py/objstr.c:2001@v1.27.0)."""
    digits = hexlify(data, *separator)
    return digits.decode(errors="surrogateescape") if digits or release >= HEX_IS_STR_SINCE else digits


def property_of(thing: Any, name: str) -> Any:
    """The property of the object's class: it is there also if it raises AttributeError (py/modbuiltins.c@v1.28.0)."""
    held = getattr(cast("Any", type(thing)), name, None)
    return held if isinstance(held, property) and is_scripted(type(thing)) else None


def absent_from(thing: Any, name: str) -> AttributeError:
    """The error of an object or a class that lacks an attribute."""
    what = f"type object '{type_name(thing)}'" if isinstance(thing, type) else f"'{type_name(type_of(thing))}' object"
    return AttributeError(f"{what} has no attribute '{name}'")


def attribute_name(name: Any) -> str:
    """The name of an attribute; TypeError if it is not a str (py/objstr.c:2290@v1.28.0)."""
    refuse_other(name, str)
    return name


def inherits_from_object(thing: Any, name: str) -> bool:
    """True for an object whose class has this method from CPython's `object` alone."""
    found: Any = getattr(cast("Any", type(thing)), name, None)
    return not isinstance(thing, type | types.ModuleType) and found is getattr(object, name)


def defines(thing: Any, name: str) -> bool:
    """True if the script set this attribute on the object or its class."""
    if name in getattr(thing, "__dict__", ()) and not isinstance(thing, type | types.FunctionType):
        return True
    kinds = cast("Any", thing if isinstance(thing, type) else type(thing)).__mro__
    return any(cast("Any", vars(kind)).get(name) is not None for kind in kinds if is_scripted(kind))


def defines_init(thing: Any) -> bool:
    """True if the class of an object, or a class itself, has an `__init__`: only code in Python gives it one.

    Built-in classes have none, and neither do those of a script that inherit from these (py/objtype.c:1000@v1.28.0).
    """
    kind: Any = thing if isinstance(thing, type) else type(thing)
    if kind is object:
        return isinstance(thing, type)
    holders = [one for one in kind.__mro__ if not is_host(one) and type(one) is not Sealed]
    return any(cast("Any", vars(one)).get("__init__", no_init) is not no_init for one in holders)


def name_of(thing: Any) -> str:
    """The attribute __name__, which types and the functions of scripts have. Raises AttributeError for others."""
    kind = cast("Any", type(thing))
    function: Any = thing.__func__ if kind is types.MethodType else thing
    shim = isinstance(function, types.FunctionType) and is_of_shim(function)
    if (shim and not is_frozen(function)) or kind in (
        types.BuiltinFunctionType,
        types.GeneratorType,
        types.CoroutineType,
    ):
        raise AttributeError(f"'{type_name(type_of(thing))}' object has no attribute '__name__'")
    return type_name(thing) if isinstance(thing, type) else thing.__name__


def contents_of_class(kind: Any) -> dict[str, Any]:
    """What the `__dict__` of a class has: its own attributes, some of which MicroPython's types may lack."""
    if is_scripted(kind):
        own = {name.strip("<>"): one for name, one in kind.__dict__.items() if name not in HIDDEN}
        return {**{name: one for name, one in own.items() if one is not no_init}, "__qualname__": type_name(kind)}
    special = SPECIAL.get(HOSTS.get(kind, ""), ())
    names: set[str] = {
        name for one in kind.__mro__[:-1] for name in cast("Any", vars(one)) if name[:1] != "_" or name in special
    }
    return {name: getattr_static(kind, name) for name in names}


def qualified(thing: Any, name: str) -> Any:
    """The attributes __module__ and __qualname__, which a script's classes and their objects have.

    A `__qualname__` is the plain name of the class. Raises AttributeError for anything else.
    """
    kind: Any = thing if isinstance(thing, type) else type(thing)
    scripted = next((one for one in kind.__mro__ if is_scripted(one)), None)
    if scripted and not isinstance(thing, types.FunctionType | types.MethodType):
        is_plain = name == "__qualname__" and not isinstance(getattr(thing, name, None), property)
        return type_name(scripted) if is_plain else getattr(thing, name)
    raise absent_from(thing, name)


class Entered:
    """An object in a `with` statement. Its `__exit__` gets None as the traceback (py/vm.c:788@v1.28.0).

    `caught` is `World.caught`, which makes MicroPython's exception of the raised one.
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


def method_of(thing: Any, name: str) -> Any:
    """A method of the type of an object. Raises AttributeError."""
    found = getattr(cast("Any", type(thing)), name, None)
    if found is None:
        raise absent_from(thing, name)
    return found


def async_iterable(thing: Any) -> Any:
    """The object of an `async for`. AttributeError if it has no `__aiter__`.

    An `async def` with a `yield` makes a plain generator on MicroPython, which has none.
    """
    kind = cast("Any", type(thing))
    if not hasattr(kind, "__aiter__") or kind is types.AsyncGeneratorType:
        raise AttributeError(f"'{type_name(kind)}' object has no attribute '__aiter__'")
    return thing


def awaited(thing: Any) -> Any:
    """What `yield from` iterates over for `await thing`: generators and coroutines themselves.

    So are objects of a script's class: MicroPython does not call their `__await__` (py/compile.c:2769@v1.28.0).
    """
    kind = cast("Any", type(thing))
    if kind is types.FunctionType:
        raise TypeError(f"'{type_name(type_of(thing))}' object isn't iterable")  # a function that was not called
    if is_scripted(kind) or kind in (types.GeneratorType, types.CoroutineType) or not hasattr(thing, "__await__"):
        return thing
    return thing.__await__()


def owner_of(thing: Any, name: str) -> str:
    """The table's name of the type that an object has an attribute from.

    "" if the object itself has it, or a class of a script's or the shim's that is not in HOSTS.
    """
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
            of_module = name != "__class__" and ("." in owner or owner in OF_MODULE)
            return name in SPECIAL.get(owner, ()) if of_module else special_names.has(owner, name)
        return None if name in ("__class__", "__next__") else name in SPECIAL.get(owner, ())
    if owner in BARE:
        return False
    module, _, cls = owner.rpartition(".")
    if table.module_exists(cell, module or OF_MODULE.get(owner, "builtins")) is False:
        return None  # the table describes a board without the module
    return table.class_member(cell, module, cls, name) if module else table.builtin_method(cell, owner, name)


@lru_cache(10_000)
def signature(cell: Cell, owner: str, name: str) -> table.Call | None:
    """The signature of a method, None if it is not known."""
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


def checked(function: Any, call: table.Call, own: int | None = None) -> Any:
    """`function`, raising TypeError for arguments that the signature does not take.

    `own` is 1 for a method: messages count self. By default a bound method of CPython's is one.
    """
    if not callable(function):
        return function

    def call_it(*arguments: Any, **keywords: Any) -> Any:
        if call.takes(len(arguments), keywords) is False:
            refuse(call, function, len(arguments), keywords, own)
        return function(*arguments, **keywords)

    return call_it


def refuse(call: table.Call, function: Any, given: int, keywords: Mapping[str, Any], own: int | None = None) -> None:
    """Raise MicroPython's error for arguments that the signature does not take, see `checked`."""
    if keywords and function in (bytes, str):
        raise NotImplementedError("keyword argument(s) not implemented - use normal args instead")
    if keywords and not call.named and not call.keywords:
        raise TypeError("function doesn't take keyword arguments")
    # A bound method of CPython's has a `__self__`; that of a builtin function is a module.
    own = int(not isinstance(getattr(function, "__self__", None), types.ModuleType | None)) if own is None else own
    most = None if call.maximum is None else call.maximum + own
    if (call.named or call.keywords) and given < call.minimum:
        raise TypeError(f"function missing {call.minimum - given} required positional arguments")
    if (call.named or call.keywords) and call.maximum is not None and given > call.maximum:
        raise TypeError("extra positional arguments given")
    check_count(given + own, call.minimum + own, most)
    raise TypeError("extra keyword arguments given")


NEEDED = {"enumerate": "iterable", "open": "file"}
"""The first arguments of functions that parse their arguments by name, and may be given so."""


def refuse_by_name(name: str, given: int, keywords: Mapping[str, Any]) -> None:
    """Raise the error of builtins that have words of their own for arguments that they do not take."""
    if name in NEEDED and not given and NEEDED[name] not in keywords:
        raise TypeError(f"'{NEEDED[name]}' argument required")
    if name == "sorted" and given > 1:
        raise TypeError("must use keyword argument for key function")
    if name == "bytes" and given > 3 and not keywords:
        raise TypeError("wrong number of arguments")


SHOWN = {"pattern": "re", "text_file": "TextIOWrapper", "binary_file": "FileIO"}
"""The names of types in messages, for those that have another name in the table."""


def kind_name(thing: Any, owner: str) -> str:
    """The name of the object's type in the message of an AttributeError; `owner` is the table's name."""
    if owner == "exception":
        return thing.__name__ if isinstance(thing, type) else type(thing).__name__
    return SHOWN.get(owner, owner.rpartition(".")[2])


@cache
def absent(cell: Cell) -> frozenset[str]:
    """The attributes that some type has on CPython or on MicroPython alone, or that differ (`_special`, `_member`)."""
    found = {name for _, name in ADDED} | INNER
    found |= {"__name__", "__bases__", "__dict__", "__del__", "throw", "hex", "from_bytes", "to_bytes"}
    if cell.release < EXTENDS_BY_ITEMS_SINCE:
        found.add("extend")
    for kind, owner in {**HOSTS, **dict.fromkeys(exceptions(), "exception")}.items():
        found |= {name for name in dir(kind) if name[:2] != "__" and has(cell, owner, name) is False}
    return frozenset(found)


def exceptions() -> list[type[BaseException]]:
    """CPython's builtin exceptions, some of which have attributes that MicroPython's lack, such as `msg`."""
    kinds = [kind for kind in vars(builtins).values() if isinstance(kind, type)]
    return [kind for kind in kinds if issubclass(kind, BaseException)]


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
"""Builtins that look at the frame of their caller, which therefore has to be the script's."""


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
    """The contents of a module without what the port's lacks. Functions take the arguments that the port's do."""
    found: dict[str, Any] = {}
    exists = table.module_exists(cell, module) is not False
    for name, value in names.items():
        if exists and table.module_name(cell, module, name) is False:
            continue
        if is_frozen(value):
            found[name] = value
            continue
        call = None if isinstance(value, type) or name[:2] == "__" else table.signature(cell, module, name)
        found[name] = device_errors(checked(value, call, 0)) if call else value
    return found


def unsimulated(cell: Cell, module: str, names: Mapping[str, Any]) -> dict[str, Any]:
    """The names that the port's module has and the shim's lacks. Using one ends the run."""
    parts = {name for name in table.names(cell, module) if table.module_exists(cell, f"{module}.{name}")}
    return {name: Unsimulated(f"{module}.{name}") for name in table.names(cell, module) - parts if name not in names}


def device_errors(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function`, raising the nearest exception of MicroPython's in place of one that only CPython has."""

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
    """The exception itself, or for one that only CPython has the nearest one of MicroPython's."""
    kind = type(error)
    if is_known(kind) or not is_host(kind):
        return error
    base = next(base for base in kind.__mro__ if is_known(base))
    made = cast("type[BaseException]", ValueError if base is Exception else base)
    return made(*(() if made is UnicodeError else error.args)).with_traceback(error.__traceback__)


def is_known(kind: type) -> bool:
    """True for a type of exceptions that MicroPython has, too."""
    return kind.__module__ == "builtins" and bool(table.kind("builtins", kind.__name__))


def is_host(kind: type) -> bool:
    """True if a type is CPython's or its library's."""
    return kind.__module__.partition(".")[0] in HOST_MODULES


def is_scripted(kind: Any) -> bool:
    """True for a class of a script."""
    return type(kind) is not Sealed and not is_host(kind) and not is_of_shim(kind)


HOST_MODULES = frozenset(
    {"builtins", "array", "binascii", "json", "struct", "re", "zlib", "ssl", "socket", "_struct", "hashlib"}
)


class UnsimulatedModule(OpenModule):
    """A module that the port has and the shim does not simulate. Using one of its names ends the run."""

    def __init__(self, cell: Cell, name: str) -> None:
        super().__init__(name)
        self.__cell = cell

    def __getattr__(self, name: str) -> Any:
        if table.module_name(self.__cell, self.__name__, name) is False or name.startswith("__"):
            return super().__getattr__(name)
        return Unsimulated(f"{self.__name__}.{name}")

    def __dir__(self) -> list[str]:
        return sorted({"__name__", *table.names(self.__cell, self.__name__)})


class Unsimulated:
    """A name that a port has and the shim does not simulate. Any use ends the run with NotSimulated."""

    def __init__(self, name: str) -> None:
        self.__name = name

    def __getattr__(self, name: str) -> Any:
        return Unsimulated(f"{self.__name}.{name}")

    def __call__(self, *_: object, **__: object) -> Any:
        raise NotSimulated(self.__name)

    __mro_entries__ = __getitem__ = __setitem__ = __index__ = __iter__ = __call__
    __or__ = __ror__ = __and__ = __rand__ = __call__

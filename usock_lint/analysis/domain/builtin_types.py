"""Return types of builtins, their methods and functions of MicroPython's modules, and the calls that each port accepts.

Types and owners are named as in `usock_lint.ports.world`, whose data is read when a file first needs it.
"""

from __future__ import annotations

import builtins
import collections
import io
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from usock_lint.analysis.domain import library, types
from usock_lint.analysis.domain.operations import NO_CELLS, NONE, UNKNOWN, const, constant, join, on, unconditional
from usock_lint.analysis.domain.values import (
    Atom,
    Builtin,
    Cells,
    ConsoleInput,
    Items,
    Member,
    Module,
    Object,
    OfType,
    Value,
)
from usock_lint.ports import Cell, special_names, world
from usock_lint.ports.modules import OF_RESPONSES

Callee = tuple[str, str]
"""The owner of a function or method, as `world.signature` names it, and its name: `("builtins.str", "split")`."""


def of(*names: str) -> Value:
    """A value of one of these types."""
    return frozenset(OfType(name) for name in names)


def _list_of(*names: str) -> Value:
    return frozenset({Items(of(*names), "list")})


STR: Final = of("str")
BYTES: Final = of("bytes")
_INT: Final = of("int")

_BUILTINS: Final[Mapping[str, Value]] = {
    **dict.fromkeys("ascii bin chr format hex oct repr str".split(), STR),
    "input": frozenset({ConsoleInput("str")}),
    **dict.fromkeys("hash id int len ord".split(), _INT),
    **{name: of(name) for name in "bytearray bytes dict float frozenset memoryview range".split()},
}
"""Results of builtins."""

_SAME: Final = "center lower lstrip replace rstrip strip upper".split()
"""Methods of str and bytes that return the type of the object."""

_SAME_ON_CPYTHON: Final = (
    "capitalize expandtabs ljust removeprefix removesuffix rjust swapcase title translate zfill".split()
)
"""Methods of CPython's str and bytes, which boards lack, that return the type of the object as well."""

_COUNTING: Final = "count find index rfind rindex".split()


def _methods(kind: str) -> dict[str, Value]:
    """Results of the methods of str or bytes."""
    own = of(kind)
    return {
        **dict.fromkeys((*_SAME, *_SAME_ON_CPYTHON, "format", "join"), own),
        **dict.fromkeys(_COUNTING, _INT),
        **dict.fromkeys(("split", "rsplit", "splitlines"), _list_of(kind)),
    }


_METHODS: Final[Mapping[str, Mapping[str, Value]]] = {
    "str": {**_methods("str"), "encode": BYTES, "casefold": STR},
    "bytes": {**_methods("bytes"), "decode": STR, "hex": STR, "fromhex": BYTES},
    "bytearray": {"decode": STR, "hex": STR},
    "memoryview": {"hex": STR, "tobytes": BYTES},
    "int": {"to_bytes": BYTES, "from_bytes": _INT},
    "pattern": {"match": of("match") | NONE, "search": of("match") | NONE, "fullmatch": of("match") | NONE},
    "match": {"group": of("str", "bytes") | NONE},
    "text_file": {"read": STR, "readline": STR, "readlines": _list_of("str")},
    "binary_file": {"read": BYTES, "readline": BYTES, "readlines": _list_of("bytes")},
    **{f"hashlib.{name}": {"digest": BYTES, "hexdigest": STR} for name in ("md5", "sha1", "sha256")},
}

_FUNCTIONS: Final[Mapping[str, Mapping[str, Value]]] = {
    "binascii": {
        **dict.fromkeys("a2b_base64 b2a_base64 hexlify unhexlify".split(), BYTES),
        "crc32": _INT,
    },
    "base64": dict.fromkeys("b64decode b64encode".split(), BYTES),
    "json": {"dumps": STR},
    "machine": {"unique_id": BYTES},
    "os": {
        **dict.fromkeys(("lstat", "stat"), of("os.stat_result")),
        "getcwd": STR,
        "listdir": _list_of("str"),
        "urandom": BYTES,
    },
    "random": {"getrandbits": _INT, "randint": _INT, "randrange": _INT},
    "re": {"compile": of("pattern"), "match": of("match") | NONE, "search": of("match") | NONE},
    "struct": {"calcsize": _INT, "pack": BYTES},
    **dict.fromkeys(
        ("requests", "urequests"),
        dict.fromkeys("delete get head patch post put request".split(), of("requests.Response")),
    ),
    "time": {**dict.fromkeys(("gmtime", "localtime"), of("time.struct_time")), "strftime": STR},
}
"""Results of the functions of modules."""

_INSTALLED: Final = frozenset({"requests.Response"})
"""Types of micropython-lib, of which only some names are known: an object has more attributes than its class."""

_OF_CLASSES: Final = frozenset(
    {("bytes", "fromhex"), ("bytearray", "fromhex"), ("dict", "fromkeys"), ("int", "from_bytes")}
)
"""Methods that are called on a class: `int.from_bytes`."""

_CLASSES: Final = frozenset(
    name for name, one in vars(builtins).items() if isinstance(one, type) and not issubclass(one, BaseException)
)

_MODULES: Final = frozenset(
    (
        "_thread array binascii cmath collections gc hashlib heapq io json math micropython os random re requests "
        "select struct sys time urequests"
    ).split()
)
"""The modules whose functions are looked up: those of the firmware that projects rarely replace by a file."""

_BY_KEYWORDS: Final[Mapping[str, tuple[tuple[str, ...], frozenset[str]]]] = {
    "decode": (("bytes",), frozenset({"encoding", "errors"})),
    "encode": (("str",), frozenset({"encoding", "errors"})),
    "rsplit": (("str", "bytes"), frozenset({"maxsplit", "sep"})),
    "split": (("str", "bytes"), frozenset({"maxsplit", "sep"})),
    "to_bytes": (("int",), frozenset({"byteorder", "length", "signed"})),
}
"""The types that an unknown object may have if a method of this name is called on it with some of these keywords."""

_CODECS: Final = frozenset("ascii cp1252 iso88591 latin1 unicodeescape utf16 utf16be utf16le utf8 utf8sig".split())

_FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "os.stat_result": frozenset(
        "st_atime st_blocks st_ctime st_dev st_gid st_ino st_mode st_mtime st_mtime_ns st_nlink st_size st_uid".split()
    ),
    "time.struct_time": frozenset(
        "tm_gmtoff tm_hour tm_isdst tm_mday tm_min tm_mon tm_sec tm_wday tm_yday tm_year tm_zone".split()
    ),
}
"""Types whose fields have names on CPython, and which are plain tuples on every port (extmod/modtime.c:75@v1.28.0,
extmod/vfs_fat.c:322@v1.28.0)."""

_ON_CPYTHON: Final[Mapping[str, Callable[[], frozenset[str]]]] = {
    **{kind: lambda kind=kind: _FIELDS[kind] for kind in _FIELDS},
    "binary_file": lambda: frozenset(dir(io.BufferedRandom)),
    "collections.deque": lambda: frozenset(dir(collections.deque)),
    "match": lambda: frozenset(dir(re.Match)),
    "pattern": lambda: frozenset(dir(re.Pattern)),
    "requests.Response": lambda: OF_RESPONSES,
    "text_file": lambda: frozenset(dir(io.TextIOWrapper)),
    **dict.fromkeys(
        ("hashlib.md5", "hashlib.sha1", "hashlib.sha256"),
        lambda: frozenset("block_size copy digest digest_size hexdigest name update".split()),
    ),
}
"""The attributes on CPython of types that are not builtin."""


# Results of calls, operators and subscripts


def result_of_builtin(name: str) -> Value:
    """The result of a call of this builtin."""
    return _BUILTINS.get(name, UNKNOWN)


def result_of(callee: Member) -> Value:
    """The result of a function of a module, or of a method of a value of a known type."""
    if isinstance(callee.owner, Module):
        return _FUNCTIONS.get(callee.owner.name, {}).get(callee.name, UNKNOWN)
    if isinstance(callee.owner, ConsoleInput) and callee.name in _SAME:
        return frozenset({callee.owner})
    kind = kind_of(callee.owner)
    if kind in ("str", "bytes") and callee.name in ("partition", "rpartition"):
        return frozenset({types.triple(of(kind))})
    return _METHODS.get(kind or "", {}).get(callee.name, UNKNOWN)


def opened(modes: Sequence[Value]) -> Value:
    """The file that `open` returns; `modes` has the value of its second argument, if there is one."""
    found = {constant(atom) for value in modes for atom in value} or {"r"}
    texts = [mode for mode in found if isinstance(mode, str)]
    # An unknown mode may have a "b" in it.
    if len(texts) < len(found):
        return of("text_file", "binary_file")
    return of(*("binary_file" if "b" in mode else "text_file" for mode in texts))


def result_by_name(name: str, arguments: Sequence[str | None]) -> Value:
    """The result of a method of an unknown value, if only str and bytes have a method of this name.

    `decode` and `encode` count if the first argument is the name of a codec, or left out. `arguments` are constant
    strings, or None for others.
    """
    if len(arguments) <= 1 and name in _OF_STRINGS:
        return of("str", "bytes")
    if len(arguments) > 2 or not all(one is not None and is_codec(one) for one in arguments[:1]):
        return UNKNOWN
    return STR if name == "decode" else BYTES if name == "encode" else UNKNOWN


def is_codec(name: str) -> bool:
    """True if this is the name of an encoding that programs use."""
    return name.lower().replace("-", "").replace("_", "") in _CODECS


def encoding_index(callee: Callee | None) -> int | None:
    """The index of the argument that is an encoding, for functions with one."""
    return _ENCODINGS.get(callee) if callee else None


_ENCODINGS: Final[Mapping[Callee, int]] = {
    ("builtins.bytes", "decode"): 0,
    ("builtins.bytearray", "decode"): 0,
    ("builtins.str", "encode"): 0,
    ("builtins", "str"): 1,
    ("builtins", "bytes"): 1,
}

_OF_STRINGS: Final = frozenset("lower lstrip rstrip strip upper".split())


def summed(left: Value, right: Value) -> Value:
    """The sum of two strings; empty if they may be something else."""
    kinds = {types.string_kind(atom) for atom in left}
    if len(kinds) != 1 or None in kinds:
        return frozenset()
    (kind,) = kinds
    others = {types.string_kind(atom) for atom in right}
    # `b"" + x` is bytes if x is bytes or a str (on CPython a str raises).
    return of(str(kind)) if kind == "bytes" or others == {kind} else frozenset()


def repeated(left: Value) -> Value:
    """The product of a string and a number; empty for other values."""
    kinds = {types.string_kind(atom) for atom in left}
    return of(*map(str, kinds)) if kinds and None not in kinds else frozenset()


def formatted(left: Value) -> Value:
    """The result of `%` with this value to its left, unknown if it is not a string."""
    return repeated(left) or UNKNOWN


def item(atom: Atom) -> Value:
    """An item of a string or a file, by an index or by iteration; empty for others."""
    return _ITEMS.get(kind_of(atom) or "", frozenset())


_ITEMS: Final[Mapping[str, Value]] = {
    "str": STR,
    "bytes": _INT,
    "bytearray": _INT,
    "range": _INT,
    "text_file": STR,
    "binary_file": BYTES,
}


def sliced(atom: Atom) -> Value:
    """A slice of a str, bytes or other value whose slices are of its own type; empty for others."""
    kind = kind_of(atom)
    return of(kind) if kind in _SLICED else frozenset()


_SLICED: Final = frozenset("bytearray bytes memoryview range str".split())


# Attributes that a port lacks, and calls that it refuses

_WITHOUT_STEPS: Final = frozenset("array.array bytearray bytes memoryview str tuple".split())
"""Types whose slices take no step but 1 on any port and release (py/objstr.c:603@v1.28.0, py/objtuple.c:195,
py/objarray.c:468)."""

_WITHOUT_STEPS_IN_TARGETS: Final = frozenset({"list"})
"""Types whose slices take other steps when they are read, but not when they are assigned (py/objlist.c:169@v1.28.0)."""


def without_steps(value: Value, *, assigned: bool) -> str | None:
    """The type of a value whose slices take no step but 1; None if one of its types may take other steps."""
    found = {kind_of(unconditional(atom)) for atom in value}
    kinds = {"tuple" if kind in _FIELDS else str(kind) for kind in found}
    refusing = _WITHOUT_STEPS_IN_TARGETS if assigned else _WITHOUT_STEPS
    # One of the types is named: always the same one.
    return max(kinds) if kinds and kinds <= refusing else None


def kind_of(atom: Atom) -> str | None:
    """The name of the type in which an atom's attributes are looked up: of a class, that class. None if unknown."""
    if isinstance(atom, Object):
        return atom.cls if atom.module == "builtins" else f"{atom.module}.{atom.cls}"
    if isinstance(atom, Builtin):
        return atom.name if atom.name in _CLASSES or special_names.is_exception(atom.name) else None
    found = types.type_of(atom)
    return None if found == types.STREAM else found


def is_reported_by_type(owner: Object) -> bool:
    """True if attributes that objects of a class lack are reported by type, not as names of the module."""
    return f"{owner.module}.{owner.cls}" in _ON_CPYTHON


def is_installed(kind: str) -> bool:
    """True if this is the name of a type of micropython-lib."""
    return kind in _INSTALLED


def is_class(name: str) -> bool:
    """True if this is the name of a builtin class."""
    return name in _CLASSES


def lacking(atom: Atom, name: str, cells: Cells) -> Cells | None:
    """The cells on which an atom lacks an attribute that CPython's type has; None for an atom of unknown type."""
    kind = kind_of(atom)
    return None if kind is None else _lacking(kind, name, cells)


@lru_cache(4096)
def _lacking(kind: str, name: str, cells: Cells) -> Cells:
    # A name that CPython's type lacks too is not a name that boards alone lack.
    if not _has_on_cpython(kind, name):
        return NO_CELLS
    return _unless_rare(frozenset(cell for cell in cells if _has(cell, kind, name) is False), cells)


def _unless_rare(missing: Cells, cells: Cells) -> Cells:
    """The cells that lack a name; none if `docs` is a target and fewer than half of the ports lack the name.

    As a target the documentation stands for boards in general, so a name that a few of them lack is not reported.
    """
    if not any(cell.port == "docs" for cell in cells):
        return missing
    lost, boards = ({cell.port for cell in some if cell.port != "docs"} for some in (missing, cells))
    return NO_CELLS if len(lost) * 2 < len(boards) else missing


def _has_on_cpython(kind: str, name: str) -> bool:
    if kind in _ON_CPYTHON:
        return name in _ON_CPYTHON[kind]()
    # `with_traceback` and `add_note` of exceptions are not looked up: no table has the methods of these classes.
    known = kind in _CLASSES or (special_names.is_exception(kind) and special_names.is_special(name))
    return known and hasattr(getattr(builtins, kind), name)


def _can_occur(cell: Cell, kind: str) -> bool:
    """True if the port may have values of this type. It has no `re.match` without `re`, which another rule reports."""
    if kind in ("match", "pattern"):
        return world.module_exists(cell, "re") is not False
    return world.builtin(cell, "open" if kind.endswith("_file") else kind) is not False


def _has(cell: Cell, kind: str, name: str) -> bool | None:
    """True if this type has the attribute on a port; None if that is not known."""
    module, _, cls = kind.rpartition(".")
    if not module and special_names.is_special(name):
        return special_names.has(kind, name)
    if not module:
        return world.builtin_method(cell, kind, name) if _can_occur(cell, kind) else None
    # A plain tuple on every port, so no port has the field. Without the module there is no such value.
    if kind in _FIELDS:
        return None if world.module_exists(cell, module) is False else False
    there = world.module_name(cell, module, cls)
    return None if there is False else world.class_member(cell, module, cls, name)


@lru_cache(4096)
def without_builtin(name: str, cells: Cells) -> Cells:
    """The cells that lack a builtin of this name, if CPython has one that is not an exception."""
    if name not in _NAMES:
        return NO_CELLS
    if name == _DOC:
        return cells
    return _unless_rare(frozenset(cell for cell in cells if world.builtin(cell, name) is False), cells)


_DOC: Final = "__doc__"
"""A name of each module on CPython that no port has: py/mpconfig.h:914@v1.28.0, which only webassembly sets."""


_NAMES: Final = frozenset(
    {
        *(name for name in dir(builtins) if not name.startswith("_") and name[0].islower()),
        *_CLASSES,
        _DOC,
        # Builtins that the module `site` adds, so that `dir` lacks them under `python -S`.
        *"copyright credits exit help license quit".split(),
    }
)


def callee(atom: Atom) -> Callee | None:
    """The callee, if it is a builtin, a method of a value of a known type or a function of a module."""
    match atom:
        case Builtin("super"):
            return None  # the compiler treats `super()` itself
        case Builtin(name):
            return ("builtins", name)
        case Member(Module(module), name):
            return (module, name) if module in _MODULES else None
        case Member(Builtin(kind), name):
            return (f"builtins.{kind}", name) if (kind, name) in _OF_CLASSES else None
        case Member(Object(module), _) if module not in _MODULES and module != "builtins":
            return None
        case Member(owner, name) if (kind := kind_of(owner)) is not None:
            return (f"builtins.{kind}" if kind in _CLASSES else kind, name)
        case _:
            return None


def callees_by_keywords(name: str, keywords: frozenset[str]) -> tuple[Callee, ...]:
    """The methods that a call on an unknown object may be of, by the method's name and the keywords of the call."""
    if name not in _BY_KEYWORDS or not keywords:
        return ()
    kinds, known = _BY_KEYWORDS[name]
    return tuple((f"builtins.{kind}", name) for kind in kinds) if known.issuperset(keywords) else ()


@lru_cache(4096)
def refusing(callee: Callee, positional: int, keywords: frozenset[str], cells: Cells) -> Cells:
    """The cells on which a call with this number of positional arguments and these keywords raises TypeError."""
    return _unless_rare(frozenset(cell for cell in cells if _refuses(cell, callee, positional, keywords)), cells)


def _is_there(cell: Cell, owner: str, name: str) -> bool:
    """True if the port may have the function or method. Another rule reports a missing one."""
    if owner == "builtins":
        return world.builtin(cell, name) is not False
    if owner in _MODULES:
        return world.module_name(cell, owner, name) is not False
    kind = owner.removeprefix("builtins.")
    return ("." in kind or _can_occur(cell, kind)) and _has(cell, kind, name) is not False


def _refuses(cell: Cell, callee: Callee, positional: int, keywords: frozenset[str]) -> bool:
    there = _is_there(cell, *callee)
    return there and library.are_refused(cell, lambda one: world.signature(one, *callee), positional, keywords)


def has_attribute(atom: Atom, name: str, cells: Cells) -> Value | None:
    """The result of `hasattr` for a value of a builtin type or a class; None for one of unknown type."""
    kind = kind_of(atom)
    if kind is None:
        return None
    if is_installed(kind):
        module, _, cls = kind.rpartition(".")
        # What its source has, or what CPython's has and it never had: other names are of objects, not of the class.
        there = bool(world.mip_member(module, cls, name))
        return const(there) if there or _has_on_cpython(kind, name) else UNKNOWN
    if not _has_on_cpython(kind, name):
        return UNKNOWN  # a program that asks for a name which this type never has expects another type
    found = {cell: _has(cell, kind, name) for cell in cells}
    true, false = (frozenset(cell for cell, has in found.items() if has is one) for one in (True, False))
    return join(on(true, const(True)), on(false, const(False)), on(cells - true - false, UNKNOWN))

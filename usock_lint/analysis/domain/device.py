"""Results of queries about the device a program runs on, and the modules it can import there."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from usock_lint import ports
from usock_lint.analysis.domain import flags, types
from usock_lint.analysis.domain.operations import (
    NO_CELLS,
    NONE,
    UNKNOWN,
    atoms,
    combine,
    const,
    constant,
    constants,
    items,
    join,
    on,
    unconditional,
    unknown_unless_constant,
)
from usock_lint.analysis.domain.values import (
    Anything,
    Atom,
    Caught,
    Cells,
    Const,
    File,
    Member,
    Module,
    OfType,
    On,
    Socket,
    TlsSocket,
    Tuple,
    Value,
)
from usock_lint.analysis.heuristics import SOCKETS_ONLY
from usock_lint.ports import Cell, tls
from usock_lint.ports.modules import (
    CHIPS,
    EVERYWHERE,
    MEMBERS_EVERYWHERE,
    NOT_EVERYWHERE,
    ON_BUILDS,
    ON_PORTS,
    WITH_U,
    WITHOUT_UNAME,
)

DESCRIBING: Final = frozenset({Module("sys"), Module("os"), Member(Module("sys"), "implementation")})
"""Objects that describe the device and the interpreter, with attributes on every board."""

STRING_METHODS: Final[dict[str, Callable[..., Any]]] = {
    "count": str.count,
    "find": str.find,
    "rfind": str.rfind,
    "lower": str.lower,
    "upper": str.upper,
    "strip": str.strip,
    "lstrip": str.lstrip,
    "rstrip": str.rstrip,
    "startswith": str.startswith,
    "endswith": str.endswith,
}
"""Methods that conditions on `sys.platform` and the like call."""

# The release that first has `sys.implementation._mpy`: py/modsys.c:92@v1.19.
_MPY_SINCE: Final = (1, 19, 0)

VERSION: Final = Const((3, 4, 0))
"""`sys.version_info` on each port and release."""
VERSION_PARTS: Final = ("major", "minor", "micro")
"""The attributes of the items in CPython's `sys.version_info`."""
_HEXVERSION: Final = 0x03040000
# The release with asyncio 3.0.0: extmod/uasyncio/__init__.py:6@v1.13. What micropython-lib had before has no version.
_ASYNCIO_3: Final = (1, 13, 0)

API: Final = (Module("socket"), Module("errno"), Member(Module("socket"), "socket"))
"""The modules and the class whose names are in the table of the socket API."""
_UNAME: Final = Member(Module("os"), "uname()")
_MACHINE: Final[Value] = frozenset({Member(_UNAME, "machine")})
_IMPLEMENTATION: Final = Member(Module("sys"), "implementation")
_SYSTEM: Final[Value] = frozenset({Member(Module("os"), "name")})
_OF_CPYTHON: Final = frozenset("_multiarch cache_tag hexversion supports_isolated_interpreters".split())
"""Attributes of CPython's `sys.implementation`."""
_MACHINES: Final = tuple("amd64 aarch64 arm i386 i686 x86".split())
"""What the machines of computers begin with, in lower case."""
_SYSTEMS: Final = tuple("darwin linux macos nt posix win32 windows".split())
"""What their systems begin with."""


def module_name(name: str) -> str:
    """The name of a module without the `u` that MicroPython's own modules had."""
    return name[1:] if name.startswith("u") and name[1:] in WITH_U else name


def member(atom: Atom, name: str, cells: Cells) -> Value:
    """The value of an attribute of a module, or of what `sys.implementation` and the like return."""
    match atom, name:
        case Module("sys"), "platform":
            return _each(cells, _platforms)
        # The beginning: the date of the build follows.
        case Module("sys"), "version":
            return _each(cells, lambda cell: (f"3.4.0; MicroPython v{ports.release_name(cell.release)}",))
        case Module("asyncio"), "__version__":
            return _each(cells, lambda cell: ((3, 0, 0),) if cell.release >= _ASYNCIO_3 else ())
        # False wherever a program runs: code under it is for type checkers only.
        case Module("typing"), "TYPE_CHECKING":
            return const(False)
        case Module("sys"), "version_info":
            return frozenset({VERSION})
        case Module("sys"), "hexversion":
            return const(_HEXVERSION)
        case Const((_, _, _) as version), _ if atom == VERSION and name in VERSION_PARTS:
            # MicroPython's is a plain tuple (py/modsys.c:63@v1.28.0), so the look-up fails. With this value the
            # branches for Python 2 and for later releases are not analysed.
            return const(version[VERSION_PARTS.index(name)])
        case Member(Module("sys"), "implementation"), "name":
            return const("micropython")
        case Member(Module("sys"), "implementation"), "version":
            return _each(cells, lambda cell: (cell.release,))
        case Member(Module("sys"), "implementation"), "_machine":
            return _MACHINE
        case Module("os"), "sep":
            return const("/")
        case Member(Module("os"), "uname()"), ("sysname" | "nodename" | "release" | "version"):
            return _uname(cells, name)
        case Module(module), _ if flags.is_flag(name) and module not in EVERYWHERE:
            return flags.FLAG
        case _:
            return frozenset({Member(atom, name)})


def sequence(value: Value, live: Cells) -> Value:
    """The value, with `sys.implementation` and `os.uname()` as the tuples that they are."""
    parts: list[Value] = []
    for atom, cells in atoms(value, live):
        if atom == _IMPLEMENTATION:
            parts.append(_each(cells, lambda cell: (("micropython", cell.release),)))
        elif atom == _UNAME:
            texts = [_uname(cells, name) for name in ("sysname", "nodename", "release", "version", "machine")]
            parts.append(frozenset({Tuple(tuple(texts))}))
        else:
            parts.append(frozenset({atom if cells == live else On(cells, atom)}))
    return join(*parts)


def perhaps_without(module: str, cells: Cells) -> Cells:
    """The cells on which it is unknown whether importing this module fails; for others see `surely_without`."""
    if module in EVERYWHERE:
        return frozenset()
    if module in ON_PORTS and module not in ON_BUILDS:
        return frozenset()
    ports_without = NOT_EVERYWHERE.get(module)
    return cells if ports_without is None else frozenset(cell for cell in cells if cell.port in ports_without)


def surely_without(module: str, cells: Cells) -> Cells:
    """The cells on which importing this module fails, as only other ports have it. `docs` has the modules of all."""
    there = ON_PORTS.get(module)
    return frozenset(cell for cell in cells if there is not None and cell.port not in (*there, "docs"))


def has_attribute(atom: Atom, name: str, cells: Cells) -> Value | None:
    """The result of `hasattr(atom, name)`, None if it is not known."""
    of_error = isinstance(atom, Caught) and (name == "errno" or name in ports.MISSING_OSERROR_ATTRIBUTES)
    if isinstance(atom, (Socket, File, TlsSocket)) or atom in API or of_error:
        return _where(cells, having(atom, name, cells))
    # If only the type is known, what to make of a name that it lacks is for `builtin_types.has_attribute` to say.
    if not isinstance(atom, OfType) and (there := types.has_method(atom, name)) is not None:
        return const(there)
    if atom == Module("sys") and name in ("implementation", "platform", "version", "version_info"):
        return const(True)
    if atom in (Module("ssl"), Module("tls")):
        lacking = frozenset(cell for cell in cells if tls.lacks_constant(cell, name))
        return join(on(lacking, const(False)), on(cells - lacking, UNKNOWN)) if lacking else None
    if atom == Module("asyncio") and name == "__version__":
        return _where(cells, frozenset(cell for cell in cells if cell.release >= _ASYNCIO_3))
    if atom == _IMPLEMENTATION and name == "_mpy":
        # Older releases lack it, but a program that asks for it asks whether this is MicroPython, which they are.
        there = frozenset(cell for cell in cells if cell.release >= _MPY_SINCE)
        return join(on(there, const(True)), on(cells - there, UNKNOWN))
    if atom == _IMPLEMENTATION and name in _OF_CPYTHON:
        return const(False)
    # Releases differ in these: `_build`, `_machine`, `_thread`.
    if atom == _IMPLEMENTATION and name.startswith("_"):
        return flags.FLAG
    if isinstance(atom, Module) and name in MEMBERS_EVERYWHERE.get(atom.name, ()):
        return const(True)
    # Only CPython's sockets have these: see `SOCKETS_ONLY`.
    if isinstance(atom, Anything) and name in SOCKETS_ONLY:
        return const(False)
    return None


def with_name(name: str, cells: Cells) -> Cells:
    """The cells on which `sys.platform` or `sys.implementation.name` is this name."""
    return frozenset(cell for cell in cells if name == "micropython" or name in ports.platforms(cell.port))


def without_uname(cells: Cells) -> Cells:
    """The cells that have no os.uname()."""
    return frozenset(cell for cell in cells if cell.port in WITHOUT_UNAME)


def names_machine(text: Value, machine: Value, cells: Cells) -> Value | None:
    """The result of `text in machine`, if `machine` is `os.uname().machine`; None if it is another value."""
    if machine != _MACHINE:
        return None
    unknown = unknown_unless_constant(text, str, cells)
    return join(unknown, *(_is_chip(one, where) for one, where in constants(text, str, cells))) or UNKNOWN


def names_system(left: Value, right: Value, cells: Cells) -> bool:
    """True if one side is `os.name`, which no port has, and the other a constant such as "nt" or "posix"."""
    return any(one == _SYSTEM and [*constants(other, str, cells)] for one, other in ((left, right), (right, left)))


def _is_chip(text: str, cells: Cells) -> Value:
    named = {port for port, chip in CHIPS.items() if chip in text}
    true = frozenset(cell for cell in cells if text and text in CHIPS.get(cell.port, ""))
    # A chip named in the text rules out the other ports: "ESP32" in the machine of an rp2 is False.
    false = frozenset(cell for cell in cells if named and cell.port in CHIPS and cell.port not in named)
    if _is_of_computer(text):
        false |= frozenset(cell for cell in cells if cell.port != "unix")
    return join(on(true, const(True)), on(false - true, const(False)), on(cells - true - false, UNKNOWN))


def equals_machine(machine: Value, texts: Value, cells: Cells, answer: bool) -> Value | None:
    """The answer if none of `texts` is a machine of a board, and `machine` is `os.uname().machine`; None for others.

    `sys.implementation._machine` is the same. `texts` are strings, or tuples, lists and sets of them. A board has
    "BOARD with CHIP" there (extmod/modos.c:108@v1.28.0).
    """
    return _tells(texts, cells, lambda text: " with " not in text, answer) if machine == _MACHINE else None


def _tells(texts: Value, cells: Cells, is_foreign: Callable[[str], bool], answer: bool) -> Value | None:
    """The answer on boards, if all these strings, or all in tuples of them, are foreign to boards; else None."""
    parts = [one for atom, where in atoms(texts, cells) for one in items(atom, where) or (frozenset({atom}),)]
    found = [constant(unconditional(atom)) for part in parts for atom in part]
    is_known = bool(found) and all(isinstance(text, str) and is_foreign(text) for text in found)
    if not is_known:
        return None
    # "linux [GCC 12.2.0] version" is what `sys.implementation._machine` is there, which has no os.uname().
    boards = frozenset(cell for cell in cells if cell.port != "unix")
    sides = ((boards, const(answer)), (cells - boards, UNKNOWN))
    return join(*(on(some, side) for some, side in sides if some))


def _is_of_computer(text: str) -> bool:
    return text.lower().startswith((*_MACHINES, *_SYSTEMS))


def address_type(origin: str, cell: Cell) -> str | None:
    """The type of the addresses that getaddrinfo, accept or recvfrom returns on this cell, None if unknown."""
    if origin != "getaddrinfo":
        return ports.behaviour(cell, f"{origin}_address")
    entry = ports.behaviour(cell, "getaddrinfo_result")
    return entry and entry["sockaddr"]


def is_address_of(origin: str, names: frozenset[str], cells: Cells) -> Value:
    """The result of `isinstance(address, names)` for an address of that origin."""
    found = {cell: address_type(origin, cell) for cell in cells}
    true = frozenset(cell for cell in cells if found[cell] in names)
    # Where no behaviour is recorded, the address may be of these types or not.
    unknown = frozenset(cell for cell in cells if found[cell] is None)
    return join(on(true, const(True)), on(cells - true - unknown, const(False)), on(unknown, UNKNOWN))


def returning_none(stream: Atom, method: str, cells: Cells) -> Cells:
    """The cells on which this method of a non-blocking stream returns None when it would have to wait."""
    if isinstance(stream, TlsSocket):
        return frozenset(cell for cell in cells if tls.returns_none(cell, method))
    answers = {cell: ports.behaviour(cell, "would_block") for cell in cells}
    return frozenset(cell for cell, answer in answers.items() if answer and answer.get(method) == "None")


def reading_bytes(file: File, cells: Cells) -> Cells:
    """The cells on which the file that makefile() returned reads bytes: by its mode, or because the port ignores it."""
    answers = {cell: ports.behaviour(cell, "makefile") for cell in cells}
    read = frozenset(cell for cell, answer in answers.items() if answer and answer["text_mode"] == "bytes")
    return cells if file.binary else read


def having(atom: Atom, name: str, cells: Cells) -> Cells:
    """The cells on which the socket or errno module, a socket, its file, a TLS socket or an OSError has this name."""
    if isinstance(atom, Socket):
        return _with_name("socket", name, cells)
    if isinstance(atom, Caught):
        return frozenset(cell for cell in cells if ports.oserror_has(cell, name))
    if isinstance(atom, File):
        return frozenset(cell for cell in cells if ports.file_has(cell, name))
    if isinstance(atom, TlsSocket):
        return frozenset(cell for cell in cells if tls.has(cell, name))
    if atom == Module("errno"):
        return frozenset(cell for cell in cells if name in ports.errno_names(cell))
    return _with_name("module" if atom == Module("socket") else "socket", name, cells)


# Each use of a socket asks this of its name, so the answers are kept.
@lru_cache(1024)
def _with_name(kind: ports.Kind, name: str, cells: Cells) -> Cells:
    return frozenset(cell for cell in cells if ports.has(cell, kind, name))


def with_opaque_addresses(name: str, cells: Cells) -> Cells:
    """The cells that a branch for opaque addresses is meant for, if a port with such addresses has `name`; else all.

    A name that these ports lack is reported in that branch, too, since it works on none of them.
    """
    if not ports.has(Cell("unix", ports.NEWEST), "module", name):
        return cells
    return frozenset(cell for cell in cells if cell.port != "docs" and ports.behaviour(cell, "address") == "opaque")


def lacking(callee: Value, live: Cells, *owners: Atom) -> Cells:
    """The cells on which the callee is a member that sockets, or these owners, lack."""
    missing = NO_CELLS
    for atom, cells in atoms(callee, live):
        if isinstance(atom, Member) and (isinstance(atom.owner, Socket) or atom.owner in owners):
            there = having(atom.owner, atom.name, cells)
            missing |= cells - there
    return missing


def method(atom: Member, arguments: list[Value], live: Cells) -> Value:
    """The result of a method of a constant string with at most one argument, or of os.uname()."""
    if atom == Member(Module("os"), "uname"):
        return frozenset({_UNAME})
    fold = STRING_METHODS.get(atom.name)
    if frozenset({atom.owner}) == _MACHINE and fold is not None:
        # A condition does not care about the case of a name, which is not known.
        if not arguments:
            return _MACHINE
        asks = len(arguments) == 1 and atom.name in ("startswith", "endswith")
        return (_tells(arguments[0], live, _is_of_computer, False) if asks else None) or UNKNOWN
    if fold is None or len(arguments) > 1 or not isinstance(constant(atom.owner), str):
        return UNKNOWN
    owner = frozenset({atom.owner})
    if not arguments:
        return combine(owner, NONE, live, lambda text, _: fold(text))
    return combine(owner, arguments[0], live, fold)


def _where(cells: Cells, true: Cells) -> Value:
    """True on the cells `true` of these, False on the others."""
    if true and cells - true:
        return join(on(true, const(True)), on(cells - true, const(False)))
    return const(bool(true))


def _each(cells: Cells, answers: Callable[[Cell], tuple[Any, ...]]) -> Value:
    """A constant that depends on the cell. `answers` returns the possible ones of a cell."""
    by_answer: dict[Any, set[Cell]] = {}
    for cell in cells:
        for answer in answers(cell):
            by_answer.setdefault(answer, set()).add(cell)
    return frozenset(On(frozenset(where), Const(answer)) for answer, where in by_answer.items())


def _uname(cells: Cells, name: str) -> Value:
    """A field of os.uname() (extmod/modos.c@v1.26.0). esp8266 has its SDK's release there, cc3200 is not known."""
    if name == "machine":
        return _MACHINE
    if name in ("sysname", "nodename"):
        return _each(cells, _platforms)
    own = frozenset(cell for cell in cells if cell.port not in ("esp8266", "cc3200", "docs"))
    if name == "release":
        return join(_each(own, _texts), on(cells - own, UNKNOWN))
    if name == "version":
        return join(_each(own, lambda cell: tuple(f"v{text} on" for text in _texts(cell))), on(cells - own, UNKNOWN))
    return UNKNOWN


def _texts(cell: Cell) -> tuple[str, ...]:
    """The spellings of a release: with a zero at the end since 1.21, often without one before."""
    major, minor, micro = cell.release
    return (f"{major}.{minor}.{micro}",) if micro else (f"{major}.{minor}.0", f"{major}.{minor}")


def _platforms(cell: Cell) -> tuple[str, ...]:
    """The values of sys.platform. The documentation has none, because no program runs on it."""
    return ports.platforms(cell.port) or ("",)

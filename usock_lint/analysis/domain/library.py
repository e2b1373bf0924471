"""The modules that boards have or can install, and the names in them; not those of the project."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from functools import lru_cache
from typing import Final

from usock_lint.analysis.domain import device
from usock_lint.analysis.domain.operations import NO_CELLS, UNKNOWN, const, join, on
from usock_lint.analysis.domain.values import FOLLOWED, Atom, Cells, Member, Module, Object, Value
from usock_lint.fast_dataclasses import NamedTuple
from usock_lint.files.project import INSTALLED
from usock_lint.files.sources import Sources
from usock_lint.ports import NEWEST, PORTS, Cell, world
from usock_lint.ports.modules import CPYTHON_ONLY, EVERYWHERE, MICROPYTHON_ONLY, NAMES_OF_PACKAGES, WITH_U

_STANDARD: Final = ("stdin", "stdout", "stderr")

_NAMESAKES: Final = frozenset({"gc"})
"""Modules that share a name with CPython's and have other contents."""

_VARYING: Final = frozenset({"machine", "network"})
"""Modules whose names depend on the hardware of a board."""

_NOT_FOLLOWED: Final = frozenset({"socket", "errno"})
"""Modules whose names are kinds of uses of their own, such as `ModuleName` and `ImportedErrno`."""


class Surroundings(NamedTuple):
    """The context of a file.

    `project` has the names of the project's modules, and "module:name" for names that they bind. `lints_every_file`
    tells that files without networks are linted as well. `sources` finds the files that this one imports; without it
    no import is followed.
    """

    project: Container[str] = ()
    lints_every_file: bool = False
    sources: Sources | None = None


class Library:
    """The modules that a file can import. Of those of its project only the names are known (`Surroundings.project`)."""

    def __init__(self, project: Container[str] = ()) -> None:
        self._project = project

    def is_own(self, module: str) -> bool:
        """True if the project has a module of this name. Many have an older asyncio, which is called uasyncio."""
        package = module.partition(".")[0]
        names = (package, "uasyncio") if package == "asyncio" else (package,)
        return any(name in self._project or INSTALLED + name in self._project for name in names)

    def binds(self, module: str, names: Iterable[str]) -> bool:
        """True if a module of the project, in any folder, is called like one of Python's and binds one of these."""
        return module in world.cpython_modules() and any(f"{module}:{name}" in self._project for name in names)

    def without(self, name: str, cells: Cells) -> Cells:
        """The cells on which importing a module of this name, as it is written, fails for certain."""
        missing = _without(name, cells)
        return NO_CELLS if missing and self.is_own(name) else missing

    def perhaps_without(self, name: str, cells: Cells) -> Cells:
        """The cells on which importing it may fail."""
        if self.is_own(name):
            return cells
        return self.without(name, cells) | _perhaps_without(name, cells)

    def is_optional(self, name: str, cells: Cells) -> bool:
        """True if no board has the module, but CPython has, and a board may have it installed."""
        if name.partition(".")[0] not in world.cpython_modules() or self.is_own(name):
            return False
        return not_built_in(name, cells) == cells and any(may_be_installed(cell, name) for cell in cells)

    def lacking(self, module: str, name: str, cells: Cells) -> Cells:
        """The cells on which a module that can be imported there has no such name."""
        missing = lacking(module, name, cells)
        return NO_CELLS if missing and (self.is_own(module) or self.replaces(module, name)) else missing

    def replaces(self, module: str, name: str) -> bool:
        """True if a module of the project, in any folder, that boards import before the built-in one binds the name."""
        return not world.may_come_before_files(module) and self.binds(module, (name,))

    def without_name(self, value: Value, live: Cells) -> Cells:
        """The cells on which looking up this attribute of a module raises AttributeError."""
        found = NO_CELLS
        for atom in value:
            match atom:
                case Member(Module(module), name) if module not in _NOT_FOLLOWED:
                    found |= self.lacking(module, name, live)
                case _:
                    continue
        return found

    def has_attribute(self, atom: Atom, name: str, cells: Cells) -> Value | None:
        """The result of `hasattr(atom, name)`; None if nothing is known of the atom."""
        has = _asked(atom, name)
        if has is None or self.is_own(_module_of(atom)):
            return None
        true, false = _decided(cells, has)
        return join(on(true, const(True)), on(false, const(False)), on(cells - true - false, UNKNOWN))

    def is_micropython_only(self, name: str) -> bool:
        """True if CPython has no module of this name, and MicroPython has."""
        package = name.partition(".")[0]
        inner = package in world.cpython_modules() and name not in world.cpython_inner_modules()
        known = package in MICROPYTHON_ONLY or ("." in name and inner and name in world.micropython_modules())
        return known and not self.is_own(package)

    def is_cpython_only(self, name: str) -> bool:
        """True if no MicroPython has a module of this name, and CPython has, or a package for it."""
        package = name.partition(".")[0]
        theirs = world.cpython_inner_modules() if "." in name else world.cpython_modules()
        known = not CPYTHON_ONLY.isdisjoint((name, package)) or name in theirs - world.micropython_modules()
        return known and not self.is_own(package)

    def is_standard(self, module: str) -> bool:
        """True if the module is one of MicroPython's or CPython's, and not of the project."""
        return module not in _NOT_FOLLOWED and is_known(module) and not self.is_own(module)


def is_known(module: str) -> bool:
    """True if a module of this name is one of MicroPython's or CPython's."""
    cpython = world.cpython_inner_modules() if "." in module else world.cpython_modules()
    return module in cpython or module in world.micropython_modules()


def has_module(cell: Cell, name: str) -> bool | None:
    """True if the module can be imported on a board with nothing installed."""
    package, dot, _ = name.partition(".")
    there = world.module_exists(cell, name)
    # If it is unknown whether a port has a package, so are the modules in it.
    if there is False and dot and world.module_exists(cell, package) is None:
        return None
    return there


@lru_cache(4096)
def lacking(module: str, name: str, cells: Cells) -> Cells:
    """The cells on which the module, built in or installed, has no such name."""
    return _decided(cells, lambda cell: has_name(cell, module, name))[1] if is_known(module) else NO_CELLS


def without_member(owner: Object, name: str, cells: Cells) -> Cells:
    """The cells on which an object of this class has no such attribute."""
    return _decided(cells, lambda cell: has_member(cell, owner, name))[1]


def not_built_in(name: str, cells: Cells) -> Cells:
    """The cells on which a board with nothing installed lacks the module."""
    return _decided(cells, lambda cell: has_module(cell, name))[1]


def may_be_installed(cell: Cell, name: str) -> bool:
    """True if micropython-lib has the module, and the port has the modules that it needs."""
    package = world.mip_package(name)
    if package is None or not world.mip_works(cell, name):
        return False
    return package.folder != "unix-ffi" or cell.port == "unix"


def has_name(cell: Cell, module: str, name: str) -> bool | None:
    """True if the module has the name, built in or as it is installed.

    Some builds have more names in MicroPython's own modules than the table, so a name that the table lacks is unknown.
    """
    if name in NAMES_OF_PACKAGES.get(module, ()):
        return False
    there = world.module_name(cell, module, name)
    if there is not False:
        return there
    # `from package import name`: the name may be a module in the package.
    if world.module_exists(cell, f"{module}.{name}") is not False:
        return None
    built_in = world.module_exists(cell, module) is not False
    if module not in world.cpython_modules() or module in _NAMESAKES:
        # The table has no kind for names that only the compiler knows, such as the decorator micropython.native.
        return False if built_in and module not in _VARYING and world.kind(module, name) else None
    if not built_in:
        # `import uio` is the module `io`, too (`values.Module`). A port that lacks `io` may have `uio`, with names that
        # the installed `io` lacks.
        installed = may_be_installed(cell, module) and module not in WITH_U
        return world.mip_name(module, name) if installed else None
    return False


def has_member(cell: Cell, owner: Object, name: str) -> bool | None:
    """True if an object of this class, or the class, has an attribute."""
    if owner.module == "builtins":
        return world.builtin_method(cell, owner.cls, name)
    if owner.module not in world.cpython_modules() and owner.module not in FOLLOWED:
        return None
    module, cls = _as_named(cell, owner)
    # The class comes with micropython-lib where the firmware lacks its module.
    if world.module_exists(cell, module) is False:
        return world.mip_member(module, cls, name)
    if world.module_name(cell, module, cls) is False:
        return None
    return world.class_member(cell, module, cls, name)


def are_refused(
    cell: Cell, called: Callable[[Cell], world.Call | None], positional: int, keywords: frozenset[str]
) -> bool:
    """True if a call with this number of positional arguments and these keywords raises TypeError.

    `called` returns the signature on a cell. For the documentation, True if the call raises on every port.
    """
    known = _signatures((cell,), called)
    return bool(known) and all(one.takes(positional, keywords) is False for one in known)


@lru_cache(4096)
def refusing(owner: Module | Object, name: str, positional: int, keywords: frozenset[str], cells: Cells) -> Cells:
    """The cells on which this function of a module, or method of an object of its classes, refuses such a call."""

    def called(cell: Cell) -> world.Call | None:
        return _signature(cell, owner, name)

    return frozenset(cell for cell in cells if are_refused(cell, called, positional, keywords))


@lru_cache(4096)
def parameters(owner: Module | Object, name: str, cells: Cells) -> frozenset[str]:
    """The keywords that the function or method takes on at least one of these cells."""
    known = _signatures(cells, lambda cell: _signature(cell, owner, name))
    return frozenset(word for one in known for word in (*one.named, *(one.keywords or ())))


def _signatures(cells: Iterable[Cell], called: Callable[[Cell], world.Call | None]) -> list[world.Call]:
    """The known signatures on these cells; for the documentation, those of the newest release of each port."""
    boards = [cell for cell in cells if cell.port != "docs"]
    # The documentation as the only target stands for every port.
    asked = boards or [Cell(port, NEWEST) for port in PORTS if port != "docs"]
    return [one for one in map(called, asked) if one is not None]


def _signature(cell: Cell, owner: Module | Object, name: str) -> world.Call | None:
    if isinstance(owner, Module):
        return world.signature(cell, _named(cell, owner.name), name)
    return world.signature(cell, ".".join(_as_named(cell, owner)), name)


def _named(cell: Cell, module: str) -> str:
    """The name of a module on a port, which may have it only under the name with a `u`."""
    with_u = f"u{module}"
    only = module in WITH_U and not world.module_exists(cell, module) and world.module_exists(cell, with_u)
    return with_u if only else module


def _as_named(cell: Cell, owner: Object) -> tuple[str, str]:
    """The names of the module and of the class under which the table has a class on a port."""
    if cell.port == "docs":
        return owner.module, _DOCUMENTED.get((owner.module, owner.cls), owner.cls)
    module = _named(cell, owner.module)
    return _WITHIN.get((owner.module, owner.cls), "{}").format(module), owner.cls


_WITHIN: Final = {("asyncio", "Server"): "{}.stream"}
"""The submodule of a class that its package does not export, because a function returns its objects."""

_DOCUMENTED: Final = {("asyncio", "StreamReader"): "Stream", ("asyncio", "StreamWriter"): "Stream"}
"""The names of classes in the documentation."""


def object_of(atom: Atom) -> Object | None:
    """The object whose attributes an atom has: the atom itself, an object of the class it is, or a standard stream."""
    match atom:
        case Object():
            return atom
        case Member(Module("sys"), name) if name in _STANDARD:
            return Object("builtins", "stdio")
        case Member(Module(module), name) if is_class(module, name):
            return Object(module, name)
        case _:
            return None


def is_class(module: str, name: str) -> bool:
    """True if a name of a module is a class."""
    known = world.kind(module, name) == "class" or world.mip_member(module, name, "") is not None
    return known and module not in _NOT_FOLLOWED


@lru_cache(1024)
def _without(name: str, cells: Cells) -> Cells:
    module = device.module_name(name)
    if not CPYTHON_ONLY.isdisjoint((name, module, name.partition(".")[0])):
        return cells
    if name in EVERYWHERE:
        return NO_CELLS
    missing = device.surely_without(module, cells)
    if not is_known(name):
        return missing
    installed = frozenset(cell for cell in cells if may_be_installed(cell, name))
    return missing | (_decided(cells, lambda cell: has_module(cell, name))[1] - installed)


@lru_cache(1024)
def _perhaps_without(name: str, cells: Cells) -> Cells:
    perhaps = device.perhaps_without(device.module_name(name), cells)
    return perhaps - _decided(cells, lambda cell: world.module_exists(cell, name))[0]


def _decided(cells: Cells, has: Callable[[Cell], bool | None]) -> tuple[Cells, Cells]:
    """The cells with the answer yes, and those with no. If all boards agree, so does the documentation."""
    answers = {cell: has(cell) for cell in cells}
    boards = {answer for cell, answer in answers.items() if cell.port != "docs"}
    if len(boards) == 1:
        agreed = boards.pop()
        answers = {cell: agreed if answer is None else answer for cell, answer in answers.items()}
    true, false = (frozenset(cell for cell, answer in answers.items() if answer is one) for one in (True, False))
    return true, false


def _module_of(atom: Atom) -> str:
    """The module that an atom is, or that its class is in."""
    if isinstance(atom, Module):
        return atom.name
    owner = object_of(atom)
    return owner.module if owner is not None else ""


def _asked(atom: Atom, name: str) -> Callable[[Cell], bool | None] | None:
    """The function that tells for a cell whether an atom has an attribute; None if nothing is known of the atom."""
    if isinstance(atom, Module):
        module = atom.name
        followed = module not in _NOT_FOLLOWED and is_known(module)
        return (lambda cell: has_name(cell, module, name)) if followed else None
    owner = object_of(atom)
    return (lambda cell: has_member(cell, owner, name)) if owner is not None else None

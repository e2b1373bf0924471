"""Exports: the values that one file gives to the files of its project that import it, and their look-up."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

import libcst as cst

from usock_lint.analysis.domain import flags
from usock_lint.analysis.domain.device import module_name
from usock_lint.analysis.domain.environment import Scope
from usock_lint.analysis.domain.operations import UNKNOWN, join
from usock_lint.analysis.domain.values import Cells, Imported, Member, Module, ProjectModule, Value
from usock_lint.analysis.hierarchy import Hierarchy
from usock_lint.analysis.summaries import Key
from usock_lint.files.project import binds
from usock_lint.files.sources import Sources, content
from usock_lint.ports import is_known, world
from usock_lint.ports.modules import CIRCUITPYTHON, EVERYWHERE, OFTEN_OWN

if TYPE_CHECKING:
    from typing import Protocol

    class Importer(Protocol):
        """A receiver of the functions and classes of another file."""

        def add(self, exports: Exports) -> None: ...


class Exports(NamedTuple):
    """The exports of a file. Of its nodes they hold only `nodes`, the stand-ins for functions, classes and containers.

    `names` are the module's names after its body has run, `public` those that `import *` binds, `stars` the modules
    that it star-imports itself. The other fields describe its functions and classes, and those it imports.
    """

    names: dict[str, Value]
    public: tuple[str, ...]
    stars: tuple[str, ...]
    summaries: dict[Key, Value]
    functions: frozenset[cst.CSTNode]
    hierarchy: Hierarchy
    default_values: dict[cst.FunctionDef, dict[str, Value]]
    height: int | None
    """The number of imports in a row that lead to these values; None if some were cut off that a greater depth gets."""
    nodes: frozenset[cst.CSTNode] = frozenset()


CUT_OFF: Final = Exports({}, (), (), {}, frozenset(), Hierarchy(cst.Module(())), {}, None)
"""The exports of a file that uses sockets and is too many imports away to be analysed."""

_MOST_REEXPORTS: Final = 4
"""The number of files through which a name may be re-exported."""

_BINDING_BY_TEXT: Final = re.compile(rb"\b(?:exec|globals|locals|setattr|vars)\(|\b__dict__\b")
"""Calls by which a module may bind names that its text does not have as names."""

Make = Callable[[Sources, str, Cells, int, str | None], Exports | None]
"""Makes the exports of a file from its path (`exporting.exports`). The int is the number of imports to follow from it,
below zero if the file itself is too far away. The last argument is the name that is looked up in them, None for all:
for one that has nothing to do with sockets there may be no exports, else these have all names.
"""


class Elsewhere:
    """The files of the project that one file imports. Each is analysed when one of its names is read first.

    `height` is as for `Exports`. `has_imported` tells that some names of this file are bound to `Imported`. With
    `names_files` it also tells which files an import runs.
    """

    def __init__(
        self,
        sources: Sources | None = None,
        path: str = "",
        universe: Cells = frozenset(),
        depth: int = 0,
        make: Make | None = None,
        *,
        names_files: bool = False,
    ) -> None:
        self._sources, self._path, self._universe, self._depth, self._make = sources, path, universe, depth, make
        self._names_files = names_files
        self._added: dict[str, Exports] = {}
        self._without: set[tuple[str, str | None]] = set()
        """Files and names in them for which there are no exports."""
        self.height: int | None = 0
        self.has_imported = False

    @property
    def nodes(self) -> Iterator[cst.CSTNode]:
        """The stand-ins in the exports of the files that were read so far."""
        return chain.from_iterable(one.nodes for one in self._added.values())

    def module(self, name: str) -> ProjectModule | None:
        """The module of the project that an import resolves to, else None. A relative import begins with dots."""
        sources = self._sources
        if sources is None or sources.is_spent or not (name.startswith(".") or _may_be_own(name)):
            return None
        found = sources.find(self._path, name)
        return None if found is None else ProjectModule(found.path)

    def files(self, name: str) -> tuple[str, ...]:
        """The files of the project that an import of this name runs, packages before what is in them."""
        sources = self._sources
        if sources is None or not self._names_files or sources.is_spent:
            return ()
        if not name.startswith(".") and not world.may_be_of_project(name):
            return ()
        found = (sources.find(self._path, part) for part in _parts(name))
        return tuple(one.path for one in found if one is not None and one.digest)

    def hidden(self, module: str, name: str) -> str | None:
        """The file of the project that binds this name but may be hidden by a built-in module of the same name."""
        if self._sources is None or not world.may_come_before_files(module):
            return None
        found = self._sources.find(self._path, module)
        # A file for CircuitPython is for other boards, which have other modules.
        if found is None or any(mark.encode() in content(found.path) for mark in CIRCUITPYTHON):
            return None
        package = _package(found.path)
        if not binds(found.path, name) and (package is None or self._sources.find(package, f".{name}") is None):
            return None
        return os.path.basename(found.path) if package is None else f"{module}/"

    def member(self, importer: Importer, module: ProjectModule, name: str) -> Value:
        """The value of `module.name`: the file's export, else a module in the package."""
        return self._member(importer, module, name, _MOST_REEXPORTS)

    def imported(self, module: ProjectModule, name: str) -> Value:
        """The value that `from module import name` binds, resolved only when the name is read."""
        self.has_imported = True
        return frozenset({Imported(module, name)})

    def resolved(self, importer: Importer, value: Value) -> Value:
        """The value with each imported name replaced by its value in the other file."""
        return self._resolved(importer, value, _MOST_REEXPORTS)

    def _resolved(self, importer: Importer, value: Value, left: int) -> Value:
        # Most values contain no import.
        if Imported not in map(type, value):
            return value
        parts = [
            flags.named(one.name, self._member(importer, one.module, one.name, left))
            if isinstance(one, Imported)
            else frozenset({one})
            for one in value
        ]
        return join(*parts)

    def _member(self, importer: Importer, module: ProjectModule, name: str, left: int) -> Value:
        exports = self._exports(importer, module, name) if left else None
        if exports is not None and (found := exports.names.get(name)) is not None:
            # Each re-export counts, so the search ends if two files re-export a name from each other.
            return self._resolved(importer, found, left - 1)
        # As in Python, a package's own names come before the modules in it.
        package = _package(module.path)
        inner = self._sources.find(package, f".{name}") if self._sources is not None and package else None
        if inner is not None:
            return frozenset({ProjectModule(inner.path)})
        # `from socket import *` in that file: the name is that of the socket module.
        if exports is not None and "socket" in exports.stars and is_known(name, "module"):
            return frozenset({Member(Module("socket"), name)})
        return UNKNOWN

    def public(self, importer: Importer, module: ProjectModule, scope: Scope) -> tuple[dict[str, Value], bool]:
        """The names that `from module import *` binds, with their values, and whether these are all.

        `scope` gets that file's star imports too.
        """
        exports = self._exports(importer, module, None)
        if exports is None:
            return {}, False
        scope.stars += exports.stars
        self.has_imported = True
        are_all = _BINDING_BY_TEXT.search(content(module.path)) is None
        return {name: exports.names[name] for name in exports.public}, are_all

    def _exports(self, importer: Importer, module: ProjectModule, name: str | None) -> Exports | None:
        """The exports of a module; its functions and classes are added to the importer. None if it has none."""
        if (known := self._added.get(module.path)) is not None:
            return known
        sources = self._sources
        if sources is None or self._make is None or sources.is_spent or (module.path, name) in self._without:
            return None
        exports = self._make(sources, module.path, self._universe, self._depth - 1, name)
        if exports is None or exports is CUT_OFF:
            self._without.add((module.path, name))
            if exports is CUT_OFF:  # a greater depth would find more, so these exports are of this depth only
                self.height = None
            return None
        self._added[module.path] = exports
        importer.add(exports)
        heights = self.height, exports.height
        self.height = None if heights[0] is None or heights[1] is None else max(heights[0], heights[1] + 1)
        return exports


def _may_be_own(name: str) -> bool:
    """True if a module of this name may be the project's: no firmware has it, or projects often copy it to boards."""
    plain = module_name(name)
    package = plain.partition(".")[0]
    if package in sys.stdlib_module_names:
        return package in OFTEN_OWN
    if plain not in world.micropython_modules():
        return True
    copied = world.mip_package(plain)
    return copied is not None and copied.folder != "unix-ffi" and package not in EVERYWHERE


def _parts(name: str) -> Iterator[str]:
    """`.`, `.a` and `.a.b` of `.a.b`: the packages that a module is in are imported before it."""
    dots = len(name) - len(name.lstrip("."))
    if dots:
        yield name[:dots]
    yield from (name[:place] for place in range(dots + 1, len(name)) if name[place] == ".")
    if len(name) > dots:
        yield name


def _package(path: str) -> str | None:
    """The `__init__.py` of a package, whose folder has its modules; None for a plain module."""
    if os.path.basename(path) == "__init__.py":
        return path
    return None if path.endswith(".py") else os.path.join(path, "__init__.py")

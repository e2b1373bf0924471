"""The files of a project that its other files import: found by name, and read; what was found is remembered."""

from __future__ import annotations

import os
from functools import lru_cache

from usock_lint import digests, observed
from usock_lint.diagnostics import Used
from usock_lint.fast_dataclasses import NamedTuple
from usock_lint.files.discovery import read
from usock_lint.files.project import Modules

_LARGEST = 200_000
"""The size in bytes up to which a file is read: larger ones are data."""

_MOST_LOOKUPS = 1000
"""The look-ups for one file, in it and in those that it leads to, after which no further one is followed.

Without it, the time for files that all import each other would grow with the cube of their number.
"""

_HAS = "has "
"""Begins a question whether a module exists. It stands in the place of a module's name, so that the answer is kept."""


class Followed(NamedTuple):
    """A file that an import leads to, with the digest of its bytes; "" for a folder, and for one that is not read."""

    path: str
    digest: str


class Sources:
    """Resolves imports in the files of a project to files, beginning with one file."""

    def __init__(self, path: str, folder: str | None = None, asks: Sources | None = None) -> None:
        """For the file of this path. Where no git repository is, the project begins at `folder`.

        With `asks` the answers come from there, and are remembered here as well.
        """
        self.path = os.path.abspath(path)
        self._folder = folder
        self._asks = asks
        self._modules: dict[str, Modules] = {}
        self.answers: dict[tuple[str, str], Followed | None] = {}
        """The answers that were given, by the file with the import and the name."""

    @property
    def is_spent(self) -> bool:
        """True if so much was looked up that no further file is to be followed."""
        return len(self.answers) > _MOST_LOOKUPS

    def find(self, importer: str, name: str) -> Followed | None:
        """The source that an import in a file leads to; `name` has dots in front where the import is relative."""
        key = importer, name
        if key not in self.answers:
            self.answers[key] = self._found(*key) if self._asks is None else self._asks.find(*key)
        return self.answers[key]

    def has(self, importer: str, name: str) -> bool:
        """True if the project has a module of this name for that file."""
        return self.find(importer, _HAS + name) is not None

    def used(self) -> tuple[Used, ...]:
        """The answers as they can be kept."""
        nothing = Followed("", "")
        answers = [(importer, name, *(found or nothing)) for (importer, name), found in self.answers.items()]
        # Many imports are of few files.
        paths = {importer for importer, *_ in answers} | {path for _, _, path, _ in answers if path}
        seen = {"": "", **{path: self.from_here(path) for path in paths}}
        return tuple(Used(seen[importer], name, seen[path], known) for importer, name, path, known in answers)

    def still_answers(self, kept: tuple[Used, ...]) -> bool:
        """True if the project still gives these answers."""
        home = os.path.dirname(self.path)
        for one in kept:
            self.find(os.path.normpath(os.path.join(home, one.importer)), one.name)
        return {*kept} <= {*self.used()}

    def _found(self, importer: str, name: str) -> Followed | None:
        has = name.startswith(_HAS)
        # Files that import the same ones ask the same of them.
        path = observed.once((self._folder, importer, name), lambda: self._path(importer, name))
        return None if path is None else Followed(path, "" if has else digest(path))

    def _path(self, importer: str, name: str) -> str | None:
        modules = self._modules.get(importer)
        if modules is None:
            modules = self._modules[importer] = Modules(importer, self._folder)
        if name.startswith(_HAS):
            # Any path says yes: it is not read.
            return importer if name.removeprefix(_HAS) in modules else None
        return modules.find(name)

    def from_here(self, path: str) -> str:
        """A path as seen from the folder of the file."""
        return os.path.relpath(path, os.path.dirname(self.path)).replace(os.sep, "/")


class ModulesOf:
    """The modules that another file of a project can import, tested by `name in modules`; `sources` has the answers."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.sources.has(self.sources.path, name)


class Project(Modules):
    """The modules of a project with `sources`, their files."""

    def __init__(self, path: str, folder: str | None = None) -> None:
        super().__init__(path, folder)
        self.sources = Sources(path, folder)


def digest(path: str) -> str:
    """The digest of the bytes of a file; "" for a folder, for a file that cannot be read, and for one that is large."""
    observed.read(path)
    try:
        found = os.stat(path)
    except OSError:
        return ""
    return _digest(path, found.st_mtime_ns, found.st_size)


def content(path: str) -> bytes:
    """The bytes of a file that is followed; none for what has no digest."""
    data = read(path) if observed.isfile(path) else b""
    return data if isinstance(data, bytes) and len(data) <= _LARGEST else b""


@lru_cache(4096)
def _digest(path: str, _changed: int, _size: int) -> str:
    data = content(path)
    return digests.digest(data) if data else ""

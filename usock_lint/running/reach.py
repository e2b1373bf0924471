"""Imports among the files of a project: which files the networked files of a run import, and which a program imports.

A *silent* file imports no network module itself, and no networked file is known to import it.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Collection, Iterable, Iterator, Mapping

from usock_lint.files.discovery import Found, read
from usock_lint.files.project import Modules
from usock_lint.linting.gate import may_be_own
from usock_lint.linting.role import every_word_of_imports, modules_of_imports
from usock_lint.paths import upwards
from usock_lint.ports.world import may_be_of_project


def reached(
    importers: Iterable[tuple[Found, set[bytes]]], silent: Mapping[int, Found], words: Words, but: Collection[int] = ()
) -> list[int]:
    """The silent files that the importers import, by their indices among all files; those in `but` are left out.

    An importer comes with every word of its imports. It is read again only if it has the name of a silent file, or if
    it is in a silent package, which `from . import name` does not name.
    """
    importers = [*importers]
    named = set[bytes]().union(*(own for _, own in importers))
    wanted = sorted(place for place in words.named(named) if place in silent and place not in but)
    places = {os.path.abspath(silent[place].path): place for place in wanted}
    known = {words.of[place] for place in wanted}
    packages = {os.path.dirname(path) for path, place in places.items() if place in words.packages}

    def may_import(found: Found, own: set[bytes]) -> bool:
        if not own.isdisjoint(known):
            return True
        return b"from" in own and not packages.isdisjoint(upwards(os.path.dirname(os.path.abspath(found.path))))

    paths = (path for found, own in importers if may_import(found, own) for path in _imported(found))
    return [places[path] for path in dict.fromkeys(paths) if path in places]


def used_by(importers: Iterable[tuple[Found, set[bytes]]], silent: Mapping[int, Found], words: Words) -> set[int]:
    """The silent files that the importers import, directly or through one another, by their indices."""
    used = set[int]()
    while places := reached(importers, silent, words, used):
        importers = [(found, _words_of(found)) for found in map(silent.__getitem__, places)]
        used.update(places)
    return used


class Words:
    """The last part of the name by which each of these files is imported."""

    def __init__(self, files: Mapping[int, Found]) -> None:
        self.of = {place: _word(found.path) for place, found in files.items()}
        self._by_word: dict[bytes, list[int]] = {}
        for place, word in self.of.items():
            self._by_word.setdefault(word, []).append(place)
        # A relative import leads to the package around it, whose name is not in the import.
        self.packages = {place for place, found in files.items() if found.path.endswith("__init__.py")}

    def named(self, words: Iterable[bytes]) -> set[int]:
        """The files that imports with these words may lead to."""
        return self.packages.union(*(self._by_word[word] for word in self._by_word.keys() & {*words}))


def imported(files: Iterable[Found]) -> list[str]:
    """The paths of the other files of the project that these files import at top level, directly or through others."""
    left = [*files]
    written = {os.path.abspath(found.path): found.path for found in left}
    given = len(written)
    for found in left:
        for path in _imported_at_top(found):
            whole = os.path.abspath(path)
            if whole not in written:
                written[whole] = whole if os.path.isabs(found.path) else os.path.relpath(whole)
                left.append(Found(written[whole], found.folder))
    return [*written.values()][given:]


def _imported_at_top(found: Found) -> Iterator[str]:
    """The files of the project that the imports at the top level of a file lead to."""
    data = read(found.path)
    try:
        statements = ast.parse(data).body if isinstance(data, bytes) else []
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    modules = Modules(found.path, found.folder)
    for statement in statements:
        for name in _names(statement):
            path = modules.find(name) if name.startswith(".") or may_be_of_project(name) else None
            if path and os.path.isfile(path):
                yield path


def _names(statement: ast.stmt) -> Iterator[str]:
    """The modules that an import may lead to, packages before what is in them."""
    match statement:
        case ast.Import(names=names):
            whole = [one.name for one in names]
        case ast.ImportFrom(module=module, names=names, level=level):
            base = "." * level + (module or "")
            whole = [base, *(f"{base}.{one.name}" if module else base + one.name for one in names)]
        case _:
            return
    for name in whole:
        dots = len(name) - len(name.lstrip("."))
        parts = name[dots:].split(".")
        yield from ("." * above for above in range(dots, 0, -1))
        yield from dict.fromkeys("." * dots + ".".join(parts[:end]) for end in range(1, len(parts) + 1))


def _words_of(found: Found) -> set[bytes]:
    data = read(found.path)
    return every_word_of_imports(data) if isinstance(data, bytes) else set()


def _word(path: str) -> bytes:
    """The last part of the name by which a file is imported."""
    folder, name = os.path.split(path)
    stem = name.removesuffix(".py")
    return os.fsencode(os.path.basename(os.path.abspath(folder)) if stem == "__init__" else stem)


def _imported(found: Found) -> Iterator[str]:
    """The files of the project that the imports of a file lead to."""
    data = read(found.path)
    if not isinstance(data, bytes):
        return
    modules = Modules(found.path, found.folder)
    for name in sorted(modules_of_imports(data, may_be_own)):
        if path := modules.find(name):
            yield os.path.normpath(path)

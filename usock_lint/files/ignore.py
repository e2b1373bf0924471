"""What a walk leaves out: by the patterns of the settings, by name, and by git's lists of what is not tracked."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import lru_cache

from usock_lint.fast_dataclasses import NamedTuple
from usock_lint.settings.config import Config

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usock_lint.patterns import Patterns

SKIPPED_FOLDERS = frozenset(("__pycache__", "build", "dist", "node_modules", "site-packages", "typings", "venv"))
"""Folders of other people's or generated code. Hidden folders are left out as well."""

_LISTS = frozenset((".git", ".gitignore"))


class Ignored(NamedTuple):
    """What is left out in one folder."""

    folder: str
    """Its absolute path."""
    chosen: Patterns | None
    """The patterns of the settings, which decide before all else."""
    git: tuple[Patterns, ...] | None
    """Those of the files above, the outermost first; None: nobody asks git."""

    def with_own(self, names: Iterable[str]) -> Ignored:
        """The same with what a file among these, the names of the folder's entries, adds."""
        found = _LISTS.intersection(names)
        if self.git is None or not found:
            return self
        from usock_lint import patterns

        above = patterns.of_repository(self.folder) if ".git" in found else self.git
        return self._replace(git=(*above, *patterns.read(self.folder)))

    def inner(self, name: str) -> Ignored:
        """The same for a folder in it."""
        return self._replace(folder=os.path.join(self.folder, name))

    def leaves_out(self, name: str, *, is_folder: bool) -> bool:
        """Whether an entry of the folder is left out."""
        if self.chosen is None and not self.git:
            return is_folder and is_skipped(name)
        path = os.path.join(self.folder, name)
        verdict = self.chosen.verdict(path, is_folder=is_folder) if self.chosen else None
        if verdict is None and is_folder and is_skipped(name):
            return True
        for patterns in reversed(self.git or ()):
            if verdict is not None:
                break
            verdict = patterns.verdict(path, is_folder=is_folder)
        return bool(verdict)


def is_skipped(folder: str) -> bool:
    """Whether a folder of this name is left out wherever it is."""
    return folder.startswith(".") or folder in SKIPPED_FOLDERS


def ignored(folder: str, config: Config) -> Ignored:
    """What is left out in a folder that was named."""
    whole = os.path.abspath(folder)
    chosen = _chosen(config)
    if not config.respect_gitignore:
        return Ignored(whole, chosen and chosen.inside(whole), None)
    from usock_lint import patterns

    return Ignored(whole, chosen and chosen.inside(whole), tuple(patterns.above(whole)))


def is_excluded(path: str, config: Config) -> bool:
    """Whether the settings leave out what was named, or a folder that it is in."""
    root = os.path.abspath(config.root)
    here = Ignored(root, _chosen(config), None)
    *folders, name = os.path.relpath(path, root).split(os.sep)
    for folder in folders:
        if folder != os.pardir and here.leaves_out(folder, is_folder=True):
            return True
        here = here.inner(folder)
    return here.leaves_out(name, is_folder=os.path.isdir(path))


def rules_ignored(path: str, config: Config) -> tuple[str, ...]:
    """The selectors of `per-file-ignores` that hold for a file; `!` before a pattern means all other files."""
    whole, root = os.path.abspath(path), os.path.abspath(config.root)
    found: list[str] = []
    for pattern, selectors in config.per_file_ignores:
        patterns = _patterns(root, (pattern.removeprefix("!"),))
        if patterns.leaves_out(whole, is_folder=False) != pattern.startswith("!"):
            found += selectors
    return tuple(found)


def _chosen(config: Config) -> Patterns | None:
    lines = (*config.exclude, *config.extend_exclude)
    return _patterns(os.path.abspath(config.root), lines) if lines else None


@lru_cache(64)
def _patterns(folder: str, lines: tuple[str, ...]) -> Patterns:
    from usock_lint.patterns import Patterns, parse

    return Patterns(folder, map(parse, lines))

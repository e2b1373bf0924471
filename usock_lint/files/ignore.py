"""Paths that a walk excludes: by the patterns of the settings, by name, and by git's ignore files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import lru_cache

from usock_lint.fast_dataclasses import NamedTuple
from usock_lint.settings.config import FILE, Config
from usock_lint.settings.hierarchy import Hierarchy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usock_lint.patterns import Patterns

SKIPPED_FOLDERS = frozenset(
    ("__pycache__", "build", "dist", "dist-packages", "node_modules", "site-packages", "typings", "venv")
)
"""Folders of other people's or generated code. Hidden folders are left out as well."""

_FILES = frozenset((".git", ".gitignore", FILE))


class Ignored(NamedTuple):
    """The exclusions in one folder."""

    folder: str
    """Its absolute path."""
    config: Config
    """The settings for the files in it."""
    chosen: tuple[Patterns, ...]
    """The patterns of the settings, which take precedence over all others; of several lists the last one wins."""
    git: tuple[Patterns, ...] | None
    """The ignore files of the folders above, the outermost first; None if git's are not respected."""

    def with_own(self, names: Iterable[str], settings: Hierarchy) -> Ignored:
        """Extended with the folder's own settings and `.gitignore`, if the names of its entries include them."""
        found = _FILES.intersection(names)
        here = self._with_settings(settings.inside(self.folder).config) if FILE in found else self
        if here.git is None or found <= {FILE}:
            return here
        from usock_lint import patterns

        above = patterns.of_repository(self.folder) if ".git" in found else here.git
        return here._replace(git=(*above, *patterns.read(self.folder)))

    def _with_settings(self, config: Config) -> Ignored:
        if config is self.config:
            return self
        git = (self.git or _of_git(self.folder)) if config.respect_gitignore else None
        return Ignored(self.folder, config, _chosen_inside(self.folder, config), git)

    def inner(self, name: str) -> Ignored:
        """The exclusions in a folder in this one."""
        return self._replace(folder=os.path.join(self.folder, name))

    def leaves_out(self, name: str, *, is_folder: bool) -> bool:
        """True if an entry of the folder is excluded."""
        if not self.chosen and not self.git:
            return is_folder and is_skipped(name)
        path = os.path.join(self.folder, name)
        verdict = _verdict(self.chosen, path, is_folder=is_folder)
        if verdict is None and is_folder and is_skipped(name):
            return True
        return bool(_verdict(self.git or (), path, is_folder=is_folder) if verdict is None else verdict)


def is_skipped(folder: str) -> bool:
    """True if a folder of this name is excluded wherever it is."""
    return folder.startswith(".") or folder in SKIPPED_FOLDERS


def _verdict(lists: Sequence[Patterns], path: str, *, is_folder: bool) -> bool | None:
    """The verdict of the last list with a pattern that matches a path; None if no list has one."""
    verdicts = (patterns.verdict(path, is_folder=is_folder) for patterns in reversed(lists))
    return next((verdict for verdict in verdicts if verdict is not None), None)


def ignored(folder: str, settings: Hierarchy) -> Ignored:
    """The exclusions in a folder that was named on the command line."""
    whole = os.path.abspath(folder)
    config = settings.inside(whole).config
    git = _of_git(whole) if config.respect_gitignore else None
    return Ignored(whole, config, _chosen_inside(whole, config), git)


def _of_git(folder: str) -> tuple[Patterns, ...]:
    from usock_lint import patterns

    return tuple(patterns.above(folder))


def is_excluded(path: str, settings: Hierarchy) -> bool:
    """True if the settings exclude a named path or a folder above it, so that a walk would not find the path."""
    whole = os.path.abspath(path)
    config = settings.inside(whole if os.path.isdir(whole) else os.path.dirname(whole)).config
    # Settings decide about what is below their root; about the root itself those of the folders above decide.
    while not _is_excluded(whole, config):
        whole, inner = config.root, config
        config = settings.inside(os.path.dirname(whole)).config if whole else inner
        if config is inner or not config.root:
            return False
    return True


def _is_excluded(whole: str, config: Config) -> bool:
    """True if these settings exclude the path, below their root."""
    from usock_lint.paths import relative

    root = os.path.abspath(config.root)
    here = Ignored(root, config, _chosen(config), None)
    # A pattern of an option is relative to the current folder, so it may exclude the root itself.
    if any(patterns.leaves_out(root, is_folder=True) for patterns in here.chosen if patterns.folder != root):
        return True
    *folders, name = relative(whole, root).split(os.sep)
    for folder in folders:
        if folder != os.pardir and here.leaves_out(folder, is_folder=True):
            return True
        here = here.inner(folder)
    return name != os.curdir and here.leaves_out(name, is_folder=os.path.isdir(whole))


def is_excluded_by_file(path: str, settings: Hierarchy) -> bool:
    """True if a file of settings excludes the path, for editors and flake8, which name every file.

    Without such a file nothing is excluded.
    """
    return settings.for_file(path).config.root != "" and is_excluded(path, settings)


def rules_ignored(path: str, config: Config) -> tuple[str, ...]:
    """The selectors of `per-file-ignores` that hold for a file; `!` before a pattern means all other files."""
    whole, root = os.path.abspath(path), os.path.abspath(config.root)
    found: list[str] = []
    for pattern, selectors in config.per_file_ignores:
        folder, line = (root, pattern) if isinstance(pattern, str) else pattern
        patterns = _patterns(folder, (line.removeprefix("!"),))
        if patterns.leaves_out(whole, is_folder=False) != line.startswith("!"):
            found += selectors
    return tuple(found)


def _chosen_inside(folder: str, config: Config) -> tuple[Patterns, ...]:
    """As `_chosen`, for a walk that begins at this folder."""
    return tuple(patterns.inside(folder) for patterns in _chosen(config))


def _chosen(config: Config) -> tuple[Patterns, ...]:
    """The patterns of `exclude` and `extend_exclude`, in lists of those that are relative to the same folder."""
    if not config.exclude and not config.extend_exclude:
        return ()
    from itertools import groupby

    root = os.path.abspath(config.root)
    every = (*config.exclude, *config.extend_exclude)
    # A pattern of an option comes with its own folder, the current one.
    placed = [(root, pattern) if isinstance(pattern, str) else pattern for pattern in every]
    groups = groupby(placed, key=lambda pattern: pattern[0])
    return tuple(_patterns(folder, tuple(line for _, line in lines)) for folder, lines in groups)


@lru_cache(64)
def _patterns(folder: str, lines: tuple[str, ...]) -> Patterns:
    from usock_lint.patterns import Patterns, parse

    return Patterns(folder, map(parse, lines))

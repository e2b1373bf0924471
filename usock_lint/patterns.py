"""Lines of a `.gitignore` as git reads them, one entry of a folder at a time.

pathspec knows what a line means. What the lines say together it tells of whole paths, while a walk asks of each entry
by itself, and git's answer to that (`*`, then `!*/`, then `!main.py`) cannot be had from it.
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import groupby

from usock_lint.fast_dataclasses import NamedTuple

_ANYWHERE = "^(?:.+/)?"
"""How pathspec begins the expression for a pattern that is not anchored."""

_SET = re.compile(r"(\\.)|\[\^?\]?[^]/]*\]", re.DOTALL)
"""What a set of characters becomes, once what is escaped is passed over."""


class Pattern(NamedTuple):
    """One line."""

    regex: str
    """Matches the whole path of an entry below the file's folder; that of a folder ends with `/`."""
    takes_in: bool
    """Whether the line begins with `!`."""


class _Test(NamedTuple):
    """Lines of one kind that follow each other, so that their order does not matter."""

    matches: Callable[[str], object]
    takes_in: bool


@lru_cache(1024)
def parse(line: str) -> Pattern | None:
    """The pattern in a line; None for a blank, a comment and what matches nothing."""
    line = re.sub(r"(?<!\\) +\Z", "", line.removesuffix("\r"))
    if line.startswith("#") or line.removeprefix("!") in ("", "/"):
        return None
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern  # slow to import

    try:
        found, leaves_out = GitIgnoreSpecPattern.pattern_to_regex(_in_full(line))
        if found is None:
            return None
        regex = _of_entry(found)
        _compiled(regex)
    except (ValueError, re.error):  # such as a set that ends before it begins
        return None
    return Pattern(regex, not leaves_out)


def _in_full(line: str) -> str:
    """The same pattern, said so that pathspec reads it as git does; with many stars it would also search for ever."""
    line = re.sub(r"(?<!\\)[^\S ]\Z", r"[\g<0>]", line)  # `Icon` and a carriage return: a file of macOS
    line = re.sub(r"\*{3,}", "**", line)
    return re.sub(r"(?<=/)\*\*(?=/?\Z)", "**/*", line)


def _of_entry(regex: str) -> str:
    """For an entry alone: pathspec's own also matches what is in a folder, after a slash that it has as a group."""
    regex = re.sub(r"\(\?P<\w+>/\)", "/", regex)
    regex = _SET.sub(lambda found: found[0] if found[1] else f"(?!/){found[0]}", regex)
    return regex if regex.startswith("^") else f".*{regex}"


def _compiled(regex: str) -> re.Pattern[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of `[[a]`
        return re.compile(regex, re.DOTALL)


@lru_cache(256)
def _tests(patterns: Sequence[Pattern]) -> Sequence[_Test]:
    """What to try, the last lines first: one by one they would take most of the time of a walk."""
    runs = groupby(reversed(patterns), key=lambda pattern: pattern.takes_in)
    return [_Test(_compiled(_any(pattern.regex for pattern in run)).fullmatch, takes_in) for takes_in, run in runs]


def _any(regexes: Iterable[str]) -> str:
    """One expression for several, in which what is not anchored is looked for once."""
    kinds = {True: list[str](), False: list[str]()}
    for regex in regexes:
        kinds[regex.startswith(_ANYWHERE)].append(regex.removeprefix(_ANYWHERE))
    loose = f"{_ANYWHERE}(?:{'|'.join(kinds[True])})"
    return "|".join((*kinds[False], loose) if kinds[True] else kinds[False])


class Patterns:
    """The lines of one file, or of one setting, and the folder that they are about."""

    def __init__(self, folder: str, patterns: Iterable[Pattern | None]) -> None:
        self._folder = folder
        self._patterns = tuple(pattern for pattern in patterns if pattern)
        self._tests = _tests(self._patterns)

    def verdict(self, path: str, *, is_folder: bool) -> bool | None:
        """Whether an absolute path is left out, or (False) explicitly not; None when no line is about it.

        It is about the entry alone. What is in a folder that is left out is never asked for.
        """
        below = self._below(path) + "/" * is_folder
        for test in self._tests:
            if test.matches(below):
                return not test.takes_in
        return None

    def leaves_out(self, path: str, *, is_folder: bool) -> bool:
        """Whether a path is left out, or a folder that it is in."""
        parts = self._below(path).split("/")
        steps = (os.path.join(self._folder, *parts[:depth]) for depth in range(1, len(parts)))
        return any(self.verdict(step, is_folder=True) for step in steps) or bool(
            self.verdict(path, is_folder=is_folder)
        )

    def inside(self, folder: str) -> Patterns:
        """The same, less what leaves out this folder itself: who names it wants what is in it."""
        if not self.leaves_out(folder, is_folder=True):
            return self
        alone = ((pattern, Patterns(self._folder, (pattern,))) for pattern in self._patterns)
        return Patterns(
            self._folder, (pattern for pattern, only in alone if not only.leaves_out(folder, is_folder=True))
        )

    def _below(self, path: str) -> str:
        near = path.startswith(self._folder + os.sep)
        return (path[len(self._folder) + 1 :] if near else os.path.relpath(path, self._folder)).replace(os.sep, "/")


def read(folder: str, name: str = ".gitignore") -> Sequence[Patterns]:
    """The patterns in a file of this folder, if there is one that can be read."""
    try:
        with open(os.path.join(folder, name), encoding="utf-8-sig", errors="surrogateescape", newline="\n") as file:
            lines = file.read().split("\n")
    except OSError:
        return ()
    return (Patterns(folder, map(parse, lines)),)


def of_repository(folder: str) -> Sequence[Patterns]:
    """The list that the repository in this folder keeps for itself."""
    return read(folder, os.path.join(".git", "info", "exclude"))


def above(folder: str) -> list[Patterns]:
    """What the files above a folder, up to the top of its repository, say of what is in it; the outermost first."""
    between: list[str] = []
    parent, child = folder, ""
    while not os.path.exists(os.path.join(parent, ".git")):
        parent, child = os.path.dirname(parent), parent
        if parent == child:
            return []
        between.append(parent)
    if not between:
        return []
    lists = [*of_repository(parent), *(one for each in reversed(between) for one in read(each))]
    return [one.inside(folder) for one in lists]

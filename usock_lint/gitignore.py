"""Lines of a `.gitignore` as git reads them, one entry of a folder at a time.

pathspec, which knows this form too, tells of whole paths. A walk asks of each entry by itself, and git's answer to that
(`*`, then `!*/`, then `!main.py`) cannot be had from it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

_PIECE = r"""
    (?P<folders> (?:(?<![^/])\*\*/)+ )
    | (?P<rest> (?<=/)\*\*\Z )
    | (?P<stars> \*+ )
    | (?P<one> \? )
    | \[ (?P<negated>[!^]?) (?P<set> \]? (?: \[:[a-z]+:\] | \\. | [^]\\] )* ) \]
    | \\ (?P<escaped> . )
    | (?P<plain> [^*?[\\] )
"""

_MEMBER = re.compile(r"\[:(?P<named>[a-z]+):\]|\\(?P<escaped>.)|(?P<range>-)|(?P<plain>.)", re.DOTALL)

_CLASSES = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": r"\ \t",
    "digit": "0-9",
    "lower": "a-z",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\s",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}


class Pattern(NamedTuple):
    """One line."""

    regex: str
    """Matches the whole name of an entry, or its path below the file's folder."""
    by_path: bool
    folders_only: bool
    takes_in: bool
    """Whether it begins with `!`."""


class _Test(NamedTuple):
    """Lines of one kind that follow each other, so that their order does not matter."""

    matches: Callable[[str], object]
    by_path: bool
    folders_only: bool
    takes_in: bool


def parse(line: str) -> Pattern | None:
    """The pattern in a line; None for a blank, a comment and what git matches with nothing."""
    if line.startswith("#"):
        return None
    text = re.sub(r"(?<!\\) +\Z", "", line.removesuffix("\r"))
    takes_in = text.startswith("!")
    body = text[takes_in:]
    folders_only, body = body.endswith("/"), body.removesuffix("/")
    by_path, body = "/" in body, body.removeprefix("/")
    regex = _translated(body)
    return None if regex is None else Pattern(regex, by_path, folders_only, takes_in)


def _translated(body: str) -> str | None:
    pieces: list[str] = []
    end = 0
    for found in re.compile(_PIECE, re.VERBOSE | re.DOTALL).finditer(body):
        if found.start() != end:
            break
        pieces.append(_piece(found))
        end = found.end()
    if end != len(body) or not body:
        return None
    regex = "".join(pieces)
    try:
        re.compile(regex)
    except re.error:  # a set that ends before it begins
        return None
    return regex


def _piece(found: re.Match[str]) -> str:
    match found.lastgroup:
        case "folders":
            return "(?:.+/)?"
        case "rest":
            return ".+"
        case "stars":
            return "[^/]*"
        case "one":
            return "[^/]"
        case "set":
            members = "".join(map(_member, _MEMBER.finditer(found["set"])))
            return f"(?!/)[{'^' * bool(found['negated'])}{members}]"
        case _:
            return re.escape(found["escaped"] or found["plain"])


def _member(found: re.Match[str]) -> str:
    if found["named"]:
        return _CLASSES.get(found["named"], "")
    character = found["escaped"] or found["plain"] or ""
    return "-" if found["range"] else character if character.isalnum() else f"\\{character}"


def _tests(patterns: Iterable[Pattern]) -> Iterator[_Test]:
    """What to try, the last lines first: one by one they would take most of the time of a walk."""
    for takes_in, run in groupby(reversed([*patterns]), key=lambda pattern: pattern.takes_in):
        kinds: dict[tuple[bool, bool], list[str]] = {}
        for pattern in run:
            kinds.setdefault((pattern.by_path, pattern.folders_only), []).append(pattern.regex)
        for kind, regexes in kinds.items():
            yield _Test(re.compile("|".join(regexes), re.DOTALL).fullmatch, *kind, takes_in)


class Patterns:
    """The lines of one file, or of one setting, and the folder that they are about."""

    def __init__(self, folder: str, patterns: Iterable[Pattern | None]) -> None:
        self._folder = folder
        self._patterns = [pattern for pattern in patterns if pattern]
        self._tests = [*_tests(self._patterns)]

    def verdict(self, path: str, *, is_folder: bool) -> bool | None:
        """Whether an absolute path is left out, or (False) explicitly not; None when no line is about it.

        It is about the entry alone. What is in a folder that is left out is never asked for.
        """
        below = self._below(path)
        name = below.rpartition("/")[2]
        for test in self._tests:
            if (is_folder or not test.folders_only) and test.matches(below if test.by_path else name):
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

"""Lines of a `.gitignore` as git reads them (dir.c and wildmatch.c), one entry of a folder at a time.

A walk asks about one entry at a time, as git does: that matters for `*`, then `!*/`, then `!main.py`. pathspec answers
for whole paths, and importing it takes as long as a run.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import groupby

from usock_lint import observed
from usock_lint.fast_dataclasses import NamedTuple

_FOLDER = "\0"
"""Ends the path of a folder that is matched, so that `name/` matches folders only. No file name has this character."""

_ANYWHERE = r"(?:[^\0]+/)?"

_MEMBER = r"\[:(?P<kind>[^]]*):\]|(?P<first>\\.|[^\\])(?:-(?P<last>\\.|[^\\\]]))?"
"""A member of a set of characters."""

_ANY_MEMBER = re.sub(r"\?P<\w+>", "?:", _MEMBER)
# A member is taken whole: what a lookahead has found is not tried again in another way.
_FIRST, _NEXT = (rf"(?=(?P<{name}>{_ANY_MEMBER}))(?P={name})" for name in ("head", "next"))
_PART = rf"""(?x) (?P<stars>\*+) (?P<slash>/?) | (?P<any>\?)
    | \[ (?P<but>[!^]?) (?P<set> {_FIRST} (?: (?!\]) {_NEXT} )* ) \]
    | \\? (?P<char>.)"""
_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": r" \t",
    "cntrl": r"\0-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t-\r ",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}


class Pattern(NamedTuple):
    """One line."""

    regex: str
    """Matches the whole path of an entry below the file's folder; that of a folder ends with `_FOLDER`."""
    takes_in: bool
    """True if the line begins with `!`."""


class _Test(NamedTuple):
    """Consecutive lines of one kind (with or without `!`) as one regular expression: their order does not matter."""

    matches: Callable[[str], object]
    takes_in: bool


@lru_cache(1024)
def parse(line: str) -> Pattern | None:
    """The pattern in a line; None for a blank, a comment and what matches nothing."""
    line = re.sub(r"(\\.)| +\Z", lambda found: found[1] or "", line.removesuffix("\r"))
    whole = line.removeprefix("!")
    if line.startswith("#") or whole in ("", "/"):
        return None
    body = whole.removesuffix("/")
    try:
        regex = _regex(_in_bytes(body.removeprefix("/")))
    except ValueError:
        return None
    start, end = "" if "/" in body else _ANYWHERE, _FOLDER if body != whole else f"{_FOLDER}?"
    return Pattern(f"{start}{regex}{end}", line != whole)


def _in_bytes(text: str) -> str:
    """A character for each byte: that is what `?` and a set stand for."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("latin-1")


def _regex(body: str) -> str:
    """Raises ValueError for what matches nothing: a set that does not end, or a backslash at the end."""
    return "".join(_part(body, found) for found in re.finditer(_PART, body, re.DOTALL))


def _part(body: str, found: re.Match[str]) -> str:
    if found[0] in ("[", "\\", _FOLDER):
        raise ValueError(body)
    if found["stars"]:
        return _stars(body, found)
    if found["set"]:
        return _set(found["set"], negated=bool(found["but"]))
    return r"[^/\0]" if found["any"] else re.escape(found["char"])


def _stars(body: str, found: re.Match[str]) -> str:
    """The expression for stars: `**` between slashes is any number of folders, and the same as `*` elsewhere.

    git compares the literal beginning of a pattern on its own and matches the rest as a pattern, so that the stars of
    `li**/a` count as ones at the beginning.
    """
    start, rest = found.start(), body[found.end("stars") :]
    begins = body[:start].endswith("/") or not re.search(r"[*?[\\]", body[:start])
    if len(found["stars"]) == 1 or not begins or not (rest == "" or rest.startswith(("/", "\\/"))):
        return rf"[^/\0]*{found['slash']}"
    return r"(?:[^\0]*/)?" if found["slash"] else r"[^\0]*"


def _set(members: str, *, negated: bool) -> str:
    """A set of characters, or the complement of one; neither matches a slash."""
    found = "".join(_member(member) for member in re.finditer(_MEMBER, members, re.DOTALL))
    return rf"(?![/\0])[{'^' * negated}{found}]"


def _member(found: re.Match[str]) -> str:
    """A class, a character or a range in a set; a range whose end precedes its beginning is its beginning alone."""
    if found["kind"] is not None:
        if found["kind"] not in _CLASSES:
            raise ValueError(found[0])
        return _CLASSES[found["kind"]]
    first, last = found["first"][-1], (found["last"] or "")[-1:]
    return re.escape(first) + (f"-{re.escape(last)}" if first <= last else "")


@lru_cache(256)
def _tests(patterns: Sequence[Pattern]) -> Sequence[_Test]:
    """The lines joined to tests, the last ones first: to match line by line would take most of the time of a walk."""
    runs = groupby(reversed(patterns), key=lambda pattern: pattern.takes_in)
    return [
        _Test(re.compile(_any(pattern.regex for pattern in run), re.DOTALL).fullmatch, takes_in)
        for takes_in, run in runs
    ]


def _any(regexes: Iterable[str]) -> str:
    """One expression for several. Those that match at any depth share their beginning, so that it is searched once."""
    kinds = {True: list[str](), False: list[str]()}
    for regex in regexes:
        kinds[regex.startswith(_ANYWHERE)].append(regex.removeprefix(_ANYWHERE))
    loose = f"{_ANYWHERE}(?:{'|'.join(kinds[True])})"
    return "|".join((*kinds[False], loose) if kinds[True] else kinds[False])


class Patterns:
    """The lines of one file, or of one setting, and the folder that they are about."""

    def __init__(self, folder: str, patterns: Iterable[Pattern | None]) -> None:
        self.folder = folder
        self._patterns = tuple(pattern for pattern in patterns if pattern)
        self._tests = _tests(self._patterns)

    def verdict(self, path: str, *, is_folder: bool) -> bool | None:
        """True if the last line that matches an absolute path leaves it out, False if it begins with `!`, else None.

        Only the entry itself is matched, not the folders that it is in: a walk does not enter one that is left out.
        """
        below = _in_bytes(self._below(path)) + _FOLDER * is_folder
        for test in self._tests:
            if test.matches(below):
                return not test.takes_in
        return None

    def leaves_out(self, path: str, *, is_folder: bool) -> bool:
        """True if a path, or a folder above it, is excluded."""
        parts = self._below(path).split("/")
        steps = (os.path.join(self.folder, *parts[:depth]) for depth in range(1, len(parts)))
        return any(self.verdict(step, is_folder=True) for step in steps) or bool(
            self.verdict(path, is_folder=is_folder)
        )

    def inside(self, folder: str) -> Patterns:
        """The patterns for a walk that begins at this folder: without those that leave out the folder itself."""
        if folder == self.folder or not self.leaves_out(folder, is_folder=True):
            return self
        alone = ((pattern, Patterns(self.folder, (pattern,))) for pattern in self._patterns)
        return Patterns(
            self.folder, (pattern for pattern, only in alone if not only.leaves_out(folder, is_folder=True))
        )

    def _below(self, path: str) -> str:
        if path.startswith(self.folder + os.sep):
            return path[len(self.folder) + 1 :].replace(os.sep, "/")
        from usock_lint.paths import relative  # walks never come here

        return relative(path, self.folder).replace(os.sep, "/")


def read(folder: str, name: str = ".gitignore") -> Sequence[Patterns]:
    """The patterns in a file of this folder, if there is one that can be read."""
    path = os.path.join(folder, name)
    if not observed.isfile(path):  # who opens a pipe waits for somebody to write into it
        return ()
    observed.read(path)
    try:
        with open(path, encoding="utf-8-sig", errors="surrogateescape", newline="\n") as file:
            lines = file.read().split("\n")
    except OSError:
        return ()
    return (Patterns(folder, map(parse, lines)),)


def of_repository(folder: str) -> Sequence[Patterns]:
    """The list that the repository in this folder keeps for itself."""
    return read(folder, os.path.join(".git", "info", "exclude"))


def above(folder: str) -> list[Patterns]:
    """The ignore files of the folders above a folder, up to the top of its repository; the outermost first."""
    between: list[str] = []
    parent, child = folder, ""
    while not observed.exists(os.path.join(parent, ".git")):
        parent, child = os.path.dirname(parent), parent
        if parent == child:
            return []
        between.append(parent)
    if not between:
        return []
    lists = [*of_repository(parent), *(one for each in reversed(between) for one in read(each))]
    return [one.inside(folder) for one in lists]

"""What a whole run printed, repeated as long as all that the run read is as it was.

A record has the output of a run and the questions that the run asked the file system (`usock_lint.observed`), with a
digest of the answers: size, times and inode of each file that it read, the names in each folder, whether a path is
there. It is in the folder of the cache, under a digest of the command line and of what else the output depends on.
A run that finds its record asks again; if all answers are the same, it opens no other file and prints what the record
says.

A file may change twice within one tick of the file system's clock, and looks the same then. So a record is made only if
no file or folder has changed since shortly before the run began, as git trusts its index only for older files.
"""

from __future__ import annotations

import os
import sys
import time

from usock_lint import observed
from usock_lint.running import cache_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from usock_lint.observed import Observed

_TICK = 2_000_000_000
"""Nanoseconds within which two changes of a file may have the same time: FAT counts in twos of seconds."""

_VARIABLES = (
    "LC_ALL LC_MESSAGES LANG NO_COLOR FORCE_COLOR TERM USOCK_LINT_DEBUG GITHUB_WORKSPACE CI_PROJECT_DIR"
).split()
"""The variables of the environment that the output depends on."""

_MANY = 200
"""A run that reads at least this many files makes the folder of the cache for its record, if there is none yet."""

_ENDING = ".run"

_HIDDEN = frozenset((".git", ".gitignore"))
"""The hidden files that matter beside Python's. Hidden folders do where the settings take them in."""


class Run:
    """The run of a process that runs one command and ends."""

    current: Run | None = None
    """The run of this process; None in a process that may run others, such as that of a test."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        self._start = time.time_ns()
        self._observed: Observed | None = None

    def repeat(self) -> int | None:
        """Print what an equal run printed and return its exit code; None if there is none, or anything has changed."""
        folder = self._folder()
        if not os.path.isdir(folder):  # as in most short runs
            return None
        try:
            checksum, _, record = cache_folder.get(folder, self._name()).partition(b"\0")
            if checksum != _digest(record).encode():
                return None
            code, output, errors, answers, *questions = _text(record).split("\0")
            status = int(code)
            read, listed, files, paths, names = (part.split("\n") if part else [] for part in questions)
        except (OSError, ValueError):  # no current folder, or a record of another release in the same place
            return None
        there = (str(ask(path)) for ask, each in ((os.path.isfile, files), (os.path.exists, paths)) for path in each)
        asked = (question.partition("/") for question in names)
        named = ("/".join(observed.names(folder, part)) for part, _, folder in asked)
        if answers != _digest_of(*_states(read, listed), *there, *named):
            return None
        sys.stdout.write(output)
        sys.stdout.flush()
        sys.stderr.write(errors)
        return status

    def begin(self) -> None:
        """Note what the run asks from now on, if it lints files once and then ends."""
        self._observed = observed.begin()

    def keep(self, folder: str, status: int, output: str, errors: str) -> None:
        """Make the record of this run, if nothing that it read has changed meanwhile."""
        asked = self._observed
        if asked is None or not (len(asked.read) >= _MANY or cache_folder.is_ours(folder)):
            return
        from usock_lint.running.cache import code

        try:
            code()  # notes the files of the package among those that were read
            record = self._record(asked, status, output, errors)
            if record and cache_folder.make(folder):
                cache_folder.put(folder, self._name(), _digest(record).encode() + b"\0" + record)
        except (OSError, ValueError):  # a full disk, or output that no encoding can write
            return

    def _record(self, asked: Observed, status: int, output: str, errors: str) -> bytes | None:
        """The record as `repeat` reads it. Raises OSError if something that was read is gone."""
        read, listed, files, paths = _questions(asked)
        names = {f"{part}/{_whole(folder)}": found for (folder, part), found in asked.names.items()}
        states = [*_states(read, listed)]
        if _newest((*read, *listed)) > self._start - _TICK:
            return None
        answers = _digest_of(*states, *map(str, (*files.values(), *paths.values(), *names.values())))
        parts = [str(status), output, errors, answers, *map("\n".join, (read, listed, files, paths, names))]
        record = _bytes("\0".join(parts))
        return record if record.count(b"\0") == len(parts) - 1 else None

    def _name(self) -> str:
        """The name of the record. Raises OSError if the current folder is gone."""
        parts = [__file__, sys.version, os.getcwd(), *sys.path, *(os.environ.get(name, "") for name in _VARIABLES)]
        parts += [str(sys.stdout.isatty()), sys.stdout.encoding, *self._words]
        return _digest(_bytes("\0".join(parts))) + _ENDING

    def _folder(self) -> str:
        """The folder of the cache, guessed from the words without a parser: a wrong one has no record of them."""
        folder = cache_folder.CACHE
        for before, word in zip(("", *self._words), self._words, strict=False):
            if before == "--cache-dir":
                folder = word
            elif word.startswith("--cache-dir="):
                folder = word.partition("=")[2]
        return folder


def _states(read: Iterable[str], listed: Iterable[str]) -> Iterator[str]:
    """A text for each file that is read, and for each folder that is listed, which is another one after a change."""
    for path in read:
        try:
            found = os.stat(path)
            yield f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns} {found.st_ino}"
        except OSError:
            yield ""
    for folder in listed:
        yield "/".join(_names(folder))


def _names(folder: str) -> list[str]:
    """The entries of a folder that a run may look at, with marks for folders and links; "." is the folder itself."""
    try:
        with os.scandir(folder) as entries:
            return [".", *sorted(filter(None, map(_marked, entries)))]
    except OSError:
        return []


def _marked(entry: os.DirEntry[str]) -> str:
    """The name of an entry, with its marks; "" if no run looks at it."""
    name = entry.name
    try:
        is_folder = entry.is_dir()
    except OSError:  # a link in a circle
        is_folder = False
    counts = name[0] != "." or name.endswith(".py") or name in _HIDDEN or (is_folder and name != cache_folder.CACHE)
    return f"{name}{'/' * is_folder}{'@' * entry.is_symlink()}" if counts else ""


def _whole(path: str) -> str:
    """The absolute path. `..` stays: after a link, that does not lead to the folder above."""
    return os.path.join(os.getcwd(), path) if os.pardir in path else os.path.abspath(path)


def _newest(paths: Iterable[str]) -> int:
    """The time of the last change of any of these. Raises OSError."""
    return max(max(found.st_mtime_ns, found.st_ctime_ns) for found in map(os.stat, paths))


def _questions(asked: Observed) -> tuple[list[str], list[str], Mapping[str, bool], Mapping[str, bool]]:
    """The files that were read, the folders that were listed, and the paths that were files, or were there, or not.

    Each is there once. What is not in a folder that is listed needs no question of its own, unless it is hidden.
    """
    read = [*dict.fromkeys(map(_whole, asked.read))]
    listed = {_whole(path): changed != 0 for path, changed in asked.listed.items()}
    files, paths = ({_whole(path): there for path, there in each.items()} for each in (asked.files, asked.paths))
    folders = [path for path, there in listed.items() if there]
    known = {path: {name.rstrip("/@") for name in _names(path)} for path in folders}

    def is_open(path: str, there: bool) -> bool:
        above, name = os.path.split(path)
        return there or above not in known or name in known[above] or name[0] == "."

    absent = {path: False for path, there in listed.items() if not there}
    files, paths = (
        {path: there for path, there in each.items() if is_open(path, there)} for each in (files, absent | paths)
    )
    return read, folders, files, paths


def _digest_of(*answers: str) -> str:
    return _digest(_bytes("\n".join(answers)))


def _digest(data: bytes) -> str:
    from usock_lint.digests import digest  # a run without the folder of a cache needs none

    return digest(data)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")

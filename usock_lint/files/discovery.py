"""Which files to lint: those that are named, and the Python files below folders."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator

from usock_lint.fast_dataclasses import NamedTuple
from usock_lint.files.ignore import Ignored, ignored, is_excluded
from usock_lint.settings.config import Config

_DEFAULTS = Config()


class Unreadable(NamedTuple):
    """A path that was to be linted and cannot be, and why in a few words."""

    path: str
    reason: str


def discover(paths: Iterable[str | os.PathLike[str]], config: Config = _DEFAULTS) -> Iterator[str | Unreadable]:
    """The files to lint, each once: those named, in their order, and the `.py` files below folders, sorted.

    `usock_lint.files.ignore` says what is left out. Links to folders are not followed, so that a loop of them ends.
    """
    seen: set[str] = set()
    for path in paths:
        name = _plain(os.fspath(path))
        for found in _named(name, config):
            key = found if isinstance(found, str) else found.path
            if key not in seen:
                seen.add(key)
                yield found


def _plain(path: str) -> str:
    """A path without what says nothing (`./`, `//`). `..` stays: after a link it leads elsewhere."""
    return path if os.pardir in path else os.path.normpath(path)


def _named(path: str, config: Config) -> Iterator[str | Unreadable]:
    if config.force_exclude and is_excluded(path, config):
        return
    if os.path.isdir(path):
        yield from _walk(path, ignored(path, config))
    else:
        yield path


def _walk(folder: str, left_out: Ignored) -> Iterator[str | Unreadable]:
    pending: list[tuple[str, Ignored | None]] = [(folder, left_out)]
    while pending:
        path, inside = pending.pop()
        if inside is None:
            yield path
            continue
        try:
            pending += reversed(_wanted(path, inside))
        except OSError as error:
            yield Unreadable(path, reason(error))


def _wanted(folder: str, left_out: Ignored) -> list[tuple[str, Ignored | None]]:
    """The paths of a folder's Python files, and of the folders to look into with what is left out in them."""
    wanted: list[tuple[str, Ignored | None]] = []
    with os.scandir(folder) as scan:
        entries = sorted(scan, key=lambda entry: entry.name)
    here = left_out.with_own(entry.name for entry in entries)
    for entry in entries:
        is_folder = entry.is_dir(follow_symlinks=False)
        if (is_folder or _is_python(entry)) and not here.leaves_out(entry.name, is_folder=is_folder):
            path = entry.name if folder == os.curdir else entry.path
            wanted.append((path, here.inner(entry.name) if is_folder else None))
    return wanted


def _is_python(entry: os.DirEntry[str]) -> bool:
    """Whether an entry that is no folder is a Python file, or a link that cannot be followed to see."""
    try:
        return entry.name.endswith(".py") and not entry.is_dir()
    except OSError:
        return True


def read(path: str) -> bytes | Unreadable:
    """The bytes of a regular file. A fifo or a device is never opened, since that could wait for ever."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return Unreadable(path, "Not a regular file")
        with open(path, "rb") as file:
            return file.read()
    except (OSError, ValueError) as error:
        return Unreadable(path, reason(error))


def reason(error: OSError | ValueError) -> str:
    """The system's words for an error, without its number and without the path."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)

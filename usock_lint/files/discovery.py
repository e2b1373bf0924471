"""Which files to lint: those that are named, and the Python files below folders."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator

from usock_lint import observed
from usock_lint.fast_dataclasses import NamedTuple
from usock_lint.files.ignore import Ignored, ignored, is_excluded
from usock_lint.settings.config import Config
from usock_lint.settings.hierarchy import Hierarchy

_DEFAULTS = Config()


class Unreadable(NamedTuple):
    """A path that cannot be read, and the reason in a few words."""

    path: str
    reason: str


class Found(NamedTuple):
    """A file to lint, or a named path that the settings exclude (`force-exclude`)."""

    path: str
    folder: str | None = None
    """The named folder below which the file was found; None for a file that was named itself."""
    excluded: bool = False


def discover(
    paths: Iterable[str | os.PathLike[str]], config: Config | Hierarchy = _DEFAULTS
) -> Iterator[Found | Unreadable]:
    """The files to lint, each once: those named, in their order, and the `.py` files below folders, sorted.

    `usock_lint.files.ignore` says what is left out. Links to folders are not followed, so that a loop of them ends.
    """
    settings = Hierarchy.of(config)
    names = [_plain(os.fspath(path)) for path in paths]
    named, seen = {*names}, set[str]()
    for name in names:
        for found in _named(name, settings):
            if found.path not in seen:
                seen.add(found.path)
                is_named = isinstance(found, Found) and found.path in named
                yield found._replace(folder=None) if is_named else found


def _plain(path: str) -> str:
    """A path without `./` and `//`. One with `..` is kept: after a link, that does not lead to the folder above."""
    return path if os.pardir in path else os.path.normpath(path)


def _named(path: str, settings: Hierarchy) -> Iterator[Found | Unreadable]:
    """The files that one of the paths stands for."""
    is_folder, whole = os.path.isdir(path), os.path.abspath(path)
    config = settings.inside(whole if is_folder else os.path.dirname(whole)).config
    if config.force_exclude and is_excluded(path, settings):
        observed.isfile(path)  # to note that it is asked for: it is neither read nor listed
        yield Found(path, excluded=True)
    elif is_folder:
        yield from _walk(path, ignored(path, settings), settings)
    else:
        yield Found(path)


def _walk(folder: str, left_out: Ignored, settings: Hierarchy) -> Iterator[Found | Unreadable]:
    """The files below a folder. Pending are folders, each with the exclusions in it, and files, with None."""
    pending: list[tuple[str, Ignored | None]] = [(folder, left_out)]
    while pending:
        path, inside = pending.pop()
        if inside is None:
            yield Found(path, folder)
            continue
        try:
            pending += reversed(_wanted(path, inside, settings))
        except OSError as error:
            yield Unreadable(path, reason(error))


def _wanted(folder: str, left_out: Ignored, settings: Hierarchy) -> list[tuple[str, Ignored | None]]:
    """The paths of a folder's Python files, each with None, and of its folders, each with the exclusions in it."""
    wanted: list[tuple[str, Ignored | None]] = []
    observed.listed(folder)
    with os.scandir(folder) as scan:
        entries = sorted(scan, key=lambda entry: entry.name)
    here = left_out.with_own((entry.name for entry in entries), settings)
    for entry in entries:
        is_folder = entry.is_dir(follow_symlinks=False)
        if (is_folder or _is_python(entry)) and not here.leaves_out(entry.name, is_folder=is_folder):
            path = entry.name if folder == os.curdir else entry.path
            wanted.append((path, here.inner(entry.name) if is_folder else None))
    return wanted


def passed_over(folder: str, settings: Hierarchy) -> Iterator[str]:
    """The excluded Python files below a folder, and the excluded folders with Python files in them."""
    pending = [(folder, ignored(folder, settings))]
    while pending:
        path, left_out = pending.pop()
        try:
            with os.scandir(path) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError:
            continue
        here = left_out.with_own((entry.name for entry in entries), settings)
        for entry in entries:
            is_folder = entry.is_dir(follow_symlinks=False)
            if here.leaves_out(entry.name, is_folder=is_folder):
                if _has_python(entry.path) if is_folder else _is_python(entry):
                    yield os.path.relpath(entry.path, folder) + os.sep * is_folder
            elif is_folder:
                pending.append((entry.path, here.inner(entry.name)))


def _has_python(folder: str) -> bool:
    return any(name.endswith(".py") for _, _, names in os.walk(folder) for name in names)


def _is_python(entry: os.DirEntry[str]) -> bool:
    """True if an entry other than a folder is a Python file, or a link that cannot be followed."""
    try:
        return entry.name.endswith(".py") and not entry.is_dir()
    except OSError:
        return True


NOTEBOOK = "A notebook is not Python; `jupyter nbconvert --to script` writes its code"
NOT_REGULAR = "Not a regular file"


def read(path: str) -> bytes | Unreadable:
    """The bytes of a regular file. A fifo or a device is not opened, since that could wait for ever.

    A file that becomes one between the question and the opening is opened without waiting, and not read.
    A notebook is JSON, which Python reads as an expression without a fault.
    """
    if path.endswith(".ipynb"):
        return Unreadable(path, NOTEBOOK)
    observed.read(path)
    try:
        if stat.S_ISREG(os.stat(path).st_mode):
            with open(path, "rb", buffering=0, opener=_at_once) as file:
                if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    return file.read()
        return Unreadable(path, NOT_REGULAR)
    except (OSError, ValueError) as error:
        return Unreadable(path, reason(error))


def _at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # Windows has neither the flag nor fifos in folders


def reason(error: OSError | ValueError) -> str:
    """The system's words for an error, without its number and without the path."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)

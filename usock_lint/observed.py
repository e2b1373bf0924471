"""What a run asks the file system: the files that it reads, the folders that it lists, and which paths are there.

`running/unchanged.py` asks again before it repeats the result of a run. Nothing is noted unless a process asks for it
at its start: one that has linted before has answers of its own in memory, and asks less.
"""

from __future__ import annotations

import os


class Observed:
    """The paths as the run wrote them."""

    def __init__(self) -> None:
        self.read: dict[str, None] = {}
        """Files whose bytes were read."""
        self.listed: dict[str, bool] = {}
        """Folders whose entries were asked for, and whether they are there."""
        self.files: dict[str, bool] = {}
        """Paths, and whether they are regular files."""
        self.paths: dict[str, bool] = {}
        """Paths, and whether they are there."""
        self.names: dict[tuple[str, str], str] = {}
        """Folders, a part of names, and the names with this part in the folder."""


class _Notes:
    taken: Observed | None = None


def begin() -> Observed:
    """Note from now on what is asked."""
    _Notes.taken = Observed()
    return _Notes.taken


def is_noted() -> bool:
    """True if notes are taken."""
    return _Notes.taken is not None


def read(path: str) -> None:
    """Note that a file is read."""
    if _Notes.taken is not None:
        _Notes.taken.read[path] = None


def listed(folder: str, there: bool) -> None:
    """Note that the entries of a folder are asked for."""
    if _Notes.taken is not None:
        _Notes.taken.listed[folder] = there


def names(folder: str, part: str) -> list[str]:
    """The names with this part in a folder, sorted; none without the folder."""
    try:
        found = sorted(name for name in os.listdir(folder or os.curdir) if part in name)
    except OSError:
        found = []
    if _Notes.taken is not None:
        _Notes.taken.names[folder, part] = "/".join(found)
    return found


def isfile(path: str) -> bool:
    """As `os.path.isfile`."""
    found = os.path.isfile(path)
    if _Notes.taken is not None:
        _Notes.taken.files[path] = found
    return found


def exists(path: str) -> bool:
    """As `os.path.exists`."""
    found = os.path.exists(path)
    if _Notes.taken is not None:
        _Notes.taken.paths[path] = found
    return found

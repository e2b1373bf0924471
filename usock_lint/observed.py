"""What a run asks the file system: the files that it reads, the folders that it lists, and which paths are there.

`running/unchanged.py` asks the same questions again before it repeats the result of a run. Notes are taken only if a
process asks for them at its start: a process that has linted before has answers in memory and asks less. A question
with a note is not asked again in the same run, which takes the file system to stand still.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    Answer = TypeVar("Answer")


class Observed:
    """The paths as the run wrote them."""

    def __init__(self) -> None:
        self.read: dict[str, None] = {}
        """Files whose bytes were read."""
        self.listed: dict[str, int] = {}
        """Folders whose entries were asked for, and when one was last added or removed; 0 for one that is not there."""
        self.files: dict[str, bool] = {}
        """Paths, and whether they are regular files."""
        self.paths: dict[str, bool] = {}
        """Paths, and whether they are there."""
        self.found: dict[object, object] = {}
        """Answers that follow from others, by the questions."""
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


def once(question: object, answer: Callable[[], Answer]) -> Answer:
    """The answer to a question that others answer, about paths and folders, which are noted themselves."""
    if _Notes.taken is None:
        return answer()
    known: dict[object, Any] = _Notes.taken.found
    if question not in known:
        known[question] = answer()
    return known[question]


def read(path: str) -> None:
    """Note that a file is read."""
    if _Notes.taken is not None:
        _Notes.taken.read[path] = None


def listed(folder: str) -> int:
    """Note that the entries of a folder are asked for; the time when one was last added, 0 without a folder."""
    known = _Notes.taken.listed if _Notes.taken is not None else {}
    found = known.get(folder)
    if found is None:
        try:
            found = os.stat(folder).st_mtime_ns
        except OSError:
            found = 0
        known[folder] = found
    return found


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
    known = _Notes.taken.files if _Notes.taken is not None else {}
    if path not in known:
        known[path] = os.path.isfile(path)
    return known[path]


def exists(path: str) -> bool:
    """As `os.path.exists`."""
    known = _Notes.taken.paths if _Notes.taken is not None else {}
    if path not in known:
        known[path] = os.path.exists(path)
    return known[path]

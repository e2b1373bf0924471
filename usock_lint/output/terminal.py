"""Colours for terminals, and text without control characters."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, TextIO

    Part = Literal["path", "error", "warning", "gutter", "mark", "note", "removed", "added"]

    When = Literal["auto", "always", "never"]

Paint = Callable[["Part", str], str]
"""Gives a part of a line its colour."""

_SGR: Mapping[Part, str] = {
    "path": "1",
    "error": "1;31",
    "warning": "1;33",
    "gutter": "34",
    "mark": "31",
    "note": "1;36",
    "removed": "31",
    "added": "32",
}
_DIFF: Sequence[tuple[str, Part]] = (
    ("--- ", "path"),
    ("+++ ", "path"),
    ("@@", "note"),
    ("-", "removed"),
    ("+", "added"),
)
"""Prefixes of the lines of a diff, and the part that each marks."""


_VIRTUAL_TERMINAL = 0x0004
"""The mode in which a Windows console interprets control sequences, as terminals of other systems do."""

_CONTROLS = {number: f"\\x{number:02x}" for number in (*range(0x20), *range(0x7F, 0xA0))}


def visible(text: str) -> str:
    """The text on one line, with escapes in place of control characters."""
    return text.translate(_CONTROLS)


def plain(_part: Part, text: str) -> str:
    """Leaves the text as it is."""
    return text


def coloured(part: Part, text: str) -> str:
    """Puts the text between the control sequences that terminals know."""
    return f"\x1b[{_SGR[part]}m{text}\x1b[0m"


def diff_in_colour(diff: str, paint: Paint) -> str:
    """A unified diff with its removed and added lines, and the lines that say where, in their colours."""
    return "".join(_diff_line(line, paint) for line in diff.splitlines(keepends=True))


def _diff_line(line: str, paint: Paint) -> str:
    text = line.rstrip("\r\n")
    for beginning, part in _DIFF:
        if line.startswith(beginning):
            return paint(part, text) + line[len(text) :]
    return line


def is_terminal(stream: TextIO) -> bool:
    """True if a stream is a terminal that interprets control sequences. On Windows that mode is switched on."""
    if not stream.isatty() or sys.platform != "win32":
        return stream.isatty()
    import ctypes
    import msvcrt

    kernel, mode = ctypes.windll.kernel32, ctypes.c_ulong()
    console = ctypes.c_void_p(msvcrt.get_osfhandle(stream.fileno()))
    if not kernel.GetConsoleMode(console, ctypes.byref(mode)):
        return False
    return bool(kernel.SetConsoleMode(console, mode.value | _VIRTUAL_TERMINAL))


def paint_for(stream: TextIO, environment: Mapping[str, str], when: When = "auto") -> Paint:
    """Colours for a terminal only, unless NO_COLOR or, weaker, FORCE_COLOR says otherwise; as CPython decides it.

    `when` is what the command line says, which counts for more than either.
    """
    if when != "auto":
        return coloured if when == "always" else plain
    if environment.get("NO_COLOR"):
        return plain
    terminal = environment.get("TERM") != "dumb" and is_terminal(stream)
    return coloured if environment.get("FORCE_COLOR") or terminal else plain

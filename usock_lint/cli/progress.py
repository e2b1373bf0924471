"""Progress of a long run: one line on a terminal, nothing anywhere else."""

from __future__ import annotations

import sys
import time

from usock_lint.output.terminal import is_terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Self

_PATIENCE = 1.0
"""Seconds before the first line: a short run shows no progress."""

_INTERVAL = 0.1
"""Seconds between two writes of the line."""


class Progress:
    """A context in which a line on standard error, if that is a terminal, shows how many files are done."""

    def __init__(self) -> None:
        self._next = time.monotonic() + _PATIENCE if is_terminal(sys.stderr) else float("inf")
        self._shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            self._write("")

    def show(self, done: int, known: int) -> None:
        """Show the number of files that are done. It may be called often, because it writes only now and then."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _INTERVAL
            self._shown = True
            self._write(f"{done} of {known} files")

    def _write(self, text: str) -> None:
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()

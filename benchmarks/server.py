"""What someone waits for in an editor, measured at the other end of the language server's pipes."""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from pathlib import Path
from typing import NamedTuple

from tests.support.editor import editing


class Times(NamedTuple):
    """Seconds, as texts: the median and the spread."""

    diagnostics: str
    """From a change until its findings are published."""
    first_hover: str
    hover: str


def times(folder: Path, text: str, rounds: int, *, processor: bool) -> Times:
    """The times for a document with this text, one number in whose first lines is edited.

    They are the clock's or, on Linux, those that the server's process takes of a processor, in which it does not wait.
    """
    return asyncio.run(_times(folder, text, rounds, processor=processor))


async def _times(folder: Path, text: str, rounds: int, *, processor: bool) -> Times:
    published: list[float] = []
    first: list[float] = []
    further: list[float] = []
    row = max(row for row, line in enumerate(text.split("\n")) if ".recv(" in line)
    column = text.split("\n")[row].index("recv(")
    async with editing(folder) as editor:
        editor.open("main.py", text)
        await editor.findings("main.py")

        def now() -> float:
            return _used(editor.process.pid) if processor else time.perf_counter()

        for number in range(rounds + 1):
            start = now()
            editor.change("main.py", text.replace("timeout=5", f"timeout={number + 6}", 1))
            await editor.findings("main.py")
            published.append(now() - start)
            for noted in (first, further):
                start = now()
                assert await editor.hover("main.py", row, column)
                noted.append(now() - start)
    return Times(*(_text(noted[1:]) for noted in (published, first, further)))


def _used(process: int) -> float:
    """The processor time that a process has taken."""
    with open(f"/proc/{process}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _text(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.3f} s ({min(seconds):.3f}-{max(seconds):.3f})"

"""The least that a linter on libcst does: read every file, and parse those that mention sockets.

python benchmarks/floor.py FOLDER PROCESSES [visit]

With `visit` a visitor that does nothing goes through each tree once. `Parses` is the same least as a flake8 plugin.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import sys
from collections.abc import Iterator
from pathlib import Path

import libcst


class Parses:
    """A flake8 plugin that parses each file and reports nothing."""

    name = "parses"
    version = "1"

    def __init__(self, tree: object, lines: list[str]) -> None:  # flake8 passes what is asked for by these names
        self._text = "".join(lines)

    def run(self) -> Iterator[tuple[int, int, str, type]]:
        """Called by flake8."""
        parse(self._text)
        return iter(())


def parse(text: str | bytes) -> None:
    """Parse one file; what libcst cannot parse is no matter here."""
    with contextlib.suppress(libcst.ParserSyntaxError, UnicodeError, RecursionError):
        libcst.parse_module(text)


def visit(data: bytes) -> None:
    """The same, and go through the tree."""
    with contextlib.suppress(libcst.ParserSyntaxError, UnicodeError, RecursionError):
        libcst.parse_module(data).visit(libcst.CSTVisitor())


def main(folder: str, processes: str, further: str = "") -> None:
    """Read in this process, parse in as many as asked for."""
    work = visit if further else parse
    found = [data for path in sorted(Path(folder).rglob("*.py")) if b"socket" in (data := path.read_bytes())]
    if processes == "1":
        for data in found:
            work(data)
        return
    with multiprocessing.get_context("fork").Pool(int(processes)) as pool:
        pool.map(work, sorted(found, key=len, reverse=True), chunksize=4)


if __name__ == "__main__":
    main(*sys.argv[1:])

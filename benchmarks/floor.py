"""The least that a linter on libcst does: read every file, and parse those that mention sockets.

python benchmarks/floor.py FOLDER PROCESSES
"""

from __future__ import annotations

import contextlib
import multiprocessing
import sys
from pathlib import Path

import libcst


def parse(data: bytes) -> None:
    """Parse one file; what libcst cannot parse is no matter here."""
    with contextlib.suppress(libcst.ParserSyntaxError, UnicodeError, RecursionError):
        libcst.parse_module(data)


def main(folder: str, processes: str) -> None:
    """Read in this process, parse in as many as asked for."""
    found = [data for path in sorted(Path(folder).rglob("*.py")) if b"socket" in (data := path.read_bytes())]
    if processes == "1":
        for data in found:
            parse(data)
        return
    with multiprocessing.get_context("fork").Pool(int(processes)) as pool:
        pool.map(parse, sorted(found, key=len, reverse=True), chunksize=4)


if __name__ == "__main__":
    main(*sys.argv[1:])

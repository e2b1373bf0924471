"""The memory of a program in the shim: less than would stop the computer.

A program that never stops taking memory gets a MemoryError, as it does on a board, only later.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

ROOM = 512 << 20
"""Bytes that a program can take. A list of small ints is nine times as large in CPython as on a board of 32 bits: it is
one that fills 56 MB there."""

IS_LIMITED = sys.platform == "linux"
"""True if this system can limit what a program takes."""


def run_within(program: Callable[[], object]) -> None:
    """Run a program. What it takes beyond ROOM is a MemoryError on Linux; elsewhere it has the computer's memory."""
    if not IS_LIMITED or not (taken := _taken()):
        program()
        return
    import resource  # Windows has no such module

    before = soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if soft == resource.RLIM_INFINITY or soft > taken + ROOM:
        resource.setrlimit(resource.RLIMIT_DATA, (taken + ROOM, hard))
    try:
        program()
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)


def _taken() -> int:
    """The bytes of private memory that this process has, as the kernel counts them for the limit; 0 if not known."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[5]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:  # /proc is not mounted
        return 0

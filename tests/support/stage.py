"""Runs programs on the shim: a line of JSON on standard input is a list of them, and one line answers with the outputs.

Each has a process of its own, forked from this one, as it may hang, exit, or close what is not its own.
"""

# usock-lint: skip-file  # runs on CPython

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from typing import Any

from usock_lint.shim.run import run_source
from usock_lint.shim.world.traceback import device_name


def play(job: dict[str, Any], output: int) -> None:
    """Be the process that runs a program; what ended it is printed as the evidence has it."""
    os.dup2(output, 1)
    os.closerange(3, 256)  # descriptors are numbered as in a process of its own
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 2)
    os.close(nothing)
    status = 0
    try:
        run_source(job["code"], job["port"], job["version"], globals=job["names"], filename="program.py")
    except SystemExit as end:
        status = 0 if end.code is None else end.code & 0xFF if isinstance(end.code, int) else 1
    except BaseException as error:
        print("RAISED", device_name(type(error), {}))
    if status:
        print("RC", status)
    sys.stdout.flush()
    os._exit(0)


def start(job: dict[str, Any]) -> tuple[int, int]:
    """A process that runs a program, and where to read what it prints."""
    sys.stdout.flush()
    reading, writing = os.pipe()
    process = os.fork()
    if not process:
        play(job, writing)
    os.close(writing)
    return process, reading


def collect(process: int, reading: int, end: float) -> str:
    """What the process prints until it ends, or until it is time to end it."""
    printed = bytearray()
    piece = b"..."
    while piece:
        ready, _, _ = select.select([reading], [], [], max(end - time.monotonic(), 0))
        if not ready or time.monotonic() > end:  # one that prints for ever is ready for ever
            os.kill(process, signal.SIGKILL)
        piece = os.read(reading, 65536)
        printed += piece
    os.kill(process, signal.SIGKILL)  # one that closed its output may go on; one that exits is not changed by it
    os.close(reading)
    _, status = os.waitpid(process, 0)
    if os.WIFSIGNALED(status):
        printed += b"HANG\n"
    return printed.decode(errors="replace")


def main() -> None:
    """Answer until standard input ends."""
    for line in sys.stdin:
        jobs = json.loads(line)
        begun = time.monotonic()
        started = [(*start(job), begun + job["seconds"]) for job in jobs]
        print(json.dumps([collect(*one) for one in started]), flush=True)


if __name__ == "__main__":
    main()

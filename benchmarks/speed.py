"""What linting costs, as ratios taken in one run: machines differ, and one machine differs from hour to hour.

    python benchmarks/speed.py [ROUNDS]

Each line is the processor time of one thing over that of another, the median of the rounds and its spread.
"""

from __future__ import annotations

import gc
import os
import resource
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

LIBRARY = Path(sysconfig.get_paths()["stdlib"])

PROGRAM = """
import socket

class Client{number}:
    def __init__(self, host, port=8080):
        self.address = socket.getaddrinfo(host, port)[0][-1]
        self.sock = None

    def connect(self, timeout=5):
        self.sock = socket.socket()
        self.sock.settimeout(timeout)
        self.sock.connect(self.address)

    def request(self, lines):
        for line in lines:
            self.sock.write(line.encode() + b"\\r\\n")
        answer = b""
        while True:
            try:
                part = self.sock.recv(256)
            except OSError as e:
                print("lost", e)
                break
            if not part:
                break
            answer += part
        return answer

    def close(self):
        if self.sock is not None:
            self.sock.close()
            self.sock = None
"""


def children(command: list[str]) -> float:
    """Processor seconds of a command and what it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=False, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def here(work: Callable[[], object]) -> float:
    """Processor seconds of a call in this process."""
    gc.collect()
    before = time.process_time()
    work()
    return time.process_time() - before


def compare(name: str, limit: float, rounds: int, one: Callable[[], float], other: Callable[[], float]) -> None:
    """Print the ratio of two measurements that are taken in turn."""
    ratios = [one() / other() for _ in range(rounds)]
    low, *_, high = sorted(ratios)
    print(f"{name:<58} {statistics.median(ratios):5.2f}  ({low:.2f}-{high:.2f}), at most {limit}", flush=True)


def main() -> None:
    """Take the three measurements that the project holds itself to."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    lint = [sys.executable, "-m", "usock_lint"]
    with tempfile.TemporaryDirectory() as scratch:
        plain, read = (
            Path(scratch, "plain"),
            "import pathlib, sys; [p.read_bytes() for p in pathlib.Path(sys.argv[1]).rglob('*.py')]",
        )
        plain.mkdir()
        for index, path in enumerate(sorted(LIBRARY.glob("*.py"))):
            if b"socket" not in (data := path.read_bytes()):
                Path(plain, f"m{index}.py").write_bytes(data)
        dense = Path(scratch, "dense.py")
        dense.write_text("".join(PROGRAM.format(number=number) for number in range(300 // PROGRAM.count("\n"))))
        compare(
            "a tree without sockets / reading every file",
            2.5,
            rounds,
            lambda: children([*lint, str(plain)]),
            lambda: children([sys.executable, "-c", read, str(plain)]),
        )
        compare(
            "one file of 300 lines with sockets / import libcst",
            1.5,
            rounds,
            lambda: children([*lint, str(dense)]),
            lambda: children([sys.executable, "-c", "import libcst"]),
        )
        files = [("300 lines of a client", dense.read_text())]
        files += [(name, (LIBRARY / name).read_text()) for name in ("ftplib.py", "smtplib.py", "http/client.py")]
        for name, text in files:
            _per_file(name, text, rounds)


def _per_file(name: str, text: str, rounds: int) -> None:
    import libcst

    from usock_lint.config import Config
    from usock_lint.engine import lint_text

    config = Config(assume="device")
    compare(
        f"{name}: lint / libcst.parse_module",
        1.5,
        rounds,
        lambda: here(lambda: lint_text(text, name, config)),
        lambda: here(lambda: libcst.parse_module(text)),
    )


if __name__ == "__main__":
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    main()

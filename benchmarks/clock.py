"""Timing processes against each other, in turn: machines differ, and one machine differs from hour to hour."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_PATIENCE = 40.0
"""Seconds after which a comparison takes no further round."""

LONGEST = 600.0
"""Seconds after which a command is ended, and with it the part of the measurements that it belongs to."""


@dataclass(frozen=True)
class Command:
    """A process to time, what is done before it, untimed, and where it runs."""

    words: tuple[str, ...]
    folder: Path
    before: tuple[str, ...] = ()
    path: str = ""
    """Further entries of PYTHONPATH."""

    def seconds(self, *, processor: bool) -> float:
        """Of the clock, or of the processor for what is shorter than the clock is fair."""
        if self.before:
            self._run(self.before)
        start, used = time.perf_counter(), _used()
        self._run(self.words)
        return _used() - used if processor else time.perf_counter() - start

    def peak(self) -> int:
        """The most memory that it or one of its processes has, in MB."""
        return self.once()[1]

    def once(self) -> tuple[float, int]:
        """The processor time of one run in seconds, and the most memory that it or one of its processes has, in MB."""
        if self.before:
            self._run(self.before)
        program = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], capture_output=True); "
        program += "used = resource.getrusage(resource.RUSAGE_CHILDREN); "
        program += "print(used.ru_utime + used.ru_stime, used.ru_maxrss // 1024)"
        seconds, memory = self._run((sys.executable, "-c", program, *self.words)).stdout.split()
        return float(seconds), int(memory)

    def output(self) -> str:
        """What it prints, as one line."""
        return self._run(self.words).stdout.decode().strip()

    def _run(self, words: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (environment.get("PYTHONPATH"), self.path)))
        done = subprocess.run(
            words, cwd=self.folder, env=environment, capture_output=True, check=False, timeout=LONGEST
        )
        # Fixit says 8 when it has errors besides findings, flake8 1 when a plugin of its fails.
        if done.returncode not in (0, 1, 8) or b"critical error" in done.stdout:
            raise SystemExit(f"{' '.join(words)} exited with {done.returncode}:\n{done.stderr.decode()}")
        return done


@dataclass(frozen=True)
class Ratio:
    """How long one thing takes in terms of another: the median of the rounds, and its spread."""

    low: float
    median: float
    high: float
    rounds: int

    def __str__(self) -> str:
        if self.rounds == 1:
            return f"{self.median:.2f} (once)"
        return f"{self.median:.2f} ({self.low:.2f}-{self.high:.2f})"


def compare(one: Command, other: Command, rounds: int, *, processor: bool = False) -> Ratio:
    """The ratio of two commands, taken in turn after a round that does not count."""
    start = time.perf_counter()
    if one.seconds(processor=False) + other.seconds(processor=False) > _PATIENCE:
        rounds = 1
    ratios: list[float] = []
    while len(ratios) < rounds and (not ratios or time.perf_counter() - start < _PATIENCE):
        ratios.append(one.seconds(processor=processor) / other.seconds(processor=processor))
    return Ratio(min(ratios), statistics.median(ratios), max(ratios), len(ratios))


def _used() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime

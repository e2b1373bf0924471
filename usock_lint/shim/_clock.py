"""MicroPython's time module: sleeping, ticks and the clock, without monotonic, perf_counter and strftime."""

from __future__ import annotations

import time

PERIOD = 1 << 62


def sleep_ms(duration: int) -> None:
    """Sleep for so many milliseconds, not at all when there are less than none."""
    time.sleep(max(duration, 0) / 1_000)


def sleep_us(duration: int) -> None:
    """Sleep for so many microseconds."""
    time.sleep(max(duration, 0) / 1_000_000)


def ticks_ms() -> int:
    """Milliseconds since some time, from 0 to PERIOD."""
    return time.monotonic_ns() // 1_000_000 % PERIOD


def ticks_us() -> int:
    """Microseconds since some time."""
    return time.monotonic_ns() // 1_000 % PERIOD


def ticks_cpu() -> int:
    """The finest ticks there are."""
    return time.monotonic_ns() % PERIOD


def ticks_add(ticks: int, delta: int) -> int:
    """Ticks that much later."""
    return (ticks + delta) % PERIOD


def ticks_diff(end: int, start: int) -> int:
    """The signed distance between two ticks."""
    return (end - start + PERIOD // 2) % PERIOD - PERIOD // 2


def gmtime(seconds: float | None = None) -> tuple[int, ...]:
    """A date and time in UTC as a plain tuple."""
    return tuple(time.gmtime(seconds))


def localtime(seconds: float | None = None) -> tuple[int, ...]:
    """A date and time here as a plain tuple."""
    return tuple(time.localtime(seconds))


NAMES = {
    "__name__": "time",
    "clock": time.process_time,
    "gmtime": gmtime,
    "localtime": localtime,
    "mktime": time.mktime,
    "sleep": time.sleep,
    "sleep_ms": sleep_ms,
    "sleep_us": sleep_us,
    "ticks_add": ticks_add,
    "ticks_cpu": ticks_cpu,
    "ticks_diff": ticks_diff,
    "ticks_ms": ticks_ms,
    "ticks_us": ticks_us,
    "time": time.time,
    "time_ns": time.time_ns,
}

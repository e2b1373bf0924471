"""MicroPython's time module: sleeping, ticks and the clock, without monotonic, perf_counter and strftime."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from usock_lint.shim.core.base import Port
from usock_lint.shim.core.sealed import Module

UNIX_PERIOD = 1 << 62

BOARD_PERIOD = 1 << 30
"""The period of ticks: the range of small integers of a 32-bit chip (MICROPY_PY_TIME_TICKS_PERIOD)."""


def calendar(port: Port) -> dict[str, Callable[..., Any]]:
    """The functions that tell the date and the time, which `machine.RTC` can set."""

    def now() -> float:
        return time.time() + port.clock_offset

    def teller(convert: Callable[[float], time.struct_time]) -> Callable[..., tuple[int, ...]]:
        def tell(seconds: float | None = None) -> tuple[int, ...]:
            return tuple(convert(now() if seconds is None else seconds))

        return tell

    return {
        "gmtime": teller(time.gmtime),
        "localtime": teller(time.localtime),
        "mktime": time.mktime,
        "time": now,
        "time_ns": lambda: time.time_ns() + round(port.clock_offset * 1_000_000_000),
    }


def ticks(period: int) -> dict[str, Callable[..., int]]:
    """The functions that count, from 0 to `period`."""

    def counter(unit: int) -> Callable[[], int]:
        return lambda: time.monotonic_ns() // unit % period

    def ticks_add(ticks: int, delta: int) -> int:
        return (ticks + delta) % period

    def ticks_diff(end: int, start: int) -> int:
        return (end - start + period // 2) % period - period // 2

    return {
        "ticks_add": ticks_add,
        "ticks_cpu": counter(1),
        "ticks_diff": ticks_diff,
        "ticks_ms": counter(1_000_000),
        "ticks_us": counter(1_000),
    }


def sleeping(port: Port) -> dict[str, Callable[[Any], None]]:
    """The functions that sleep, not at all for less than nothing."""

    def sleeper(unit: int) -> Callable[[Any], None]:
        return lambda duration: port.sleep(max(duration, 0) / unit)

    return {"sleep": port.sleep, "sleep_ms": sleeper(1_000), "sleep_us": sleeper(1_000_000)}


def clock(port: Port) -> Module:
    """The module on a port."""
    unix = port.name == "unix"
    names: dict[str, Any] = {
        "__name__": "time",
        **ticks(UNIX_PERIOD if unix else BOARD_PERIOD),
        **sleeping(port),
        **calendar(port),
    }
    return Module({**names, "clock": time.process_time} if unix else names)

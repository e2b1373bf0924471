"""MicroPython's time module: sleeping, ticks and the clock, without monotonic, perf_counter and strftime."""

from __future__ import annotations

import calendar as calendar_module
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

from usock_lint.shim.core.arguments import WORD, check_count, long_integer, real
from usock_lint.shim.core.base import Port
from usock_lint.shim.core.sealed import Module

UNIX_PERIOD = 1 << 62
BOARD_PERIOD = 1 << 30
"""The period of ticks: the range of small integers of 64 and of 32 bits (MICROPY_PY_TIME_TICKS_PERIOD)."""

EPOCH_1970 = ("unix", "alif", "mimxrt", "rp2")
"""Ports that count seconds from 1970, the others from 2000: MICROPY_EPOCH_IS_1970 in mpconfigport.h@v1.28.0."""

SECONDS_TO_2000 = 946684800


def calendar(port: Port) -> dict[str, Callable[..., Any]]:
    """The functions for date and time. `port.clock_offset` is added to the computer's time."""
    begin = 0 if port.name in EPOCH_1970 else SECONDS_TO_2000
    unix = port.name == "unix"

    def now() -> float:
        found = time.time() + port.clock_offset - begin
        return found if unix else int(found)

    def converter(convert: Callable[[float], time.struct_time]) -> Callable[..., tuple[int, ...]]:
        def call(*given: object) -> tuple[int, ...]:
            check_count(len(given), 0, 1)
            if given and isinstance(given[0], float) and not unix:
                raise TypeError("can't convert float to int")
            is_now = not given or (given[0] is None and not unix)  # ports/unix/modtime.c:134@v1.28.0 asks for a number
            wanted = now() if is_now else real(given[0])
            fields = convert(int(wanted) + begin)
            return tuple(fields) if unix else tuple(fields)[:8]

        return call

    def local(seconds: float) -> time.struct_time:
        time.tzset()  # a program may have set TZ
        return time.localtime(seconds)

    def mktime(fields: Any) -> int:
        if not isinstance(fields, tuple | list):
            raise TypeError(f"object '{type(fields).__name__}' isn't a tuple or list")
        items = [long_integer(one) for one in cast("tuple[object, ...]", fields)]
        if not 8 <= len(items) <= 9:
            raise TypeError("mktime needs a tuple of length 8 or 9")
        if unix:
            full: Any = (*items[:6], 0, 0, items[8] if len(items) == 9 else -1)
            time.tzset()
            with suppress(OverflowError):
                if (found := int(time.mktime(full))) != -1:  # C's sign of an error
                    return found
            raise OverflowError("invalid mktime usage")
        return calendar_module.timegm((*items[:6], 0, 0, 0)) - begin

    return {
        "gmtime": converter(time.gmtime),
        "localtime": converter(local if unix else time.gmtime),
        "mktime": mktime,
        "time": now,
        "time_ns": lambda: time.time_ns() + round((port.clock_offset - begin) * 1_000_000_000),
    }


def ticks(period: int) -> dict[str, Callable[..., int]]:
    """The functions that count, from 0 to `period`."""

    def counter(unit: int) -> Callable[[], int]:
        return lambda: time.monotonic_ns() // unit % period

    def ticks_add(ticks: int, delta: int) -> int:
        if not -WORD <= long_integer(delta) < WORD:
            raise OverflowError("overflow converting long int to machine word")
        if not -period // 2 < long_integer(delta) < period // 2:
            raise OverflowError("ticks interval overflow")
        return (long_integer(ticks) + delta) % period

    def ticks_diff(end: int, start: int) -> int:
        return (long_integer(end) - long_integer(start) + period // 2) % period - period // 2

    return {
        "ticks_add": ticks_add,
        "ticks_cpu": counter(1),
        "ticks_diff": ticks_diff,
        "ticks_ms": counter(1_000_000),
        "ticks_us": counter(1_000),
    }


def sleeping(port: Port) -> dict[str, Callable[[Any], None]]:
    """The functions that sleep. A negative duration is 0, but an OSError for `sleep` on unix."""

    def rest(seconds: float, unit: int) -> None:
        # On unix only sleep_ms() runs what is pending (ports/unix/unix_mphal.c:244@v1.28.0).
        if port.name != "unix" or (unit == 1_000 and seconds):
            port.handle_pending()
        port.sleep(seconds)
        if port.name != "unix":
            port.handle_pending()

    def sleeper(unit: int) -> Callable[[Any], None]:
        def pause(duration: Any) -> None:
            rest(max(long_integer(duration), 0) / unit, unit)

        return pause

    def sleep(duration: Any) -> None:
        seconds = real(duration)
        if seconds < 0 and port.name == "unix":
            raise port.error("EINVAL")
        rest(max(seconds, 0), 1)

    return {"sleep": sleep, "sleep_ms": sleeper(1_000), "sleep_us": sleeper(1_000_000)}


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

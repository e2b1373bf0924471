"""Timers that interrupt a program between two of its instructions, by the computer's alarm signal."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from usock_lint.shim.core.errors import NotSimulated

if TYPE_CHECKING:
    from usock_lint.shim.world.world import World

SHORTEST = 0.0001
"""The shortest delay in seconds; a delay of 0 would stop the alarm signal."""


class Alarm:
    """A callback that is due after some seconds, once or after each such period."""

    def __init__(self, callback: Callable[[], object], seconds: float, is_periodic: bool) -> None:
        self.callback = callback
        self.period = max(seconds, SHORTEST)
        self.is_periodic = is_periodic
        self.due = time.monotonic() + self.period


class Interrupts:
    """The alarms of one program. Their callbacks run in the main thread, as on a board, also while it sleeps or waits.

    What a callback raises is printed, and the program goes on (py/scheduler.c:87@v1.28.0).
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.alarms: list[Alarm] = []
        self.is_busy = False
        self.previous_handler: Any = None
        """The handler of the signal before the first alarm was set; None if none was."""
        world.after_program.append(self.finish)
        world.closers.append(self.close)

    def start(self, alarm: Alarm) -> None:
        """Set an alarm."""
        if self.previous_handler is None:
            try:
                self.previous_handler = signal.signal(signal.SIGALRM, self._ring)
            except ValueError:
                raise NotSimulated("timers that another thread than the main one sets") from None
        self.alarms.append(alarm)
        self._set_signal()

    def stop(self, alarm: Alarm | None) -> None:
        """Remove an alarm, if it is still set."""
        if alarm in self.alarms:
            self.alarms.remove(alarm)
            self._set_signal()

    def finish(self) -> None:
        """Wait until no alarm is set."""
        if self.alarms:
            sys.stdout.flush()
            print("usock-lint run: the program has ended, its timers go on; Ctrl-C ends them", file=sys.stderr)
        while self.alarms:
            time.sleep(min(max(self._next() - time.monotonic(), SHORTEST), 1))

    def close(self) -> None:
        """Remove all alarms, and restore the handler of the signal."""
        if self.previous_handler is not None:
            self.alarms.clear()
            self._set_signal()
            signal.signal(signal.SIGALRM, self.previous_handler)
            self.previous_handler = None

    def _next(self) -> float:
        """The time.monotonic() at which the next alarm is due."""
        return min((alarm.due for alarm in self.alarms), default=time.monotonic())

    def _set_signal(self) -> None:
        """Have the signal come when the next alarm is due; no signal without alarms."""
        delay = max(self._next() - time.monotonic(), SHORTEST) if self.alarms else 0
        signal.setitimer(signal.ITIMER_REAL, delay)

    def _ring(self, *_: object) -> None:
        """The handler of the signal: run the callbacks that are due, the earliest first."""
        if self.is_busy:
            return
        self.is_busy = True
        try:
            while due := [alarm for alarm in self.alarms if alarm.due <= time.monotonic()]:
                self._run(min(due, key=lambda alarm: alarm.due))
        finally:
            self.is_busy = False
            self._set_signal()

    def _run(self, alarm: Alarm) -> None:
        if alarm.is_periodic:
            # Not in the past, so that the program goes on between calls that take longer than the period.
            alarm.due = max(alarm.due + alarm.period, time.monotonic() + SHORTEST)
        else:
            self.alarms.remove(alarm)
        self.world.call_back(alarm.callback)

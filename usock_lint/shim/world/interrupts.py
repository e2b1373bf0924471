"""Interrupts of a program between two of its instructions: timers, by the computer's alarm signal."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from usock_lint.shim.core.errors import NotSimulated
from usock_lint.shim.world.traceback import print_exception

if TYPE_CHECKING:
    from usock_lint.shim.world.world import World

SHORTEST = 0.0001
"""In seconds: zero would stop the alarm clock."""


class Alarm:
    """A callback that is due at a moment, and again after each period."""

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
        self.before: Any = None
        world.goes_on.append(self.finish)
        world.closers.append(self.close)

    def start(self, alarm: Alarm) -> None:
        """Set an alarm."""
        if self.before is None:
            try:
                self.before = signal.signal(signal.SIGALRM, self._ring)
            except ValueError:
                raise NotSimulated("timers that another thread than the main one sets") from None
        self.alarms.append(alarm)
        self._wind()

    def stop(self, alarm: Alarm | None) -> None:
        """Take an alarm away, if it is still set."""
        if alarm in self.alarms:
            self.alarms.remove(alarm)
            self._wind()

    def finish(self) -> None:
        """Wait until no alarm is set."""
        if self.alarms:
            sys.stdout.flush()
            print("usock-lint run: the program has ended, its timers go on; Ctrl-C ends them", file=sys.stderr)
        while self.alarms:
            time.sleep(min(max(self._next() - time.monotonic(), SHORTEST), 1))

    def close(self) -> None:
        """Give the signal back."""
        if self.before is not None:
            self.alarms.clear()
            self._wind()
            signal.signal(signal.SIGALRM, self.before)
            self.before = None

    def _next(self) -> float:
        return min((alarm.due for alarm in self.alarms), default=time.monotonic())

    def _wind(self) -> None:
        delay = max(self._next() - time.monotonic(), SHORTEST) if self.alarms else 0
        signal.setitimer(signal.ITIMER_REAL, delay)

    def _ring(self, *_: object) -> None:
        if self.is_busy:
            return
        self.is_busy = True
        try:
            while due := [alarm for alarm in self.alarms if alarm.due <= time.monotonic()]:
                self._run(min(due, key=lambda alarm: alarm.due))
        finally:
            self.is_busy = False
            self._wind()

    def _run(self, alarm: Alarm) -> None:
        if alarm.is_periodic:
            # A callback that takes longer than the period does not keep the program from running.
            alarm.due = max(alarm.due + alarm.period, time.monotonic() + SHORTEST)
        else:
            self.alarms.remove(alarm)
        try:
            alarm.callback()
        except Exception as error:
            print_exception(error, sys.stdout, self.world.builtins)

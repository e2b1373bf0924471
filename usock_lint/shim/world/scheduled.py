"""The queue of micropython.schedule."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from usock_lint.shim.world.lookups import PENDING

if TYPE_CHECKING:
    from usock_lint.shim.world.world import World

SCHEDULE_DEPTH = 4
"""The number of calls that can be scheduled at once (MICROPY_SCHEDULER_DEPTH of py/mpconfig.h@v1.28.0)."""


class Schedule:
    """The queue of micropython.schedule. Once it is made, rewritten scripts and the port run the calls in it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.waiting: list[tuple[Callable[[Any], object], Any]] = []
        self.running = False
        world.port.handle_pending = self.run
        world.builtins[PENDING] = self.run_after

    def add(self, function: Callable[[Any], object], argument: Any, /) -> None:
        """Have a function called soon."""
        if len(self.waiting) >= SCHEDULE_DEPTH:
            raise RuntimeError("schedule queue full")
        self.waiting.append((function, argument))

    def run_after(self, value: Any = None) -> Any:
        """Run what is pending after an expression has this value; the value."""
        if self.waiting:
            self.run()
        return value

    def run(self) -> None:
        """Make one call that is pending, but not from within such a call (py/scheduler.c:107@v1.28.0)."""
        if self.running or not self.waiting:
            return
        self.running = True
        try:
            self.world.call_back(*self.waiting.pop(0))
        finally:
            self.running = False

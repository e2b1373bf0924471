"""asyncio as MicroPython has it: the host's tasks and timers, and streams."""

from __future__ import annotations

import asyncio as host
import gc
import sys
from collections.abc import Awaitable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any

from usock_lint.shim.core.sealed import Module
from usock_lint.shim.world.streams import Stream, streams
from usock_lint.shim.world.traceback import print_exception

if TYPE_CHECKING:
    from usock_lint.shim.world.world import World

SHARED = "CancelledError Event Lock Task TimeoutError current_task gather sleep wait_for"


class Loop:
    """The one event loop of a script."""

    def __init__(self, world: World) -> None:
        self.__loop = host.new_event_loop()
        self.__loop.set_exception_handler(lambda _, context: report(context, world))

    def create_task(self, coroutine: Coroutine[Any, Any, Any]) -> host.Task[Any]:
        """Schedule a coroutine, also before the loop runs."""
        return self.__loop.create_task(coroutine)

    def run_until_complete(self, coroutine: Awaitable[Any]) -> Any:
        """Run until this one is done; its result."""
        return self.__loop.run_until_complete(coroutine)

    def run_forever(self) -> None:
        """Run until stop()."""
        self.__loop.run_forever()

    def stop(self) -> None:
        """End run_forever()."""
        self.__loop.stop()

    def close(self) -> None:
        """Nothing, as on MicroPython; the script's end cancels what is left."""

    def shut(self) -> None:
        """Cancel what is left and close. Errors of tasks are reported now, not whenever the tasks are collected."""
        self.__loop.run_until_complete(cancel_others())
        gc.collect()
        self.__loop.set_exception_handler(lambda _, __: None)
        self.__loop.close()


def report(context: Mapping[str, Any], world: World) -> None:
    """Print the exception that ended a task nobody waits for: extmod/asyncio/core.py:238@v1.28.0."""
    if error := context.get("exception"):
        print("Task exception wasn't retrieved", file=sys.stderr)
        print("future:", context.get("future"), file=sys.stderr)
        print_exception(error, sys.stderr, world.builtins)


async def cancel_others() -> None:
    """Cancel every other task and wait for it."""
    tasks = host.all_tasks() - {host.current_task()}
    for task in tasks:
        task.cancel()
    await host.gather(*tasks, return_exceptions=True)


def asyncio(world: World) -> Module:
    """The module; its loop ends with the world."""
    loop = Loop(world)
    world.closers.append(loop.shut)

    def sleep_ms(duration: int) -> Awaitable[None]:
        return host.sleep(max(duration, 0) / 1000)

    def wait_for_ms(task: Awaitable[Any], timeout: int) -> Awaitable[Any]:
        return host.wait_for(task, timeout / 1000)

    return Module(
        {
            "__name__": "asyncio",
            **{name: getattr(host, name) for name in SHARED.split()},
            **streams(world),
            "StreamReader": Stream,
            "StreamWriter": Stream,
            "create_task": loop.create_task,
            "get_event_loop": lambda: loop,
            "new_event_loop": lambda: loop,
            "run": loop.run_until_complete,
            "sleep_ms": sleep_ms,
            "wait_for_ms": wait_for_ms,
        }
    )

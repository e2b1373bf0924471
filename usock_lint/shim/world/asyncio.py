"""asyncio as extmod/asyncio@v1.28.0 has it: tasks, what they wait for, and streams."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Mapping
from functools import partialmethod
from typing import TYPE_CHECKING, Any, NoReturn

from usock_lint.ports import Release
from usock_lint.shim.core.sealed import FrozenModule, OpenModule
from usock_lint.shim.world.frozen import frozen
from usock_lint.shim.world.scheduler import (
    CORE,
    CancelledError,
    IOQueue,
    Scheduler,
    Task,
    TaskQueue,
    TimeoutError,
    loop_class,
    pause,
    ticks,
)
from usock_lint.shim.world.streams import streams

if TYPE_CHECKING:
    from usock_lint.shim.world.world import World

GATHERS_ENDED_SINCE: Release = (1, 23, 0)
"""From then on gather() takes tasks that have ended: extmod/asyncio/funcs.py:88@v1.23.0."""

FLAG_CLEARS_SINCE: Release = (1, 20, 0)
"""From then on there is ThreadSafeFlag.clear(): extmod/uasyncio/event.py:60@v1.20.0."""

FUNCS = "asyncio/funcs.py"
EVENT = "asyncio/event.py"
LOCK = "asyncio/lock.py"
"""Files of extmod/asyncio."""

POLL = 3
"""The request of ioctl() that asks a stream for its events."""


class Sleep:
    """The result of sleep(): an awaitable that is not a coroutine, so no task can be made of it."""

    def __init__(self, scheduler: Scheduler, until: int) -> None:
        self.__scheduler = scheduler
        self.__until = until

    def __iter__(self) -> Generator[None, None, None]:
        self.__scheduler.queue.push(self.__scheduler.running(), self.__until)
        yield

    __await__ = __iter__


Sleep.__name__ = Sleep.__qualname__ = "SingletonGenerator"


def functions(scheduler: Scheduler) -> dict[str, Callable[..., Any]]:
    """The functions of asyncio, except for those of streams."""

    @frozen(CORE)
    def create_task(coro: Any) -> Task:
        return scheduler.start_task(coro)

    @frozen(CORE)
    def current_task() -> Task | None:
        return scheduler.current_task()

    @frozen(CORE)
    def sleep_ms(t: int, sgen: object = None) -> Sleep:
        add: Callable[[int, int], int] = scheduler.world.load("time").ticks_add
        return Sleep(scheduler, ticks() + add(0, max(0, t)))  # OverflowError if the wait is too long

    @frozen(CORE)
    def sleep(t: float) -> Sleep:
        return sleep_ms(int(t * 1000))

    @frozen(CORE)
    def run(coro: Any) -> Any:
        return scheduler.run(scheduler.create_task(coro))

    @frozen(FUNCS)
    async def wait_for(aw: Any, timeout: float | None, sleep: Callable[[Any], Sleep] = sleep) -> Any:
        task = scheduler.as_task(aw)
        if timeout is None:
            return await task
        runner = scheduler.create_task(outcome(scheduler.running(), task))
        try:
            await sleep(timeout)
        except CancelledError as end:
            # The runner cancels this task with the outcome of the other one in the error: True and the result, or the
            # exception. A CancelledError without arguments comes from outside.
            status = end.value
            if status is None:
                runner.cancel()
                raise
            if status is True:
                return end.args[1]
            raise status from None
        runner.cancel()
        await runner
        raise TimeoutError

    @frozen(FUNCS, outcome="_run")
    async def outcome(waiter: Task, task: Task) -> None:
        status: Any = True
        result = None
        try:
            result = await task
        except BaseException as error:
            status = error
        # Without data the waiter still sleeps in wait_for(); else it is on its way out of that.
        if waiter.data is None and waiter.cancel():
            waiter.data = CancelledError(status, result)

    @frozen(FUNCS)
    def wait_for_ms(aw: Any, timeout: int) -> Awaitable[Any]:
        return wait_for(aw, timeout, sleep_ms)

    @frozen(FUNCS, each_as_task="<listcomp>")
    def each_as_task(aws: tuple[Any, ...]) -> list[Task]:
        tasks: list[Task] = []
        for one in aws:
            tasks.append(scheduler.as_task(one))  # some Pythons give a comprehension a frame
        return tasks

    @frozen(FUNCS)
    async def gather(*aws: Any, return_exceptions: bool = False) -> list[Any]:
        tasks = each_as_task(aws)
        return await Gathering(scheduler, tasks, return_exceptions).wait()

    def run_until_complete(main_task: Task | None = None) -> Any:
        return scheduler.run(main_task)

    some = (create_task, current_task, gather, run, run_until_complete, sleep, sleep_ms, wait_for, wait_for_ms)
    return {function.__name__: function for function in some}


def inner_names(scheduler: Scheduler) -> dict[str, Any]:
    """Names of core.py that are not meant for scripts, and that `from .core import *` takes all the same."""
    world = scheduler.world
    clock = world.load("time")
    return {
        "IOQueue": of_scheduler(IOQueue, scheduler),
        "SingletonGenerator": Sleep,
        "TaskQueue": of_scheduler(TaskQueue, scheduler),
        "cur_task": None,
        "select": world.load("select"),
        "sys": world.load("sys"),
        "ticks": lambda: clock.ticks_ms(),
        "ticks_add": clock.ticks_add,
        "ticks_diff": clock.ticks_diff,
    }


def of_scheduler(kind: Any, scheduler: Scheduler) -> type:
    """A class like `kind` whose constructor needs no arguments."""
    return type(kind.__name__, (kind,), {"__init__": partialmethod(kind.__init__, scheduler)})


class Gathering:
    """Tasks that one task waits for together."""

    def __init__(self, scheduler: Scheduler, tasks: list[Task], keeps_errors: bool) -> None:
        self.__waiter = scheduler.running()
        self.__scheduler = scheduler
        self.__tasks = tasks
        self.__keeps_errors = keeps_errors
        self.__count = 0
        """The number of tasks that still run."""
        self.__error: BaseException | None = None
        """The error to raise: of a task that failed, or of the waiting task, if it was cancelled."""

    def remove(self, _: Task) -> None:
        """Do nothing. Task.cancel() calls it, as it calls remove() of a queue that the task waits in."""

    def __done(self, _: Task, end: BaseException) -> None:
        """Wake the waiting task when the last task has ended, or one has failed. Each task calls it at its end."""
        if self.__waiter.data is not self:
            return
        if not self.__keeps_errors and not isinstance(end, StopIteration):
            self.__error = end
        else:
            self.__count -= 1
            if self.__count:
                return
        self.__scheduler.queue.push(self.__waiter)

    async def wait(self) -> list[Any]:
        """The results of the tasks."""
        callback = self.__done
        has_failed = False  # True if a task has failed already: its error is raised without waiting for the others
        for task in self.__tasks:
            if task.state is True:
                task.state = callback
                self.__count += 1
            elif task.state or self.__scheduler.world.port.release < GATHERS_ENDED_SINCE:
                raise RuntimeError("can't gather")
            elif not isinstance(task.data, StopIteration) and not self.__keeps_errors:
                has_failed = True
        cancelled = await self.__pause() if self.__count and not has_failed else False
        outcomes = [self.__outcome(task, callback, cancelled) for task in self.__tasks]
        if self.__error is not None:
            raise self.__error
        return outcomes

    async def __pause(self) -> bool:
        """Wait until `__done` wakes the waiting task; True if it was cancelled instead."""
        self.__waiter.data = self
        try:
            await pause()
        except CancelledError as error:
            self.__error = error
            return True
        return False

    def __outcome(self, task: Task, callback: object, cancelled: bool) -> Any:
        """The result of a task, or its error. A task that still runs is no longer waited for, or is cancelled."""
        if task.state == callback:
            task.state = True
            if cancelled:
                task.cancel()
        elif isinstance(task.data, StopIteration):
            return task.data.value
        elif not self.__keeps_errors:
            self.__error = self.__error or task.data
        return task.data


def event_class(scheduler: Scheduler) -> type:
    """asyncio.Event."""

    @frozen(EVENT)
    class Event:
        """A flag that tasks wait for."""

        def __init__(self) -> None:
            self.state = False
            self.waiting = TaskQueue(scheduler)

        def is_set(self) -> bool:
            """True if it is set."""
            return self.state

        def set(self) -> None:
            """Set it and wake the tasks that wait for it."""
            while self.waiting.peek():
                scheduler.queue.push(self.waiting.pop())
            self.state = True

        def clear(self) -> None:
            """Clear it."""
            self.state = False

        async def wait(self) -> bool:
            """Wait until it is set."""
            if not self.state:
                task = scheduler.running()
                self.waiting.push(task)
                task.data = self.waiting
                await pause()
            return True

    return Event


def flag_class(scheduler: Scheduler) -> type:
    """asyncio.ThreadSafeFlag."""

    @frozen(EVENT)
    class ThreadSafeFlag:
        """A flag that an interrupt may set; waiting for it clears it."""

        def __init__(self) -> None:
            self.state = 0

        def ioctl(self, request: int, flags: int) -> int:
            """Poll the flag like a stream, as the loop does: all of `flags` if it is set, else 0."""
            return self.state * flags if request == POLL else -1

        def set(self) -> None:
            """Set it."""
            self.state = 1

        def clear(self) -> None:
            """Clear it."""
            self.state = 0

        async def wait(self) -> None:
            """Wait until it is set, and clear it."""
            if not self.state:
                scheduler.io.queue_read(self)
                await pause()
            self.state = 0

    if scheduler.world.port.release < FLAG_CLEARS_SINCE:
        delattr(ThreadSafeFlag, "clear")
    return ThreadSafeFlag


def lock_class(scheduler: Scheduler) -> type:
    """asyncio.Lock."""

    @frozen(LOCK)
    class Lock:
        """Held by one task at a time. `state` is 0, 1 when it is held, or the task that gets it next."""

        def __init__(self) -> None:
            self.state: Any = 0
            self.waiting = TaskQueue(scheduler)

        def locked(self) -> bool:
            """True if a task holds it."""
            return self.state == 1

        def release(self) -> None:
            """Let the next task have it; RuntimeError when nobody holds it."""
            if self.state != 1:
                raise RuntimeError("Lock not acquired")
            if self.waiting.peek():
                self.state = self.waiting.pop()
                scheduler.queue.push(self.state)
            else:
                self.state = 0

        async def acquire(self) -> bool:
            """Wait for it and hold it."""
            if self.state != 0:
                task = scheduler.running()
                self.waiting.push(task)
                task.data = self.waiting
                try:
                    await pause()
                except CancelledError:
                    if self.state == task:
                        self.state = 1
                        self.release()
                    raise
            self.state = 1
            return True

        async def __aenter__(self) -> bool:
            return await self.acquire()

        async def __aexit__(self, *_: object) -> None:
            self.release()

    return Lock


def asyncio(world: World) -> FrozenModule:
    """The module."""
    scheduler = Scheduler(world)
    world.closers.append(scheduler.close)
    loop = loop_class(scheduler)

    @frozen(CORE)
    def get_event_loop(runq_len: int = 0, waitq_len: int = 0) -> type:
        return loop

    @frozen(CORE)
    def new_event_loop() -> type:
        scheduler.begin()
        return loop

    class Core(Part):
        """asyncio.core: also the task that runs, and the queues."""

        __slots__ = ()

        def __getattr__(self, name: str) -> Any:
            now = {
                "cur_task": scheduler.current,
                "_exc_context": scheduler.context,
                "_io_queue": scheduler.io,
                "_promote_to_task": scheduler.as_task,
                "_task_queue": scheduler.queue,
            }
            return now[name] if name in now else super().__getattr__(name)

        def also_listed(self) -> set[str]:
            own = {"_exc_context", "_io_queue", "_promote_to_task", "_stop_task", "_stopper", "_task_queue"}
            return super().also_listed() | own

    @frozen("asyncio/__init__.py")
    class Asyncio(FrozenModule):
        """The package, which has a `__getattr__` of its own (extmod/asyncio/__init__.py:25@v1.28.0)."""

        __slots__ = ()
        has_getattr = True

        def __getattr__(self, name: str) -> NoReturn:
            raise AttributeError(name)

        def also_listed(self) -> set[str]:
            for name in LATER_LISTED if "stream" in vars(self) else LISTED:
                vars(self)[name] = world.load(f"asyncio.{name}")
            return set()

    return Asyncio(
        {
            "__name__": "asyncio",
            "__file__": "asyncio/__init__.py",
            "__version__": (3, 0, 0),
            "core": Core(world, "core"),
            **functions(scheduler),
            **inner_names(scheduler),
            **streams(scheduler),
            "CancelledError": CancelledError,
            "Event": event_class(scheduler),
            "Lock": lock_class(scheduler),
            "Loop": loop,
            "Task": Task,
            "ThreadSafeFlag": flag_class(scheduler),
            "TimeoutError": TimeoutError,
            "get_event_loop": get_event_loop,
            "new_event_loop": new_event_loop,
        }
    )


PARTS: Mapping[str, frozenset[str]] = {
    "core": frozenset(
        {"CancelledError", "Loop", "TimeoutError", "create_task", "current_task", "get_event_loop", "new_event_loop"}
        | {"IOQueue", "SingletonGenerator", "Task", "TaskQueue", "run", "run_until_complete", "select"}
        | {"sleep", "sleep_ms", "sys", "ticks", "ticks_add", "ticks_diff"}
    ),
    "event": frozenset({"Event", "ThreadSafeFlag"}),
    "funcs": frozenset({"gather", "wait_for", "wait_for_ms"}),
    "lock": frozenset({"Lock"}),
    "stream": frozenset({"Server", "StreamReader", "StreamWriter", "open_connection", "start_server"}),
}
"""The names of asyncio that each of its files defines: extmod/asyncio@v1.28.0."""

LISTED = ("event", "stream")
LATER_LISTED = ("funcs", "lock")
"""The files that dir() imports when it looks for their names, and lists: in the order of the firmware's names, those of
the last two come before the names that they define, so that only the next dir() lists them (run:unix@1.28)."""


class Part(OpenModule):
    """A file of asyncio as a module. Its names are the package's."""

    __slots__ = ("__names", "__world")

    def __init__(self, world: World, name: str) -> None:
        super().__init__(f"asyncio.{name}", world.port.names_modules)
        vars(self)["__file__"] = f"asyncio/{name}.py"
        self.__world = world
        self.__names = PARTS[name]

    def __getattr__(self, name: str) -> Any:
        if name in self.__names:
            package: dict[str, Any] = vars(self.__world.load("asyncio"))
            if name in package:  # which lacks what came with a later release
                return package[name]
        return super().__getattr__(name)

    def also_listed(self) -> set[str]:
        return {name for name in self.__names if name in vars(self.__world.load("asyncio"))}


def part(name: str) -> Callable[[World], Any]:
    """A builder of a file of asyncio as a module; the one of `core` is that of the package."""
    return lambda world: vars(world.load("asyncio"))["core"] if name == "core" else Part(world, name)


@frozen("uasyncio.py", __init__="", __dir__="")
class Delegate(OpenModule):
    """A module that takes each attribute from another one: extmod/asyncio/uasyncio.py@v1.21.0."""

    __slots__ = ("__other",)
    has_getattr = True

    def __init__(self, name: str, other: Callable[[], Any]) -> None:
        super().__init__(name)
        self.__other = other

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__other(), name)

    def __dir__(self) -> list[str]:
        return ["__name__"]

"""Tasks and the loop that runs them, as in extmod/asyncio/core.py and task.py@v1.28.0: one queue and one poll."""

from __future__ import annotations

import io
import sys
import time
import types
from bisect import insort
from collections.abc import Callable, Generator, Iterator
from contextlib import redirect_stdout, suppress
from typing import TYPE_CHECKING, Any, cast

from usock_lint.ports import Release
from usock_lint.shim.world.frozen import frozen
from usock_lint.shim.world.poll import Poll
from usock_lint.shim.world.traceback import print_exception

if TYPE_CHECKING:
    from usock_lint.shim.world.world import World

POLLIN, POLLOUT = 1, 4

OUTSIDE_RAISES_SINCE: Release = (1, 23, 0)
"""From then on current_task() raises an error outside a loop: extmod/asyncio/core.py:297@v1.23.0."""

WAITS_FOR_MAIN_SINCE: Release = (1, 26, 0)
"""Until then the loop ends when no task can go on, and the state of its main task does not change: bdb7e036d2."""

ON_STDERR_SINCE: Release = (1, 22, 0)
"""The release since which an unretrieved exception is printed to stderr: extmod/asyncio/core.py:271@v1.22.0."""


class CancelledError(BaseException):
    """The exception raised in a task that is cancelled."""

    @property
    def value(self) -> Any:
        """Its first argument, as every exception of MicroPython's has it."""
        return self.args[0] if self.args else None


class TimeoutError(Exception):
    """The exception of wait_for(). It is not an OSError, and not a builtin."""


def ticks() -> int:
    """Now, in ms."""
    return time.monotonic_ns() // 1_000_000


@types.coroutine
def pause() -> Generator[None, None, None]:
    """Let other tasks run until something puts this one back on a queue."""
    yield


CORE = "asyncio/core.py"

IDLE_MS = 3
"""The interval at which the loop looks again when nothing can wake a task: extmod/asyncio/core.py:175@v1.26.0."""


class TaskQueue:
    """Tasks in the order of their due times; of tasks with the same time the one that was pushed first."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.__scheduler = scheduler
        self.__tasks: list[tuple[int, int, Task]] = []
        self.__count = 0

    def __repr__(self) -> str:
        return "<TaskQueue>"

    def peek(self) -> Task | None:
        """The next task, None if the queue is empty."""
        return self.__tasks[0][2] if self.__tasks else None

    def push(self, task: Task, due: int | None = None) -> None:
        """Add a task that is due at this time, by default now."""
        task.data = None
        task.ph_key = ticks() if due is None else due
        self.__count += 1
        insort(self.__tasks, (task.ph_key, self.__count, task))

    def pop(self) -> Task:
        """Remove and return the next task."""
        return self.__tasks.pop(0)[2]

    def __iter__(self) -> Iterator[Task]:
        return (task for _, _, task in self.__tasks)

    def remove(self, task: Task) -> None:
        """Remove a task."""
        self.__tasks = [one for one in self.__tasks if one[2] is not task]


class Task:
    """A coroutine that the loop runs.

    While it runs, `state` is True, or a queue of the tasks that wait for it, or a callback. After its end `state` is
    None until some task waits for it, then False. `data` is what it waits for (a queue, a task), or the exception to
    raise in it when it goes on; after its end the exception that has ended it. `ph_key` is the time at which it is due.
    """

    __slots__ = ("__scheduler", "coro", "data", "ph_key", "state")

    def __init__(self, coro: Any, scheduler: Scheduler) -> None:
        self.coro = coro
        self.data: Any = None
        self.state: Any = True
        self.ph_key = 0
        self.__scheduler = scheduler

    def __repr__(self) -> str:
        return "<Task>"

    def __iter__(self) -> Generator[None, None, Any]:
        """Wait until the task has ended: its result, or its exception is raised."""
        if not self.state:
            self.state = False
        elif self.state is True:
            self.state = TaskQueue(self.__scheduler)
        elif type(self.state) is not TaskQueue:
            raise RuntimeError("can't wait")
        while self.state:
            waiting = self.__scheduler.running()
            self.state.push(waiting)
            waiting.data = self
            yield
        if isinstance(self.data, StopIteration):
            return self.data.value
        raise self.data

    __await__ = __iter__

    def done(self) -> bool:
        """True if it has ended."""
        return not self.state

    def cancel(self) -> bool:
        """Raise CancelledError in the task, or in the one that it waits for. False if it has ended already."""
        if not self.state:
            return False
        scheduler = self.__scheduler
        if self is scheduler.current:
            raise RuntimeError("can't cancel self")
        task = self
        while isinstance(task.data, Task):
            task = task.data
        if hasattr(task.data, "remove"):
            task.data.remove(task)
            scheduler.queue.push(task)
        elif task.ph_key > ticks():
            scheduler.queue.remove(task)
            scheduler.queue.push(task)
        task.data = CancelledError
        return True


class StreamWaiters:
    """The tasks that wait for one stream, by the event: one may wait to read and one to write."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.tasks: dict[int, Task] = {}

    @property
    def mask(self) -> int:
        """The events that are waited for."""
        return sum(self.tasks)


@frozen(CORE, __enqueue="_enqueue", __dequeue="_dequeue")
class IOQueue:
    """Tasks that wait for streams."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.__scheduler = scheduler
        self.__poll = Poll(scheduler.world.port)
        self.map: dict[int, StreamWaiters] = {}

    def queue_read(self, stream: Any) -> None:
        """Wake the running task when the stream can be read."""
        self.__enqueue(stream, POLLIN)

    def queue_write(self, stream: Any) -> None:
        """Wake the running task when the stream can be written to."""
        self.__enqueue(stream, POLLOUT)

    def __enqueue(self, stream: Any, event: int) -> None:
        # If two tasks wait for the same event, the first is never woken: frozen code has no assertions.
        task = self.__scheduler.running()
        waiting = self.map.get(id(stream))
        if waiting is None:
            self.__poll.register(stream, event)
            waiting = self.map[id(stream)] = StreamWaiters(stream)
        waiting.tasks[event] = task
        self.__poll.modify(stream, waiting.mask)
        task.data = self

    def remove(self, task: Task) -> None:
        """Stop waiting for the streams that this task waits for."""
        for waiting in [one for one in self.map.values() if task in one.tasks.values()]:
            self.__dequeue(waiting)

    def __dequeue(self, waiting: StreamWaiters) -> None:
        del self.map[id(waiting.stream)]
        self.__poll.unregister(waiting.stream)

    def wait_io_event(self, limit: int) -> None:
        """Wait up to `limit` ms, -1 for ever, and wake the tasks whose streams are ready."""
        for stream, events in self.__poll.poll(limit):
            waiting = self.map[id(stream)]
            for event, other in ((POLLIN, POLLOUT), (POLLOUT, POLLIN)):
                if events & ~other and event in waiting.tasks:
                    self.__scheduler.queue.push(waiting.tasks.pop(event))
            if waiting.tasks:
                self.__poll.modify(stream, waiting.mask)
            else:
                self.__dequeue(waiting)


class Scheduler:
    """The one loop of a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.handler: Callable[[Any, dict[str, Any]], object] | None = None
        self.current: Task | None = None
        self.context: dict[str, Any] = {
            "future": None,  # in the order of the hash table
            "message": "Task exception wasn't retrieved",
            "exception": None,
        }
        self.begin()

    def begin(self) -> None:
        """Start with empty queues."""
        self.queue = TaskQueue(self)
        self.io = IOQueue(self)

    def close(self) -> None:
        """Close the coroutines of tasks that have not ended. No `finally` prints, because on a device none runs."""
        left = [*self.queue, *(task for one in self.io.map.values() for task in one.tasks.values())]
        with redirect_stdout(io.StringIO()), suppress(BaseException):
            for task in left:
                task.coro.close()

    def running(self) -> Task:
        """The current task. Raises AttributeError outside the loop, as MicroPython does there."""
        if self.current is None:
            raise AttributeError("'NoneType' object has no attribute 'data'")
        return self.current

    def current_task(self) -> Task | None:
        """The current task. Outside the loop RuntimeError, on old releases None."""
        if self.current is None and self.world.port.release >= OUTSIDE_RAISES_SINCE:
            raise RuntimeError("no running event loop")
        return self.current

    @frozen(CORE)
    def create_task(self, coro: Any) -> Task:
        """The same as `start_task`, with a line in tracebacks: for the firmware's functions that call create_task()."""
        return self.start_task(coro)

    def start_task(self, coro: Any) -> Task:
        """Run a coroutine as a task. Raises TypeError for other objects, such as the result of sleep()."""
        if not hasattr(coro, "send"):
            raise TypeError("coroutine expected")
        task = Task(coro, self)
        self.queue.push(task)
        return task

    @frozen(CORE, as_task="_promote_to_task")
    def as_task(self, awaitable: Any) -> Task:
        """The task itself if it is one, else a new task."""
        return awaitable if isinstance(awaitable, Task) else self.create_task(awaitable)

    @frozen(CORE, run="run_until_complete")
    def run(self, main: Task | None) -> Any:
        """Run tasks until `main` ends, and return its result; None if no task can run any more."""
        while self.wait(main):
            task = self.queue.pop()
            self.current = task
            error = self.resume(task)
            if error is not None and self.ended(task, error, task is main):
                return cast(StopIteration, error).value
        self.current = None
        return None

    def wait(self, main: Task | None) -> bool:
        """Wait until a task is due. False if none ever will be; since WAITS_FOR_MAIN_SINCE only if `main` has ended."""
        keeps_on = self.world.port.release >= WAITS_FOR_MAIN_SINCE
        while True:
            self.world.port.handle_pending()
            following = self.queue.peek()
            if following is None and not self.io.map:
                if not main or not main.state or not keeps_on:
                    return False
                self.io.wait_io_event(IDLE_MS)
                continue
            limit = -1 if following is None else max(following.ph_key - ticks(), 0)
            self.io.wait_io_event(limit)
            if limit <= 0 and self.queue.peek():
                return True

    @frozen(CORE, resume="run_until_complete")
    def resume(self, task: Task) -> BaseException | None:
        """Run a task up to its next pause. If it ends, return the exception that ended it (StopIteration, an error).

        A task that has ended is on the queue if it failed before any task waited for it, see `ended`: its error again.
        """
        if not task.state and isinstance(task.data, BaseException):
            return task.data
        thrown = task.data
        try:
            if not thrown:
                task.coro.send(None)
            else:
                task.data = None
                task.coro.throw(thrown)
        except (CancelledError, Exception) as error:
            return error
        return None

    def ended(self, task: Task, error: BaseException, main: bool) -> bool:
        """Wake the tasks that wait for a task that has ended. True if it is the main one, whose error is raised.

        If none waits and it has failed, it gets another turn. If by then no task has waited for it, its error is passed
        to the exception handler (extmod/asyncio/core.py:231@v1.28.0).
        """
        if main:
            self.current = None
            changes_state = self.world.port.release >= WAITS_FOR_MAIN_SINCE
            if not isinstance(error, StopIteration):
                task.state = False if changes_state else task.state
                raise error
            if not changes_state:
                return True
            task.state = False if task.state is None else task.state
        if task.state:
            awaited = self.notify(task, error, main)
            if not awaited and not isinstance(error, CancelledError | StopIteration):
                self.queue.push(task)
            task.data = error
        elif task.state is None:
            self.unretrieved(task, error)
        return main

    def notify(self, task: Task, error: BaseException, main: bool) -> bool:
        """Wake the tasks that wait for a task that has ended. True if there were any, or if it is the main one."""
        state, task.state = task.state, False
        if state is True:
            task.state = False if main else None
            return main
        if callable(state):
            state(task, error)
            return True
        awaited = main
        while state.peek():
            self.queue.push(state.pop())
            awaited = True
        return awaited

    def unretrieved(self, task: Task, error: BaseException) -> None:
        """Pass the exception of a task that nobody waits for to the exception handler."""
        task.data = error
        self.context["exception"], self.context["future"] = error, task
        self.call_handler(self.context)

    def call_handler(self, context: dict[str, Any]) -> None:
        """Call the script's exception handler, or print the exception if there is none."""
        if self.handler:
            self.handler(self.world.load("asyncio").get_event_loop(), context)
        else:
            self.report(None, context)

    def report(self, _loop: object, context: dict[str, Any]) -> None:
        """Print the exception of a task that nobody waits for."""
        file = sys.stderr if self.world.port.release >= ON_STDERR_SINCE else sys.stdout
        future = context["future"]
        print(context["message"], file=file)
        show = self.world.printer.repr
        print("future:", show(future), "coro=", show(future.coro), file=file)
        print_exception(context["exception"], file, self.world.builtins)


def loop_class(scheduler: Scheduler) -> type:
    """The result of get_event_loop(): a class with static functions only."""

    @frozen(CORE)
    class Loop:
        """The one event loop of a script."""

        __stop: Task | None = None

        @staticmethod
        def create_task(coro: Any) -> Task:
            """Run a coroutine as a task, also before the loop runs."""
            return scheduler.create_task(coro)

        @staticmethod
        def run_until_complete(awaitable: Any) -> Any:
            """Run until this coroutine or task ends; return its result."""
            return scheduler.run(scheduler.as_task(awaitable))

        @staticmethod
        def run_forever() -> None:
            """Run until stop()."""
            Loop.__stop = Task(stopper(), scheduler)
            scheduler.run(Loop.__stop)

        @staticmethod
        def stop() -> None:
            """End run_forever()."""
            if Loop.__stop is not None:
                scheduler.queue.push(Loop.__stop)
                Loop.__stop = None

        @staticmethod
        def close() -> None:
            """Do nothing, as on the device."""

        @staticmethod
        def set_exception_handler(handler: Any) -> None:
            """Set the function that is called, with the loop and a context, for an error in a task nobody waits for."""
            scheduler.handler = handler

        @staticmethod
        def get_exception_handler() -> Any:
            """The handler given to set_exception_handler()."""
            return scheduler.handler

        @staticmethod
        def default_exception_handler(loop: object, context: dict[str, Any]) -> None:
            """Print the exception in a context."""
            scheduler.report(loop, context)

        @staticmethod
        def call_exception_handler(context: dict[str, Any]) -> None:
            """Handle the exception in a context."""
            scheduler.call_handler(context)

    return Loop


async def stopper() -> None:
    """The main task of run_forever()."""

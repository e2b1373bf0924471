"""Work shared among processes, or done by any executor: largest items first, results as they are ready."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager

from usock_lint.fast_dataclasses import NamedTuple
from usock_lint.linting.source import Source
from usock_lint.settings.config import Config
from usock_lint.syntax import kept_trees
from usock_lint.threads import keep_large_stack, one_large_stack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from concurrent.futures import Executor, Future, ProcessPoolExecutor
    from multiprocessing.process import BaseProcess
    from typing import Any, TypeVar

    from usock_lint.running.cache import Keys

    Result = TypeVar("Result")

    Batches = list["tuple[Item, ...]"]
    Running = dict[Future[list[Result]], "tuple[Item, ...]"]

FORKS = sys.platform == "linux"
"""True if workers are forked, so that they share the modules this process has imported."""

_BATCH = 16_000
"""Bytes of source sent to a worker at a time: enough to hide the cost of sending, few enough to share evenly."""

_PAYS = 200_000 if FORKS else 2_000_000
"""Bytes of source below which a worker costs more to start than it saves."""

_MOST = 61 if sys.platform == "win32" else None
"""Processes that a pool can wait for: Windows waits for 63 handles at once, and the pool has two of its own."""

_AHEAD = 2
"""Batches a worker has at most: the one it is at, and the next. If it dies, these are done again."""


class Item(NamedTuple):
    """A file for a worker.

    `place` is its index among all files, `size` is in bytes, `keys` makes its cache key, and `folder` is the one below
    which it was found, None if it was named itself. `source` is its content if it was read already: a worker process
    reads it again, which takes no longer than receiving it.
    """

    place: int
    path: str
    size: int
    config: Config = Config()
    keys: Keys | None = None
    folder: str | None = None
    source: Source | None = None


class WorkerDiedError(Exception):
    """The worker process that worked on a file died, and so did the one that tried again."""


class _NotStartedError(Exception):
    """The system starts no process: it has no room for one, or this process may open no more files."""


def how_many(items: Sequence[Item], jobs: int | None) -> int:
    """The number of processes worth starting for these items, at most `jobs`; below 2 means none."""
    most = min(_processors() if jobs is None else jobs, len(items), *([_MOST] if _MOST else []))
    return min(most, sum(item.size for item in items) // _PAYS) if jobs is None else most


def here(job: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[tuple[Item, Result]]:
    """Yield each item with the result of the job, which this process does."""
    with one_large_stack(), kept_trees.keeping:
        for item in items:
            yield item, job(item)


def by_executor(
    executor: Executor, job: Callable[[Item], Result], items: Iterable[Item]
) -> Iterator[tuple[Item, Result]]:
    """Yield each item with the result of the job. An exception of the executor is raised."""
    from concurrent.futures import as_completed

    running = {executor.submit(_do, job, batch): batch for batch in _batches(items)}
    try:
        for done in as_completed(running):
            yield from zip(running.pop(done), done.result(), strict=True)
    finally:
        for left in running:
            left.cancel()


def by_processes(
    count: int, job: Callable[[Item], Result], items: Iterable[Item]
) -> Iterator[tuple[Item, Result | WorkerDiedError]]:
    """As `by_executor`, with own processes, which end with the iterator. An item that kills one yields an error.

    If no process can be started, this one does the work.
    """
    pending = _batches(items)[::-1]
    while pending:
        lost: Batches = []
        try:
            yield from _until_one_dies(count, job, pending, lost)
        except _NotStartedError:
            yield from here(job, (item for batch in (*lost, *pending[::-1]) for item in batch))
            return
        for item in (item for batch in lost for item in batch):
            died: Batches = []
            try:
                yield from _until_one_dies(1, job, [(item,)], died)
            except _NotStartedError:
                died.append((item,))
            if died:
                yield item, WorkerDiedError("the process that linted it died, twice")


def _until_one_dies(
    count: int, job: Callable[[Item], Result], pending: Batches, lost: Batches
) -> Iterator[tuple[Item, Result]]:
    """Do the pending batches, the last one first; those that a dead worker may have been at become lost.

    Raises _NotStartedError, with those that were given to a worker lost.
    """
    from concurrent.futures import FIRST_COMPLETED, wait
    from concurrent.futures.process import BrokenProcessPool

    with _starting():
        pool, stop = _pool(count)
    running: Running[Result] = {}
    try:
        while pending or running:
            with _shared(), _starting():
                while pending and len(running) < count * _AHEAD:
                    future = pool.submit(_do, job, pending[-1])
                    running[future] = pending.pop()
            for done in wait(running, return_when=FIRST_COMPLETED).done:
                yield from zip(running[done], done.result(), strict=True)
                del running[done]
    except (BrokenProcessPool, _NotStartedError) as error:
        lost += running.values()
        if isinstance(error, _NotStartedError):
            raise
    except KeyboardInterrupt:
        stop()
        for done in [future for future in running if future.done() and not future.exception()]:
            yield from zip(running[done], done.result(), strict=True)
        raise
    finally:
        if running or pending:
            stop()
        pool.shutdown(cancel_futures=True)


@contextmanager
def _starting() -> Generator[None]:
    """Raise _NotStartedError where processes, or the pipes to them, cannot be made."""
    try:
        yield
    except OSError as error:
        raise _NotStartedError from error


@contextmanager
def _shared() -> Generator[None]:
    """Freeze the objects of this process while others are forked from it.

    A garbage collection in a fork would write to all objects that it shares with this process, and so copy them.
    """
    import gc

    if gc.get_freeze_count():
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _pool(count: int) -> tuple[ProcessPoolExecutor, Callable[[], None]]:
    """A pool of processes, and a function that kills them in the middle of their work.

    The function kills all of them, also those that have not started: a remaining one would wait for ever for the lock
    of a queue that a killed one held.
    """
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from copy import copy

    context = copy(multiprocessing.get_context("fork") if FORKS else multiprocessing.get_context("spawn"))
    make: Callable[..., BaseProcess] = context.Process
    made: list[BaseProcess] = []

    def made_process(*args: Any, **keywords: Any) -> BaseProcess:
        made.append(make(*args, **keywords))
        return made[-1]

    def stop() -> None:
        for process in made:
            if process.pid is not None:
                process.terminate()

    context.__dict__["Process"] = made_process
    return ProcessPoolExecutor(count, context, _begin), stop


def _begin() -> None:
    """Begin a worker process: its parent handles interrupts, one thread lints all its files, and trees are kept."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _end_with_parent()
    keep_large_stack()
    kept_trees.keeping.__enter__()  # until the process ends


def _end_with_parent() -> None:
    """End this process as soon as its parent is dead, even if that was killed.

    It would wait for work for ever, and so would a program that reads the output, as this process has that open, too.
    """
    from multiprocessing import parent_process
    from threading import Thread

    if parent := parent_process():
        Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()


def _do(job: Callable[[Item], Result], batch: Iterable[Item]) -> list[Result]:
    with kept_trees.keeping:
        return [job(item) for item in batch]


def _batches(items: Iterable[Item]) -> list[tuple[Item, ...]]:
    """The items, the largest first, in portions that take about as long as each other."""
    batches: list[tuple[Item, ...]] = []
    room = 0
    for item in sorted(items, key=lambda item: -item.size):
        if item.size > room:
            batches.append(())
            room = _BATCH
        batches[-1] += (item._replace(source=None),)
        room -= item.size
    return batches


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1

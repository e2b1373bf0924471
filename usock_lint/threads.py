"""States of the whole interpreter that the work on one file needs, while other threads work on theirs."""

from __future__ import annotations

import gc
import sys
from _thread import allocate_lock  # what `threading` gives out as Lock; it is slow to import
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, suppress

_RECURSION = 8_000
"""Calls that may be nested: a few for each level of a tree, which chains of operators, strings or elifs make deep."""


class Shared:
    """A state that is set by the first thread that needs it, and undone when the last one needs it no more.

    Were each to save what it finds and to put it back, one would undo it under another, or for good.
    """

    def __init__(self, state: Callable[[], AbstractContextManager[object]]) -> None:
        self._state = state
        self._lock = allocate_lock()
        self._threads = 0
        self._set: AbstractContextManager[object] | None = None

    def __enter__(self) -> None:
        with self._lock:
            if self._set is None:
                self._set = self._state()
                self._set.__enter__()
            self._threads += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._threads -= 1
            if not self._threads and self._set is not None:
                left, self._set = self._set, None
                left.__exit__(None, None, None)


@contextmanager
def _without_collector() -> Generator[None]:
    collecting = gc.isenabled()
    gc.disable()
    yield
    if collecting:
        gc.enable()


@contextmanager
def _with_deep_recursion() -> Generator[None]:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, _RECURSION))
    yield
    with suppress(RecursionError):  # this thread began where another had raised the limit, deeper than it was before
        sys.setrecursionlimit(limit)


@contextmanager
def _without_warnings() -> Generator[None]:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


without_collector = Shared(_without_collector)
"""A file's tree is all new and all alive: looking for garbage in it doubles the time."""

with_deep_recursion = Shared(_with_deep_recursion)

without_warnings = Shared(_without_warnings)
"""For parts of a file that Python is to read: an invalid escape is the author's business."""

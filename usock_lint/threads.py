"""Process-wide states that linting needs (collector, recursion limit, warnings), shared by threads that lint files."""

from __future__ import annotations

import gc
import sys
from _thread import allocate_lock  # what `threading` gives out as Lock; it is slow to import
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, suppress

_RECURSION = 8_000
"""The recursion limit: a few calls for each level of a tree. Chains of operators, strings or elifs make deep ones."""


class Shared:
    """A state that the first thread to enter sets and the last one to leave resets.

    If each thread saved and restored the state itself, one would reset it while another still needs it, or restore what
    another one had set.
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
"""The garbage collector is off: a file's tree is new and alive, and looking for garbage in it doubles the time."""

with_deep_recursion = Shared(_with_deep_recursion)

without_warnings = Shared(_without_warnings)
"""Warnings are off while Python compiles parts of a file: an invalid escape in it is no concern of the linter."""

"""Threads for linting: one with a large enough stack, and process-wide state that several of them share."""

from __future__ import annotations

import gc
import sys

# What `threading` gives out as Lock and others; it is slow to import.
from _thread import allocate_lock, get_ident, stack_size, start_new_thread
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from typing_extensions import Never

    Result = TypeVar("Result")

_RECURSION = 8_000
"""The recursion limit: a few calls for each level of a tree. Chains of operators, strings or elifs make deep ones."""

_STACK = 64 << 20
"""Bytes of stack. The parser takes up to 15,000 for each level; what is not used takes no memory."""

_PATIENCE = 1.0
"""Seconds to wait, after an interrupt, for the file that is being linted."""

_starting = allocate_lock()
_large: set[int] = set()
"""Threads whose stack is large."""


def on_large_stack(function: Callable[[], Result]) -> Result:
    """Call a function in a thread that has a large stack, as nested code is parsed and walked by recursion.

    Where the C stack ends, so does the process, and the stack of this thread may be small. A thread of its own costs
    0.1 ms, and nothing that a fork would meet is left of it. A debugger or profiler sees this thread alone: with one,
    and where there are no threads, the function is called here.
    """
    if get_ident() in _large or sys.gettrace() or sys.getprofile():
        return function()
    outcome: list[Callable[[], Result]] = []
    done = allocate_lock()
    done.acquire()

    def call() -> None:
        with on_this_stack():
            try:
                result = function()
                outcome.append(lambda: result)
            except BaseException as error:
                outcome.append(_raising(error))
        done.release()

    if not _started(call):
        return function()
    try:
        done.acquire()
    except KeyboardInterrupt:
        done.acquire(timeout=_PATIENCE)
        raise
    return outcome.pop()()


def _raising(error: BaseException) -> Callable[[], Never]:
    def fail() -> Never:
        raise error

    return fail


def _started(function: Callable[[], None]) -> bool:
    """True if a thread with a large stack could be started. Its size is a setting of the process, which is restored."""
    with _starting:
        try:
            before = stack_size(_STACK)
        except (ValueError, RuntimeError):
            return False
        try:
            start_new_thread(function, ())
        except RuntimeError:  # there is no memory left for it, or there are no threads
            return False
        finally:
            stack_size(before)
    return True


@contextmanager
def on_this_stack() -> Generator[None]:
    """Start no further threads from this one: its stack is large, or what it lints is small."""
    ident = get_ident()
    is_new = ident not in _large
    _large.add(ident)
    try:
        yield
    finally:
        if is_new:
            _large.discard(ident)


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

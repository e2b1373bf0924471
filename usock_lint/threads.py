"""Threads for linting: one with a large enough stack, and process-wide state that several of them share."""

from __future__ import annotations

import gc
import os
import sys

# What `threading` gives out as Lock and others; it is slow to import.
from _thread import allocate_lock, get_ident, stack_size, start_new_thread
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

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

_kept: dict[int, _Thread] = {}
"""For a thread, the one with a large stack that is to call its functions."""


def on_large_stack(function: Callable[[], Result]) -> Result:
    """Call a function in a thread that has a large stack, as nested code is parsed and walked by recursion.

    Where the C stack ends, so does the process, and the stack of this thread may be small. A thread of its own costs
    0.1 ms, and nothing that a fork would meet is left of it. A debugger or profiler sees this thread alone: with one,
    and where there are no threads, the function is called here.
    """
    if get_ident() in _large or sys.gettrace() or sys.getprofile():
        return function()
    kept = _kept.get(get_ident())
    if kept is not None and kept.is_idle():
        return kept.call(function)
    return _Thread().call(function, is_last=True)


@contextmanager
def one_large_stack() -> Generator[None]:
    """Call all functions of `on_large_stack` in one thread.

    What a thread had of memory goes back to the system when it ends, and has to be fetched and zeroed for the next.
    """
    ident = get_ident()
    if ident in _large or ident in _kept:
        yield
        return
    thread = _kept[ident] = _Thread()
    try:
        yield
    finally:
        del _kept[ident]
        thread.end()


def keep_large_stack() -> None:
    """As `one_large_stack`, until the process ends."""
    _kept[get_ident()] = _Thread()


class _Thread:
    """A thread with a large stack. It calls one function after another, while the thread that gives them waits."""

    def __init__(self) -> None:
        self._process = os.getpid()
        self._function: Callable[[], object] | None = None
        self._is_last = False
        self._outcome: list[Callable[[], object]] = []
        self._given, self._done = allocate_lock(), allocate_lock()
        self._given.acquire()
        self._done.acquire()
        self._has_started = False
        self._is_busy = False

    def is_idle(self) -> bool:
        """True if it can be given a function: it is not in one that an interrupt left, and not lost by a fork."""
        return not self._is_busy and self._process == os.getpid()

    def call(self, function: Callable[[], Result], *, is_last: bool = False) -> Result:
        """The result of a function, or its exception. After the last one the thread ends."""
        if not self._has_started and not _started(self._run):
            return function()
        self._has_started = self._is_busy = True
        self._function, self._is_last = function, is_last
        self._given.release()
        try:
            self._done.acquire()
        except KeyboardInterrupt:
            self._done.acquire(timeout=_PATIENCE)
            raise
        self._is_busy = False
        result: Callable[[], Any] = self._outcome.pop()
        return result()

    def end(self) -> None:
        """End the thread, once it is done with what an interrupt has left."""
        if self._has_started and self._process == os.getpid():
            self._function = None
            self._given.release()

    def _run(self) -> None:
        with on_this_stack():
            while self._takes_one():
                pass
        if self._is_last:
            self._done.release()

    def _takes_one(self) -> bool:
        """Call the next function, and keep nothing of it; False if it is the last one, or there is none."""
        self._given.acquire()
        function, self._function = self._function, None
        if function is None:
            return False
        try:
            result = function()
            self._outcome.append(lambda: result)
        except BaseException as error:
            self._outcome.append(_raising(error))
        if self._is_last:
            return False
        del function
        self._done.release()
        return True


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

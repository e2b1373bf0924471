"""_thread: the host's threads, called as MicroPython's are (py/modthread.c@v1.28.0)."""

from __future__ import annotations

import _thread as host
import sys
from collections.abc import Callable
from typing import Any, cast

from usock_lint.shim.core.arguments import check_count, integer
from usock_lint.shim.core.sealed import Module, Sealed
from usock_lint.shim.world.traceback import print_exception


class lock(metaclass=Sealed):  # noqa: N801 (as on the device)
    """A lock, which allocate_lock() makes."""

    __slots__ = ("__host",)

    def __init__(self, *_: object, **__: object) -> None:
        raise TypeError("can't create 'lock' instances")

    def acquire(self, *wait: Any) -> bool:
        """Take the lock, waiting for it unless the first argument is false. The timeout in the second is ignored."""
        check_count(len(wait) + 1, 1, 3)
        return _host.__get__(self).acquire(not wait or bool(integer(wait[0])))

    def release(self) -> None:
        """Release the lock. Raises RuntimeError if it is not taken."""
        try:
            _host.__get__(self).release()
        except RuntimeError:
            raise RuntimeError from None

    def locked(self) -> bool:
        """True if it is taken."""
        return _host.__get__(self).locked()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


_host: Any = vars(lock)["_lock__host"]
"""The slot for the host's lock. It is deleted from the class, so that scripts do not see it."""
type.__delattr__(lock, "_lock__host")


def allocate_lock() -> lock:
    """A new lock."""
    made = object.__new__(lock)
    _host.__set__(made, host.allocate_lock())
    return made


class SecondCore:
    """The core of an rp2 beside that of the main program: it runs one thread (ports/rp2/mpthreadport.c:128@v1.28.0)."""

    NUMBER = 2

    def __init__(self, error: Callable[[str], OSError]) -> None:
        self._lock, self._error = host.allocate_lock(), error
        self.thread = 0
        """The host's number of the thread that runs, or ran last."""

    def take(self) -> None:
        """Begin a thread. Raises OSError while another one runs."""
        if not self._lock.acquire(False):
            raise self._error("core1 in use")

    def leave(self) -> None:
        """End the thread."""
        self._lock.release()

    def number(self) -> int:
        """The number of the thread that asks (ports/rp2/mpthreadport.c:119@v1.28.0)."""
        return self.NUMBER if host.get_ident() == self.thread else 1


def start(world: Any, function: Any, args: Any, named: tuple[Any, ...], core: SecondCore | None) -> int:
    """Call a function in a new thread; the thread's number. An exception is printed (py/modthread.c:214@v1.28.0).

    `core` is the only one on which the thread can run, if there is but one.
    """
    if not isinstance(args, tuple | list):
        raise TypeError(f"object '{type(args).__name__}' isn't a tuple or list")
    if named and not isinstance(named[0], dict):
        raise TypeError("expecting a dict for keyword args")
    keywords = cast("dict[str, Any]", named[0] if named else {})

    def call() -> None:
        if core:
            core.thread = host.get_ident()
        try:
            function(*cast("tuple[Any, ...]", args), **keywords)
        except SystemExit:
            pass
        except BaseException as error:
            print("Unhandled exception in thread started by", world.printer.repr(function), file=sys.stderr)
            print_exception(error, sys.stderr, world.builtins)
        finally:
            if core:
                core.leave()

    if core:
        core.take()
    number = host.start_new_thread(call, ())
    return core.NUMBER if core else number


def leave() -> None:
    """End the thread."""
    raise SystemExit


def thread(world: Any) -> Module:
    """The module."""
    size, core = 0, SecondCore(world.port.OSError) if world.port.name == "rp2" else None

    def start_new_thread(function: Any, args: Any, *named: Any) -> int:
        return start(world, function, args, named, core)

    def stack_size(*wanted: Any) -> int:
        nonlocal size
        before, size = size, integer(wanted[0]) if wanted else 0
        return before

    return Module(
        {
            "__name__": "_thread",
            "LockType": lock,
            "allocate_lock": allocate_lock,
            "exit": leave,
            "get_ident": core.number if core else host.get_ident,
            "stack_size": stack_size,
            "start_new_thread": start_new_thread,
        }
    )

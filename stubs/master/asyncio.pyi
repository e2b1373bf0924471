"""MicroPython's asyncio: tasks, what they wait for, and streams.

It has less than CPython's: no queues, futures, transports or protocols, and no methods of the loop that wait for sockets.
"""

from collections.abc import Awaitable, Callable, Coroutine, Generator
from types import TracebackType
from typing import Generic, Literal, TypeVar, final, overload, type_check_only

from typing_extensions import TypeAlias

from ssl import SSLContext

_T = TypeVar("_T")
_T_co = TypeVar("_T_co", covariant=True)
_Data: TypeAlias = bytes | bytearray | memoryview

class CancelledError(BaseException):
    """A task was cancelled. It is no Exception, so that `except Exception` lets it through."""

class TimeoutError(Exception):
    """What wait_for waited for took too long. It is no OSError."""

@final
class Task(Generic[_T_co]):
    """A coroutine that runs; create_task makes it. Awaiting it gives what the coroutine returns."""

    def cancel(self) -> bool:
        """Raise CancelledError in the task. Raises RuntimeError for the task that calls it."""

    def done(self) -> bool:
        """Whether it has come to its end."""

    def __await__(self) -> Generator[None, None, _T_co]: ...

@final
class Event:
    """A flag that tasks wait for. It is not to be set from an interrupt or a thread: see ThreadSafeFlag."""

    def is_set(self) -> bool:
        """Whether it is set."""

    def set(self) -> None:
        """Let all that wait go on."""

    def clear(self) -> None:
        """Take it back."""

    async def wait(self) -> Literal[True]:
        """Wait until it is set."""

@final
class ThreadSafeFlag:
    """A flag for one task to wait for, which an interrupt or a thread may set."""

    def set(self) -> None:
        """Let the task that waits go on."""

    def clear(self) -> None:
        """Take it back."""

    async def wait(self) -> None:
        """Wait until it is set, and clear it."""

@final
class Lock:
    """A lock between tasks, also for `async with`."""

    def locked(self) -> bool:
        """Whether a task holds it."""

    async def acquire(self) -> Literal[True]:
        """Wait until it is free, and take it."""

    def release(self) -> None:
        """Let go of it. Raises RuntimeError where nobody holds it."""

    async def __aenter__(self) -> Literal[True]: ...
    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None: ...

@type_check_only
class _Stream:
    """A TCP connection, which reads and writes; open_connection and start_server give the same one twice."""

    def get_extra_info(self, v: Literal["peername"]) -> tuple[str, int]:
        """The address of the other side. There is no other information."""

    def close(self) -> None:
        """Nothing: await wait_closed()."""

    async def wait_closed(self) -> None:
        """Close it."""

    async def read(self, n: int = -1) -> bytes:
        """Read at most *n* bytes, or up to the end; `b""` is the end."""

    async def readinto(self, buf: bytearray | memoryview) -> int | None:
        """Read into a buffer; return how many bytes came."""

    async def readexactly(self, n: int) -> bytes:
        """Read *n* bytes. Raises EOFError where the end comes before."""

    async def readline(self) -> bytes:
        """Read up to the end of a line, or of all."""

    def write(self, buf: _Data) -> None:
        """Keep bytes, or send what can be sent at once; await drain() for the rest."""

    async def drain(self) -> None:
        """Send what was written."""

StreamReader: TypeAlias = _Stream
"""The class of streams."""
StreamWriter: TypeAlias = _Stream
"""The same class."""

@final
@type_check_only
class _Server:
    """What accepts clients, from start_server on."""

    def close(self) -> None:
        """Accept no more clients."""

    async def wait_closed(self) -> None:
        """Wait until it is closed, which it is by close() alone: so a program goes on serving."""

    async def __aenter__(self) -> _Server: ...
    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None: ...

@final
class Loop:
    """The event loop. There is one, and nothing of it depends on an object."""

    @staticmethod
    def create_task(coro: Coroutine[None, None, _T]) -> Task[_T]:
        """Let a coroutine run."""

    @staticmethod
    def run_forever() -> None:
        """Run the tasks until stop()."""

    @staticmethod
    def run_until_complete(aw: Coroutine[None, None, _T]) -> _T:
        """Run all tasks until this one has come to its end; return what it returns."""

    @staticmethod
    def stop() -> None:
        """End run_forever()."""

    @staticmethod
    def close() -> None:
        """Nothing."""

    @staticmethod
    def set_exception_handler(handler: Callable[[type[Loop], dict[str, object]], object] | None) -> None:
        """Call this for exceptions of tasks that nobody awaits."""

    @staticmethod
    def get_exception_handler() -> Callable[[type[Loop], dict[str, object]], object] | None:
        """What is called, if anything."""

    @staticmethod
    def default_exception_handler(loop: object, context: dict[str, object]) -> None:
        """Print the exception."""

    @staticmethod
    def call_exception_handler(context: dict[str, object]) -> None:
        """Call what is set."""

def run(coro: Coroutine[None, None, _T]) -> _T:
    """Run a coroutine, and all tasks meanwhile; return what it returns."""

def create_task(coro: Coroutine[None, None, _T]) -> Task[_T]:
    """Let a coroutine run."""

def current_task() -> Task[object]:
    """The task that is running. Raises RuntimeError in none."""

def sleep(t: float) -> Awaitable[None]:
    """Wait some seconds. What it gives is no coroutine: it is to be awaited at once."""

def sleep_ms(t: int) -> Awaitable[None]:
    """Wait some milliseconds."""

async def wait_for(aw: Awaitable[_T], timeout: float | None) -> _T:
    """Wait for something, some seconds at most. Raises TimeoutError, and cancels it then."""

async def wait_for_ms(aw: Awaitable[_T], timeout: int | None) -> _T:
    """The same in milliseconds."""

@overload
async def gather(*aws: Awaitable[_T], return_exceptions: Literal[False] = False) -> list[_T]:
    """Wait for all of these; return what they return. With *return_exceptions* also what they raise."""

@overload
async def gather(*aws: Awaitable[_T], return_exceptions: bool) -> list[_T | BaseException]: ...

async def open_connection(
    host: str, port: int, ssl: SSLContext | bool | None = None, server_hostname: str | None = None
) -> tuple[_Stream, _Stream]:
    """Connect to a server; return a stream, twice. With *ssl* by TLS."""

async def start_server(
    cb: Callable[[_Stream, _Stream], object], host: str, port: int, backlog: int = 5, ssl: SSLContext | None = None
) -> _Server:
    """Accept clients, and call *cb*, a coroutine function, for each with its stream, twice."""

def get_event_loop(runq_len: int = 0, waitq_len: int = 0) -> Loop:
    """The event loop."""

def new_event_loop() -> Loop:
    """The event loop, with no task left."""

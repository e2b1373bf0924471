"""MicroPython's select module: wait for several streams at once.

No parameter can be passed by name. ``select.select`` is on boards only; ``poll`` is on all ports that have the module.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final, final, type_check_only

from typing_extensions import TypeAlias

# A stream: a socket, a TLS socket, a UART, sys.stdin or an object of one's own with an ioctl method. Nothing that
# types can tell is common to them, and what is registered comes out again.
_Stream: TypeAlias = Any

POLLIN: Final[int]
"""Event: there is something to read, or somebody to accept."""
POLLOUT: Final[int]
"""Event: something can be written."""
POLLERR: Final[int]
"""Event that need not be asked for: an error."""
POLLHUP: Final[int]
"""Event that need not be asked for: the other side has gone."""

def select(
    rlist: list[_Stream] | tuple[_Stream, ...],
    wlist: list[_Stream] | tuple[_Stream, ...],
    xlist: list[_Stream] | tuple[_Stream, ...],
    timeout: float | None = None,
    /,
) -> tuple[list[_Stream], list[_Stream], list[_Stream]]:
    """Wait until something can be read from *rlist*, written to *wlist* or has failed in *xlist*; in seconds.

    Boards only.
    """

@type_check_only
class _Events(Iterable[tuple[_Stream, int]]):
    def __iter__(self) -> Iterator[tuple[_Stream, int]]: ...
    def __next__(self) -> tuple[_Stream, int]: ...

@final
class poll:
    """A set of streams to wait for."""

    def __init__(self) -> None: ...
    def register(self, stream: _Stream, eventmask: int = ..., /) -> None:
        """Wait for these events on *stream* too: for POLLIN and POLLOUT unless told otherwise.

        Raises OSError for what cannot be waited for, when it is registered or at the next poll.
        """

    def unregister(self, stream: _Stream, /) -> None:
        """Wait for *stream* no longer. One that is not registered is not an error."""

    def modify(self, stream: _Stream, eventmask: int, /) -> None:
        """Wait for other events on *stream*. Raises OSError (ENOENT) when it is not registered."""

    def poll(self, timeout: int | None = ..., /) -> list[tuple[_Stream, int]]:
        """Wait *timeout* milliseconds, an int, or for ever, for an event; return (stream, events) pairs."""

    def ipoll(self, timeout: int | None = ..., flags: int = ..., /) -> _Events:
        """Wait as poll does; return an iterator that yields the same tuple over and over, filled anew.

        With *flags* 1 a stream that had an event is not waited for again until modify.
        """

"""The base of the sockets of boards: a non-blocking host socket, and waiting for it with the port's timeouts."""

from __future__ import annotations

import fcntl
import select
import socket as host_socket
import struct
import sys
import termios
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeAlias, TypeVar

from usock_lint.shim.boards.port import BoardPort, Listener
from usock_lint.shim.core.arguments import real
from usock_lint.shim.core.base import TICK_MS

T = TypeVar("T")

EVENTS = select.POLLIN | select.POLLOUT | select.POLLERR | select.POLLHUP | select.POLLNVAL
"""The events that a board's sockets have; the host has others that a program may ask for."""


_SO_NWRITE = 0x1024
"""macOS's option for what a socket has not sent yet (sys/socket.h); Python's socket module does not name it."""


Ends: TypeAlias = tuple[Any, Any]
"""The addresses at both ends of a connection, the own one first."""


def ends(host: host_socket.socket) -> Ends:
    """The two addresses of a connected socket, two empty ones of any other, also of one that was reset."""
    try:
        return host.getsockname(), host.getpeername()
    except OSError:
        return (), ()


def has_error(host: host_socket.socket) -> bool:
    """True if the host has an error for the connection, or both sides have ended it."""
    ready = select.poll()
    ready.register(host, 0)
    return bool(ready.poll(0))


def listens(host: host_socket.socket) -> bool:
    """True if a socket is a listener."""
    return bool(host.getsockopt(host_socket.SOL_SOCKET, host_socket.SO_ACCEPTCONN))


def unread(host: host_socket.socket) -> int:
    """The number of bytes that wait to be read, of a datagram socket those of the first datagram; 0 if it is closed."""
    try:
        raw = fcntl.ioctl(host, termios.FIONREAD, struct.pack("i", 0))
    except (OSError, ValueError):
        return 0
    count: int = struct.unpack("i", raw)[0]
    return count


def unsent(host: host_socket.socket) -> int:
    """The number of bytes that the host has accepted for this socket but not sent yet."""
    if sys.platform == "darwin":  # its TIOCOUTQ is for terminals alone
        return host.getsockopt(host_socket.SOL_SOCKET, _SO_NWRITE)
    raw = fcntl.ioctl(host, termios.TIOCOUTQ, struct.pack("i", 0))
    count: int = struct.unpack("i", raw)[0]
    return count


class Waiting(Listener):
    """A host socket and a timeout. Times are in milliseconds, None is for ever."""

    def __init__(self, port: BoardPort, kind: int, host: host_socket.socket) -> None:
        self.port = port
        self.kind = kind
        """SOCK_STREAM, SOCK_DGRAM or SOCK_RAW."""
        self.timeout: int | None = None
        self.queue: deque[tuple[bytes, Any]] = deque()
        """Datagrams that were taken from the host and not read, with the senders' addresses."""
        self.heard = 0
        """At the last call of `news`: 0 if nothing waited to be read, else 1 and the number of bytes that did.

        A connection or the end of the stream waits without bytes."""
        self.adopt(host)

    def adopt(self, host: host_socket.socket) -> None:
        """Work with this host socket from now on."""
        host.setblocking(False)
        self.host = host
        self.port.open.add(host)

    @property
    def stream(self) -> bool:
        """True if it is a TCP socket."""
        return self.kind == host_socket.SOCK_STREAM

    @property
    def closed(self) -> bool:
        """True if it was closed."""
        return self.host.fileno() < 0

    def check(self) -> None:
        """OSError when it was closed."""
        if self.closed:
            raise self.port.error("EBADF")

    def check_option(self, name: str) -> None:
        """OSError when it was closed and this option cannot be set."""
        self.check()

    def close(self) -> None:
        """Close; a second time does nothing."""
        self.port.callbacks.pop(self, None)
        self.port.open.discard(self.host)
        self.host.close()

    def settimeout(self, seconds: object) -> None:
        """A number of seconds, None for no timeout; what a negative one does is undefined, here it blocks."""
        milliseconds = -1 if seconds is None else int(real(seconds) * 1000)
        self.timeout = None if milliseconds < 0 else milliseconds

    def setblocking(self, flag: object) -> None:
        """Block without a timeout, or do not block."""
        self.timeout = None if flag else 0

    def limit(self, operation: str) -> int | None:
        """The timeout of `operation` in ms, rounded to the steps in which the port counts it."""
        steps = self.port.does("timeout_resolution_ms")
        if self.timeout is None or steps is None:
            return self.timeout
        named = {"recv": "recv_tcp" if self.stream else "recv_udp", "accept": "accept", "connect": "connect"}
        step = steps[named[operation]] if operation in named else 1
        return self.timeout // step * step

    def expired(self, operation: str) -> OSError:
        """The error of an operation that did not end in time."""
        waits = self.timeout != 0
        key = "recv_udp" if operation == "recv" and not waits and not self.stream else operation
        names: Mapping[str, str | None] = self.port.does("timeout_errno" if waits else "nonblocking_errno") or {}
        usual = "ETIMEDOUT" if waits else "EINPROGRESS" if operation == "connect" else "EAGAIN"
        return self.port.error(names.get(key) or usual)

    def wait(self, mask: int, limit: int | None) -> bool:
        """True if the host socket is ready for `mask` within `limit` ms; the port works meanwhile."""
        end = None if limit is None else time.monotonic() + limit / 1000
        ready = select.poll()
        ready.register(self.host, mask)
        while True:
            rest = None if end is None else max((end - time.monotonic()) * 1000, 0)
            if self.port.work():
                rest = TICK_MS if rest is None else min(rest, TICK_MS)
            if ready.poll(rest):
                return True
            if end is not None and time.monotonic() >= end:
                return False

    def attempt(self, action: Callable[[], T], mask: int, operation: str, at_once: bool = False) -> T:
        """The result of `action`, as soon as the host socket is ready; OSError if that takes too long."""
        limit = 0 if at_once else self.limit(operation)
        end = None if limit is None else time.monotonic() + limit / 1000
        while True:
            with self.port.raising(), suppress(BlockingIOError):
                return action()
            rest = None if end is None else (end - time.monotonic()) * 1000
            if (rest is not None and rest <= 0) or not self.wait(mask, None if rest is None else int(rest) + 1):
                raise self.port.error("EAGAIN") if at_once else self.expired(operation)

    @property
    def descriptor(self) -> int:
        """The host's descriptor, -1 once closed."""
        return self.host.fileno()

    def events(self, mask: int, seen: int) -> int:
        """The events that select.poll reports if the host saw `seen`."""
        if self.closed:
            return select.POLLNVAL
        return seen & EVENTS | (mask & select.POLLIN if self.queue else 0)

    def is_readable(self) -> bool:
        ready = select.poll()
        ready.register(self.host, select.POLLIN)
        return bool(self.queue or ready.poll(0))

    def news(self) -> int:
        """1 if something has come since the last call: bytes, a datagram, a connection, the end. Else 0."""
        if self.closed:
            return 0
        ready = select.poll()
        ready.register(self.host, select.POLLIN)
        if not ready.poll(0):
            self.heard = 0
            return 0
        before, self.heard = self.heard, unread(self.host) + 1
        return int(self.heard > before)

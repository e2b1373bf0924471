"""The socket module of the unix port, over the host's own sockets.

Timeouts are the kernel's (SO_RCVTIMEO, SO_SNDTIMEO) on a blocking descriptor, as in the real port, so that
the errors are its own too: EAGAIN from recv and send, turned into ETIMEDOUT by the rest.
"""

from __future__ import annotations

import errno
import math
import socket as host_socket
import struct
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from usock_lint.ports import Release
from usock_lint.shim.core.arguments import SMALL, WORD, buffer, cut, integer, real, size, text, unchecked
from usock_lint.shim.core.base import Core, Descriptor, Port, Source
from usock_lint.shim.core.errors import raising
from usock_lint.shim.core.files import FileIO, TextIOWrapper
from usock_lint.shim.core.streams import Stream
from usock_lint.shim.unix import sockaddr
from usock_lint.shim.unix.files import SocketFile

DEFAULT_BACKLOG = min(host_socket.SOMAXCONN, 128)


class UnixSocket(Core, Stream):
    """The actions of a socket: a method for each member of the table, with its arguments already counted."""

    def __init__(self, port: UnixPort, host: host_socket.socket) -> None:
        self.port = port
        self.host = host
        self.number = host.fileno()
        self.closed = False
        self.blocking = True
        port.open.add(host)

    def __repr__(self) -> str:
        return f"<_socket {self.fileno()}>"

    def fileno(self) -> int:
        """The descriptor's number; once closed -1, or, on old releases, still the number."""
        return -1 if self.closed and self.port.does("fileno_after_close") == "-1" else self.number

    def close(self) -> None:
        """Close the descriptor; a second time does nothing."""
        self.closed = True
        self.port.open.discard(self.host)
        self.host.close()

    def connect(self, address: object) -> None:
        """Connect to a sockaddr; a timeout is ETIMEDOUT."""
        with self._raising("connect", errno.EINPROGRESS):
            try:
                found = None if bytes(buffer(address)[:2]) == sockaddr.UNSPEC else self._address(address)
            except OSError:
                # Linux looks at the address after the state of the socket.
                if self.host.type == host_socket.SOCK_STREAM and len(buffer(address)) > 1 and is_connected(self.host):
                    raise OSError(errno.EISCONN, "connected") from None
                raise
            if found is None:
                disconnect(self.host, bytes(buffer(address)))
            else:
                self.host.connect(found)

    def bind(self, address: object) -> None:
        """Bind to a sockaddr."""
        with self._raising():
            self.host.bind(self._address(address, binds=True))

    def _address(self, raw: object, binds: bool = False) -> Any:
        view = buffer(raw)
        if self.host.fileno() < 0:
            raise OSError(errno.EBADF, "closed")
        if self.host.family == host_socket.AF_INET6 and self.host.type == host_socket.SOCK_DGRAM and not binds:
            return sockaddr.unpack_mixed(view)
        return sockaddr.unpack(self.host.family, view, binds)

    def listen(self, backlog: object = DEFAULT_BACKLOG) -> None:
        """Listen. A negative backlog is 0, and anything but an int a TypeError; old releases check neither."""
        clamps = self.port.does("listen_negative_backlog") == "clamped"
        queue = max(integer(backlog), 0) if clamps else unchecked(backlog)
        with self._raising():
            self.host.listen(queue)

    def accept(self) -> tuple[object, bytearray]:
        """A connected socket and its peer's sockaddr; a timeout is ETIMEDOUT."""
        with self._raising("accept", errno.EAGAIN):
            host, address = self.host.accept()
        host.setblocking(True)
        peer = bytearray(sockaddr.pack(self.host.family, address))
        return self.port.publish(UnixSocket(self.port, host)), peer

    def recv(self, count: object, flags: object = 0) -> bytes:
        """At most `count` bytes; when there are none in time, EAGAIN."""
        return self.recvfrom(count, flags)[0]

    def recvfrom(self, count: object, flags: object = 0) -> tuple[bytes, bytes]:
        """At most `count` bytes, and the sender's sockaddr, which is b"" on a stream."""
        room, options = self.port.room(count), self.port.integer(flags)
        with self._raising():
            # The host's recv(0) answers without asking the kernel; recvmsg asks, but Linux refuses it MSG_CMSG_COMPAT,
            # which every negative number of flags has.
            if options < 0 and room:
                data, address = self.host.recvfrom(room, options)
            else:
                data, _, _, address = self.host.recvmsg(room, 0, options)
        return data, sockaddr.pack(self.host.family, address) if address else b""

    def send(self, data: object, flags: object = 0) -> int:
        """The number of bytes sent."""
        options, view = self.port.integer(flags), buffer(data)
        with self._raising():
            return self.host.send(view, options)

    def sendall(self, data: object, flags: object = 0) -> None:
        """One send; OSError(EINTR) when it was short."""
        if self.send(data, flags) != len(buffer(data)):
            raise self.port.OSError(errno.EINTR)

    def sendto(self, data: object, *rest: object) -> int:
        """sendto(data, address) or sendto(data, flags, address), to a sockaddr."""
        *flags, address = rest
        options, view, raw = self.port.integer(flags[0] if flags else 0), buffer(data), buffer(address)
        with self._raising():
            if self.host.type == host_socket.SOCK_STREAM:
                return self.host.send(view, options)  # Linux does not look at the address
            return self.host.sendto(view, options, self._address(raw))

    def setsockopt(self, level: object, option: object, value: object) -> None:
        """Set an option to an int (no bool) or to bytes."""
        if isinstance(value, int) and not isinstance(value, bool):
            setting = struct.pack("=i", cut(value))
        else:
            setting = bytes(buffer(value))
        with self._raising():
            self.host.setsockopt(self.port.integer(level), integer(option), setting)

    def setblocking(self, flag: object) -> None:
        """Block, with whatever timeout was set before, or do not."""
        with self._raising():
            self.host.setblocking(bool(flag))
        self.blocking = bool(flag)

    def settimeout(self, seconds: object) -> None:
        """A number of seconds, None for no timeout, 0 for not blocking."""
        fraction, whole = (0.0, 0.0) if seconds is None else math.modf(real(seconds))
        interval = c_long(whole), c_long(fraction * 1_000_000)
        blocking = seconds is None or any(interval)
        if blocking:
            self._set_intervals(struct.pack("@ll", *interval))
        if blocking != self.blocking:
            self.setblocking(blocking)

    def _set_intervals(self, interval: bytes) -> None:
        with self._raising():
            for option in (host_socket.SO_RCVTIMEO, host_socket.SO_SNDTIMEO):
                self.host.setsockopt(host_socket.SOL_SOCKET, option, interval)

    def makefile(self, mode: object = "r", buffering: object = -1) -> FileIO:
        """A file on the same descriptor: binary when the mode has a b, text for any other."""
        integer(buffering)
        kind = FileIO if "b" in text(mode) else TextIOWrapper
        return kind(SocketFile(self.host, self.fileno(), self.port.OSError, self.port.abandon))

    def receive(self, count: int) -> bytes | None:
        """For read(), readinto() and readline(): None when it would block, ETIMEDOUT when the timeout expired."""
        return self._attempt(lambda: self.host.recv(count))

    def transmit(self, data: memoryview) -> int | None:
        """For write: None when it would block, ETIMEDOUT when the timeout expired."""
        return self._attempt(lambda: self.host.send(data))

    def _attempt(self, action: Callable[[], Any]) -> Any:
        with self._raising("read", errno.EAGAIN):
            try:
                return action()
            except BlockingIOError:
                if self.blocking:
                    raise
                return None

    @contextmanager
    def _raising(self, operation: str = "", expired: int | None = None) -> Generator[None, None, None]:
        """Errors as the port's own; `expired`, on a blocking socket, as the table's errno of `operation`."""
        try:
            with raising(self.port.OSError):
                yield
        except self.port.OSError as error:
            if self.blocking and error.args[0] == expired:
                raise self.port.error(self.port.does("timeout_errno")[operation]) from None
            raise


class UnixPort(Port):
    """The unix port at one release."""

    def __init__(self, name: str, release: Release, implementation: str = "") -> None:
        super().__init__(name, release, implementation)
        self.abandoned: list[host_socket.socket] = []

    def number(self, name: str) -> int:
        """The host's own number."""
        return getattr(errno, name)

    def source(self, thing: Any) -> Source:
        """A descriptor's number, an object with a fileno(), or one with its own source, as TLS connections are."""
        if isinstance(thing, int):
            return Descriptor(thing)
        if hasattr(thing, "poll_source"):
            return thing.poll_source()
        if not hasattr(thing, "fileno"):
            raise self.OSError("stream operation not supported")
        return Descriptor(thing.fileno())

    def integer(self, value: object) -> int:
        """An int argument, as strictly as the release looks at it."""
        return integer(value) if self.does("constructor_non_int") == "TypeError" else unchecked(value)

    def create(self, *arguments: object) -> UnixSocket:
        """socket([family[, type[, proto]]]): anything further and any keyword is ignored."""
        given = [self.integer(value) for value in arguments[:3]]
        defaults = (host_socket.AF_INET, host_socket.SOCK_STREAM, 0)
        if -1 in given:  # which to the host means a default
            raise self.error("EAFNOSUPPORT" if given[0] == -1 else "EINVAL")
        with raising(self.OSError):
            return UnixSocket(self, host_socket.socket(*given, *defaults[len(given) :]))

    def room(self, count: object) -> int:
        """The buffer size of recv(count). MemoryError on old releases for an int that is not a small one."""
        if self.does("constructor_non_int") != "TypeError" and isinstance(count, int) and not -SMALL <= count < SMALL:
            raise MemoryError
        return size(self.integer(count))

    def abandon(self, host: host_socket.socket) -> None:
        """Note that a file on `host` was dropped without being closed."""
        self.abandoned.append(host)

    def collect(self) -> None:
        """Close the sockets whose files became garbage; old releases had no such finaliser."""
        super().collect()
        while self.abandoned and self.does("makefile_gc") == "closes":
            host = self.abandoned.pop()
            self.open.discard(host)
            host.close()

    def getaddrinfo(self, host: object, port: object, *hints: object) -> list[tuple[Any, ...]]:
        """[(family, type, proto, canonname or None, sockaddr), ...]; OSError("[addrinfo error N]")."""
        family, kind, protocol, *flags = [*map(self.integer, hints), *(0, 0, 0)[len(hints) :]]
        if isinstance(port, int) and not isinstance(port, bool) and -SMALL <= port < SMALL:
            service, options = str(port % 65536), host_socket.AI_NUMERICSERV
        else:
            service, options = text(port), 0
        try:
            found = host_socket.getaddrinfo(text(host), service, family, kind, protocol, *(flags or [options]))
        except host_socket.gaierror as error:
            raise self.OSError(f"[addrinfo error {error.errno}]") from None
        except UnicodeError:
            raise self.OSError(f"[addrinfo error {host_socket.EAI_NONAME}]") from None
        return [
            (int(family), int(kind), protocol, name or None, bytearray(sockaddr.pack(family, address)))
            for family, kind, protocol, name, address in found
        ]

    def inet_pton(self, family: object, address: object) -> bytes:
        """A numeric address packed; OSError(EINVAL) when it is none."""
        with raising(self.OSError):
            try:
                return host_socket.inet_pton(integer(family), text(address))
            except OSError as error:
                raise OSError(error.errno or errno.EINVAL, "address") from None

    def inet_ntop(self, family: object, packed: object) -> str:
        """A packed address as text; missing bytes are zeros."""
        length = 4 if integer(family) == host_socket.AF_INET else 16
        with raising(self.OSError):
            try:
                return host_socket.inet_ntop(integer(family), bytes(buffer(packed))[:length].ljust(length, b"\0"))
            except ValueError:
                raise OSError(errno.EAFNOSUPPORT, "family") from None

    def sockaddr(self, address: object) -> tuple[Any, ...]:
        """(family, packed host, port[, flow, scope]) of a sockaddr."""
        return sockaddr.describe(buffer(address))


def c_long(value: float) -> int:
    """The float as C's long; one that has no counterpart there is the smallest, as on x86-64."""
    return round(value) if -WORD <= value < WORD else -WORD


def disconnect(host: host_socket.socket, address: bytes) -> None:
    """connect(2) with an address of no family, which the host's socket module cannot express."""
    import ctypes  # which hardly a program needs

    if ctypes.CDLL(None, use_errno=True).connect(host.fileno(), address, len(address)) < 0:
        raise OSError(ctypes.get_errno(), "connect")


def is_connected(host: host_socket.socket) -> bool:
    """True if the socket has a peer."""
    try:
        host.getpeername()
    except OSError:
        return False
    return True


PORT = UnixPort

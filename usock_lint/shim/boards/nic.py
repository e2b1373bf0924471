"""The socket module of ports and boards whose network chip has a TCP/IP stack of its own: samd, early stm32 and rp2.

The chip opens a socket at its first bind(), connect(), sendto() or setsockopt(). The simulated chip is a NINA from 1.18
on, before that and always on stm32 a WIZnet: no other had a driver there. Nothing was run on a board: this follows
data/nic.json and the sources named. The error of a refused connection is not known, and taken from esp32, whose stack
is in the NINA.
"""

from __future__ import annotations

import errno
import select
import socket as host_socket
from collections.abc import Callable
from typing import Any, TypeVar

from usock_lint.ports import Release
from usock_lint.shim.boards.options import CALLBACK, set_callback, set_on_host
from usock_lint.shim.boards.port import Address, BoardPort, Operation
from usock_lint.shim.boards.socket import BoardSocket
from usock_lint.shim.boards.waiting import listens
from usock_lint.shim.core.arguments import buffer, integer, real, text, writable

NINA_SINCE: Release = (1, 18, 0)

KEEPING = ("EAGAIN", "EINPROGRESS", "ETIMEDOUT", "ENOTCONN")
"""Errors after which a socket stays open: those of waiting, and of reading what is not connected
(extmod/network_ninaw10.c:81 and :832@v1.28.0)."""

T = TypeVar("T")


class NicSocket(BoardSocket):
    """A socket that has no chip at first: `open_on_chip` gives it one."""

    port: NicPort

    def __init__(self, port: NicPort, kind: int, host: host_socket.socket) -> None:
        super().__init__(port, kind, host)
        self.arguments: tuple[int, int, int] = (int(host.family), kind, 0)
        """Family, type and protocol as given to socket()."""
        self.has_chip = self.bound = False

    def __repr__(self) -> str:
        number = self.host.fileno() if self.has_chip else -1
        timeout = -1 if self.timeout is None else self.timeout
        family, kind, protocol = self.arguments
        bound = str(self.bound).lower()
        return f"<socket fd={number} timeout={timeout} domain={family} type={kind} proto={protocol} bound={bound}>"

    def accepted(self) -> None:
        super().accepted()
        self.has_chip = True

    def close(self) -> None:
        super().close()
        self.has_chip = False

    def check(self) -> None:
        """OSError when an error closed it. A socket that the script closed has no chip, and is not checked."""
        if self.has_chip:
            super().check()

    def open_on_chip(self) -> None:
        """Have a chip open the socket, also a closed one; OSError for a type or a family that it does not have."""
        family, kind, _ = self.arguments
        if kind not in self.port.kinds:
            raise self.port.error("EINVAL")
        if family != host_socket.AF_INET:
            raise self.port.error("EAFNOSUPPORT")
        if self.closed:
            self.adopt(host_socket.socket(family, kind))
        self.has_chip = True

    def require_chip(self, name: str) -> None:
        """The OSError `name` if the socket has no chip."""
        if not self.has_chip:
            raise self.port.error(name)

    def closing_on_error(self, action: Callable[[], T]) -> T:
        """The result of `action`; an error of the chip closes the socket, unless it is in KEEPING."""
        try:
            return action()
        except self.port.OSError as error:
            if error.args[:1] not in [(self.port.number(name),) for name in KEEPING]:
                self.port.open.discard(self.host)
                self.host.close()
            raise

    def settimeout(self, seconds: object) -> None:
        """A number of seconds or None; without a NINA always an OSError, EINVAL if the socket has a chip."""
        if seconds is not None:
            real(seconds)
        if self.port.nina:
            super().settimeout(seconds)
        else:
            raise self.port.error("EINVAL" if self.has_chip else "ENOTCONN")

    def setblocking(self, flag: object) -> None:
        """settimeout(None) or settimeout(0)."""
        self.settimeout(None if flag else 0)

    def address_for(self, pair: object, operation: Operation) -> Address:
        address = super().address_for(pair, operation)
        if not self.has_chip:
            self.open_on_chip()
        return address

    def bind(self, pair: object) -> None:
        self.closing_on_error(lambda: super(NicSocket, self).bind(pair))

    def bind_to(self, address: Address) -> None:
        """Bind. The chip takes the port alone; the host binds the given address, or 127.0.0.1 if it has no such one."""
        self.bound = True
        try:
            self.port.network.bind(self.host, address.pair)
        except OSError as error:
            if error.errno != errno.EADDRNOTAVAIL:
                raise self.port.error(self.port.name_of(error.errno)) from None
            with self.port.raising():
                self.host.bind(("127.0.0.1", address.port))

    def listen(self, *backlog: object) -> None:
        self.require_chip("ENOTCONN")
        self.closing_on_error(lambda: super(NicSocket, self).listen(*backlog))

    def accept(self) -> tuple[object, object]:
        self.require_chip("EINVAL")
        return self.closing_on_error(super().accept)

    def connect(self, address: object) -> None:
        self.closing_on_error(lambda: super(NicSocket, self).connect(address))

    def refusal(self, code: int) -> OSError:
        return self.port.error("ECONNRESET" if code == errno.ECONNREFUSED else self.port.name_of(code))

    def receive_from(self, count: int, flags: int, operation: str) -> tuple[bytes, Any]:
        self.require_chip("ENOTCONN")
        self.check()
        if self.stream and listens(self.host):
            raise self.port.error("ENOTCONN")
        return self.closing_on_error(lambda: super(NicSocket, self).receive_from(count, flags, operation))

    def read_stream(self, count: int, peek: bool) -> tuple[bytes, Any]:
        """A socket that is not connected reads as one that has ended: extmod/network_ninaw10.c:832@v1.28.0."""
        try:
            return super().read_stream(count, peek)
        except OSError as error:
            if error.errno != errno.ENOTCONN:
                raise
            return b"", ("0.0.0.0", 0)

    def gather(self, wanted: int | None) -> bytes | None:
        """Without a chip read(n), readinto() and write() do nothing, and raise nothing.

        The module gives no errno then, and mp_stream_rw() takes that for success (extmod/modsocket.c:473,
        py/stream.c:57@v1.28.0).
        """
        return super().gather(wanted) if self.has_chip or wanted is None else b""

    def readinto(self, target: object, *count: object) -> int | None:
        if self.has_chip:
            return super().readinto(target, *count)
        writable(target)
        return 0

    def write(self, data: object, *bounds: object) -> int | None:
        if self.has_chip:
            return super().write(data, *bounds)
        buffer(data)
        return 0

    def send_some(self, data: memoryview, operation: str) -> int:
        self.require_chip("EPIPE")
        return self.closing_on_error(lambda: super(NicSocket, self).send_some(data, operation))

    def sendall(self, data: object) -> int:
        """Send all of it; returns the size of the last piece."""
        self.require_chip("EPIPE")
        view, sent = buffer(data), 0
        while view:
            sent = self.send_some(view, "send")
            if self.timeout == 0 and sent < len(view):
                raise self.port.error("EAGAIN")
            view = view[sent:]
        return sent

    def sendto(self, data: object, address: object) -> int:
        buffer(data)
        self.address_for(address, "sendto")  # opens the socket on the chip; an error of that does not close it
        self.bound = self.bound or self.port.nina  # extmod/network_ninaw10.c:865@v1.28.0
        return self.closing_on_error(lambda: super(NicSocket, self).sendto(data, address))

    def setsockopt(self, level: object, option: object, value: object) -> None:
        """Hand an option on to the chip; one that it lacks is an error. A WIZnet lacks them all (EINVAL)."""
        if not self.has_chip:
            self.open_on_chip()
        integer(level)
        number = integer(option)
        if number == CALLBACK and (value is None or callable(value)) and self.port.nina:
            set_callback(self, value)
            return
        setting = integer(value) if isinstance(value, int) else bytes(buffer(value))
        self.closing_on_error(lambda: self.set_on_chip(number, setting))

    def set_on_chip(self, number: int, setting: int | bytes) -> None:
        """Have the chip set an option; OSError for one that it lacks."""
        name = self.port.option_name(number)
        self.check()
        if name is None or not self.port.nina:
            raise self.port.error("EINVAL")
        set_on_host(self, name, setting)

    def events(self, mask: int, seen: int) -> int:
        """Without a chip: extmod/modsocket.c:508@v1.28.0. A chip tells of room, and of data or the end, and no more."""
        if self.closed:
            return select.POLLNVAL
        if not self.has_chip:
            return select.POLLOUT | select.POLLHUP
        ended = mask & select.POLLIN if seen & select.POLLHUP else 0
        return super().events(mask, seen & mask | ended)


class NicPort(BoardPort):
    """A port with a network chip at one release."""

    kinds = (host_socket.SOCK_STREAM, host_socket.SOCK_DGRAM, host_socket.SOCK_RAW)

    @property
    def nina(self) -> bool:
        """True if the chip is a NINA."""
        return self.release >= NINA_SINCE and self.name != "stm32"

    def create(self, *arguments: object) -> NicSocket:
        """socket([family[, type[, proto]]]). A family or type that the chip lacks is an error at the first use."""
        integers = [integer(value) for value in arguments]
        family, kind, protocol, *_ = [*integers, *(2, 1, 0)[len(integers) :]]
        used = kind if kind in self.kinds[:2] else host_socket.SOCK_STREAM
        with self.raising():
            if kind == host_socket.SOCK_RAW:
                host = host_socket.socket(host_socket.AF_INET, kind, protocol)
            else:
                host = host_socket.socket(host_socket.AF_INET, used)
        core = NicSocket(self, used, host)
        core.arguments = (family, kind, protocol)
        return core

    def option_name(self, number: int) -> str | None:
        """The name in the port's module of the option with this number, None if it has none."""
        module = self.table.module
        return next((name for name in module if name[:3] == "SO_" and module[name].value(self.release) == number), None)

    def getaddrinfo(self, host: object, port: object, *hints: object) -> list[tuple[Any, ...]]:
        """One entry, always of AF_INET and SOCK_STREAM; OSError with a negative number."""
        name, number = text(host), integer(port)
        for hint in hints:
            integer(hint)
        return [(2, 1, 0, "", (self.resolve(name), number))]

    def resolve(self, name: str) -> str:
        """The numeric host of a name."""
        if name:
            try:
                return self.numeric(name, "connect")[1]
            except ValueError:
                pass
        try:
            return self.look_up(name or "*", host_socket.AF_INET)[0][1]
        except host_socket.gaierror:
            numbers = self.does("getaddrinfo_error_numbers")
            raise self.OSError(numbers["NINA" if self.nina else "WIZnet"]) from None


PORT = NicPort

"""The socket module of the esp32 port, over ESP-IDF's BSD sockets.

A timeout is a number of polls of 100 ms, one more than it says (ports/esp32/modsocket.c:61 and :577@v1.28.0),
and connect() and bind() look names up. No board was asked: this follows data/esp32.json and the sources named.
"""

from __future__ import annotations

import select
import socket as host_socket
from typing import Any

from usock_lint.ports import Release
from usock_lint.shim.boards.port import Address, BoardPort, Operation, split
from usock_lint.shim.boards.socket import BoardSocket
from usock_lint.shim.core.arguments import buffer, integer, text

POLL_MS = 100

# From then on a look-up raises, with the negative of the number (ports/esp32/modsocket.c:735@v1.12).
RAISES_SINCE: Release = (1, 13, 0)

# Port 0 was refused through 1.14 (derived, see port_out_of_range in data/esp32.json).
PORT_ZERO_SINCE: Release = (1, 15, 0)

NUMERIC_ONLY = 4
"""AI_NUMERICHOST of esp-lwip (src/include/lwip/netdb.h)."""


class Esp32Socket(BoardSocket):
    """A socket over one descriptor of ESP-IDF."""

    port: Esp32Port

    def __init__(self, port: Esp32Port, kind: int, host: host_socket.socket) -> None:
        super().__init__(port, kind, host)
        # ports/esp32/modsocket.c:293@v1.28.0: a stream that was not used cannot be read from.
        self.fresh = self.stream
        self.ended = self.failed = False

    def __repr__(self) -> str:
        return "<socket>"

    def accepted(self) -> None:
        super().accepted()
        self.fresh = False

    def fileno(self) -> int:
        """The descriptor, here the host's; -1 once closed."""
        return self.host.fileno()

    def limit(self, operation: str) -> int | None:
        if not self.timeout:
            return self.timeout
        if operation == "connect" and self.port.patient:
            return None
        return (self.timeout // POLL_MS + 1) * POLL_MS

    def expired(self, operation: str) -> OSError:
        if operation == "recv" and self.timeout is not None and self.timeout < POLL_MS:
            return self.port.error("EAGAIN")
        return super().expired(operation)

    def target(self, pair: object, operation: Operation) -> Address:
        host, port = split(pair)
        found = self.port.find(host, port, self.host.family, 0)
        self.fresh = False
        return Address(self.host.family, *found)

    def start(self, where: Address) -> None:
        """A connection that failed once cannot be tried again: ERR_CLSD in src/api/api_msg.c of esp-lwip."""
        if self.failed:
            raise self.port.error("ENOTCONN")
        super().start(where)

    def refusal(self, code: int) -> OSError:
        self.failed = True
        return super().refusal(code)

    def listen(self, *backlog: object) -> None:
        super().listen(*backlog)
        self.fresh = False

    def take(self, count: int, flags: int, operation: str) -> tuple[bytes, Any]:
        if self.fresh:
            raise self.port.error("ENOTCONN")
        if self.ended:
            return b"", ("0.0.0.0", 0)
        return super().take(count, flags, operation)

    def pull(self, count: int, peek: bool) -> tuple[bytes, Any]:
        data, address = super().pull(count, peek)
        self.ended = not data and count > 0
        return data, address

    def send(self, data: object) -> int:
        """All of it, or as much as the timeout lets; nothing to send is an error, as nothing was sent."""
        view = buffer(data)
        sent = 0
        while sent < len(view):
            try:
                sent += self.give(view[sent:], "send")
            except self.port.OSError as error:
                if not sent or error.args != self.expired("send").args:
                    raise
                break
        if not sent:
            raise self.expired("send")
        return sent

    def sendall(self, data: object) -> None:
        """All of it; OSError(ETIMEDOUT) after a part."""
        if self.send(data) < len(buffer(data)):
            raise self.port.error("ETIMEDOUT")

    def sendto(self, data: object, address: object) -> int:
        """Send a datagram; an empty one counts as not sent."""
        if self.port.address(address, "sendto") and not len(buffer(data)):
            raise self.port.error("ETIMEDOUT")
        return super().sendto(data, address)

    def events(self, mask: int, seen: int) -> int:
        """ports/esp32/modsocket.c:823@v1.28.0: a new stream can be written to and is hung up."""
        if self.closed:
            return select.POLLNVAL
        if self.fresh:
            return mask & select.POLLOUT | select.POLLHUP
        readable = bool(seen & (select.POLLHUP | select.POLLERR)) * (mask & (select.POLLIN | select.POLLOUT))
        return super().events(mask, seen & mask | readable)


class Esp32Port(BoardPort):
    """The esp32 port at one release."""

    unknown_option = "Warning: lwip.setsockopt() option not implemented"
    sends_nowhere = True

    @property
    def patient(self) -> bool:
        """True if connect() takes no notice of the timeout."""
        return self.does("timeout_errno")["connect"] is None

    @property
    def no_group(self) -> OSError:
        """lwIP's own number of the error: ports/esp32/modsocket.c:497@v1.28.0."""
        return self.OSError(6)

    def create(self, *arguments: object) -> Esp32Socket:
        """socket([family[, type[, proto]]])."""
        integers = [integer(value) for value in arguments]
        family, kind, protocol = [*integers, *(2, 1, 0)[len(integers) :]]
        limit: int | None = self.does("max_sockets")["any"]
        if limit is not None and len(self.open) >= limit:
            raise self.error(self.does("max_sockets")["errno"])
        with self.raising():
            return Esp32Socket(self, kind, host_socket.socket(family, kind, protocol))

    def failure(self, cause: str) -> OSError:
        """The error of a look-up; through 1.12, where only connect() and bind() raise one, its number is positive."""
        number = -202 if cause == "lookup failed" else -201
        numbers = self.does("getaddrinfo_error_numbers")
        return self.OSError(numbers[cause] if numbers else -number)

    def find(self, host: object, port: object, family: int, flags: int) -> tuple[str, int]:
        """The numeric host and the port number behind a name and an int or decimal str."""
        name, number = text(host) or "0.0.0.0", self.port_number(port)
        if flags & NUMERIC_ONLY and not self.is_numeric(name):
            raise self.failure("not numeric")
        try:
            found = self.look_up(name, family)[0][1]
        except host_socket.gaierror:
            raise self.failure("lookup failed") from None
        return found, number

    def is_numeric(self, name: str) -> bool:
        """True if the host is an address already."""
        try:
            return bool(host_socket.inet_aton(name))
        except OSError:
            return False

    def port_number(self, port: object) -> int:
        """The number, as atoi() reads it from the decimal form; OSError outside 1 or 0 to 65535."""
        written = str(integer(port)) if isinstance(port, int) else text(port)
        digits = written[: len(written) - len(written.lstrip("0123456789"))]
        least = 0 if self.release >= PORT_ZERO_SINCE else 1
        if not digits or not least <= int(digits) <= 65535:
            raise self.failure("bad port")
        return int(digits)

    def getaddrinfo(self, host: object, port: object, *hints: object) -> list[tuple[Any, ...]]:
        """[(family, type, proto, host, (ip, port))]; OSError(negative), through 1.12 []."""
        asked = [integer(value) for value in hints]
        if not self.does("getaddrinfo_hints"):
            asked = []
        family, kind, protocol, flags = [*asked, *(0, 0, 0, 0)[len(asked) :]]
        if family not in frozenset[int]((0, host_socket.AF_INET, host_socket.AF_INET6)):
            raise self.failure("bad family")
        try:
            found = self.find(host, port, family or host_socket.AF_INET, flags)
        except self.OSError:
            if self.release >= RAISES_SINCE:
                raise
            return []
        name = text(host) or "0.0.0.0"
        address = None if family == host_socket.AF_INET6 else found
        return [(family or int(host_socket.AF_INET), kind or int(host_socket.SOCK_STREAM), protocol, name, address)]


PORT = Esp32Port

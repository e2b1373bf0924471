"""What the sockets of boards share: the methods, which take addresses as pairs."""

from __future__ import annotations

import errno
import select
import socket as host_socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from usock_lint.shim.boards.options import set_option
from usock_lint.shim.boards.port import Address, Operation
from usock_lint.shim.boards.waiting import Waiting
from usock_lint.shim.core.arguments import buffer, integer, size
from usock_lint.shim.core.streams import Stream

LARGEST = 65536
"""The most bytes that are read from the host at once; every datagram is smaller."""

GIVES_UP_MS = 18_300
"""The time after which lwIP ends an attempt to connect that nobody answers (run:lwip@1.28 over a link)."""

T = TypeVar("T")


class BoardSocket(Waiting, Stream):
    """A socket of a board; a subclass says what differs."""

    queued = 0
    """The number of datagrams that were queued so far."""

    linked = False
    """True if a stream was connected or accepted, or tried to connect."""

    def makefile(self, *_: object) -> object:
        """The socket itself."""
        return self.owner()

    def bind(self, pair: object) -> None:
        """Bind to (host, port)."""
        self.bind_to(self.open_address(pair, "bind"))

    def address_for(self, pair: object, operation: Operation) -> Address:
        """The numeric address for `operation`."""
        return self.port.address(pair, operation)

    def open_address(self, pair: object, operation: Operation) -> Address:
        """The same, of an open socket; OSError if it was closed."""
        self.check()
        return self.address_for(pair, operation)

    def bind_to(self, address: Address) -> None:
        """Bind. An address that is not the board's own is no error: the socket stays unbound, so that nothing comes."""
        try:
            self.port.network.bind(self.host, address.pair)
        except PermissionError:
            raise self.port.error("EACCES") from None
        except OSError as error:
            if error.errno != errno.EADDRNOTAVAIL:
                raise self.port.error(self.port.name_of(error.errno)) from None

    def listen(self, *backlog: object) -> None:
        """Listen; the table says what a missing backlog is, a negative one is 0."""
        queue = integer(backlog[0]) if backlog else self.port.does("listen_default_backlog")
        self.check()
        with self.port.raising():
            # Linux lets one more connection wait than the backlog says.
            self.host.listen(max(queue - 1, 0))

    def accept(self) -> tuple[object, object]:
        """A connected socket and its peer's address."""
        self.check()
        host, address = self.attempt(self.accept_host, select.POLLIN, "accept")
        core = type(self)(self.port, self.kind, host)
        if self.port.does("accepted_timeout") == "inherited":
            core.timeout = self.timeout
        core.accepted()
        return self.port.publish(core), pair(address)

    def accept_host(self) -> tuple[host_socket.socket, Any]:
        """The next connection of the host; BlockingIOError if there is none."""
        return self.host.accept()

    def accepted(self) -> None:
        """Set the state of a socket that accept() returns."""
        self.linked = True

    def connect(self, address: object) -> None:
        """Connect to (host, port)."""
        where = self.open_address(address, "connect")
        if not self.stream:
            self.connect_datagram(where)
            return
        if not self.port.has_route(where):
            raise self.port.error("EHOSTUNREACH")
        self.connect_stream(where)

    def connect_datagram(self, where: Address) -> None:
        """Connect a datagram socket: it sends to this address, and receives from it alone."""
        with self.port.raising():
            self.host.connect(where.pair)

    def connect_stream(self, where: Address) -> None:
        """Connect a stream. A non-blocking one is never connected at once, although the host's may be on loopback."""
        limit = self.limit("connect")
        code = self.connect_host(where, limit)
        if code == errno.EINPROGRESS or limit == 0:
            raise self.expired("connect")
        if code:
            raise self.refusal(code)

    def connect_host(self, where: Address, limit: int | None) -> int:
        """Connect the host socket; its errno: 0 when connected within `limit` ms, EINPROGRESS if it still connects."""
        self.linked = True
        if self.port.loses(where) or self.is_at(where):
            self.wait(0, GIVES_UP_MS if limit is None else min(limit, GIVES_UP_MS))
            return errno.EINPROGRESS if limit is not None and limit < GIVES_UP_MS else errno.ETIMEDOUT
        code = self.host.connect_ex(where.pair)
        if code == errno.EINPROGRESS and self.wait(select.POLLOUT, limit):
            code = self.host.getsockopt(host_socket.SOL_SOCKET, host_socket.SO_ERROR)
            # On Linux a second connect() completes the first.
            return code or self.host.connect_ex(where.pair)
        return code

    def is_at(self, where: Address) -> bool:
        """True if it is bound to this address itself, where nobody answers."""
        return False

    def refusal(self, code: int) -> OSError:
        """The error of a connection that failed."""
        return self.port.error(self.port.name_of(code))

    def setsockopt(self, _level: object, option: object, value: object) -> None:
        """Set an option of the port's table. Any other option prints a warning."""
        set_option(self, integer(option), value)

    def recv(self, count: object, flags: object = 0) -> bytes:
        """At most `count` bytes."""
        return self.receive_from(self.room(count), integer(flags), "recv")[0]

    def recvfrom(self, count: object, flags: object = 0) -> tuple[bytes, object]:
        """At most `count` bytes, and the sender's address."""
        data, address = self.receive_from(self.room(count), integer(flags), "recv")
        return data, pair(address)

    def room(self, count: object) -> int:
        """The most bytes that recv(count) may return."""
        return size(integer(count))

    def flag(self, name: str, flags: int) -> bool:
        """True if the port has the flag of this name and `flags` has its bit."""
        known = self.port.table.module.get(name)
        value = known.value(self.port.release) if known and name in self.port.does("recv_flags") else None
        return isinstance(value, int) and bool(flags & value)

    def receive_from(self, count: int, flags: int, operation: str) -> tuple[bytes, Any]:
        """At most `count` bytes and the sender's address, as soon as there are any."""
        self.check()
        peek, at_once = self.flag("MSG_PEEK", flags), self.flag("MSG_DONTWAIT", flags)
        action = (lambda: self.read_stream(count, peek)) if self.stream else (lambda: self.next_datagram(count, peek))
        return self.attempt(action, select.POLLIN, operation, at_once)

    def read_stream(self, count: int, peek: bool) -> tuple[bytes, Any]:
        """At most `count` bytes that have come on a stream; BlockingIOError if none have."""
        option = host_socket.MSG_PEEK if peek or not count else 0  # count 0 waits for a byte, and leaves it
        return self.host.recv(max(count, 1), option)[:count], ("0.0.0.0", 0)

    def next_datagram(self, count: int, peek: bool) -> tuple[bytes, Any]:
        """The next datagram; BlockingIOError when there is none."""
        self.fetch_datagrams()
        if not self.queue:
            raise BlockingIOError
        data, address = self.queue[0] if peek else self.queue.popleft()
        return data[:count], address

    def fetch_datagrams(self) -> None:
        """Take the datagrams that have come from the host; those for which the port has no room are lost."""
        depth = self.port.does("udp_receive_queue")
        with suppress(BlockingIOError):
            while depth is not None or not self.queue:
                # A connected host socket gets an error if nobody listens at the other end; no board does.
                with suppress(ConnectionRefusedError):
                    arrived = self.host.recvfrom(LARGEST)
                    if self.is_echo(*arrived):
                        continue
                    if depth is None or len(self.queue) < depth:
                        self.queue.append(arrived)
                        self.queued += 1

    def is_echo(self, data: bytes, address: Any) -> bool:
        """True if the program itself has sent this datagram to many; it counts once."""
        key = self.host, address[1], data
        found = self.port.echoes[key] > 0
        self.port.echoes[key] -= found
        return found

    def send(self, data: object) -> int:
        """The number of bytes sent."""
        return self.send_some(buffer(data), "send")

    def send_some(self, data: memoryview, operation: str) -> int:
        """Send some of `data`, as soon as there is room."""
        self.check()
        if self.stream and not self.linked:
            raise self.port.error("ENOTCONN")
        return self.attempt(lambda: self.push(data), select.POLLOUT, operation)

    def push(self, data: memoryview) -> int:
        """Hand bytes to the host, and return how many it took; BlockingIOError if there is no room."""
        return self.host.send(data)

    def sendto(self, data: object, address: object) -> int:
        """Send a datagram to (host, port)."""
        view = buffer(data)
        self.check()
        where = self.port.address(address, "sendto")
        if not self.port.has_route(where):
            raise self.port.error("EHOSTUNREACH")
        if self.port.loses(where):
            return len(view)
        count = self.attempt(lambda: self.host.sendto(view, where.pair), select.POLLOUT, "sendto")
        if where.is_for_many and not self.port.hears_itself:
            self.note_echoes(view, where)
        return count

    def note_echoes(self, data: memoryview, where: Address) -> None:
        """Note which sockets of the program the host passes a datagram on to."""
        number = self.host.getsockname()[1]
        for one in self.port.open:
            if one.type == host_socket.SOCK_DGRAM and one.getsockname() == ("0.0.0.0", where.port):
                self.port.echoes[one, number, bytes(data)] += 1

    def receive(self, count: int) -> bytes | None:
        """For read(), readinto() and readline(): None when it would block."""
        return self._unless_blocking(lambda: self.receive_from(count, 0, "recv")[0])

    def transmit(self, data: memoryview) -> int | None:
        """For write: None when it would block."""
        return self._unless_blocking(lambda: self.send_some(data, "send"))

    def _unless_blocking(self, action: Callable[[], T]) -> T | None:
        try:
            return action()
        except self.port.OSError as error:
            if error.args[:1] == (self.port.number("EAGAIN"),):
                return None
            raise


def pair(address: Any) -> tuple[str, int]:
    """The address that scripts get for one of the host's: (host, port)."""
    return address[0].removeprefix("::ffff:"), address[1]

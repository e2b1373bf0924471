"""The socket module of ports that run lwIP themselves: rp2, stm32, mimxrt, esp8266, renesas-ra, alif.

lwIP forgets a connection that was reset, refused or given up: the socket then has no protocol block, and its
next call raises what happened and the one after it EBADF (extmod/modlwip.c:1276@v1.28.0). Unless said
otherwise what is here was run on lwIP over its own loopback interface, releases 1.20 to 1.28.
"""

from __future__ import annotations

import errno
import select
import socket as host_socket
from enum import IntEnum
from typing import Any

from usock_lint.ports import Release
from usock_lint.shim.boards.port import Address, BoardPort, Operation, look_up, unknown
from usock_lint.shim.boards.socket import LARGEST, BoardSocket
from usock_lint.shim.boards.waiting import unsent
from usock_lint.shim.core.arguments import HEAP_SIZE, buffer, integer, text

# Since then connect() waits a moment even without blocking (extmod/modlwip.c:1141@v1.24.0, and @v1.23.0).
MOMENT_SINCE: Release = (1, 24, 0)
MOMENT_MS = 1

PENDING: dict[str, int] = {"ECONNABORTED": -13, "ECONNRESET": -14}
"""The states of a connection that was lost, by the errno it ends in: lwIP's error numbers."""


class State(IntEnum):
    """The state of a socket, as its repr shows it."""

    BAD = -17
    NEW = 0
    LISTENING = 1
    CONNECTING = 2
    CONNECTED = 3
    DATAGRAM = 4
    ENDED = 5
    RESET = 6


class LwipSocket(BoardSocket):
    """A socket over one lwIP protocol block."""

    port: LwipPort

    def __init__(self, port: LwipPort, kind: int, host: host_socket.socket) -> None:
        super().__init__(port, kind, host)
        self.state = State.NEW if self.stream else State.DATAGRAM
        self.lost = ""
        self.peer: tuple[Any, ...] = ("0.0.0.0", 0)

    def __repr__(self) -> str:
        state = PENDING.get(self.lost, self.state)
        timeout = 0xFFFFFFFF if self.timeout is None else self.timeout
        offset = " off=0" if self.stream else ""
        return f"<socket state={int(state)} timeout={timeout} incoming={len(self.queue)}{offset}>"

    def close(self) -> None:
        self.state, self.lost = State.BAD, ""
        super().close()

    def accepted(self) -> None:
        super().accepted()
        self.state = State.CONNECTED

    def check(self) -> None:
        """OSError when there is no protocol block, or none any more."""
        if self.state is State.BAD:
            raise self.port.error("EBADF")

    def lose(self, name: str) -> None:
        """The connection is gone, as the next call will say."""
        self.lost = name

    def report(self) -> None:
        """Raise what became of a lost connection, once; EBADF from then on."""
        self.check()
        if self.lost:
            name, self.lost, self.state = self.lost, "", State.BAD
            raise self.port.error(name)

    def bind_to(self, address: Address) -> None:
        self.use_family(address)
        super().bind_to(address)

    def use_family(self, address: Address) -> None:
        """lwIP takes the family from the address: put a host socket of that family in the place of a new one."""
        if self.host.family != address.family:
            old = self.host
            self.port.open.discard(old)
            self.adopt(host_socket.socket(address.family, self.kind))
            for option in (host_socket.SO_REUSEADDR, host_socket.SO_BROADCAST):
                self.host.setsockopt(host_socket.SOL_SOCKET, option, old.getsockopt(host_socket.SOL_SOCKET, option))
            old.close()
        if address.family == host_socket.AF_INET6 and address.host == "::":
            # A listener hears IPv4 as well, a datagram socket does not (extmod/modlwip.c:1069@v1.28.0).
            self.host.setsockopt(host_socket.IPPROTO_IPV6, host_socket.IPV6_V6ONLY, not self.stream)

    def listen(self, *backlog: object) -> None:
        queue = integer(backlog[0]) if backlog else self.port.does("listen_default_backlog")
        self.check()
        if not self.stream:
            raise self.port.error("EOPNOTSUPP")
        # Cut to 8 bits: extmod/modlwip.c:1097@v1.28.0.
        super().listen(max(queue, 0) % 256)
        self.state = State.LISTENING

    def accept(self) -> tuple[object, object]:
        if not self.stream:
            raise self.port.error("EOPNOTSUPP")
        self.check()
        if self.state is not State.LISTENING:
            raise self.port.error("EINVAL")
        return super().accept()

    def connect(self, address: object) -> None:
        if self.lost:
            raise self.port.error("EBADF")
        super().connect(address)

    def target(self, pair: object, operation: Operation) -> Address:
        address = super().target(pair, operation)
        if operation == "connect" and self.stream and self.state is not State.NEW:
            raise self.port.error("EISCONN" if self.state is State.CONNECTED else "EALREADY")
        if operation == "connect":
            self.use_family(address)
        return address

    def start(self, where: Address) -> None:
        self.state, self.peer = State.CONNECTING, where.pair
        limit = self.limit("connect")
        moment = self.port.release >= MOMENT_SINCE
        code = self.reach(where, max(limit, MOMENT_MS) if moment and limit is not None else limit)
        if code == errno.EINPROGRESS or (limit == 0 and not moment):
            raise self.expired("connect")
        self.arrive(code)
        if self.lost:
            raise self.port.error(self.lost)

    def arrive(self, code: int) -> None:
        """Connecting has ended with this errno of the host's, 0 for well."""
        self.state = State.CONNECTED
        if code:
            # Nobody answered: ECONNABORTED. Derived from lwIP, which gives up with ERR_ABRT.
            self.lose("ECONNABORTED" if code == errno.ETIMEDOUT else self.port.name_of(code))

    def progress(self, limit: int | None = 0) -> None:
        """Notice the end of connecting, waiting for it up to `limit` ms."""
        if self.state is State.CONNECTING and self.wait(select.POLLOUT, limit):
            self.arrive(self.host.getsockopt(host_socket.SOL_SOCKET, host_socket.SO_ERROR))

    def room(self, count: object) -> int:
        """A negative count gets what there is, into memory that is not its own."""
        wanted = integer(count)
        return LARGEST if wanted < 0 else min(wanted, HEAP_SIZE)

    def take(self, count: int, flags: int, operation: str) -> tuple[bytes, Any]:
        if not self.stream:
            return super().take(count, flags, operation)
        self.progress()
        waits = self.timeout != 0 and not self.flag("MSG_DONTWAIT", flags)
        if self.state is State.LISTENING or (waits and self.state in (State.NEW, State.CONNECTING)):
            raise self.port.error("ENOTCONN")
        if self.state in (State.NEW, State.CONNECTING):
            raise self.port.error("EAGAIN")
        if self.state is State.RESET:
            return b"", self.peer
        if self.lost:
            name, self.lost = self.lost, ""
            self.state = State.RESET if name == "ECONNRESET" else State.BAD
            raise self.port.error(name)
        return super().take(count, flags, operation)

    def pull(self, count: int, peek: bool) -> tuple[bytes, Any]:
        try:
            data, _ = super().pull(count, peek)
        except ConnectionResetError:
            self.state = State.RESET
            raise
        if not data and count:
            self.state = State.ENDED
        return data, self.peer

    def give(self, data: memoryview, operation: str) -> int:
        self.report()
        if not self.stream:
            return super().give(data[: LARGEST - 1], operation)
        self.progress(self.timeout)
        self.report()
        if self.state is State.CONNECTING:
            raise self.expired("send")
        if self.state in (State.NEW, State.LISTENING):
            raise self.port.not_connected()
        try:
            return super().give(data, operation)
        except self.port.OSError as error:
            if error.args == (self.port.number("ECONNRESET"),):
                self.state = State.BAD
            raise

    def sendto(self, data: object, address: object) -> int:
        self.report()
        if self.stream:
            self.port.address(address, "sendto")
            return self.send(data)
        self.use_family(self.port.address(address, "sendto"))
        return super().sendto(buffer(data)[: LARGEST - 1], address)

    def sendall(self, data: object) -> None:
        """All of it, or without blocking nothing; each part has the whole timeout."""
        self.report()
        view = buffer(data)
        if not self.stream:
            raise NotImplementedError
        if self.timeout == 0 and len(view) > self.vacancy():
            raise self.port.error("EAGAIN")
        while view:
            view = view[self.give(view, "send") :]

    def vacancy(self) -> int:
        """How many bytes the host surely takes at once."""
        room = self.host.getsockopt(host_socket.SOL_SOCKET, host_socket.SO_SNDBUF) // 2
        return room - unsent(self.host)

    def events(self, mask: int, seen: int) -> int:
        """extmod/modlwip.c:1604@v1.28.0."""
        self.progress()
        if self.state is State.BAD:
            return select.POLLNVAL
        if self.state is State.NEW:
            return mask & select.POLLOUT | select.POLLHUP
        if self.state is State.RESET:
            return mask & select.POLLIN | select.POLLHUP
        if self.lost or seen & select.POLLERR:
            return mask & (select.POLLIN | select.POLLOUT) | select.POLLERR | select.POLLHUP
        if self.state is State.CONNECTING:
            return 0
        return super().events(mask, seen & mask)


RAW_SINCE: Release = (1, 12, 0)
"""Before, socket() refuses SOCK_RAW, says data/lwip.json."""

POOLS: dict[int, str] = {host_socket.SOCK_STREAM: "tcp", host_socket.SOCK_DGRAM: "udp", host_socket.SOCK_RAW: "raw"}
"""Which pool a protocol block comes from, in the words of max_sockets."""


class LwipPort(BoardPort):
    """A port with lwIP at one release."""

    unknown_option = "Warning: lwip.setsockopt() not implemented"

    def create(self, *arguments: object) -> LwipSocket:
        """socket([family[, type[, proto[, ignored]]]]): the family is not looked at."""
        integers = [integer(value) for value in arguments[:3]]
        _, kind, protocol, *_ = [*integers, *(2, 1, 0)[len(integers) :]]
        kinds = [host_socket.SOCK_STREAM, host_socket.SOCK_DGRAM]
        if self.release >= RAW_SINCE and "SOCK_RAW" in self.module.__dict__:
            kinds.append(host_socket.SOCK_RAW)
        if kind not in kinds:
            raise self.error("EINVAL")
        self.make_room(kind)
        with self.raising():
            used = protocol if kind == host_socket.SOCK_RAW else 0
            return LwipSocket(self, kind, host_socket.socket(host_socket.AF_INET, kind, used))

    def make_room(self, kind: int) -> None:
        """OSError(ENOMEM) when the pool of this kind of protocol blocks is empty."""
        limit: int | None = self.does("max_sockets")[POOLS[kind]]
        used = sum(one.type == kind and not listens(one) for one in self.open)
        if limit is not None and used >= limit:
            raise self.error(self.does("max_sockets")["errno"])

    def not_connected(self) -> OSError:
        """ENOTCONN as lwIP's own error becomes it, through a table of bytes."""
        number = self.does("enotconn_number")
        return self.error("ENOTCONN") if number is None else self.OSError(number)

    def numeric(self, host: str, operation: Operation) -> tuple[int, str]:
        """As lwIP reads it; '' is the IPv6 any address where the build has IPv6."""
        if not host and self.does("ipv6") == "full":
            return host_socket.AF_INET6, "::"
        return super().numeric(host, operation)

    def getaddrinfo(self, host: object, port: object, *hints: object) -> list[tuple[Any, ...]]:
        """One entry, of AF_INET and SOCK_STREAM whatever was asked for; OSError(negative)."""
        name, number = text(host), integer(port)
        family = [*map(integer, hints), 0][0] if "family" in self.does("getaddrinfo_hints") else 0
        list(map(integer, hints))
        return [(2, 1, 0, "", (self.resolve(name, family), number))]

    def resolve(self, name: str, family: int) -> str:
        """The numeric host of a name."""
        numbers, full = self.does("getaddrinfo_error_numbers"), self.does("ipv6") == "full"
        if not 0 < len(name.encode()) < 256:
            raise self.OSError(numbers["bad name"])
        found = self.literal(name)
        if found is None:
            try:
                found = look_up(name, family if full else host_socket.AF_INET)[0]
            except host_socket.gaierror as error:
                raise self.OSError(numbers["not found" if unknown(error) else "no DNS server"]) from None
        elif (full and family not in (0, found[0])) or (not full and found[0] == host_socket.AF_INET6):
            # Asked of the DNS, which was not there when it was run.
            raise self.OSError(numbers["no DNS server"])
        return found[1]

    def literal(self, name: str) -> tuple[int, str] | None:
        """The family and form of a numeric host, None for a name."""
        try:
            if ":" in name:
                packed = host_socket.inet_pton(host_socket.AF_INET6, name)
                return host_socket.AF_INET6, host_socket.inet_ntop(host_socket.AF_INET6, packed)
            return host_socket.AF_INET, host_socket.inet_ntoa(host_socket.inet_aton(name))
        except OSError:
            return None

    def reset(self) -> None:
        """Start lwIP anew; there is none here."""

    def callback(self) -> None:
        """Let lwIP work; the host's works by itself."""

    def print_pcbs(self) -> None:
        """Print lwIP's protocol blocks, which no firmware does."""


def listens(host: host_socket.socket) -> bool:
    """Whether it is a listener, which lwIP counts apart."""
    return bool(host.getsockopt(host_socket.SOL_SOCKET, host_socket.SO_ACCEPTCONN))


PORT = LwipPort

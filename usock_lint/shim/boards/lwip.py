"""The socket module of ports that run lwIP themselves: rp2, stm32, mimxrt, esp8266, renesas-ra, alif.

lwIP forgets a connection that was reset, refused or given up: the socket then has no protocol block, and its
next call raises what happened and the one after it EBADF (extmod/modlwip.c:1276@v1.28.0). Unless noted
otherwise, this was run on lwIP over its own loopback interface, releases 1.20 to 1.28.
"""

from __future__ import annotations

import errno
import math
import select
import socket as host_socket
import struct
import sys
import time
import weakref
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from enum import IntEnum
from typing import Any

from usock_lint.ports import Release
from usock_lint.shim.boards.bound import LINK_MS, BoundPort, BoundSocket
from usock_lint.shim.boards.options import MEMBERSHIPS
from usock_lint.shim.boards.port import Address, Operation, canonical, unknown
from usock_lint.shim.boards.socket import LARGEST
from usock_lint.shim.boards.waiting import Ends, ends, listens, unread, unsent
from usock_lint.shim.boards.wire import Link, Wire
from usock_lint.shim.core import base
from usock_lint.shim.core.arguments import buffer, integer, text
from usock_lint.shim.core.base import TICK_MS
from usock_lint.shim.core.network import is_loopback

MOMENT_SINCE: Release = (1, 24, 0)
"""Since then a non-blocking connect() waits for MOMENT_MS (extmod/modlwip.c:1141@v1.24.0, and @v1.23.0)."""
MOMENT_MS = 1

LOOPBACK = "127.0.0.1"

END_AGAIN = 2.0
"""Seconds after which lwIP has sent the end of a stream again: 1.5 to 4.5 (run:lwip@1.28)."""

EARLY_DATA_AFTER = 0.125
"""Seconds after accept() until what came before it can be read: up to 0.25, the period of a timer (run:lwip@1.28).

lwIP has kept it as data that was refused (extmod/modlwip.c:560@v1.28.0). tcp_fasttmr() offers it again, and tcp_input()
does when more comes.
"""

SEND_BUFFER = 8
"""The size of the send buffer in full segments: TCP_SND_BUF, extmod/lwip-include/lwipopts_common.h:94@v1.28.0."""

LOST_STATES: dict[str, int] = {"ECONNABORTED": -13, "ECONNRESET": -14}
"""The numbers that repr shows for the state of a lost connection, by errno name: lwIP's error numbers."""


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


class LwipSocket(BoundSocket):
    """A socket over one lwIP protocol block."""

    port: LwipPort

    def __init__(self, port: LwipPort, kind: int, host: host_socket.socket) -> None:
        super().__init__(port, kind, host)
        self.state = State.DATAGRAM if kind == host_socket.SOCK_DGRAM else State.NEW
        self.lost = ""
        """The errno name of the lost connection that the next call raises, else ""."""
        self.peer: tuple[Any, ...] = ("0.0.0.0", 0)
        self.segments: deque[bytes] = deque()
        """What has come and was not read: one read never returns bytes of two segments."""
        self.offset = 0
        """The number of bytes that were read of the first segment."""
        self.taken_out = 0
        """The number of connections that accept() has returned."""
        self.told = 0
        """The number of queued datagrams at the last call of `news`."""
        self.backlog = 0
        """The number of connections that may wait for accept()."""
        self.data_seen_at = 0.0
        """The time.monotonic() before which what came before accept() cannot be read, unless more comes."""
        self.early = 0
        """The number of bytes that came before accept()."""
        self.end_seen_at = 0.0
        """The time.monotonic() before which reading does not see that the other side closed before accept()."""
        self.unheard: Address | None = None
        """The address of connect(), while the board's own listener there has no protocol block for the connection."""
        self.waited = False
        """True if recv() has waited: a reset that ends the wait is raised once more (extmod/modlwip.c:868@v1.28.0)."""
        self.link: Link | None = None
        """The link of a stream to another computer, None between two sockets of the board."""
        self.own = False
        """True if the other side is a socket of the board."""
        self.answer = 0, 0.0
        """The host's errno of a non-blocking connect(), and the time.monotonic() at which the port learns it."""

    def __repr__(self) -> str:
        if self.stream:
            self.hear_end()
        elif not self.closed:
            self.fetch_datagrams()
        state = LOST_STATES.get(self.lost, self.state)
        timeout = 0xFFFFFFFF if self.timeout is None else self.timeout
        incoming = f"{self.incoming():x} off={self.offset}" if self.stream else str(len(self.queue))
        return f"<socket state={int(state)} timeout={timeout} incoming={incoming}>"

    def incoming(self) -> int:
        """What the word is that repr shows as the address of what has come, else 0.

        In a listener, the bytes of this word are the length of the array of connections that wait, and the places in it
        of the next one to accept and of the next one to come (extmod/modlwip.c:254@v1.28.0).
        """
        if self.state is not State.LISTENING:
            return id(self) & 0xFFFFFFFF if self.segments or (self.state > State.NEW and unread(self.host)) else 0
        if self.backlog == 1:
            return 0
        places = self.taken_out, self.taken_out + self.waiting()
        return self.backlog | sum(place % self.backlog << 8 * number for number, place in enumerate(places, 1))

    def close(self) -> None:
        if self.state is State.LISTENING:
            self.abandon_waiting()
        self.unlink()
        if self.segments:
            abort_at_close(self.host)  # the host itself would do so, had the bytes not been taken from it
            self.segments.clear()
        self.port.listeners.discard(self)
        self.state, self.lost = State.BAD, ""
        super().close()

    def unlink(self) -> None:
        """Leave the link to the other computer."""
        if self.link:
            self.link.finish()
            self.link = None

    def abandon_waiting(self) -> None:
        """Reset every second connection that waits to be accepted. The others stay open, and their peers wait for ever.

        lwIP's loop skips one after each that it aborts, because aborting moves the others up. With a backlog of 1 it
        aborts none (extmod/modlwip.c:403 and :514@v1.28.0, run:lwip@1.28).
        """
        with suppress(OSError):
            for number in range(self.backlog):
                host = self.host.accept()[0]
                if self.backlog > 1 and number % 2 == 0:
                    abort_at_close(host)
                    host.close()
                else:
                    self.port.open.add(host)

    def accepted(self) -> None:
        """Note if the other side closed before accept(): lwIP never reports that (extmod/modlwip.c:560@v1.28.0).

        Behind data, which waits for accept(), the end is not taken, so that the other side sends it again
        (tcp_input() in src/core/tcp_in.c of lwIP, run:lwip@1.28).
        """
        super().accepted()
        self.state = State.CONNECTED
        self.own = self.port.has_end(self.host)
        if not self.own:
            self.link = self.port.wire.link(self.host, self.port.segment)
        self.early = unread(self.host)
        if self.early:
            self.data_seen_at = time.monotonic() + EARLY_DATA_AFTER
        if pending_end(self.host):
            self.end_seen_at = time.monotonic() + END_AGAIN if self.early else math.inf

    @property
    def end_unseen(self) -> bool:
        """True as long as it does not hear that the other side has closed."""
        return time.monotonic() < self.end_seen_at

    @property
    def data_unseen(self) -> bool:
        """True as long as what came before accept() cannot be read."""
        return time.monotonic() < self.data_seen_at and unread(self.host) <= self.early

    @property
    def has_block(self) -> bool:
        """True if it has a protocol block: it was not closed, and its connection is not lost."""
        return not self.lost and self.state not in (State.BAD, State.RESET)

    def check(self) -> None:
        """Raise OSError if there is no protocol block."""
        if not self.has_block:
            raise self.port.error("EBADF")

    def hear_end(self) -> None:
        """Set the state if the other side has reset the connection or sent the end; what came before may be unread."""
        if self.state not in (State.CONNECTED, State.ENDED) or self.lost or self.data_unseen or self.end_unseen:
            return
        found = pending_end(self.host)
        if found & select.POLLERR:
            self.lose("ECONNRESET")
        elif found:
            self.state = State.ENDED

    def check_option(self, name: str) -> None:
        """A membership is the interface's: no protocol block is needed for it (extmod/modlwip.c:1517@v1.28.0)."""
        if name not in MEMBERSHIPS:
            self.check()

    def lose(self, name: str) -> None:
        """Note that the connection is lost: the next call raises this error, and another one can take its place.

        What has come before can still be read (extmod/modlwip.c:502@v1.28.0).
        """
        self.lost = name
        self.port.freed.add(self.host)
        with suppress(OSError):
            self.queue_segments(*self.take())

    def raise_if_lost(self) -> None:
        """Raise the error of a lost connection once, and EBADF from then on.

        If recv() has raised a reset, the number of this error is 0: the port reads before the start of its table of
        numbers (run:lwip@1.28).
        """
        if self.state is State.BAD:
            raise self.port.error("EBADF")
        if self.state is State.RESET:
            self.state = State.BAD
            raise self.port.OSError(0)
        if self.lost:
            name, self.lost, self.state = self.lost, "", State.BAD
            raise self.port.error(name)

    def bind(self, pair: object) -> None:
        if not self.has_block or self.kind == host_socket.SOCK_RAW:
            self.address_for(pair, "bind")
            raise self.port.error("EIO")
        super().bind(pair)

    @property
    def can_rebind(self) -> bool:
        return self.state in (State.NEW, State.DATAGRAM)

    def use_family(self, address: Address) -> None:
        """Replace the host socket if the address is of another family: lwIP takes the family from the address.

        A datagram socket broadcasts without SO_BROADCAST: lwIP is built without IP_SOF_BROADCAST (run:lwip@1.28).
        """
        if self.host.family != address.family:
            self.replace_host(address.family)
        if not self.stream and self.port.name != "esp8266":
            self.host.setsockopt(host_socket.SOL_SOCKET, host_socket.SO_BROADCAST, True)
        if address.family == host_socket.AF_INET6 and address.host == "::":
            # A listener accepts IPv4 as well, a datagram socket gets none (extmod/modlwip.c:1069@v1.28.0).
            self.host.setsockopt(host_socket.IPPROTO_IPV6, host_socket.IPV6_V6ONLY, not self.stream)

    def listen(self, *backlog: object) -> None:
        queue = integer(backlog[0]) if backlog else self.port.does("listen_default_backlog")
        self.check()
        if not self.stream:
            raise self.port.error("EOPNOTSUPP")
        if self.taken:
            raise self.port.error("EADDRINUSE")
        if self.state is not State.NEW:
            raise self.port.not_connected()
        # Cut to 8 bits: extmod/modlwip.c:1097@v1.28.0.
        self.backlog = max(max(queue, 0) % 256, 1)
        super().listen(self.backlog)
        self.state = State.LISTENING
        self.port.listeners.add(self)

    def waiting(self) -> int:
        """The number of connections that wait to be accepted; each has a protocol block. 0 where it is not known."""
        if sys.platform != "linux":
            return 0
        # Of a listener, tcpi_unacked is this number (net/ipv4/tcp_diag.c of Linux).
        return struct.unpack_from("=I", self.host.getsockopt(host_socket.IPPROTO_TCP, host_socket.TCP_INFO, 104), 24)[0]

    def is_full(self) -> bool:
        """True if `backlog` connections wait to be accepted: the next one is reset."""
        return self.waiting() >= self.backlog

    def accept_host(self) -> tuple[host_socket.socket, Any]:
        """The next connection; BlockingIOError while there is no protocol block for it."""
        if self.port.pool_is_empty():
            raise BlockingIOError
        return self.host.accept()

    def accept(self) -> tuple[object, object]:
        if not self.stream:
            raise self.port.error("EOPNOTSUPP")
        self.check()
        if self.state is not State.LISTENING:
            raise self.port.error("EINVAL")
        accepted = super().accept()
        self.taken_out += 1
        return accepted

    def connect(self, address: object) -> None:
        self.update_connecting()
        self.hear_end()
        super().connect(address)

    def address_for(self, pair: object, operation: Operation) -> Address:
        address = super().address_for(pair, operation)
        if operation == "connect" and self.stream and self.state is not State.NEW:
            raise self.port.error("EISCONN" if self.state is State.CONNECTED else "EALREADY")
        if operation == "connect":
            if self.stream:
                self.leave_bound()
            self.use_family(address)
        return address

    def connect_stream(self, where: Address) -> None:
        """Connect a stream, to a listener of the board itself (`own`) or to another computer.

        A non-blocking socket connects to the board itself within MOMENT_MS, since MOMENT_SINCE. To another computer it
        is in progress for LINK_MS, although the host may be connected already.
        """
        self.state, self.peer = State.CONNECTING, where.pair
        limit = self.limit("connect")
        own = self.port.listener_at(where)
        self.own = bool(own)
        if own and not self.wait_until_heard(where, limit):
            raise self.expired("connect")
        if own and own.is_full():
            self.linked = True
            self.connect_ended(errno.ECONNREFUSED)
            raise self.port.error(self.lost)
        moment = bool(own) and self.port.release >= MOMENT_SINCE
        code = self.connect_host(where, max(limit, MOMENT_MS) if moment and limit is not None else limit)
        # On the loopback interface a refusal comes within the moment, too.
        moment = moment or (where.host == LOOPBACK and self.port.release >= MOMENT_SINCE)
        if code == errno.EINPROGRESS or (limit == 0 and not moment):
            self.answer = code, 0 if own or moment else time.monotonic() + LINK_MS / 1000
            raise self.expired("connect")
        self.connect_ended(code)
        if self.lost:
            raise self.port.error(self.lost)

    def wait_until_heard(self, where: Address, limit: int | None) -> bool:
        """True as soon as the board's own listener has a protocol block for the connection; False after `limit` ms."""
        self.unheard = where
        if self.wait_for_room(limit, lambda: self.port.pool_is_empty(more=self.port.waiting())):
            self.unheard = None
        return self.unheard is None

    def wait_for_room(self, limit: int | None, lacks_room: Callable[[], bool], step: int = TICK_MS) -> bool:
        """True as soon as there is room; False after `limit` ms. Asks every `step` ms; callbacks run meanwhile."""
        end = None if limit is None else time.monotonic() + limit / 1000
        while lacks_room():
            rest = step if end is None else min((end - time.monotonic()) * 1000, step)
            if rest <= 0:
                return False
            super().wait(0, math.ceil(rest))
        return True

    def connect_ended(self, code: int) -> None:
        """Set the state after connecting has ended with this errno of the host, 0 if it is connected."""
        self.state = State.CONNECTED
        if not code and not self.own:
            self.link = self.port.wire.link(self.host, self.port.segment)
        if code:
            # Nobody answered: ECONNABORTED. Derived from lwIP, which gives up with ERR_ABRT.
            self.lose("ECONNABORTED" if code == errno.ETIMEDOUT else self.port.name_of(code))

    def update_connecting(self, limit: int | None = 0) -> None:
        """Set the state if connecting has ended, or ends within `limit` ms."""
        if self.unheard and self.wait_until_heard(where := self.unheard, limit):
            self.connect_host(where, 0)
        if self.state is not State.CONNECTING or self.unheard:
            return
        code, answer_at = self.answer
        if (rest := answer_at - time.monotonic()) > 0:
            if limit is not None and limit <= rest * 1000:
                return
            time.sleep(rest)
        if code not in (0, errno.EINPROGRESS):
            self.connect_ended(code)
        elif self.wait(select.POLLOUT, limit):
            self.connect_ended(self.host.getsockopt(host_socket.SOL_SOCKET, host_socket.SO_ERROR))

    def room(self, count: object) -> int:
        """All there is for -1, which takes no memory: count + 1 bytes are allocated (py/vstr.c:54@v1.28.0)."""
        return LARGEST if integer(count) == -1 else super().room(count)

    def receive_from(self, count: int, flags: int, operation: str) -> tuple[bytes, Any]:
        """Read. A stream raises the error of its state, and of a loss once what had come before was read."""
        if not self.stream:
            return super().receive_from(count, flags, operation)
        self.update_connecting()
        if self.segments:
            return self.read_stream(count, self.flag("MSG_PEEK", flags))
        self.waited = False
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
        return super().receive_from(count, flags, operation)

    def read_stream(self, count: int, peek: bool) -> tuple[bytes, Any]:
        """At most what is left of one segment: extmod/modlwip.c:890@v1.28.0."""
        if not self.segments:
            self.fetch_segments()
        if not count or not self.segments:
            return b"", self.peer
        segment = self.segments.popleft()
        rest = segment if peek else segment[count:]
        if rest:
            self.segments.appendleft(rest)
        if not peek:
            self.offset = self.offset + count if rest else 0
        return segment[:count], self.peer

    def fetch_segments(self) -> None:
        """Take what has come from the host and cut it into segments; BlockingIOError if nothing has."""
        if self.data_unseen:
            raise BlockingIOError
        try:
            data, sizes = self.take()
            # A reset after the end is an error on lwIP; the host returns b"" and keeps the error in SO_ERROR.
            if not data and self.host.getsockopt(host_socket.SOL_SOCKET, host_socket.SO_ERROR):
                raise ConnectionResetError(errno.ECONNRESET, "reset after the end")
        except ConnectionResetError:
            self.port.freed.add(self.host)
            if self.waited:
                self.lost = "ECONNRESET"
            else:
                self.state = State.RESET
            raise
        if not data and self.end_unseen:
            raise BlockingIOError
        if not data:
            self.state = State.ENDED
        self.queue_segments(data, sizes)

    def take(self) -> tuple[bytes, deque[int]]:
        """What has come, from the host, and the sizes of the pieces in which it came, as far as they are known."""
        return self.link.receive() if self.link else (self.host.recv(LARGEST), self.port.sizes(self.host))

    def queue_segments(self, data: bytes, sizes: deque[int]) -> None:
        """Queue what has come in segments."""
        while data:
            came = min(sizes.popleft() if sizes else len(data), len(data))
            piece, data = data[:came], data[came:]
            whole = self.port.segment
            self.segments.extend(piece[place : place + whole] for place in range(0, len(piece), whole))

    def receive(self, count: int) -> bytes | None:
        """For read(), readinto() and readline(), which do not ask whether a datagram socket was closed."""
        if self.stream or not self.closed:
            return super().receive(count)
        return self._unless_blocking(self.receive_nothing)

    def receive_nothing(self) -> bytes:
        """Wait for a datagram of which none can come."""
        while (limit := self.limit("recv")) is None:
            self.port.sleep(1)
        self.port.sleep(limit / 1000)
        raise self.expired("recv")

    def setsockopt(self, level: object, option: object, value: object) -> None:
        self.news()  # a callback is not called for what had come before it was set
        super().setsockopt(level, option, value)

    def news(self) -> int:
        if self.stream or self.closed:
            return super().news()
        self.fetch_datagrams()
        before, self.told = self.told, self.queued
        return self.queued - before

    def transmit(self, data: memoryview) -> int | None:
        """For write: None when it would block. Unlike send() it may raise the error of a lost connection repeatedly."""
        return self._unless_blocking(lambda: self.send_some(data, "write"))

    def send(self, data: object) -> int:
        self.raise_if_lost()
        return super().send(data)

    def wait(self, mask: int, limit: int | None) -> bool:
        """Wait until the socket is ready as the port sees it.

        The host socket is ready also at an end that the port does not see (`end_unseen`), and for a connection that has
        no free protocol block.
        """
        self.waited = True
        if self.state is State.LISTENING and self.port.pool_is_empty():
            return self.wait_for_room(limit, self.port.pool_is_empty)
        if self.is_stuck(mask):
            return self.wait_for_room(limit, lambda: self.is_stuck(mask), 1)
        seen_at = self.data_seen_at if self.data_unseen else self.end_seen_at if self.end_unseen else 0
        if not seen_at or mask & select.POLLOUT:
            return super().wait(mask, limit)
        rest = None if seen_at == math.inf else int((seen_at - time.monotonic()) * 1000) + 1
        if rest is None or (limit is not None and limit < rest):
            return super().wait(0, limit)
        return super().wait(0, rest) or super().wait(mask, None if limit is None else limit - rest)

    def send_some(self, data: memoryview, operation: str) -> int:
        """Send some of `data`. A datagram socket that is not connected sends it to 0.0.0.0."""
        if not self.stream:
            if self.closed:
                raise self.port.error("EIO")  # only write() comes here: udp_send() in src/core/udp.c of lwIP
            # No board is told that nobody listens: to read the error makes the host forget it.
            self.host.getsockopt(host_socket.SOL_SOCKET, host_socket.SO_ERROR)
            self.check_family(self.host.family)
            try:
                peer: str = self.host.getpeername()[0]
            except OSError:
                return len(data)  # to 0.0.0.0, where nobody is
            if not self.port.network.reaches(peer):
                raise self.port.error("EHOSTUNREACH")
            return super().send_some(self.datagram(data), operation)
        self.update_connecting(self.timeout)
        if self.lost and operation == "write":
            raise self.port.error(self.lost)
        if self.state is State.RESET and operation == "write":
            # There is no protocol block for tcp_write(): ERR_ARG (extmod/modlwip.c:802@v1.28.0).
            raise self.port.error("EIO")
        self.raise_if_lost()
        if self.state is State.CONNECTING:
            raise self.expired("send")
        if self.state is State.LISTENING and self.timeout == 0:
            raise self.port.error("EAGAIN")  # its block is too short to have a buffer, and what lies behind it is zero
        if self.state in (State.NEW, State.LISTENING):
            raise self.port.not_connected()
        try:
            count = super().send_some(data, operation)
        except self.port.OSError as error:
            if error.args == (self.port.number("ECONNRESET"),):
                self.lose("ECONNRESET")
                if operation != "write":
                    self.raise_if_lost()
            raise
        if not self.link:
            self.port.sent(self.host, count)
        return count

    def push(self, data: memoryview) -> int:
        if not self.stream:
            return super().push(data)
        if not (room := self.vacancy()):
            raise BlockingIOError
        if not self.link:
            return super().push(data[:room])
        self.link.send(data[:room], self.port.send_buffer)
        return min(room, len(data))

    def sendto(self, data: object, address: object) -> int:
        self.raise_if_lost()
        if self.stream:
            self.port.address(address, "sendto")
            return self.send(data)
        view, where = self.datagram(buffer(data)), self.port.address(address, "sendto")
        self.check_family(where.family)
        self.use_family(where)
        # A datagram to port 0 is sent, and reaches nobody.
        return super().sendto(view, address) if where.port else len(view)

    def check_family(self, family: int) -> None:
        """OSError(EINVAL) for a datagram to an address of another family than the socket's.

        The socket's family is that of the address it is bound to, else IPv4: src/core/udp.c of lwIP,
        IP_ADDR_PCB_VERSION_MATCH (run:lwip@1.28).
        """
        if family != (self.home.family if self.home else host_socket.AF_INET):
            raise self.port.error("EINVAL")

    def datagram(self, data: memoryview) -> memoryview:
        """The part of `data` that is sent; OSError(ENOMEM) if the heap of lwIP is too small for it."""
        if len(data[: LARGEST - 1]) > self.port.heap - HEAP_OVERHEAD:
            raise self.port.error("ENOMEM")
        return data[: LARGEST - 1]

    def sendall(self, data: object) -> None:
        """Send all of it; a non-blocking socket sends all or nothing. Each part has the whole timeout.

        NotImplementedError for a datagram socket.
        """
        self.raise_if_lost()
        view = buffer(data)
        if self.kind == host_socket.SOCK_DGRAM:
            raise NotImplementedError
        if not self.stream:
            return  # a raw socket sends nothing: extmod/modlwip.c:1432@v1.28.0
        if self.timeout == 0 and len(view) > self.vacancy():
            raise self.port.error("EAGAIN")
        while view:
            view = view[self.send_some(view, "send") :]

    def vacancy(self) -> int:
        """The number of free bytes in lwIP's send buffer; a listener has none."""
        if self.state is State.LISTENING:
            return 0
        return max(self.port.send_buffer - (self.link.buffered() if self.link else unsent(self.host)), 0)

    def is_stuck(self, mask: int) -> bool:
        """True if `mask` asks for room in the send buffer, and there is none."""
        sends = self.stream and self.state in (State.CONNECTED, State.ENDED)
        return bool(sends and mask & select.POLLOUT and not self.vacancy())

    def events(self, mask: int, seen: int) -> int:
        """extmod/modlwip.c:1604@v1.28.0."""
        self.update_connecting()
        if self.state is State.BAD:
            return select.POLLNVAL
        if self.state is State.NEW:
            readable = 0 if self.stream else super().events(mask, seen & mask & select.POLLIN)
            return mask & select.POLLOUT | select.POLLHUP | readable
        if self.state is State.RESET:
            return mask & select.POLLIN | select.POLLHUP
        if self.data_unseen or self.end_unseen or (self.state is State.LISTENING and self.port.pool_is_empty()):
            seen &= ~(select.POLLIN | select.POLLHUP)
        if self.segments:
            seen |= mask & select.POLLIN
        if self.lost or seen & select.POLLERR:
            return mask & (select.POLLIN | select.POLLOUT) | select.POLLERR | select.POLLHUP
        if self.state is State.CONNECTING:
            return 0
        if self.is_stuck(seen):
            seen &= ~select.POLLOUT
        return super().events(mask, seen & mask)


SEGMENT = 800
SEGMENTS: dict[str, int] = {"alif": 1460, "esp8266": 536, "renesas-ra": 1460}
"""The largest segment in bytes: extmod/lwip-include/lwipopts_common.h:92, ports/alif/lwip_inc/lwipopts.h:14,
ports/renesas-ra/lwip_inc/lwipopts.h:9@v1.28.0, include/lwipopts.h of esp-open-lwip, which esp8266 has. Of stm32 only
the N6 has larger ones too (lwipopts.h:19 there)."""

HEAP = 8000
HEAPS: dict[str, int] = {"alif": 16384, "esp8266": LARGEST * 2, "renesas-ra": 16384}
"""The bytes of the heap from which lwIP takes what is sent (MEM_SIZE): extmod/lwip-include/lwipopts_common.h:91,
ports/alif/lwip_inc/lwipopts.h:13, ports/renesas-ra/lwip_inc/lwipopts.h:8@v1.28.0. That of esp8266 is not known."""

HEAP_OVERHEAD = 176
"""The bytes of the heap that a datagram cannot use: at most 7824 were sent (run:lwip@1.29; 7840 at 1.28)."""

RAW_SINCE: Release = (1, 12, 0)
"""Before, socket() refuses SOCK_RAW (data/lwip.json)."""

POOLS: dict[int, str] = {host_socket.SOCK_STREAM: "tcp", host_socket.SOCK_DGRAM: "udp", host_socket.SOCK_RAW: "raw"}
"""The pool that a protocol block is taken from, as `max_sockets` in the table names it."""


class LwipPort(BoundPort):
    """A port with lwIP at one release."""

    unknown_option = "Warning: lwip.setsockopt() not implemented"
    sends_nowhere = True

    def __init__(self, name: str, release: Release, implementation: str = "") -> None:
        super().__init__(name, release, implementation)
        self.listeners: set[LwipSocket] = set()
        """The sockets that listen."""
        self.freed: weakref.WeakSet[host_socket.socket] = weakref.WeakSet()
        """Sockets whose connection is lost: lwIP has freed the protocol block (extmod/modlwip.c:507@v1.28.0)."""
        self.segment = SEGMENTS.get(name, SEGMENT)
        """The largest segment in bytes."""
        self.send_buffer = SEND_BUFFER * self.segment
        """The size in bytes of the send buffer."""
        self.reuses_addresses = name != "esp8266"  # include/lwipopts.h of esp-open-lwip
        self.wire = Wire()
        self.close = weakref.finalize(self, close_all, self.wire, self.open)
        self.heap = HEAPS.get(name, HEAP)
        """The size in bytes of the heap for what is sent."""
        self.in_flight: dict[Ends, deque[int]] = {}
        """The sizes of segments on their way between two sockets of the board, by the sender's ends."""

    @property
    def has_loopback(self) -> bool:
        """No port sets MICROPY_PY_LWIP_LOOPBACK (extmod/extmod.mk:412@v1.28.0), nor has esp8266's own lwIP one."""
        return False

    def loses(self, where: Address) -> bool:
        """The lwIP of esp8266, 1.4, sends to the gateway what is for 127.0.0.1: ip_route() in src/core/ipv4/ip.c."""
        at_gateway = self.name == "esp8266" and is_loopback(where.host) and not self.network.loopback
        return at_gateway or super().loses(where)

    def listener_at(self, where: Address) -> LwipSocket | None:
        """The board's own listener at an address of its loopback interface, None if there is none."""
        own = self.listeners if is_loopback(where.host) else ()
        return next((one for one in own if one.host.getsockname()[1] == where.port), None)

    def has_end(self, host: host_socket.socket) -> bool:
        """True if the other side of a connection is a socket of the board."""
        _, there = ends(host)
        return any(one.type == host_socket.SOCK_STREAM and one.getsockname() == there for one in self.open)

    def sent(self, host: host_socket.socket, count: int) -> None:
        """Record the segments of `count` sent bytes. The first leaves at once; small ones behind it are joined."""
        between = ends(host)
        if not all(between):
            return  # it was reset meanwhile
        sizes = self.in_flight.setdefault(between, deque())
        while count:
            if len(sizes) > 1 and sizes[-1] + count <= self.segment:
                count += sizes.pop()
            sizes.append(min(count, self.segment))
            count -= sizes[-1]

    def sizes(self, host: host_socket.socket) -> deque[int]:
        """The sizes of the segments on their way to a socket from another socket of the board."""
        here, there = ends(host)
        return self.in_flight.get((there, here), deque())

    def create(self, *arguments: object) -> LwipSocket:
        """socket([family[, type[, proto[, ignored]]]]); the family is ignored, too."""
        integers = [integer(value) for value in arguments[:3]]
        _, kind, protocol, *_ = [*integers, *(2, 1, 0)[len(integers) :]]
        kind %= 256  # it is kept in 8 bits: extmod/modlwip.c:974@v1.28.0
        kinds = [host_socket.SOCK_STREAM, host_socket.SOCK_DGRAM]
        if self.release >= RAW_SINCE and "SOCK_RAW" in self.module.__dict__:
            kinds.append(host_socket.SOCK_RAW)
        if kind not in kinds:
            raise self.error("EINVAL")
        self.check_pool(kind)
        with self.raising():
            # Linux refuses protocol 0 for a raw socket. On lwIP that receives nothing, as with IPPROTO_RAW on Linux.
            used = (protocol or host_socket.IPPROTO_RAW) if kind == host_socket.SOCK_RAW else 0
            return LwipSocket(self, kind, host_socket.socket(host_socket.AF_INET, kind, used))

    def check_pool(self, kind: int) -> None:
        """OSError(ENOMEM) when the pool of this kind of protocol blocks is empty."""
        if self.pool_is_empty(kind, self.waiting() if kind == host_socket.SOCK_STREAM else 0):
            raise self.error(self.does("max_sockets")["errno"])

    def waiting(self) -> int:
        """The number of connections that wait to be accepted by any listener."""
        return sum(one.waiting() for one in self.listeners)

    def pool_is_empty(self, kind: int = host_socket.SOCK_STREAM, more: int = 0) -> bool:
        """True if the pool of this kind of protocol blocks is empty; `more` are in use that no open socket has."""
        limit: int | None = self.does("max_sockets")[POOLS[kind]]
        # Listeners have a pool of their own.
        used = sum(one.type == kind and one not in self.freed and not listens(one) for one in self.open)
        return limit is not None and used + more >= limit

    def not_connected(self) -> OSError:
        """ENOTCONN with the port's number for it: mimxrt's table of signed bytes makes -128 of 128."""
        number = self.does("enotconn_number")
        return self.error("ENOTCONN") if number is None else self.OSError(number)

    def numeric(self, host: str, operation: Operation) -> tuple[int, str]:
        """The family and form of a numeric host; "" is the IPv6 any address where the build has IPv6."""
        if not host and self.does("ipv6") == "full":
            return host_socket.AF_INET6, "::"
        return super().numeric(host, operation)

    def getaddrinfo(self, host: object, port: object, *hints: object) -> list[tuple[Any, ...]]:
        """One entry, always of AF_INET and SOCK_STREAM; OSError with a negative number."""
        name, number = text(host), integer(port)
        asked = [integer(hint) for hint in hints]
        family = asked[0] if asked and "family" in self.does("getaddrinfo_hints") else 0
        return [(2, 1, 0, "", (self.resolve(name, family), number))]

    def resolve(self, name: str, family: int) -> str:
        """The numeric host of a name."""
        numbers, full = self.does("getaddrinfo_error_numbers"), self.does("ipv6") == "full"
        if not 0 < len(name.encode()) < 256:
            raise self.OSError(numbers["bad name"])
        if name.lower() == "localhost" and (name != "localhost" or not self.network.loopback):
            raise self.OSError(numbers["not found"])  # lwIP asks a name server, which does not know it
        found = self.literal(name)
        if found is None:
            try:
                found = self.look_up(name, family if full else host_socket.AF_INET)[0]
            except host_socket.gaierror as error:
                raise self.OSError(numbers["not found" if unknown(error) else "no DNS server"]) from None
        elif (full and family in (host_socket.AF_INET, host_socket.AF_INET6) and family != found[0]) or (
            not full and found[0] == host_socket.AF_INET6
        ):
            # An address of the wrong family is taken for a name, which no name server knows.
            raise self.OSError(numbers["not found" if self.network.is_up else "no DNS server"])
        return found[1]

    def literal(self, name: str) -> tuple[int, str] | None:
        """The family and form of a numeric host, None for a name."""
        try:
            if ":" in name:
                return host_socket.AF_INET6, canonical(name).upper()
            return host_socket.AF_INET, host_socket.inet_ntoa(host_socket.inet_aton(name))
        except OSError:
            return None

    def reset(self) -> None:
        """Start lwIP anew; here it does nothing."""

    def callback(self) -> None:
        """Let lwIP work; here it does nothing, because the host's network works by itself."""

    def print_pcbs(self) -> None:
        """Print lwIP's protocol blocks, which no firmware does."""


def close_all(wire: Wire, sockets: set[host_socket.socket]) -> None:
    """Send what the links hold back, close the sockets and empty the set."""
    wire.finish()
    base.close_all(sockets)


def pending_end(host: host_socket.socket) -> int:
    """The host's events for a connection of which the other side has sent the end or a reset, else 0."""
    ended = select.poll()
    ended.register(host, select.POLLRDHUP)
    return sum(events for _, events in ended.poll(0))


def abort_at_close(host: host_socket.socket) -> None:
    """Have the connection reset when it is closed."""
    host.setsockopt(host_socket.SOL_SOCKET, host_socket.SO_LINGER, struct.pack("ii", 1, 0))


PORT = LwipPort

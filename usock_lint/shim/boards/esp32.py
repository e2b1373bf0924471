"""The socket module of the esp32 port, over ESP-IDF's BSD sockets.

A timeout is a number of polls of 100 ms, rounded down, and one more (ports/esp32/modsocket.c:61 and :577@v1.28.0).
connect() and bind() look names up. Nothing was run on a board: this follows data/esp32.json, the sources named, and
runs of ports/esp32/modsocket.c over esp-lwip on Linux (run:esp32@1.28).
"""

from __future__ import annotations

import errno
import heapq
import re
import select
import socket as host_socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from typing import Any

from usock_lint.ports import Release
from usock_lint.shim.boards.bound import LINK_MS, BoundPort, BoundSocket
from usock_lint.shim.boards.flows import SEND_BUFFER, TIMER, Flow
from usock_lint.shim.boards.port import Address, Operation, split
from usock_lint.shim.boards.socket import LARGEST
from usock_lint.shim.boards.waiting import Ends, ends, has_error, listens
from usock_lint.shim.core.arguments import buffer, integer, text
from usock_lint.shim.core.base import TICK_MS
from usock_lint.shim.core.errors import Halt

LOOPBACK = "127.0.0.1"

POLL_MS = 100

LOOK = 0.01
"""Seconds between two looks for news of sockets: a tick of FreeRTOS, CONFIG_FREERTOS_HZ of ESP-IDF."""

FIRST_LOOKS, LOOKS = 256, 8
"""The look that counts: the first after the board has started, as the counter of one byte begins at 0, and each later
one (USOCKET_EVENTS_DIVISOR, ports/esp32/modsocket.c:92@v1.28.0)."""

LEAST_ROOM = 2881
"""A stream is writable if its send buffer has more room than this: TCP_SNDLOWAT in src/include/lwip/opt.h."""

SEND_POLL_MS = 1000
"""How often lwIP asks whether send() has waited too long: NETCONN_TCP_POLL_INTERVAL in src/api/api_msg.c. So a poll of
`POLL_MS` takes this time (run:esp32@1.28)."""

RAISES_SINCE: Release = (1, 13, 0)
"""From then on a look-up that fails raises, with the negative of the number (ports/esp32/modsocket.c:735@v1.12)."""

PORT_ZERO_SINCE: Release = (1, 15, 0)
"""Port 0 was refused before (derived, see port_out_of_range in data/esp32.json)."""

COLLECTS_SINCE: Release = (1, 22, 0)
"""Since then socket() collects garbage before it refuses one socket too many (ports/esp32/modsocket.c:282@v1.22.0)."""

ENOPROTOOPT = 109
"""The number that newlib has for it; MicroPython has no name for it."""

AF_INET6 = host_socket.AF_INET6
EMSGSIZE = 122
"""The number that newlib has for it; MicroPython has no name for it."""

DATAGRAM = 65535
"""The most bytes that are taken for a datagram."""

KINDS = host_socket.SOCK_STREAM, host_socket.SOCK_DGRAM, host_socket.SOCK_RAW

NUMERIC_ONLY = 4
"""AI_NUMERICHOST of esp-lwip (src/include/lwip/netdb.h)."""


class Esp32Socket(BoundSocket):
    """A socket over one descriptor of ESP-IDF."""

    port: Esp32Port

    def __init__(self, port: Esp32Port, kind: int, host: host_socket.socket) -> None:
        super().__init__(port, kind, host)
        # ports/esp32/modsocket.c:293@v1.28.0: a stream that was not used cannot be read from.
        self.fresh = self.stream
        self.peer: tuple[Any, ...] = ("0.0.0.0", 0)
        self.connecting = self.connected = False
        self.ended = False
        """True if reading has returned nothing once: from then on it always does."""
        self.answer_at = 0.0
        """The time.monotonic() before which a non-blocking connect() is not answered."""
        self.lost = ""
        """The errno name of the lost connection, else ""."""
        self.recv_errors_due, self.error_due = 0, False
        """How often a recv() still has to raise it, and whether the next call of any kind has to."""
        self.known_ends: Ends = (), ()
        """The result of `ends` once it is connected."""
        self.number = port.descriptors.take()

    def __repr__(self) -> str:
        """The type prints nothing of its own, so that an object of a class of the program is printed as any other."""
        kind = type(self.owner())
        return "<socket>" if kind is self.port.socket else f"<{kind.__name__} object at {id(self):x}>"

    def accepted(self) -> None:
        super().accepted()
        self.port.start_timer()
        self.fresh, self.connected = False, True

    def accept_host(self) -> tuple[host_socket.socket, Any]:
        """The next connection. It ends if there is no descriptor for it: lwip_accept() in src/api/sockets.c."""
        host, address = super().accept_host()
        if self.port.is_full():
            host.close()
            raise self.port.error(self.port.does("max_sockets")["errno"])
        return host, address

    def fileno(self) -> int:
        """The descriptor; -1 once closed."""
        return self.number

    def close(self) -> None:
        here, there = self.ends()
        if sent := self.port.flows.pop((here, there), None):
            sent.finish()
        received = self.port.flows.pop((there, here), None)
        self.port.descriptors.give_back(self.number)
        self.number = -1
        super().close()
        if received:
            received.finish()

    def limit(self, operation: str) -> int | None:
        if not self.timeout:
            return self.timeout
        if operation == "connect" and self.port.connect_ignores_timeout:
            return None
        polls = self.timeout // POLL_MS + 1
        return polls * (SEND_POLL_MS if operation == "send" and self.stream else POLL_MS)

    def expired(self, operation: str) -> OSError:
        if operation in ("accept", "recv", "send") and self.timeout is not None and self.timeout < POLL_MS:
            names: Mapping[str, str | None] = self.port.does("nonblocking_errno") or {}
            return self.port.error(names.get(operation) or "EAGAIN")
        return super().expired(operation)

    def address_for(self, pair: object, operation: Operation) -> Address:
        host, port = split(pair)
        found = self.port.find(host, port, 0, 0)
        self.fresh = False
        if found.family != self.host.family:
            raise self.port.error("EINVAL")
        return found

    def open_address(self, pair: object, operation: Operation) -> Address:
        """The address is looked up first, and reading no longer refused, also if it was closed."""
        found = self.address_for(pair, operation)
        self.check()
        return found

    @property
    def can_rebind(self) -> bool:
        return super().can_rebind and not self.listens

    @property
    def listens(self) -> bool:
        """True if it is a listener."""
        return not self.closed and listens(self.host)

    def use_family(self, address: Address) -> None:
        """Let a datagram socket broadcast without SO_BROADCAST: esp-lwip is built without IP_SOF_BROADCAST."""
        if not self.stream:
            self.host.setsockopt(host_socket.SOL_SOCKET, host_socket.SO_BROADCAST, True)

    def connect_stream(self, where: Address) -> None:
        """Connect; a socket whose connection failed cannot try again: ERR_CLSD in src/api/api_msg.c of esp-lwip."""
        self.update_connecting()
        if self.lost:
            raise self.port.error("ENOTCONN")
        if self.connected or self.connecting or self.listens:
            raise self.port.error("EALREADY" if self.connecting else "EISCONN")
        self.leave_bound()
        self.port.start_timer()
        self.connecting = True
        super().connect_stream(where)
        self.connecting, self.connected = False, True

    def connect_host(self, where: Address, limit: int | None) -> int:
        code = super().connect_host(where, limit)
        self.answer_at = time.monotonic() + LINK_MS / 1000 if limit == 0 and where.host != LOOPBACK else 0
        if code not in (0, errno.EINPROGRESS):
            # A connect() that waits asks for the pending error itself: ports/esp32/modsocket.c:466@v1.28.0.
            quiet = limit != 0 and not self.port.connect_ignores_timeout
            self.lose(error_due=not quiet, name="ECONNABORTED" if code == errno.ETIMEDOUT else "ECONNRESET")
        return code

    def refusal(self, code: int) -> OSError:
        return self.port.error(self.lost)

    def lose(self, recv_errors_due: int = 1, error_due: bool = True, name: str = "ECONNRESET") -> None:
        """Note that the connection is lost, with the errors that are due.

        A reset is both the last message in the mailbox of recv(), and the pending error of the connection. The end of
        the stream is a message before it, for which recv() raises the pending error or ECONNRESET as well
        (err_tcp() in src/api/api_msg.c and netconn_recv_data_tcp() in api_lib.c of esp-lwip, run:esp32@1.28).
        """
        self.lost, self.recv_errors_due, self.error_due = name, recv_errors_due, error_due

    def update_connecting(self) -> None:
        """Set the state after a non-blocking connect() that has ended."""
        if not self.connecting or self.closed or time.monotonic() < self.answer_at:
            return
        ready = select.poll()
        ready.register(self.host, select.POLLOUT)
        if seen := ready.poll(0):
            self.connecting, self.connected = False, not self.lost and not seen[0][1] & select.POLLERR
            if not self.connected and not self.lost:
                self.lose()

    def raise_if_lost(self, reads: bool) -> None:
        """Raise the next error of a lost connection: its own as often as it is due, then ENOTCONN."""
        self.check()
        if self.connecting and self.timeout:
            time.sleep(max(self.answer_at - time.monotonic(), 0))
        self.update_connecting()
        if self.connecting and self.timeout == 0:
            raise self.port.error("EAGAIN")
        if not self.lost:
            return
        if reads and self.recv_errors_due:
            self.recv_errors_due -= 1
            self.error_due = self.error_due and not self.recv_errors_due
        elif self.error_due:
            self.error_due = False
        else:
            raise self.port.error("ENOTCONN")
        raise self.port.error(self.lost)

    def bind_to(self, address: Address) -> None:
        if self.lost:
            raise self.port.error("EINVAL")
        super().bind_to(address)

    def setsockopt(self, level: object, option: object, value: object) -> None:
        """Set an option. ENOPROTOOPT if it is for datagrams only, and this a stream, or the other way round.

        lwip_setsockopt_impl() in src/api/sockets.c of esp-lwip.
        """
        names = self.port.table.module
        other = names["SO_BROADCAST"] if self.stream else names["TCP_NODELAY"]
        if other.exists(self.port.cell) and integer(option) == other.value(self.port.release):
            integer(value)
            raise self.port.OSError(ENOPROTOOPT)
        super().setsockopt(level, option, value)

    def listen(self, *backlog: object) -> None:
        queue = [integer(one) for one in backlog]
        self.fresh = False
        if self.taken:
            raise self.port.error("EADDRINUSE")
        if self.lost:
            raise self.port.error("ENOTCONN")
        super().listen(*queue)

    def room(self, count: object) -> int:
        """All there is for -1, which takes no memory: count + 1 bytes are allocated (py/vstr.c:54@v1.28.0)."""
        return LARGEST if integer(count) == -1 else super().room(count)

    def receive_from(self, count: int, flags: int, operation: str) -> tuple[bytes, Any]:
        """Read. Once reading has returned nothing, it returns nothing for ever; before that a loss is raised."""
        self.port.advance()
        if self.fresh:
            raise self.port.error("ENOTCONN")
        if self.ended:
            return b"", ("0.0.0.0", 0)
        if self.lost and (rest := self.unread(count, flags)):
            return rest, self.peer
        self.raise_if_lost(reads=True)
        if self.stream and not self.linked and not self.listens:
            self.wait_in_vain(flags)
        data, address = super().receive_from(count, flags, operation)
        self.ended = not data  # also after recv(0), and after an empty datagram
        return data, address

    def wait_in_vain(self, flags: int) -> None:
        """Wait to read from a stream that is bound and has no connection. lwIP does not refuse it."""
        if self.timeout is None and not self.flag("MSG_DONTWAIT", flags):
            raise Halt("recv() from a socket that is bound and not connected waits for ever")
        if self.timeout and not self.flag("MSG_DONTWAIT", flags):
            time.sleep((self.limit("recv") or 0) / 1000)
        raise self.port.error("EAGAIN") if self.flag("MSG_DONTWAIT", flags) else self.expired("recv")

    def unread(self, count: int, flags: int) -> bytes:
        """What had come before the connection was lost. To look for more of it finds the reset behind it."""
        try:
            rest = self.host.recv(count, host_socket.MSG_PEEK * self.flag("MSG_PEEK", flags))
        except OSError:
            return b""
        if self.recv_errors_due == 1 and 0 < len(rest) < count:
            self.recv_errors_due = 0
        return rest

    def read_stream(self, count: int, peek: bool) -> tuple[bytes, Any]:
        """Read from the stream, and note a reset that has come with the data or in place of it."""
        try:
            data, _ = super().read_stream(count, peek)
            if not peek and (flow := self.port.flows.get(self.ends()[::-1])):
                flow.read(len(data), time.monotonic())
            if (not data and count) or (len(data) < count and has_error(self.host)):
                self.note_reset(data)
        except ConnectionResetError:
            if not self.lost:
                self.lose(recv_errors_due=0)
            raise
        with suppress(OSError):
            self.peer = self.host.getpeername()
        return data, self.peer

    def note_reset(self, data: bytes) -> None:
        """Note a reset that has come behind `data`; ConnectionResetError if recv() is to raise it now.

        The host's EPIPE means that the end of the stream came before the reset: recv() raises it when it reads the end.
        Otherwise esp-lwip has met the reset already, looking for more bytes, and recv() does not raise it again.
        """
        match self.host.getsockopt(host_socket.SOL_SOCKET, host_socket.SO_ERROR):
            case 0:
                pass
            case errno.EPIPE if data:
                self.lose(recv_errors_due=2)
            case errno.EPIPE:
                self.lose(error_due=False)
                raise ConnectionResetError(errno.ECONNRESET, "reset after the end")
            case _:
                self.lose(recv_errors_due=0)

    def send_some(self, data: memoryview, operation: str) -> int:
        """Send some of `data`. A datagram socket that is not connected sends it to 0.0.0.0."""
        if not self.stream:
            # No board is told that nobody listens: to read the error makes the host forget it.
            self.host.getsockopt(host_socket.SOL_SOCKET, host_socket.SO_ERROR)
            try:
                self.host.getpeername()
            except OSError:
                self.check()
                return len(data)  # to 0.0.0.0, where nobody is
            self.check_size(data)
        elif self.listens:
            # It is busy, and that is tried again at once: lwip_netconn_do_write() in src/api/api_msg.c.
            if self.timeout is None:
                self.wait(0, None)
            raise self.expired("send")
        self.raise_if_lost(reads=False)
        return super().send_some(data, operation)

    def push(self, data: memoryview) -> int:
        flow = self.flow
        try:
            if not flow or has_error(self.host):
                return super().push(data)
        except ConnectionError as error:
            # The host's EPIPE is a reset that follows the end.
            if self.stream:
                self.lose(recv_errors_due=2 if isinstance(error, BrokenPipeError) else 1, error_due=False)
            raise
        if not flow.vacancy:
            raise BlockingIOError
        return flow.send(data, time.monotonic())

    @property
    def flow(self) -> Flow | None:
        """What it sends to a stream of the same program; None if the other side is elsewhere."""
        return self.port.flow_from(self.host, self.ends()) if self.stream else None

    def ends(self) -> Ends:
        """The addresses of a connected stream, which the host forgets when it is reset."""
        if not all(self.known_ends):
            self.known_ends = ends(self.host)
        return self.known_ends

    def is_full(self) -> bool:
        """True if there is no room to send."""
        flow = self.flow
        return flow is not None and not flow.vacancy

    def wait(self, mask: int, limit: int | None) -> bool:
        """Wait; for room to send until there is room on esp-lwip, as the host has more."""
        end = None if limit is None else time.monotonic() + limit / 1000
        while mask & select.POLLOUT and self.is_full():
            rest = TICK_MS if end is None else (end - time.monotonic()) * 1000
            if rest <= 0:
                return False
            super().wait(0, min(int(rest) + 1, TICK_MS))
        return super().wait(mask, limit)

    def check_size(self, data: memoryview) -> None:
        """OSError(EMSGSIZE) for what fits in no datagram: lwip_sendto() in src/api/sockets.c of esp-lwip."""
        if len(data) > DATAGRAM:
            raise self.port.OSError(EMSGSIZE)

    def send(self, data: object) -> int:
        """Send all of it, or what can be sent within the timeout. Nothing sent is an error, also of empty data."""
        view = buffer(data)
        sent = 0
        if self.stream and self.timeout is not None and self.timeout < POLL_MS and len(view):
            return self.send_some(view[:SEND_BUFFER], "send")
        while sent < len(view):
            try:
                sent += self.send_some(view[sent:], "send")
            except self.port.OSError as error:
                if not sent or error.args != self.expired("send").args:
                    raise
                break
        if not sent:
            raise self.expired("send")
        return sent

    def sendall(self, data: object) -> None:
        """Send all of it; OSError(ETIMEDOUT) if only a part was sent."""
        if self.send(data) < len(buffer(data)):
            raise self.port.error("ETIMEDOUT")

    def sendto(self, data: object, address: object) -> int:
        """Send a datagram; an empty one counts as not sent, and is sent again until the timeout, or for ever."""
        view, where = buffer(data), self.port.address(address, "sendto")
        if self.stream:
            self.update_connecting()
            if self.connecting or self.listens:
                raise self.port.error("EINPROGRESS")
            return self.send_some(view, "send")
        self.check_size(view)
        self.use_family(where)
        # A datagram to port 0 is sent, and reaches nobody.
        sent = super().sendto(data, address) if where.port else len(view)
        if sent:
            return sent
        if self.timeout is None:
            raise Halt("sendto() of nothing sends empty datagrams for ever if there is no timeout")
        raise self.port.error("ETIMEDOUT")

    def events(self, mask: int, seen: int) -> int:
        """ports/esp32/modsocket.c:823@v1.28.0: a new stream can be written to and is hung up, a bound one is not."""
        if self.closed:
            return select.POLLNVAL
        if self.fresh:
            return mask & select.POLLOUT | select.POLLHUP
        if (self.connecting and time.monotonic() < self.answer_at) or (
            self.stream and not self.linked and not self.listens
        ):
            return 0
        if seen & select.POLLOUT and (flow := self.flow) and flow.vacancy <= LEAST_ROOM:
            seen &= ~select.POLLOUT
        ended = self.stream and seen & (select.POLLHUP | select.POLLERR)
        ready = select.POLLIN | select.POLLOUT if ended else 0
        return super().events(mask, (seen | ready) & mask)


class Descriptors:
    """The numbers of sockets: each has the least one that is free, and the first comes after those of files."""

    def __init__(self, first: int) -> None:
        self.free = first
        self.back: list[int] = []

    def take(self) -> int:
        """The least free number."""
        if self.back:
            return heapq.heappop(self.back)
        self.free += 1
        return self.free - 1

    def give_back(self, number: int) -> None:
        """A number is free again; -1 is none."""
        if number >= 0:
            heapq.heappush(self.back, number)


class Esp32Port(BoundPort):
    """The esp32 port at one release."""

    unknown_option = "Warning: lwip.setsockopt() option not implemented"
    sends_nowhere = True

    def __init__(self, name: str, release: Release, implementation: str = "") -> None:
        super().__init__(name, release, implementation)
        self.flows: dict[Ends, Flow] = {}
        """What streams send to streams of the program, by the addresses of the sender and of the receiver."""
        self.flows_lock = threading.RLock()
        self.timer_start = 0.0
        """The time.monotonic() at which the first stream connected, and lwIP's timer began to run."""
        self.looks_left, self.looked_at = FIRST_LOOKS, 0.0
        """The looks for news of sockets until the next one that counts, and the time.monotonic() of the last one."""

    def start_timer(self) -> None:
        """Start lwIP's timer, if it does not run."""
        self.timer_start = self.timer_start or time.monotonic()

    def next_tick(self, now: float) -> float:
        """The time at which lwIP's timer runs next."""
        return self.timer_start + ((now - self.timer_start) // TIMER + 1) * TIMER

    def flow_from(self, host: host_socket.socket, between: Ends) -> Flow | None:
        """What this stream sends, if the other side is in the program as well."""
        here, there = between
        if (here, there) not in self.flows and there and self.has_end(here, there):
            flow = self.flows[here, there] = Flow(host, self.next_tick, self.flows_lock)
            if back := self.flows.get((there, here)):
                flow.back, back.back = back, flow
        return self.flows.get((here, there))

    def has_end(self, here: Any, there: Any) -> bool:
        """True if the other side is in the program: one of its sockets, or a listener where the connection waits."""
        return any(
            one.getsockname() == there or (here[0] == there[0] and listens(one) and one.getsockname()[1] == there[1])
            for one in [*self.open]
            if one.type == host_socket.SOCK_STREAM
        )

    def advance(self) -> bool:
        """Do what lwIP's timer has done until now. True if something waits for it."""
        now, flows = time.monotonic(), [*self.flows.values()]
        for flow in flows:
            flow.advance(now)
        return any(flow.held for flow in flows)

    def work(self) -> bool:
        return self.advance()

    def tick(self) -> bool:
        """Call, in time.sleep() and poll(), the callbacks of sockets that can be read from, each time a number of looks
        has passed; the count begins with the first callback (ports/esp32/modsocket.c:120@v1.28.0)."""
        now = time.monotonic()
        waits = self.advance()
        if not self.callbacks:
            return waits
        since, self.looked_at = now - self.looked_at, now
        # After a longer time the program has done something else, in which nothing looks.
        self.looks_left -= max(round(since / LOOK), 1) if since * 1000 < 2 * TICK_MS else 1
        if self.looks_left <= 0:
            self.looks_left = LOOKS
            for core in [core for core in self.callbacks if core.is_readable()]:
                self.call_back(self.callbacks[core], core.owner())
        return True

    @cached_property
    def descriptors(self) -> Descriptors:
        """ESP-IDF gives sockets the last of its 64 numbers: components/lwip/port/include/lwipopts.h, run:esp32@1.28."""
        return Descriptors(64 - (self.does("max_sockets")["any"] or 0))

    @property
    def connect_ignores_timeout(self) -> bool:
        """True if connect() waits without a timeout."""
        return self.does("timeout_errno")["connect"] is None

    def has_interface(self, name: str) -> bool:
        """True for no name, and for those of the loopback interface and of a station: netif_find() in src/core/netif.c
        of esp-lwip."""
        found = re.match(r"(lo|st)(\d+)", name)
        if not found:
            return not name
        return (found[1], int(found[2]) % 256) in (("lo", 0), ("st", 1))

    @property
    def no_group(self) -> OSError:
        """The error of a group that cannot be joined or left: lwIP's number (ports/esp32/modsocket.c:497@v1.28.0)."""
        return self.OSError(6)

    def create(self, *arguments: object) -> Esp32Socket:
        """socket([family[, type[, proto]]]). The port keeps a byte of each (ports/esp32/modsocket.c:78@v1.28.0).

        lwip_socket() takes every family other than AF_INET6 for AF_INET (src/api/sockets.c of esp-lwip).
        """
        integers = [integer(value) for value in arguments]
        family, kind, protocol = [*integers, *(2, 1, 0)[len(integers) :]]
        family, kind = (AF_INET6 if family % 256 == AF_INET6 else host_socket.AF_INET), kind % 256
        if kind not in KINDS:
            raise self.error("EINVAL")
        if self.is_full() and self.release >= COLLECTS_SINCE:
            self.collect()
        if self.is_full():
            raise self.error(self.does("max_sockets")["errno"])
        with self.raising():
            used = (protocol or host_socket.IPPROTO_RAW) if kind == host_socket.SOCK_RAW else 0
            return Esp32Socket(self, kind, host_socket.socket(family, kind, used))

    def is_full(self) -> bool:
        """True if there is no descriptor for another socket."""
        limit: int | None = self.does("max_sockets")["any"]
        return limit is not None and len(self.open) >= limit

    def failure(self, cause: str) -> OSError:
        """The error of a look-up; through 1.12, where only connect() and bind() raise one, its number is positive."""
        numbers = self.does("getaddrinfo_error_numbers")
        return self.OSError(numbers[cause] if numbers else 202 if cause == "lookup failed" else 201)

    def find(self, host: object, port: object, family: int, flags: int) -> Address:
        """The address behind a name and an int or decimal str."""
        name, number = text(host) or "0.0.0.0", self.port_number(port)
        if flags & NUMERIC_ONLY and not self.is_numeric(name):
            raise self.failure("not numeric")
        if name.lower() == "localhost" != name:
            raise self.failure("lookup failed")  # a name server is asked, which does not know it
        with suppress(OSError):  # inet_aton, like lwIP, takes an address with blanks at the end
            if family != AF_INET6:
                return Address(host_socket.AF_INET, host_socket.inet_ntoa(host_socket.inet_aton(name)), number)
        asked = family or (AF_INET6 if ":" in name else host_socket.AF_INET)
        try:
            return Address(*self.look_up(name, asked)[0], number)
        except host_socket.gaierror:
            raise self.failure("lookup failed") from None

    def is_numeric(self, name: str) -> bool:
        """True if the host is an IPv4 address."""
        try:
            return bool(host_socket.inet_aton(name))
        except OSError:
            return False

    def port_number(self, port: object) -> int:
        """The number, read as by atoi(), whose 0 counts only if the text begins with it; OSError for any other.

        Old releases also refuse 0. The largest is 65535.
        """
        written = str(port) if isinstance(port, int) else text(port)
        found = re.match(r"[ \t-\r]*([+-]?[0-9]+)", written)
        number = int(found[1]) if found else 0
        least = 0 if self.release >= PORT_ZERO_SINCE and written.startswith("0") else 1
        if not least <= number <= 65535:
            raise self.failure("bad port")
        return number

    def getaddrinfo(self, host: object, port: object, *hints: object) -> list[tuple[Any, ...]]:
        """[(family, type, proto, host, (ip, port))]; OSError with a negative number, through 1.12 []."""
        asked = [integer(value) for value in hints]
        if not self.does("getaddrinfo_hints"):
            asked = []
        family, kind, protocol, flags = [*asked, *(0, 0, 0, 0)[len(asked) :]]
        if family not in frozenset[int]((0, host_socket.AF_INET, host_socket.AF_INET6)):
            raise self.failure("bad family")
        try:
            found = self.find(host, port, family, flags)
        except self.OSError:
            if self.release >= RAISES_SINCE:
                raise
            return []
        name = text(host) or "0.0.0.0"
        address = None if found.family == AF_INET6 else found.pair
        return [(int(found.family), kind or int(host_socket.SOCK_STREAM), protocol, name, address)]


PORT = Esp32Port

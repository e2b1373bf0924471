"""The segments of streams between the board and other computers: what one recv() returns, and what leaves when.

The host's network keeps a stream as bytes, and sends each piece of it at once. lwIP keeps the segments in which it
came, and holds a small piece back until what it sent before is acknowledged (Nagle's algorithm). So a thread watches
the host's sockets: it notes how many bytes come at a time, and sends what was held back when its time has come.
"""

from __future__ import annotations

import os
import select
import signal
import socket as host_socket
import threading
import time
from collections import deque
from contextlib import suppress
from typing import Any, Final

from usock_lint.shim.boards.waiting import has_error, unread, unsent

LARGEST: Final = 65536
"""The most bytes that are read from the host at once."""

ACKNOWLEDGED_MS: Final = 8
"""The time until another computer has acknowledged what was sent to it: 4 to 8 ms (run:lwip@1.28 over a link).

The host's other side does so at once."""

DELAYED_MS: Final = 48
"""The same for a small segment once the other side has answered something: Linux then waits 40 ms for more."""

EDGES: Final = getattr(select, "EPOLLIN", 0) | getattr(select, "EPOLLET", 0)
"""What epoll is asked for: one event each time that something comes. Only Linux has it; elsewhere what has come by the
time of a read is taken for one segment, if it is not too long."""


class Link:
    """The stream of one host socket, which is connected to another computer."""

    def __init__(self, wire: Wire, host: host_socket.socket, segment: int) -> None:
        self.wire = wire
        self.host = host
        self.segment = segment
        self.lock = threading.RLock()
        """For what the thread changes: all that follows."""
        self.came: deque[int] = deque()
        """The numbers of bytes that have come at a time and were not taken from the host."""
        self.unread = 0
        """The sum of them."""
        self.held = bytearray()
        """What was sent and has not left."""
        self.on_the_way: deque[tuple[float, int]] = deque()
        """The time.monotonic() at which the other side acknowledges what has left, and the number of its bytes."""
        self.is_dialogue = False
        """True if the other side has sent something after it got something."""

    def look(self) -> None:
        """Note what has come."""
        with self.lock:
            count = unread(self.host)
            if count > self.unread:
                self.came.append(count - self.unread)
                self.unread = count
                self.hear()

    def hear(self) -> None:
        """Note that the other side has sent something: an acknowledgement comes with it."""
        if self.on_the_way:
            latest = acknowledged_at()
            self.on_the_way = deque((min(when, latest), count) for when, count in self.on_the_way)
            self.is_dialogue = True
            if self.held:
                self.wire.wake_at(self, latest)

    def receive(self) -> tuple[bytes, deque[int]]:
        """What has come, and the numbers of bytes that came at a time. Raises as the host's recv() does."""
        with self.lock:
            self.look()
            data = self.host.recv(LARGEST)
            sizes, self.came = self.came, deque()
            self.unread = 0
        return data, sizes

    def buffered(self) -> int:
        """The number of bytes in lwIP's send buffer: what was held back, and what is not acknowledged."""
        with self.lock:
            while self.on_the_way and self.on_the_way[0][0] <= time.monotonic():
                self.on_the_way.popleft()
            return len(self.held) + max(sum(count for _, count in self.on_the_way), unsent(self.host))

    def send(self, data: memoryview, size: int) -> None:
        """Send; the send buffer has room for `size` bytes. Raises as the host's send() does."""
        with self.lock:
            self.held += data
            self.flush(size)

    def flush(self, size: int) -> None:
        """Send what need not be held back: tcp_do_output_nagle() in src/include/lwip/priv/tcp_priv.h of lwIP."""
        at_once = self.host.getsockopt(host_socket.IPPROTO_TCP, host_socket.TCP_NODELAY)
        with self.lock, suppress(BlockingIOError):
            while self.held:
                full = len(self.held) >= self.segment or self.buffered() >= size
                if not at_once and not full and self.on_the_way:
                    break
                self.leave(self.host.send(self.held[: self.segment]))
        if self.held:
            self.wire.wake_at(self, self.on_the_way[-1][0] if self.on_the_way else acknowledged_at())

    def leave(self, count: int) -> None:
        """Note that so many of the bytes that were held back have left."""
        del self.held[:count]
        delayed = self.is_dialogue and count < self.segment
        self.on_the_way.append((acknowledged_at(DELAYED_MS if delayed else ACKNOWLEDGED_MS), count))

    def flush_later(self) -> None:
        """Send what was held back, in the thread. An error is left to the program's next call."""
        with self.lock, suppress(OSError, ValueError):
            if has_error(self.host):
                self.held.clear()
            self.flush(LARGEST)

    def finish(self) -> None:
        """Send all that was held back, before the host socket is closed."""
        self.wire.forget(self)
        with self.lock, suppress(OSError, ValueError):
            while self.held:
                self.leave(self.host.send(self.held))


def acknowledged_at(delay: int = ACKNOWLEDGED_MS) -> float:
    """The time.monotonic() at which the other side acknowledges what leaves now, after so many milliseconds."""
    return time.monotonic() + delay / 1000


class Wire:
    """The thread that watches the links of one board. It starts with the first link."""

    def __init__(self) -> None:
        self.links: dict[int, Link] = {}
        """The links by their descriptors."""
        self.due: dict[Link, float] = {}
        """The time.monotonic() at which a link sends what it held back."""
        self.alarm = -1
        """The descriptor by which the thread is woken, -1 while there is none."""
        self.edges: Any = None
        """The epoll object, on Linux."""

    def link(self, host: host_socket.socket, segment: int) -> Link:
        """The link of a host socket that has been connected."""
        if self.alarm < 0:
            reading, self.alarm = os.pipe()
            if EDGES:
                self.edges = select.epoll()
                self.edges.register(reading, select.EPOLLIN)
            threading.Thread(target=self.run, args=(reading,), daemon=True).start()
        made = self.links[host.fileno()] = Link(self, host, segment)
        made.look()
        if self.edges:
            self.edges.register(host, EDGES)
        return made

    def forget(self, link: Link) -> None:
        """Watch a link no longer."""
        self.due.pop(link, None)
        if self.links.pop(link.host.fileno(), None) and self.edges:
            self.edges.unregister(link.host)

    def finish(self) -> None:
        """Send all that was held back, and end the thread."""
        for link in list(self.links.values()):
            link.finish()
        if self.alarm >= 0:
            os.close(self.alarm)
            self.alarm = -1

    def wake_at(self, link: Link, when: float) -> None:
        """Have the link send what it held back, at this time.monotonic()."""
        self.due[link] = when
        with suppress(OSError):  # the thread itself may come here when it is to end
            os.write(self.alarm, b"1")

    def run(self, reading: int) -> None:
        """Watch the links until `finish` is called."""
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())  # signals are for the program
        while True:
            due = dict(self.due)
            rest = max(min(due.values()) - time.monotonic(), 0) if due else None
            for number in self.wait(reading, rest):
                if number == reading:
                    if not os.read(reading, LARGEST):
                        self.end(reading)
                        return
                elif link := self.links.get(number):
                    link.look()
            for link, when in due.items():
                if when <= time.monotonic() and self.due.get(link) == when:
                    self.due.pop(link, None)  # the program may have taken it out meanwhile
                    link.flush_later()

    def end(self, reading: int) -> None:
        """Free what the thread uses."""
        os.close(reading)
        if self.edges:
            self.edges.close()

    def wait(self, reading: int, seconds: float | None) -> list[int]:
        """The descriptors to which something has come, within so many seconds (None: for ever)."""
        if self.edges:
            return [number for number, _ in self.edges.poll(seconds)]
        return select.select([reading], [], [], seconds)[0]

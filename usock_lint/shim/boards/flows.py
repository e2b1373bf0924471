"""What a board's stream sends to a stream of the same board: segments, which lwIP holds back as the host does not.

A small segment waits until the one before it is acknowledged (Nagle's algorithm), and a single segment is acknowledged
only when lwIP's timer runs, or with what the other side sends (src/core/tcp.c and tcp_out.c of esp-lwip,
run:esp32@1.28).
"""

from __future__ import annotations

import socket as host_socket
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress

from usock_lint.shim.boards.waiting import has_error

SEGMENT = 1440
"""The largest segment in bytes: ESP-IDF's LWIP_TCP_MSS."""

SEND_BUFFER = 5760
"""The most bytes that a stream takes and keeps until they are acknowledged: LWIP_TCP_SND_BUF_DEFAULT."""

WINDOW = 5760
"""The most bytes that come and wait to be read: LWIP_TCP_WND_DEFAULT."""

TIMER = 0.25
"""Seconds between two acknowledgements by the timer: TCP_TMR_INTERVAL in src/include/lwip/priv/tcp_priv.h."""

PERSISTS = 1.5
"""Seconds after which lwIP splits a segment that is too large for the other side's room: tcp_persist_backoff in
src/core/tcp.c."""


class Flow:
    """One direction of a connection within the board."""

    def __init__(
        self, host: host_socket.socket, next_tick: Callable[[float], float], lock: AbstractContextManager[bool]
    ) -> None:
        self.host = host
        """The sender."""
        self.lock = lock
        """For the flows of a board, which several threads of the program may use."""
        self.next_tick = next_tick
        """The time at which lwIP's timer runs next after a given one."""
        self.held = bytearray()
        """What was taken and not sent."""
        self.on_the_way = 0
        """The number of bytes that were sent and not acknowledged."""
        self.unread = 0
        """The number of bytes that were sent and not read."""
        self.freed = 0
        """The number of bytes that were read since the reader said how many it can take."""
        self.answer_at = 0.0
        """The time.monotonic() at which the last segment is acknowledged; 0 if all are."""
        self.split_at = 0.0
        """The time.monotonic() at which a segment for which there is no room is split; 0 if none waits for room."""
        self.back: Flow | None = None
        """The other direction."""

    @property
    def vacancy(self) -> int:
        """The free bytes of the sender's buffer."""
        return SEND_BUFFER - len(self.held) - self.on_the_way

    @property
    def sends_at_once(self) -> bool:
        """True if the sender has switched Nagle's algorithm off."""
        return bool(self.host.getsockopt(host_socket.IPPROTO_TCP, host_socket.TCP_NODELAY))

    def send(self, data: memoryview, now: float) -> int:
        """Take what there is room for, and send what need not wait; how much was taken."""
        with self.lock:
            taken = data[: self.vacancy]
            self.held += taken
            self.advance(now)
            self.transmit(now)
        return len(taken)

    def transmit(self, now: float) -> None:
        """Send segments until one has to wait. The sender may have been closed, if nothing is held."""
        while self.held and (len(self.held) >= SEGMENT or not self.answer_at or self.sends_at_once):
            segment = self.held[: min(SEGMENT, WINDOW - self.unread)]
            if len(segment) < min(SEGMENT, len(self.held)):
                self.split_at = self.split_at or now + PERSISTS
                break
            self.leave(len(segment), now)

    def leave(self, count: int, now: float) -> None:
        """Send a segment of `count` bytes, and with it an acknowledgement of what has come."""
        self.pass_on(count)
        self.split_at = 0.0
        # Every second segment is acknowledged at once.
        self.answer_at = 0.0 if self.answer_at else self.next_tick(now)
        self.on_the_way = self.on_the_way + count if self.answer_at else 0
        if self.back:
            self.back.acknowledge(now)

    def pass_on(self, count: int) -> None:
        """Hand `count` bytes to the host, if it has no error for the next call to raise."""
        self.unread += count
        if count and not has_error(self.host):
            with suppress(OSError):
                self.host.send(self.held[:count])
        del self.held[:count]

    def acknowledge(self, now: float) -> None:
        """Take in an acknowledgement of all that was sent."""
        self.answer_at, self.on_the_way = 0.0, 0
        self.transmit(now)

    def advance(self, now: float) -> None:
        """Do what lwIP's timer has done until now."""
        with self.lock:
            while self.answer_at and self.answer_at <= now:
                self.acknowledge(self.answer_at)
            if self.split_at and self.split_at <= now and self.unread < WINDOW:
                self.leave(min(WINDOW - self.unread, SEGMENT, len(self.held)), now)

    def read(self, count: int, now: float) -> None:
        """Note that `count` bytes were read. The sender is told of them when there is room for another segment."""
        with self.lock:
            self.unread -= count
            self.freed += count
            if self.freed >= SEGMENT:
                self.freed = 0
                self.acknowledge(now)

    def finish(self) -> None:
        """Send all that was held, as lwIP does before the end of a stream."""
        with self.lock:
            self.pass_on(len(self.held))

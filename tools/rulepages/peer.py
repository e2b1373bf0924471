"""The other end of a page's sockets: a TCP server on loopback that plays one fixed part."""

from __future__ import annotations

import select
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Final, NamedTuple

LIFE: Final = 10.0
"""Seconds after which a conversation ends, whatever the other side does."""

_EMPTY: Final = ["0", "0"]
_RESPONSE: Final = b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nhello\n"


class Address(NamedTuple):
    """What a page calls HOST and PORT."""

    host: str
    port: int


def _silent(connection: socket.socket) -> None:
    """Sends nothing until the other side goes. Before that it reads nothing either, so that buffers fill up."""
    if sys.platform == "linux":
        gone = select.poll()
        gone.register(connection, select.POLLRDHUP)
        gone.poll(LIFE * 1000)
    else:
        _drain(connection)


def _drip(connection: socket.socket) -> None:
    """Sends the lines one, two and three, a byte every 5 ms, and none before the other side has read the last one."""
    for byte in b"one\ntwo\nthree\n":
        connection.sendall(bytes([byte]))
        time.sleep(0.005)
        while not _is_read(connection):
            time.sleep(0.001)


def _is_read(connection: socket.socket) -> bool:
    """False if bytes are on their way to the other side, or there and not read. Only Linux tells."""
    table = Path("/proc/net/tcp")
    ours, theirs = map(_as_in_table, (connection.getsockname(), connection.getpeername()))
    sockets = [line.split() for line in table.read_text().splitlines()] if table.exists() else []
    queues = {(local, remote): queue.split(":") for _, local, remote, _, queue, *_ in sockets[1:]}
    sent, _ = queues.get((ours, theirs), _EMPTY)
    _, received = queues.get((theirs, ours), _EMPTY)
    return not int(sent, 16) and not int(received, 16)


def _as_in_table(address: tuple[str, int]) -> str:
    host = int.from_bytes(socket.inet_aton(address[0]), sys.byteorder)
    return f"{host:08X}:{address[1]:04X}"


def _echo(connection: socket.socket) -> None:
    """Sends back what it gets."""
    while received := connection.recv(4096):
        connection.sendall(received)


def _close(_connection: socket.socket) -> None:
    """Sends nothing but the end of the stream, at once."""


def _reset(connection: socket.socket) -> None:
    """Waits for a first byte, 30 ms at most, and resets the connection."""
    connection.settimeout(0.03)
    with suppress(TimeoutError):
        connection.recv(4096)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def _http(connection: socket.socket) -> None:
    """Reads one request up to its empty line and answers 200 with the body hello."""
    request = b""
    while b"\r\n\r\n" not in request and (received := connection.recv(4096)):
        request += received
    connection.sendall(_RESPONSE)


PARTS: Final[dict[str, Callable[[socket.socket], None]]] = {
    "silent": _silent,
    "drip": _drip,
    "echo": _echo,
    "close": _close,
    "reset": _reset,
    "http": _http,
}
"""What a peer does with each connection, by the name that a page's fence gives it."""


ABSENT: Final = "absent"
"""Not a part: nobody is there, for a program that listens itself."""


def absent() -> Address:
    """An address of which nobody else knows."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return Address(*found.getsockname())


@contextmanager
def playing(part: str) -> Generator[Address]:
    """A peer that plays `part` (a key of PARTS) to every connection until the block ends."""

    class Conversation(BaseRequestHandler):
        def handle(self) -> None:
            _converse(self.request, PARTS[part])

    with _Peer(("127.0.0.1", 0), Conversation) as peer:
        threading.Thread(target=peer.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield Address(*peer.socket.getsockname())
        peer.shutdown()


class _Peer(ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False


def _converse(connection: socket.socket, part: Callable[[socket.socket], None]) -> None:
    """Play the part, end the stream and read on: closed over unread bytes, it would be reset instead."""
    connection.settimeout(LIFE)
    with suppress(OSError):
        part(connection)
        connection.shutdown(socket.SHUT_WR)
        _drain(connection)


def _drain(connection: socket.socket) -> None:
    end = time.monotonic() + LIFE
    while connection.recv(4096) and time.monotonic() < end:
        pass

"""A small MQTT 3.1.1 broker on loopback, which notes what it was told."""

from __future__ import annotations

import queue
import socket
import struct
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Final, NamedTuple

CONNECT: Final = 1
PUBLISH: Final = 3
PUBACK: Final = 4
SUBSCRIBE: Final = 8
PINGREQ: Final = 12
DISCONNECT: Final = 14

_LIFE: Final = 20
"""Seconds after which a conversation ends."""


class Packet(NamedTuple):
    """A packet that a client sent."""

    kind: int
    flags: int
    body: bytes


class Broker(ThreadingTCPServer):
    """Hands every message, with the QoS it came with, to whom subscribed to its very topic."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.packets: queue.Queue[Packet] = queue.Queue()
        """What has come, in order."""
        self.conversations: list[tuple[threading.Thread, list[Packet]]] = []
        self.subscribers: dict[str, list[socket.socket]] = {}
        self.reply_to_pings = True
        self.connack = b"\x00\x00"

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.socket.getsockname()[1]

    def wait_for(self, kind: int) -> Packet:
        """The next packet of this kind; queue.Empty after a while without one."""
        while (packet := self.packets.get(timeout=_LIFE)).kind != kind:
            pass
        return packet

    def heard(self) -> list[Packet]:
        """What came in each conversation, one after the other, as two may overlap. Waits until they have ended."""
        for thread, _ in self.conversations:
            thread.join(_LIFE)
        return [packet for _, noted in self.conversations for packet in noted]

    def publish(self, topic: str, message: bytes, qos: int = 0) -> None:
        """Send to the subscribers."""
        name = topic.encode()
        number = struct.pack("!H", 7) if qos else b""
        body = struct.pack("!H", len(name)) + name + number + message
        for connection in self.subscribers.get(topic, []):
            connection.sendall(bytes([PUBLISH << 4 | qos << 1]) + length(len(body)) + body)


@contextmanager
def broker() -> Generator[Broker]:
    """One that serves until the block ends."""
    with Broker() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


def length(number: int) -> bytes:
    """The remaining length of a packet, as it is written."""
    data = bytearray()
    while number > 127:
        data.append(number & 127 | 128)
        number >>= 7
    return bytes([*data, number])


def exactly(link: socket.socket, count: int) -> bytes:
    """So many bytes; EOFError if the other side ends before."""
    data = b""
    while len(data) < count:
        piece = link.recv(count - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def received(link: socket.socket) -> tuple[int, bytes]:
    """The first byte and the body of a packet."""
    first = exactly(link, 1)[0]
    count = shift = 0
    while True:
        byte = exactly(link, 1)[0]
        count |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return first, exactly(link, count)


class _Conversation(BaseRequestHandler):
    server: Broker  # type: ignore[assignment]

    def handle(self) -> None:
        self.request.settimeout(_LIFE)
        noted: list[Packet] = []
        self.server.conversations.append((threading.current_thread(), noted))
        with suppress(OSError, EOFError):
            while True:
                packet = self.receive()
                self.answer(packet)
                # Noted once it is answered, so that who waits for it finds it done.
                noted.append(packet)
                self.server.packets.put(packet)

    def receive(self) -> Packet:
        first, body = received(self.request)
        return Packet(first >> 4, first & 15, body)

    def answer(self, packet: Packet) -> None:
        kind, flags, body = packet
        if kind == CONNECT:
            self.request.sendall(b"\x20\x02" + self.server.connack)
        elif kind == PUBLISH:
            self.pass_on(flags >> 1 & 3, body)
        elif kind == SUBSCRIBE:
            topic = body[4:-1].decode()
            self.server.subscribers.setdefault(topic, []).append(self.request)
            self.request.sendall(b"\x90\x03" + body[:2] + body[-1:])
        elif kind == PINGREQ and self.server.reply_to_pings:
            self.request.sendall(b"\xd0\x00")

    def pass_on(self, qos: int, body: bytes) -> None:
        end = 2 + struct.unpack("!H", body[:2])[0]
        if qos:
            self.request.sendall(b"\x40\x02" + body[end : end + 2])
        self.server.publish(body[2:end].decode(), body[end + (2 if qos else 0) :], qos)

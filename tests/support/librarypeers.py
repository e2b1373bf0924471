"""Peers of libraries for boards: servers that a program calls, and callers of a program that is a server.

Each notes what it saw, so that two runs can be compared.
"""

# usock-lint: skip-file  # runs on CPython

from __future__ import annotations

import base64
import hashlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from typing import Final

from tests.support.broker import exactly, length, received

Saw = list[object]
Server = Callable[[socket.socket, Saw], None]
Caller = Callable[[int, Saw], None]

PATIENCE: Final = 10
"""The seconds that a peer waits for bytes."""


@contextmanager
def serving(server: Server, port: int, saw: Saw) -> Generator[None]:
    """Let a server play to each connection, in a thread.

    What the threads saw is noted at the end, connection by connection: two of them may overlap by chance.
    """
    conversations: list[tuple[threading.Thread, Saw]] = []

    def converse(link: socket.socket, noted: Saw) -> None:
        link.settimeout(PATIENCE)
        with suppress(OSError, EOFError), link:
            server(link, noted)

    def serve() -> None:
        with suppress(OSError):
            while True:
                noted: Saw = []
                thread = threading.Thread(target=converse, args=(listener.accept()[0], noted), daemon=True)
                conversations.append((thread, noted))
                thread.start()

    with socket.create_server(("127.0.0.1", port), backlog=10) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield
        listener.shutdown(socket.SHUT_RDWR)
        for thread, noted in conversations:
            thread.join(PATIENCE)
            saw += noted


def line(link: socket.socket) -> bytes:
    """A line with its end."""
    data = b""
    while not data.endswith(b"\n"):
        data += exactly(link, 1)
    return data


def headers(link: socket.socket) -> dict[bytes, bytes]:
    """The headers of a request, by their names in lower case."""
    found: dict[bytes, bytes] = {}
    while one := line(link).strip():
        name, _, value = one.partition(b":")
        found[name.strip().lower()] = value.strip()
    return found


def broker(link: socket.socket, saw: Saw) -> None:
    """MQTT: send back what is published, refuse the client `bad`, and hang up at the topic `refuse`."""
    while True:
        first, body = received(link)
        saw.append(("mqtt", first, len(body), body[:40]))
        match first >> 4:
            case 1:
                link.sendall(b"\x20\x02\0\5" if body[12:] == b"bad" else b"\x20\x02\0\0")
            case 3:
                size = struct.unpack_from(">H", body)[0] + 2
                topic, rest = body[:size], body[size:]
                if topic[2:] == b"refuse":
                    return
                if first & 6:
                    link.sendall(b"\x40\x02" + rest[:2])
                    rest = rest[2:]
                time.sleep(0.05)
                link.sendall(b"\x30" + length(len(topic + rest)) + topic + rest)
            case 8:
                link.sendall(b"\x90\x03" + body[:2] + body[-1:])
            case 12:
                link.sendall(b"\xd0\0")
            case _:
                return


def http(link: socket.socket, saw: Saw) -> None:
    """HTTP: what is answered depends on the path."""
    request, given = line(link), headers(link)
    body = exactly(link, int(given.get(b"content-length", 0)))
    saw.append(("http", request, sorted(given.items()), body[:60]))
    path = request.split()[1].decode()
    status, data, more = "200 OK", b"you want " + path.encode(), "Content-Type: text/plain\r\n"
    match path:
        case "/echo":
            data, more = body, "Content-Type: application/json\r\n"
        case "/big":
            data = b"0123456789" * 3000
        case "/redirect":
            status, data, more = "302 Found", b"", "Location: /\r\n"
        case "/none":
            status, data = "204 No Content", b""
        case "/garbage":
            link.sendall(b"garbage\r\n\r\n")
            return
        case "/chunked":
            parts = b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
            link.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + parts)
            return
        case _ if path.startswith("/status/"):
            status = f"{path[8:]} Status"
        case _:
            pass
    head = f"HTTP/1.1 {status}\r\n{more}Content-Length: {len(data)}\r\nConnection: close\r\n\r\n"
    link.sendall(head.encode() + data)


TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
"""The kinds of frames of a websocket."""


def frame(kind: int, data: bytes, last: bool = True, masked: bool = False) -> bytes:
    """A frame of a websocket; the mask is zero."""
    size, mask = len(data), 128 if masked else 0
    head = bytes([kind | (128 if last else 0)])
    if size < 126:
        head += bytes([mask | size])
    elif size < 65536:
        head += bytes([mask | 126]) + struct.pack(">H", size)
    else:
        head += bytes([mask | 127]) + struct.pack(">Q", size)
    return head + bytes(4 if masked else 0) + data


def read_frame(link: socket.socket) -> tuple[int, bool, bytes]:
    """The first byte of a frame, whether it is masked, and what is in it."""
    first, second = exactly(link, 2)
    size = second & 127
    if size == 126:
        size = struct.unpack(">H", exactly(link, 2))[0]
    elif size == 127:
        size = struct.unpack(">Q", exactly(link, 8))[0]
    mask = exactly(link, 4) if second & 128 else bytes(4)
    data = exactly(link, size)
    return first, bool(second & 128), bytes(byte ^ mask[place % 4] for place, byte in enumerate(data))


def websocket_server(link: socket.socket, saw: Saw) -> None:
    """A websocket that sends back what comes; it refuses the path /refuse."""
    request, given = line(link), headers(link)
    saw.append(("websocket", request, sorted(given)))
    if b"/refuse" in request:
        link.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        return
    key = given.get(b"sec-websocket-key", b"") + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    upgrade = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
    link.sendall(upgrade + base64.b64encode(hashlib.sha1(key).digest()) + b"\r\n\r\n")
    while True:
        first, masked, data = read_frame(link)
        saw.append(("frame", first, masked, len(data), data[:20]))
        match first & 15:
            case 8:
                link.sendall(frame(CLOSE, data))
                return
            case 9:
                link.sendall(frame(PONG, data))
            case kind if data == b"fragments":
                link.sendall(frame(kind, b"frag", last=False) + frame(PING, b"ping") + frame(0, b"ments"))
            case _ if data == b"close":
                link.sendall(frame(CLOSE, struct.pack(">H", 1001) + b"bye"))
            case 1 | 2 as kind:
                link.sendall(frame(kind, data))
            case _:
                pass


def redis(link: socket.socket, saw: Saw) -> None:
    """Redis: commands as lines or arrays; the command SILENT has no answer."""
    store: dict[bytes, bytes] = {}
    while True:
        first = line(link).strip()
        words = first.split()
        if first.startswith(b"*"):
            words = [exactly(link, int(line(link)[1:]) + 2)[:-2] for _ in range(int(first[1:]))]
        saw.append(("redis", words))
        match words[0].upper(), words[1:]:
            case b"PING", _:
                link.sendall(b"+PONG\r\n")
            case b"SET", [name, value]:
                store[name] = value
                link.sendall(b"+OK\r\n")
            case b"GET", [name]:
                value = store.get(name)
                link.sendall(b"$-1\r\n" if value is None else b"$%d\r\n%s\r\n" % (len(value), value))
            case b"INCR", _:
                link.sendall(b":1\r\n")
            case b"MGET", _:
                link.sendall(b"*2\r\n$1\r\n1\r\n$-1\r\n")
            case b"SILENT", _:
                pass
            case _:
                link.sendall(b"-ERR unknown command\r\n")


MODBUS: Final[Mapping[int, bytes]] = {1: b"\x01\x01\x05", 3: b"\x03\x04\x12\x34\xff\xfe"}
"""Answers to requests, by the number of their function."""


def modbus(link: socket.socket, saw: Saw) -> None:
    """Modbus/TCP: read coils and registers, write one, and an error for anything else."""
    while True:
        number, _, size, unit = struct.unpack(">HHHB", exactly(link, 7))
        body = exactly(link, size - 1)
        saw.append(("modbus", size, unit, body))
        answer = MODBUS.get(body[0]) or (body if body[0] == 6 else bytes([body[0] | 128, 2]))
        link.sendall(struct.pack(">HHHB", number, 0, len(answer) + 1, unit) + answer)


def blynk(link: socket.socket, saw: Saw) -> None:
    """Blynk: say yes to everything, and write to a pin once."""
    while True:
        kind, number, size = struct.unpack(">BHH", exactly(link, 5))
        body = exactly(link, 0 if kind == 0 else size)
        saw.append(("blynk", kind, body))
        if kind in (2, 6, 17, 29):
            link.sendall(struct.pack(">BHH", 0, number, 200))
        if kind == 17:
            time.sleep(0.3)
            link.sendall(struct.pack(">BHH", 20, 7, 7) + b"vw\x001\x0042")


def connected(port: int) -> socket.socket:
    """A connection, as soon as somebody listens."""
    end = time.monotonic() + 8
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=1)
        except ConnectionRefusedError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


REQUESTS: Final = (
    ("GET / HTTP/1.0", ""),
    ("GET /?a=1&b=x%20y HTTP/1.1", ""),
    ("GET /args/bob HTTP/1.0", ""),
    ("POST /form HTTP/1.0\r\nContent-Type: application/x-www-form-urlencoded", "x=1%2B2&y=z"),
    ("POST /json HTTP/1.1\r\nContent-Type: application/json", '{"a": [1, 2]}'),
    ("GET /stream HTTP/1.0", ""),
    ("GET /boom HTTP/1.0", ""),
    ("GET /none HTTP/1.0", ""),
    ("PUT / HTTP/1.0", "x"),
    ("GET / HTTP/1.0", ""),
)


def browse(port: int, saw: Saw) -> None:
    """HTTP requests, one after the other."""
    for head, body in REQUESTS:
        received = b""
        request = f"{head}\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        try:
            with connected(port) as link:
                link.sendall(request.encode())
                while piece := link.recv(4096):
                    received += piece
        except ConnectionRefusedError:
            saw.append("nobody listens")
            return
        except OSError as error:
            received += type(error).__name__.encode()
        answer, _, data = received.decode(errors="replace").partition("\r\n\r\n")
        status, *given = answer.split("\r\n")
        # MicroPython's dicts are in another order than CPython's.
        saw.append((head.split("\r")[0], status, sorted(one for one in given if not one.startswith("Date")), data))


FRAMES: Final = (
    frame(TEXT, b"hello", masked=True),
    frame(TEXT, b"ab" * 100, masked=True),
    frame(BINARY, bytes(1000), masked=True),
    frame(PING, b"ping", masked=True),
    frame(TEXT, b"fr", last=False, masked=True) + frame(0, b"agments", masked=True),
    frame(CLOSE, b"\x03\xe8", masked=True),
)


def websocket(port: int, saw: Saw) -> None:
    """A client of a websocket."""
    head = b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    try:
        with connected(port) as link:
            link.sendall(head + b"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n")
            while one := line(link).strip():
                saw.append(("websocket", one))
            for sent in FRAMES:
                link.sendall(sent)
                try:
                    first, _, data = read_frame(link)
                    saw.append(("frame", first, len(data), data[:20]))
                except TimeoutError:
                    saw.append("no answer")
    except (EOFError, OSError) as error:
        saw.append(type(error).__name__)


def ask_names(port: int, saw: Saw) -> None:
    """Two questions to a name server."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.settimeout(1)
        for name, kind in ((b"\x07example\x03com\0", 1), (b"\x01a\0", 28)):
            question = b"\x12\x34\1\0\0\1\0\0\0\0\0\0" + name + struct.pack(">HH", kind, 1)
            for _ in range(20):  # until it listens
                link.sendto(question, ("127.0.0.1", port))
                try:
                    saw.append(("answer", link.recv(1000)))
                    break
                except TimeoutError:
                    continue
                except ConnectionRefusedError:
                    time.sleep(0.1)


SERVERS: Final[Mapping[str, Server]] = {
    "blynk": blynk,
    "broker": broker,
    "http": http,
    "modbus": modbus,
    "redis": redis,
    "websocket_server": websocket_server,
}
CALLERS: Final[Mapping[str, Caller]] = {"ask_names": ask_names, "browse": browse, "websocket": websocket}
"""Peers by the names that tests/shim/libraries has for them."""

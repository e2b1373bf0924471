"""The scripted peer plays its parts, whatever the program under test does."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Generator

import pytest

from tools.rulepages.peer import PARTS, absent, playing


@pytest.fixture
def client(request: pytest.FixtureRequest) -> Generator[socket.socket]:
    """A socket connected to a peer of the part that the test is parametrized with."""
    with playing(request.param) as address, socket.create_connection(address, timeout=5) as connected:
        yield connected


def read_all(connection: socket.socket) -> bytes:
    with connection.makefile("rb") as stream:
        return stream.read()


@pytest.mark.parametrize("client", ["silent"], indirect=True)
def test_a_silent_peer_takes_everything_and_says_nothing(client: socket.socket) -> None:
    client.sendall(b"ping")
    client.settimeout(0.05)

    with pytest.raises(TimeoutError):
        client.recv(1)


@pytest.mark.parametrize("client", ["drip"], indirect=True)
def test_a_dripping_peer_sends_three_lines_in_pieces(client: socket.socket) -> None:
    pieces = list(iter(lambda: client.recv(100), b""))

    assert b"".join(pieces) == b"one\ntwo\nthree\n"
    assert len(pieces) > 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what the other side has read")
@pytest.mark.parametrize("client", ["drip"], indirect=True)
def test_a_dripping_peer_does_not_get_ahead_of_a_slow_reader(client: socket.socket) -> None:
    pieces: list[bytes] = []
    for _ in range(3):
        time.sleep(0.05)
        pieces.append(client.recv(100))

    assert pieces == [b"o", b"n", b"e"]


@pytest.mark.parametrize("client", ["echo"], indirect=True)
def test_an_echoing_peer_sends_back_what_it_gets(client: socket.socket) -> None:
    client.sendall(b"ping")
    client.shutdown(socket.SHUT_WR)

    assert read_all(client) == b"ping"


@pytest.mark.parametrize("client", ["close"], indirect=True)
def test_a_closing_peer_ends_the_stream_without_a_reset(client: socket.socket) -> None:
    client.sendall(b"ping")

    assert read_all(client) == b""


@pytest.mark.parametrize("client", ["reset"], indirect=True)
def test_a_resetting_peer_breaks_the_connection(client: socket.socket) -> None:
    client.sendall(b"ping")

    with pytest.raises(ConnectionResetError):
        client.recv(1)


@pytest.mark.parametrize("client", ["http"], indirect=True)
def test_an_http_peer_answers_a_request(client: socket.socket) -> None:
    client.sendall(b"GET / HTTP/1.0\r\nHost: example.com\r\n\r\n")

    head, _, body = read_all(client).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.0 200 OK\r\n")
    assert body == b"hello\n"


@pytest.mark.parametrize("part", PARTS)
def test_a_peer_ends_with_its_block_even_if_the_program_hangs_on(part: str) -> None:
    with playing(part) as address:
        connected = socket.create_connection(address, timeout=5)
        began = time.monotonic()

    assert time.monotonic() - began < 1
    connected.close()


def test_where_nobody_is_a_program_can_listen() -> None:
    address = absent()

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=5)
    socket.create_server(address).close()

"""Tests of a library for boards, which run on a computer with each port's socket module: `pytest examples/sntp`."""

import socket
import struct
import threading

import pytest

pytestmark = pytest.mark.micropython(ports=["esp32", "esp8266", "rp2==1.20", "rp2", "samd", "unix"])


@pytest.fixture
def sntp():
    """The library. Imported here, and not at the top, it is imported afresh for each port."""
    import sntp

    return sntp


@pytest.fixture
def server():
    """A time server of this computer's own, in a thread: a function that starts it with what it is to answer."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(5)

        def answer(data):
            request, client = sock.recvfrom(100)
            assert len(request) == 48
            sock.sendto(data, client)

        def start(data):
            threading.Thread(target=answer, args=(data,), daemon=True).start()
            return sock.getsockname()

        yield start


def packet(seconds, stratum=2):
    """What a time server sends."""
    return struct.pack("!BB38xII", 0x1C, stratum, seconds, 0)


def test_the_time_is_what_the_server_says(sntp, server):
    assert sntp.now(*server(packet(3900000000))) == 3900000000 - 2208988800


def test_a_server_that_does_not_know_the_time_is_an_error(sntp, server):
    with pytest.raises(ValueError, match="does not know"):
        sntp.now(*server(packet(3900000000, stratum=0)))


def test_half_an_answer_is_an_error(sntp, server):
    with pytest.raises(ValueError, match="does not know"):
        sntp.now(*server(packet(3900000000)[:20]))


def test_no_answer_is_an_oserror_with_the_number_of_the_port(sntp):
    import uerrno  # which only MicroPython has, so this is the port's too

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        with pytest.raises(OSError) as caught:  # noqa: PT011 (which number it has is the test)
            sntp.now(*silent.getsockname(), timeout=0.1)
    # ETIMEDOUT on boards, 110 or on esp32 116; EAGAIN on unix.
    assert caught.value.errno in (uerrno.ETIMEDOUT, uerrno.EAGAIN)

"""A library for boards: ask a time server what time it is."""

# usock-lint: target=docs, unix, esp32, esp8266, rp2, stm32, mimxrt, renesas-ra, samd, alif

import socket
import struct

from micropython import const

_SECONDS_TO_1970 = const(2208988800)  # SNTP begins in 1900


def now(host, port=123, timeout=1):
    """Seconds since 1970, as the server says. Raises OSError when there is no answer within `timeout` seconds."""
    address = socket.getaddrinfo(host, port)[0][-1]
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.settimeout(timeout)
        sock.sendto(b"\x1b" + bytes(47), address)
        answer = sock.recv(48)
    finally:
        sock.close()
    if len(answer) < 48 or not answer[1]:
        raise ValueError("the server does not know the time")
    return struct.unpack("!I", answer[40:44])[0] - _SECONDS_TO_1970

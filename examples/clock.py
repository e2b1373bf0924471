"""Ask a time server for the time. A computer runs this; a board fails on three of its lines."""

import socket

SERVER = "pool.ntp.org"
REQUEST = b"\x1b" + bytes(47)

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.settimeout(2)
    try:
        s.sendto(REQUEST, (SERVER, 123))
        answer = s.recv(48)
        print("seconds since 1900:", int.from_bytes(answer[40:44], "big"))
    except socket.timeout:
        print("no answer")

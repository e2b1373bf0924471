"""Code that runs on the unix port, if not on every board."""

# target: unix

import socket


def addresses() -> None:
    """Addresses passed on"""
    sock = socket.socket()
    sock.connect(socket.getaddrinfo("127.0.0.1", 80)[0][-1])
    print(socket.sockaddr(socket.getaddrinfo("127.0.0.1", 80)[0][-1])[1])
    print(socket.inet_ntop(socket.AF_INET, b"\x7f\x00\x00\x01"))
    print(socket.getaddrinfo("127.0.0.1", "80"))


def text(sock: socket.socket) -> None:
    """Text of makefile"""
    line = sock.makefile("r").readline()
    print((line or "").strip())
    with sock.makefile("rb") as stream:
        for row in stream:
            print(row.split(b" "))
    sock.send("text", socket.MSG_DONTROUTE)
    sock.sendall(b"bytes")
    print(sock.recv(16, socket.MSG_PEEK))

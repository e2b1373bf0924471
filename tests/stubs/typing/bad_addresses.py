"""Addresses are opaque, or a tuple of a str and an int; nothing else."""

import usocket


def opaque(server: usocket.socket) -> None:
    _, peer = server.accept()
    print(peer[0])  # type-error
    print(usocket.getaddrinfo("127.0.0.1", 80)[0][-1][1])  # type-error
    _host, _port = peer  # type-error
    _, (_host, _port) = server.accept()  # type-error
    _, sender = server.recvfrom(16)
    print(sender[1])  # type-error
    made: str = sender  # type-error
    print(made)


def shapes(sock: usocket.socket) -> None:
    sock.connect("127.0.0.1", 80)  # type-error
    sock.connect("127.0.0.1:80")  # type-error
    sock.connect(("127.0.0.1", "80"))  # type-error
    sock.connect(("::1", 80, 0, 0))  # type-error
    sock.connect(["127.0.0.1", 80])  # type-error
    sock.connect(usocket.getaddrinfo("127.0.0.1", 80))  # type-error
    sock.connect(usocket.getaddrinfo("127.0.0.1", 80)[0])  # type-error
    sock.connect(usocket.getaddrinfo("127.0.0.1", 80)[0][3])  # type-error
    sock.bind(("0.0.0.0",))  # type-error
    sock.bind((None, 80))  # type-error
    sock.sendto(b"x", "127.0.0.1")  # type-error
    sock.sendto(("127.0.0.1", 80), b"x")  # type-error


def lookups() -> None:
    usocket.getaddrinfo("127.0.0.1")  # type-error
    usocket.getaddrinfo("127.0.0.1", "http")  # type-error
    usocket.getaddrinfo(None, 80)  # type-error

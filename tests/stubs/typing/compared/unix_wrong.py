"""Code that goes wrong on the unix port."""

# target: unix

import select
import socket


def opaque(server: socket.socket) -> None:
    """Addresses on unix"""
    sock = socket.socket()
    sock.connect(("127.0.0.1", 80))  # wrong
    sock.bind(("", 80))  # wrong
    sock.sendto(b"x", ("127.0.0.1", 80))  # wrong
    conn, peer = server.accept()
    print(peer[0])  # wrong
    _host, _port = peer  # wrong
    print(conn)
    _, sender = sock.recvfrom(16)
    print(sender[1])  # wrong
    print(socket.getaddrinfo("127.0.0.1", 80)[0][-1][0])  # wrong


def names(sock: socket.socket) -> None:
    """Names that boards have and unix lacks"""
    print(socket.IPPROTO_TCP)  # wrong
    print(socket.TCP_NODELAY)  # wrong
    select.select([sock], [], [])  # wrong


def text(sock: socket.socket) -> None:
    """Text and bytes of makefile"""
    print(sock.makefile("r").readline() + b"")  # wrong
    print(sock.makefile("rb").read() + "")  # wrong
    sock.makefile("r").recv(16)  # wrong

"""Code that runs on esp32 with release 1.24, if not on every port."""

# target: esp32==1.24

import socket


def addresses(server: socket.socket) -> None:
    """Addresses taken apart, as boards allow"""
    conn, peer = server.accept()
    print("from", peer[0], peer[1])
    host, port = peer
    print(host.split("."), port + 1)
    _, sender = conn.recvfrom(16)
    print(sender[0])
    conn.connect((sender[0], 80))


def port_specific(sock: socket.socket) -> None:
    """Names that esp32 has"""
    print(sock.fileno() + 1, socket.IPPROTO_UDP)
    sock.setsockopt(socket.SOL_SOCKET, 20, lambda conn: print(conn.recv(16)))
    sock.setsockopt(socket.SOL_SOCKET, 20, None)
    stream = sock.makefile("rb")
    print(stream.recv(16))
    sock.send("text")
    stream.write("text")

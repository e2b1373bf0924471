"""Code that goes wrong on esp32 with release 1.24."""

# target: esp32==1.24

import socket


def flags(sock: socket.socket, flag: int) -> None:
    """recv flags by release"""
    print(sock.recv(16, 1))  # wrong
    print(sock.recv(16, flag))  # wrong
    print(sock.recvfrom(16, 8))  # wrong
    print(socket.MSG_PEEK)  # wrong
    print(socket.MSG_DONTWAIT)  # wrong
    conn, _ = sock.accept()
    print(conn.recv(16, flag))  # wrong

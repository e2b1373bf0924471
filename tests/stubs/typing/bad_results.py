"""Results that are not what a CPython programmer takes them for."""

import usocket


def none_when_nothing_came(sock: usocket.socket) -> None:
    data: bytes = sock.read(16)  # type-error
    line: bytes = sock.readline()  # type-error
    stored: int = sock.readinto(bytearray(16))  # type-error
    written: int = sock.write(b"x")  # type-error
    print(data, line, stored, written)
    print(sock.readline().strip())  # type-error
    print(sock.makefile("rb").readline().split())  # type-error
    name: str = usocket.getaddrinfo("127.0.0.1", 80)[0][3]  # type-error
    print(name)


def bytes_are_no_text(sock: usocket.socket) -> None:
    text: str = sock.recv(16)  # type-error
    print(text, sock.recv(16) + "\r\n")  # type-error
    print("HTTP" in sock.recv(16))  # type-error
    print(sock.recv(16).split("\r\n"))  # type-error


def nothing_to_return(sock: usocket.socket) -> None:
    sent: int = sock.sendall(b"x")  # type-error
    print(sent)
    conn: usocket.socket = sock.accept()  # type-error
    print(conn)

"""What a socket object cannot do."""

import usocket


def methods(sock: usocket.socket) -> None:
    sock.shutdown(2)  # type-error
    sock.connect_ex(usocket.getaddrinfo("127.0.0.1", 80)[0][-1])  # type-error
    sock.recv_into(bytearray(8))  # type-error
    print(sock.getsockname())  # type-error


def attributes(sock: usocket.socket) -> None:
    print(sock.family)  # type-error
    print(sock.type)  # type-error
    print(sock.proto)  # type-error
    sock.timeout = 5  # type-error
    sock.peer = "lamp"  # type-error


def protocols(sock: usocket.socket) -> None:
    with sock:  # type-error
        pass
    with usocket.socket() as _:  # type-error
        pass
    for _ in sock:  # type-error
        pass
    print(list(sock))  # type-error


def arguments(sock: usocket.socket) -> None:
    sock.sendto(b"x")  # type-error
    sock.send("text")  # type-error
    sock.write("text")  # type-error
    sock.sendall(b"x", 0)  # type-error
    sock.recv()  # type-error
    sock.readinto(8)  # type-error
    sock.settimeout("5")  # type-error
    sock.setsockopt(usocket.SOL_SOCKET, usocket.SO_REUSEADDR, None)  # type-error
    sock.setsockopt(usocket.SOL_SOCKET, usocket.SO_REUSEADDR, 1.0)  # type-error

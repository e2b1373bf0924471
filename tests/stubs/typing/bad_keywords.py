"""No parameter has a name that a caller could use."""

import usocket


def functions() -> None:
    usocket.socket(type=usocket.SOCK_DGRAM)  # type-error
    usocket.socket(usocket.AF_INET, usocket.SOCK_STREAM, proto=0)  # type-error
    usocket.getaddrinfo(host="127.0.0.1", port=80)  # type-error
    usocket.getaddrinfo("127.0.0.1", 80, type=usocket.SOCK_STREAM)  # type-error


def methods(sock: usocket.socket) -> None:
    sock.bind(address=("0.0.0.0", 80))  # type-error
    sock.listen(backlog=1)  # type-error
    sock.connect(address=("127.0.0.1", 80))  # type-error
    sock.send(data=b"x")  # type-error
    sock.sendall(data=b"x")  # type-error
    sock.sendto(data=b"x", address=("127.0.0.1", 80))  # type-error
    sock.recv(bufsize=1)  # type-error
    sock.recvfrom(16, flags=usocket.MSG_PEEK)  # type-error
    sock.setsockopt(level=usocket.SOL_SOCKET, optname=usocket.SO_REUSEADDR, value=1)  # type-error
    sock.settimeout(value=1)  # type-error
    sock.setblocking(flag=True)  # type-error
    sock.makefile(mode="rb")  # type-error
    sock.makefile("rb", buffering=0)  # type-error
    sock.read(size=1)  # type-error
    sock.readinto(buf=bytearray(1))  # type-error
    sock.readline(max_size=1)  # type-error
    sock.write(buf=b"x")  # type-error
    sock.write(b"xyz", off=1, max_len=1)  # type-error

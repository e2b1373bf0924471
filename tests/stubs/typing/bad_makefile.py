"""makefile gives binary streams only, and streams with less than a file has."""

import usocket


def modes(sock: usocket.socket, mode: str) -> None:
    sock.makefile("r")  # type-error
    sock.makefile("w")  # type-error
    sock.makefile("rw")  # type-error
    sock.makefile("rt")  # type-error
    sock.makefile(mode)  # type-error
    sock.makefile("rb", None)  # type-error


def text(sock: usocket.socket) -> None:
    sock.makefile("rb", 0, "utf-8")  # type-error
    sock.makefile("rb", encoding="utf-8")  # type-error
    sock.makefile("rb", errors="ignore")  # type-error
    sock.makefile("rb", newline="\r\n")  # type-error


def files(sock: usocket.socket) -> None:
    stream = sock.makefile("rwb")
    stream.write("text")  # type-error
    stream.flush()  # type-error
    print(stream.readlines())  # type-error
    print(stream.closed)  # type-error
    stream.recv(16)  # type-error
    print("text", file=stream)  # type-error
    for _ in stream:  # type-error
        pass
    with stream:  # type-error
        pass

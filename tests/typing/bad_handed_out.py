"""The same stub put into a folder of the user's as socket.pyi, for code that says `import socket`."""

import socket
import ssl


def names(sock: socket.socket) -> None:
    try:
        sock.connect(socket.getaddrinfo("127.0.0.1", 80)[0][-1])
    except socket.gaierror:  # type-error
        sock.close()
    sock.shutdown(socket.SHUT_RDWR)  # type-error
    sock.makefile("r")  # type-error
    ssl.create_default_context().wrap_socket(sock)

"""The stub alone, as it is installed, beside the standard library's stub of select, which asks for fileno."""

import select

import usocket


def wait(sock: usocket.socket) -> None:
    poller = select.poll()
    poller.register(sock, select.POLLIN)
    print(sock.fileno())  # type-error (pyright)

"""The file that makefile() returns on the unix port: a file on the socket's own descriptor."""

from __future__ import annotations

import socket as host_socket
from collections.abc import Callable

from usock_lint.shim.core.files import OpenFile


class SocketFile(OpenFile):
    """The stream of a file on a socket. Closing it closes the socket.

    `forget` is called with the host socket if the file is dropped without being closed.
    """

    def __init__(
        self,
        host: host_socket.socket,
        number: int,
        error: type[OSError],
        forget: Callable[[host_socket.socket], None],
    ) -> None:
        super().__init__(number, error, [])
        self.host = host
        self.forget = forget

    def receive(self, count: int) -> bytes | None:
        return self._attempt(lambda: self.host.recv(count))

    def transmit(self, data: memoryview) -> int | None:
        return self._attempt(lambda: self.host.send(data))

    def close(self) -> None:
        self.host.close()

    def abandon(self) -> None:
        self.forget(self.host)

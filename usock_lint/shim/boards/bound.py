"""Bind as lwIP does, on ports that run it themselves and on esp32: src/core/tcp.c and udp.c (run:lwip@1.28)."""

from __future__ import annotations

import socket as host_socket
from contextlib import suppress

from usock_lint.shim.boards.port import Address, BoardPort
from usock_lint.shim.boards.socket import BoardSocket

LINK_MS = 3
"""The least time that connecting to another computer takes; until then a socket that does not block is connecting."""


class BoundSocket(BoardSocket):
    """A socket that can be bound more than once, and whose port may turn out to be taken only when it listens."""

    taken = False
    """True if a listener with SO_REUSEADDR has the port, too."""

    def __init__(self, port: BoardPort, kind: int, host: host_socket.socket) -> None:
        super().__init__(port, kind, host)
        self.home: Address | None = None
        """Where it is bound to."""

    @property
    def movable(self) -> bool:
        """True if it can be bound again."""
        return not self.linked

    def walk(self, number: int) -> None:
        """A stream is about to look for a port in the list of bound sockets."""

    def moved(self) -> None:
        """It was bound again."""

    def bind_to(self, address: Address) -> None:
        """A bound socket can be bound again, to another port; if that fails, it stays where it is."""
        bound = self.host.getsockname() if self.movable else ("", 0)
        if self.stream:
            self.walk(address.port)
        if not bound[1]:
            self.settle(address)
        elif self.stream and bound[1] == address.port:
            raise self.port.error("EADDRINUSE")
        else:
            self.renew(self.host.family)
            try:
                self.settle(address)
            except self.port.OSError:
                self.renew(self.host.family)
                self.host.bind(bound)
                raise
            self.moved()
        self.home = address

    def settle(self, address: Address) -> None:
        """Bind the host socket; a port in use is found so by listen(), if it may be reused."""
        self.use_family(address)
        reused = bool(self.host.getsockopt(host_socket.SOL_SOCKET, host_socket.SO_REUSEADDR))
        try:
            super().bind_to(address)
        except self.port.OSError as error:
            if address.host == "::":  # what has the port of IPv4 only is in nobody's way
                self.host.setsockopt(host_socket.IPPROTO_IPV6, host_socket.IPV6_V6ONLY, True)
                super().bind_to(address)
                return
            self.taken = self.stream and reused and error.args == (self.port.number("EADDRINUSE"),)
            if not self.taken:
                raise

    def aim(self, where: Address) -> None:
        """Connect a datagram socket. The host's is replaced if it was connected: it would keep its own address."""
        with suppress(OSError):
            if self.host.getpeername():
                self.renew(where.family)
                if self.home:
                    self.settle(self.home)
        if not where.nowhere:
            super().aim(where)

    def use_family(self, address: Address) -> None:
        """Make the host socket fit for the address."""

    def renew(self, family: int) -> None:
        """Put a new host socket in the place of the old one."""
        old = self.host
        self.port.open.discard(old)
        self.adopt(host_socket.socket(family, self.kind))
        for option in (host_socket.SO_REUSEADDR, host_socket.SO_BROADCAST):
            self.host.setsockopt(host_socket.SOL_SOCKET, option, old.getsockopt(host_socket.SOL_SOCKET, option))
        old.close()

"""Bind as lwIP does, on ports that run it themselves and on esp32: src/core/tcp.c and udp.c (run:lwip@1.28)."""

from __future__ import annotations

import errno
import socket as host_socket
from contextlib import suppress

from usock_lint.ports import Release
from usock_lint.shim.boards.port import Address, BoardPort
from usock_lint.shim.boards.socket import GIVES_UP_MS, BoardSocket
from usock_lint.shim.core.errors import Halt

LINK_MS = 3
"""The shortest time that connecting to another computer takes. Until then a non-blocking socket is still connecting."""


class BoundSocket(BoardSocket):
    """A socket that can be bound more than once, and whose port may turn out to be taken only when it listens."""

    taken = False
    """True if the port belongs to another listener. With SO_REUSEADDR bind() succeeds, and listen() fails."""

    def __init__(self, port: BoundPort, kind: int, host: host_socket.socket) -> None:
        super().__init__(port, kind, host)
        self.port = port
        self.home: Address | None = None
        """The address that it is bound to."""

    @property
    def can_rebind(self) -> bool:
        """True if it can be bound again."""
        return not self.linked

    def close(self) -> None:
        # To bind its port again while the connection waits for late segments (TIME_WAIT), Linux wants the option of
        # both sockets. lwIP wants that of the new one alone: tcp_bind() in src/core/tcp.c.
        if self.stream and not self.closed and self.port.reuses_addresses:
            self.host.setsockopt(host_socket.SOL_SOCKET, host_socket.SO_REUSEADDR, True)
        self.port.leave_cycle(self)
        super().close()

    def listen(self, *backlog: object) -> None:
        super().listen(*backlog)
        self.port.leave_cycle(self)

    def leave_bound(self) -> None:
        """Take a stream that connects off lwIP's list of bound sockets; one without a port gets a free one before."""
        if not self.home:
            self.port.search_bound(0)
        self.port.leave_cycle(self)

    def bind_to(self, address: Address) -> None:
        """Bind. A bound socket can be bound again, to another port; if that fails, it keeps its address."""
        # If it cannot be bound again, the host is asked at once, and refuses.
        bound = self.host.getsockname() if self.can_rebind else ("", 0)
        if self.stream:
            self.port.search_bound(address.port)
        if not bound[1]:
            self.bind_host(address)
        elif self.stream and bound[1] == address.port:
            raise self.port.error("EADDRINUSE")
        else:
            family = self.host.family
            self.replace_host(family)
            try:
                self.bind_host(address)
            except self.port.OSError:
                self.replace_host(family)
                self.host.bind(bound)
                raise
        if self.home and self.can_rebind:
            self.port.close_cycle(self)
        self.home = address

    def bind_host(self, address: Address) -> None:
        """Bind the host socket. With SO_REUSEADDR a port in use is no error, but noted in `taken` for listen()."""
        self.use_family(address)
        reused = bool(self.host.getsockopt(host_socket.SOL_SOCKET, host_socket.SO_REUSEADDR))
        try:
            super().bind_to(address)
        except self.port.OSError as error:
            if address.host == "::":  # a socket that has this port of IPv4 alone is no conflict
                self.host.setsockopt(host_socket.IPPROTO_IPV6, host_socket.IPV6_V6ONLY, True)
                super().bind_to(address)
                return
            in_use = error.args == (self.port.number("EADDRINUSE"),)
            self.taken = self.stream and reused and in_use and self.is_shared(address.port)
            if not self.taken:
                raise

    def is_shared(self, number: int) -> bool:
        """True if all other streams of the board with this port have SO_REUSEADDR: src/core/tcp.c of lwIP."""
        others = [one for one in self.port.open if one is not self.host and one.type == host_socket.SOCK_STREAM]
        return all(
            one.getsockopt(host_socket.SOL_SOCKET, host_socket.SO_REUSEADDR)
            for one in others
            if one.getsockname()[1] == number
        )

    def connect_datagram(self, where: Address) -> None:
        """Connect a datagram socket. A connected host socket is replaced, as it would keep its own address."""
        with suppress(OSError):
            if self.host.getpeername():
                self.replace_host(where.family)
                if self.home:
                    self.bind_host(self.home)
        if not self.port.loses(where):
            super().connect_datagram(where)

    def is_at(self, where: Address) -> bool:
        home = self.home
        return home is not None and home.port == where.port and home.host == where.host

    def connect_host(self, where: Address, limit: int | None) -> int:
        """The host would wait for an answer longer than lwIP does."""
        code = super().connect_host(where, GIVES_UP_MS if limit is None else limit)
        return errno.ETIMEDOUT if limit is None and code == errno.EINPROGRESS else code

    def use_family(self, address: Address) -> None:
        """A hook that prepares the host socket for an address of this family."""

    def replace_host(self, family: int) -> None:
        """Put a new host socket in the place of the old one."""
        old = self.host
        self.port.open.discard(old)
        self.adopt(host_socket.socket(family, self.kind))
        for option in (host_socket.SO_REUSEADDR, host_socket.SO_BROADCAST):
            self.host.setsockopt(host_socket.SOL_SOCKET, option, old.getsockopt(host_socket.SOL_SOCKET, option))
        old.close()


class BoundPort(BoardPort):
    """A port whose lwIP has a list of bound sockets that can become cyclic."""

    hears_itself = False

    def __init__(self, name: str, release: Release, implementation: str = "") -> None:
        super().__init__(name, release, implementation)
        self.cyclic: BoundSocket | None = None
        """The stream that was bound twice, which has made lwIP's list of bound sockets cyclic."""
        self.binds_to_cycle = 0
        """1 while the list is cyclic; 2 if the next bind() makes it cyclic again (see `leave_cycle`); else 0."""

    def close_cycle(self, core: BoundSocket) -> None:
        """Note that a stream was bound twice. It is then twice in lwIP's list of bound sockets, which becomes cyclic.

        src/include/lwip/priv/tcp_priv.h of lwIP, TCP_REG (run:lwip@1.28, run:esp32@1.28).
        """
        if core.stream:
            self.cyclic, self.binds_to_cycle = core, 1

    def leave_cycle(self, core: BoundSocket) -> None:
        """Note that this stream has left the list of bound sockets.

        If it was twice in it, the list still refers to its memory, which the next socket gets. Until that is bound, the
        list ends there; then it is cyclic again.
        """
        if core is self.cyclic:
            self.cyclic, self.binds_to_cycle = None, 2

    def search_bound(self, number: int) -> None:
        """Search the list of bound sockets for a port, 0 for a free one; Halt if the search never ends.

        The search for the port of the stream that makes the list cyclic ends at that stream.
        """
        if not self.binds_to_cycle:
            return
        if self.cyclic and self.cyclic.home and self.cyclic.home.port == number:
            return
        if self.binds_to_cycle == 1:
            raise Halt("a socket was bound twice: from now on lwIP never returns from bind() or connect()")
        self.binds_to_cycle -= number > 0

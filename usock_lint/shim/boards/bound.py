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
        if self.stream:
            port.note_new(self)

    @property
    def can_rebind(self) -> bool:
        """True if it can be bound again."""
        return not self.linked

    def close(self) -> None:
        # To bind its port again while the connection waits for late segments (TIME_WAIT), Linux wants the option of
        # both sockets. lwIP wants that of the new one alone: tcp_bind() in src/core/tcp.c.
        if self.stream and not self.closed and self.port.reuses_addresses:
            self.host.setsockopt(host_socket.SOL_SOCKET, host_socket.SO_REUSEADDR, True)
        self.port.note_left(self, is_freed=True)
        super().close()

    def listen(self, *backlog: object) -> None:
        super().listen(*backlog)
        self.port.note_left(self, is_freed=True)  # lwIP gives a listener memory of another kind

    def leave_bound(self) -> None:
        """Take a stream that connects off lwIP's list of bound sockets; one without a port gets a free one before."""
        if not self.home:
            self.port.search_bound(0)
        self.port.note_left(self, is_freed=False)

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
        if self.stream:
            self.port.note_bound(self, again=self.home is not None and self.can_rebind)
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
        """The stream that has made lwIP's list of bound sockets cyclic: the list had it when it was bound."""
        self.listed: BoundSocket | None = None
        """A stream that the list has although it is not bound. Once it is, the list is cyclic."""
        self.lists_free_memory = False
        """True if the list has the memory of a stream that is gone. The next stream gets that memory."""

    def note_new(self, core: BoundSocket) -> None:
        """Note that a stream was made, which gets the free memory that the list has."""
        if self.lists_free_memory:
            self.lists_free_memory, self.listed = False, core

    def note_bound(self, core: BoundSocket, *, again: bool) -> None:
        """Note that a stream was bound. If it was bound before, it is twice in lwIP's list, which becomes cyclic.

        src/include/lwip/priv/tcp_priv.h of lwIP, TCP_REG (run:lwip@1.28, run:esp32@1.28).
        """
        if again or core is self.listed:
            self.cyclic, self.listed = core, None

    def note_left(self, core: BoundSocket, *, is_freed: bool) -> None:
        """Note that a stream is bound no longer, and whether its memory is free.

        The list loses one entry of it. If it was twice in the list, it still is in it, and the list ends there.
        """
        if core is self.cyclic or core is self.listed:
            self.cyclic, self.listed = None, None if is_freed else core
            self.lists_free_memory = is_freed

    def search_bound(self, number: int) -> None:
        """Search the list of bound sockets for a port, 0 for a free one; Halt if the search never ends.

        The search for the port of the stream that makes the list cyclic ends at that stream.
        """
        if self.cyclic and not (self.cyclic.home and 0 < number == self.cyclic.home.port):
            raise Halt("a socket was bound twice: from now on lwIP never returns from bind() or connect()")

"""The network that a board has: whether it is reached, and where on the computer its ports are."""

from __future__ import annotations

import socket as host_socket
from collections.abc import Callable

SYSTEM_PORTS = range(1, 1024)
"""Ports that many systems give to the administrator only."""

OFFSET = 8000
"""How far from such a port the one is that stands for it: 8080 for 80."""

UNROUTED = "192.0.2.1", 9
"""An address that nobody has (RFC 5737): to connect a datagram socket to it sends nothing and chooses a route."""


class Network:
    """The computer's network as a board's.

    A program that looks at no interface has it. One that does has it while an interface is up: `links` has a function
    for each, that answers whether it is.
    """

    def __init__(self) -> None:
        self.works = True
        self.loopback = True
        """True if 127.0.0.1 is the computer. Else nothing can be reached at it, as on a board without a loopback
        interface."""
        self.links: list[Callable[[], bool]] = []
        self.moved: dict[int, int] = {}
        self.tell: Callable[[str], None] | None = None
        """Hears which port stands for another one. Without it none does."""

    @property
    def is_up(self) -> bool:
        """True if anything beyond the board can be reached."""
        return self.works and (not self.links or any(link() for link in self.links))

    def reaches(self, host: str) -> bool:
        """True if there is a way to a numeric address."""
        return self.loopback if is_loopback(host) else self.is_up

    def bind(self, sock: host_socket.socket, pair: tuple[str, int]) -> None:
        """Bind a socket of the host, to the port that stands for the wanted one."""
        host, number = pair
        if is_loopback(host) and not self.loopback:
            number = 0  # nobody is to find it there
        try:
            sock.bind((host, self.moved.get(number, number)))
        except PermissionError:
            if self.tell is None or number not in SYSTEM_PORTS:
                raise
            sock.bind((host, number + OFFSET))
            self.tell(f"port {number} needs an administrator here; {number + OFFSET} stands for it")

    def address(self) -> str:
        """The computer's own address, as others see it; 127.0.0.1 where it has none."""
        with host_socket.socket(host_socket.AF_INET, host_socket.SOCK_DGRAM) as sock:
            try:
                sock.connect(UNROUTED)
            except OSError:
                return "127.0.0.1"
            return str(sock.getsockname()[0])


def is_loopback(host: str) -> bool:
    """True if a numeric address is that of the loopback interface."""
    return host.startswith("127.") or host == "::1"

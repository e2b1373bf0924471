"""The network of a simulated board: what it reaches, and which ports of the computer it binds."""

from __future__ import annotations

import socket as host_socket
from collections.abc import Callable

SYSTEM_PORTS = range(1, 1024)
"""Ports that only the administrator may bind on many systems."""

OFFSET = 8000
"""What is added to such a port if it is refused: 8080 is bound for 80."""

UNROUTED = "192.0.2.1", 9
"""An address that nobody has (RFC 5737). Connecting a datagram socket to it chooses a route, and sends nothing."""


class Network:
    """The computer's network as that of a board.

    A program that makes no interface always has it. Any other program has it while one of its interfaces is up.
    """

    def __init__(self) -> None:
        self.works = True
        """False if no interface ever connects (`--fake-network off`)."""
        self.loopback = True
        """True if 127.0.0.1 is the computer. Else nothing can be reached at it, as on a board without a loopback
        interface."""
        self.links: list[Callable[[], bool]] = []
        """A function for each interface of the program: True if it is up."""
        self.port_map: dict[int, int] = {}
        """The computer's ports that are bound for ports of the program (`--map-port`)."""
        self.tell: Callable[[str], None] | None = None
        """Prints a line for the user. Without it no other port is bound in place of one that is refused."""

    @property
    def is_up(self) -> bool:
        """True if anything beyond the board can be reached."""
        return self.works and (not self.links or any(link() for link in self.links))

    def reaches(self, host: str) -> bool:
        """True if there is a way to a numeric address."""
        return self.loopback if is_loopback(host) else self.is_up

    def bind(self, sock: host_socket.socket, pair: tuple[str, int]) -> None:
        """Bind a socket of the host to the mapped port, or to one above 8000 if the system refuses the port."""
        host, number = pair
        if is_loopback(host) and not self.loopback:
            number = 0  # a port that no client knows
        try:
            sock.bind((host, self.port_map.get(number, number)))
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

"""The socket module of the zephyr port: always blocking, no sendto(), no addresses of peers.

No board was asked: this follows data/zephyr.json and the sources named. The errno numbers are an assumption, see
_errors.errno_value, and so is that a refused connection is ECONNREFUSED.
"""

from __future__ import annotations

import socket as host_socket
from typing import Any, NoReturn

from usock_lint.shim.boards.port import Address, BoardPort, Operation, split
from usock_lint.shim.boards.socket import BoardSocket
from usock_lint.shim.core.arguments import integer, text

FAMILIES: dict[int, int] = {1: host_socket.AF_INET, 2: host_socket.AF_INET6}
"""Zephyr's numbers of the families, and the host's."""

TCP = 6


class NoObject:
    """The port in recvfrom()'s address: a null pointer, which must not be used (modsocket.c:97@v1.28.0)."""

    def __repr__(self) -> NoReturn:
        raise SystemError("the port that recvfrom() gives is no object on zephyr; a board crashes here")

    __str__ = __int__ = __index__ = __eq__ = __hash__ = __format__ = __repr__  # type: ignore[assignment]


class ZephyrSocket(BoardSocket):
    """A socket over one of Zephyr's contexts."""

    port: ZephyrPort

    def __repr__(self) -> str:
        return "<socket NULL>" if self.closed else f"<socket {self.host.fileno():x} type={self.kind}>"

    def target(self, pair: object, operation: Operation) -> Address:
        host, port = split(pair)
        numeric, number = text(host), integer(port) % 65536
        try:
            host_socket.inet_pton(self.host.family, numeric)
        except OSError:
            raise self.port.error("EINVAL") from None
        return Address(self.host.family, numeric, number)

    def accept(self) -> tuple[object, object]:
        """A socket and None; when accepting fails, a closed one: ports/zephyr/modsocket.c:217@v1.28.0."""
        self.check()
        try:
            connection, _ = super().accept()
        except self.port.OSError:
            core = ZephyrSocket(self.port, self.kind, host_socket.socket(self.host.family, self.kind))
            core.close()
            connection = self.port.publish(core)
        return connection, None

    def recvfrom(self, count: object, flags: object = 0) -> tuple[bytes, object]:
        """Bytes and an address whose port must not be touched; four items for IPv6."""
        data, address = self.take(self.room(count), 0, "recv")
        rest = (0, address[3]) if len(address) > 2 else ()
        return data, (address[0], NoObject(), *rest)

    def setsockopt(self, _level: object, option: object, value: object) -> None:
        """Nothing, whatever is given."""

    def events(self, mask: int, seen: int) -> int:
        """No socket can be polled: ports/zephyr/modsocket.c:352@v1.28.0."""
        raise self.port.error("EINVAL")


class ZephyrPort(BoardPort):
    """The zephyr port at one release."""

    def create(self, *arguments: object) -> ZephyrSocket:
        """socket([family[, type[, proto[, ignored]]]])."""
        integers = [integer(value) for value in arguments[:3]]
        family, kind, protocol = [*integers, *(1, 1, -1)[len(integers) :]]
        if family not in FAMILIES:
            raise self.error("EAFNOSUPPORT")
        with self.raising():
            return ZephyrSocket(self, kind, host_socket.socket(FAMILIES[family], kind, max(protocol, 0)))

    def getaddrinfo(self, host: object, port: object, family: object = 0) -> list[tuple[Any, ...]]:
        """[(family, 1, 6, '', (ip, port)), ...], with (ip, port, 0, scope) for IPv6; OSError(negative)."""
        name, asked, _ = text(host), integer(family), integer(port)
        wanted = [asked if asked in FAMILIES else 1] if asked else [1, 2]
        entries = [entry for one in wanted for entry in self.entries(name, port, one)]
        if not entries:
            raise self.OSError(self.does("getaddrinfo_error_numbers")["no name"])
        return entries

    def entries(self, name: str, port: object, family: int) -> list[tuple[Any, ...]]:
        """The entries of one family, none when there is no such name."""
        try:
            found = self.look_up(name, FAMILIES[family])
        except host_socket.gaierror:
            return []
        rest = (0, 0) if family == 2 else ()
        return [(family, int(host_socket.SOCK_STREAM), TCP, "", (numeric, port, *rest)) for _, numeric in found]

    def pkt_get_info(self) -> tuple[int, int, int, int]:
        """Free network buffers; here there are always some."""
        return 16, 16, 64, 64


PORT = ZephyrPort

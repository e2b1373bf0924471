"""The socket module of ports that run lwIP themselves: rp2, stm32, mimxrt, esp8266, renesas-ra, alif."""

from __future__ import annotations

import socket as host_socket
from typing import Any

from usock_lint.ports import Release
from usock_lint.shim.boards.lwip_socket import LwipSocket
from usock_lint.shim.boards.port import BoardPort, Operation, look_up, unknown
from usock_lint.shim.core.arguments import integer, text

RAW_SINCE: Release = (1, 12, 0)
"""Before, socket() refuses SOCK_RAW, says data/lwip.json."""

POOLS: dict[int, str] = {host_socket.SOCK_STREAM: "tcp", host_socket.SOCK_DGRAM: "udp", host_socket.SOCK_RAW: "raw"}
"""Which pool a protocol block comes from, in the words of max_sockets."""


class LwipPort(BoardPort):
    """A port with lwIP at one release."""

    unknown_option = "Warning: lwip.setsockopt() not implemented"

    def create(self, *arguments: object) -> LwipSocket:
        """socket([family[, type[, proto[, ignored]]]]): the family is not looked at."""
        integers = [integer(value) for value in arguments[:3]]
        _, kind, protocol, *_ = [*integers, *(2, 1, 0)[len(integers) :]]
        kinds = [host_socket.SOCK_STREAM, host_socket.SOCK_DGRAM]
        if self.release >= RAW_SINCE and "SOCK_RAW" in self.module.__dict__:
            kinds.append(host_socket.SOCK_RAW)
        if kind not in kinds:
            raise self.error("EINVAL")
        self.make_room(kind)
        with self.raising():
            used = protocol if kind == host_socket.SOCK_RAW else 0
            return LwipSocket(self, kind, host_socket.socket(host_socket.AF_INET, kind, used))

    def make_room(self, kind: int) -> None:
        """OSError(ENOMEM) when the pool of this kind of protocol blocks is empty."""
        limit: int | None = self.does("max_sockets")[POOLS[kind]]
        used = sum(one.type == kind and not listens(one) for one in self.open)
        if limit is not None and used >= limit:
            raise self.error(self.does("max_sockets")["errno"])

    def not_connected(self) -> OSError:
        """ENOTCONN as lwIP's own error becomes it, through a table of bytes."""
        number = self.does("enotconn_number")
        return self.error("ENOTCONN") if number is None else self.OSError(number)

    def numeric(self, host: str, operation: Operation) -> tuple[int, str]:
        """As lwIP reads it; '' is the IPv6 any address where the build has IPv6."""
        if not host and self.does("ipv6") == "full":
            return host_socket.AF_INET6, "::"
        return super().numeric(host, operation)

    def getaddrinfo(self, host: object, port: object, *hints: object) -> list[tuple[Any, ...]]:
        """One entry, of AF_INET and SOCK_STREAM whatever was asked for; OSError(negative)."""
        name, number = text(host), integer(port)
        family = [*map(integer, hints), 0][0] if "family" in self.does("getaddrinfo_hints") else 0
        list(map(integer, hints))
        return [(2, 1, 0, "", (self.resolve(name, family), number))]

    def resolve(self, name: str, family: int) -> str:
        """The numeric host of a name."""
        numbers, full = self.does("getaddrinfo_error_numbers"), self.does("ipv6") == "full"
        if not 0 < len(name.encode()) < 256:
            raise self.OSError(numbers["bad name"])
        found = self.literal(name)
        if found is None:
            try:
                found = look_up(name, family if full else host_socket.AF_INET)[0]
            except host_socket.gaierror as error:
                raise self.OSError(numbers["not found" if unknown(error) else "no DNS server"]) from None
        elif (full and family not in (0, found[0])) or (not full and found[0] == host_socket.AF_INET6):
            # Asked of the DNS, which was not there when it was run.
            raise self.OSError(numbers["no DNS server"])
        return found[1]

    def literal(self, name: str) -> tuple[int, str] | None:
        """The family and form of a numeric host, None for a name."""
        try:
            if ":" in name:
                packed = host_socket.inet_pton(host_socket.AF_INET6, name)
                return host_socket.AF_INET6, host_socket.inet_ntop(host_socket.AF_INET6, packed)
            return host_socket.AF_INET, host_socket.inet_ntoa(host_socket.inet_aton(name))
        except OSError:
            return None

    def reset(self) -> None:
        """Start lwIP anew; there is none here."""

    def callback(self) -> None:
        """Let lwIP work; the host's works by itself."""

    def print_pcbs(self) -> None:
        """Print lwIP's protocol blocks, which no firmware does."""


def listens(host: host_socket.socket) -> bool:
    """Whether it is a listener, which lwIP counts apart."""
    return bool(host.getsockopt(host_socket.SOL_SOCKET, host_socket.SO_ACCEPTCONN))


PORT = LwipPort

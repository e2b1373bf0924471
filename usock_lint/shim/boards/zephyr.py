"""The socket module of the zephyr port: always blocking, no sendto(), no addresses of peers.

The port of 1.28 was run on Zephyr 3.4 (CONTRIBUTING.md, "Real interpreters"). A refused connection raises ETIMEDOUT
there, and ECONNREFUSED here, as on later Zephyrs. The errno numbers are those of Zephyr's own C library and of newlib,
see `errno_value` in core/errors.py.
"""

from __future__ import annotations

import re
import socket as host_socket
from typing import Any, NoReturn

from usock_lint.shim.boards.port import Address, BoardPort, Operation, split
from usock_lint.shim.boards.socket import BoardSocket
from usock_lint.shim.core.arguments import integer, text
from usock_lint.shim.core.errors import Halt
from usock_lint.shim.core.network import is_loopback

FAMILIES: dict[int, int] = {1: host_socket.AF_INET, 2: host_socket.AF_INET6}
"""Zephyr's numbers of the families, and the host's."""

TCP = 6
"""The protocol number in the results of getaddrinfo()."""

KINDS = frozenset({host_socket.SOCK_STREAM, host_socket.SOCK_DGRAM, host_socket.SOCK_RAW})

NUMBERS = {"EPROTOTYPE": 107, "EDESTADDRREQ": 121}
"""The numbers of errors that no port's errno module has a name for."""


class NoObject:
    """The port in recvfrom()'s address: a null pointer, which crashes a board if used (modsocket.c:97@v1.28.0)."""

    def __repr__(self) -> NoReturn:
        raise SystemError("the port that recvfrom() gives is no object on zephyr; a board crashes here")

    __str__ = __int__ = __index__ = __eq__ = __hash__ = __format__ = __repr__  # type: ignore[assignment]


class ZephyrSocket(BoardSocket):
    """A socket over one of Zephyr's contexts."""

    port: ZephyrPort
    listens = False
    addressed = False
    """True if it has connected, or tried to."""
    failed = False
    """True if its last connect failed."""

    def __repr__(self) -> str:
        return "<socket NULL>" if self.closed else f"<socket {self.host.fileno():x} type={self.kind}>"

    def address_for(self, pair: object, operation: Operation) -> Address:
        host, port = split(pair)
        numeric, number = text(host), integer(port) % 65536
        if self.host.family == host_socket.AF_INET:
            numeric = self.port.wrapped(numeric)
        try:
            host_socket.inet_pton(self.host.family, numeric)
        except OSError:
            raise self.port.error("EINVAL") from None
        return Address(self.host.family, numeric, number)

    def bind_to(self, address: Address) -> None:
        """Bind; an address that is not the board's own is ENOENT, as is 127.0.0.1 without a loopback interface."""
        if self.port.does("loopback") is False and is_loopback(address.host) and not self.port.network.loopback:
            raise self.port.error("ENOENT")
        super().bind_to(address)
        if self.port.does("loopback") is False and not self.host.getsockname()[1]:  # the host had no such address
            raise self.port.error("ENOENT")

    def listen(self, *backlog: object) -> None:
        """Listen."""
        super().listen(*backlog)
        self.listens = True

    def connect(self, address: object) -> None:
        """Connect. A stream whose connect failed cannot try again; an address that is not reached is ETIMEDOUT."""
        self.check()
        where = self.address_for(address, "connect")
        if self.stream and self.failed and self.port.does("connect_after_failure") == "EALREADY":
            raise self.port.error("EALREADY")
        self.addressed = self.failed = True
        if self.stream and not self.port.network.reaches(where.host) and self.port.does("loopback") is False:
            raise self.port.error("ETIMEDOUT")
        super().connect(address)
        self.failed = False

    def send_some(self, data: memoryview, operation: str) -> int:
        """Send some of `data`; a socket that was never connected has an error of its own."""
        self.check()
        errors = self.port.does("unconnected_errno")
        if errors and not (self.addressed or self.linked):
            raise self.port.error(errors["send"])
        if errors and self.stream and self.failed:
            raise self.port.error("ENOTCONN")
        return super().send_some(data, operation)

    def accept(self) -> tuple[object, object]:
        """A socket and None; when accepting fails, a closed one: ports/zephyr/modsocket.c:217@v1.28.0."""
        self.check()
        if not self.listens and self.port.does("accept_unbound") == "waits":
            raise Halt("accept() of a socket that does not listen waits for ever")
        try:
            connection, _ = super().accept()
        except self.port.OSError:
            core = ZephyrSocket(self.port, self.kind, host_socket.socket(self.host.family, self.kind))
            core.close()
            connection = self.port.publish(core)
        return connection, None

    def recvfrom(self, count: object, flags: object = 0) -> tuple[bytes, object]:
        """Bytes and an address, whose port must not be used (see NoObject); the address has four items for IPv6."""
        data, address = self.receive_from(self.room(count), 0, "recv")
        rest = (0, address[3]) if len(address) > 2 else ()
        return data, (address[0], NoObject(), *rest)

    def setsockopt(self, _level: object, option: object, value: object) -> None:
        """Do nothing: the port ignores all options."""

    def events(self, mask: int, seen: int) -> int:
        """No socket can be polled: ports/zephyr/modsocket.c:352@v1.28.0."""
        raise self.port.error("EINVAL")


class ZephyrPort(BoardPort):
    """The zephyr port at one release."""

    @property
    def has_loopback(self) -> bool:
        """False if it is known that there is none."""
        return self.does("loopback") is not False

    def number(self, name: str) -> int:
        """The number behind an errno name."""
        return NUMBERS[name] if name in NUMBERS else super().number(name)

    def wrapped(self, host: str) -> str:
        """An IPv4 address on releases that wrap octets: each modulo 256, missing ones 0. Other hosts are unchanged."""
        if self.does("octet_out_of_range") != "wraps" or not re.fullmatch(r"[\d.]*", host, re.ASCII):
            return host
        return ".".join(str(int(part or 0) % 256) for part in [*host.split("."), "", "", ""][:4])

    def create(self, *arguments: object) -> ZephyrSocket:
        """socket([family[, type[, proto[, ignored]]]])."""
        integers = [integer(value) for value in arguments[:3]]
        family, kind, protocol = [*integers, *(1, 1, -1)[len(integers) :]]
        if family not in FAMILIES:
            raise self.error("EAFNOSUPPORT")
        if kind not in KINDS and self.does("constructor_bad_type"):
            raise self.error(self.does("constructor_bad_type"))
        with self.raising():
            return ZephyrSocket(self, kind, host_socket.socket(FAMILIES[family], kind, max(protocol, 0)))

    def getaddrinfo(self, host: object, port: object, family: object = 0) -> list[tuple[Any, ...]]:
        """[(family, 1, 6, '', (ip, port)), ...], with (ip, port, 0, scope) for IPv6; OSError if there are none."""
        name, asked, _ = text(host) and self.wrapped(text(host)), integer(family), integer(port)
        wanted = [2 if asked == 2 else 1] if asked else [1, 2]
        if not name and self.does("getaddrinfo_any_family"):
            raise self.error("EINVAL")
        found = numeric_family(name)
        if found and wanted != [found] and self.does("getaddrinfo_any_family") == "EPFNOSUPPORT":
            raise self.error("EPFNOSUPPORT")
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
        """The numbers of free network buffers, which are constant here."""
        return 16, 16, 64, 64


def numeric_family(name: str) -> int:
    """Zephyr's number of the family of an address in digits, 0 for a name."""
    for family, of_host in FAMILIES.items():
        try:
            host_socket.inet_pton(of_host, name)
        except OSError:
            continue
        return family
    return 0


PORT = ZephyrPort

"""What the ports of boards share: addresses as pairs, numeric hosts, look-ups, errors with the board's numbers."""

from __future__ import annotations

import errno
import re
import socket as host_socket
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from io import IOBase
from typing import Any, Literal, NamedTuple

from usock_lint.ports import Release
from usock_lint.shim.core.arguments import integer, text
from usock_lint.shim.core.base import TICK_MS, Core, Descriptor, Port, Source
from usock_lint.shim.core.network import is_loopback

NEAREST = {
    "EACCES": "EHOSTUNREACH",
    "EADDRNOTAVAIL": "EHOSTUNREACH",
    "EDESTADDRREQ": "EHOSTUNREACH",
    "EMSGSIZE": "ENOMEM",
    "ENETUNREACH": "EHOSTUNREACH",
    "EPERM": "EHOSTUNREACH",
    "EPIPE": "ECONNRESET",
}
"""The errors that a board raises for errors of the host's that it does not have."""

MULTICAST = 14
"""The first four bits of a multicast address."""

ALL_SYSTEMS = bytes([224, 0, 0, 1])
"""The group that lwIP itself joins; it cannot be joined or left by a program."""

Operation = Literal["connect", "bind", "sendto"]


class Address(NamedTuple):
    """A numeric address and the host's family of it."""

    family: int
    host: str
    port: int

    @property
    def pair(self) -> tuple[str, int]:
        """As the host's sockets take it."""
        return self.host, self.port

    @property
    def nowhere(self) -> bool:
        """True if nobody is there: 0.0.0.0/8, and the IPv6 address of all zeros, which Linux takes for itself."""
        return self.host.startswith("0.") if self.family == host_socket.AF_INET else self.host == "::"

    @property
    def is_for_many(self) -> bool:
        """True for a broadcast, as far as the last octet shows it, and a multicast."""
        return self.family == host_socket.AF_INET and (self.host.endswith(".255") or self.is_group)

    @property
    def is_group(self) -> bool:
        """True for an IPv4 multicast group."""
        return int(self.host.partition(".")[0]) >> 4 == MULTICAST


class Listener(Core):
    """A core that may have a callback, which `tick` calls."""

    def news(self) -> int:
        """The number of things that have come since the last call; the callback runs once for each."""
        raise NotImplementedError

    def is_readable(self) -> bool:
        """True if there is something to read, or to accept."""
        raise NotImplementedError


class BoardPort(Port):
    """A port whose addresses are pairs (host, port)."""

    unknown_option = ""
    """The text that setsockopt() prints for an option that is not in the table."""

    reuses_addresses = True
    """False if lwIP is built without SO_REUSE: SO_REUSEADDR then has no effect."""

    hears_itself = True
    """True if what a board sends to many comes to its own sockets, too, as on the host. lwIP passes it on to others
    alone (run:esp32@1.28)."""

    sends_nowhere = False
    """True if datagrams to 0.0.0.0/8 leave the board: lwIP sends them to the gateway (run:lwip@1.28 over a link).

    On other ports this is not known, and they raise EHOSTUNREACH."""

    def __init__(self, name: str, release: Release, implementation: str = "") -> None:
        super().__init__(name, release, implementation)
        self.callbacks: dict[Listener, Any] = {}
        """The functions that setsockopt() has set, by their sockets."""
        self.echoes: Counter[tuple[host_socket.socket, int, bytes]] = Counter()
        """The broadcasts and multicasts that the host passes on to sockets of the program itself, as lwIP does not: the
        receiver, the sender's port and the datagram."""
        self.groups: Counter[bytes] = Counter()
        """The number of times that each multicast group was joined and not left."""

    def source(self, thing: Any) -> Source:
        """The core of a socket, the descriptor of a file. A script's own object with a fileno() is not a stream."""
        if isinstance(thing, self.socket):
            return self.core(thing)
        if hasattr(thing, "poll_source"):
            return thing.poll_source()
        number = getattr(thing, "fileno", None)
        if number is None or not isinstance(thing, IOBase):
            raise self.OSError("stream operation not supported")
        return Descriptor(number())

    @contextmanager
    def raising(self) -> Generator[None, None, None]:
        """Host OSErrors leave the block with this board's number. BlockingIOError does unchanged: callers wait then."""
        try:
            yield
        except (self.OSError, BlockingIOError):
            raise
        except OSError as error:
            raise self.error(self.name_of(error.errno)) from None

    def name_of(self, number: int | None) -> str:
        """The errno name that a board has for a number of the host's."""
        name = errno.errorcode.get(number or 0, "EINVAL")
        if name == "ECONNREFUSED":
            return self.does("connection_refused") or name
        return NEAREST.get(name, name)

    def tick(self) -> bool:
        """Run the callbacks of sockets to which something has come."""
        for core, callback in list(self.callbacks.items()):
            for _ in range(core.news()):
                self.call_back(callback, core.owner())
        return bool(self.callbacks)

    def sleep(self, seconds: float) -> None:
        """Sleep, and run callbacks meanwhile."""
        end = time.monotonic() + seconds
        while self.tick() and (rest := end - time.monotonic()) > 0:
            time.sleep(min(rest, TICK_MS / 1000))
        time.sleep(max(end - time.monotonic(), 0))

    def address(self, pair: object, operation: Operation) -> Address:
        """A pair (host, port) as a numeric address; ValueError when the host is a name."""
        host, port = split(pair)
        family, numeric = self.numeric(text(host), operation)
        return Address(family, numeric, integer(port) % 65536)

    def numeric(self, host: str, operation: Operation) -> tuple[int, str]:
        """The host's family and form of a numeric host; ValueError for a name, or an octet that the port refuses."""
        if not host:
            return host_socket.AF_INET, "0.0.0.0"
        if self.does("octet_out_of_range") == "ValueError":
            return self._strict(host)
        # Through 1.23 ("garbage") letters are read as digits, which gives an address that nobody has. Since then what
        # follows the octets is ignored (shared/netutils/netutils.c:67@v1.24.0, :70@v1.23.0).
        if self.does("hostname_three_dots")[operation] != "garbage":
            host = re.sub(r"[^\d.].*", "", host, flags=re.ASCII | re.DOTALL)
        octets = host.split(".")
        if len(octets) != 4:
            raise ValueError("invalid arguments")
        if not all(re.fullmatch(r"\d*", octet, re.ASCII) for octet in octets):
            return host_socket.AF_INET, "0.0.0.0"
        return host_socket.AF_INET, ".".join(str(int(octet or 0) % 256) for octet in octets)

    def _strict(self, host: str) -> tuple[int, str]:
        """As lwIP's ipaddr_aton: the forms of inet_aton, and IPv6 where the build has it."""
        try:
            if ":" in host and self.does("ipv6") == "full":
                return host_socket.AF_INET6, canonical(host)
            return host_socket.AF_INET, host_socket.inet_ntoa(host_socket.inet_aton(host))
        except OSError:
            raise ValueError("invalid arguments") from None

    def change_membership(self, joins: bool, request: bytes) -> None:
        """Join or leave a multicast group. `request` has the group's address and the interface's, 0.0.0.0 for any.

        lwIP counts for each interface, not for each socket (src/core/ipv4/igmp.c, run:lwip@1.28 over a link).
        """
        group, interface = request[:4], host_socket.inet_ntoa(request[4:])
        known = self.network.is_up and interface in ("0.0.0.0", self.network.address()) and not is_loopback(interface)
        if not known or group[0] >> 4 != MULTICAST or group == ALL_SYSTEMS or not (joins or self.groups[group]):
            raise self.no_group
        self.groups[group] += 1 if joins else -1

    def has_interface(self, name: str) -> bool:
        """True if a socket can be bound to the interface of this name."""
        return True

    @property
    def no_group(self) -> OSError:
        """The error of a group that cannot be joined or left."""
        return self.error("EINVAL")

    def loses(self, where: Address) -> bool:
        """True if nobody gets what is sent to an address."""
        return where.nowhere

    def has_route(self, where: Address) -> bool:
        """True if there is a way to an address."""
        if self.loses(where):
            return self.sends_nowhere and self.network.is_up
        return self.network.reaches(where.host)

    def look_up(self, host: str, family: int) -> list[tuple[int, str]]:
        """(family, numeric host) of a name, from the host's resolver. Raises socket.gaierror, also for a bad name."""
        flags = 0 if self.network.is_up else host_socket.AI_NUMERICHOST
        try:
            found = host_socket.getaddrinfo(host, None, family, host_socket.SOCK_STREAM, flags=flags)
        except host_socket.gaierror:
            if flags:
                raise host_socket.gaierror(host_socket.EAI_AGAIN, "no network") from None
            raise
        except (UnicodeError, ValueError):
            raise host_socket.gaierror(host_socket.EAI_NONAME, "bad name") from None
        return [(int(entry[0]), str(entry[4][0])) for entry in found]


def canonical(host: str) -> str:
    """The short form of an IPv6 address; ValueError or OSError if it is none."""
    return host_socket.inet_ntop(host_socket.AF_INET6, host_socket.inet_pton(host_socket.AF_INET6, host))


def split(pair: object) -> tuple[object, object]:
    """The two items of a tuple or list; TypeError for anything else, ValueError for another length."""
    if not isinstance(pair, tuple | list):
        raise TypeError(f"object '{type(pair).__name__}' isn't a tuple or list")
    items: list[object] = [*pair]
    if len(items) != 2:
        raise ValueError(f"requested length 2 but object has length {len(items)}")
    return items[0], items[1]


def unknown(error: host_socket.gaierror) -> bool:
    """True if a resolver answered that there is no such name or address. False if no resolver answered."""
    others = (getattr(host_socket, name, None) for name in ("EAI_NODATA", "EAI_ADDRFAMILY"))
    return error.errno in (host_socket.EAI_NONAME, *others)

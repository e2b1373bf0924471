"""The raw `struct sockaddr` of Linux that the unix port hands out, from and to CPython's address tuples."""

from __future__ import annotations

import errno
import os
import socket
import struct
from typing import Any

from usock_lint.shim.core.arguments import size

_SHORTEST: dict[int, int] = {socket.AF_INET: 16, socket.AF_INET6: 24}


def pack(family: int, address: Any) -> bytes:
    """The sockaddr of CPython's `address`: 16 bytes for AF_INET, 28 for AF_INET6, else family and path."""
    start = struct.pack("=H", family)
    if family == socket.AF_INET:
        host, port = address
        return start + struct.pack("!H4s8x", port, socket.inet_pton(family, host))
    if family == socket.AF_INET6:
        host, port, flow, scope = address
        packed = socket.inet_pton(family, host.partition("%")[0])
        return start + struct.pack("!HI16s", port, flow, packed) + struct.pack("=I", scope)
    path = os.fsencode(address or b"")
    return start + path + (b"\0" if path and path[0] else b"")


UNSPEC = struct.pack("=H", socket.AF_UNSPEC)
"""How an address of no family begins."""


def unpack(family: int, raw: memoryview, binds: bool = False) -> Any:
    """CPython's address of the sockaddr `raw` for a socket of `family`.

    An address of no family is one of AF_INET there, when it `binds` only one without a host (__inet_bind() of Linux).

    Raises OSError as Linux does: EINVAL when it is too short, EAFNOSUPPORT when it is of another family
    (EINVAL on an AF_UNIX socket).
    """
    data = bytes(raw)
    if len(data) < _SHORTEST.get(family, 2):
        raise OSError(errno.EINVAL, "sockaddr too short")
    is_unspecified = family == socket.AF_INET and data[:2] == UNSPEC and not (binds and any(data[4:8]))
    if struct.unpack_from("=H", data)[0] != family and not is_unspecified:
        raise OSError(errno.EINVAL if family == socket.AF_UNIX else errno.EAFNOSUPPORT, "family")
    if family == socket.AF_INET:
        port, host = struct.unpack_from("!H4s", data, 2)
        return socket.inet_ntop(family, host), port
    if family == socket.AF_INET6:
        port, flow, host = struct.unpack_from("!HI16s", data, 2)
        (scope,) = struct.unpack("=I", data[24:28].ljust(4, b"\0"))
        return socket.inet_ntop(family, host), port, flow, scope
    return data[2:] if data[2:3] == b"\0" else data[2:].rstrip(b"\0")


def unpack_mixed(raw: memoryview) -> Any:
    """The address of a datagram on AF_INET6, which may be one of AF_INET (udpv6_sendmsg() of Linux)."""
    if bytes(raw[:2]) != struct.pack("=H", socket.AF_INET):
        return unpack(socket.AF_INET6, raw)
    host, port = unpack(socket.AF_INET, raw)
    return f"::ffff:{host}", port, 0, 0


def describe(raw: memoryview) -> tuple[Any, ...]:
    """The result of socket.sockaddr(): (family, packed host, port[, flow, scope]), else (family, the rest).

    The port swaps the bytes of the scope, too, which Linux keeps in its own order (ports/unix/modsocket.c:671@v1.28.0).
    MemoryError for less than a family, whose rest has a negative size; of one byte the NUL behind it is the other one.
    """
    data = bytes(raw).ljust(min(len(raw), 1) * 2, b"\0")
    if data[:2] not in (struct.pack("=H", socket.AF_INET), struct.pack("=H", socket.AF_INET6)):
        size(len(raw) - 2, 1)
    family: int = struct.unpack_from("=H", data)[0]
    if family == socket.AF_INET:
        port, host = struct.unpack("!H4s", data[2:8].ljust(6, b"\0"))
        return family, host, port
    if family == socket.AF_INET6:
        port, flow, host, scope = struct.unpack("!HI16sI", data[2:28].ljust(26, b"\0"))
        return family, host, port, flow, scope
    return family, data[2:]

from __future__ import annotations

from collections.abc import Iterator

from usock_lint import ports
from usock_lint.checks import Lacking, Report, lack, on
from usock_lint.model.atoms import Socket
from usock_lint.model.uses import Attribute

# Attributes that hold a value are another rule's.
_VALUES = frozenset({"family", "type", "proto", "timeout"})

_ADVICE = {
    "shutdown": "; close() ends the connection",
    "connect_ex": "; use connect and catch OSError",
    "getpeername": "; keep the address that accept() or getaddrinfo() gave",
    "getsockname": "; keep the address that was bound",
    "recv_into": "; use recv, or readinto, which waits for the whole buffer",
    "recvfrom_into": "; use recvfrom",
    "sendall": "; use write",
    "sendfile": "; read the file and write what was read",
    "fileno": "; register the socket itself with select.poll",
    "settimeout": "; wait with select.poll",
    "gettimeout": "; keep the value given to settimeout",
    "getblocking": "; keep the value given to setblocking",
}


@on(Attribute)
def member(use: Attribute) -> Iterator[Report]:
    if isinstance(use.owner, Socket) and not use.stored and _is_method(use.name):
        wanted = Lacking("socket", use.name)
        message = f"sockets have no `{use.name}` {{where}}{_ADVICE.get(use.name, '')}"
        yield Report(use.node, lack(use.site.live, wanted), message, lacking=wanted)


def _is_method(name: str) -> bool:
    return name not in _VALUES and not name.startswith("_") and ports.is_known(name, "socket")

from __future__ import annotations

from collections.abc import Iterator

from usock_lint import ports
from usock_lint.analysis.domain.values import Member, Module, Socket
from usock_lint.analysis.uses import Attribute
from usock_lint.checks import Lacking, Report, lack, on
from usock_lint.checks._repairs import by_super
from usock_lint.i18n import say

_CLASS = Member(Module("socket"), "socket")

# Attributes that hold a value are another rule's.
_VALUES = frozenset({"family", "type", "proto", "timeout"})

_ADVICE = {
    "shutdown": say("; close() ends the connection"),
    "connect_ex": say("; use connect and catch OSError"),
    "getpeername": say("; keep the address that accept() or getaddrinfo() gave"),
    "getsockname": say("; keep the address that was bound"),
    "recv_into": say("; use recv, or readinto, which waits for the whole buffer"),
    "recvfrom_into": say("; use recvfrom"),
    "sendall": say("; use write"),
    "sendfile": say("; read the file and write what was read"),
    "fileno": say("; register the socket itself with select.poll"),
    "gettimeout": say("; keep the value given to settimeout"),
    "getblocking": say("; keep the value given to setblocking"),
}


@on(Attribute, Socket)
def member(use: Attribute) -> Iterator[Report]:
    if not use.stored and _is_method(use.name):
        wanted = Lacking("socket", use.name)
        if cells := lack(use.site.live, wanted):
            message = say("sockets have no `{name}` {where}{advice}", name=use.name, advice=_ADVICE.get(use.name, ""))
            yield Report(use.node, cells, message, "AttributeError", wanted.is_had)


@on(Attribute, Member)
def member_of_class(use: Attribute) -> Iterator[Report]:
    """A name of the class itself: derived classes call `socket.socket.recv(self, 1)`."""
    if use.owner != _CLASS or use.stored:
        return
    if use.name == "__init__":
        message = say("`socket.socket` has no `__init__` {where}; use super().__init__")
        yield Report(use.node, use.site.live, message, "AttributeError", repair=by_super(use.site, use.call))
    else:
        yield from member(use)


def _is_method(name: str) -> bool:
    return name not in _VALUES and not name.startswith("_") and ports.is_known(name, "socket")

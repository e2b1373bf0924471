from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.domain.values import TlsSocket
from usock_lint.analysis.uses import Attribute
from usock_lint.checks import Report, on
from usock_lint.checks._repairs import Repair, replace
from usock_lint.i18n import say
from usock_lint.ports import tls

_ADVICE = {
    "recv": say("; use read, which waits for all it is asked for"),
    "recv_into": say("; use readinto"),
    "send": say("; use write"),
    "sendall": say("; use write"),
    "settimeout": say("; set it on the plain socket"),
    "makefile": say("; it is a stream itself"),
    "connect": say("; connect the plain socket before it is wrapped"),
    "accept": say("; accept on the plain socket and wrap what comes"),
    "shutdown": say("; close() ends the connection"),
    "unwrap": say("; close() ends the connection"),
    "fileno": say("; register the TLS socket itself with select.poll"),
}


@on(Attribute, TlsSocket)
def member(use: Attribute) -> Iterator[Report]:
    # A value that may also be a plain socket: the program tests which it is, or has not wrapped it yet on this path.
    if use.mixed or use.stored:
        return
    if tls.is_known(use.name) and not use.name.startswith("_"):
        cells = frozenset(cell for cell in use.site.live if not tls.has(cell, use.name))
        message = say("TLS sockets have no `{name}` {where}{advice}", name=use.name, advice=_ADVICE.get(use.name, ""))
        yield Report(use.node, cells, message, "AttributeError", repair=_write(use))


def _write(use: Attribute) -> Repair | None:
    if use.name != "send" or use.call is None:
        return None
    plain = len(use.call.args) == 1 and not use.call.args[0].star and use.call.args[0].keyword is None
    return Repair(say("Use write"), (replace(use.node.attr, "write"),)) if plain else None

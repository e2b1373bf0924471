from __future__ import annotations

from collections.abc import Iterator

from usock_lint import ports
from usock_lint.analysis.domain.operations import FALSE, NONE
from usock_lint.analysis.domain.values import File, Socket
from usock_lint.analysis.uses import Call
from usock_lint.checks import Report, on
from usock_lint.i18n import say

# A server may well wait for ever in accept, and connect gives up when TCP does.
_WAITING = ("read", "readinto", "readline", "recv", "recvfrom")


@on(Call, Socket, File, *_WAITING)
def call(use: Call) -> Iterator[Report]:
    """Report a socket without a timeout. Another rule reports sockets that accept() returned."""
    accepted = use.state.inherited != NONE
    waits = use.state.timeout == NONE and use.state.closed == FALSE and not _serves(use) and not _asks_not_to_wait(use)
    if waits and not accepted:
        cells = frozenset(cell for cell in use.site.live if ports.has(cell, "socket", "settimeout"))
        message = say(
            "`{name}` may wait for ever {where}: the socket has no timeout; call settimeout before", name=use.name
        )
        yield Report(use.node, cells, message, raises="")


def _serves(use: Call) -> bool:
    """True if the call is that of a server of datagrams, which may wait for its clients as long as it likes."""
    return isinstance(use.owner, Socket) and use.owner.type == "SOCK_DGRAM" and use.state.bound != FALSE


def _asks_not_to_wait(use: Call) -> bool:
    return any("MSG_DONTWAIT" in use.site.code(one.node.value) for one in use.arguments[1:])

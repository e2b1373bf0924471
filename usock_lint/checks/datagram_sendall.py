from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from usock_lint import ports
from usock_lint.checks import Report, on
from usock_lint.fixes import Repair, replace
from usock_lint.language import say
from usock_lint.model.atoms import Socket
from usock_lint.model.uses import Call


@on(Call)
def call(use: Call) -> Iterator[Report]:
    datagrams = isinstance(use.owner, Socket) and use.owner.type == "SOCK_DGRAM"
    if not datagrams or not use.sole or use.name != "sendall":
        return
    cells = frozenset(cell for cell in use.site.live if _fails(cell))
    message = say("`sendall` on a datagram socket is a NotImplementedError {where}; use send")
    yield Report(use.node, cells, message, "NotImplementedError", repair=_send(use))


def _fails(cell: ports.Cell) -> bool:
    known = ports.behaviour(cell, "sendall")
    return known is not None and known["datagram"] == "NotImplementedError"


def _send(use: Call) -> Repair | None:
    """Only where nobody looks at the result, which is None for sendall and a number for send."""
    method = use.node.func
    if not use.ignored or not isinstance(method, cst.Attribute):
        return None
    return Repair(say("Use send"), (replace(method.attr, "send"),))

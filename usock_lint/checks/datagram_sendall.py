from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from usock_lint.analysis.domain.values import Socket
from usock_lint.analysis.uses import Call
from usock_lint.checks import Report, behaving, on
from usock_lint.checks._repairs import Repair, replace
from usock_lint.i18n import say


@on(Call, Socket, "sendall")
def call(use: Call) -> Iterator[Report]:
    if isinstance(use.owner, Socket) and use.owner.type == "SOCK_DGRAM" and use.sole:
        cells = behaving(use.site.live, "sendall.datagram", "NotImplementedError")
        message = say("`sendall` on a datagram socket raises NotImplementedError {where}; use send")
        yield Report(use.node, cells, message, "NotImplementedError", repair=_send(use))


def _send(use: Call) -> Repair | None:
    """Use `send`; None if the program uses the result, which is None for `sendall` and a number for `send`."""
    method = use.node.func
    if not use.ignored or not isinstance(method, cst.Attribute):
        return None
    return Repair(say("Use send"), (replace(method.attr, "send"),))

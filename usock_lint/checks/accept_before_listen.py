from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.domain.operations import FALSE
from usock_lint.analysis.domain.values import Socket
from usock_lint.analysis.uses import Call
from usock_lint.checks import Report, behaving, on
from usock_lint.i18n import say


@on(Call, Socket, "accept")
def accept(use: Call) -> Iterator[Report]:
    if use.state.listening == FALSE:
        steps = say("bind and listen") if use.state.bound == FALSE else "listen"
        message = say("`accept` fails {where}: the socket is not listening; call {steps} before", steps=steps)
        yield Report(use.node, use.site.live, message, raises="OSError")


@on(Call, Socket, "listen")
def listen(use: Call) -> Iterator[Report]:
    if use.state.bound == FALSE and use.state.closed == FALSE:
        cells = behaving(use.site.live, "listen_unbound", "ENOTCONN")
        message = say("`listen` fails {where}: the socket has no address; call bind before")
        yield Report(use.node, cells, message, raises="OSError")

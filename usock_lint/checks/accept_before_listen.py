from __future__ import annotations

from collections.abc import Iterator

from usock_lint import ports
from usock_lint.checks import Report, on
from usock_lint.language import say
from usock_lint.model.atoms import Socket
from usock_lint.model.uses import Call
from usock_lint.model.values import FALSE


@on(Call)
def call(use: Call) -> Iterator[Report]:
    if use.of(Socket, "accept") and use.state.listening == FALSE:
        steps = say("bind and listen") if use.state.bound == FALSE else "listen"
        message = say("`accept` fails {where}: the socket is not listening; call {steps} before", steps=steps)
        yield Report(use.node, use.site.live, message, raises="OSError")
    elif use.of(Socket, "listen") and use.state.bound == FALSE and use.state.closed == FALSE:
        cells = frozenset(cell for cell in use.site.live if ports.behaviour(cell, "listen_unbound") == "ENOTCONN")
        message = say("`listen` fails {where}: the socket has no address; call bind before")
        yield Report(use.node, cells, message, raises="OSError")

from __future__ import annotations

from collections.abc import Iterator

from usock_lint import ports
from usock_lint.analysis.domain.operations import const
from usock_lint.analysis.domain.values import File, Socket
from usock_lint.analysis.uses import Call
from usock_lint.checks import Report, on
from usock_lint.i18n import say


@on(Call, Socket, File, "recv", "read", "readline", "readinto")
def call(use: Call) -> Iterator[Report]:
    if use.state.inherited - const("read") == const("nothing"):
        cells = frozenset(cell for cell in use.site.live if ports.has(cell, "socket", "settimeout"))
        message = say(
            "`{name}` waits for this client alone {where}: one that is silent stops the server; call settimeout on "
            "what `accept` returns",
            name=use.name,
        )
        yield Report(use.node, cells, message, raises="")

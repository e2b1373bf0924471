from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.domain.operations import const
from usock_lint.analysis.domain.values import Socket
from usock_lint.analysis.uses import Call
from usock_lint.checks import Report, behaving, on
from usock_lint.i18n import say


@on(Call, Socket, "makefile")
def call(use: Call) -> Iterator[Report]:
    if use.state.timeout == const(0):
        cells = behaving(use.site.live, "would_block.readline", "None")
        message = say(
            "while its socket is non-blocking, a file gives half lines and None {where}; let the socket block"
        )
        yield Report(use.node, cells, message, raises="")

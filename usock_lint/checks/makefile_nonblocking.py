from __future__ import annotations

from collections.abc import Iterator

from usock_lint import ports
from usock_lint.checks import Report, on
from usock_lint.language import say
from usock_lint.model.atoms import Socket
from usock_lint.model.uses import Call
from usock_lint.model.values import const


@on(Call)
def call(use: Call) -> Iterator[Report]:
    if use.of(Socket, "makefile") and use.state.timeout == const(0):
        cells = frozenset(cell for cell in use.site.live if ports.behaviour(cell, "would_block"))
        message = say("a file gives half lines and None {where} while its socket is non-blocking; let the socket block")
        yield Report(use.node, cells, message, raises="")

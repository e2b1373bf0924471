from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from usock_lint import ports
from usock_lint.analysis.domain.values import Cells, Socket
from usock_lint.analysis.uses import Call
from usock_lint.checks import Report, behaving, on
from usock_lint.checks._repairs import Repair, replace
from usock_lint.i18n import say


@on(Call, Socket, "send")
def call(use: Call) -> Iterator[Report]:
    stream = isinstance(use.owner, Socket) and use.owner.type == "SOCK_STREAM"
    if stream and use.ignored and isinstance(use.node.func, cst.Attribute):
        instead = _instead(use.site.live)
        message = say("`send` may send only a part, and returns how much, {where}; use {instead}", instead=instead)
        repair = Repair(say("Use {instead}", instead=instead), (replace(use.node.func.attr, instead),), "unsafe")
        yield Report(use.node, use.site.live, message, raises="", repair=repair)


def _instead(cells: Cells) -> str:
    """The method that sends all: `sendall`, which CPython has too, if it does so on all cells, else `write`."""
    short = behaving(cells, "sendall.short_write", "short")
    return "sendall" if not short and all(ports.has(cell, "socket", "sendall") for cell in cells) else "write"

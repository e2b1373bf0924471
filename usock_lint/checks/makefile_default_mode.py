from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.domain.values import Socket
from usock_lint.analysis.uses import Call
from usock_lint.checks import Report, behaving, on
from usock_lint.checks._repairs import Repair, replace
from usock_lint.i18n import say


@on(Call, Socket, "makefile")
def call(use: Call) -> Iterator[Report]:
    if use.arguments:
        return
    bytes_there = behaving(use.site.live, "makefile.default_mode", "bytes")
    message = say('makefile() gives text on CPython and unix, and bytes {where}; write makefile("rb")')
    change = replace(use.node, f'{use.site.code(use.node.func)}("rb")')
    yield Report(use.node, bytes_there, message, "", repair=Repair(say("Name the mode"), (change,), "unsafe"))

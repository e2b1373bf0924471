from __future__ import annotations

from collections.abc import Iterator

from usock_lint import ports
from usock_lint.checks import Report, on
from usock_lint.fixes import Repair, replace
from usock_lint.language import say
from usock_lint.model.atoms import Socket
from usock_lint.model.uses import Call


@on(Call)
def call(use: Call) -> Iterator[Report]:
    if not use.of(Socket, "makefile") or use.arguments:
        return
    answers = {cell: ports.behaviour(cell, "makefile") for cell in use.site.live}
    bytes_there = frozenset(cell for cell, answer in answers.items() if answer and answer["default_mode"] == "bytes")
    message = say('makefile() gives bytes {where}, and text on CPython and unix; write makefile("rb")')
    change = replace(use.node, f'{use.site.code(use.node.func)}("rb")')
    yield Report(use.node, bytes_there, message, "", repair=Repair(say("Name the mode"), (change,), "unsafe"))

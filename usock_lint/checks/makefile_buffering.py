from __future__ import annotations

from collections.abc import Iterator

from usock_lint import ports
from usock_lint.checks import Report, on
from usock_lint.fixes import Repair, without_arguments
from usock_lint.language import say
from usock_lint.model.atoms import Socket
from usock_lint.model.uses import Argument, Call
from usock_lint.model.values import constants


@on(Call)
def call(use: Call) -> Iterator[Report]:
    buffering = use.positional(1) if use.of(Socket, "makefile") else None
    if buffering is None:
        return
    for size, cells in constants(buffering.value, int, use.site.live):
        if size != 0:
            answers = {cell: ports.behaviour(cell, "makefile") for cell in cells}
            ignored = frozenset(cell for cell, answer in answers.items() if answer and answer["buffering"] == "ignored")
            message = say("makefile ignores its buffering {where}; leave it out, or write 0")
            yield Report(buffering.node, ignored, message, raises="", repair=_without(use, buffering, size))


def _without(use: Call, buffering: Argument, size: int) -> Repair | None:
    """Negative sizes are CPython's default; any other is one that CPython heeds."""
    if len(use.arguments) > 2:
        return None
    change = without_arguments(use.site, use.node, [buffering.node])
    return Repair(say("Drop the buffering"), (change,), "safe" if size < 0 else "unsafe")

from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.domain.operations import constants
from usock_lint.analysis.domain.values import Socket
from usock_lint.analysis.uses import Argument, Call
from usock_lint.checks import Report, behaving, on
from usock_lint.checks._repairs import Repair, without_arguments
from usock_lint.i18n import say


@on(Call, Socket, "makefile")
def call(use: Call) -> Iterator[Report]:
    buffering = use.positional(1)
    if buffering is None:
        return
    for size, cells in constants(buffering.value, int, use.site.live):
        if size != 0:
            ignored = behaving(cells, "makefile.buffering", "ignored")
            message = say("makefile ignores its buffering {where}; leave it out, or write 0")
            yield Report(buffering.node, ignored, message, raises="", repair=_without(use, buffering, size))


def _without(use: Call, buffering: Argument, size: int) -> Repair | None:
    """Leave the buffering out: safe for a negative one, which is CPython's default; CPython heeds any other."""
    if len(use.arguments) > 2:
        return None
    change = without_arguments(use.site, use.node, [buffering.node])
    return Repair(say("Drop the buffering"), (change,), "safe" if size < 0 else "unsafe")

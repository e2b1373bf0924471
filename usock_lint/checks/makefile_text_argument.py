from __future__ import annotations

from collections.abc import Iterator

from usock_lint import ports
from usock_lint.analysis.domain.values import Socket
from usock_lint.analysis.uses import Call
from usock_lint.checks import Report, on
from usock_lint.checks._repairs import Repair, without_arguments
from usock_lint.i18n import say

_TEXT = ("encoding", "errors", "newline")


@on(Call, Socket, "makefile")
def call(use: Call) -> Iterator[Report]:
    if any(one.star for one in use.arguments):
        return
    named = [one for one in use.arguments if one.keyword in _TEXT]
    surplus = [one for one in use.arguments if one.keyword is None][2:]
    if not named and not surplus:
        return
    given = len(surplus) + 2
    answers = {cell: ports.behaviour(cell, "makefile") for cell in use.site.live}
    cells = frozenset(cell for cell, one in answers.items() if one and (named or one["arguments"] < given))
    first = (named or surplus)[0]
    change = without_arguments(use.site, use.node, [one.node for one in (*named, *surplus)])
    what = f"`{first.keyword}`" if first.keyword else say("more than mode and buffering")
    message = say("makefile does not take {what} {where}; its streams are binary", what=what)
    yield Report(
        first.node, cells, message, "TypeError", repair=Repair(say("Drop the text arguments"), (change,), "unsafe")
    )

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from usock_lint import ports
from usock_lint.analysis.domain.operations import atoms, constant, constants
from usock_lint.analysis.domain.values import Cells, Socket
from usock_lint.analysis.uses import Argument, Call
from usock_lint.checks import Report, behaving, on
from usock_lint.checks._repairs import Repair, replace
from usock_lint.i18n import Field, say

# By the behaviour `settimeout_negative`. If a line has several of these effects, the message is for the first of them.
_EFFECTS = {
    "expires at once": say("a negative timeout expires at once {where}; None waits for ever"),
    "undefined": say("a negative timeout is undefined {where}; None waits for ever"),
    "denied": say("a negative timeout is not allowed {where}; None waits for ever"),
}


@on(Call, Socket, "settimeout")
def timeout(use: Call) -> Iterator[Report]:
    given = use.positional(0)
    if given is None:
        return
    found = [(constant(atom), cells) for atom, cells in atoms(given.value, use.site.live)]
    negative = {cell for number, cells in found if type(number) in (int, float) and number < 0 for cell in cells}
    effects = {cell: ports.behaviour(cell, "settimeout_negative") for cell in negative}
    cells = frozenset(cell for cell in effects if effects[cell] in _EFFECTS)
    for effect in [one for one in _EFFECTS if one in effects.values()][:1]:
        yield Report(given.node, cells, _EFFECTS[effect], "")


@on(Call, Socket, "listen")
def backlog(use: Call) -> Iterator[Report]:
    given = use.positional(0)
    if given is None:
        return
    for number, cells in constants(given.value, int, use.site.live):
        if number < 0:
            yield _negative(given, cells)
        elif number > 1:
            yield from _cut(given, number, cells)


def _negative(given: Argument, cells: Cells) -> Report:
    passed = behaving(cells, "listen_negative_backlog", "passed on")
    written = given.node.value
    literal = isinstance(written, cst.UnaryOperation) and isinstance(written.expression, cst.Integer)
    repair = Repair(say("Listen with 0"), (replace(written, "0"),)) if literal else None
    return Report(
        given.node, passed, say("a negative backlog is passed on as it is {where}; give 0"), "", repair=repair
    )


def _cut(given: Argument, number: int, cells: Cells) -> Iterator[Report]:
    most = {cell: ports.behaviour(cell, "listen_max_backlog") for cell in cells}
    # With a maximum of 1 one connection waits, whatever is asked for.
    cut = frozenset(cell for cell in cells if most[cell] and 1 < most[cell] < number)
    if cut:
        # The limit is 255 on all of them: extmod/modlwip.c keeps the low eight bits of the number.
        limit = max(most[cell] for cell in cut)
        left: Field = (number & limit) or say("0, and accept() returns no usable socket")
        yield Report(
            given.node,
            cut,
            say(
                "a backlog of {number} is cut to {left} {where}; give at most {limit}",
                number=number,
                left=left,
                limit=limit,
            ),
            "",
        )

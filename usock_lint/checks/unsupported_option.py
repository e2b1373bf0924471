from __future__ import annotations

from collections.abc import Iterator

from usock_lint import ports
from usock_lint.analysis.domain.values import Cells, Socket
from usock_lint.analysis.uses import Argument, Call
from usock_lint.checks import Report, behaving, on
from usock_lint.checks._options import CALLBACK, Option, is_foreign, is_integer, meant, options
from usock_lint.i18n import say


@on(Call, Socket, "setsockopt")
def call(use: Call) -> Iterator[Report]:
    given = use.positional(1)
    if given is None:
        return
    deaf = behaving(use.site.live, "setsockopt_effect", "nothing")
    if deaf:
        yield Report(use.node, deaf, say("whatever the option, setsockopt does nothing {where}"), "")
    for option, cells in options(use, 1, behaving(use.site.live, "setsockopt_effect", "table")):
        yield from _ignored(given, option, cells)
        yield from _mistaken(use, given, option, cells)
        yield from _rejected(given, option, cells)


def _ignored(given: Argument, option: Option, cells: Cells) -> Iterator[Report]:
    # hard-coded-constant reports another port's number for an option that this port has, too.
    missing = frozenset(cell for cell in cells if not (meant(cell, option) or is_foreign(cell, option)))
    if missing and option != CALLBACK:
        yield Report(
            given.node,
            missing,
            say("setsockopt ignores option {option} {where}; it only prints a warning", option=option),
            "",
        )


def _mistaken(use: Call, given: Argument, option: Option, cells: Cells) -> Iterator[Report]:
    """Report a number that belongs to IPPROTO_TCP: a port that ignores the level takes it for another option."""
    levels = {level for level, _ in options(use, 0, cells)}
    if isinstance(option, str) or not levels or levels - {"IPPROTO_TCP", 6}:
        return
    taken = {cell: name for cell in cells if (name := meant(cell, option)) and not name.startswith("TCP_")}
    for name in sorted(set(taken.values())):
        there = frozenset(cell for cell in taken if taken[cell] == name)
        message = say(
            "option {option} of IPPROTO_TCP is taken for {name} {where}; the level is ignored",
            option=option,
            name=name,
        )
        yield Report(given.node, there, message, "" if is_integer(name) else "TypeError")


def _rejected(given: Argument, option: Option, cells: Cells) -> Iterator[Report]:
    """Report a membership where the port knows the option, but takes no value of any length for it."""
    broken = frozenset(
        cell
        for cell in cells
        if (meant(cell, option) or "").endswith("_MEMBERSHIP") and ports.behaviour(cell, "membership_bytes") is None
    )
    if broken:
        yield Report(
            given.node,
            broken,
            say("setsockopt rejects {option} {where} (ValueError){documented}", option=option),
            "ValueError",
        )

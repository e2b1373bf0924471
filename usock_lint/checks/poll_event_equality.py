from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from usock_lint.analysis.domain.operations import constant
from usock_lint.analysis.domain.values import Member, Module, PollEvents, Value
from usock_lint.analysis.heuristics import leaves, statements
from usock_lint.analysis.uses import Operation
from usock_lint.checks import Report, behaving, on
from usock_lint.i18n import say


@on(Operation, cst.Equal)
def compared(use: Operation) -> Iterator[Report]:
    for events, flag in ((use.left, use.right), (use.right, use.left)):
        if events == frozenset({PollEvents()}) and _is_flag(flag) and not _is_ignored(use, flag):
            message = say(
                "this comparison misses some events {where}{documented}: `poll` sets POLLHUP and POLLERR beside what "
                "was asked for, and reports at once again what was missed; test with `&`"
            )
            cells = behaving(use.site.live, "poll_hangup", True)
            yield Report(use.node, cells, message, raises="")


def _is_ignored(use: Operation, flag: Value) -> bool:
    """True if the branch for a hangup alone is to leave, so that the code after it gets all other events."""
    match use.site.path[-1]:
        case cst.If(test=test, body=body, orelse=None) if test is use.node:
            return _is_end(flag) and len(statements(body)) == 1 and leaves(body)
        case _:
            return False


def _is_end(flag: Value) -> bool:
    """True if a flag is POLLHUP or POLLERR, which `poll` sets without being asked."""
    return all(
        (isinstance(atom, Member) and atom.name in ("POLLHUP", "POLLERR")) or constant(atom) in (8, 16) for atom in flag
    )


def _is_flag(value: Value) -> bool:
    """True if a value is one flag of select, by name or by number."""
    return bool(value) and all(
        (isinstance(atom, Member) and atom.owner == Module("select")) or constant(atom) in (1, 4, 8, 16)
        for atom in value
    )

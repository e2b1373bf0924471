from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.domain.operations import atoms, constant
from usock_lint.analysis.domain.values import Member, Module
from usock_lint.analysis.uses import Argument, Call
from usock_lint.checks import Report, on
from usock_lint.checks._repairs import Repair, without_arguments
from usock_lint.i18n import say

# What each type of socket selects by itself; the numbers are IANA's and the same everywhere.
_SELECTED = {"SOCK_STREAM": ("IPPROTO_TCP", 6), "SOCK_DGRAM": ("IPPROTO_UDP", 17)}


@on(Call, Module, "socket")
def call(use: Call) -> Iterator[Report]:
    given = use.positional(2)
    if given is None:
        return
    kind = _only(use.arguments[1], use)
    protocol = _only(given, use)
    if isinstance(kind, str) and protocol in _SELECTED.get(kind, ()):
        repair = Repair(say("Leave out the protocol"), (without_arguments(use.site, use.node, [given.node]),))
        message = say("{kind} implies the protocol {where}; leave out {protocol}", kind=kind, protocol=str(protocol))
        yield Report(given.node, use.site.live, message, "", repair=repair)


def _only(argument: Argument, use: Call) -> object:
    """The constant that an argument is, by name or as a number; None for one that may be several things."""
    found = {
        atom.name if isinstance(atom, Member) else constant(atom) for atom, _ in atoms(argument.value, use.site.live)
    }
    return found.pop() if len(found) == 1 else None

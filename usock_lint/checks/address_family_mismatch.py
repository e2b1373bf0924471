from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from usock_lint.analysis.domain.operations import atoms
from usock_lint.analysis.domain.values import SockAddr, Socket
from usock_lint.analysis.uses import Call
from usock_lint.checks import Report, behaving, on
from usock_lint.checks._addresses import METHODS, address_argument
from usock_lint.checks._repairs import Repair, asking_for_ipv4
from usock_lint.i18n import say

_FAMILIES = {"AF_INET": "IPv4", "AF_INET6": "IPv6"}


@on(Call, Socket, *METHODS)
def call(use: Call) -> Iterator[Report]:
    argument = address_argument(use)
    mine = use.owner.family if isinstance(use.owner, Socket) else None
    if argument is None or mine not in _FAMILIES:
        return
    for atom, cells in atoms(argument.value, use.site.live):
        if isinstance(atom, SockAddr) and _may_differ(atom.family, mine):
            answering = behaving(cells, "getaddrinfo_result.family", "real")
            message = say("the socket is IPv4, but the address may be IPv6 {where}; ask getaddrinfo for AF_INET")
            if atom.family:
                message = say(
                    "the socket is {own}, but the address is {other} {where}; ask getaddrinfo for {family}",
                    other=_FAMILIES[atom.family],
                    own=_FAMILIES[mine],
                    family=mine,
                )
            repair = None if atom.family else _repair(use, argument.node.value)
            failing = behaving(answering, "ipv6", "full", "open")
            yield Report(argument.node.value, failing, message, "OSError", repair=repair)


def _may_differ(family: str | None, mine: str) -> bool:
    """True if an address may be of another family than the socket: one that was requested for any ("") may be IPv6."""
    return mine == "AF_INET" if family == "" else family in _FAMILIES and family != mine


def _repair(use: Call, node: cst.BaseExpression) -> Repair | None:
    """Ask for IPv4; None if getaddrinfo is not called in the argument itself."""
    while isinstance(node, cst.Subscript):
        node = node.value
    return asking_for_ipv4(node, use.module) if use.module else None

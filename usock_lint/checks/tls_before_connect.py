from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.domain.operations import FALSE, TRUE, constant
from usock_lint.analysis.uses import Wrapped
from usock_lint.checks import Report, on
from usock_lint.checks._tls import shakes_hands
from usock_lint.i18n import say
from usock_lint.ports import tls


@on(Wrapped)
def wrapped(use: Wrapped) -> Iterator[Report]:
    if use.state.connected != FALSE or use.owner.type != "SOCK_STREAM" or not shakes_hands(use):
        return
    listening = use.state.listening == TRUE
    cells = frozenset(
        cell for cell in use.site.live if tls.shakes_hands_at_once(cell, server_side=_may_be_true(use, "server_side"))
    )
    if listening:
        message = say("a listening socket cannot be wrapped {where}; wrap what its `accept` gives")
    else:
        message = say(
            "wrapping a socket that is not connected yet raises OSError {where}; call `connect` on the plain socket "
            "first"
        )
    yield Report(use.node, cells, message, "OSError")


def _may_be_true(use: Wrapped, keyword: str) -> bool:
    """True if an argument that is given by this keyword, or any that is given by position, may be true."""
    given = [one for one in use.arguments[1:] if one.keyword in (keyword, None)]
    return any({constant(atom) for atom in one.value} != {False} for one in given)

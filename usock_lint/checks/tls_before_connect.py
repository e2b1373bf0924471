from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.domain.operations import FALSE, TRUE, constant
from usock_lint.analysis.uses import Argument, Wrapped
from usock_lint.checks import Report, on
from usock_lint.i18n import say
from usock_lint.ports import tls

_HANDSHAKE = frozenset({"do_handshake", "do_handshake_on_connect"})


@on(Wrapped)
def wrapped(use: Wrapped) -> Iterator[Report]:
    if use.state.connected != FALSE or use.owner.type != "SOCK_STREAM" or not _shakes_hands(use):
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


def _shakes_hands(use: Wrapped) -> bool:
    """True if no argument puts the handshake off, or may do so because it is not known."""
    return not any(one.star or _puts_off(one) for one in use.arguments)


def _puts_off(argument: Argument) -> bool:
    return argument.keyword in _HANDSHAKE and {constant(atom) for atom in argument.value} != {True}


def _may_be_true(use: Wrapped, keyword: str) -> bool:
    """True if an argument that is given by this keyword, or any that is given by position, may be true."""
    given = [one for one in use.arguments[1:] if one.keyword in (keyword, None)]
    return any({constant(atom) for atom in one.value} != {False} for one in given)

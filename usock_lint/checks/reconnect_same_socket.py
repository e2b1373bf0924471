from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from usock_lint.analysis.domain.operations import FALSE, NO_CELLS, TRUE, atoms, const
from usock_lint.analysis.domain.values import Socket
from usock_lint.analysis.uses import Call
from usock_lint.checks import Report, behaving, on
from usock_lint.i18n import say

_WAITING: Final = const("waiting")


@on(Call, Socket, "connect")
def call(use: Call) -> Iterator[Report]:
    if not _is_tcp(use):
        return
    found = [*atoms(use.state.failed, use.site.live)]
    if any(atom not in TRUE | FALSE | _WAITING for atom, _ in found):
        return  # something is unknown
    if any(atom in _WAITING for atom, _ in found):
        yield from _not_waited_for(use)
        return
    again = NO_CELLS.union(*(cells for atom, cells in found if atom in TRUE))
    cells = behaving(again, "connect_after_failure", "EBADF", "ENOTCONN", "EALREADY")
    # `raises=""`: a handler around this call is no guard, because it is what tries again with the same socket.
    message = say("a socket whose `connect` failed cannot connect again {where}; make a new socket")
    yield Report(use.node, cells, message, raises="")


def _not_waited_for(use: Call) -> Iterator[Report]:
    # On unix and zephyr the call succeeds once the connection is made; of network chips it is not known.
    cells = behaving(use.site.live, "connect_after_failure", "EBADF", "ENOTCONN")
    message = say(
        "calling a non-blocking `connect` again never succeeds {where}: it raises EALREADY, then EISCONN; poll "
        "for POLLOUT"
    )
    yield Report(use.node, cells, message, raises="")


def _is_tcp(use: Call) -> bool:
    owner = use.owner
    return isinstance(owner, Socket) and owner.type == "SOCK_STREAM" and owner.family in ("AF_INET", "AF_INET6")

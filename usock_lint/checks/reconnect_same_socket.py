from __future__ import annotations

from collections.abc import Iterator

from usock_lint import ports
from usock_lint.checks import Report, on
from usock_lint.language import say
from usock_lint.model.atoms import Socket
from usock_lint.model.uses import Call
from usock_lint.model.values import FALSE, TRUE


@on(Call)
def call(use: Call) -> Iterator[Report]:
    if not use.of(Socket, "connect") or not _is_again(use) or not _is_tcp(use):
        return
    broken = {"EBADF", "ENOTCONN"}
    cells = frozenset(cell for cell in use.site.live if ports.behaviour(cell, "connect_after_failure") in broken)
    # A handler around is what tries again: it makes nothing better.
    message = say("a socket whose `connect` failed cannot connect again {where}; make a new socket")
    yield Report(use.node, cells, message, raises="")


def _is_again(use: Call) -> bool:
    """Whether a path leads here from a connect that failed, and nothing is unknown."""
    return TRUE <= use.state.failed <= TRUE | FALSE


def _is_tcp(use: Call) -> bool:
    owner = use.owner
    return isinstance(owner, Socket) and owner.type == "SOCK_STREAM" and owner.family in ("AF_INET", "AF_INET6")

from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.domain.operations import FALSE, TRUE, const
from usock_lint.analysis.domain.values import Socket
from usock_lint.analysis.uses import Call
from usock_lint.checks import Report, behaving, on
from usock_lint.i18n import say


@on(Call, Socket, "connect")
def call(use: Call) -> Iterator[Report]:
    if not _is_again(use) or not _is_tcp(use):
        return
    if const("waiting") <= use.state.failed:
        yield from _not_waited_for(use)
        return
    cells = behaving(use.site.live, "connect_after_failure", "EBADF", "ENOTCONN", "EALREADY")
    # `raises=""`: a handler around this call is no guard, because it is what tries again with the same socket.
    message = say("a socket whose `connect` failed cannot connect again {where}; make a new socket")
    yield Report(use.node, cells, message, raises="")


def _is_again(use: Call) -> bool:
    """True if a path leads here from a connect that failed, and nothing is unknown."""
    failed = use.state.failed
    return failed != FALSE and failed <= TRUE | FALSE | const("waiting")


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

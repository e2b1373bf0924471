from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.domain.operations import constant
from usock_lint.analysis.domain.values import Socket
from usock_lint.analysis.uses import Call
from usock_lint.checks import Report, behaving, on
from usock_lint.i18n import say


@on(Call, Socket, "connect")
def call(use: Call) -> Iterator[Report]:
    if isinstance(use.owner, Socket) and use.owner.type == "SOCK_STREAM" and _is_set(use):
        message = say(
            "`connect` waits until TCP gives up {where}: it does not heed the timeout; "
            "connect without blocking and poll for POLLOUT"
        )
        yield Report(use.node, behaving(use.site.live, "connect_timeout", "ignored"), message, raises="")


def _is_set(use: Call) -> bool:
    timeouts = [constant(atom) for atom in use.state.timeout]
    return bool(timeouts) and all(isinstance(one, int | float) and one > 0 for one in timeouts)

from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.domain.operations import FALSE, const
from usock_lint.analysis.domain.typestate import LEFT_OPEN
from usock_lint.analysis.uses import LeakedStream
from usock_lint.checks import Report, on
from usock_lint.i18n import say


@on(LeakedStream)
def leaked(use: LeakedStream) -> Iterator[Report]:
    # The possibilities of `closed`: nothing closes it on some path, and on no path more than `close` is called.
    if FALSE <= use.closed <= LEFT_OPEN:
        message = say("this connection is left open {where}; await wait_closed on each path, or in a `finally`")
    elif use.closed == const("closing"):
        message = say("this connection stays open {where}: `close` does nothing; await wait_closed after it")
    else:
        return
    yield Report(use.node, use.site.live, message, raises="")

from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.domain.operations import FALSE
from usock_lint.analysis.uses import Leaked, LostOnError, Overwritten
from usock_lint.checks import Report, on
from usock_lint.i18n import say


@on(Leaked)
def leaked(use: Leaked) -> Iterator[Report]:
    if use.closed == FALSE:
        message = say("this socket is left open {where}; close it on each path, or in a finally clause")
        yield Report(use.node, use.site.live, message, raises="")


@on(LostOnError)
def lost(use: LostOnError) -> Iterator[Report]:
    message = say("if `{name}` fails, this socket is left open {where}; close it in a finally clause", name=use.name)
    yield Report(use.node, use.site.live, message, raises="")


@on(Overwritten)
def overwritten(use: Overwritten) -> Iterator[Report]:
    again = say(
        "when `{name}` runs again, the socket before this one is left open {where}; close that one first",
        name=use.name,
    )
    dropped = say("`{name}` drops this socket and leaves it open {where}; close it before", name=use.name)
    yield Report(use.node, use.site.live, dropped if use.dropped else again, raises="")

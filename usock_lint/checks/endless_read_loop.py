from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.uses import EndlessLoop
from usock_lint.checks import Report, on
from usock_lint.i18n import say


@on(EndlessLoop)
def endless(use: EndlessLoop) -> Iterator[Report]:
    message = say(
        "once the other side has closed, this loop never ends {where}: each `{name}` returns at once, with "
        "nothing; leave the loop when nothing was read",
        name=use.name,
    )
    yield Report(use.node, use.site.live, message, raises="")

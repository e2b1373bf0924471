from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.uses import Undrained
from usock_lint.checks import Report, on
from usock_lint.i18n import say


@on(Undrained)
def undrained(use: Undrained) -> Iterator[Report]:
    message = say("what this `write` did not send at once is lost {where}; await drain before the connection ends")
    yield Report(use.node, use.site.live, message, raises="")

from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.uses import UncheckedEnd
from usock_lint.checks import Report, on
from usock_lint.i18n import say


@on(UncheckedEnd)
def taken(use: UncheckedEnd) -> Iterator[Report]:
    message = say(
        'once the other side has closed, `{name}` gives b"", for which this raises {error} {where}; look at it first',
        error=use.raises,
        name=use.name,
    )
    yield Report(use.node, use.site.live, message, raises="")

from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.uses import ReadOnce
from usock_lint.checks import Report, on
from usock_lint.i18n import say


@on(ReadOnce)
def taken(use: ReadOnce) -> Iterator[Report]:
    message = say(
        "one `{name}` gives what has come so far, maybe a part of the message {where}; read on until it is whole",
        name=use.owner.method,
    )
    yield Report(use.node, use.site.live, message, raises="")

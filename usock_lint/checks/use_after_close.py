from __future__ import annotations

from collections.abc import Iterator

from usock_lint.checks import Report, on
from usock_lint.checks._closed import closed_by
from usock_lint.language import say
from usock_lint.model.uses import Call


@on(Call)
def call(use: Call) -> Iterator[Report]:
    if closed_by(use, "socket"):
        message = say(
            "`{name}` fails {where}: the socket is closed by then; close it last, or make a new one", name=use.name
        )
        yield Report(use.node, use.site.live, message, raises="OSError")

from __future__ import annotations

from collections.abc import Iterator

from usock_lint.checks import Report, on
from usock_lint.checks._closed import closed_by
from usock_lint.model.uses import Call


@on(Call)
def call(use: Call) -> Iterator[Report]:
    if closed_by(use, "socket"):
        message = f"`{use.name}` fails {{where}}: the socket is closed by then; close it last, or make a new one"
        yield Report(use.node, use.site.live, message, raises="OSError")

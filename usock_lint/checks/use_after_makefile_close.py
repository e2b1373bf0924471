from __future__ import annotations

from collections.abc import Iterator

from usock_lint import ports
from usock_lint.checks import Report, on
from usock_lint.checks._closed import closed_by
from usock_lint.language import say
from usock_lint.model.uses import Call


@on(Call)
def call(use: Call) -> Iterator[Report]:
    if closed_by(use, "file"):
        cells = frozenset(cell for cell in use.site.live if ports.behaviour(cell, "makefile_close") == "closes")
        message = say(
            "`{name}` fails {where}: closing the file has closed the socket; close the file last", name=use.name
        )
        yield Report(use.node, cells, message, raises="OSError")

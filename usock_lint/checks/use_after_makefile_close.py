from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.domain.operations import const
from usock_lint.analysis.domain.values import File, Socket
from usock_lint.analysis.uses import Call
from usock_lint.checks import Report, behaving, on
from usock_lint.checks._closed import METHODS
from usock_lint.i18n import say

_BY_FILE = const("file")


@on(Call, Socket, File, *METHODS)
def call(use: Call) -> Iterator[Report]:
    if use.state.closed == _BY_FILE:
        cells = behaving(use.site.live, "makefile_close", "closes")
        message = say(
            "`{name}` fails {where}: closing the file has closed the socket; close the file last", name=use.name
        )
        yield Report(use.node, cells, message, raises="OSError")

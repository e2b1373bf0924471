from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.domain.operations import const
from usock_lint.analysis.domain.values import File, Socket
from usock_lint.analysis.uses import Call
from usock_lint.checks import Report, on
from usock_lint.checks._closed import METHODS
from usock_lint.i18n import say

_BY_SOCKET = const("socket")


@on(Call, Socket, File, *METHODS)
def call(use: Call) -> Iterator[Report]:
    if use.state.closed == _BY_SOCKET:
        message = say(
            "`{name}` fails {where}: the socket is closed by then; close it last, or make a new one", name=use.name
        )
        yield Report(use.node, use.site.live, message, raises="OSError")

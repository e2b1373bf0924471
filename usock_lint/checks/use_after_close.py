from __future__ import annotations

from collections.abc import Iterator

from usock_lint.checks import Report, on
from usock_lint.checks._closed import METHODS
from usock_lint.language import say
from usock_lint.model.atoms import File, Socket
from usock_lint.model.uses import Call
from usock_lint.model.values import const

_BY_SOCKET = const("socket")


@on(Call, Socket, File, *METHODS)
def call(use: Call) -> Iterator[Report]:
    if use.state.closed == _BY_SOCKET:
        message = say(
            "`{name}` fails {where}: the socket is closed by then; close it last, or make a new one", name=use.name
        )
        yield Report(use.node, use.site.live, message, raises="OSError")

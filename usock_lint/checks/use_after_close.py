from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from usock_lint.analysis.domain.operations import TRUE, const
from usock_lint.analysis.domain.values import File, Socket
from usock_lint.analysis.uses import Call
from usock_lint.checks import Report, on
from usock_lint.checks._closed import METHODS
from usock_lint.i18n import say

_BY_SOCKET = const("socket")
_LOOPS = (cst.For, cst.While)


@on(Call, Socket, File, *METHODS)
def call(use: Call) -> Iterator[Report]:
    if use.state.closed == _BY_SOCKET:
        message = say(
            "`{name}` fails {where}: the socket is closed by then; close it last, or make a new one", name=use.name
        )
        yield Report(use.node, use.site.live, message, raises="OSError")
    elif use.state.spent_in_loop == TRUE and _is_in_each_turn(use.site.path):
        message = say(
            "from the second turn of the loop on `{name}` fails {where}: the turn before has closed the socket; make a "
            "new one in each turn",
            name=use.name,
        )
        # `raises=""`: a handler around this call is no guard, because it keeps the loop going with the closed socket.
        yield Report(use.node, use.site.live, message, raises="")


def _is_in_each_turn(path: tuple[cst.CSTNode, ...]) -> bool:
    """True if no condition stands between the loop and the statement: one might hold in the first turn only."""
    innermost = max(index for index, one in enumerate(path) if isinstance(one, _LOOPS))
    return not any(isinstance(one, cst.If) for one in path[innermost:])

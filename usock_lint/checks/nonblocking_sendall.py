from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from usock_lint.analysis.domain.operations import const, constant
from usock_lint.analysis.domain.values import Socket
from usock_lint.analysis.uses import Argument, Call
from usock_lint.checks import Report, behaving, on
from usock_lint.i18n import say

# Bytes that a socket which has sent nothing yet takes at once on every port: less than one segment of TCP.
_SHORT = 500


@on(Call, Socket, "sendall")
def sent(use: Call) -> Iterator[Report]:
    first = use.positional(0)
    if use.state.timeout != const(0) or first is None or _is_short(first):
        return
    cells = behaving(use.site.live, "sendall.short_write", "loops", "OSError")
    message = say(
        "`sendall` of a non-blocking socket raises OSError if the data does not fit at once {where}; nothing tells "
        "how much was sent: use send and its result, or let the socket block"
    )
    yield Report(use.node, cells, message, raises="OSError")


@on(Call, Socket, "write")
def written(use: Call) -> Iterator[Report]:
    first = use.positional(0)
    if use.state.timeout != const(0) or not use.ignored or first is None or _is_short(first):
        return
    cells = behaving(use.site.live, "would_block.write", "None")
    message = say(
        "`write` of a non-blocking socket sends what fits and gives how much that was, or None {where}; the rest is "
        "lost: look at its result"
    )
    yield Report(use.node, cells, message, raises="")


def _is_short(argument: Argument) -> bool:
    """True if the data is known to be short: a constant, or made of a few numbers."""
    match argument.node.value:
        case cst.Call(func=cst.Attribute(attr=cst.Name(value="pack" | "to_bytes")) | cst.Name(value="chr" | "pack")):
            return True
        case cst.Call(func=cst.Name(value="bytes" | "bytearray"), args=[cst.Arg(value=cst.List() | cst.Tuple())]):
            return True
        case _:
            found = [constant(atom) for atom in argument.value]
            return all(isinstance(one, bytes | str) and len(one) <= _SHORT for one in found)

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from usock_lint import ports
from usock_lint.analysis.domain.operations import FALSE, atoms, constants
from usock_lint.analysis.domain.values import Cells, SockAddr, Socket
from usock_lint.analysis.uses import Call
from usock_lint.checks import Report, on
from usock_lint.checks._addresses import address, address_argument
from usock_lint.checks._repairs import Change, Edge, Repair
from usock_lint.i18n import say


@on(Call, Socket, "bind")
def call(use: Call) -> Iterator[Report]:
    stream = isinstance(use.owner, Socket) and use.owner.type == "SOCK_STREAM"
    if stream and use.state.reusing == FALSE and _is_fixed(use):
        message = say("`bind` fails for a while after a restart {where}; set SO_REUSEADDR before")
        yield Report(use.node, _having(use.site.live), message, raises="OSError", repair=_repair(use))


def _is_fixed(use: Call) -> bool:
    """True if the port may be a known one other than 0, which asks for any free port."""
    found, argument = address(use), address_argument(use)
    if found is not None:
        return any(port for port, _ in constants(found.port, int, use.site.live))
    resolved = [atom for atom, _ in atoms(argument.value, use.site.live)] if argument is not None else []
    return any(isinstance(atom, SockAddr) and atom.port for atom in resolved)


def _having(cells: Cells) -> Cells:
    """The cells that have the option, without the documentation, which does not say what happens if it is not set."""
    return frozenset(cell for cell in cells if cell.port != "docs" and ports.has(cell, "module", "SO_REUSEADDR"))


def _repair(use: Call) -> Repair | None:
    if not use.module or not use.ignored or not isinstance(use.node.func, cst.Attribute):
        return None
    socket = use.site.code(use.node.func.value)
    statement = f"{socket}.setsockopt({use.module}.SOL_SOCKET, {use.module}.SO_REUSEADDR, 1)"
    start = Edge(use.site.path[-1], "outer_start")
    text = statement + (use.site.newline if use.site.alone else "; ")
    return Repair(say("Set SO_REUSEADDR before"), (Change(start, start, text),))

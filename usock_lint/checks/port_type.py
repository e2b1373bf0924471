from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from usock_lint import ports
from usock_lint.analysis.domain.values import Socket
from usock_lint.analysis.uses import Call
from usock_lint.checks import Report, on
from usock_lint.checks._addresses import METHODS, Address, address, is_decimal, known_constants, number_of
from usock_lint.checks._repairs import Repair, replace
from usock_lint.i18n import say


@on(Call, Socket, *METHODS)
def call(use: Call) -> Iterator[Report]:
    found = address(use)
    if found is None:
        return
    for port, cells in known_constants(found.port, use.site.live, str, float):
        failing = frozenset(cell for cell in cells if _fails(cell, use.name, port))
        number = number_of(port)
        message = say(
            "{port!r} is not a port {where}: a port is an int; write {number}",
            port=port,
            number=number or say("its number"),
        )
        node = found.argument.node.value if found.parts is None else found.parts[1]
        yield Report(node, failing, message, "TypeError", repair=_repair(use, found, number))


def _fails(cell: ports.Cell, method: str, port: str | float) -> bool:
    accepted = ports.behaviour(cell, "port_type")[method]
    if accepted is None:
        return False
    return not (isinstance(port, str) and is_decimal(port) and "decimal str" in accepted)


def _repair(use: Call, found: Address, number: str) -> Repair | None:
    if found.parts is None or not number:
        return None
    port = found.parts[1]
    written = isinstance(port, cst.SimpleString | cst.Float)
    return Repair(say("Use an int"), (replace(port, number if written else f"int({use.site.code(port)})"),))

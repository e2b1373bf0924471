from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from usock_lint.analysis.domain.device import address_type
from usock_lint.analysis.domain.operations import atoms, constants
from usock_lint.analysis.domain.values import Cells, SockAddr
from usock_lint.analysis.uses import Indexed, Operation, Unpacked
from usock_lint.checks import Report, on
from usock_lint.i18n import either, say


@on(Indexed)
def index(use: Indexed) -> Iterator[Report]:
    if isinstance(use.owner, SockAddr):
        yield _report(use.node, use.owner, use.site.live, "")


@on(Unpacked)
def unpacking(use: Unpacked) -> Iterator[Report]:
    if isinstance(use.owner, SockAddr):
        yield _report(use.node, use.owner, use.site.live, "ValueError")


@on(Operation, cst.Modulo)
def formatting(use: Operation) -> Iterator[Report]:
    for text, where in constants(use.left, str, use.site.live):
        for atom, cells in atoms(use.right, where):
            if isinstance(atom, SockAddr) and text.replace("%%", "").count("%") > 1:
                yield _report(use.right_node, atom, cells, "TypeError")


def _report(node: cst.CSTNode, address: SockAddr, live: Cells, raises: str) -> Report:
    types = {cell: address_type(address.origin, cell) for cell in live}
    cells = frozenset(cell for cell in live if types[cell] not in ("tuple", None))
    found = either(sorted({str(types[cell]).replace("NoneType", "None") for cell in cells}))
    message = say(
        "an address from {origin} is {found}, not (host, port), {where}; pass it on as it is",
        origin=address.origin,
        found=found,
    )
    return Report(node, cells, message, raises)

from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.domain.operations import atoms
from usock_lint.analysis.domain.values import Anything, Cells, Socket, Tuple
from usock_lint.analysis.uses import Call
from usock_lint.checks import Report, on
from usock_lint.checks._addresses import METHODS, Address, address, taking
from usock_lint.i18n import say


@on(Call, Socket, *METHODS)
def call(use: Call) -> Iterator[Report]:
    found = address(use)
    cells = use.site.live - taking(use.site.live, "tuple")
    if found is None or not cells:
        return
    given = atoms(found.argument.value, cells)
    pairs = (where for atom, where in given if isinstance(atom, Tuple) and len(atom.items) == 2)
    resolved = found.resolved(use)
    applicability = "unsafe" if _may_be_empty(use, found) else "safe"
    repair = found.repair(use, say("Let getaddrinfo make the address"), applicability)
    message = say(
        "`{name}` takes no tuple {where}; use {address}",
        name=use.name,
        address=resolved or "getaddrinfo(host, port)[0][-1]",
    )
    yield Report(found.argument.node.value, Cells().union(*pairs), message, "TypeError", repair=repair)


def _may_be_empty(use: Call, found: Address) -> bool:
    """True if a host that is not known may be "", which bind takes and getaddrinfo does not."""
    return use.name == "bind" and any(isinstance(atom, Anything) for atom, _ in atoms(found.host, use.site.live))

from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.domain.hosts import refusing_names
from usock_lint.analysis.domain.operations import atoms
from usock_lint.analysis.domain.values import ConsoleInput, Socket
from usock_lint.analysis.uses import Call
from usock_lint.checks import Report, on
from usock_lint.checks._addresses import METHODS, address, taking
from usock_lint.i18n import say


@on(Call, Socket, *METHODS)
def call(use: Call) -> Iterator[Report]:
    found = address(use)
    if found is None:
        return
    for atom, cells in atoms(found.host, use.site.live):
        if isinstance(atom, ConsoleInput):
            message = say(
                "a host that is typed may be a name, which `{name}` does not take {where}; use {address}",
                name=use.name,
                address=found.resolved(use) or "getaddrinfo",
            )
            repair = found.repair(use, say("Resolve the name first"))
            failing, raised = refusing_names(use.name, taking(cells, "tuple"))
            yield Report(found.argument.node.value, failing, message, raised[0] if raised else "", repair=repair)

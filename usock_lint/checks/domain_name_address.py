from __future__ import annotations

import re
from collections.abc import Iterator

from usock_lint import ports
from usock_lint.analysis.domain.operations import constants
from usock_lint.analysis.domain.values import Cells, Socket
from usock_lint.analysis.uses import Call
from usock_lint.checks import Report, on
from usock_lint.checks._addresses import METHODS, Address, address, taking
from usock_lint.i18n import either, say

# What a resolver would look up: labels of letters, digits and hyphens, the last one not a number.
_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_NAME = rf"(?i)(?:{_LABEL}\.)*(?!\d+\Z){_LABEL}"

# What examples have in the place of an address that is still to be filled in.
_PLACEHOLDER = (
    r"(?i)(?:[\dxyzn]+\.)*[xyzn]+|your.*|(?:server|host|broker)?-?(?:ip|addr|address|host|hostname|server|name)"
)


@on(Call, Socket, *METHODS)
def call(use: Call) -> Iterator[Report]:
    found = address(use)
    if found is None:
        return
    for host, cells in constants(found.host, str, use.site.live):
        if re.fullmatch(_NAME, host) and not re.fullmatch(_PLACEHOLDER, host):
            yield _report(use, found, taking(cells, "tuple"))


def _report(use: Call, found: Address, cells: Cells) -> Report:
    answers = {cell: ports.behaviour(cell, "hostname")[use.name] for cell in cells}
    failing = frozenset(cell for cell, answer in answers.items() if answer not in ("resolves", None))
    raised = sorted({answers[cell] for cell in failing} - {"denied"})
    resolved = found.resolved(use)
    what = say(" ({error})", error=either(raised)) if raised else ""
    return Report(
        found.argument.node.value,
        failing,
        say(
            "`{name}` takes no domain name {where}{what}{documented}; use {address}",
            name=use.name,
            what=what,
            address=resolved or "getaddrinfo",
        ),
        raised[0] if raised else "",
        repair=found.repair(use, say("Resolve the name first")),
    )

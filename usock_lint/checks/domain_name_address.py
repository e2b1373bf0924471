from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from usock_lint.analysis.domain.hosts import is_domain_name, refusing_names
from usock_lint.analysis.domain.operations import constants
from usock_lint.analysis.domain.values import Cells, Socket
from usock_lint.analysis.uses import Call
from usock_lint.checks import Report, behaving, on
from usock_lint.checks._addresses import METHODS, Address, address, known_constants, taking
from usock_lint.checks._repairs import Repair, replace
from usock_lint.i18n import Said, either, say

_LOOPBACK = frozenset({"localhost", "localhost.localdomain", "ip6-localhost"})

# What examples have in the place of an address that is still to be filled in. One like `hostname` is for a name.
_PLACEHOLDER = r"(?i)(?:[\dxyzn]+\.)*[xyzn]+|your.*|(?:server|host|broker)?-?(?:ip|addr|address)"


@on(Call, Socket, *METHODS)
def call(use: Call) -> Iterator[Report]:
    found = address(use)
    if found is None:
        return
    for host, cells in constants(found.host, str, use.site.live):
        if is_domain_name(host) and not re.fullmatch(_PLACEHOLDER, host):
            yield _report(use, found, taking(cells, "tuple"))


def _report(use: Call, found: Address, cells: Cells) -> Report:
    failing, raised = refusing_names(use.name, cells)
    what = say(" ({error})", error=either(raised)) if raised else ""
    is_unreachable = _is_loopback(use, found) and bool(behaving(failing, "loopback", False))
    message = say(
        "`{name}` takes no domain name {where}{what}{documented}; {advice}",
        name=use.name,
        what=what,
        advice=_without_loopback(use) if is_unreachable else say("use {address}", address=_resolved(use, found)),
    )
    repair = _on_all(use, found) if is_unreachable else found.repair(use, say("Resolve the name first"))
    return Report(found.argument.node.value, failing, message, raised[0] if raised else "", repair=repair)


def _is_loopback(use: Call, found: Address) -> bool:
    """True if the host is certainly a name of the computer itself, such as `localhost`."""
    hosts = {host.lower() for host, _ in known_constants(found.host, use.site.live, str)}
    return bool(hosts) and hosts <= _LOOPBACK


def _resolved(use: Call, found: Address) -> str:
    return found.resolved(use) or "getaddrinfo"


def _without_loopback(use: Call) -> Said:
    if use.name == "bind":
        return say('bind to "0.0.0.0", as most boards have no loopback interface')
    return say("most boards have no loopback interface, so that nothing is there")


def _on_all(use: Call, found: Address) -> Repair | None:
    """Bind to every interface; None for other calls, and for a host that is not written in the call."""
    host = found.parts[0] if found.parts is not None else None
    if use.name != "bind" or not isinstance(host, cst.SimpleString):
        return None
    return Repair(say("Bind to every interface"), (replace(host, f"{host.quote}0.0.0.0{host.quote}"),), "unsafe")

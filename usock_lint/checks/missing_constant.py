from __future__ import annotations

from collections.abc import Iterator

from usock_lint import ports
from usock_lint.analysis.uses import ImportedName, ModuleName
from usock_lint.checks import Report, on
from usock_lint.checks._names import imported, named
from usock_lint.i18n import say

_ADVICE = {
    "SHUT_RD": say("; close() ends the connection"),
    "SHUT_WR": say("; close() ends the connection"),
    "SHUT_RDWR": say("; close() ends the connection"),
    "SOMAXCONN": say("; give listen() a small number"),
    "AF_UNSPEC": say("; it is 0"),
    "AI_PASSIVE": say('; bind to ("0.0.0.0", port)'),
    "INADDR_ANY": say('; the address is "0.0.0.0"'),
    "IPPROTO_UDP": say("; a socket of type SOCK_DGRAM needs no protocol"),
    "EAGAIN": say("; use the errno module"),
    "EWOULDBLOCK": say("; use EAGAIN of the errno module"),
    "EBADF": say("; use the errno module"),
}


@on(ModuleName)
def name(use: ModuleName) -> Iterator[Report]:
    if _is_constant(use.name):
        yield from named(use, _ADVICE.get(use.name, ""))


@on(ImportedName)
def import_(use: ImportedName) -> Iterator[Report]:
    if _is_constant(use.name):
        yield from imported(use, _ADVICE.get(use.name, ""))


def _is_constant(name: str) -> bool:
    return name.isupper() and not name.startswith(("_", "EAI_")) and ports.is_known(name, "module")

from __future__ import annotations

from collections.abc import Iterator

from usock_lint import ports
from usock_lint.checks import Report, on
from usock_lint.checks._names import imported, named
from usock_lint.model.uses import ImportedName, ModuleName

_ADVICE = {
    "SHUT_RD": "; close() ends the connection",
    "SHUT_WR": "; close() ends the connection",
    "SHUT_RDWR": "; close() ends the connection",
    "SOMAXCONN": "; give listen() a small number",
    "AF_UNSPEC": "; it is 0",
    "AI_PASSIVE": '; bind to ("0.0.0.0", port)',
    "INADDR_ANY": '; the address is "0.0.0.0"',
    "IPPROTO_UDP": "; a socket of type SOCK_DGRAM needs no protocol",
    "EAGAIN": "; use the errno module",
    "EWOULDBLOCK": "; use EAGAIN of the errno module",
    "EBADF": "; use the errno module",
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

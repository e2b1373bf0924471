from __future__ import annotations

from collections.abc import Iterator

from usock_lint import ports
from usock_lint.analysis.uses import ImportedName, ModuleName, Site
from usock_lint.checks import Report, on
from usock_lint.checks._names import imported, named
from usock_lint.checks._repairs import Repair, replace
from usock_lint.i18n import say

_OTHER_RULES = frozenset({"gaierror", "herror", "timeout", "error"})

_PRIVATE = frozenset({"_GLOBAL_DEFAULT_TIMEOUT"})
"""Private names that modules of CPython's library use, and programs that copy them."""

_ADVICE = {
    "_GLOBAL_DEFAULT_TIMEOUT": say("; use None"),
    "gethostbyname": say("; use getaddrinfo"),
    "gethostbyname_ex": say("; use getaddrinfo"),
    "create_connection": say("; connect to getaddrinfo(host, port)[0][-1]"),
    "create_server": say("; make a socket, bind it and listen"),
    "setdefaulttimeout": say("; call settimeout on each socket"),
    "gethostname": say("; network.hostname() has the name"),
    "inet_aton": say('; bytes(map(int, host.split("."))) is the same'),
    "inet_ntoa": say('; ".".join(map(str, address)) is the same'),
    "SocketType": say("; use socket.socket"),
    **dict.fromkeys(("htonl", "htons", "ntohl", "ntohs"), say("; struct converts the byte order")),
}


@on(ModuleName)
def name(use: ModuleName) -> Iterator[Report]:
    if _is_function(use.name):
        yield from named(use, _ADVICE.get(use.name, ""), _resolve(use))


@on(ImportedName)
def import_(use: ImportedName) -> Iterator[Report]:
    if _is_function(use.name):
        yield from imported(use, _ADVICE.get(use.name, ""))


def _is_function(name: str) -> bool:
    """True if it is a function, a class or a variable of the module, as opposed to a constant or private."""
    if name in _PRIVATE:
        return True
    return ports.is_known(name, "module") and not (name.isupper() or name.startswith("_") or name in _OTHER_RULES)


def _resolve(use: ModuleName) -> Repair | None:
    call = use.call
    if use.name != "gethostbyname" or call is None or use.module is None or not _has_hosts(use.site):
        return None
    if len(call.args) != 1 or call.args[0].star or call.args[0].keyword:
        return None
    host = use.site.code(call.args[0].value)
    found = f"{use.module}.getaddrinfo({host}, 80, {use.module}.AF_INET)[0][-1][0]"
    return Repair(say("Resolve with getaddrinfo"), (replace(call, found),))


def _has_hosts(site: Site) -> bool:
    """True if an address has the host in it on every port here, and getaddrinfo takes a family."""
    devices = [cell for cell in site.live if cell.port != "docs"]
    return all(ports.behaviour(cell, "address") == "tuple" and _takes_family(cell) for cell in devices)


def _takes_family(cell: ports.Cell) -> bool:
    arity = ports.implementation_at(cell).module["getaddrinfo"].arity(cell.release)
    return arity is not None and (arity[1] is None or arity[1] >= 3)

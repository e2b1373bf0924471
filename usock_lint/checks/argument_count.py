from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from usock_lint import ports
from usock_lint.analysis.domain.values import Cells, Module, Socket
from usock_lint.analysis.uses import Call
from usock_lint.checks import Report, on
from usock_lint.checks._counts import arguments
from usock_lint.i18n import say

# From this count on another rule explains the call better: a host and a port for an address, a text stream's options.
_ELSEWHERE = {"connect": 2, "bind": 2, "makefile": 3}

_ADVICE = {
    ("recv", 0): say("; give a size"),
    ("recvfrom", 0): say("; give a size"),
    ("listen", 0): say("; give a backlog"),
    ("getaddrinfo", 1): say("; give a port"),
    ("recv", 2): say("; leave out the flags"),
    ("recvfrom", 2): say("; leave out the flags"),
    ("send", 2): say("; leave out the flags"),
    ("sendall", 2): say("; leave out the flags"),
    ("sendto", 3): say("; leave out the flags"),
}


@on(Call, Socket, Module)
def call(use: Call) -> Iterator[Report]:
    given = use.count
    # Keyword arguments are another rule's.
    if given is None or len(use.arguments) != given or given >= _ELSEWHERE.get(use.name, given + 1):
        return
    kind = "socket" if isinstance(use.owner, Socket) else "module"
    cells = _refusing(use.site.live, kind, use.name, given)
    if not cells:
        return
    message = say(
        "`{name}` with {count} raises TypeError {where}{advice}",
        name=use.name,
        count=arguments(given),
        advice=_ADVICE.get((use.name, given), ""),
    )
    yield Report(use.node, cells, message, "TypeError")


@lru_cache(1_000)
def _refusing(cells: Cells, kind: ports.Kind, name: str, given: int) -> Cells:
    return frozenset(cell for cell in cells if _refused(cell, kind, name, given))


def _refused(cell: ports.Cell, kind: ports.Kind, name: str, given: int) -> bool:
    """True if the cell refuses the call. `docs` does only if every port does, as it omits arguments of some ports."""
    if not ports.has(cell, kind, name):
        return False
    asked = ports.implementations() if cell.port == "docs" else (ports.implementation_at(cell),)
    return not any(_takes(one, kind, name, given, cell.release) for one in asked)


def _takes(one: ports.Implementation, kind: ports.Kind, name: str, given: int, release: ports.Release) -> bool:
    known = (one.module if kind == "module" else one.members).get(name)
    if known is None:
        return False
    arity = known.arity(release)
    if arity is None:  # a vendor's own function, or a number
        return known.kind in ("function", "method", "class")
    return arity[0] <= given and (arity[1] is None or given <= arity[1])

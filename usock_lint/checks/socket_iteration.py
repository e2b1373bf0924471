from __future__ import annotations

from collections.abc import Iterator

from usock_lint import ports
from usock_lint.checks import Report, on
from usock_lint.language import say
from usock_lint.model.atoms import Socket, TlsSocket
from usock_lint.model.uses import Iterated


@on(Iterated)
def iterated(use: Iterated) -> Iterator[Report]:
    if isinstance(use.owner, Socket | TlsSocket):
        cells = frozenset(cell for cell in use.site.live if ports.behaviour(cell, "iterable") is False)
        yield Report(use.node, cells, say("sockets are not iterable {where}; read lines with readline"), "TypeError")

from __future__ import annotations

from collections.abc import Iterator

from usock_lint.checks import Report, behaving, on
from usock_lint.language import say
from usock_lint.model.atoms import Socket, TlsSocket
from usock_lint.model.uses import Iterated


@on(Iterated, Socket, TlsSocket)
def iterated(use: Iterated) -> Iterator[Report]:
    cells = behaving(use.site.live, "iterable", False)
    yield Report(use.node, cells, say("sockets are not iterable {where}; read lines with readline"), "TypeError")

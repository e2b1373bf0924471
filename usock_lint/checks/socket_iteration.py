from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.domain.values import Socket, TlsSocket
from usock_lint.analysis.uses import Iterated
from usock_lint.checks import Report, behaving, on
from usock_lint.i18n import say


@on(Iterated, Socket, TlsSocket)
def iterated(use: Iterated) -> Iterator[Report]:
    cells = behaving(use.site.live, "iterable", False)
    yield Report(use.node, cells, say("sockets are not iterable {where}; read lines with readline"), "TypeError")

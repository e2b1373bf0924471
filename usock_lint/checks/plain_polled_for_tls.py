from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.uses import PlainPolled
from usock_lint.checks import Report, on
from usock_lint.i18n import say
from usock_lint.ports import tls


@on(PlainPolled)
def polled(use: PlainPolled) -> Iterator[Report]:
    cells = frozenset(cell for cell in use.site.live if tls.buffers(cell))
    message = say(
        "waiting for the plain socket misses what TLS has decrypted already {where}; register what wrap_socket returned"
    )
    yield Report(use.node, cells, message, raises="")

from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.domain import typestate
from usock_lint.analysis.domain.values import Socket
from usock_lint.analysis.uses import Call
from usock_lint.checks import Report, on
from usock_lint.i18n import say
from usock_lint.ports import tls


@on(Call, Socket, "read", "readinto", "readline", "recv", "send", "sendall", "write")
def used(use: Call) -> Iterator[Report]:
    if not typestate.is_wrapped(use.state):
        return
    cells = frozenset(cell for cell in use.site.live if not tls.is_socket(cell))
    message = say(
        "`{name}` of the plain socket bypasses TLS {where}: it sends or reads the bytes as they are, which breaks "
        "the TLS connection; use what wrap_socket returned",
        name=use.name,
    )
    yield Report(use.node, cells, message, raises="")

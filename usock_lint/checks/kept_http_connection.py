from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.uses import KeptConnection
from usock_lint.checks import Report, on
from usock_lint.i18n import say


@on(KeptConnection)
def read(use: KeptConnection) -> Iterator[Report]:
    message = say(
        "`{name}` waits until the server closes the connection, which HTTP/1.1 keeps open {where}; send "
        "Connection: close, or HTTP/1.0",
        name=use.name,
    )
    yield Report(use.node, use.site.live, message, raises="")

from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.uses import AfterError
from usock_lint.checks import Report, on
from usock_lint.i18n import say
from usock_lint.ports import tls


@on(AfterError)
def again(use: AfterError) -> Iterator[Report]:
    cells = frozenset(cell for cell in use.site.live if tls.keeps_errors(cell))
    # `raises=""`: a handler around this call is no guard, because it is what goes on with the broken socket.
    message = say(
        "once a TLS socket has raised an error, even a timeout, each `{name}` raises the same error again "
        "{where}; close the socket and connect anew",
        name=use.name,
    )
    yield Report(use.node, cells, message, raises="")

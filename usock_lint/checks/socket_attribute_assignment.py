from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.domain.values import Socket, TlsSocket
from usock_lint.analysis.uses import Attribute
from usock_lint.checks import Report, on
from usock_lint.i18n import say


@on(Attribute, Socket, TlsSocket)
def attribute(use: Attribute) -> Iterator[Report]:
    if use.stored:
        message = say("sockets take no attributes {where}; keep `{name}` beside the socket", name=use.name)
        yield Report(use.node, use.site.live, message, "AttributeError")

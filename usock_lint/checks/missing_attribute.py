from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.domain.values import Socket
from usock_lint.analysis.uses import Attribute
from usock_lint.checks import Lacking, Report, lack, on
from usock_lint.i18n import say

_ADVICE = {
    "family": say("keep what the socket was made with"),
    "type": say("keep what the socket was made with"),
    "proto": say("keep what the socket was made with"),
    "timeout": say("keep what settimeout was given"),
}


@on(Attribute, Socket, *_ADVICE)
def attribute(use: Attribute) -> Iterator[Report]:
    if not use.stored:
        wanted = Lacking("socket", use.name)
        message = say("sockets have no `{name}` {where}; {advice}", name=use.name, advice=_ADVICE[use.name])
        yield Report(use.node, lack(use.site.live, wanted), message, "AttributeError", wanted.is_had)

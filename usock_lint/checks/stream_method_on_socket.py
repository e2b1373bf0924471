from __future__ import annotations

from collections.abc import Iterator

from usock_lint import ports
from usock_lint.analysis.domain.values import Socket
from usock_lint.analysis.uses import Attribute
from usock_lint.checks import Report, on
from usock_lint.i18n import say

_ADVICE = {"write": say("sendall, or makefile")}


@on(Attribute, Socket, *ports.MICROPYTHON_SOCKET)
def member(use: Attribute) -> Iterator[Report]:
    micropython_only = use.site.micropython_only or (isinstance(use.owner, Socket) and use.owner.micropython_only)
    if not use.stored and not micropython_only:
        instead = _ADVICE.get(use.name, 'makefile("rb")')
        message = say("CPython's sockets have no `{name}`; use {instead}", name=use.name, instead=instead)
        yield Report(use.node, use.site.live, message, "AttributeError")

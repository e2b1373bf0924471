from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.domain.values import File, Socket, TlsSocket
from usock_lint.analysis.uses import Call
from usock_lint.checks import Report, on
from usock_lint.checks._bytes import as_bytes, where_str
from usock_lint.checks._repairs import Repair, replace
from usock_lint.i18n import say

_METHODS = ("send", "sendall", "sendto", "write")


@on(Call, Socket, TlsSocket, File, *_METHODS)
def call(use: Call) -> Iterator[Report]:
    data = use.positional(0)
    in_text = isinstance(use.owner, File) and not use.owner.binary
    if in_text or data is None or use.site.micropython_only:
        return
    literal = as_bytes(data.node.value)
    repair = None if literal is None else Repair(say("Send bytes"), (replace(data.node.value, literal),))
    advice = literal if literal is not None and len(literal) < 40 else say("bytes")
    cells = where_str(data.value, use.site.live)
    message = say(
        "`{name}` of a str raises TypeError on CPython, unlike MicroPython; send {advice}", name=use.name, advice=advice
    )
    yield Report(data.node.value, cells, message, "TypeError", repair=repair)

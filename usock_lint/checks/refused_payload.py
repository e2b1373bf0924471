from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from usock_lint.analysis.domain.types import type_of
from usock_lint.analysis.domain.values import File, Socket, TlsSocket
from usock_lint.analysis.uses import Call
from usock_lint.checks import Report, on
from usock_lint.i18n import say

_METHODS: Final = ("send", "sendall", "sendto", "write")
_REFUSED: Final = frozenset("bool dict float int list set tuple".split())


@on(Call, Socket, TlsSocket, File, *_METHODS)
def call(use: Call) -> Iterator[Report]:
    data = use.positional(0)
    kinds = {type_of(atom) for atom in data.value} if data is not None else set[str | None]()
    if data is None or not kinds or not kinds <= _REFUSED:
        return
    message = say(
        "`{name}` takes bytes; {types} raises TypeError {where}; encode it first",
        name=use.name,
        types=" / ".join(sorted(filter(None, kinds))),
    )
    # `raises=""`: a handler around this call is no guard, because it takes the TypeError for a lost connection.
    yield Report(data.node.value, use.site.live, message, raises="")

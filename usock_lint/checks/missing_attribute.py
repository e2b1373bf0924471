from __future__ import annotations

from collections.abc import Iterator

from usock_lint.checks import Lacking, Report, lack, on
from usock_lint.model.atoms import Socket
from usock_lint.model.uses import Attribute

_ADVICE = {
    "family": "keep what the socket was made with",
    "type": "keep what the socket was made with",
    "proto": "keep what the socket was made with",
    "timeout": "keep what settimeout was given",
}


@on(Attribute)
def attribute(use: Attribute) -> Iterator[Report]:
    if isinstance(use.owner, Socket) and not use.stored and use.name in _ADVICE:
        wanted = Lacking("socket", use.name)
        message = f"sockets have no `{use.name}` {{where}}; {_ADVICE[use.name]}"
        yield Report(use.node, lack(use.site.live, wanted), message, lacking=wanted)

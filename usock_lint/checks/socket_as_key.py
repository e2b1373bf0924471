from __future__ import annotations

from collections.abc import Iterator

from usock_lint import ports
from usock_lint.checks import Report, on
from usock_lint.language import say
from usock_lint.model.atoms import Socket
from usock_lint.model.uses import Hashed


@on(Hashed)
def hashed(use: Hashed) -> Iterator[Report]:
    if isinstance(use.owner, Socket):
        cells = frozenset(cell for cell in use.site.live if ports.behaviour(cell, "hashable") is False)
        message = say("sockets cannot be keys of a dict or members of a set {where}; use their id()")
        yield Report(use.node, cells, message, "TypeError")

from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.domain.values import Socket
from usock_lint.analysis.uses import Hashed
from usock_lint.checks import Report, behaving, on
from usock_lint.i18n import say


@on(Hashed, Socket)
def hashed(use: Hashed) -> Iterator[Report]:
    message = say("sockets cannot be keys of a dict or members of a set {where}; use their id()")
    yield Report(use.node, behaving(use.site.live, "hashable", False), message, "TypeError")

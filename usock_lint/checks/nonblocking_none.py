from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.uses import Unchecked
from usock_lint.checks import Report, on
from usock_lint.i18n import say

_SENDING = frozenset({"send", "sendall", "write"})


@on(Unchecked)
def unchecked(use: Unchecked) -> Iterator[Report]:
    method = use.owner.method
    if method in _SENDING:
        message = say(
            "when nothing fits, `{method}` of a non-blocking socket gives None {where}; check the result first",
            method=method,
        )
    else:
        message = say(
            "when nothing is there, `{method}` of a non-blocking socket gives None {where}; check the result first",
            method=method,
        )
    yield Report(use.node, use.site.live, message, raises=use.raises)

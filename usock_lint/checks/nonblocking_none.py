from __future__ import annotations

from collections.abc import Iterator

from usock_lint.checks import Report, on
from usock_lint.model.uses import Unchecked


@on(Unchecked)
def unchecked(use: Unchecked) -> Iterator[Report]:
    message = f"`{use.owner.method}` of a non-blocking socket gives None {{where}} when nothing is there; check before"
    yield Report(use.node, use.site.live, message, raises=use.raises)

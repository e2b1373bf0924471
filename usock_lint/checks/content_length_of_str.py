from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.uses import StrLength
from usock_lint.checks import Report, on
from usock_lint.i18n import say


@on(StrLength)
def length(use: StrLength) -> Iterator[Report]:
    message = say(
        "`{code}` counts characters {where}; Content-Length counts bytes, so that the answer is cut off if there is "
        "more than ASCII in it: give len of what `encode` returns",
        code=use.site.code(use.node),
    )
    yield Report(use.node, use.site.live, message, raises="")

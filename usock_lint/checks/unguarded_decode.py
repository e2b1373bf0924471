from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.uses import UnguardedDecode
from usock_lint.checks import Report, on
from usock_lint.i18n import say


@on(UnguardedDecode)
def decoded(use: UnguardedDecode) -> Iterator[Report]:
    message = say(
        "decoding bytes that are not UTF-8, or end within a character, raises UnicodeError {where}: it is a "
        "ValueError, not an OSError; catch it"
    )
    yield Report(use.node, use.site.live, message, raises="")

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from usock_lint.analysis import references
from usock_lint.analysis.domain.values import ARGUMENTS
from usock_lint.analysis.handlers import catches
from usock_lint.analysis.uses import Indexed
from usock_lint.checks import Report, on
from usock_lint.i18n import say

_STARTED_BY_COMMANDS: Final = frozenset({"unix"})
"""The ports whose programs are given arguments (ports/unix/main.c:412@v1.28.0)."""


@on(Indexed)
def item(use: Indexed) -> Iterator[Report]:
    if use.owner != ARGUMENTS or references.examines_arguments(use.site.module):
        return
    handlers = (one for attempt in use.site.attempts for one in attempt.node.handlers)
    if not any(catches(one, "IndexError") for one in handlers):
        cells = frozenset(cell for cell in use.site.live if cell.port not in _STARTED_BY_COMMANDS)
        text = use.site.code(use.node)
        message = say("`{text}` raises IndexError {where}: `sys.argv` is empty; write the value here", text=text)
        yield Report(use.node, cells, message, "IndexError")

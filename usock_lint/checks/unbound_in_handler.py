from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.uses import Unbound
from usock_lint.checks import Report, on
from usock_lint.i18n import say


@on(Unbound)
def unbound(use: Unbound) -> Iterator[Report]:
    message = say(
        "`{name}` raises NameError {where} if `{call}` failed{documented}: it has no value then, or, in a loop, "
        "that of the turn before; give it a value before the try",
        name=use.name,
        call=use.call,
    )
    yield Report(use.node, use.site.live, message, raises="NameError")

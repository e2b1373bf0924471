from __future__ import annotations

from collections.abc import Iterator

from usock_lint import ports
from usock_lint.analysis.domain.values import Caught
from usock_lint.analysis.uses import Attribute
from usock_lint.checks import Report, on
from usock_lint.checks._repairs import Repair, replace
from usock_lint.i18n import say

_ADVICE = {
    "strerror": say("; str() of an error has its name"),
    "winerror": say("; compare errno"),
}


@on(Attribute, Caught, "errno", *ports.MISSING_OSERROR_ATTRIBUTES)
def attribute(use: Attribute) -> Iterator[Report]:
    cells = frozenset(cell for cell in use.site.live if not ports.oserror_has(cell, use.name))
    if use.name == "errno":
        instead = f"{use.site.code(use.node.value)}.args[0]"
        message = say("errors have no `errno` {where}: it came with 1.16; use {instead}", instead=instead)
        repair = Repair(say("Use args[0]"), (replace(use.node, instead),))
        yield Report(use.node, cells, message, "AttributeError", repair=repair)
    else:
        message = say("errors have no `{name}` {where}{advice}", name=use.name, advice=_ADVICE.get(use.name, ""))
        yield Report(use.node, cells, message, "AttributeError")

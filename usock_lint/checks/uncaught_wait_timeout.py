from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from usock_lint.analysis.handlers import clause_parts
from usock_lint.analysis.uses import EscapingTimeout
from usock_lint.checks import Report, on
from usock_lint.checks._repairs import Repair, replace
from usock_lint.i18n import say
from usock_lint.syntax.nodes import within


@on(EscapingTimeout)
def timeout(use: EscapingTimeout) -> Iterator[Report]:
    written = clause_parts(use.node.type) if use.node.type is not None else []
    for one in written:
        if isinstance(one, cst.Name) and one.value == "OSError":
            message = say(
                "`{name}` raises asyncio.TimeoutError, which is not an OSError {where}: this clause does not catch it; "
                "name it too",
                name=use.name,
            )
            yield Report(one, use.site.live, message, "TimeoutError", repair=_repair(use, one))


def _repair(use: EscapingTimeout, oserror: cst.Name) -> Repair | None:
    """Name the timeout beside OSError, where the clause does not ask for the number of the error."""
    func = use.call.func
    if not isinstance(func, cst.Attribute) or not isinstance(func.value, cst.Name) or _looks_into(use):
        return None
    name = f"{func.value.value}.TimeoutError"
    names = f"OSError, {name}"
    change = replace(oserror, names if use.node.type is not oserror else f"({names})")
    return Repair(say("Catch {name} too", name=name), (change,), "unsafe")


def _looks_into(use: EscapingTimeout) -> bool:
    bound = use.node.name.name if use.node.name is not None else None
    if not isinstance(bound, cst.Name):
        return False
    looked = [one.value for one in within(use.node) if isinstance(one, cst.Attribute | cst.Subscript)]
    return any(isinstance(one, cst.Name) and one.value == bound.value for one in looked)

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import libcst as cst

from usock_lint.analysis.uses import MissingBuiltin
from usock_lint.checks import Report, on
from usock_lint.checks._repairs import Change, Edge, Repair
from usock_lint.i18n import Said, say

_LEAVE: Final = say("; raise SystemExit")

_ADVICE: Final[Mapping[str, Said]] = {
    "__doc__": say("; assign the text to a name"),
    "aiter": say("; call `__aiter__`"),
    "anext": say("; await `__anext__()`"),
    "ascii": say("; use `repr`"),
    "breakpoint": say("; leave it out"),
    "exit": _LEAVE,
    "format": say("; use `str.format`"),
    "quit": _LEAVE,
    "vars": say("; use `__dict__`"),
}


@on(MissingBuiltin)
def name(use: MissingBuiltin) -> Iterator[Report]:
    message = say("`{name}` does not exist {where}{advice}", name=use.name, advice=_ADVICE.get(use.name, ""))
    repair = _leaving(use) if use.name in ("exit", "quit") else None
    yield Report(use.node, use.site.live, message, "NameError", repair=repair)


def _leaving(use: MissingBuiltin) -> Repair | None:
    """Raise what `exit` raises, where a statement does nothing but call it."""
    statement = use.site.path[-1]
    if use.call is None or not isinstance(statement, cst.Expr) or statement.value is not use.call:
        return None
    given = use.call.args
    if any(one.star or one.keyword for one in given) or len(given) > 1:
        return None
    status = f"({use.site.code(given[0].value)})" if given else ""
    change = Change(Edge(use.call, "outer_start"), Edge(use.call, "outer_end"), f"raise SystemExit{status}")
    return Repair(say("Raise SystemExit"), (change,))

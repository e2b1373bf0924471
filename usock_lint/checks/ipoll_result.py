from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import libcst as cst

from usock_lint.analysis.domain.values import Box
from usock_lint.analysis.uses import Call
from usock_lint.checks import Report, on
from usock_lint.i18n import Said, say
from usock_lint.syntax.nodes import parents

_KEEPING: Final = frozenset("list set sorted tuple".split())

_TESTED: Final = say(
    "what `ipoll` returns is true also if nothing has happened {where}: it is the poll object; iterate over it, or use "
    "poll"
)
_COUNTED: Final = say("what `ipoll` returns has no length and no items {where}: iterate over it, or use poll")
_KEPT: Final = say(
    "`ipoll` gives the same tuple each time {where}: each one that is kept shows the last event; use poll"
)


@on(Call, Box, "ipoll")
def called(use: Call) -> Iterator[Report]:
    above = parents(use.site.module)
    parent = above.get(use.node)
    message: Said | None = None
    raises = ""
    match parent:
        case cst.If(test=test) | cst.While(test=test) | cst.IfExp(test=test) if test is use.node:
            message = _TESTED
        case cst.UnaryOperation(operator=cst.Not()) | cst.BooleanOperation():
            message = _TESTED
        case cst.Subscript(value=value) if value is use.node:
            message, raises = _COUNTED, "TypeError"
        case cst.Arg():
            match above.get(parent):
                case cst.Call(func=cst.Name(value="len")):
                    message, raises = _COUNTED, "TypeError"
                case cst.Call(func=cst.Name(value=name)) if name in _KEEPING:
                    message = _KEPT
                case _:
                    pass
        case cst.CompFor(target=cst.Name(value=name)):
            match above.get(parent):
                case cst.ListComp(elt=cst.Name(value=kept)) | cst.SetComp(elt=cst.Name(value=kept)) if kept == name:
                    message = _KEPT
                case _:
                    pass
        case _:
            pass
    if message is not None:
        yield Report(use.node, use.site.live, message, raises)

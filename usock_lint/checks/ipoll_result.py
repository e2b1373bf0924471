from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import libcst as cst

from usock_lint.analysis.domain.values import Box
from usock_lint.analysis.uses import Call
from usock_lint.checks import Report, on
from usock_lint.i18n import say
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
    parent = above[use.node]
    if _tests(parent, use.node):
        yield Report(use.node, use.site.live, _TESTED, raises="")
    elif _counts(parent, above[parent], use.node):
        yield Report(use.node, use.site.live, _COUNTED, "TypeError")
    elif _keeps(parent, above[parent]):
        yield Report(use.node, use.site.live, _KEPT, raises="")


def _tests(parent: cst.CSTNode, node: cst.Call) -> bool:
    """True if the parent of this call is only interested in whether its result is true."""
    match parent:
        case cst.If(test=test) | cst.While(test=test) | cst.IfExp(test=test):
            return test is node
        case cst.UnaryOperation(operator=cst.Not()) | cst.BooleanOperation():
            return True
        case _:
            return False


def _counts(parent: cst.CSTNode, above: cst.CSTNode, node: cst.Call) -> bool:
    """True for `len(call)` and `call[...]`."""
    match parent, above:
        case cst.Subscript(value=value), _:
            return value is node
        case cst.Arg(), cst.Call(func=cst.Name(value="len")):
            return True
        case _:
            return False


def _keeps(parent: cst.CSTNode, above: cst.CSTNode) -> bool:
    """True for `list(call)` and `[one for one in call]`."""
    match parent, above:
        case cst.Arg(), cst.Call(func=cst.Name(value=name)):
            return name in _KEEPING
        case cst.CompFor(target=cst.Name(value=name)), (
            cst.ListComp(elt=cst.Name(value=kept)) | cst.SetComp(elt=cst.Name(value=kept))
        ):
            return kept == name
        case _:
            return False

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from usock_lint import ports
from usock_lint.analysis.domain.values import Module
from usock_lint.analysis.uses import Attribute
from usock_lint.checks import Report, on
from usock_lint.i18n import say


@on(Attribute, Module)
def number(use: Attribute) -> Iterator[Report]:
    statement = use.site.path[-1]
    if isinstance(statement, cst.If | cst.While) and use.node in _operands(statement.test):
        having = frozenset(cell for cell in use.site.live if ports.errno_number(cell, use.name) is not None)
        message = say(
            "`errno.{name}` by itself is true for every error {where}: it is only a number; compare the number of the "
            "error with it",
            name=use.name,
        )
        yield Report(use.node, having, message, raises="")


def _operands(test: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """The operands of `and`, `or` and `not` in a condition; the condition itself if it has none of them."""
    match test:
        case cst.BooleanOperation(left, _, right):
            yield from _operands(left)
            yield from _operands(right)
        case cst.UnaryOperation(cst.Not(), inner):
            yield from _operands(inner)
        case _:
            yield test

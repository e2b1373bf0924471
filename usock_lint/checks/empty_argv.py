from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import libcst as cst

from usock_lint.analysis import references
from usock_lint.analysis.domain.operations import COMPARE
from usock_lint.analysis.domain.values import ARGUMENTS, Cells
from usock_lint.analysis.handlers import BROAD, Handler, catches, caught
from usock_lint.analysis.uses import Indexed, Site, Unpacked
from usock_lint.checks import Report, on
from usock_lint.checks._modules import knows_micropython
from usock_lint.i18n import say
from usock_lint.numerals import read_int
from usock_lint.syntax.nodes import last_name, mentions, of_type

_STARTED_BY_COMMANDS: Final = frozenset({"unix"})
"""The ports whose programs are given arguments (ports/unix/main.c:412@v1.28.0)."""

_NOT_OF_SIZE: Final = (cst.Is, cst.IsNot, cst.In, cst.NotIn)
"""The comparisons that do not ask how large a number is."""


@on(Indexed)
def item(use: Indexed) -> Iterator[Report]:
    if use.owner != ARGUMENTS or (_may_be_filled(use.site) and not _is_in_usage(use)):
        return
    if not _is_expected(use.site, "IndexError"):
        text = use.site.code(use.node)
        message = say("`{text}` raises IndexError {where}: `sys.argv` is empty; write the value here", text=text)
        yield Report(use.node, _started_alone(use.site.live), message, "IndexError")


@on(Unpacked)
def unpacking(use: Unpacked) -> Iterator[Report]:
    if use.owner == ARGUMENTS and not _may_be_filled(use.site) and not _is_expected(use.site, "ValueError"):
        message = say("this raises ValueError {where}: `sys.argv` is empty; write the values here")
        yield Report(use.node, _started_alone(use.site.live), message, "ValueError")


def _started_alone(cells: Cells) -> Cells:
    return frozenset(cell for cell in cells if cell.port not in _STARTED_BY_COMMANDS)


def _may_be_filled(site: Site) -> bool:
    return references.examines_arguments(site.module, site.path)


def _is_expected(site: Site, raises: str) -> bool:
    """True if a handler is meant for the exception: it catches that by name, or does not tell what it caught."""
    handlers = (one for attempt in site.attempts for one in attempt.node.handlers)
    return any(catches(one, raises) and not _shows_any(one) for one in handlers)


def _shows_any(handler: Handler) -> bool:
    """True if a handler shows whatever it catches, and no more: `except Exception as e: print(e)`.

    One that sets something instead, or looks at what it caught, is meant for it.
    """
    match handler:
        case cst.ExceptHandler(name=cst.AsName(name=cst.Name(value=name))):
            is_broad = caught(handler) <= BROAD
            return is_broad and mentions(handler.body, name) and not any(of_type(handler.body, cst.Assign, cst.If))
        case _:
            return False


def _is_in_usage(use: Indexed) -> bool:
    """True in a message for those who gave too few arguments: `if len(sys.argv) < 2: print("usage:", sys.argv[0])`.

    A file that is written for MicroPython and asks for arguments is for the unix port, which puts some in.
    """
    match use.node.slice:
        case [cst.SubscriptElement(slice=cst.Index(value=cst.Integer(value="0")))]:
            pairs = zip(use.site.path, use.site.path[1:], strict=False)
            around = [one for one, inner in pairs if isinstance(one, cst.If) and inner in (one.body, *one.body.body)]
            holds = any(_holds_without_arguments(one.test) for one in around)
            return holds and not knows_micropython(use.site.module)
        case _:
            return False


def _holds_without_arguments(test: cst.BaseExpression) -> bool:
    """True if a condition compares the length of the list with a number, and is true for 0."""
    match test:
        case cst.Comparison(
            left=cst.Call(func=cst.Name(value="len"), args=[cst.Arg(value=measured)]),
            comparisons=[cst.ComparisonTarget(operator=compared, comparator=cst.Integer(value=number))],
        ):
            if isinstance(compared, _NOT_OF_SIZE) or not _is_list(measured):
                return False
            return COMPARE[type(compared)](0, read_int(number) or 0)
        case _:
            return False


def _is_list(node: cst.BaseExpression) -> bool:
    """True for `argv`, `sys.argv` and a slice of it, which is empty as well."""
    if isinstance(node, cst.Subscript) and isinstance(node.slice[0].slice, cst.Slice):
        node = node.value
    return last_name(node) == "argv"

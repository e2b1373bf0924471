from __future__ import annotations

from collections.abc import Iterator

from usock_lint import ports
from usock_lint.analysis.domain.operations import NO_CELLS, constant
from usock_lint.analysis.domain.values import ErrorNumber
from usock_lint.analysis.uses import Operation
from usock_lint.checks import Report, behaving, on
from usock_lint.checks._errors import EQUALITY, Choice, compared, errno_name, is_resolving
from usock_lint.i18n import say

_MESSAGE = say("the number of a getaddrinfo error is not in errno {where}; catch it where the name is looked up")


@on(Operation, *EQUALITY)
def operation(use: Operation) -> Iterator[Report]:
    choices = compared(use, ErrorNumber)
    if choices and is_resolving(use):
        failing = use.site.live.intersection(*map(_without, choices))
        yield Report(use.node, failing, _MESSAGE, raises="")


def _without(choice: Choice) -> frozenset[ports.Cell]:
    """The cells on which getaddrinfo never raises an error with this number."""
    number = constant(choice.atom)
    if errno_name(choice.atom):
        kinds = ("str", "negative", "positive")
    elif type(number) is int and number >= 0:
        kinds = ("str", "negative")
    else:
        return NO_CELLS
    return behaving(choice.cells, "getaddrinfo_error", *kinds)

from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.domain.operations import constants
from usock_lint.analysis.domain.values import Module, Socket, Value
from usock_lint.analysis.uses import Argument, Call
from usock_lint.checks import Report, on
from usock_lint.checks._addresses import METHODS, address
from usock_lint.i18n import say

# Port 0 asks bind for any free port, and getaddrinfo cannot know what its result is for.
_LOWEST = {"bind": 0, "getaddrinfo": 0}


@on(Call, Socket, *METHODS)
def call(use: Call) -> Iterator[Report]:
    if (found := address(use)) is not None:
        yield from _report(use, found.argument, found.port)


@on(Call, Module, "getaddrinfo")
def resolve(use: Call) -> Iterator[Report]:
    if (given := use.positional(1)) is not None:
        yield from _report(use, given, given.value)


def _report(use: Call, argument: Argument, value: Value) -> Iterator[Report]:
    for port, cells in constants(value, int, use.site.live):
        if port <= 0 and len(value) > 1:
            continue  # beside other possible ports, such a number stands for none
        if not _LOWEST.get(use.name, 1) <= port <= 65535:
            message = say("{port} is not a valid port {where}: it has to be 1-65535", port=port)
            yield Report(argument.node.value, cells, message, raises="OSError")

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from usock_lint.analysis.domain.operations import constants
from usock_lint.analysis.domain.values import Cells, Module, Socket, Value
from usock_lint.analysis.uses import Call
from usock_lint.checks import Report, on
from usock_lint.checks._addresses import METHODS, address, taking
from usock_lint.checks._repairs import Repair, replace
from usock_lint.i18n import say

_NAME, _NUMBER = "<broadcast>", "255.255.255.255"


@on(Call, Socket, *METHODS)
def call(use: Call) -> Iterator[Report]:
    found = address(use)
    if found is not None:
        written = None if found.parts is None else found.parts[0]
        cells = taking(use.site.live, "tuple")
        yield from _report(found.host, written, found.argument.node.value, cells, "ValueError")


@on(Call, Module, "getaddrinfo")
def resolve(use: Call) -> Iterator[Report]:
    if (host := use.positional(0)) is not None:
        yield from _report(host.value, host.node.value, host.node.value, use.site.live, "OSError")


def _report(
    host: Value, written: cst.BaseExpression | None, place: cst.BaseExpression, live: Cells, raises: str
) -> Iterator[Report]:
    for text, cells in constants(host, str, live):
        if text == _NAME:
            repair = None
            if isinstance(written, cst.SimpleString):
                repair = Repair(say("Use the number"), (replace(written, f'"{_NUMBER}"'),))
            message = say('"{name}" is not an address {where}; use "{number}"', name=_NAME, number=_NUMBER)
            yield Report(written or place, cells, message, raises, repair=repair)

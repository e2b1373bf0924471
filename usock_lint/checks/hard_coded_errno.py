from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import libcst as cst

from usock_lint import ports
from usock_lint.analysis.domain.operations import constant, evaluated
from usock_lint.analysis.domain.values import ErrorNumber
from usock_lint.analysis.uses import Operation
from usock_lint.checks import Report, on
from usock_lint.checks._errors import EQUALITY, Choice, attempted, compared, errno_name, is_resolving, words
from usock_lint.checks._repairs import Repair, importing, replace
from usock_lint.i18n import either, say


class _Known(NamedTuple):
    """What the handler asks for besides: names of errors, and numbers."""

    names: frozenset[str]
    numbers: frozenset[int]


@on(Operation, *EQUALITY)
def operation(use: Operation) -> Iterator[Report]:
    choices = compared(use, ErrorNumber)
    candidates = [(choice, constant(choice.atom)) for choice in choices]
    numbered = [(choice, number) for choice, number in candidates if type(number) is int and _differs(number)]
    if numbered and not is_resolving(use):
        known = _known(use, choices)
        for choice, number in numbered:
            yield from _report(use, choice, number, known)


def _report(use: Operation, choice: Choice, number: int, known: _Known) -> Iterator[Report]:
    names = _names(number)
    others = {other for name in names for other in _numbers(name)} - {number}
    if known.names & names or known.numbers & others:
        return
    meanings = {cell: _meaning(cell, number) for cell in choice.cells if ports.errno_number(cell, "EINPROGRESS")}
    if len(names) == 1:
        (name,) = names
        wrong = frozenset(cell for cell, meaning in meanings.items() if meaning is None)
        instead = say("; use errno.{name}", name=name) if name in ports.common()["errno"]["names"] else ""
        yield Report(
            choice.node,
            wrong,
            say("{number} is not {name} {where}{instead}", number=number, name=name, instead=instead),
            "",
            repair=_repair(use, choice, name),
        )
    elif len(set(meanings.values())) > 1:
        both = either(sorted(names))
        message = say(
            "{number} is not the same error {where}: {both}; use the name of the errno module", number=number, both=both
        )
        yield Report(choice.node, frozenset(meanings), message, "")


def _known(use: Operation, choices: list[Choice]) -> _Known:
    found = words(use, use.node)
    values = [constant(choice.atom) for choice in choices]
    named = {name for choice in choices if (name := errno_name(choice.atom))}
    if (11 in values or "EAGAIN" in named) and "connect" not in attempted(use):
        named.add("EINPROGRESS")  # EAGAIN, by the numbers of several systems, is meant: only a connect is in progress
    written = [evaluated(word) for word in found if word[0].isdigit()]
    return _Known(found | named, frozenset(value for value in (*written, *values) if type(value) is int))


# The two sets of numbers


def _numbers(name: str) -> set[int]:
    """The numbers of an error in MicroPython's own set and in newlib's."""
    sets = ports.common()["errno"]
    return {sets[chosen][name] for chosen in ("internal", "newlib") if name in sets[chosen]}


def _names(number: int) -> set[str]:
    """The errors that have this number in one of the sets and another one in the other."""
    names = ports.common()["errno"]["internal"]
    return {name for name in names if number in _numbers(name) and len(_numbers(name)) > 1}


def _differs(number: int) -> bool:
    return bool(_names(number))


def _meaning(cell: ports.Cell, number: int) -> str | None:
    return next((name for name in _names(number) if ports.errno_number(cell, name) == number), None)


# Fixes


def _repair(use: Operation, choice: Choice, name: str) -> Repair | None:
    if not isinstance(choice.node, cst.Integer) or name not in ports.common()["errno"]["names"]:
        return None
    change = replace(choice.node, f"{use.errno or 'errno'}.{name}")
    imports = () if use.errno else importing(use.site.module, "errno")
    if imports is None:
        return None
    linux = ports.common()["errno"]["host"][name]
    applicability = "safe" if constant(choice.atom) == linux else "unsafe"
    return Repair(say("Use the name of the errno module"), (*imports, change), applicability)

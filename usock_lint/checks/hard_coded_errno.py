from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import libcst as cst

from usock_lint import ports
from usock_lint.analysis.domain.operations import NO_CELLS, constant, evaluated
from usock_lint.analysis.domain.values import Cells, ErrorNumber, Literal
from usock_lint.analysis.uses import Operation
from usock_lint.checks import Report, on
from usock_lint.checks._errors import (
    EQUALITY,
    Choice,
    attempted,
    compared,
    errno_name,
    is_resolving,
    perhaps_at_once,
    words,
)
from usock_lint.checks._repairs import Repair, importing, replace
from usock_lint.i18n import either, say
from usock_lint.syntax.nodes import last_name, within

_PULSE = "time_pulse_us"
"""The function of `machine` that gives a negative number where its pulse does not come, and raises nothing
(extmod/machine_pulse.c:75@v1.28.0). Drivers still expect the error 110 of early releases.
"""


class _Known(NamedTuple):
    """The names and numbers of errors that the handler tests for."""

    names: frozenset[str]
    numbers: frozenset[int]


class _Wrong(NamedTuple):
    """A number that is one of the errors `names` on some ports. On `cells` it is another error, or none."""

    choice: Choice
    number: int
    names: frozenset[str]
    cells: Cells


@on(Operation, *EQUALITY)
def operation(use: Operation) -> Iterator[Report]:
    choices = compared(use, ErrorNumber)
    candidates = [(choice, constant(choice.atom)) for choice in choices]
    numbered = [(choice, number) for choice, number in candidates if type(number) is int and _names(number)]
    if not numbered or is_resolving(use) or _PULSE in attempted(use):
        return
    known = _known(use, choices)
    at_once = perhaps_at_once(use) if "EAGAIN" in known.names or 11 in known.numbers else NO_CELLS
    found = [one for choice, number in numbered if (one := _wrong(choice, number, known, at_once)).cells]
    listed = [one for one in found if one.choice.listed]
    yield from (_report(use, one, one.choice.node) for one in found if not one.choice.listed)
    if len(listed) == 1:
        yield _report(use, listed[0], _written(use, listed[0].choice) or _display(use, listed) or use.node)
    elif listed:
        yield _summary(use, listed, _display(use, listed) or use.right_node)


def _wrong(choice: Choice, number: int, known: _Known, at_once: Cells) -> _Wrong:
    """A number with the cells on which it is wrong: none if the handler tests for the error by another number or name.

    A number with several names is wrong on all cells, unless it is the same error on all of them. One for an expired
    timeout is not wrong on the cells `at_once`, where the handler has the number with which a timeout expires.
    """
    names = _names(number)
    others = {other for name in names for other in _numbers(name)} - {number}
    if known.names & names or known.numbers & others:
        return _Wrong(choice, number, names, NO_CELLS)
    # Only where the numbers of errors are known: a port has all of them, or none.
    meanings = {cell: _meaning(cell, number) for cell in choice.cells if ports.errno_number(cell, "EINPROGRESS")}
    if len(names) == 1:
        wrong = frozenset(cell for cell, meaning in meanings.items() if meaning is None)
        return _Wrong(choice, number, names, wrong - at_once if "ETIMEDOUT" in names else wrong)
    return _Wrong(choice, number, names, frozenset(meanings) if len(set(meanings.values())) > 1 else NO_CELLS)


def _report(use: Operation, wrong: _Wrong, node: cst.CSTNode) -> Report:
    number, names = wrong.number, sorted(wrong.names)
    if len(names) > 1:
        both = either(names)
        message = say(
            "{number} is {both}, depending on the board and its release; use the name of the errno module",
            number=number,
            both=both,
        )
        return Report(node, wrong.cells, message, "")
    name = names[0]
    instead = say("; use errno.{name}", name=name) if name in ports.common()["errno"]["names"] else ""
    message = say("{number} is not {name} {where}{instead}", number=number, name=name, instead=instead)
    return Report(node, wrong.cells, message, "", repair=_repair(use, [wrong]))


def _summary(use: Operation, listed: list[_Wrong], node: cst.CSTNode) -> Report:
    """One report for all the numbers of a list."""
    cells = NO_CELLS.union(*(one.cells for one in listed))
    numbers = ", ".join(str(one.number) for one in listed)
    message = say("{numbers} are other errors, or none, {where}; use the names of the errno module", numbers=numbers)
    return Report(node, cells, message, "", repair=_repair(use, listed))


# Where a list is written


def _written(use: Operation, choice: Choice) -> cst.CSTNode | None:
    """The node of a member of a list: in the comparison, or a number elsewhere in the file."""
    if choice.node is not use.right_node and choice.node is not use.left_node:
        return choice.node
    number = choice.atom.node if isinstance(choice.atom, Literal) else None
    return number if any(one.value is number for each in _displays(use.site.module) for one in each.elements) else None


def _display(use: Operation, listed: list[_Wrong]) -> cst.CSTNode | None:
    """The tuple, list or set that has these members, or is assigned to the name that the comparison has."""
    members = {id(node) for one in listed if (node := _written(use, one.choice)) is not None}
    for display in _displays(use.site.module):
        if any(id(one.value) in members for one in display.elements):
            return display
    assigned = [one.value for one in within(use.site.module) if isinstance(one, cst.Assign) and _binds(one, use)]
    return assigned[0] if len(assigned) == 1 else None


def _displays(module: cst.Module) -> Iterator[cst.Tuple | cst.List | cst.Set]:
    return (node for node in within(module) if isinstance(node, cst.Tuple | cst.List | cst.Set))


def _binds(node: cst.Assign, use: Operation) -> bool:
    """True if this assigns the name, or the attribute, that a comparison has on its right."""
    name = last_name(use.right_node)
    return name is not None and any(last_name(one.target) == name for one in node.targets)


def _known(use: Operation, choices: list[Choice]) -> _Known:
    """The names and numbers in the comparison and in the rest of the handler."""
    found = words(use, use.node)
    values = [constant(choice.atom) for choice in choices]
    named = {name for choice in choices if (name := errno_name(choice.atom))}
    # A list of the numbers of EAGAIN on several systems may have one that is EINPROGRESS on another port. Only
    # `connect` raises that, so without a `connect` the number is not taken for EINPROGRESS.
    if (11 in values or "EAGAIN" in named) and "connect" not in attempted(use):
        named.add("EINPROGRESS")
    written = [evaluated(word) for word in found if word[0].isdigit()]
    return _Known(found | named, frozenset(value for value in (*written, *values) if type(value) is int))


# The two sets of numbers


def _numbers(name: str) -> set[int]:
    """The numbers of an error in MicroPython's own set and in newlib's."""
    sets = ports.common()["errno"]
    return {sets[chosen][name] for chosen in ("internal", "newlib") if name in sets[chosen]}


def _names(number: int) -> frozenset[str]:
    """The errors that have this number in one of the sets and another one in the other."""
    names = ports.common()["errno"]["internal"]
    return frozenset(name for name in names if number in _numbers(name) and len(_numbers(name)) > 1)


def _meaning(cell: ports.Cell, number: int) -> str | None:
    """The error of `_names` that has this number on a cell, None if none has."""
    return next((name for name in _names(number) if ports.errno_number(cell, name) == number), None)


# Fixes


def _repair(use: Operation, wrong: Sequence[_Wrong]) -> Repair | None:
    """Write names for the numbers in the comparison itself; None if no number there has one, or none can be used."""
    here = {id(node) for node in within(use.node)}
    found = [(one, name) for one in wrong if id(one.choice.node) in here and (name := _name(one)) is not None]
    imports = () if use.errno else importing(use.site.module, "errno")
    if not found or imports is None:
        return None
    changes = [replace(one.choice.node, f"{use.errno or 'errno'}.{name}") for one, name in found]
    host = ports.common()["errno"]["host"]
    is_linux = all(one.number == host[name] for one, name in found)
    return Repair(say("Use the name of the errno module"), (*imports, *changes), "safe" if is_linux else "unsafe")


def _name(wrong: _Wrong) -> str | None:
    """The name of the errno module that a number literal stands for, if there is only one."""
    name, *others = wrong.names
    known = not others and isinstance(wrong.choice.node, cst.Integer) and name in ports.common()["errno"]["names"]
    return name if known else None

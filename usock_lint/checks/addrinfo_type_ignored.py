from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import libcst as cst

from usock_lint.analysis.domain.operations import atoms
from usock_lint.analysis.domain.values import AddrField, Module, Tuple, Value
from usock_lint.analysis.uses import Argument, Call
from usock_lint.checks import Report, behaving, on
from usock_lint.checks._repairs import Repair, replace
from usock_lint.i18n import say


class _Given(NamedTuple):
    """The value of a positional argument, and the argument as written, which is `*entry` for several values."""

    value: Value
    argument: Argument


@on(Call, Module, "socket")
def call(use: Call) -> Iterator[Report]:
    given = _positional(use)
    if len(given) < 2:
        return
    found = list(atoms(given[1].value, use.site.live))
    for atom, cells in found if len(found) == 1 else ():
        if isinstance(atom, AddrField) and atom.index == 1 and atom.type not in (None, "", "SOCK_STREAM"):
            name = _spelt(use, atom.type)
            message = say(
                "whatever type is asked for, getaddrinfo gives SOCK_STREAM {where}; pass {type} to socket()",
                type=name or atom.type,
            )
            repair = _repair(use, given[1].argument, name) if name else None
            ignoring = behaving(cells, "getaddrinfo_result.type", "SOCK_STREAM")
            yield Report(given[1].argument.node, ignoring, message, "", repair=repair)


def _positional(use: Call) -> list[_Given]:
    """The positional arguments, a tuple behind a star taken apart."""
    found: list[_Given] = []
    for argument in use.arguments:
        inside = [atom.items for atom, _ in atoms(argument.value, use.site.live) if isinstance(atom, Tuple)]
        if argument.keyword or argument.star == "**" or (argument.star and len(inside) != 1):
            break
        found += [_Given(value, argument) for value in (inside[0] if argument.star else (argument.value,))]
    return found


def _spelt(use: Call, name: str) -> str | None:
    """The constant as it can be written here, None where only the class was imported."""
    func = use.node.func
    return f"{use.site.code(func.value)}.{name}" if isinstance(func, cst.Attribute) else None


def _repair(use: Call, argument: Argument, name: str) -> Repair | None:
    node = argument.node.value
    if not argument.star:
        return Repair(say("Pass the type that was asked for"), (replace(node, name),))
    if not isinstance(node, cst.Subscript) or len(use.arguments) != 1:
        return None
    entry = use.site.code(node.value)
    return Repair(say("Pass the type that was asked for"), (replace(argument.node, f"{entry}[0], {name}"),))

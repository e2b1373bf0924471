from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import libcst as cst

from usock_lint import ports
from usock_lint.analysis.domain.operations import atoms, constant, constants
from usock_lint.analysis.domain.values import Cells, Member, Module, Socket, Value
from usock_lint.analysis.uses import Argument, Call
from usock_lint.checks import Report, behaving, on
from usock_lint.checks._repairs import Repair, replace
from usock_lint.i18n import say

# What the options of a level begin with. SOL_SOCKET is 1 or 4095, depending on the port; the other numbers are IANA's.
_OPTIONS = {"SOL_SOCKET": "SO_", 1: "SO_", 4095: "SO_", "IPPROTO_TCP": "TCP_", 6: "TCP_", "IPPROTO_IP": "IP_", 0: "IP_"}

# Which argument is a family; the numbers of the types are the same everywhere.
_FAMILY = {"socket": 0, "getaddrinfo": 2}


@on(Call, Module, *_FAMILY)
def family(use: Call) -> Iterator[Report]:
    argument = use.positional(_FAMILY[use.name])
    if argument is not None:
        yield from _numbers(use, argument, "AF_", use.site.live)


@on(Call, Socket, "setsockopt")
def call(use: Call) -> Iterator[Report]:
    level, option = use.positional(0), use.positional(1)
    if level is None or option is None:
        return
    checked = behaving(use.site.live, "setsockopt_level", "checked")
    yield from _numbers(use, level, "SOL_", checked)
    prefix = _prefix(level.value, use.site.live)
    if prefix:
        yield from _numbers(use, option, prefix, use.site.live)


def _numbers(use: Call, argument: Argument, prefix: str, live: Cells) -> Iterator[Report]:
    for number, cells in constants(argument.value, int, live):
        for name in _names(prefix, number):
            wrong = frozenset(cell for cell in cells if _number(cell, name) not in (None, number))
            message = say("{number} is not {name} {where}; use socket.{name}", number=number, name=name)
            yield Report(argument.node, wrong, message, "", repair=_repair(use, argument, name))


def _prefix(level: Value, live: Cells) -> str | None:
    """The prefix of the options of this level."""
    found = [atom for atom, _ in atoms(level, live)]
    names = [
        atom.name if isinstance(atom, Member) and atom.owner == Module("socket") else constant(atom) for atom in found
    ]
    return _OPTIONS.get(names[0]) if len(names) == 1 and isinstance(names[0], str | int) else None


@lru_cache(1_000)
def _names(prefix: str, number: int) -> tuple[str, ...]:
    """The constants that have this number on some port and another one elsewhere.

    A family counts if more than one port has its number: 2 is AF_INET, although it is AF_INET6 on zephyr.
    """
    values: dict[str, list[object]] = {}
    for one in ports.implementations():
        for name, fact in one.module.items():
            if name.startswith(prefix) and fact.values:
                values.setdefault(name, []).extend(value for _, value in fact.values)
    least = 2 if prefix == "AF_" else 1
    return tuple(name for name, found in values.items() if found.count(number) >= least and len(set(found)) > 1)


def _number(cell: ports.Cell, name: str) -> object:
    """The value of the constant on a cell, None if the cell lacks it."""
    if cell.port == "docs" or not ports.has(cell, "module", name):
        return None
    return ports.implementation_at(cell).module[name].value(cell.release)


def _repair(use: Call, argument: Argument, name: str) -> Repair | None:
    everywhere = all(ports.has(cell, "module", name) for cell in use.site.live)
    if not use.module or not everywhere or not isinstance(argument.node.value, cst.Integer):
        return None
    return Repair(say("Use the name"), (replace(argument.node.value, f"{use.module}.{name}"),))

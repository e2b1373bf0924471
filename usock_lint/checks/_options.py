"""The options in calls of setsockopt, and what they mean to the ports that have a table of options of their own."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from usock_lint import ports
from usock_lint.analysis.domain.operations import atoms, constant
from usock_lint.analysis.domain.values import Cells, Member, Module
from usock_lint.analysis.uses import Call

CALLBACK = 20
"""The option that sets a callback, where the behaviour setsockopt_callback says that there is one."""

_STRUCTURED = ("IP_ADD_MEMBERSHIP", "IP_DROP_MEMBERSHIP", "SO_BINDTODEVICE")

Option = str | int


def options(use: Call, index: int, live: Cells) -> Iterator[tuple[Option, Cells]]:
    """The options (or levels) that an argument may be, as name or number, each with the cells on which it may."""
    argument = use.positional(index)
    for atom, cells in atoms(argument.value, live) if argument is not None else ():
        match atom:
            case Member(Module("socket"), name):
                yield name, frozenset(cell for cell in cells if ports.has(cell, "module", name))
            case _ if type(number := constant(atom)) is int:
                yield number, cells
            case _:
                pass


@lru_cache(1_000)
def meant(cell: ports.Cell, option: Option) -> str | None:
    """The option that the port's table has by this name, or under this number; None if it has none."""
    names: tuple[str, ...] = ports.behaviour(cell, "setsockopt_options") or ()
    if isinstance(option, str):
        return option if option in names else None
    module = ports.implementation_at(cell).module
    return next((name for name in names if name in module and module[name].value(cell.release) == option), None)


@lru_cache(1_000)
def is_foreign(cell: ports.Cell, option: Option) -> bool:
    """True if a number is an option on another port, which this port has under another number: the name is needed."""
    names: tuple[str, ...] = ports.behaviour(cell, "setsockopt_options") or ()
    found = (one.module[name].values for one in ports.implementations() for name in names if name in one.module)
    return any(option == value for values in found for _, value in values)


def is_integer(name: str) -> bool:
    """True if the value of an option is a number, unlike the addresses of a membership or the name of a device."""
    return name not in _STRUCTURED

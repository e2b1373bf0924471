from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from usock_lint import ports
from usock_lint.analysis.domain.operations import atoms, constant
from usock_lint.analysis.domain.values import Cells, Socket
from usock_lint.analysis.uses import Argument, Call
from usock_lint.checks import Report, behaving, on
from usock_lint.checks._addresses import is_optional
from usock_lint.checks._options import CALLBACK, Option, is_integer, meant, options
from usock_lint.checks._repairs import Repair, replace
from usock_lint.i18n import say

_SHOWN = {"bytes": "bytes", "str": say("a str"), "float": say("a float"), "NoneType": "None"}


@on(Call, Socket, "setsockopt")
def call(use: Call) -> Iterator[Report]:
    value = use.positional(2)
    if value is None:
        return
    for atom, cells in atoms(value.value, use.site.live):
        given = constant(atom)
        kind = type(given).__name__
        if kind == "bool" or (kind in _SHOWN and not (given is None and is_optional(value.value))):
            yield _report(value, given, _refusing(use, kind, cells))


def _refusing(use: Call, kind: str, cells: Cells) -> Cells:
    """The cells on which setsockopt takes no value of this type for an option whose value is an integer.

    The kernel takes it for no option at all; other ports look at the option.
    """
    refusing = behaving(cells, f"setsockopt_value.{kind}", False)
    whatever = behaving(refusing, "setsockopt_effect", "kernel")
    named = (cell for option, where in options(use, 1, refusing) for cell in where if _takes_integer(cell, option))
    return whatever.union(named)


def _takes_integer(cell: ports.Cell, option: Option) -> bool:
    if ports.behaviour(cell, "setsockopt_effect") == "driver":
        return option != CALLBACK
    name = meant(cell, option)
    return name is not None and is_integer(name)


def _report(value: Argument, given: object, cells: Cells) -> Report:
    shown = str(given) if isinstance(given, bool) else _SHOWN[type(given).__name__]
    number = str(int(given)) if isinstance(given, bool) else None
    written = value.node.value
    repair = None
    if number is not None and isinstance(written, cst.Name) and written.value == shown:
        repair = Repair(say("Write the number"), (replace(written, number),))
    message = say(
        "setsockopt does not take {shown} for this option {where}; give {number}",
        shown=shown,
        number=number or say("an int"),
    )
    return Report(value.node, cells, message, "OSError" if isinstance(given, str) else "TypeError", repair=repair)

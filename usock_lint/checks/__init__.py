"""The rules at work: one module per rule, named as its page is.

A check subscribes to a kind of use with `on` and yields reports. It knows no position, no noqa, no guard and no
output format; what it says is proven on its page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple, TypeVar

import libcst as cst

from usock_lint import ports
from usock_lint.fixes import Repair
from usock_lint.language import Said
from usock_lint.model.atoms import Cells
from usock_lint.model.uses import Use
from usock_lint.records import dataclass

AnyUse = TypeVar("AnyUse", bound=Use)


class Lacking(NamedTuple):
    """What a target lacks: a name of the module or of the socket."""

    kind: Literal["module", "socket"]
    name: str


@dataclass(frozen=True, slots=True)
class Report:
    """An offence: where it is, on which cells, and what to say.

    `{where}` in the message becomes "on esp32, rp2, docs"; where `lacking` is given, with the
    release that brought the name. `raises` is the exception seen on the device, "" when none is.
    """

    node: cst.CSTNode
    cells: Cells
    message: Said
    raises: str = "AttributeError"
    lacking: Lacking | None = None
    repair: Repair | None = None


Check = Callable[[AnyUse], Iterator[Report]]


def on(kind: type[AnyUse]) -> Callable[[Check[AnyUse]], Check[AnyUse]]:
    """Subscribe a check to one kind of use."""

    def subscribe(check: Check[AnyUse]) -> Check[AnyUse]:
        check.__dict__["use"] = kind
        return check

    return subscribe


def lack(cells: Cells, wanted: Lacking) -> Cells:
    """The cells that do not have this name."""
    return frozenset(cell for cell in cells if not ports.has(cell, wanted.kind, wanted.name))

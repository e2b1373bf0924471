"""The checks: one module per rule, with the name of its page.

A check subscribes with `on` to a kind of use and yields reports. It does not know positions, noqa, guards or output
formats; its page proves its claims.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Literal, NamedTuple, TypeVar

import libcst as cst

from usock_lint import ports
from usock_lint.analysis.domain.values import Atom, Cells
from usock_lint.analysis.uses import Use
from usock_lint.checks._repairs import Repair
from usock_lint.diagnostics import Because
from usock_lint.fast_dataclasses import dataclass
from usock_lint.i18n import Said

AnyUse = TypeVar("AnyUse", bound=Use)


class Lacking(NamedTuple):
    """A feature that a target lacks: a name of the module or of the socket, or a form of syntax."""

    kind: Literal["module", "socket", "syntax"]
    name: str

    def is_had(self, cell: ports.Cell) -> bool:
        """True if the cell has the name."""
        return ports.has(cell, self.kind, self.name)


Presumption = Literal["a board", "a board as flashed", "CPython"]
"""An assumption about what a file is written for.

"a board as flashed" has no packages that `mip` installs. A file for "CPython" is one that is to be ported to a board.
"""


@dataclass(frozen=True, slots=True)
class Report:
    """A failure that a check reports: its node, the cells on which it fails, and the message.

    `{where}` in the message becomes "on any board" or "on esp32, rp2". `raises` is the exception on the device, "" if
    none is raised; a handler for it is a guard. `works` tells whether the code works on a cell; with it, releases are
    added to `{where}`: "on rp2 before 1.23". A clause about the documentation replaces `{documented}`, or follows
    `{where}`, which therefore ends its clause.

    `only_if_everywhere`: if no targets were chosen, the failure is reported only if it is one on every board, because
    the code may be meant for a board on which it works. `presumed` is an assumption about the board that the report
    rests on. `way` is the remedy if neither a fix nor the message names one: a package of `mip`, or none at all.
    `because` is the finding in another file that this one follows from.
    """

    node: cst.CSTNode
    cells: Cells
    message: Said
    raises: str
    works: ports.Ask | None = None
    repair: Repair | None = None
    only_if_everywhere: bool = False
    presumed: Presumption | None = None
    way: Literal["mip", "none"] | None = None
    because: Because | None = None


Check = Callable[[AnyUse], Iterator[Report]]


Subject = Atom | cst.BaseCompOp | cst.BaseBinaryOp | cst.BaseAugOp | None
"""The subject of a use: its `owner`, or the `operator` of an operation; None for a use without either."""


class Topic(NamedTuple):
    """The subscription of a check: one kind of use, with subjects of these types and names; none given means any."""

    use: type[Use]
    subjects: tuple[type[Subject], ...]
    names: frozenset[str]

    def covers(self, use: type[Use], subject: type[Subject], name: str | None) -> bool:
        """True if this is about such a use."""
        named = not self.names or name in self.names
        return use is self.use and named and (not self.subjects or subject in self.subjects)


def on(kind: type[AnyUse], *about: type[Subject] | str) -> Callable[[Check[AnyUse]], Check[AnyUse]]:
    """Subscribe a check to one kind of use: to all of them, or to those that types and names narrow it down to.

    A type is that of the owner, or of the operator of an operation; a string is the name. Several types, or several
    names, are alternatives: `@on(Call, Socket, File, "read", "readline")` is for the calls of two methods of sockets
    and of their files.
    """
    names = frozenset(one for one in about if isinstance(one, str))
    subjects = tuple(one for one in about if not isinstance(one, str))
    topic = Topic(kind, subjects, names)

    def subscribe(check: Check[AnyUse]) -> Check[AnyUse]:
        check.__dict__["topic"] = topic
        return check

    return subscribe


@lru_cache(1_000)
def lack(cells: Cells, wanted: Lacking) -> Cells:
    """The cells that lack this feature."""
    return frozenset(cell for cell in cells if not wanted.is_had(cell))


@lru_cache(1_000)
def behaving(cells: Cells, path: str, *answers: str | bool | None) -> Cells:
    """The cells on which a behaviour (`hashable`), or a part of one (`makefile.returns`), is one of these answers."""
    return frozenset(cell for cell in cells if ports.behaviour(cell, path) in answers)

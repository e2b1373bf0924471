"""What the rules on missing names share."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from usock_lint import fixes
from usock_lint.checks import Lacking, Report, lack
from usock_lint.language import Field, say
from usock_lint.model.uses import BuiltinName, ImportedName, ModuleName


def named(use: ModuleName, advice: Field = "", repair: fixes.Repair | None = None) -> Iterator[Report]:
    """Report a name of the socket module where it is missing."""
    wanted = Lacking("module", use.name)
    if cells := lack(use.site.live, wanted):
        raises = "AttributeError" if isinstance(use.node, cst.Attribute) else "NameError"
        message = say("`socket.{name}` does not exist {where}{advice}", name=use.name, advice=advice)
        yield Report(use.node, cells, message, raises, wanted, repair)


def imported(use: ImportedName, advice: Field = "", repair: fixes.Repair | None = None) -> Iterator[Report]:
    """Report a name imported from the socket module where it is missing."""
    wanted = Lacking("module", use.name)
    message = say("`{name}` cannot be imported from socket {where}{advice}", name=use.name, advice=advice)
    yield Report(use.node, lack(use.site.live, wanted), message, "ImportError", wanted, repair)


def named_error(use: ModuleName, *, exact: bool = False) -> Iterator[Report]:
    """Report a missing exception of the socket module; `exact` tells that CPython's is OSError itself."""
    yield from named(use, say("; use OSError"), None if use.stored else use_oserror(use, exact=exact))


def imported_error(use: ImportedName) -> Iterator[Report]:
    """Report a missing exception imported from the socket module."""
    yield from imported(use, say("; use OSError"), fixes.assign_instead(use, "OSError"))


def use_oserror(use: ModuleName | BuiltinName, *, exact: bool) -> fixes.Repair | None:
    """Name OSError instead, unless CPython would then handle an error otherwise than by widening this very clause."""
    clause = use.clause
    if exact or (clause and (clause.alone or clause.has_oserror)):
        return fixes.use_oserror(use.node, clause)
    return None

"""What the rules on missing names share."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from usock_lint.analysis.uses import BuiltinName, ImportedName, ModuleName
from usock_lint.checks import Lacking, Report, _repairs, lack
from usock_lint.i18n import Field, say


def named(use: ModuleName, advice: Field = "", repair: _repairs.Repair | None = None) -> Iterator[Report]:
    """Report a name of the socket module where it is missing."""
    wanted = Lacking("module", use.name)
    if cells := lack(use.site.live, wanted):
        raises = "AttributeError" if isinstance(use.node, cst.Attribute) else "NameError"
        message = say("`socket.{name}` does not exist {where}{advice}", name=use.name, advice=advice)
        yield Report(use.node, cells, message, raises, wanted, repair)


def imported(use: ImportedName, advice: Field = "", repair: _repairs.Repair | None = None) -> Iterator[Report]:
    """Report a name imported from the socket module where it is missing."""
    wanted = Lacking("module", use.name)
    message = say("`{name}` cannot be imported from socket {where}{advice}", name=use.name, advice=advice)
    yield Report(use.node, lack(use.site.live, wanted), message, "ImportError", wanted, repair)


def named_error(use: ModuleName, *, exact: bool = False) -> Iterator[Report]:
    """Report a missing exception of the socket module; `exact` tells that CPython's is OSError itself."""
    yield from named(use, say("; use OSError"), None if use.stored else use_oserror(use, exact=exact))


def imported_error(use: ImportedName) -> Iterator[Report]:
    """Report a missing exception imported from the socket module."""
    yield from imported(use, say("; use OSError"), _repairs.assign_instead(use, "OSError"))


def use_oserror(use: ModuleName | BuiltinName, *, exact: bool) -> _repairs.Repair | None:
    """Name OSError instead, unless CPython would then handle an error otherwise than by widening this very clause."""
    clause = use.clause
    if exact or (clause and (clause.alone or clause.has_oserror)):
        return _repairs.use_oserror(use.node, clause)
    return None

"""Shared by the rules on missing names."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from usock_lint.analysis.handlers import catches_all_oserrors, caught, treats_errors
from usock_lint.analysis.uses import BuiltinName, Clause, ImportedName, ModuleName
from usock_lint.checks import Lacking, Report, _repairs, lack
from usock_lint.i18n import Field, Said, say
from usock_lint.syntax.nodes import once_per_node, within

USE_OSERROR = say("; use OSError")


def named(use: ModuleName, advice: Field = "", repair: _repairs.Repair | None = None) -> Iterator[Report]:
    """Report a name of the socket module where it is missing."""
    wanted = Lacking("module", use.name)
    if cells := lack(use.site.live, wanted):
        raises = "AttributeError" if isinstance(use.node, cst.Attribute) else "NameError"
        message = missing(f"socket.{use.name}", raises, advice, caught=use.clause is not None)
        yield Report(use.node, cells, message, raises, wanted.is_had, repair)


def missing(name: str, raises: str, advice: Field, *, caught: bool) -> Said:
    """The message for a missing name. If it is `caught` by an `except` clause, it is looked up only after an error."""
    if caught:
        return say(
            "`{name}` raises {raises} {where} when an error comes{documented}: it does not exist{advice}",
            name=name,
            raises=raises,
            advice=advice,
        )
    return say("`{name}` does not exist {where}{advice}", name=name, advice=advice)


def imported(use: ImportedName, advice: Field = "", repair: _repairs.Repair | None = None) -> Iterator[Report]:
    """Report a name imported from the socket module where it is missing."""
    wanted = Lacking("module", use.name)
    message = say("`{name}` cannot be imported from socket {where}{advice}", name=use.name, advice=advice)
    yield Report(use.node, lack(use.site.live, wanted), message, "ImportError", wanted.is_had, repair)


def named_error(use: ModuleName, *, exact: bool = False, apart: Said = USE_OSERROR) -> Iterator[Report]:
    """Report a missing exception of the socket module; `exact` tells that CPython's is OSError itself.

    `apart` is the advice if another clause of the statement catches OSErrors: it would never run if this one caught
    OSError too.
    """
    fitting = exact or use.clause is None or _takes_oserror(use.clause)
    yield from named(use, USE_OSERROR if fitting else apart, None if use.stored else use_oserror(use, exact=exact))


def imported_error(use: ImportedName, *, exact: bool = False, apart: Said = USE_OSERROR) -> Iterator[Report]:
    """Report a missing exception imported from the socket module; the rest is as for `named_error`."""
    bound = use.node.evaluated_alias or use.name
    fitting = exact or bound not in _names_apart(use.site.module)
    yield from imported(
        use, USE_OSERROR if fitting else apart, _repairs.assign_instead(use, "OSError") if fitting else None
    )


@once_per_node
def _names_apart(module: cst.Module) -> frozenset[str]:
    """The names in clauses of statements in which another clause catches OSErrors too."""
    found: set[str] = set()
    for node in within(module):
        if isinstance(node, cst.Try) and len(node.handlers) > 1:
            treating = [handler for handler in node.handlers if treats_errors(handler)]
            found.update(
                *(caught(one) for one in node.handlers if treating not in ([], [one]) and not catches_all_oserrors(one))
            )
    return frozenset(found)


def _takes_oserror(clause: Clause) -> bool:
    return clause.alone or clause.has_oserror


def use_oserror(use: ModuleName | BuiltinName, *, exact: bool) -> _repairs.Repair | None:
    """Name OSError instead; None if on CPython this does more than make the clause catch further errors."""
    clause = use.clause
    if exact or (clause and _takes_oserror(clause)):
        return _repairs.use_oserror(use.node, clause)
    return None

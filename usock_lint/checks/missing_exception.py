from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.uses import BuiltinName, ImportedName, ModuleName
from usock_lint.checks import Report, on
from usock_lint.checks._names import USE_OSERROR, imported, missing, named, use_oserror
from usock_lint.checks._repairs import Repair, use_instead
from usock_lint.fast_dataclasses import replace
from usock_lint.i18n import say
from usock_lint.ports import MISSING_BUILTINS, exceptions

_ALIASES = ("IOError", "EnvironmentError")


@on(BuiltinName)
def name(use: BuiltinName) -> Iterator[Report]:
    if use.name in exceptions.INSTEAD:
        yield _other(use, exceptions.INSTEAD[use.name])
        return
    repair = use_oserror(use, exact=use.name in _ALIASES)
    yield Report(
        use.node,
        use.site.live,
        missing(use.name, "NameError", USE_OSERROR, caught=use.clause is not None),
        "NameError",
        repair=repair,
    )


@on(ModuleName, "OSError", *MISSING_BUILTINS)
def of_module(use: ModuleName) -> Iterator[Report]:
    """A builtin exception as a name of the socket module, which CPython's does not have either."""
    repair = None if use.stored else use_oserror(use, exact=use.name == "OSError")
    yield from named(use, USE_OSERROR, repair and replace(repair, applicability="unsafe"))


@on(ImportedName, "OSError", *MISSING_BUILTINS)
def import_(use: ImportedName) -> Iterator[Report]:
    yield from imported(use, USE_OSERROR)


def _other(use: BuiltinName, instead: str) -> Report:
    """Report an exception that is not a subclass of OSError."""
    advice = say("; use {name}", name=instead) if instead else ""
    message = missing(use.name, "NameError", advice, caught=use.clause is not None)
    repair: Repair | None = None
    if instead and (use.clause is None or use.clause.alone):
        repair = replace(use_instead(use.node, use.clause, instead), applicability="unsafe")
    return Report(use.node, use.site.live, message, "NameError", repair=repair)

from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.uses import ImportedName, ModuleName
from usock_lint.checks import Report, on
from usock_lint.checks._names import imported, imported_error, named, named_error
from usock_lint.i18n import say

_ERRORS = ("gaierror", "herror")
_APART = say("; call getaddrinfo in a try of its own and catch OSError")
_NUMBERS = say("; catch OSError, whose numbers differ by port")


@on(ModuleName)
def name(use: ModuleName) -> Iterator[Report]:
    if use.name in _ERRORS:
        yield from named_error(use, apart=_APART)
    elif use.name.startswith("EAI_"):
        yield from named(use, _NUMBERS)


@on(ImportedName)
def import_(use: ImportedName) -> Iterator[Report]:
    if use.name in _ERRORS:
        yield from imported_error(use, apart=_APART)
    elif use.name.startswith("EAI_"):
        yield from imported(use, _NUMBERS)

from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.uses import ImportedName, ModuleName
from usock_lint.checks import Report, on
from usock_lint.checks._names import imported_error, named_error
from usock_lint.i18n import say

_APART = say("; test for errno.ETIMEDOUT in the clause that catches OSError")


@on(ModuleName, "timeout")
def name(use: ModuleName) -> Iterator[Report]:
    yield from named_error(use, apart=_APART)


@on(ImportedName, "timeout")
def import_(use: ImportedName) -> Iterator[Report]:
    yield from imported_error(use, apart=_APART)

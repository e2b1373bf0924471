from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.uses import ImportedName, ModuleName
from usock_lint.checks import Report, on
from usock_lint.checks._names import imported_error, named_error


@on(ModuleName, "error")
def name(use: ModuleName) -> Iterator[Report]:
    yield from named_error(use, exact=True)


@on(ImportedName, "error")
def import_(use: ImportedName) -> Iterator[Report]:
    yield from imported_error(use, exact=True)

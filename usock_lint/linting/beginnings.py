"""The first line that fails when a file is imported: in the file, or in a file of the project that it imports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from usock_lint.analysis.domain.values import Cells
from usock_lint.checks import Presumption
from usock_lint.diagnostics import Finding, Location


class Failing(NamedTuple):
    """A line that fails whenever its file is imported, on these cells.

    `is_certain`: it is an import of a module or a form of syntax, so no value decides it. Any other line counts only if
    the analysis of the whole file, which knows more values, has the finding as well. The rest is as for a report.
    """

    finding: Finding
    cells: Cells
    only_if_everywhere: bool = False
    presumed: Presumption | None = None
    is_certain: bool = False


class Importing(NamedTuple):
    """An import that runs files of the project, on these cells; the exceptions in `caught` do not leave it."""

    location: Location
    paths: tuple[str, ...]
    cells: Cells
    caught: frozenset[str]


class Beginning(NamedTuple):
    """The failing lines and imports of a file that run when it is imported, in the order in which they do.

    `is_for_boards`: the file uses something that only MicroPython has.
    """

    steps: tuple[Failing | Importing, ...] = ()
    is_for_boards: bool = False


def in_order(*steps: Failing | Importing) -> tuple[Failing | Importing, ...]:
    """Failing lines and imports in the order in which they run. A syntax error comes before all."""
    return tuple(sorted(steps, key=_place))


def _place(step: Failing | Importing) -> tuple[bool, Location]:
    if isinstance(step, Importing):
        return True, step.location
    return step.finding.raises != "SyntaxError", step.finding.location


def up_to_certain(failing: Iterable[Failing], universe: Cells) -> Iterator[Failing]:
    """Failing lines in order, up to the first that fails for certain on all cells: nothing after it is reached."""
    for one in sorted(failing, key=_place):
        yield one
        if one.is_certain and one.presumed is None and one.cells >= universe:
            return


class Search:
    """The searches for the first line that fails when files are imported, one for each import of a file.

    `of` returns the beginning of a file, an empty one if the file is not followed. `is_meant` tells whether a
    presumption holds for the file with the first import, whose path is `importing`.
    """

    def __init__(self, of: Callable[[str], Beginning], is_meant: Callable[[Presumption], bool], importing: str) -> None:
        self._of, self._is_meant = of, is_meant
        self._harmless = {importing}
        """Files that no search has to go to: neither they nor what they import has a failing line, on any cell."""
        self._loaded: set[str] = set()
        """The files that the search has met. Only the first import runs a file, so circles end."""
        self._has_met_failing = False

    def first(self, paths: tuple[str, ...], cells: Cells, *, for_boards: bool) -> Failing | None:
        """The first line that fails on some of these cells when the files are imported one after the other.

        If one of the importing files is for boards, modules that can be installed are assumed to be.
        """
        self._loaded, self._has_met_failing = {*self._harmless}, False
        found = self._first(paths, cells, for_boards)
        if not self._has_met_failing:
            self._harmless = self._loaded
        return found

    def _first(self, paths: tuple[str, ...], cells: Cells, for_boards: bool) -> Failing | None:
        found = (self._first_in(path, cells, for_boards) for path in paths)
        return next(filter(None, found), None)

    def _first_in(self, path: str, cells: Cells, for_boards: bool) -> Failing | None:
        """The first failing line in one file, and in those that it imports before that."""
        if path in self._loaded:
            return None
        self._loaded.add(path)
        begins = self._of(path)
        for_boards = for_boards or begins.is_for_boards
        for step in begins.steps:
            if isinstance(step, Importing):
                if self._loaded.issuperset(step.paths):
                    continue  # most imports are of files that were imported before
                found = self._first(step.paths, step.cells & cells, for_boards)
                if found and found.finding.raises not in step.caught:
                    return found
            else:
                self._has_met_failing = True
                if step.cells & cells and (not step.presumed or (not for_boards and self._is_meant(step.presumed))):
                    return step._replace(cells=step.cells & cells)
        return None

"""The first line that fails when a file is imported: in the file, or in a file of the project that it imports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from usock_lint.analysis.domain.values import Cells
from usock_lint.checks import Presumption
from usock_lint.diagnostics import Finding, Location

_MOST: Final = 60
"""The number of files that are followed from one import."""


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


class Search(NamedTuple):
    """The search for the first line that fails when files are imported.

    `of` returns the beginning of a file, `is_meant` whether a presumption holds for the file with the first import.
    `loaded` are the files that were imported already. Only the first import runs a file, so circles end.
    """

    of: Callable[[str], Beginning]
    is_meant: Callable[[Presumption], bool]
    loaded: set[str]

    def first(self, paths: tuple[str, ...], cells: Cells, *, for_boards: bool) -> Failing | None:
        """The first line that fails on some of these cells when the files are imported one after the other.

        If one of the importing files is for boards, modules that can be installed are assumed to be.
        """
        found = (self._first_in(path, cells, for_boards) for path in paths)
        return next(filter(None, found), None)

    def _first_in(self, path: str, cells: Cells, for_boards: bool) -> Failing | None:
        """The first failing line in one file, and in those that it imports before that."""
        loaded = self.loaded
        if path in loaded or len(loaded) > _MOST:
            return None
        loaded.add(path)
        begins = self.of(path)
        for_boards = for_boards or begins.is_for_boards
        for step in begins.steps:
            if isinstance(step, Importing):
                if len(loaded) > _MOST or loaded.issuperset(step.paths):
                    continue  # most imports are of files that were imported before
                found = self.first(step.paths, step.cells & cells, for_boards=for_boards)
                if found and found.finding.raises not in step.caught:
                    return found
            elif step.cells & cells and (not step.presumed or (not for_boards and self.is_meant(step.presumed))):
                return step._replace(cells=step.cells & cells)
        return None

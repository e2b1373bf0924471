"""The analysis state: the program point at hand, its reachability, and the statements around it."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import libcst as cst

from usock_lint.analysis.domain.environment import Scope, State
from usock_lint.analysis.domain.operations import on
from usock_lint.analysis.domain.values import Cells, Made, Value
from usock_lint.analysis.handlers import Attempt
from usock_lint.analysis.uses import Clause, Site


class Paths:
    """The paths that leave a loop's body early, or the body of a function."""

    def __init__(self) -> None:
        self.breaks: list[State] = []
        self.continues: list[State] = []
        self.returned = False


class AnalysisState:
    """Data about the point at hand. It is begun anew for each pass over a body.

    `live` is its reachability, `cpython` whether CPython may reach it as well, `scope` the scope, `path` the statements
    around it from the outermost in, `attempts` the bodies of try statements around it from the innermost out,
    `failing` for each of those the configurations on which an import in it may fail, and `clause` the except clause
    whose classes are being evaluated.
    `paths` are those that left the loop or function early, `made` the allocation sites met so far.
    `is_cluttered` says that paths have met since the states of unheld sockets were dropped.
    `function` is the function whose body it is, `yields` whether that was found to be a generator.
    `calling` is the call whose callee is being evaluated; `certain` says that the callee is known to be one thing,
    `optional` that the expression at hand need not run.
    The `vague_` ones say that a flag which cannot be followed decides whether this point is reached, or an import that
    is tried of what CPython has and boards may have installed.
    """

    def __init__(self, live: Cells) -> None:
        self.begin(None, live, (), Scope(), cpython=True)

    def begin(
        self,
        function: cst.FunctionDef | None,
        live: Cells,
        path: tuple[cst.CSTNode, ...],
        scope: Scope,
        *,
        cpython: bool,
        is_vague: bool = False,
    ) -> None:
        """Go to the beginning of a body."""
        self.function, self.live, self.path, self.scope = function, live, [*path], scope
        self.cpython = cpython
        self.attempts: tuple[Attempt, ...] = ()
        self.failing: list[Cells | None] = []
        self.paths = Paths()
        self.made: dict[Made, Site] = {}
        self.is_cluttered = False
        self.clause: Clause | None = None
        self.calling: cst.Call | None = None
        self.yields = self.optional = False
        self.certain = True
        self.vague_branch = self.vague_try = self.vague_loop = self.vague_import = False
        self.vague_body = is_vague

    @property
    def is_vague(self) -> bool:
        """True if a flag that cannot be followed decides if this point is reached. Nothing is recorded there."""
        return self.vague_branch or self.vague_try or self.vague_loop or self.vague_import or self.vague_body

    @contextmanager
    def vaguely(self, vague: bool) -> Generator[None]:
        """Work in a branch that such a flag decides about, if `vague`."""
        outer, self.vague_branch = self.vague_branch, self.vague_branch or vague
        yield
        self.vague_branch = outer

    def limit(self, value: Value, cells: Cells) -> Value:
        """The value on these configurations only; the guard is left out where it says nothing."""
        return value if cells == self.live else on(cells, value)

    @contextmanager
    def only(self, live: Cells, *, cpython: bool = True) -> Generator[None]:
        """Work on these configurations, and on CPython if it gets there, then go back."""
        before = self.live, self.cpython
        self.live, self.cpython = live, self.cpython and cpython
        yield
        self.live, self.cpython = before

    @contextmanager
    def perhaps(self, live: Cells, *, cpython: bool = True) -> Generator[None]:
        """Work on these configurations on an expression that may be skipped, as the right side of `and`."""
        outer, self.optional = self.optional, True
        with self.only(live, cpython=cpython):
            yield
        self.optional = outer

    @contextmanager
    def inside(self, scope: Scope) -> Generator[None]:
        """Work in this scope, then go back."""
        outer, self.scope = self.scope, scope
        yield
        self.scope = outer

    @contextmanager
    def under(self, node: cst.CSTNode) -> Generator[None]:
        """Work inside this statement, then go back."""
        self.path.append(node)
        yield
        self.path.pop()

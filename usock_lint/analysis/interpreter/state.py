"""The analysis state: the current program point, its reachability, and the statements around it."""

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
    """The paths that leave the body of a loop or a function early.

    `breaks` and `continues` are the states at these statements. `returned` tells that a `return` was reached.
    """

    def __init__(self) -> None:
        self.breaks: list[State] = []
        self.continues: list[State] = []
        self.returned = False


class AnalysisState:
    """The current program point. Each pass over a body resets it (`begin`).

    Reachability: `live` are the configurations that reach the point, and `cpython` tells that CPython may reach it too.
    `optional` tells that the current expression may be skipped, as the right side of `and`.

    Position: `function` is the function of the body, None for the module, and `scope` its scope. `path` has the
    statements around the point, the outermost first, `attempts` the `try` bodies around it, the innermost first, and
    `failing`, for each of these bodies, the configurations on which an import in it may fail, None if it has none
    that a handler catches; here the innermost is the last. `clause` is the except clause whose classes are evaluated,
    `calling` the call whose callee is evaluated; `certain` tells that this callee has one possible value.

    Results so far: `paths` have left the loop or function early, `made` has the allocation sites, and `yields` tells
    that the function is a generator. `is_cluttered` tells that paths were joined since the typestates of sockets that
    no name holds were dropped.

    `left_out` are the elements of a display that a subscript of it never picks.

    The `vague_` fields tell that an unknown flag about the implementation of Python decides whether the point is
    reached. `vague_import`: an import in a `try` decides, of a module that CPython has and a board may have installed.
    """

    def __init__(self, live: Cells) -> None:
        # Each pass calls `begin` again. This first call gives the fields their types and values before any pass.
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
        self.left_out: frozenset[cst.CSTNode] = frozenset()

    @property
    def is_vague(self) -> bool:
        """True if an unknown flag decides whether this point is reached: no use is recorded there."""
        return self.is_undecided or self.vague_import

    @property
    def is_undecided(self) -> bool:
        """True if a flag in a condition does so, and not an import."""
        return self.vague_branch or self.vague_try or self.vague_loop or self.vague_body

    @contextmanager
    def vaguely(self, vague: bool) -> Generator[None]:
        """Work in a branch; if `vague`, an unknown flag decides whether it is reached."""
        outer, self.vague_branch = self.vague_branch, self.vague_branch or vague
        yield
        self.vague_branch = outer

    def limit(self, value: Value, cells: Cells) -> Value:
        """The value on these configurations only; the value itself if no others reach this point."""
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

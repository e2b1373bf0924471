"""Leaks: sockets and connections of asyncio that a path loses while they are open.

Each allocation site that a body has passed (`state.made`) has a typestate in the environment. A path leaks the socket
if its part `closed` says that it is open there and no later code can use it. Each path is examined before it is joined
with others, because the join forgets which of them closed the socket, at four kinds of points:

- **the same call makes another socket** (`on_remake`), and **the function ends** (`on_exit`): the names of the path are
  rebound or gone, so the socket is lost if it has not escaped, to a caller, a container or code that is not followed;
- **paths join** (`on_join`), and **a turn of a loop ends or the loop is left** (`on_turn`): the names live on, so the
  socket is lost only if none of those that hold it is read later (`usock_lint.analysis.liveness`).

At the latter two a socket that was made under a condition is not examined: the analysis does not relate conditions, and
the same one may decide about `close` (`if tls: s = connect()` above `if tls: s.close()`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import libcst as cst

from usock_lint.analysis import heuristics, liveness
from usock_lint.analysis.domain import typestate
from usock_lint.analysis.domain.environment import State
from usock_lint.analysis.domain.keys import StateOf, Var
from usock_lint.analysis.domain.operations import UNKNOWN, atoms
from usock_lint.analysis.domain.values import Const, Made, Value
from usock_lint.analysis.interpreter.recorder import Recorder
from usock_lint.analysis.interpreter.state import AnalysisState
from usock_lint.analysis.uses import Leaked, LeakedStream, Site, Undrained
from usock_lint.fast_dataclasses import replace

# Statements that may not run all their parts.
_CONDITIONAL: Final = (cst.If, cst.Else, cst.For, cst.While, cst.ExceptHandler, cst.ExceptStarHandler, cst.Match)


class Leaks:
    """Records leaks of the current body, if they are `wanted` at all."""

    def __init__(self, module: cst.Module, state: AnalysisState, recorder: Recorder, *, wanted: bool) -> None:
        self._module, self._state, self._recorder, self._wanted = module, state, recorder, wanted

    def on_remake(self, made: cst.Call) -> None:
        """Record a leak if this call is about to make another socket while the last one that it made is lost."""
        scope = self._state.scope
        if self._wanted and StateOf(made, "closed") in scope.names:
            self._note_if_lost(made, self._state.made[made], typestate.lost(scope, scope.names))

    def on_exit(self) -> None:
        """Record the leaks of a path that leaves the function, unless a `finally` or `with` may close its sockets."""
        state = self._state
        # In a shared scope an inner function may still hold the socket, and close it after this one has returned.
        if self._wanted and state.made and not state.scope.shared and not any(map(heuristics.tidies, state.path)):
            lost = typestate.lost(state.scope, state.scope.names)
            for made, site in state.made.items():
                self._note_if_lost(made, site, lost)
                if lost.get(made, UNKNOWN) <= typestate.LEFT_OPEN:
                    self.on_end_of_connection(made)

    def on_end_of_connection(self, made: Made) -> None:
        """Record the writes to a connection of asyncio that ends here, if no path to this point has drained them."""
        unsent = typestate.part(self._state.scope, made, "unsent")
        found = [(atom.value, cells) for atom, cells in atoms(unsent, self._state.live) if isinstance(atom, Const)]
        # Nothing is recorded if on some path nothing was left to be sent, or if that is unknown.
        if self._wanted and len(found) == len(unsent) and all(call is not False for call, _ in found):
            for call, cells in found:
                if isinstance(call, cst.Call):
                    self._recorder.note(Undrained(self._recorder.site(cells), call))

    def on_join(self, paths: Sequence[State], joined: State) -> None:
        """Record leaks of paths that join. If all of them leave a socket open, later code may close it."""
        if not self._wanted:
            return
        states = (
            (key.made, value) for key, value in joined.names.items() if type(key) is StateOf and key.part == "closed"
        )
        # Few of the sockets that a long body has made still have a state.
        left_by_some = {made for made, closed in states if not closed <= typestate.LEFT_OPEN}
        for made, site in self._state.made.items() if left_by_some else ():
            if made in left_by_some:
                for path in paths:
                    self._note_if_unused(path, made, site)

    def on_turn(self, path: State, *, out: bool = False) -> None:
        """Record leaks of a path that begins the next turn of the loop around, or with `out` leaves the loop."""
        if self._wanted:
            for made, site in self._state.made.items():
                self._note_if_unused(path, made, site, turn=not out, out=out)

    def _note_if_lost(self, made: Made, site: Site, lost: Mapping[Made, Value]) -> None:
        if made in lost:
            self._note(made, replace(site, live=site.live & self._state.live), lost[made])

    def _note_if_unused(self, path: State, made: Made, site: Site, *, turn: bool = False, out: bool = False) -> None:
        """Record a leak if this path leaves the socket open and no name that holds it is read later."""
        closed = typestate.closing(path.names, made) or UNKNOWN
        if not path.live or not closed <= typestate.LEFT_OPEN or not self._is_surely_made(site):
            return
        if liveness.program_ends_later(self._state.path, turn=turn, out=out):
            return
        # Something else may hold the socket, or other functions can reach it, and close it.
        if typestate.lost(self._state.scope, path.names).get(made) != closed:
            return
        holders = typestate.keys_holding(path.names, made)
        # An attribute outlives the path, so a socket in one is not lost with it.
        if all(isinstance(name, Var) and not self._is_used(name, turn=turn, out=out) for name in holders):
            self._note(made, replace(site, live=site.live & path.live), closed)

    def _note(self, made: Made, site: Site, closed: Value) -> None:
        # Only connections of asyncio have a part `unsent`.
        if isinstance(made, cst.Call) and StateOf(made, "unsent") not in self._state.scope.names:
            self._recorder.note(Leaked(site, made, closed))
        else:
            self._recorder.note(LeakedStream(site, made, closed))

    def _is_surely_made(self, site: Site) -> bool:
        """True if each condition that decides whether the socket is made is also around the current point."""
        around = [*map(id, self._state.path)]
        deciding = [node for node in site.path if id(node) not in around]
        in_loop = any(isinstance(node, (cst.For, cst.While)) for node in site.path)
        # In the module's own statements, outside of loops, a socket that is not closed lives as long as the program.
        return (in_loop or self._state.function is not None) and not any(
            isinstance(node, _CONDITIONAL) for node in deciding
        )

    def _is_used(self, name: Var, *, turn: bool, out: bool) -> bool:
        state = self._state
        if state.scope.shared and name in liveness.read_by_functions(state.function or self._module):
            return True
        return liveness.is_read_later(name, state.path, turn=turn, out=out)

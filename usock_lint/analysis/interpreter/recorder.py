"""The uses that a pass over a body records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import libcst as cst

from usock_lint.analysis import liveness
from usock_lint.analysis.domain import typestate
from usock_lint.analysis.domain.environment import State
from usock_lint.analysis.domain.keys import StateOf, Var
from usock_lint.analysis.domain.operations import FALSE, UNKNOWN, atoms
from usock_lint.analysis.domain.values import (
    READER,
    WRITER,
    Cells,
    Const,
    Made,
    NoData,
    Object,
    On,
    Socket,
    Stream,
    Value,
)
from usock_lint.analysis.interpreter.state import AnalysisState
from usock_lint.analysis.summaries import Summaries
from usock_lint.analysis.uses import AnyUse, Hashed, Iterated, Left, LeftStream, Site, Unchecked, Undrained
from usock_lint.fast_dataclasses import replace


class Recorder:
    """Records uses for the body at hand. Leaked sockets are looked for only if `losses` are wanted."""

    def __init__(self, module: cst.Module, state: AnalysisState, summaries: Summaries, *, losses: bool) -> None:
        self._module, self._state, self._summaries, self._losses = module, state, summaries, losses

    def site(self, live: Cells) -> Site:
        """Where a use stands that is met now."""
        state = self._state
        return Site(live, self._module, tuple(state.path), state.attempts, micropython_only=not state.cpython)

    def note(self, use: AnyUse) -> None:
        """Keep a use that can run."""
        if use.site.live and not self._state.is_vague:
            self._summaries.body.uses.append(use)

    def note_by_type(self, use: AnyUse) -> None:
        """Keep a use that rests on the types of all that a value may be: the body looks again should that change."""
        if use.site.live and not self._state.is_vague:
            self._summaries.body.by_type = True
            self._summaries.body.uses.append(use)

    def lose(self, made: cst.Call, site: Site) -> None:
        """Note the socket that this call made before, there, if nobody has it from here on."""
        if self._losses and StateOf(made, "closed") in self._state.scope.names:
            self._lose(made, site, typestate.lost(self._state.scope, self._state.scope.names))

    def _lose(self, made: Made, site: Site, lost: Mapping[Made, Value]) -> None:
        if made in lost:
            self.note(self._left(made, replace(site, live=site.live & self._state.live), lost[made]))

    def _left(self, made: Made, site: Site, closed: Value) -> Left | LeftStream:
        """A socket, or a connection of asyncio, that is lost."""
        if isinstance(made, cst.Call) and StateOf(made, "unsent") not in self._state.scope.names:
            return Left(site, made, closed)
        return LeftStream(site, made, closed)

    def leave(self) -> None:
        """Note the sockets that a path out of a function loses. A `finally` or a `with` around it may close them."""
        state = self._state
        if self._losses and state.made and not state.scope.shared and not any(map(_tidies, state.path)):
            lost = typestate.lost(state.scope, state.scope.names)
            for made, site in state.made.items():
                self._lose(made, site, lost)
                if lost.get(made, UNKNOWN) <= typestate.LEFT_OPEN:
                    self.undrained(made)

    def undrained(self, made: Made) -> None:
        """Note the writes to a connection of asyncio that ends here, if on no path to here anything was drained."""
        unsent = typestate.part(self._state.scope, made, "unsent")
        found = [(atom.value, cells) for atom, cells in atoms(unsent, self._state.live) if isinstance(atom, Const)]
        if self._losses and len(found) == len(unsent) and all(call is not False for call, _ in found):
            for call, cells in found:
                if isinstance(call, cst.Call):
                    self.note(Undrained(self.site(cells), call))

    def part(self, ways: Sequence[State], met: State) -> None:
        """Note the sockets that one of the paths which meet here has left open, others not, and none uses later."""
        if not self._losses or not self._state.made:
            return
        for made, site in self._state.made.items():
            if not met.names.get(StateOf(made, "closed"), FALSE) <= typestate.LEFT_OPEN:
                for way in ways:
                    self._drop(way, made, site)

    def turn(self, way: State, *, out: bool = False) -> None:
        """Note the sockets that are left open by a path which begins the next turn of a loop, or goes out of it."""
        if self._losses:
            for made, site in self._state.made.items():
                self._drop(way, made, site, turn=not out, out=out)

    def _drop(self, way: State, made: Made, site: Site, *, turn: bool = False, out: bool = False) -> None:
        """Note the socket that this call made, if this path has left it open and nothing that follows uses it."""
        state = self._state
        closed = way.names.get(StateOf(made, "closed"), UNKNOWN)
        if not way.live or not closed <= typestate.LEFT_OPEN or not self._is_surely_made(site):
            return
        if typestate.lost(state.scope, way.names).get(made) != closed:
            return
        names = typestate.holders(way.names, made)
        if all(isinstance(name, Var) and not self._is_used(name, turn=turn, out=out) for name in names):
            live = site.live & way.live
            if live and not state.is_vague:
                self._summaries.body.uses.append(self._left(made, replace(site, live=live), closed))

    def _is_surely_made(self, site: Site) -> bool:
        """Whether no condition that this path does not depend on decides if the socket is made."""
        state = self._state
        around = [*map(id, state.path)]
        apart = [node for node in site.path if id(node) not in around]
        in_loop = state.function is not None or any(isinstance(node, cst.For | cst.While) for node in site.path)
        return in_loop and not any(isinstance(node, _CONDITIONAL) for node in apart)

    def known_to_functions(self) -> frozenset[str]:
        """The names that functions defined in the body at hand read and do not bind themselves."""
        return liveness.read_by_functions(self._state.function or self._module)

    def _is_used(self, name: Var, *, turn: bool, out: bool) -> bool:
        state = self._state
        if state.scope.shared and name in self.known_to_functions():
            return True
        return liveness.is_read_later(name, state.path, turn=turn, out=out)

    def demand(self, node: cst.BaseExpression, value: Value, raises: str = "TypeError") -> None:
        """Note what may be None here, where None raises this: after it, it is not."""
        names = self._state.scope.names
        for atom, cells in atoms(value, self._state.live):
            if isinstance(atom, NoData):
                self.note(Unchecked(self.site(cells), node, atom, raises))
                if isinstance(node, cst.Name) and (found := names.get(node.value)):
                    names[node.value] = found - {atom, On(cells, atom)}

    def hashed(self, node: cst.BaseExpression, key: Value) -> None:
        """Note a socket that is used as a key."""
        for atom, cells in atoms(key, self._state.live):
            if isinstance(atom, Socket):
                self.note(Hashed(self.site(cells), node, atom))

    def drawn(self, node: cst.BaseExpression, value: Value) -> None:
        """Note a stream that items are taken out of."""
        for atom, cells in atoms(value, self._state.live):
            if isinstance(atom, Stream):
                self.note(Iterated(self.site(cells), node, atom))
            elif isinstance(atom, Object) and atom.plain in (READER, WRITER):
                self.note(Iterated(self.site(cells), node, atom.plain))


_CONDITIONAL: Final = (cst.If, cst.Else, cst.For, cst.While, cst.ExceptHandler, cst.ExceptStarHandler, cst.Match)


def _tidies(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.With) or (isinstance(node, cst.Try | cst.TryStar) and node.finalbody is not None)

"""Binding names, and what other functions of the file leave in attributes and outer names meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import libcst as cst

from usock_lint.analysis.domain import typestate
from usock_lint.analysis.domain.environment import State
from usock_lint.analysis.domain.keys import Pending, StateOf
from usock_lint.analysis.domain.operations import UNKNOWN, are_flags, estranged, join
from usock_lint.analysis.domain.values import Made, Own, Value
from usock_lint.analysis.heap import Stores, holders
from usock_lint.analysis.hierarchy import Hierarchy
from usock_lint.analysis.interpreter.state import AnalysisState
from usock_lint.analysis.summaries import Summaries
from usock_lint.analysis.type_annotations import refined

PARTS: Final = ("timeout", "inherited")
"""What is told of the state of a socket."""


class Environment:
    """The names of the scope at hand, as assignments and other functions change them.

    `holders` are the names whose attributes were assigned or narrowed in this file, `stores` the pending writes.
    `lent` are the sockets in attributes that other functions find, each with its state when it came there.
    """

    def __init__(self, state: AnalysisState, summaries: Summaries, hierarchy: Hierarchy) -> None:
        self._state, self._summaries, self._hierarchy = state, summaries, hierarchy
        self.holders: set[str] = set()
        self.stores = Stores()
        self.lent: dict[tuple[cst.ClassDef, str], tuple[Made, dict[str, Value]]] = {}
        self._spelt: dict[Value, str | None] = {}

    def state(self) -> State:
        """This point, to come back to."""
        return State(self._state.live, dict(self._state.scope.names), self._state.cpython)

    def resume(self, state: State) -> None:
        """Go on from a point of the same scope."""
        self._state.live, self._state.cpython, self._state.scope.names = state.live, state.cpython, dict(state.names)

    def set_name(self, name: str, value: Value) -> None:
        """Bind a name in the scope it belongs to."""
        scope = self._state.scope
        if name in scope.declared:
            value = refined(value, scope.declared[name])
        if name in scope.outside or scope.is_class:
            typestate.share(scope, value)
        if name in scope.outside:
            self._put_out(name, value)
        if name in self.holders:
            self.stores.release(scope, self._summaries.learn, name)
        scope.names[name] = value
        if scope.is_class and scope.owner is not None:
            self.note_computed(scope.owner, name)
            self._summaries.learn("attributes", (scope.owner, name), value)

    def note_computed(self, owner: cst.ClassDef | Own, name: str) -> None:
        """An attribute of instances of a class is assigned here: remember if that is more than a literal."""
        statement = self._state.path[-1]
        value = statement.value if isinstance(statement, cst.Assign | cst.AnnAssign) else None
        if value is None or not _is_literal(value):
            self._hierarchy.computed.add((owner, name))

    def opened(self, owner: cst.ClassDef, name: str, found: Value) -> Value:
        """The value of an attribute: anything where the file sets it to a flag or None, and other code may, too."""
        if not are_flags(found):
            return found
        is_settable = self._hierarchy.is_settable(owner, name) or any(
            self._summaries.recall("open", key)
            for key in ((None, name), *((one, "") for one in self._hierarchy.above(owner)))
        )
        return found | UNKNOWN if is_settable else found

    def expose(self, holder: str) -> None:
        """Code that is not known may set attributes of what has this name."""
        for attribute, owner in list(holders(self._state.scope)):
            if attribute.holder == holder:
                names = self._state.scope.names
                names[attribute] = self.opened(owner, attribute.name, names[attribute])

    def _put_out(self, name: str, value: Value) -> None:
        """Assign a name that is declared `global` or `nonlocal`: the body that binds it depends on that as well."""
        summaries, owner = self._summaries, self._state.scope.outside[name]
        self.stores.put(self._state.scope, summaries.learn, Pending(None, name), ("outer", (owner, name)), value)
        binding = summaries.bodies.get(owner, summaries.root) if owner is not None else summaries.root
        summaries.go_by(binding, summaries.fact("outer", (owner, name)), None)

    def lend(self, attribute: tuple[cst.ClassDef, str], made: Made) -> None:
        """This socket is in an attribute: other functions find it there in the state that this one leaves it in."""
        names = self._state.scope.names
        self.lent[attribute] = (made, {part: names.get(StateOf(made, part), UNKNOWN) for part in PARTS})

    def publish(self) -> None:
        """Tell in what state the sockets are that other functions find."""
        names = self._state.scope.names
        for (owner, name), (made, before) in self.lent.items():
            for part in PARTS:
                state = names.get(StateOf(made, part))
                if state is not None and state != before.get(part):
                    self._summaries.learn("states", (owner, name, part), state)

    def let_others(self) -> None:
        """Other code runs now that can get at the sockets which are within reach, and tells itself what it does."""
        self.publish()
        typestate.forget_within_reach(self._state.scope)
        for attribute, (made, _) in list(self.lent.items()):
            self.lend(attribute, made)

    def give_way(self) -> None:
        """Other functions of the file run now: they see what was left for them, and leave what they will."""
        self.let_others()
        self.stores.show(self._state.scope, self._summaries.learn)
        self.meanwhile()

    def meanwhile(self) -> None:
        """Other functions of the file may have run: what they leave in attributes and names may be there now."""
        names = self._state.scope.names
        for attribute, owner in list(holders(self._state.scope)) if self.holders else ():
            if (found := self._summaries.recall("attributes", (owner, attribute.name))) is not None:
                found = self.opened(owner, attribute.name, found)
                found -= estranged(names[attribute]) - names[attribute]  # the sockets that are there
                names[attribute] = found if found >= names[attribute] else join(names[attribute], found)
        for name, found in self._shown():
            if name in names:
                names[name] = join(names[name], found)

    def _shown(self) -> Iterator[tuple[str, Value]]:
        """The names of this scope that functions of the file assign, with what they leave there."""
        scope = self._state.scope
        for owner, name in list(self._summaries.outer_names):
            own = scope.parent is None if owner is None else scope.node is owner
            if own or scope.outside.get(name, scope) is owner:
                found = self._summaries.recall("outer", (owner, name))
                if found is not None:
                    yield name, found

    def spelling(self, value: Value) -> str | None:
        """A plain name that is bound to exactly this value here."""
        name = self._spelt.get(value)
        if name is None or self._state.scope.lookup(name) != value:
            name = self._spelt[value] = self._state.scope.spelling(value)
        return name


def _is_literal(value: cst.BaseExpression) -> bool:
    """Whether an expression, or each part of a tuple, is a literal."""
    if isinstance(value, cst.Tuple):
        return all(_is_literal(one.value) for one in value.elements)
    return isinstance(value, cst.BaseNumber | cst.BaseString) or (
        isinstance(value, cst.Name) and value.value in ("None", "True", "False")
    )

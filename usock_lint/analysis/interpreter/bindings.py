"""The environment of the current body: its bindings, and names and attributes that other functions change too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import libcst as cst

from usock_lint.analysis.domain import typestate
from usock_lint.analysis.domain.environment import State
from usock_lint.analysis.domain.keys import Attr, Pending, StateOf
from usock_lint.analysis.domain.operations import UNKNOWN, are_flags, join, without_sites
from usock_lint.analysis.domain.values import Made, ProjectModule, Value
from usock_lint.analysis.heap import PendingWrites, known_attributes
from usock_lint.analysis.hierarchy import Hierarchy
from usock_lint.analysis.interpreter.state import AnalysisState
from usock_lint.analysis.summaries import Summaries
from usock_lint.analysis.type_annotations import refined

PARTS: Final = ("timeout", "inherited")
"""The parts of a socket's typestate that are published for other functions."""


class Environment:
    """Binds names and attributes in the current scope, and lets other functions of the file see and change them.

    `holders` are the names whose attributes were assigned or narrowed in this file: only for these is an `Attr` key
    looked up. `lent` are sockets in attributes, which other functions find there, by class, attribute and site, each
    with the state that was published last: only a state that has changed since is published again.
    """

    def __init__(self, state: AnalysisState, summaries: Summaries, hierarchy: Hierarchy) -> None:
        self._state, self._summaries, self._hierarchy = state, summaries, hierarchy
        self.holders: set[str] = set()
        self.pending_writes = PendingWrites()
        self.lent: dict[tuple[cst.ClassDef, str, Made], dict[str, Value]] = {}
        self._spelt: dict[Value, str | None] = {}

    def state(self) -> State:
        """A copy of the state at this point, for `resume`."""
        return State(self._state.live, dict(self._state.scope.names), self._state.cpython)

    def resume(self, state: State) -> None:
        """Go on from a state of the same scope."""
        self._state.live, self._state.cpython, self._state.scope.names = state.live, state.cpython, dict(state.names)

    def set_name(self, name: str, value: Value) -> None:
        """Bind a name in the scope it belongs to; one declared `global` or `nonlocal` is written to the outer one."""
        scope = self._state.scope
        if name in scope.declared:
            value = refined(value, scope.declared[name])
        # `global sock; sock = socket()`, or one in a class body: other functions reach it from here on.
        if name in scope.outside or scope.is_class:
            typestate.share(scope, value)
        if name in scope.outside:
            self._write_outer(name, value)
        # `self = other`: what waits under `self.x` belongs to the object that had this name until now.
        if name in self.holders:
            self.pending_writes.rebind(scope, self._summaries.publish, name)
        scope.bind(name, value)
        # Attributes of a class are names in its body.
        if scope.is_class and scope.owner is not None:
            self.note_computed(scope.owner, name)
            self._summaries.publish("attributes", (scope.owner, name), value)

    def note_computed(self, owner: cst.ClassDef | ProjectModule, name: str) -> None:
        """Record that the program decides the value which the current statement assigns to an attribute of a class.

        It is something else than a literal, or a literal that is assigned on some boards, or on boards only.
        """
        statement, body = self._state.path[-1], self._summaries.body
        value = statement.value if isinstance(statement, (cst.Assign, cst.AnnAssign)) else None
        asks = (self._state.live, self._state.cpython) != (body.live, body.cpython)
        if value is None or asks or not _is_literal(value):
            self._hierarchy.computed.add((owner, name))

    def as_settable(self, owner: cst.ClassDef, name: str, found: Value) -> Value:
        """The value of an attribute; also unknown if the file sets it to nothing but None or flags and it is settable.

        Other code may set it (`Hierarchy.is_settable`), or code of the file that names neither class nor attribute.
        """
        if not are_flags(found):
            return found
        is_settable = self._hierarchy.is_settable(owner, name) or any(
            self._summaries.read("open", key)
            for key in ((None, name), *((one, "") for one in self._hierarchy.above(owner)))
        )
        return found | UNKNOWN if is_settable else found

    def expose(self, holder: str) -> None:
        """Let unknown code set attributes of the object that has this name."""
        for attribute, owner in list(known_attributes(self._state.scope)):
            if attribute.holder == holder:
                names = self._state.scope.names
                names[attribute] = self.as_settable(owner, attribute.name, names[attribute])

    def _write_outer(self, name: str, value: Value) -> None:
        """Write to a name declared `global` or `nonlocal`; the body that binds it depends on all such writes."""
        summaries, owner = self._summaries, self._state.scope.outside[name]
        self.pending_writes.write(
            self._state.scope, summaries.publish, Pending(None, name), ("outer", (owner, name)), value
        )
        self.depend_on_outer(owner, name)

    def depend_on_outer(self, owner: cst.FunctionDef | None, name: str) -> None:
        """Let the body that binds a name depend on what the current body assigns to the name."""
        summaries = self._summaries
        binding = summaries.bodies.get(owner, summaries.root) if owner is not None else summaries.root
        summaries.depend_on(binding, summaries.of("outer", (owner, name)), None)

    def lend(self, owner: cst.ClassDef, name: str, made: Made) -> None:
        """Follow a socket in an attribute. Its present state counts as published: only changes of it will be."""
        names = self._state.scope.names
        self.lent[owner, name, made] = {part: names.get(StateOf(made, part), UNKNOWN) for part in PARTS}

    def publish_states(self) -> None:
        """Publish the typestates of lent sockets, as far as this function has changed them."""
        names = self._state.scope.names
        for (owner, name, made), before in self.lent.items():
            # A socket that another one has replaced in the attribute before other code ran was never found there.
            holding = [value for key, value in names.items() if type(key) is Attr and key.name == name]
            if holding and not any(typestate.holds(value, made) for value in holding):
                continue
            for part in PARTS:
                state = names.get(StateOf(made, part))
                # A part that this function has not changed is published by the function that it comes from.
                if state is not None and state != before.get(part):
                    self._summaries.publish("states", (owner, name, part), state)

    def release_sockets(self) -> None:
        """Let other code run that can get at sockets: their states are published, then unknown to this function."""
        self.publish_states()
        typestate.forget_within_reach(self._state.scope)
        # What is known now has been published: only later changes will be published again.
        for key in list(self.lent):
            self.lend(*key)

    def run_others(self) -> None:
        """Let other functions of the file run: they see the pending writes, and may change attributes and names."""
        self.release_sockets()
        self.pending_writes.flush(self._state.scope, self._summaries.publish)
        self.reload()

    def reload(self) -> None:
        """Join what other functions leave in attributes and names into what this one knows: they may have run."""
        names = self._state.scope.names
        for attribute, owner in list(known_attributes(self._state.scope)) if self.holders else ():
            if (found := self._summaries.read("attributes", (owner, attribute.name))) is not None:
                found = self.as_settable(owner, attribute.name, found)
                # A socket that this function has put there comes back without its site: it is not a second socket.
                found -= without_sites(names[attribute]) - names[attribute]
                names[attribute] = found if found >= names[attribute] else join(names[attribute], found)
        for name, found in self._left_by_others():
            if name in names:
                names[name] = join(names[name], found)

    def _left_by_others(self) -> Iterator[tuple[str, Value]]:
        """The names of this scope that other functions assign, with the values that they leave."""
        scope = self._state.scope
        for owner, name in list(self._summaries.outer_names):
            own = scope.parent is None if owner is None else scope.node is owner
            if own or scope.outside.get(name, scope) is owner:
                found = self._summaries.read("outer", (owner, name))
                if found is not None:
                    yield name, found

    def spelling(self, value: Value) -> str | None:
        """A plain name that is bound to exactly this value here, which is a module or a member of one."""
        name = self._spelt.get(value)
        # The spelling that was found before is right as long as the name still has that value.
        if name is None or self._state.scope.lookup(name) != value:
            name = self._spelt[value] = self._state.scope.spelling(value)
        return name


def _is_literal(value: cst.BaseExpression) -> bool:
    """True if an expression, or each part of a tuple, is a literal."""
    if isinstance(value, cst.Tuple):
        return all(_is_literal(one.value) for one in value.elements)
    return isinstance(value, (cst.BaseNumber, cst.BaseString)) or (
        isinstance(value, cst.Name) and value.value in ("None", "True", "False")
    )

"""Scopes, the state of a path, and the join of two; and which changes of a value are worth another pass."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import Final

import libcst as cst

from usock_lint.analysis.domain.keys import Key, StateOf, Var, survives
from usock_lint.analysis.domain.operations import join, on, unconditional
from usock_lint.analysis.domain.values import (
    FOLLOWED,
    HARDWARE,
    Anything,
    Atom,
    Box,
    Builtin,
    Cells,
    Const,
    Given,
    Imported,
    Items,
    Literal,
    Made,
    Member,
    Module,
    Object,
    OfType,
    On,
    Socket,
    Tuple,
    Value,
)
from usock_lint.fast_dataclasses import NamedTuple

Names = dict[Key, Value]


_OF_MODULES: Final = frozenset({Imported, Member, Module})


class Scope:
    """One scope. `names` is its environment: keys (`usock_lint.analysis.domain.keys`) mapped to values.

    `node` is the function whose body the scope is, `owner` the class if it is that of a class body (`is_class`).
    `outside` are the names declared `global` or `nonlocal`, each with the function that binds it, None for the module.
    `stars` are the modules of `import *`, in source order, "" for an unknown one. `shared`: a function is defined here,
    which can read the names. `declared` are the values of names by their annotations.
    `modules` are the names that were bound to a module or a member of one.

    `trials` has one mapping for each `try` statement around, with what its handlers may find beside the values before
    and after the body: each typestate that a socket has had there, and values before something was ruled out of them.
    `within_reach` are the allocation sites of sockets that other functions can use, so the typestates are known only
    until such a function runs. `begun` are the sites at which a typestate has begun here.
    """

    def __init__(
        self,
        parent: Scope | None = None,
        *,
        owner: cst.ClassDef | None = None,
        is_class: bool = False,
        is_comprehension: bool = False,
        node: cst.FunctionDef | None = None,
    ) -> None:
        self.parent, self.owner, self.node = parent, owner, node
        self.is_class, self.is_comprehension = is_class, is_comprehension
        self.names: Names = {}
        self.outside: dict[str, cst.FunctionDef | None] = {}
        self.stars: list[str] = []
        self.shared = False
        self.declared: dict[Var, Value] = {}
        self.modules: dict[Var, None] = {}
        self.trials: list[Names] = []
        self.within_reach: set[Made] = set()
        self.begun: set[Made] = set()

    def lookup(self, name: Key) -> Value | None:
        """The value of a key as this scope sees it; None if only a star import or the builtins can have the name."""
        if (found := self.names.get(name)) is not None:
            return found
        scope = self.parent
        while scope is not None:
            # Functions do not see the names of the class around them: `x` in a method is not the `x` of its class.
            if not scope.is_class and (found := scope.names.get(name)) is not None:
                return found
            scope = scope.parent
        return None

    def bind(self, name: Var, value: Value) -> None:
        """Bind a name of this scope."""
        self.names[name] = value
        if not _OF_MODULES.isdisjoint(map(type, map(unconditional, value))):
            self.modules[name] = None

    def replace(self, name: Key, old: Value, new: Value) -> None:
        """Replace an imported name (`Imported`) by the value that it stands for, in the scope that binds it."""
        for scope in self._visible():
            if scope.names.get(name) is old:
                scope.names[name] = new
                return

    def starred(self) -> list[str]:
        """The modules of every `import *` visible in this scope, in the order in which their names are looked up."""
        return [module for scope in self._visible() for module in reversed(scope.stars)]

    def binding(self, name: str) -> cst.FunctionDef | None:
        """The function around this one that binds a name which is declared `nonlocal` here."""
        scope = self.parent
        while scope is not None and (scope.is_class or name not in scope.names or name in scope.outside):
            scope = scope.parent
        return scope and scope.node

    def spelling(self, value: Value) -> Var | None:
        """A plain name that is bound to exactly this value here, which is a module or a member of one."""
        for scope in self._visible():
            if (name := scope.spelt(value)) is not None:
                return name
        return None

    def spelt(self, value: Value) -> Var | None:
        """A plain name that is bound to exactly this value in this scope itself."""
        return next((name for name in self.modules if self.names.get(name) == value), None)

    def share(self) -> None:
        """Mark the scopes that a function defined in this one can read: this one, and those around a class."""
        scope: Scope | None = self
        while scope is not None:
            scope.shared = True
            scope = scope.parent if scope.is_class else None

    def _visible(self) -> Iterator[Scope]:
        yield self
        scope = self.parent
        while scope is not None:
            if not scope.is_class:
                yield scope
            scope = scope.parent


class State(NamedTuple):
    """A point of the program: where it is reached, and the names of the scope there.

    `live` are the cells that reach it. `cpython` tells that CPython may reach it as well; its values are not tracked,
    so a point that CPython alone reaches has no live cells and is not analysed.
    """

    live: Cells
    names: Names
    cpython: bool = True


def merge(states: Iterable[State]) -> State:
    """The join of paths. A value that only some configurations of the join can have becomes a conditional value."""
    joined: State | None = None
    for state in states:
        joined = state if joined is None else _joined(joined, state)
    return joined or State(frozenset(), {}, cpython=False)


def _joined(one: State, two: State) -> State:
    # A path that has ended (`return`, `raise`) does not take part in the join.
    if not one.live or not two.live:
        return one if one.live else two
    # Paths differ in their configurations behind a condition on these, and where an import may fail on some.
    live = one.live | two.live
    names: Names = {}
    for name, left in one.names.items():
        right = two.names.get(name)
        # The same key on one path only: its type decides (`keys.survives`).
        if right is None:
            if survives(name):
                names[name] = left
        elif left is right or left == right:
            names[name] = left
        else:
            names[name] = join(_of(one, left, live), _of(two, right, live))
    for name, right in two.names.items():
        if name not in one.names and survives(name):
            names[name] = right
    return State(live, names, one.cpython or two.cpython)


def _of(state: State, value: Value, live: Cells) -> Value:
    """The value of one path in a join: on the configurations of the path, if the join has others, too (`live`)."""
    return value if state.live == live else on(state.live, value)


def changed(before: Value | None, after: Value | None, boxes: Container[cst.CSTNode] = ()) -> bool:
    """True if a value has changed in a way that matters: by more than a literal string or number.

    `boxes` are the containers that matter. If it may be anything before and after, constants make no difference. What
    matters has also changed if it becomes, or ceases to be, certain.
    """
    old, new = ({atom for atom in value or () if matters(atom, boxes)} for value in (before, after))
    if is_open(before) and is_open(after):
        return any(not isinstance(atom, Const) for atom in old ^ new)
    return old != new or (bool(new) and is_open(before) != is_open(after))


def is_open(value: Value | None) -> bool:
    """True if a value is not fully known: it may also be anything, or a summary has none yet."""
    return not value or any(isinstance(atom, Anything) for atom in value)


def sockets_and_states(names: Names) -> Names:
    """The part of an environment that is about sockets: the sockets in each value, and the typestates."""
    states = {name: value for name, value in names.items() if isinstance(name, StateOf)}
    sockets = {name: frozenset(atom for atom in value if isinstance(atom, Socket)) for name, value in names.items()}
    return states | {name: value for name, value in sockets.items() if value}


def matters(atom: Atom, boxes: Container[cst.CSTNode] | None = None) -> bool:
    """True if another pass is worth it because a value may be this atom. Of containers only `boxes` count."""
    match atom:
        case On():
            return matters(atom.atom, boxes)
        case Box(node):
            return boxes is None or node in boxes
        case Items(item):
            return any(matters(part, boxes) for part in item)
        case Tuple(items):
            return any(matters(part, boxes) for item in items for part in item)
        case Member(Box(node)):
            return boxes is None or node in boxes
        # A function that tries an import returns the module, or None.
        case Module():
            return True
        case Member(Module(name)):
            return name == "socket"
        case Object():
            return atom.module in FOLLOWED or atom.module in HARDWARE
        case Given():
            return True
        case Anything():
            return atom.about_python
        case _:
            return not isinstance(atom, (Literal, Member, OfType, Builtin))

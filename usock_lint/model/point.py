"""A point of the program under analysis: what is live there, which names are bound, which statements are around it."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

import libcst as cst

from usock_lint.model import lifecycle
from usock_lint.model.atoms import Cells, NoData, On, Value
from usock_lint.model.guards import Attempt
from usock_lint.model.scopes import Names, Scope, State, changed
from usock_lint.model.uses import AnyUse, Clause, Left, Site, Unchecked
from usock_lint.model.values import atoms, estranged, join, on

# A value can depend on a parameter, that on an attribute, that on what a helper returns: real code goes no deeper.
_WALKS: Final = 4

Table = Literal["attributes", "returns", "parameters", "globals", "endless"]
Fact = tuple[Table, Any]
"""What bodies tell each other of: a class's attribute, a function's result, its parameter, a name of the module, or
that a function never returns."""


@dataclass(slots=True, eq=False)
class Body:
    """The module's body, or a function's: it runs later, on the cells on which it was defined; `owner` has the method.

    With it is kept what its last walk found: the facts it `told`, the uses, the functions in it (`inner`), the names of
    the socket module that it reads; and what it went by: what it `recalled` first of each fact, which names conditions
    were `decided` by, and which names loops `turned` into more than was known where they begin. `restless` tells that
    these were sockets.
    """

    node: cst.FunctionDef | cst.Module
    outer: Scope | None
    live: Cells
    path: tuple[cst.CSTNode, ...] = ()
    owner: cst.ClassDef | None = None
    defaults: dict[str, Value] = field(default_factory=dict[str, Value])
    walks: int = 0
    told: dict[Fact, Value] = field(default_factory=dict[Fact, Value])
    uses: list[AnyUse] = field(default_factory=list[AnyUse])
    inner: list[Body] = field(default_factory=list["Body"])
    reads: set[str] = field(default_factory=set[str])
    recalled: dict[Fact, Value | None] = field(default_factory=dict[Fact, Value | None])
    decided: set[str] = field(default_factory=set[str])
    turned: set[str] = field(default_factory=set[str])
    restless: bool = False

    def begin(self) -> None:
        """Forget the last walk."""
        self.walks, self.restless = self.walks + 1, False
        self.told, self.uses, self.inner, self.reads = {}, [], [], set()
        self.recalled, self.decided, self.turned = {}, set(), set()


class Point:
    """Where the analysis is: in `body`, and what it has `learnt` of the file, by the code that tells it.

    `loops` are the names that the last walk found at the end of each loop's body, `bases` the classes' in this file.
    `certain` tells that the call at hand can be of one thing only, `optional` that an expression need not run.
    """

    def __init__(self, module: cst.Module, world: Cells) -> None:
        self.module = module
        self.live = world
        self.root = self.body = Body(module, None, world)
        self.learnt: dict[Fact, dict[cst.CSTNode, Value]] = {}
        self._tellers: dict[cst.CSTNode, list[Fact]] = {}
        self.loops: dict[cst.CSTNode, Names] = {}
        self.bases: dict[cst.ClassDef, list[cst.ClassDef]] = {}
        self.scope = Scope()
        self.path: list[cst.CSTNode] = []
        self.apart: set[cst.CSTNode] = set()
        self.attempts: tuple[Attempt, ...] = ()
        self.clause: Clause | None = None
        self.made: dict[cst.Call, Site] = {}
        self.certain = True
        self.optional = False

    def learn(self, table: Table, key: Any, value: Value) -> None:
        """Tell the rest of the file of a possibility."""
        told = self.body.told
        told[table, key] = join(told.get((table, key), frozenset()), estranged(value))

    def recall(self, table: Table, key: Any) -> Value | None:
        """What the file tells of an attribute, a function's result, a parameter: None for nothing so far."""
        value = self._told((table, key))
        if (own := self.body.told.get((table, key))) is not None:
            value = own if value is None else join(value, own)
        self.body.recalled.setdefault((table, key), value)
        return value

    def _told(self, fact: Fact) -> Value | None:
        told = self.learnt.get(fact)
        return join(*told.values()) if told else None

    def take_in(self) -> None:
        """Learn what the body told in this walk, in place of what its code told in the one before."""
        node, told = self.body.node, self.body.told
        for fact in self._tellers.get(node, ()):
            del self.learnt[fact][node]
        for fact, value in told.items():
            self.learnt.setdefault(fact, {})[node] = value
        self._tellers[node] = [*told]

    def is_stale(self, body: Body) -> bool:
        """Whether another walk could find something that matters: not all that the body went by still holds."""
        if not 0 < body.walks < _WALKS:
            return not body.walks
        if body.restless or not body.decided.isdisjoint(body.turned):
            return True
        return any(self._has_changed(body, fact) for fact in body.recalled)

    def _has_changed(self, body: Body, fact: Fact) -> bool:
        before, after, (table, key) = body.recalled[fact], self._told(fact), fact
        name = key if isinstance(key, str) else key.name.value if isinstance(key, cst.FunctionDef) else key[1]
        if table in ("globals", "endless") or name in body.decided:
            return before != after
        return changed(before, after)

    @property
    def is_apart(self) -> bool:
        """Whether a condition around asks for what MicroPython has, so that CPython may go another way."""
        return not self.apart.isdisjoint(self.path)

    def site(self, live: Cells) -> Site:
        """Where a use stands that is met now."""
        return Site(live, self.module, tuple(self.path), self.attempts, self.is_apart)

    def lose(self, made: cst.Call, site: Site) -> None:
        """Note the socket that this call made before, there, if nobody has it from here on."""
        closed = lifecycle.lost(self.scope, made)
        if closed is not None:
            self.note(Left(replace(site, live=site.live & self.live), made, closed))

    def leave(self) -> None:
        """Note the sockets that a path out of a function loses. A `finally` or a `with` around it may close them."""
        if not self.scope.shared and not any(map(_tidies, self.path)):
            for made, site in self.made.items():
                self.lose(made, site)

    def note(self, use: AnyUse) -> None:
        """Keep a use that can run."""
        if use.site.live:
            self.body.uses.append(use)

    def demand(self, node: cst.BaseExpression, value: Value, raises: str = "TypeError") -> None:
        """Note what may be None here, where None raises this: after it, it is not."""
        for atom, cells in atoms(value, self.live):
            if isinstance(atom, NoData):
                self.note(Unchecked(self.site(cells), node, atom, raises))
                if isinstance(node, cst.Name) and (found := self.scope.names.get(node.value)):
                    self.scope.names[node.value] = found - {atom, On(cells, atom)}

    def limit(self, value: Value, cells: Cells) -> Value:
        """The value on these cells only, written as briefly as can be."""
        return value if cells == self.live else on(cells, value)

    @contextmanager
    def only(self, live: Cells) -> Generator[None]:
        """Work on these cells, then go back."""
        before, self.live = self.live, live
        yield
        self.live = before

    @contextmanager
    def perhaps(self, live: Cells) -> Generator[None]:
        """Work on these cells on what need not run there."""
        outer, self.optional = self.optional, True
        with self.only(live):
            yield
        self.optional = outer

    @contextmanager
    def inside(self, scope: Scope) -> Generator[None]:
        """Work in this scope, then go back."""
        outer, self.scope = self.scope, scope
        yield
        self.scope = outer

    def state(self) -> State:
        """This point, to come back to."""
        return State(self.live, dict(self.scope.names))

    def resume(self, state: State) -> None:
        """Go on from a point of the same scope."""
        self.live, self.scope.names = state.live, dict(state.names)

    def set_name(self, name: str, value: Value) -> None:
        """Bind a name in the scope it belongs to."""
        if name in self.scope.outside or self.scope.is_class:
            lifecycle.forget(self.scope, value)
        if name in self.scope.outside:
            self.learn("globals", name, value)
            self.root.recalled.setdefault(("globals", name), None)  # it ends with this name as well
        self.scope.names[name] = value
        if self.scope.is_class and self.scope.owner is not None:
            self.learn("attributes", (self.scope.owner, name), value)


def _tidies(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.With) or (isinstance(node, cst.Try | cst.TryStar) and node.finalbody is not None)

"""A point of the program under analysis: what is live there, which names are bound, which statements are around it."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager

import libcst as cst

from usock_lint.analysis import references
from usock_lint.analysis.domain import typestate
from usock_lint.analysis.domain.environment import Names, Scope, State
from usock_lint.analysis.domain.keys import Pending
from usock_lint.analysis.domain.operations import TRUE, UNKNOWN, atoms, join, on
from usock_lint.analysis.domain.values import Cells, Function, Instance, NoData, On, Socket, Stream, Value
from usock_lint.analysis.handlers import Attempt
from usock_lint.analysis.heap import Stores, holders
from usock_lint.analysis.summaries import Body, Facts
from usock_lint.analysis.type_annotations import refined
from usock_lint.analysis.uses import AnyUse, Clause, Hashed, Iterated, Left, Site, Unchecked
from usock_lint.fast_dataclasses import replace


class Point(Facts):
    """Where the analysis is.

    `loops` are the names that the last walk found at the end of each loop's body, `bases` the classes' in this file,
    `typing` are names that stand for something in annotations only.
    `telling` tells that a condition asked for something that CPython lacks and MicroPython may have.
    `apart` are the suites under a condition that asks for what MicroPython has, so that CPython may go another way;
    `is_apart` tells that one of them is around.
    `default_values` are those of each function's parameters, `default_names` the names of functions that have some,
    `classes` the class of each method; `is_program` tells that the module's own statements call what it defines.
    `certain` tells that the call at hand can be of one thing only, `optional` that an expression need not run.
    """

    def __init__(self, module: cst.Module, world: Cells, *, losses: bool = True) -> None:
        super().__init__(Body(module, None, world))
        self.module = module
        self.live = world
        self.loops: dict[cst.CSTNode, Names] = {}
        self.bases: dict[cst.ClassDef, list[cst.ClassDef]] = {}
        self.default_values: dict[cst.FunctionDef, dict[str, Value]] = {}
        self.default_names: set[str] = set()
        self.classes: dict[cst.FunctionDef, cst.ClassDef] = {}
        self.is_program = False
        self._referred: frozenset[str] | None = None
        self.scope = Scope()
        self.path: list[cst.CSTNode] = []
        self.apart: set[cst.CSTNode] = set()
        self.is_apart = False
        self.attempts: tuple[Attempt, ...] = ()
        self.clause: Clause | None = None
        self.stores = Stores()
        self.typing: Names = {}
        self.holders: set[str] = set()
        self.made: dict[cst.Call, Site] = {}
        self.certain = True
        self.optional = False
        self.vague_branch = self.vague_try = self.vague_loop = self.vague_body = False
        self.telling = False
        self._losses = losses
        self._spelt: dict[Value, str | None] = {}

    def site(self, live: Cells) -> Site:
        """Where a use stands that is met now."""
        return Site(live, self.module, tuple(self.path), self.attempts, self.is_apart)

    def lose(self, made: cst.Call, site: Site) -> None:
        """Note the socket that this call made before, there, if nobody has it from here on."""
        if not self._losses:
            return
        closed = typestate.lost(self.scope, made)
        if closed is not None:
            self.note(Left(replace(site, live=site.live & self.live), made, closed))

    def leave(self) -> None:
        """Note the sockets that a path out of a function loses. A `finally` or a `with` around it may close them."""
        if self._losses and self.made and not self.scope.shared and not any(map(_tidies, self.path)):
            for made, site in self.made.items():
                self.lose(made, site)

    def note(self, use: AnyUse) -> None:
        """Keep a use that can run."""
        if use.site.live and not self.is_vague:
            self.body.uses.append(use)

    @property
    def is_vague(self) -> bool:
        """Whether this point is reached on one Python or another, as a flag says that cannot be followed."""
        return self.vague_branch or self.vague_try or self.vague_loop or self.vague_body

    @contextmanager
    def vaguely(self, vague: bool) -> Generator[None]:
        """Work where such a flag decides whether this is reached, or does not."""
        outer, self.vague_branch = self.vague_branch, self.vague_branch or vague
        yield
        self.vague_branch = outer

    def demand(self, node: cst.BaseExpression, value: Value, raises: str = "TypeError") -> None:
        """Note what may be None here, where None raises this: after it, it is not."""
        for atom, cells in atoms(value, self.live):
            if isinstance(atom, NoData):
                self.note(Unchecked(self.site(cells), node, atom, raises))
                if isinstance(node, cst.Name) and (found := self.scope.names.get(node.value)):
                    self.scope.names[node.value] = found - {atom, On(cells, atom)}

    def hashed(self, node: cst.BaseExpression, key: Value) -> None:
        """Note a socket that is used as a key."""
        for atom, cells in atoms(key, self.live):
            if isinstance(atom, Socket):
                self.note(Hashed(self.site(cells), node, atom))

    def drawn(self, node: cst.BaseExpression, value: Value) -> None:
        """Note a stream that items are taken out of."""
        for atom, cells in atoms(value, self.live):
            if isinstance(atom, Stream):
                self.note(Iterated(self.site(cells), node, atom))

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

    def give_way(self) -> None:
        """Other functions of the file run now: they see what was left for them, and leave what they will."""
        self.stores.show(self.scope, self.learn)
        self.meanwhile()

    def meanwhile(self) -> None:
        """Other functions of the file may have run: what they leave in attributes and names may be there now."""
        names = self.scope.names
        for attribute, owner in list(holders(self.scope)) if self.holders else ():
            if (found := self.recall("attributes", (owner, attribute.name))) is not None:
                names[attribute] = found if found >= names[attribute] else join(names[attribute], found)
        for name, found in self.shown():
            if name in names:
                names[name] = join(names[name], found)

    def is_called_from_outside(self, node: cst.FunctionDef) -> bool:
        """Whether a function may be called with more than the calls in the file show.

        It is given away, has a name that something unknown is called by, or belongs to a module that calls nothing
        itself: others import that.
        """
        if self._referred is None:
            self._referred = references.referred(self.module)
        owner = self.classes.get(node)
        name = node.name.value
        called_by = owner.name.value if owner is not None and name == "__init__" else name
        is_public = not called_by.startswith("_") or called_by.startswith("__")
        return (
            called_by in self._referred
            or references.is_decorated(node)
            or (is_public and not self.is_program)
            or self.recall("unknown calls", ("", name)) is not None
        )

    def called_by(self, name: str) -> None:
        """Something unknown is called by this name: it may be a method of this file's."""
        if name in self.default_names:
            self.learn("unknown calls", ("", name), TRUE)

    def callback(self, given: Value, argument: Value) -> None:
        """A function of the file that is given away, to be called with this argument."""
        for atom in given:
            if isinstance(atom, Function):
                first = [*atom.node.params.posonly_params, *atom.node.params.params][isinstance(atom.owner, Instance) :]
                for one in first[:1]:
                    self.learn("parameters", (atom.node, one.name.value), argument)

    def above(self) -> Value:
        """What `super()` gives in the method at hand."""
        bases = self.bases.get(self.body.owner, []) if self.body.owner is not None else []
        return frozenset(map(Instance, bases)) or UNKNOWN

    def shown(self) -> Iterator[tuple[str, Value]]:
        """The names of this scope that functions of the file assign, with what they leave there."""
        scope = self.scope
        for owner, name in list(self.outer_names):
            own = scope.parent is None if owner is None else scope.node is owner
            if own or scope.outside.get(name, scope) is owner:
                found = self.recall("outer", (owner, name))
                if found is not None:
                    yield name, found

    def spelling(self, value: Value) -> str | None:
        """A plain name that is bound to exactly this value here."""
        name = self._spelt.get(value)
        if name is None or self.scope.lookup(name) != value:
            name = self._spelt[value] = self.scope.spelling(value)
        return name

    def state(self) -> State:
        """This point, to come back to."""
        return State(self.live, dict(self.scope.names))

    def resume(self, state: State) -> None:
        """Go on from a point of the same scope."""
        self.live, self.scope.names = state.live, dict(state.names)

    def _put_out(self, name: str, value: Value) -> None:
        """Assign a name that is declared `global` or `nonlocal`: the body that binds it goes by that as well."""
        owner = self.scope.outside[name]
        self.stores.put(self.scope, self.learn, Pending(None, name), ("outer", (owner, name)), value)
        binding = self.bodies.get(owner, self.root) if owner is not None else self.root
        self.go_by(binding, self.fact("outer", (owner, name)), None)

    def set_name(self, name: str, value: Value) -> None:
        """Bind a name in the scope it belongs to."""
        if name in self.scope.declared:
            value = refined(value, self.scope.declared[name])
        if name in self.scope.outside or self.scope.is_class:
            typestate.forget(self.scope, value)
        if name in self.scope.outside:
            self._put_out(name, value)
        if name in self.holders:
            self.stores.release(self.scope, self.learn, name)
        self.scope.names[name] = value
        if self.scope.is_class and self.scope.owner is not None:
            self.learn("attributes", (self.scope.owner, name), value)


def _tidies(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.With) or (isinstance(node, cst.Try | cst.TryStar) and node.finalbody is not None)

"""Compound statements: one path through the file in the order in which it runs, branches joined where they meet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import libcst as cst

from usock_lint.model import calls, lifecycle
from usock_lint.model.atoms import (
    Atom,
    Builtin,
    Cells,
    Class,
    Closing,
    File,
    Function,
    Instance,
    Socket,
    Value,
)
from usock_lint.model.expressions import parameters
from usock_lint.model.guards import Attempt
from usock_lint.model.narrowing import narrow
from usock_lint.model.point import Body
from usock_lint.model.scopes import Names, Scope, State, lives, merge
from usock_lint.model.simple import Paths
from usock_lint.model.tries import Suite, Tries, Try
from usock_lint.model.uses import AnyUse, WithItem
from usock_lint.model.values import NONE, TRUE, UNKNOWN, atoms, join


class Walker(Tries):
    """Runs through a module's statements, then through the functions it defines."""

    def __init__(self, module: cst.Module, world: Cells) -> None:
        super().__init__(module, world)
        self.failing = []
        self.paths = Paths()

    def uses(self) -> list[AnyUse]:
        """Every use in the module: its own from top to bottom, then its functions', outer before inner.

        Those are walked again for which others have changed what they went by.
        """
        bodies, walking = [self.root], True
        while walking:
            bodies, walking, self.read = [self.root], False, set()
            for body in bodies:
                if self.is_stale(body):
                    self._walk(body)
                    walking = True
                self.read |= body.reads
                bodies += body.inner
        return [use for body in bodies for use in body.uses]

    def _walk(self, body: Body) -> None:
        body.begin()
        self.body, self.live, self.path, self.scope = body, body.live, [*body.path], Scope(body.outer)
        self.attempts, self.failing, self.paths, self.made = (), [], Paths(), {}
        if isinstance(body.node, cst.FunctionDef):
            self._function(body, body.node)
        else:
            self._top(body.node)
        self.take_in()

    def _top(self, module: cst.Module) -> None:
        self.function = None
        self.suite(module)
        names = self.scope.names
        for name in [key for table, key in self.learnt if table == "globals"]:
            names[name] = join(names.get(name, frozenset()), self.recall("globals", name) or frozenset())

    def suite(self, suite: Suite, attempt: Try | None = None) -> None:
        outer, path = self.attempts, self.path
        path.append(suite)
        for line in suite.body:
            path.append(line)
            if type(line) is cst.SimpleStatementLine:
                for statement in line.body:
                    path.append(statement)
                    self._statement(statement, attempt, outer)
                    path.pop()
            else:
                self._statement(line, attempt, outer)
            path.pop()
        path.pop()
        self.attempts = outer

    def _statement(self, node: cst.CSTNode, attempt: Try | None, outer: tuple[Attempt, ...]) -> None:
        if not self.live:
            return
        if attempt is not None:
            self.attempts = (Attempt(attempt, node), *outer)
        _HANDLERS.get(type(node), Walker.value)(self, node)

    # Branches

    def if_(self, node: cst.If) -> None:
        true, false = self.branch(node.test)
        before = self.state()
        ends: list[State] = []
        for live, side in ((true, node.body), (false, node.orelse)):
            self.resume(State(live, before.names))
            if live:
                narrow(self, node.test, side is node.body)
            if isinstance(side, cst.If):
                with self.under(side):
                    self.if_(side)
            elif side is not None:
                suite = side.body if isinstance(side, cst.Else) else side
                self.apart.discard(suite)
                if not true or not false:
                    self.apart.add(suite)
                self.suite(suite)
            ends.append(self.state())
        self.resume(merge(ends))

    def match_(self, node: cst.Match) -> None:
        self.value(node.subject)
        before = self.state()
        ends = [before]
        for case in node.cases:
            self.resume(before)
            self.suite(case.body)
            ends.append(self.state())
        self.resume(merge(ends))

    # Loops

    def while_(self, node: cst.While) -> None:
        entry = self._enter(node)
        self.live, done = self.branch(node.test)
        narrow(self, node.test, True)
        self._iterate(node, entry, done)

    def for_(self, node: cst.For) -> None:
        items = calls.iterated(self, node.iter, self.value(node.iter))
        done = self.live
        entry = self._enter(node)
        self.bind(node.target, items)
        self._iterate(node, entry, done)

    def _enter(self, node: cst.While | cst.For) -> Names:
        """Begin with what the previous pass found bound at the end of the body as well."""
        names = self.scope.names
        entry = dict(names)
        for name, value in self.loops.get(node, {}).items():
            if name in names or "." not in name:
                names[name] = join(names.get(name, frozenset()), value)
            # else an attribute that is set in the loop: before it is, it is what it was outside
        return entry

    def _iterate(self, node: cst.While | cst.For, entry: Names, done: Cells) -> None:
        outer, self.paths = self.paths, Paths()
        self.suite(node.body)
        inner, self.paths = self.paths, outer
        outer.returned |= inner.returned
        end = merge([self.state(), *inner.continues])
        changed = {name: value for name, value in end.names.items() if value != entry.get(name)} if end.live else {}
        if changed:
            known = self.loops.get(node, {})
            self.body.restless |= lives(changed) != lives(known)
            self.body.turned.update(
                name.rpartition(".")[2] for name, value in changed.items() if value != known.get(name)
            )
            self.loops[node] = changed
        self.resume(merge([State(done, entry), State(done, {**entry, **changed})]))
        if isinstance(node, cst.While) and done:
            narrow(self, node.test, False)
        if node.orelse is not None:
            self.suite(node.orelse.body)
        self.resume(merge([self.state(), *inner.breaks]))

    def with_(self, node: cst.With) -> None:
        managed: list[Atom] = []
        for item in node.items:
            value = self.value(item.item)
            for atom, cells in atoms(value, self.live):
                if isinstance(atom, Socket | File | Closing):
                    self.note(WithItem(self.site(cells), item, node, atom))
            managed += value if len(value) == 1 else ()
            if item.asname is not None:
                self.bind(item.asname.name, frozenset({Socket()}) if Closing() in value else value)
        self.suite(node.body)
        for atom in managed:
            if isinstance(atom, File):
                lifecycle.happen(self.scope, atom, "close", [])
            else:
                lifecycle.forget(self.scope, frozenset({atom}))

    # Definitions

    def define(self, node: cst.FunctionDef) -> None:
        decorators = [self.value(decorator.decorator) for decorator in node.decorators]
        defaults = self.defaults(node.params)
        owner = self.scope.owner if self.scope.is_class else None
        is_property = frozenset({Builtin("property")}) in decorators
        self.set_name(node.name.value, frozenset({Function(node, is_property=is_property)}))
        self.scope.share()
        self.body.inner.append(Body(node, self.scope, self.live, tuple(self.path), owner, defaults))

    def _function(self, body: Body, node: cst.FunctionDef) -> None:
        self.function = node
        for index, parameter in enumerate(parameters(node.params)):
            self.scope.names[parameter.name.value] = self._argument(body, node, index, parameter.name.value)
        self.suite(node.body)
        if self.live:
            self.leave()
            self.learn("returns", node, NONE)
        elif not self.paths.returned:
            self.learn("endless", node, TRUE)

    def _argument(self, body: Body, node: cst.FunctionDef, index: int, name: str) -> Value:
        if index == 0 and body.owner is not None and not _is_static(node):
            return frozenset({Instance(body.owner)})
        passed = self.recall("parameters", (node, name))
        default = body.defaults.get(name)
        if default is None:
            return passed or UNKNOWN
        return join(default, passed or UNKNOWN)

    def class_(self, node: cst.ClassDef) -> None:
        for decorator in node.decorators:
            self.value(decorator.decorator)
        bases = [atom.node for base in node.bases for atom in self.value(base.value) if isinstance(atom, Class)]
        if bases:
            self.bases[node] = bases
        self.set_name(node.name.value, frozenset({Class(node)}))
        with self.inside(Scope(self.scope, owner=node, is_class=True)):
            self.suite(node.body)


def _is_static(node: cst.FunctionDef) -> bool:
    names = [one.decorator.value for one in node.decorators if isinstance(one.decorator, cst.Name)]
    return "staticmethod" in names


_HANDLERS: Final[dict[type[cst.CSTNode], Callable[[Walker, Any], Any]]] = {
    cst.Assign: Walker.assign,
    cst.AnnAssign: Walker.annotated,
    cst.AugAssign: Walker.augmented,
    cst.Return: Walker.returns,
    cst.Raise: Walker.raises,
    cst.Assert: Walker.asserts,
    cst.Break: Walker.breaks,
    cst.Continue: Walker.continues,
    cst.Global: Walker.outside,
    cst.Nonlocal: Walker.outside,
    cst.Import: Walker.imports,
    cst.ImportFrom: Walker.imports_from,
    cst.If: Walker.if_,
    cst.While: Walker.while_,
    cst.For: Walker.for_,
    cst.Try: Walker.try_,
    cst.TryStar: Walker.try_,
    cst.With: Walker.with_,
    cst.Match: Walker.match_,
    cst.FunctionDef: Walker.define,
    cst.ClassDef: Walker.class_,
}

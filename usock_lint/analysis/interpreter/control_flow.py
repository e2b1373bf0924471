"""Compound statements: one path through the file in the order in which it runs, branches joined where they meet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import libcst as cst

from usock_lint.analysis import type_annotations
from usock_lint.analysis.domain import flags, typestate
from usock_lint.analysis.domain.environment import Names, State, lives, merge
from usock_lint.analysis.domain.keys import Attr, Key, Pending, Var, survives
from usock_lint.analysis.domain.operations import NO_CELLS, UNKNOWN, atoms, join
from usock_lint.analysis.domain.values import Anything, Atom, Cells, Closing, File, Member, Module, Socket, Value
from usock_lint.analysis.handlers import Attempt
from usock_lint.analysis.interpreter import calls
from usock_lint.analysis.interpreter.definitions import Definitions
from usock_lint.analysis.interpreter.narrowing import narrow
from usock_lint.analysis.interpreter.statements import Paths
from usock_lint.analysis.interpreter.try_statements import Suite, Try
from usock_lint.analysis.uses import AnyUse, WithItem
from usock_lint.ports.modules import EVERYWHERE


class Walker(Definitions):
    """Runs through a module's statements, then through the functions it defines."""

    def __init__(self, module: cst.Module, world: Cells, *, losses: bool = True) -> None:
        super().__init__(module, world, losses=losses)
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
                    self.walk(body)
                    walking = True
                self.read |= body.reads
                bodies += body.inner
        return [use for body in bodies for use in body.uses]

    def suite(self, suite: Suite, attempt: Try | None = None) -> None:
        outer, path, apart = self.attempts, self.path, self.is_apart
        self.is_apart = apart or suite in self.apart
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
        self.attempts, self.is_apart = outer, apart

    def _statement(self, node: cst.CSTNode, attempt: Try | None, outer: tuple[Attempt, ...]) -> None:
        if not self.live:
            return
        if attempt is not None:
            self.attempts = (Attempt(attempt, node), *outer)
        _HANDLERS.get(type(node), Walker.value)(self, node)

    # Branches

    def if_(self, node: cst.If) -> None:
        self.telling = False
        true, false, vague = self.branch(node.test)
        telling = self.telling or (true.isdisjoint(false) and not _is_literal(node.test))
        before = self.state()
        ends: list[State] = []
        for live, side in ((true, node.body), (false, node.orelse)):
            self.resume(State(live, before.names))
            if live:
                narrow(self, node.test, side is node.body)
            if isinstance(side, cst.If):
                with self.under(side), self.vaguely(vague):
                    self.if_(side)
            elif side is not None:
                suite = side.body if isinstance(side, cst.Else) else side
                if telling:
                    self._set_apart(suite)
                if not live:
                    self.typing.update(type_annotations.imported(suite))
                with self.vaguely(vague):
                    self.suite(suite)
                if side is node.body and _asks_for_lack(node.test) and self._gives_up(suite):
                    self.live = NO_CELLS
            if vague and live and not self.live and side is not None:
                self._leave_vaguely(side)
            ends.append(self.state())
        self.resume(_blurred(merge(ends), ends) if vague else merge(ends))

    def _leave_vaguely(self, side: cst.BaseSuite | cst.If | cst.Else) -> None:
        """Whether what follows is reached is decided by a flag."""
        last: cst.CSTNode = side
        while isinstance(last, cst.BaseSuite | cst.Else | cst.SimpleStatementLine):
            last = last.body if isinstance(last, cst.Else) else last.body[-1]
        match last:
            case cst.Continue() | cst.Break():
                self.vague_loop = True
            case cst.Raise() if self.attempts:
                self.vague_try = True
            case _:
                self.vague_body = True

    def _set_apart(self, suite: cst.BaseSuite) -> None:
        """MicroPython alone may get there; if the branch does not go on, to what follows it as well."""
        if _leaves(suite):
            self.body.apart.add(self._around())
            self.is_apart = True
        self.body.apart.add(suite)
        self.apart |= self.body.apart

    def _gives_up(self, suite: cst.BaseSuite) -> bool:
        """Whether a branch ends in a call of another module, which may well be the end: `unittest.skip()`."""
        last = suite.body[-1]
        match last.body[-1] if isinstance(last, cst.SimpleStatementLine) else None:
            case cst.Expr(value=cst.Call(func=function)):
                return any(isinstance(atom, Anything) or _is_foreign(atom) for atom in self.quiet(function))
            case _:
                return False

    def _around(self) -> cst.CSTNode:
        """The suite in which the statement at hand stands."""
        return next(node for node in reversed(self.path) if isinstance(node, cst.BaseSuite | cst.Module))

    def match_(self, node: cst.Match) -> None:
        self.value(node.subject)
        before = self.state()
        ends = [before]
        for case in node.cases:
            self.resume(before)
            for name in _captured(case.pattern):
                self.set_name(name, UNKNOWN)
            vague = False
            if case.guard is not None:
                self.live, _, vague = self.branch(case.guard)
            with self.vaguely(vague):
                self.suite(case.body)
            ends.append(self.state())
        self.resume(merge(ends))

    # Loops

    def while_(self, node: cst.While) -> None:
        self.meanwhile()
        entry = self._enter(node)
        self.live, done, vague = self.branch(node.test)
        narrow(self, node.test, True)
        with self.vaguely(vague):
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
            if name in names or survives(name):
                names[name] = join(names.get(name, frozenset()), value)
            # else an attribute that is set in the loop: before it is, it is what it was outside
        return entry

    def _iterate(self, node: cst.While | cst.For, entry: Names, done: Cells) -> None:
        outer, self.paths = self.paths, Paths()
        vague = self.vague_loop
        self.suite(node.body)
        self.vague_loop = vague
        inner, self.paths = self.paths, outer
        outer.returned |= inner.returned
        end = merge([self.state(), *inner.continues])
        changed = {name: value for name, value in end.names.items() if value != entry.get(name)} if end.live else {}
        if changed:
            known = self.loops.get(node, {})
            self.body.restless |= lives(changed) != lives(known)
            self.body.turned.update(_spelt(key) for key, value in changed.items() if value != known.get(key))
            self.loops[node] = changed
        self.resume(merge([State(done, entry), State(done, {**entry, **changed})]))
        if type(node) is cst.While and done:
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
                self.bind(item.asname.name, frozenset(one.socket if isinstance(one, Closing) else one for one in value))
        self.suite(node.body)
        for atom in managed:
            if isinstance(atom, File):
                typestate.happen(self.scope, atom, "close", [])
            else:
                typestate.forget(self.scope, frozenset({atom}))


def _blurred(met: State, ends: list[State]) -> State:
    """What paths leave in names that a flag chooses between."""
    reached = [end.names for end in ends if end.live]
    if len(reached) < 2:
        return met
    none: Value = frozenset()
    names = {
        key: flags.blurred(*(one.get(key, none) for one in reached)) if isinstance(key, str | Attr | Pending) else value
        for key, value in met.names.items()
    }
    return State(met.live, names)


def _captured(pattern: cst.CSTNode) -> Iterator[str]:
    """The names that a pattern binds."""
    if isinstance(pattern, cst.MatchAs | cst.MatchStar) and pattern.name is not None:
        yield pattern.name.value
    if isinstance(pattern, cst.MatchMapping) and pattern.rest is not None:
        yield pattern.rest.value
    for child in pattern.children:
        yield from _captured(child)


def _spelt(key: Key) -> str:
    """The name that the code gives to a name or an attribute; nothing for what it has no name for."""
    return key if isinstance(key, Var) else key.name if isinstance(key, Attr) else ""


def _is_foreign(atom: Atom) -> bool:
    return isinstance(atom, Member) and isinstance(atom.owner, Module) and atom.owner.name not in EVERYWHERE


def _asks_for_lack(test: cst.BaseExpression) -> bool:
    """Whether a condition is that something lacks an attribute."""
    match test:
        case cst.UnaryOperation(operator=cst.Not(), expression=cst.Call(func=cst.Name(value="hasattr"))):
            return True
        case _:
            return False


def _is_literal(test: cst.BaseExpression) -> bool:
    """Whether a condition asks nothing: `if 1:`."""
    while isinstance(test, cst.UnaryOperation):
        test = test.expression
    return isinstance(test, cst.Integer) or (isinstance(test, cst.Name) and test.value in ("True", "False", "None"))


def _leaves(suite: cst.BaseSuite) -> bool:
    """Whether what follows this branch does not run after it."""
    last = suite.body[-1]
    match last.body[-1] if isinstance(last, cst.SimpleStatementLine) else last:
        case cst.Return() | cst.Raise() | cst.Continue() | cst.Break():
            return True
        case cst.Expr(value=cst.Call(func=(cst.Name(value="exit" | "quit")) | cst.Attribute(attr=cst.Name("exit")))):
            return True
        case _:
            return False


_HANDLERS: Final[dict[type[cst.CSTNode], Callable[[Walker, Any], Any]]] = {
    cst.Expr: Walker.expression,
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

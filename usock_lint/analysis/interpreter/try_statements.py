"""Try statements: what an import that fails leaves out, which clauses are reached, what they catch."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from itertools import pairwise

import libcst as cst

from usock_lint.analysis import handlers
from usock_lint.analysis.domain import device, typestate
from usock_lint.analysis.domain.environment import State, merge
from usock_lint.analysis.domain.operations import NO_CELLS, UNKNOWN, join
from usock_lint.analysis.domain.values import Anything, Builtin, Caught, Member, Module, On, Tuple, Value
from usock_lint.analysis.interpreter.statements import Simple
from usock_lint.analysis.uses import Clause

Suite = cst.Module | cst.BaseSuite
Try = cst.Try | cst.TryStar


class Tries(Simple):
    """Try statements."""

    def suite(self, suite: Suite, attempt: Try | None = None) -> None:
        """Run through the statements of a suite, the body of this try statement if one is given."""
        raise NotImplementedError

    @contextmanager
    def under(self, node: cst.CSTNode) -> Generator[None]:
        """Work inside this statement."""
        self.path.append(node)
        yield
        self.path.pop()

    def try_(self, node: Try) -> None:
        before, vague = self.state(), self.vague_try
        self.failing.append(None)
        self.scope.trials.append({})
        self.suite(node.body, node)
        failing = self.failing.pop()
        if failing is None and handlers.only_asks(node):
            failing = device.without_uname(before.live)
        after = self._interrupted(merge([State(before.live, before.names), State(before.live, self.scope.names)]))
        for made in [one for one, site in self.made.items() if _ends(node.body, site.path)]:
            typestate.unmake(after.names, made)
        if node.orelse is not None:
            self.suite(node.orelse.body)
        ends, only = [self.state()], handlers.only_imports(node)
        for index, handler in enumerate(node.handlers):
            # A condition on the device fails nowhere but on CPython, or where there is no os.uname().
            imports = failing is not None and (only or handlers.caught(handler) <= handlers.IMPORT_ERRORS)
            self.resume(State(failing or NO_CELLS, after.names) if imports else after)
            with self.under(handler):
                self._handle(node, index)
            ends.append(self.state())
        after = self._interrupted(after)
        self.scope.trials.pop()
        self._finally(node, after, merge(ends))
        self.vague_try = vague

    def _interrupted(self, state: State) -> State:
        """This point, with the sockets in any state that they have been in since the try."""
        meanwhile = self.scope.trials[-1]
        lives = {key: join(state.names.get(key, frozenset()), value) for key, value in meanwhile.items()}
        return State(state.live, {**state.names, **lives})

    def _handle(self, node: Try, index: int) -> None:
        if not self.live:
            return
        handler, earlier, later = node.handlers[index], node.handlers[:index], node.handlers[index + 1 :]
        masked, kinds = handlers.masked(earlier), UNKNOWN
        if handler.type is not None:
            self.clause = Clause(handler, not any(map(handlers.treats_errors, (*earlier, *later))), set())
            with self.only(NO_CELLS if masked else self.live):
                kinds = self.value(handler.type)
            self.clause = None
        if handler.name is not None:
            error = Caught(handlers.is_resolving(node)) if not masked and _takes_errors(kinds) else Anything()
            self.bind(handler.name.name, frozenset({error}))
        self.suite(handler.body)

    def _finally(self, node: Try, before: State, after: State) -> None:
        if node.finalbody is None:
            self.resume(after)
            return
        self.resume(merge([State(before.live, before.names), State(before.live, after.names)]))
        self.suite(node.finalbody.body)
        self.live &= after.live


def _ends(body: cst.BaseSuite, path: tuple[cst.CSTNode, ...]) -> bool:
    """Whether this statement is the last of a try body: where it raises, it has made nothing."""
    inner = path[path.index(body) :] if body in path else ()
    if not inner or any(isinstance(one, cst.For | cst.While) for one in inner):
        return False
    for one, after in pairwise(inner):
        if isinstance(one, cst.BaseSuite | cst.SimpleStatementLine) and one.body[-1] is not after:
            return False
    return True


def _takes_errors(kinds: Value) -> bool:
    """Whether one of these classes is OSError, stands above it, or is what CPython has below it."""
    for kind in kinds:
        match kind:
            case Tuple(items) if any(map(_takes_errors, items)):
                return True
            case On(_, atom) if _takes_errors(frozenset({atom})):
                return True
            case Builtin(name) if name in handlers.ERRORS:
                return True
            case Member(Module("socket")):
                return True
            case _:
                continue
    return False

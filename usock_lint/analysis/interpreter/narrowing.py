"""Narrowing of names by a condition, on the branch where it holds and on the one where it does not."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any, Final

import libcst as cst

from usock_lint.analysis import heuristics
from usock_lint.analysis.domain.keys import OPAQUE, Attr, Chosen, Key, Var
from usock_lint.analysis.domain.operations import (
    COMPARE,
    FALSE,
    NONE,
    TRUE,
    UNKNOWN,
    combine,
    constant,
    is_true,
    truth,
    unconditional,
)
from usock_lint.analysis.domain.values import STDIN, Anything, Atom, File, NoData, Socket, TlsSocket, Tuple, Value
from usock_lint.analysis.interpreter.core import Interpreter
from usock_lint.analysis.interpreter.names import key_of
from usock_lint.fast_dataclasses import replace
from usock_lint.syntax.nodes import of_type

_PLAIN: Final = (cst.Integer, cst.SimpleString, cst.Name)
"""Expressions that can be evaluated again without an effect."""

_NAMES: Final = (cst.Name, cst.Attribute)
_SAME: Final = (cst.Is, cst.IsNot, cst.Equal, cst.NotEqual)
_IDENTITY: Final = (cst.Is, cst.IsNot)
_SOCKETS: Final = (Socket, File, TlsSocket)
_ASKING: Final = frozenset("bool callable getattr hasattr isinstance issubclass len repr str type".split())
"""Builtins without side effects, which conditions call."""


def narrow(interp: Interpreter, test: cst.BaseExpression, holds: bool) -> None:
    """Drop the possibilities that the outcome of a condition excludes."""
    if (narrowing := _NARROWING.get(type(test))) is not None:
        narrowing(interp, test, holds)


def _inverted(interp: Interpreter, test: cst.UnaryOperation, holds: bool) -> None:
    if type(test.operator) is cst.Not:
        narrow(interp, test.expression, not holds)


def _combined(interp: Interpreter, test: cst.BooleanOperation, holds: bool) -> None:
    # `a and b` is true if both are, `a or b` false if neither is. The other outcomes leave open which part decided.
    if isinstance(test.operator, cst.And) is holds:
        narrow(interp, test.left, holds)
        narrow(interp, test.right, holds)
    else:
        _try_atoms(interp, test, holds)
        # `if HAS_X and data:` is false, and HAS_X is true on all configurations here: so `data` is false.
        if _is_certain(interp, test.right, not holds):
            narrow(interp, test.left, holds)
        elif _is_certain(interp, test.left, not holds):
            narrow(interp, test.right, holds)
        # After `if data is None and late(): break` data may still be None, but the program has thought of it, so the
        # None is dropped.
        if isinstance(test.operator, cst.And):
            _look_for_none(interp, test.left)
            _look_for_none(interp, test.right)


def _is_certain(interp: Interpreter, test: cst.BaseExpression, holds: bool) -> bool:
    """True if a part of a condition has this outcome on each cell, so that the other part decides."""
    if not _is_question(interp, test):
        return False
    true, false = truth(interp.quiet(test), interp.state.live)
    return not (false if holds else true)


def _look_for_none(interp: Interpreter, test: cst.BaseExpression) -> None:
    """Drop the None of a read from a name that a part of the condition tests for None."""
    if (name := heuristics.asks_for_none(test)) is not None:
        _keep(interp, name, lambda atom: not isinstance(unconditional(atom), NoData))


def _named(interp: Interpreter, test: cst.Name | cst.Attribute, holds: bool) -> None:
    _keep(interp, test, lambda atom: is_true(atom) is not (not holds))
    if isinstance(test, cst.Name):
        _keep_chosen(interp, test.value, holds)


def _keep_chosen(interp: Interpreter, flag: Var, holds: bool) -> None:
    """Narrow the names that an import chose together with this flag (`Chosen`), unless they were bound again."""
    scope = interp.state.scope
    value, chosen = scope.lookup(flag), scope.lookup(Chosen(flag, holds))
    if chosen is None or value is None or any(isinstance(atom, Anything) for atom in value):
        return
    for pair in chosen:
        if isinstance(pair, Tuple):
            name, there = pair.items
            for spelt in map(constant, name):
                if isinstance(spelt, str) and there and there < (scope.lookup(spelt) or there):
                    scope.names[spelt] = there


def _walrus(interp: Interpreter, test: cst.NamedExpr, holds: bool) -> None:
    _keep(interp, test.target, lambda atom: is_true(atom) is not (not holds))


def _called(interp: Interpreter, test: cst.Call, holds: bool) -> None:
    match test:
        case cst.Call(func=cst.Name(value="isinstance"), args=[_, kind]):
            _try_atoms(interp, test, holds)
            if heuristics.asks_for_tuple(interp.quiet(kind.value)):
                interp.state.scope.names[OPAQUE] = FALSE if holds else TRUE
        case _:
            _try_atoms(interp, test, holds)


@contextmanager
def assuming(interp: Interpreter, test: cst.BaseExpression, holds: bool) -> Generator[None]:
    """Narrow names by a condition for the body of the `with`, then restore those that it has not changed."""
    with assumptions(interp) as assume:
        assume(test, holds)
        yield


@contextmanager
def assumptions(interp: Interpreter) -> Generator[Callable[[cst.BaseExpression, bool], None]]:
    """Narrow names by conditions that the body of the `with` assumes, then restore those that it has not changed."""
    narrowed: dict[Key, Value] = {}
    before: dict[Key, Value] = {}

    def assume(test: cst.BaseExpression, holds: bool) -> None:
        known = dict(interp.state.scope.names)
        narrow(interp, test, holds)
        for name, value in interp.state.scope.names.items():
            if (was := known.get(name)) is not value:
                if was is not narrowed.get(name) or was is None:
                    before[name] = value if was is None else was
                narrowed[name] = value

    yield assume
    names = interp.state.scope.names
    for name, value in narrowed.items():
        if names.get(name) is value:
            names[name] = before[name]


def _compared(interp: Interpreter, test: cst.Comparison, holds: bool) -> None:
    subject, one = test.left, test.comparisons[0]
    if isinstance(subject, cst.NamedExpr):
        subject = subject.target  # bound by now: the condition has been evaluated
    fold = COMPARE.get(type(one.operator))
    if type(one.operator) in _SAME and isinstance(one.comparator, cst.Attribute):
        _narrow_input(interp, subject, one.comparator, same=(type(one.operator) in (cst.Is, cst.Equal)) is holds)
    if not isinstance(subject, cst.Name) or not _is_plain(one.comparator):
        _try_atoms(interp, test, holds)
    if len(test.comparisons) > 1 or fold is None or type(subject) not in _NAMES or not _is_plain(one.comparator):
        return
    right = interp.quiet(one.comparator)

    def may_hold(atom: Atom) -> bool:
        # An unknown value may equal what it is compared with, unless it is known not to be None (`some`, see below).
        if isinstance(atom, Anything) and not atom.some:
            return True
        # Sockets are no constants, so they are not compared below; but none of them is None.
        if right == NONE and isinstance(unconditional(atom), _SOCKETS):
            return (type(one.operator) in (cst.Is, cst.Equal)) is not holds
        true, false = truth(combine(frozenset({atom}), right, interp.state.live, fold), interp.state.live)
        return bool(true if holds else false)

    # `x.__class__ == str` compares the class: `_try_atoms` has narrowed x by it.
    if not (isinstance(subject, cst.Attribute) and subject.attr.value == "__class__"):
        _keep(interp, subject, may_hold)
    if type(one.operator) in _IDENTITY and right == NONE and (type(one.operator) is cst.Is) is not holds:
        _mark_not_none(interp, subject)


def _mark_not_none(interp: Interpreter, subject: cst.BaseExpression) -> None:
    """Record that the value of a name of this scope is not None."""
    key, names = key_of(subject), interp.state.scope.names
    if isinstance(key, Var) and key in names:
        names[key] = frozenset(replace(atom, some=True) if isinstance(atom, Anything) else atom for atom in names[key])


def _narrow_input(interp: Interpreter, subject: cst.BaseExpression, other: cst.Attribute, *, same: bool) -> None:
    """Narrow a subject that is compared with standard input."""
    if interp.quiet(other) == frozenset({STDIN}):
        _keep(interp, subject, lambda atom: isinstance(atom, Anything) or (atom == STDIN) is same)


def _is_plain(node: cst.BaseExpression) -> bool:
    """True if evaluating it again has no effect."""
    if isinstance(node, cst.Tuple):
        return all(_is_plain(one.value) for one in node.elements)
    if isinstance(node, cst.UnaryOperation):
        return _is_plain(node.expression)
    return type(node) in _PLAIN


def _try_atoms(interp: Interpreter, test: cst.BaseExpression, holds: bool) -> None:
    """Narrow names by a condition that tests their types, such as `hasattr(x, "a")`.

    It is evaluated once for each atom of a name's value. The atom is dropped if the condition cannot have the outcome.
    """
    # The walrus has been evaluated with the condition; a trial must not bind its name a second time.
    if any(of_type(test, cst.NamedExpr)):
        test = cst.ensure_type(test.visit(_Assigned()), cst.BaseExpression)
    if not _is_question(interp, test):
        return
    for node in _subjects(test):
        key = key_of(node)
        if key is not None:
            _keep(interp, node, lambda atom, key=key: _may_be(interp, test, holds, key, atom))


def _may_be(interp: Interpreter, test: cst.BaseExpression, holds: bool, key: Key, atom: Atom) -> bool:
    """True if a condition may have this result when the key is bound to this atom alone."""
    # A trial must not leave dependencies behind: the condition itself has recorded its own.
    names, decided = interp.state.scope.names, set(interp.summaries.body.decided_by)
    with _bound(interp, key, frozenset({atom})):
        true, false = truth(interp.quiet(test), interp.state.live)
    interp.state.scope.names, interp.summaries.body.decided_by = names, decided
    return bool(true if holds else false)


@contextmanager
def _bound(interp: Interpreter, key: Key, value: Value) -> Generator[None]:
    names, holders = interp.state.scope.names, interp.env.holders
    interp.state.scope.names = {**names, key: value}
    interp.env.holders = holders | {key.holder} if isinstance(key, Attr) else holders
    yield
    interp.state.scope.names, interp.env.holders = names, holders


def _is_question(interp: Interpreter, test: cst.BaseExpression) -> bool:
    """True if a condition only tests values: all its calls are of side-effect-free builtins."""
    return all(_is_asking(interp, node) for node in of_type(test, cst.Call))


def _is_asking(interp: Interpreter, call: cst.Call) -> bool:
    match call.func:
        case cst.Name(value=name):
            # A name that the file binds itself is not the builtin, and its call may have effects.
            return name in _ASKING and interp.state.scope.lookup(name) is None
        case _:
            return False


def _subjects(test: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """The expressions that a condition tests: first arguments of calls, and owners of `__class__`."""
    for node in of_type(test, cst.Call, cst.Attribute):
        match node:
            case (
                cst.Call(args=[cst.Arg(value=subject), *_])
                | cst.Attribute(value=subject, attr=cst.Name(value="__class__"))
            ):
                yield subject
            case _:
                pass


class _Assigned(cst.CSTTransformer):
    """Replaces `name := value` by the name, which is bound already."""

    def leave_NamedExpr(  # noqa: N802
        self, original_node: cst.NamedExpr, updated_node: cst.NamedExpr
    ) -> cst.BaseExpression:
        return updated_node.target


def _keep(interp: Interpreter, node: cst.BaseExpression, test: Callable[[Atom], bool]) -> None:
    """Narrow a name or an attribute to the atoms for which `test` is true; to all of them if it is true for none."""
    key = key_of(node)
    if key is None:
        return
    if isinstance(key, Attr):
        interp.env.holders.add(key.holder)
    value: Value = interp.quiet(node)
    if value and value is not UNKNOWN:
        # The key is bound in both branches, even if nothing is dropped, so that the join of the branches has it.
        interp.state.scope.names[key] = frozenset(filter(test, value)) or value


_NARROWING: Final[dict[type[cst.CSTNode], Callable[[Interpreter, Any, bool], None]]] = {
    cst.UnaryOperation: _inverted,
    cst.BooleanOperation: _combined,
    cst.Name: _named,
    cst.Attribute: _named,
    cst.NamedExpr: _walrus,
    cst.Comparison: _compared,
    cst.Call: _called,
}

"""Statements after the end of a stream."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from typing import Final

import libcst as cst

from usock_lint.analysis.end_of_stream.paths import Frame, Next, Outcome, Runner, State, executes
from usock_lint.analysis.end_of_stream.values import NOTHING, VOLATILE, Known, Value, truth
from usock_lint.syntax.nodes import of_type

# Turns of an inner loop that are followed.
_ROUNDS: Final = 3


@executes(cst.Pass, cst.Global, cst.Nonlocal, cst.Import, cst.ImportFrom)
def nothing(run: Runner, node: cst.CSTNode, state: State, frame: Frame, then: Next) -> Outcome:
    return then(state)


@executes(cst.FunctionDef, cst.ClassDef)
def define(run: Runner, node: cst.FunctionDef | cst.ClassDef, state: State, frame: Frame, then: Next) -> Outcome:
    return run.bind(node.name, VOLATILE, state, frame, then)


@executes(cst.Expr)
def expression(run: Runner, node: cst.Expr, state: State, frame: Frame, then: Next) -> Outcome:
    return run.value(node.value, state, frame, lambda after, _: then(after))


@executes(cst.Assign)
def assign(run: Runner, node: cst.Assign, state: State, frame: Frame, then: Next) -> Outcome:
    targets = [one.target for one in node.targets]
    return run.value(node.value, state, frame, lambda after, value: _to_each(run, targets, value, after, frame, then))


def _to_each(
    run: Runner, targets: Sequence[cst.BaseExpression], value: Value, state: State, frame: Frame, then: Next
) -> Outcome:
    """Assign a value to each of these targets: `a = b = value`."""
    if not targets:
        return then(state)
    return run.bind(
        targets[0], value, state, frame, lambda after: _to_each(run, targets[1:], value, after, frame, then)
    )


@executes(cst.AnnAssign)
def annotated(run: Runner, node: cst.AnnAssign, state: State, frame: Frame, then: Next) -> Outcome:
    if node.value is None:
        return then(state)
    return run.value(node.value, state, frame, lambda after, value: run.bind(node.target, value, after, frame, then))


@executes(cst.AugAssign)
def augmented(run: Runner, node: cst.AugAssign, state: State, frame: Frame, then: Next) -> Outcome:
    def both(after: State, sides: Sequence[Value]) -> Outcome:
        return run.attempt(
            after,
            frame,
            lambda last, value: run.bind(node.target, value, last, frame, then),
            lambda: run.combined(node.operator, *sides),
        )

    return run.values([node.target, node.value], state, frame, both)


@executes(cst.Del)
def deletes(run: Runner, node: cst.Del, state: State, frame: Frame, then: Next) -> Outcome:
    return run.bind(node.target, VOLATILE, state, frame, then)


@executes(cst.Return)
def returns(run: Runner, node: cst.Return, state: State, frame: Frame, then: Next) -> Outcome:
    if node.value is None:
        return frame.on_return(state, NOTHING)
    return run.value(node.value, state, frame, frame.on_return)


@executes(cst.Break)
def breaks(run: Runner, node: cst.Break, state: State, frame: Frame, then: Next) -> Outcome:
    return frame.on_break(state)


@executes(cst.Continue)
def continues(run: Runner, node: cst.Continue, state: State, frame: Frame, then: Next) -> Outcome:
    return frame.on_continue(state)


@executes(cst.Raise)
def raises(run: Runner, node: cst.Raise, state: State, frame: Frame, then: Next) -> Outcome:
    return frame.on_raise(state, None)


@executes(cst.Assert)
def asserts(run: Runner, node: cst.Assert, state: State, frame: Frame, then: Next) -> Outcome:
    def tested(after: State, value: Value) -> Outcome:
        return run.decide(value, after, frame, then, lambda last: frame.on_raise(last, AssertionError()))

    return run.value(node.test, state, frame, tested)


@executes(cst.If)
def if_(run: Runner, node: cst.If, state: State, frame: Frame, then: Next) -> Outcome:
    def otherwise(after: State) -> Outcome:
        match node.orelse:
            case None:
                return then(after)
            case cst.If() as another:
                return if_(run, another, after, frame, then)
            case cst.Else(body=body):
                return run.suite(body.body, after, frame, then)

    def tested(after: State, value: Value) -> Outcome:
        return run.decide(value, after, frame, lambda last: run.suite(node.body.body, last, frame, then), otherwise)

    return run.value(node.test, state, frame, tested)


@executes(cst.While)
def while_(run: Runner, node: cst.While, state: State, frame: Frame, then: Next, rounds: int = 0) -> Outcome:
    """Follow an inner loop for a few turns. If the inner loop is endless itself, only it has a finding."""
    if not rounds and any(run.callees.reads(one) for one in of_type(node, cst.Call)) and run.is_endless(node):
        return Outcome.LEAVES

    def again(after: State) -> Outcome:
        return while_(run, node, after, frame, then, rounds + 1)

    def ended(after: State) -> Outcome:
        return _without_break(run, node.orelse, after, frame, then)

    def tested(after: State, value: Value) -> Outcome:
        if rounds == _ROUNDS:  # a condition that is still true may stay so: give no finding
            return Outcome.LEAVES if truth(value) else ended(after)
        inner = frame._replace(on_break=then, on_continue=again)
        return run.decide(value, after, frame, lambda last: run.suite(node.body.body, last, inner, again), ended)

    return run.value(node.test, state, frame, tested)


def _without_break(run: Runner, other: cst.Else | None, state: State, frame: Frame, then: Next) -> Outcome:
    """Run through the `else` of an inner loop that no `break` has left."""
    return then(state) if other is None else run.suite(other.body.body, state, frame, then)


@executes(cst.For)
def for_(run: Runner, node: cst.For, state: State, frame: Frame, then: Next) -> Outcome:
    """Follow one path without a turn and one with a single turn. The target is volatile, so more turns add nothing."""
    # `async for` is not modelled, so the loop is taken to end.
    if node.asynchronous is not None:
        return Outcome.LEAVES

    def ended(after: State) -> Outcome:
        return _without_break(run, node.orelse, after, frame, then)

    inner = frame._replace(on_break=then, on_continue=ended)

    def over(after: State, items: Value) -> Outcome:
        # `for byte in b""` has no turn. Of other items the number is unknown.
        if isinstance(items, Known) and not items.value:
            return ended(after)
        return run.every(
            lambda: ended(after),
            lambda: run.bind(
                node.target, VOLATILE, after, frame, lambda last: run.suite(node.body.body, last, inner, ended)
            ),
        )

    return run.value(node.iter, state, frame, over)


@executes(cst.With)
def with_(run: Runner, node: cst.With, state: State, frame: Frame, then: Next) -> Outcome:
    targets = [item.asname.name for item in node.items if item.asname is not None]

    def entered(after: State, _: Sequence[Value]) -> Outcome:
        return run.bind_all(
            targets,
            [VOLATILE] * len(targets),
            after,
            frame,
            lambda last: run.suite(node.body.body, last, frame, then),
        )

    return run.values([item.item for item in node.items], state, frame, entered)


@executes(cst.Try)
def try_(run: Runner, node: cst.Try, state: State, frame: Frame, then: Next) -> Outcome:
    outer = frame if node.finalbody is None else _finishing(run, node.finalbody, frame)
    done = then if node.finalbody is None else _after(run, node.finalbody, frame, then)

    def caught(after: State, error: Exception | None) -> Outcome:
        # An exception of unknown type may be caught by any clause, and by none.
        paths = [_handled(run, handler, after, frame, outer, done) for handler in _handlers(node, error)]
        # If no clause certainly catches the exception, it may also leave the statement.
        if (error is None or not paths) and not any(_catches_all(handler) for handler in node.handlers):
            paths.append(lambda: outer.on_raise(after, error))
        return run.every(*paths)

    def rest(after: State) -> Outcome:
        return done(after) if node.orelse is None else run.suite(node.orelse.body.body, after, outer, done)

    return run.suite(node.body.body, state, outer._replace(on_raise=caught), rest)


def _handled(
    run: Runner, handler: cst.ExceptHandler, state: State, frame: Frame, outer: Frame, done: Next
) -> Callable[[], Outcome]:
    """The path through a handler. `outer` is the frame of its statements, which a finally clause changes."""
    return lambda: run.suite(handler.body.body, _named(run, handler, state, frame), outer, done)


def _after(run: Runner, last: cst.Finally, frame: Frame, then: Next) -> Next:
    """The continuation that runs a finally clause and then this continuation."""
    return lambda state: run.suite(last.body.body, state, frame, then)


def _finishing(run: Runner, last: cst.Finally, frame: Frame) -> Frame:
    """The frame of a try statement with a finally clause: each exit runs the clause first."""

    def on_return(state: State, value: Value) -> Outcome:
        return run.suite(last.body.body, state, frame, lambda after: frame.on_return(after, value))

    def on_raise(state: State, error: Exception | None) -> Outcome:
        return run.suite(last.body.body, state, frame, lambda after: frame.on_raise(after, error))

    # `finally` runs before the exit goes on: a `return` in it replaces the exit, as its continuation is never called.
    return frame._replace(
        on_return=on_return,
        on_break=_after(run, last, frame, frame.on_break),
        on_continue=_after(run, last, frame, frame.on_continue),
        on_raise=on_raise,
    )


def _named(run: Runner, handler: cst.ExceptHandler, state: State, frame: Frame) -> State:
    """The state at the beginning of a handler, in which the name of the exception is bound."""
    if handler.name is None or not isinstance(handler.name.name, cst.Name):
        return state
    return state.with_value(run.scopes.key(frame.function, handler.name.name.value), VOLATILE)


def _handlers(node: cst.Try, error: Exception | None) -> list[cst.ExceptHandler]:
    """The clauses that may catch an exception; all of them for None, an unknown one."""
    if error is None:
        return list(node.handlers)
    found: list[cst.ExceptHandler] = []
    for handler in node.handlers:
        answer = _catches(handler, error)
        if answer is not False:
            found.append(handler)
        if answer:  # certain: later clauses are not reached
            break
    return found


def _catches(handler: cst.ExceptHandler, error: Exception) -> bool | None:
    """True if a clause catches an exception, None if that is not known."""
    match handler.type:
        case None:
            return True
        case cst.Name(value=name):
            kinds = [name]
        case cst.Tuple(elements=elements) if all(isinstance(one.value, cst.Name) for one in elements):
            kinds = [one.value.value for one in elements if isinstance(one.value, cst.Name)]
        case _:
            return None
    found = [getattr(builtins, name, None) for name in kinds]
    if any(isinstance(kind, type) and isinstance(error, kind) for kind in found):
        return True
    # A class that is not a builtin (`MyError`) may be a base of the exception or not.
    return None if None in found else False


def _catches_all(handler: cst.ExceptHandler) -> bool:
    return handler.type is None or (
        isinstance(handler.type, cst.Name) and handler.type.value in ("Exception", "BaseException")
    )

"""The paths through a loop after the end of its stream, in continuation-passing style.

Each function evaluates one node, calls its continuation (`then`) with the state after it, and returns the outcome of
the loop on all paths from there. A condition that is unchanged since the turn began takes the same branch on every
turn, so one endless branch makes the loop endless. A volatile condition may take either, so all branches must agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from typing import Any, Final, TypeVar

import libcst as cst

from usock_lint.analysis.domain.values import Function
from usock_lint.analysis.end_of_stream import values
from usock_lint.analysis.end_of_stream.arguments import distributed, parameters
from usock_lint.analysis.end_of_stream.callees import Callees
from usock_lint.analysis.end_of_stream.scopes import Scopes
from usock_lint.analysis.end_of_stream.values import NOTHING, VOLATILE, Kept, Key, Known, Large, Row, Value
from usock_lint.fast_dataclasses import NamedTuple


class Outcome(IntEnum):
    """The outcome of a loop.

    It may be left, or goes on for ever on purpose, since it does not read or has tested for the end, or reads nothing
    for ever.
    """

    LEAVES = 0
    IDLES = 1
    ENDLESS = 2


class State(NamedTuple):
    """The state at a point of a turn: `names` holds the values that differ from those at its beginning.

    `relied` are the keys whose old values were used, `read` is the first call of the turn that has read, `asked` tells
    that it has tested for the end of the stream. `failed` tells that sending has failed, in this turn or one before.
    """

    names: dict[Key, Value]
    relied: frozenset[Key] = frozenset()
    read: cst.Call | None = None
    asked: bool = False
    failed: bool = False

    def with_value(self, key: Key, value: Value) -> State:
        """The state after an assignment."""
        return self._replace(names={**self.names, key: value})

    def having_read(self, call: cst.Call) -> State:
        """The state after reading."""
        return self if self.read is not None else self._replace(read=call)

    def without(self, function: cst.FunctionDef) -> State:
        """The state without the names of a function."""
        return self._replace(names={key: value for key, value in self.names.items() if key[0] is not function})

    def has_reconnected(self, sources: Iterable[Key]) -> bool:
        """True if sending has failed, and one of these was replaced."""
        return self.failed and any(self.names.get(key, Kept(key)) != Kept(key) for key in sources)

    @property
    def is_settled(self) -> bool:
        """True if all values that were used are unchanged, so that the next turn takes the same path."""
        return all(self.names.get(key, Kept(key)) == Kept(key) for key in self.relied)


Next = Callable[[State], Outcome]
Then = Callable[[State, Value], Outcome]


class Frame(NamedTuple):
    """The context of a suite: its function, and the continuations of statements that leave it.

    `stack` has the functions whose calls are being followed, the outermost first; it is empty in the function of the
    loop. `is_awaited` tells that the current expression is awaited.
    """

    function: cst.FunctionDef | None
    on_return: Then
    on_break: Next
    on_continue: Next
    on_raise: Callable[[State, Exception | None], Outcome]
    stack: tuple[cst.FunctionDef, ...] = ()
    is_awaited: bool = False


class TooManyPathsError(Exception):
    """A loop has too many paths to follow each."""


# Each condition doubles the paths, so nodes are counted; beyond these bounds the loop is taken to end.
_MOST_STEPS: Final = 3000
_DEEPEST: Final = 4


class Runner:
    """Follows the paths of one loop, which is in `function`; `is_endless` answers for the loops in it.

    `sources` are the connections that were read so far.
    """

    def __init__(
        self,
        callees: Callees,
        scopes: Scopes,
        is_endless: Callable[[cst.While], bool],
        function: cst.FunctionDef | None,
    ) -> None:
        self.callees, self.scopes, self.is_endless = callees, scopes, is_endless
        self.function, self.steps = function, 0
        self.sources: set[Key] = set()

    def value(self, node: cst.BaseExpression, state: State, frame: Frame, then: Then) -> Outcome:
        """Evaluate an expression."""
        self._step()
        evaluate = EVALUATORS.get(type(node))
        # An expression that is not modelled may have another value on every turn.
        return then(state, VOLATILE) if evaluate is None else evaluate(self, node, state, frame, then)

    def values(
        self,
        nodes: Sequence[cst.BaseExpression],
        state: State,
        frame: Frame,
        then: Callable[[State, Sequence[Value]], Outcome],
        found: tuple[Value, ...] = (),
    ) -> Outcome:
        """Evaluate expressions one after the other."""
        if len(found) == len(nodes):
            return then(state, found)
        return self.value(
            nodes[len(found)],
            state,
            frame,
            lambda after, value: self.values(nodes, after, frame, then, (*found, value)),
        )

    def suite(self, lines: Sequence[cst.CSTNode], state: State, frame: Frame, then: Next) -> Outcome:
        """Run through statements."""
        if not lines:
            return then(state)
        first, *rest = lines
        if isinstance(first, cst.SimpleStatementLine):
            return self.suite([*first.body, *rest], state, frame, then)
        self._step()
        execute = EXECUTORS.get(type(first))
        # A statement that is not modelled may do anything, also leave the loop: no finding.
        if execute is None:
            return Outcome.LEAVES
        return execute(self, first, state, frame, lambda after: self.suite(rest, after, frame, then))

    def _step(self) -> None:
        self.steps += 1
        if self.steps > _MOST_STEPS:
            raise TooManyPathsError

    def decide(self, value: Value, state: State, frame: Frame, true: Next, false: Next) -> Outcome:
        """Branch on a condition. A test for the end in a called function does not count as one of the loop."""
        match value:
            case Known() | Large():
                after = state._replace(asked=True) if value.origin == "data" and not frame.stack else state
                return true(after) if values.truth(value) else false(after)
            case Row(items):
                return true(state) if items else false(state)
            case values.Volatile():
                return self.every(lambda: true(state), lambda: false(state))
            case _:  # unchanged, so each turn takes the same branch: one endless branch suffices
                first = true(state)
                return first if first is Outcome.ENDLESS else max(first, false(state))

    def every(self, *paths: Callable[[], Outcome]) -> Outcome:
        """The outcome of alternatives, each of which some turn may take: the loop ends if one of them leaves it."""
        worst = Outcome.IDLES
        for path in paths:
            found = path()
            if found is Outcome.LEAVES:
                return found
            worst = max(worst, found)
        return worst

    def attempt(self, state: State, frame: Frame, then: Then, compute: Callable[[], Value]) -> Outcome:
        """Continue with a computed value, or with the exception that the computation raises."""
        try:
            value = compute()
        except (MemoryError, RecursionError):  # of the computation here
            raise
        except Exception as error:  # what the code would see
            return frame.on_raise(state, error)
        return then(state, value)

    def calculated(
        self, state: State, frame: Frame, then: Then, function: Callable[..., Any], *given: Value
    ) -> Outcome:
        """Continue with the result of a function of these values."""
        return self.attempt(state, frame, then, lambda: values.computed(function, *given))

    def load(self, state: State, key: Key, then: Then) -> Outcome:
        """Look up a name or an attribute."""
        value = state.names.get(key)
        if value is None:
            # Code that runs meanwhile, as another task, may assign the name: each look may find another value.
            value = VOLATILE if self.scopes.changes_meanwhile(key, self.function) else Kept(key)
        return then(state._replace(relied=state.relied | values.keys(value)), value)

    def combined(self, sign: cst.CSTNode, left: Value, right: Value) -> Value:
        """The result of a binary operation; str + bytes raises, even for empty bytes."""
        match sign, left, right:
            case cst.Add() | cst.AddAssign(), Kept(key), Known(bytes()) if self.scopes.is_text(key):
                raise TypeError
            case _:
                pass
        return values.combined(sign, left, right)

    def bind(self, target: cst.CSTNode, value: Value, state: State, frame: Frame, then: Next) -> Outcome:
        """Assign a value."""
        match target:
            case cst.Name(value=name):
                return then(state.with_value(self.scopes.key(frame.function, name), value))
            case cst.Attribute(value=holder, attr=cst.Name(value=name)):
                return self.value(holder, state, frame, lambda after, base: then(_stored(after, base, name, value)))
            # `rows[0] = x`: the object under the name is another one now, in an item that is not followed.
            case cst.Subscript(value=holder):
                return self.value(holder, state, frame, lambda after, base: then(_changed(after, base)))
            case cst.Tuple(elements=elements) | cst.List(elements=elements):
                items = distributed(value, elements)
                # `a, b = b""` raises, which may be how the loop ends.
                if items is None:
                    return frame.on_raise(state, ValueError())
                return self.bind_all([one.value for one in elements], items, state, frame, then)
            case _:
                return then(state)

    def bind_all(
        self, targets: Sequence[cst.CSTNode], items: Sequence[Value], state: State, frame: Frame, then: Next
    ) -> Outcome:
        """Assign to each target the value at its place."""
        if not targets:
            return then(state)
        return self.bind(
            targets[0],
            items[0],
            state,
            frame,
            lambda after: self.bind_all(targets[1:], items[1:], after, frame, then),
        )

    def inline(
        self,
        function: Function,
        node: cst.Call,
        owner: Value | None,
        given: Sequence[Value],
        state: State,
        frame: Frame,
        then: Then,
    ) -> Outcome:
        """Run through the body of a function of the file."""
        # Recursion, and calls nested too deep, are not followed: the loop is taken to end.
        body = function.node
        if body in frame.stack or len(frame.stack) == _DEEPEST:
            return Outcome.LEAVES

        def back(after: State, value: Value) -> Outcome:
            return then(after.without(body), value)  # locals end with the call

        def raised(after: State, error: Exception | None) -> Outcome:
            return frame.on_raise(after.without(body), error)

        names = parameters(function, node, owner, given)
        # Locals of an earlier call are not those of this one.
        inside = state.without(body)
        for name, value in names.items():
            inside = inside.with_value((body, name), value)
        inner = Frame(body, back, _never, _never, raised, (*frame.stack, body))
        return self.suite(body.body.body, inside, inner, lambda after: back(after, NOTHING))


def _never(_: State) -> Outcome:
    return Outcome.LEAVES


def _stored(state: State, base: Value, name: str, value: Value) -> State:
    return state.with_value((base, name), value) if isinstance(base, Kept) else state


def _changed(state: State, base: Value) -> State:
    return state.with_value(base.key, VOLATILE) if isinstance(base, Kept) else state


Evaluator = TypeVar("Evaluator", bound=Callable[..., Outcome])
EVALUATORS: Final[dict[type[cst.CSTNode], Callable[[Runner, Any, State, Frame, Then], Outcome]]] = {}
"""Functions that evaluate expressions, by the type of the node."""

EXECUTORS: Final[dict[type[cst.CSTNode], Callable[[Runner, Any, State, Frame, Next], Outcome]]] = {}
"""Functions that execute statements, by the type of the node."""


def evaluates(*kinds: type[cst.CSTNode]) -> Callable[[Evaluator], Evaluator]:
    """Register a function for expressions of these types of node."""

    def register(evaluator: Evaluator) -> Evaluator:
        EVALUATORS.update(dict.fromkeys(kinds, evaluator))
        return evaluator

    return register


def executes(*kinds: type[cst.CSTNode]) -> Callable[[Evaluator], Evaluator]:
    """Register a function for statements of these types of node."""

    def register(executor: Evaluator) -> Evaluator:
        EXECUTORS.update(dict.fromkeys(kinds, executor))
        return executor

    return register

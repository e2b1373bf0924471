"""Expressions after the end of a stream: each passes its value to the continuation, on every path."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, Final

import libcst as cst

from usock_lint.analysis.domain.operations import COMPARE, NO_CONSTANT, constant
from usock_lint.analysis.domain.values import Literal
from usock_lint.analysis.end_of_stream import sizes, values
from usock_lint.analysis.end_of_stream.paths import (
    Frame,
    Outcome,
    Runner,
    State,
    Then,
    evaluates,
)
from usock_lint.analysis.end_of_stream.values import (
    VOLATILE,
    Kept,
    Known,
    Large,
    Row,
    Value,
    derived,
)
from usock_lint.syntax.nodes import of_type

_Literal = cst.Integer | cst.Float | cst.SimpleString | cst.ConcatenatedString

_EMPTY: Final[tuple[object, ...]] = (b"", "", (), [])
_UNARY: Final[dict[type[cst.BaseUnaryOp], Callable[[Any], Any]]] = {
    cst.BitInvert: operator.invert,
    cst.Minus: operator.neg,
    cst.Not: operator.not_,
    cst.Plus: operator.pos,
}
_CONSTANTS: Final = {"None": None, "True": True, "False": False}


@evaluates(cst.Integer, cst.Float, cst.SimpleString, cst.ConcatenatedString)
def literal(run: Runner, node: _Literal, state: State, frame: Frame, then: Then) -> Outcome:
    text = constant(Literal(node))
    return then(state, VOLATILE if text is NO_CONSTANT else Known(text))


@evaluates(cst.Name)
def name(run: Runner, node: cst.Name, state: State, frame: Frame, then: Then) -> Outcome:
    if node.value in _CONSTANTS:
        return then(state, Known(_CONSTANTS[node.value]))
    return run.load(state, run.scopes.key(frame.function, node.value), then)


@evaluates(cst.Attribute)
def attribute(run: Runner, node: cst.Attribute, state: State, frame: Frame, then: Then) -> Outcome:
    def of(after: State, base: Value) -> Outcome:
        if isinstance(base, Kept) and node.attr.value not in run.scopes.properties:
            return run.load(after, (base, node.attr.value), then)
        return then(after, VOLATILE)

    return run.value(node.value, state, frame, of)


@evaluates(cst.Await)
def awaited(run: Runner, node: cst.Await, state: State, frame: Frame, then: Then) -> Outcome:
    return run.value(node.expression, state, frame._replace(is_awaited=True), then)


@evaluates(cst.Yield)
def yields(run: Runner, node: cst.Yield, state: State, frame: Frame, then: Then) -> Outcome:
    return Outcome.LEAVES  # the consumer of a generator may stop asking for more


@evaluates(cst.NamedExpr)
def walrus(run: Runner, node: cst.NamedExpr, state: State, frame: Frame, then: Then) -> Outcome:
    def assign(after: State, value: Value) -> Outcome:
        return run.bind(node.target, value, after, frame, lambda done: then(done, value))

    return run.value(node.value, state, frame, assign)


@evaluates(cst.Tuple, cst.List)
def display(run: Runner, node: cst.Tuple | cst.List, state: State, frame: Frame, then: Then) -> Outcome:
    kind = tuple if isinstance(node, cst.Tuple) else list
    starred = any(isinstance(one, cst.StarredElement) for one in node.elements)

    def made(after: State, items: Sequence[Value]) -> Outcome:
        return then(after, derived(*items) if starred else values.row(tuple(items), kind))

    return run.values([one.value for one in node.elements], state, frame, made)


@evaluates(cst.UnaryOperation)
def unary(run: Runner, node: cst.UnaryOperation, state: State, frame: Frame, then: Then) -> Outcome:
    function = _UNARY[type(node.operator)]
    return run.value(
        node.expression, state, frame, lambda after, value: run.calculated(after, frame, then, function, value)
    )


@evaluates(cst.BinaryOperation)
def binary(run: Runner, node: cst.BinaryOperation, state: State, frame: Frame, then: Then) -> Outcome:
    def both(after: State, sides: Sequence[Value]) -> Outcome:
        return run.attempt(after, frame, then, lambda: run.combined(node.operator, *sides))

    return run.values([node.left, node.right], state, frame, both)


@evaluates(cst.Comparison)
def comparison(run: Runner, node: cst.Comparison, state: State, frame: Frame, then: Then) -> Outcome:
    signs = [one.operator for one in node.comparisons]

    def compared(after: State, sides: Sequence[Value]) -> Outcome:
        fold = COMPARE.get(type(signs[0]))
        # `a < b < c`: computed from all of them, but not followed pair by pair.
        if len(signs) > 1 or fold is None:
            return then(after, derived(*sides))
        return run.attempt(after, frame, then, lambda: values.compared(signs[0], sides[0], sides[1], fold))

    return run.values([node.left, *(one.comparator for one in node.comparisons)], state, frame, compared)


@evaluates(cst.BooleanOperation)
def boolean(run: Runner, node: cst.BooleanOperation, state: State, frame: Frame, then: Then) -> Outcome:
    conjunction = isinstance(node.operator, cst.And)

    def right(after: State) -> Outcome:
        return run.value(node.right, after, frame, then)

    def left(after: State, value: Value) -> Outcome:
        # Short circuit: the left side is the result; of one that is not a constant only its truth is known.
        def done(last: State) -> Outcome:
            return then(last, value if isinstance(value, (Known, Large)) else Known(not conjunction))

        return run.decide(value, after, frame, right if conjunction else done, done if conjunction else right)

    return run.value(node.left, state, frame, left)


@evaluates(cst.IfExp)
def choice(run: Runner, node: cst.IfExp, state: State, frame: Frame, then: Then) -> Outcome:
    def tested(after: State, value: Value) -> Outcome:
        return run.decide(
            value,
            after,
            frame,
            lambda last: run.value(node.body, last, frame, then),
            lambda last: run.value(node.orelse, last, frame, then),
        )

    return run.value(node.test, state, frame, tested)


@evaluates(cst.Subscript)
def subscript(run: Runner, node: cst.Subscript, state: State, frame: Frame, then: Then) -> Outcome:
    match node.slice:
        case [cst.SubscriptElement(slice=cst.Index(value=index))]:
            bounds = [index]
        case [cst.SubscriptElement(slice=cst.Slice(lower=lower, upper=upper, step=None))]:
            bounds = [cst.Name("None") if bound is None else bound for bound in (lower, upper)]
        case _:
            return then(state, VOLATILE)

    def picked(after: State, found: Sequence[Value]) -> Outcome:
        base, *parts = found
        match parts:
            # `COMMANDS[word]`: a dict need not have an item for the empty word, and no list has one.
            case [Known(str() | bytes()) as word] if values.is_data(word):
                return run.every(lambda: then(after, VOLATILE), lambda: frame.on_raise(after, KeyError()))
            case _:
                return run.attempt(after, frame, then, lambda: _part(base, parts))

    return run.values([node.value, *bounds], state, frame, picked)


def _part(base: Value, bounds: Sequence[Value]) -> Value:
    """An item or a slice of a value. An empty value has no items, and its slices are empty."""
    match base, bounds:
        # `data[2:]` of nothing is nothing, so it still counts as received.
        case Known(nothing), [low, high] if not nothing and not values.is_volatile(derived(low, high)):
            return base
        # `data[0]` at the end of the stream raises, which may end the loop.
        case Known(value), [_] if value in _EMPTY:
            raise IndexError
        case Row(items), [Known(int() as index)]:
            return items[index]
        case _, [index]:
            return values.computed(operator.getitem, base, index)
        case _, [low, high]:
            return values.computed(sizes.sliced, base, low, high)
        case _:
            return VOLATILE


@evaluates(
    cst.Dict, cst.Set, cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp, cst.FormattedString, cst.Lambda
)
def opaque(run: Runner, node: cst.BaseExpression, state: State, frame: Frame, then: Then) -> Outcome:
    """An expression that is not modelled: its value is unknown, and a read in it leaves the loop."""
    if any(run.callees.reads(one) for one in of_type(node, cst.Call)):
        return Outcome.LEAVES
    return then(state, VOLATILE)

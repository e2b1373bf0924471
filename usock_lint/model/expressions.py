"""Expressions: what each may be, and the uses of the socket API inside it, in source order."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from functools import cache
from typing import Any, Final, cast

import libcst as cst

from usock_lint.model import calls, device
from usock_lint.model.names import Names
from usock_lint.model.scopes import Scope
from usock_lint.model.uses import Argument
from usock_lint.model.values import (
    FALSE,
    NONE,
    TRUE,
    UNKNOWN,
    Anything,
    Atom,
    Cells,
    Literal,
    Tuple,
    Value,
    atoms,
    combine,
    const,
    is_true,
    item,
    join,
    on,
    truth,
)

_KEYWORDS: Final = {"None": NONE, "True": TRUE, "False": FALSE}

_COMPARE: Final[dict[type[cst.BaseCompOp], Callable[[Any, Any], Any]]] = {
    cst.Equal: operator.eq,
    cst.NotEqual: operator.ne,
    cst.LessThan: operator.lt,
    cst.LessThanEqual: operator.le,
    cst.GreaterThan: operator.gt,
    cst.GreaterThanEqual: operator.ge,
    cst.Is: operator.is_,
    cst.IsNot: operator.is_not,
    cst.In: lambda item, container: item in container,
    cst.NotIn: lambda item, container: item not in container,
}

# Layout, not meaning: a walk that leaves these out visits two nodes in five.
_LAYOUT: Final = frozenset(
    (
        "lpar rpar lbracket rbracket lbrace rbrace comma semicolon equal dot colon first_colon second_colon "
        "operator star leading_lines lines_after_decorators trailing_whitespace newline comment header footer "
        "annotation asynchronous"
    ).split()
)


@cache
def semantic_fields(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    """The fields of a node that hold code rather than layout."""
    names = (field.name for field in fields(kind))
    return tuple(name for name in names if name not in _LAYOUT and not name.startswith("whitespace"))


class Expressions(Names):
    """Evaluates expressions at one point of the program, and notes the uses they contain."""

    def value(self, node: cst.CSTNode) -> Value:
        """What an expression may be here."""
        handler = _HANDLERS.get(type(node))
        return self._opaque(node) if handler is None else handler(self, node)

    def branch(self, test: cst.BaseExpression) -> tuple[Cells, Cells]:
        """The live cells on which a condition may hold, and those on which it may not."""
        return truth(self.value(test), self.live)

    def _opaque(self, node: cst.CSTNode) -> Value:
        for name in semantic_fields(type(node)):
            part = getattr(node, name)
            if isinstance(part, cst.CSTNode):
                self.value(part)
            elif isinstance(part, tuple | list):
                for piece in cast("Sequence[cst.CSTNode]", part):
                    self.value(piece)
        return UNKNOWN

    # Displays and literals

    def literal(self, node: cst.SimpleString | cst.Integer | cst.Float) -> Value:
        return frozenset({Literal(node)})

    def concatenated(self, node: cst.ConcatenatedString) -> Value:
        if isinstance(node.left, cst.SimpleString) and isinstance(node.right, cst.SimpleString):
            return frozenset({Literal(node)})
        return self._opaque(node)

    def display(self, node: cst.Tuple | cst.List) -> Value:
        items = tuple(self.value(element.value) for element in node.elements)
        known = not any(isinstance(element, cst.StarredElement) for element in node.elements)
        return frozenset({Tuple(items)}) if known else UNKNOWN

    # Operators

    def boolean(self, node: cst.BooleanOperation) -> Value:
        left = self.value(node.left)
        true, false = truth(left, self.live)
        conjunction = isinstance(node.operator, cst.And)
        with self.only(true if conjunction else false):
            right = self.value(node.right) if self.live else frozenset[Atom]()
            decided = on(self.live, right)
        kept = frozenset(
            Anything(not conjunction) if isinstance(atom, Anything) else atom
            for atom in left
            if is_true(atom) is not conjunction
        )
        return join(self.limit(kept, false if conjunction else true), decided)

    def unary(self, node: cst.UnaryOperation) -> Value:
        value = self.value(node.expression)
        if isinstance(node.operator, cst.Not):
            true, false = truth(value, self.live)
            return join(self.limit(FALSE, true), self.limit(TRUE, false))
        if isinstance(node.operator, cst.Minus):
            return combine(const(0), value, self.live, operator.sub)
        return UNKNOWN

    def comparison(self, node: cst.Comparison) -> Value:
        left = self.value(node.left)
        result = UNKNOWN
        for target in node.comparisons:
            right = self.value(target.comparator)
            fold = _COMPARE.get(type(target.operator))
            result = UNKNOWN if fold is None else combine(left, right, self.live, fold)
            left = right
        return result if len(node.comparisons) == 1 else UNKNOWN

    def choice(self, node: cst.IfExp) -> Value:
        true, false = self.branch(node.test)
        sides: list[Value] = []
        for live, side in ((true, node.body), (false, node.orelse)):
            if live:
                with self.only(live):
                    sides.append(on(live, self.value(side)))
        return join(*sides)

    def subscript(self, node: cst.Subscript) -> Value:
        base = device.sequence(self.value(node.value), self.live)
        if len(node.slice) > 1:
            return self._opaque(node)
        match node.slice[0].slice:
            case cst.Index(value=index):
                return item(base, self.value(index), self.live)
            case cst.Slice(lower=lower, upper=upper, step=None):
                start = NONE if lower is None else self.value(lower)
                end = NONE if upper is None else self.value(upper)
                base = combine(base, end, self.live, lambda items, end: items[:end])
                return combine(base, start, self.live, lambda items, start: items[start:])
            case _:
                return self._opaque(node)

    # What brings names of its own

    def walrus(self, node: cst.NamedExpr) -> Value:
        value = self.value(node.value)
        self.bind(node.target, value)
        return value

    def lambda_(self, node: cst.Lambda) -> Value:
        self.defaults(node.params)
        with self.inside(Scope(self.scope)):
            for parameter in parameters(node.params):
                self.scope.names[parameter.name.value] = UNKNOWN
            self.value(node.body)
        return UNKNOWN

    def defaults(self, params: cst.Parameters) -> dict[str, Value]:
        """Evaluate the defaults of parameters, where the function is defined."""
        given = [parameter for parameter in parameters(params) if parameter.default is not None]
        return {one.name.value: self.value(one.default) for one in given if one.default is not None}

    def comprehension(self, node: cst.BaseComp) -> Value:
        with self.inside(Scope(self.scope)), self.only(self.live):
            loop: cst.CompFor | None = node.for_in
            while loop is not None:
                self.value(loop.iter)
                self.bind(loop.target, UNKNOWN)
                for condition in loop.ifs:
                    self.live = self.branch(condition.test)[0]
                loop = loop.inner_for_in
            for result in ("key", "value", "elt"):
                if (part := getattr(node, result, None)) is not None:
                    self.value(part)
        return UNKNOWN

    def call(self, node: cst.Call) -> Value:
        self.calling = node
        callee = self.value(node.func)
        arguments = tuple(
            Argument(one, self.value(one.value), one.keyword and one.keyword.value, one.star) for one in node.args
        )
        results = [
            self.limit(calls.result(self, node, atom, arguments, cells), cells)
            for atom, cells in atoms(callee, self.live)
        ]
        return join(*results)


def parameters(params: cst.Parameters) -> Iterator[cst.Param]:
    """Every parameter of a function, in order."""
    yield from (*params.posonly_params, *params.params)
    if isinstance(params.star_arg, cst.Param):
        yield params.star_arg
    yield from params.kwonly_params
    if params.star_kwarg is not None:
        yield params.star_kwarg


_HANDLERS: Final[dict[type[cst.CSTNode], Callable[[Expressions, Any], Value]]] = {
    cst.Name: Expressions.name,
    cst.Attribute: Expressions.attribute,
    cst.SimpleString: Expressions.literal,
    cst.ConcatenatedString: Expressions.concatenated,
    cst.Integer: Expressions.literal,
    cst.Float: Expressions.literal,
    cst.Tuple: Expressions.display,
    cst.List: Expressions.display,
    cst.Call: Expressions.call,
    cst.BooleanOperation: Expressions.boolean,
    cst.UnaryOperation: Expressions.unary,
    cst.Comparison: Expressions.comparison,
    cst.IfExp: Expressions.choice,
    cst.NamedExpr: Expressions.walrus,
    cst.Subscript: Expressions.subscript,
    cst.Lambda: Expressions.lambda_,
    cst.ListComp: Expressions.comprehension,
    cst.SetComp: Expressions.comprehension,
    cst.GeneratorExp: Expressions.comprehension,
    cst.DictComp: Expressions.comprehension,
}

"""Expressions: what each may be, and the uses of the socket API inside it, in source order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import libcst as cst

from usock_lint.analysis.domain import device, flags, types, typestate
from usock_lint.analysis.domain.environment import Scope
from usock_lint.analysis.domain.operations import NONE, UNKNOWN, atoms, join
from usock_lint.analysis.domain.values import Anything, Atom, Box, Literal, Member, Received, Tuple, Value
from usock_lint.analysis.interpreter import calls, containers
from usock_lint.analysis.interpreter.names import key_of
from usock_lint.analysis.interpreter.operators import Operators
from usock_lint.analysis.uses import Argument
from usock_lint.syntax.nodes import parts


class Expressions(Operators):
    """Evaluates expressions at one point of the program, and notes the uses they contain."""

    def value(self, node: cst.CSTNode) -> Value:
        """What an expression may be here."""
        handler = _HANDLERS.get(type(node))
        return self.opaque(node) if handler is None else handler(self, node)

    def opaque(self, node: cst.CSTNode) -> Value:
        """Evaluate the parts of a node whose own value is of no interest; a socket among them is out of sight."""
        for part in parts(node):
            typestate.forget(self.scope, self.value(part))
        return UNKNOWN

    # Displays and literals

    def literal(self, node: cst.SimpleString | cst.Integer | cst.Float) -> Value:
        return frozenset({Literal(node)})

    def concatenated(self, node: cst.ConcatenatedString) -> Value:
        if isinstance(node.left, cst.SimpleString) and isinstance(node.right, cst.SimpleString):
            return frozenset({Literal(node)})
        return self.opaque(node)

    def display(self, node: cst.Tuple | cst.List) -> Value:
        items = tuple(self.value(element.value) for element in node.elements)
        known = not any(isinstance(element, cst.StarredElement) for element in node.elements)
        if known and (items or isinstance(node, cst.Tuple)):
            return frozenset({Tuple(items, node if isinstance(node, cst.List) else None)})
        typestate.forget(self.scope, frozenset({Tuple(items)}))
        pairs = zip(node.elements, items, strict=True)
        parts = [
            self._iterated(one.value, value) if isinstance(one, cst.StarredElement) else value for one, value in pairs
        ]
        return containers.made(self, node, "list", join(*parts))

    def _iterated(self, node: cst.BaseExpression, value: Value) -> Value:
        return calls.iterated(self, node, value)

    def keys(self, node: cst.Dict | cst.Set) -> Value:
        """The keys of a dict, the members of a set: all must be hashable."""
        box = Box(node, "dict" if isinstance(node, cst.Dict) else "set")
        for element in node.elements:
            key = self.value(element.key) if isinstance(element, cst.DictElement) else None
            member = self.value(element.value)
            if isinstance(element, cst.DictElement) and key is not None:
                self.hashed(element.key, key)
            elif isinstance(element, cst.Element):
                self.hashed(element.value, member)
            else:
                key = member = UNKNOWN
            typestate.forget(self.scope, member)
            containers.put(self, box, member, key)
        return frozenset({box})

    # What brings names of its own

    def walrus(self, node: cst.NamedExpr) -> Value:
        value = self.value(node.value)
        scope = self.scope
        while scope.is_comprehension and scope.parent is not None:
            scope = scope.parent
        with self.inside(scope):
            self.bind(node.target, value)
        return value

    def lambda_(self, node: cst.Lambda) -> Value:
        self.defaults(node.params)
        self.scope.share()
        with self.inside(Scope(self.scope)):
            for parameter in parameters(node.params):
                self.scope.names[parameter.name.value] = UNKNOWN
            self.value(node.body)
        return UNKNOWN

    def defaults(self, params: cst.Parameters) -> dict[str, Value]:
        """Evaluate the defaults of parameters, where the function is defined."""
        given = [(one.name.value, one.default) for one in parameters(params)]
        return {name: self.value(default) for name, default in given if default is not None}

    def comprehension(self, node: cst.BaseComp) -> Value:
        parts: list[Value] = []
        with self.inside(Scope(self.scope, is_comprehension=True)), self.only(self.live), self.vaguely(False):
            loop: cst.CompFor | None = node.for_in
            while loop is not None:
                self.bind(loop.target, calls.iterated(self, loop.iter, self.value(loop.iter)))
                for condition in loop.ifs:
                    self.live, _, vague = self.branch(condition.test)
                    self.vague_branch |= vague
                loop = loop.inner_for_in
            for result in ("key", "value", "elt"):
                if (part := getattr(node, result, None)) is not None:
                    parts.append(self.value(part))
        typestate.forget(self.scope, join(*parts))
        box = Box(node, "dict" if isinstance(node, cst.DictComp) else "list")
        containers.put(self, box, parts[-1], parts[0] if isinstance(node, cst.DictComp) else None)
        return frozenset({box})

    def await_(self, node: cst.Await) -> Value:
        value = self.value(node.expression)
        self.give_way()
        return value

    def yield_(self, node: cst.Yield) -> Value:
        """What a generator gives is its content."""
        given = NONE
        if isinstance(node.value, cst.From):
            given = calls.iterated(self, node.value.item, self.value(node.value.item))
        elif node.value is not None:
            given = self.value(node.value)
        typestate.forget(self.scope, given)
        if self.function is not None:
            containers.put(self, Box(self.function, "list"), given)
            self.yields = True
        self.give_way()
        return UNKNOWN

    def call(self, node: cst.Call) -> Value:
        value = self._called(node)
        match node.func:
            case cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)):
                return flags.named(name, value)
            case _:
                return value

    def _called(self, node: cst.Call) -> Value:
        self.calling = node
        callee = self.value(node.func)
        if isinstance(node.func, cst.Attribute) and any(isinstance(atom, Anything) for atom in callee):
            self.called_by(node.func.attr.value)
        if callee is UNKNOWN:
            typestate.forget_all(self.scope)
            for argument in node.args:
                value = self.value(argument.value)
                typestate.forget(self.scope, value)
                if argument.star == "*":
                    self.spread(argument.value, value)
            return UNKNOWN
        # The method is looked up before its arguments are evaluated: where it is missing, they never are.
        here, self.live = self.live, self.live - device.lacking(callee, self.live)
        arguments = tuple(
            [Argument(one, self.value(one.value), one.keyword and one.keyword.value, one.star) for one in node.args]
        )
        self.live = here
        for one in arguments:
            if one.star == "*":
                self.spread(one.node.value, one.value)
        if len(callee) > 1 and isinstance(node.func, cst.Attribute):
            callee = self._accepting(node.func, callee, [one.value for one in arguments if not one.star])
        found = list(atoms(callee, self.live))
        sole = sum([len(cells) for _, cells in found]) == len(self.live) or all(_is_of_bytes(atom) for atom, _ in found)
        self.certain = len(callee) == 1
        parts = [
            self.limit(calls.result(self, node, atom, arguments, cells, sole=sole), cells) for atom, cells in found
        ]
        return join(*parts)

    def _accepting(self, method: cst.Attribute, callee: Value, arguments: list[Value]) -> Value:
        """What is called where the call goes well: no method that refuses these arguments."""
        accepting = frozenset(atom for atom in callee if not types.is_refused(atom, arguments))
        if not accepting or accepting == callee:
            return callee
        if key_of(method.value) is not None:
            name = method.attr.value
            self.rule_out(method.value, self.quiet(method.value), lambda atom: not types.takes(atom, name, arguments))
        return accepting


def _is_of_bytes(atom: Atom) -> bool:
    return isinstance(atom, Member) and isinstance(atom.owner, Received)


def parameters(params: cst.Parameters) -> list[cst.Param]:
    """Every parameter of a function, in order."""
    star = [params.star_arg] if type(params.star_arg) is cst.Param else []
    rest = [params.star_kwarg] if params.star_kwarg is not None else []
    return [*params.posonly_params, *params.params, *star, *params.kwonly_params, *rest]


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
    cst.BinaryOperation: Expressions.binary,
    cst.Dict: Expressions.keys,
    cst.Set: Expressions.keys,
    cst.Comparison: Expressions.comparison,
    cst.IfExp: Expressions.choice,
    cst.NamedExpr: Expressions.walrus,
    cst.Subscript: Expressions.subscript,
    cst.Await: Expressions.await_,
    cst.Yield: Expressions.yield_,
    cst.Lambda: Expressions.lambda_,
    cst.ListComp: Expressions.comprehension,
    cst.SetComp: Expressions.comprehension,
    cst.GeneratorExp: Expressions.comprehension,
    cst.DictComp: Expressions.comprehension,
}

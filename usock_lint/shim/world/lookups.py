"""Puts `device.py` between a script and CPython: attributes, calls, and the exceptions that handlers bind."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from usock_lint.ports import Cell
from usock_lint.ports.world import Call
from usock_lint.shim.world import device

ATTRIBUTE, CALL, CAUGHT, ENTERED = "<.>", "<()>", "<except>", "<with>"
SHOWN, STEPS, AWAITED, GENERATOR = "<f>", "<async for>", "<await>", "<generator>"
"""Names of the functions that a rewritten script calls. They are not identifiers, so no script can use them."""


class Shapes(NamedTuple):
    """The look-ups and calls to rewrite: attributes, methods and functions by their names."""

    absent: frozenset[str]
    methods: Mapping[str, tuple[Call, ...]]
    functions: Mapping[str, tuple[Call, ...]]


def shapes(cell: Cell) -> Shapes:
    """Those of a port at a release."""
    return Shapes(device.absent(cell), device.methods(cell), device.functions(cell))


class Asking(ast.NodeTransformer):
    """Calls the device where an attribute or a call may be CPython's alone, and folds `X = const(5)`."""

    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """f(...), x.f(...)"""
        self.generic_visit(node)
        match node.func:
            case ast.Attribute(value=value, attr="format" as name):
                node.func = asked(node.func, value, name)
            case ast.Attribute(value=value, attr="decode" | "encode" as name) if node.args or name == "decode":
                node.func = asked(node.func, value, name)
            case ast.Attribute(value=value, attr=name) if doubtful(node, self.shapes.methods.get(name, ())):
                node.func = asked(node.func, value, name)
            case ast.Name(id=name) | ast.Attribute(attr=name) if self.is_asked(node, name):
                function = ast.copy_location(ast.Name(CALL, ast.Load()), node)
                return ast.copy_location(ast.Call(function, [node.func, *node.args], node.keywords), node)
            case _:
                pass
        return node

    def is_asked(self, node: ast.Call, name: str) -> bool:
        """True if the device is to be asked about a call: it may be of a function that has another name here."""
        if name == "str" or (name == "bytes" and len(node.args) > 1):
            return True  # with an encoding, or of what is printed otherwise
        known = self.shapes.functions.get(name)
        return doubtful(node, known) if known else bool(node.keywords) and name not in device.FRAMED

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """x.name"""
        self.generic_visit(node)
        wanted = isinstance(node.ctx, ast.Load) and node.attr in self.shapes.absent
        return asked(node, node.value, node.attr) if wanted else node

    def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.AST:
        """f"{x}": as MicroPython prints x."""
        self.generic_visit(node)
        if not isinstance(node.value, ast.Constant):
            function = ast.copy_location(ast.Name(SHOWN, ast.Load()), node)
            node.value = ast.copy_location(ast.Call(function, [node.value], []), node)
        return node

    def visit_AsyncFor(self, node: ast.AsyncFor) -> ast.AST:
        """async for: an AttributeError where it cannot be gone over."""
        self.generic_visit(node)
        function = ast.copy_location(ast.Name(STEPS, ast.Load()), node)
        node.iter = ast.copy_location(ast.Call(function, [node.iter], []), node)
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        """X = const(5): the compiler knows it, and needs no import (py/parse.c:729@v1.28.0)."""
        match node.targets, node.value:
            case [ast.Name()], ast.Call(func=ast.Name(id="const"), args=[value], keywords=[]) if is_constant(value):
                node.value = value
            case _:
                pass
        self.generic_visit(node)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """@micropython.native and its like, which the compiler takes for itself (py/compile.c:771@v1.28.0)."""
        node.decorator_list = [one for one in node.decorator_list if not is_emitter(one)]
        self.generic_visit(node)
        return generating(node) if any(isinstance(one, ast.Yield | ast.YieldFrom) for one in own(node)) else node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        """async def with a yield in it: a generator like any other, in which `await` is `yield from`."""
        node.decorator_list = [one for one in node.decorator_list if not is_emitter(one)]
        self.generic_visit(node)
        inside = list(own(node))
        if not any(isinstance(one, ast.Yield) for one in inside) or any(map(is_async_block, inside)):
            return node
        body = [Yielding().visit(one) for one in node.body]
        fields: dict[str, Any] = {name: getattr(node, name) for name in node._fields}
        fields["body"] = body
        return generating(ast.copy_location(ast.FunctionDef(**fields), node))

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """class A(metaclass=B): a TypeError, as type() takes no keywords (py/objtype.c:1091@v1.28.0)."""
        self.generic_visit(node)
        if not node.keywords:
            return node
        made = ast.Expr(ast.Call(ast.Name(CALL, ast.Load()), [ast.Name("type", ast.Load())], node.keywords))
        return ast.fix_missing_locations(ast.copy_location(made, node))

    def visit_With(self, node: ast.With) -> ast.AST:
        """with x: an AttributeError where it cannot be entered, whatever the CPython."""
        self.generic_visit(node)
        for item in node.items:
            function = ast.copy_location(ast.Name(ENTERED, ast.Load()), node)
            item.context_expr = ast.copy_location(ast.Call(function, [item.context_expr], []), node)
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        """except ... as name: the first statement makes of CPython's exception MicroPython's."""
        self.generic_visit(node)
        if node.name:
            found = ast.Call(ast.Name(CAUGHT, ast.Load()), [ast.Name(node.name, ast.Load())], [])
            first = ast.Assign([ast.Name(node.name, ast.Store())], found)
            node.body.insert(0, ast.fix_missing_locations(ast.copy_location(first, node)))
        return node


def own(function: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function, less those of functions in it."""
    for child in ast.iter_child_nodes(function):
        yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from own(child)


def is_async_block(node: ast.AST) -> bool:
    """True if it is an `async for` or an `async with`."""
    return isinstance(node, ast.AsyncFor | ast.AsyncWith)


def generating(node: ast.FunctionDef) -> ast.FunctionDef:
    """The function as one whose generators can be awaited, and can `yield from` what can."""
    decorator = ast.copy_location(ast.Name(GENERATOR, ast.Load()), node)
    node.decorator_list = [*node.decorator_list, decorator]
    return node


class Yielding(ast.NodeTransformer):
    """Makes `await x` into `yield from x`, in a function and not in those in it."""

    def visit_Await(self, node: ast.Await) -> ast.AST:
        """await x"""
        self.generic_visit(node)
        function = ast.copy_location(ast.Name(AWAITED, ast.Load()), node)
        made = ast.YieldFrom(ast.copy_location(ast.Call(function, [node.value], []), node))
        return ast.copy_location(made, node)

    def visit(self, node: ast.AST) -> ast.AST:
        """The node, unless it is a function in the function."""
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return node
        visited: ast.AST = super().visit(node)
        return visited


def is_emitter(node: ast.expr) -> bool:
    """True if a decorator says how to compile a function."""
    match node:
        case ast.Attribute(value=ast.Name(id="micropython"), attr="bytecode" | "native" | "viper"):
            return True
        case _:
            return False


def asked(node: ast.expr, value: ast.expr, name: str) -> ast.expr:
    """The call that looks up an attribute."""
    function = ast.Name(ATTRIBUTE, ast.Load())
    made = ast.Call(function, [value, ast.Constant(name)], [])
    return ast.fix_missing_locations(ast.copy_location(made, node))


def doubtful(node: ast.Call, calls: tuple[Call, ...]) -> bool:
    """True if one of these may refuse the arguments: a star hides how many there are."""
    if not calls or any(isinstance(one, ast.Starred) for one in node.args):
        return False
    keywords = [one.arg for one in node.keywords]
    if None in keywords:
        return True
    named = [one for one in keywords if one is not None]
    return any(one.takes(len(node.args), named) is False for one in calls)


def is_constant(node: ast.expr) -> bool:
    """True if the compiler can work it out: numbers and texts, names of its own, and operators between them."""
    match node:
        case ast.Constant() | ast.Name():
            return True
        case ast.UnaryOp(operand=inner):
            return is_constant(inner)
        case ast.BinOp(left=left, right=right):
            return is_constant(left) and is_constant(right)
        case ast.Tuple(elts=items):
            return all(map(is_constant, items))
        case _:
            return False

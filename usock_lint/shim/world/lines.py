"""Gives the nodes of a script's tree the lines that MicroPython's compiler gives their instructions.

CPython's instructions have the line on which their expression begins. MicroPython's have the last line so far on which
a node of the parser began, leaves excepted, in the order of the compiler (py/compile.c:2833, py/emitbc.c:433@v1.28.0).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any, Final

from usock_lint.shim.core.arguments import SMALL
from usock_lint.shim.world.lookups import is_constant, is_number

INTERNED: Final = 10
"""The length in bytes up to which the parser makes a leaf of a str: MICROPY_ALLOC_PARSE_INTERN_STRING_LEN."""

Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
Block = ast.If | ast.While | ast.For | ast.AsyncFor | ast.With | ast.AsyncWith | ast.Try


def set_lines(tree: ast.AST) -> None:
    """Set the lines in a module or an expression."""
    match tree:
        case ast.Module(body=body) | ast.Interactive(body=body):
            Lines().statements(body)
        case ast.Expression(body=value):
            Lines().value(value)
        case _:
            pass


class Lines:
    """The lines of one function, or of what is outside of functions."""

    def __init__(self) -> None:
        self.line = 0

    def begin(self, line: int) -> None:
        """Note that a node of the parser begins on this line."""
        self.line = max(self.line, line)

    def place(self, node: Any) -> None:
        """Give a node the present line. Its columns mean nothing any more."""
        node.lineno = node.end_lineno = self.line or node.lineno
        node.col_offset = node.end_col_offset = 0

    def statements(self, body: Iterable[ast.stmt]) -> None:
        """The statements of a block."""
        for one in body:
            self.statement(one)

    def statement(self, node: ast.stmt) -> None:
        """A statement, and those in it."""
        for decorator in getattr(node, "decorator_list", ()):
            self.begin(decorator.lineno)
            self.value(decorator)
        self.begin(node.lineno)
        if node.lineno == node.end_lineno == self.line:
            return
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.values([*node.args.defaults, *filter(None, node.args.kw_defaults)])
                Lines().statements(node.body)
            case ast.ClassDef():
                self.values([*node.bases, *(one.value for one in node.keywords)])
                Lines().statements(node.body)
            case ast.Assign(targets=targets, value=value):
                self.values([value, *targets])
                self.place(node)
            case ast.If() | ast.While() | ast.For() | ast.AsyncFor() | ast.With() | ast.AsyncWith() | ast.Try():
                self.block(node)
            case ast.Assert(test=test, msg=message):
                self.values([test, *([message] if message else [])])
                # Since 3.13 CPython raises the error on the line of the test.
                node.test = ast.UnaryOp(ast.Not(), ast.UnaryOp(ast.Not(), test))
                self.place(node.test)
                self.place(node.test.operand)
                self.place(node)
            case _:
                self.values([one for one in ast.iter_child_nodes(node) if isinstance(one, ast.expr)])
                self.place(node)

    def block(self, node: Block) -> None:
        """A statement with blocks. It keeps its own line."""
        match node:
            case ast.If(test=test) | ast.While(test=test):
                self.value(test)
            case ast.For(iter=values, target=target) | ast.AsyncFor(iter=values, target=target):
                self.values([values, target])
            case ast.With(items=items) | ast.AsyncWith(items=items):
                for item in items:
                    self.values([item.context_expr, *([item.optional_vars] if item.optional_vars else [])])
            case _:
                pass
        self.statements(node.body)
        for handler in getattr(node, "handlers", ()):
            self.begin(handler.lineno)
            self.values([handler.type] if handler.type else [])
            self.statements(handler.body)
        self.statements(getattr(node, "orelse", ()))
        self.statements(getattr(node, "finalbody", ()))

    def values(self, nodes: Iterable[ast.expr]) -> None:
        """Expressions, one after the other."""
        for one in nodes:
            self.value(one)

    def value(self, node: ast.expr) -> None:
        """An expression, and those in it."""
        end = node.end_lineno or node.lineno
        if node.lineno == end == self.line:
            return
        match node:
            case ast.Attribute() | ast.Subscript() | ast.Call():
                self.begin(node.lineno)
                self.trailer(node)
            case ast.Name() | ast.Starred():
                self.inner(node)
            case ast.Constant(value=value):
                if not is_leaf(value):
                    self.begin(node.lineno)
            case ast.Tuple(elts=[first, *rest]) if is_constant(node):
                # The parser makes a constant where the rule behind the first item, or behind the first comma, begins.
                self.begin(rest[0].lineno if len(rest) > 1 else first.end_lineno or 0)
            case ast.JoinedStr():
                self.begin(end)  # the format() that it becomes is behind it
                for part in [one for one in ast.walk(node) if isinstance(one, ast.expr)]:
                    self.place(part)
            case ast.Dict(keys=keys, values=values):
                self.begin(node.lineno)
                for key, value in zip(keys, values, strict=True):
                    if key:
                        self.begin(key.lineno)
                        self.values([value, key])
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self.begin(node.lineno)
                self.values([test, body, orelse])
            case ast.Lambda(args=args, body=body):
                self.begin(node.lineno)
                self.values([*args.defaults, *filter(None, args.kw_defaults)])
                Lines().value(body)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                self.begin(node.lineno)
                self.comprehension(node)
            case _:
                if not is_number(node):
                    self.begin(node.lineno)
                    self.inner(node)
        self.place(node)

    def inner(self, node: ast.expr) -> None:
        """The expressions in an expression."""
        self.values([one for one in ast.iter_child_nodes(node) if isinstance(one, ast.expr)])

    def trailer(self, node: ast.expr) -> None:
        """An attribute, a subscript or a call, after what stands before it. A method and its call are one."""
        match node:
            case ast.Call(func=ast.Attribute(value=owner) as method):
                self.head(owner)
                self.place(method)
                self.arguments(node)
            case ast.Call(func=function):
                end = function.end_lineno or 0
                self.head(function)
                self.begin(end)
                self.arguments(node)
            case ast.Attribute(value=owner):
                end = node.end_lineno or 0
                self.head(owner)
                self.begin(end)
            case ast.Subscript(value=owner, slice=index):
                end = owner.end_lineno or 0
                self.head(owner)
                self.begin(end)
                self.value(index)
            case _:
                pass

    def head(self, node: ast.expr) -> None:
        """What stands before a trailer, which may have trailers itself."""
        if isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
            self.trailer(node)
            self.place(node)
        else:
            self.value(node)

    def arguments(self, node: ast.Call) -> None:
        """The arguments of a call, in their order."""
        given = [*node.args, *(one.value for one in node.keywords)]
        self.values(sorted(given, key=lambda one: (one.lineno, one.col_offset)))

    def comprehension(self, node: Comprehension) -> None:
        """A comprehension is a function, which gets the first iterator."""
        first, *rest = node.generators
        self.value(first.iter)
        inside = Lines()
        inside.values([first.target, *first.ifs])
        for one in rest:
            inside.values([one.iter, one.target, *one.ifs])
        inside.values([node.value, node.key] if isinstance(node, ast.DictComp) else [node.elt])


def is_leaf(value: Any) -> bool:
    """True for a constant that the parser makes a leaf of."""
    if isinstance(value, str):
        return len(value.encode("utf-8", "surrogatepass")) <= INTERNED
    return value is None or value is ... or (isinstance(value, int) and -SMALL <= value < SMALL)

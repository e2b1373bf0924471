"""Comprehensions as functions of their own, which tracebacks show: MicroPython has them, and CPython had until 3.12."""

from __future__ import annotations

import ast
import sys
from types import CodeType
from typing import Any

INLINED = sys.version_info >= (3, 12)
"""True if CPython inlines a comprehension into the code around it (PEP 709)."""

Comprehension = ast.ListComp | ast.SetComp | ast.DictComp

NAMES: dict[type[ast.expr], str] = {ast.ListComp: "<listcomp>", ast.SetComp: "<setcomp>", ast.DictComp: "<dictcomp>"}
"""The names of the functions. Their parameters have the same names, by which `renamed` recognizes them."""


class Outlining(ast.NodeTransformer):
    """Makes `[f(x) for x in xs]` into `(lambda xs: [f(x) for x in xs])(xs)`."""

    def visit(self, node: ast.AST) -> Any:
        """The node with every comprehension in it outlined."""
        self.generic_visit(node)
        return outlined(node) if isinstance(node, Comprehension) else node


def outlined(node: Comprehension) -> ast.expr:
    """The call of a function with the comprehension in it. One that binds a name of the function around stays there."""
    if any(isinstance(inner, ast.NamedExpr) for inner in ast.walk(node)):
        return node
    name, first = NAMES[type(node)], node.generators[0]
    iterable, first.iter = first.iter, ast.Name(name, ast.Load())
    function = ast.Lambda(ast.arguments([], [ast.arg(name)], None, [], [], None, []), node)
    return ast.fix_missing_locations(ast.copy_location(ast.Call(function, [iterable], []), node))


def renamed(code: CodeType) -> CodeType:
    """The code with the functions that were made of comprehensions called as MicroPython calls them."""
    constants = tuple(renamed(one) if isinstance(one, CodeType) else one for one in code.co_consts)
    parameter = code.co_varnames[0] if code.co_argcount else ""
    return code.replace(co_consts=constants, co_name=parameter if parameter in NAMES.values() else code.co_name)

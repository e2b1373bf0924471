"""Comprehensions as functions of their own, which tracebacks show: on MicroPython, and on CPython before 3.12.

Also the names of private attributes: MicroPython does not change `__x` in a class.
"""

from __future__ import annotations

import ast
import inspect
import sys
from types import CodeType
from typing import Any

INLINED = sys.version_info >= (3, 12)
"""True if CPython inlines a comprehension into the code around it (PEP 709)."""

Comprehension = ast.ListComp | ast.SetComp | ast.DictComp

NAMES: dict[type[ast.expr], str] = {ast.ListComp: "<listcomp>", ast.SetComp: "<setcomp>", ast.DictComp: "<dictcomp>"}
"""The names of the functions. Their parameters have the same names, by which `renamed` recognizes them."""


class ComprehensionOutliner(ast.NodeTransformer):
    """Replaces `[f(x) for x in xs]` by `(lambda xs: [f(x) for x in xs])(xs)`."""

    def visit(self, node: ast.AST) -> Any:
        """The node with every comprehension in it outlined."""
        self.generic_visit(node)
        return outlined(node) if isinstance(node, Comprehension) else node


def outlined(node: Comprehension) -> ast.expr:
    """The call of a function with the comprehension in it. One with `:=` is unchanged: it binds names outside."""
    if any(isinstance(inner, ast.NamedExpr) for inner in ast.walk(node)):
        return node
    name, first = NAMES[type(node)], node.generators[0]
    iterable, first.iter = first.iter, ast.Name(name, ast.Load())
    function = ast.Lambda(ast.arguments([], [ast.arg(name)], None, [], [], None, []), node)
    return ast.fix_missing_locations(ast.copy_location(ast.Call(function, [iterable], []), node))


def renamed(code: CodeType, private: str = "") -> CodeType:
    """The code, with MicroPython's names for the functions of comprehensions, and with `__x` in classes unchanged.

    `private` is the prefix that CPython puts before `__x` in the class around: `_A` in a class A.
    """
    # The body of a class. Those of functions are optimized, and that of the module is called <module>.
    if not code.co_flags & inspect.CO_OPTIMIZED and code.co_name.isidentifier():
        private = f"_{code.co_name.lstrip('_')}" if code.co_name.strip("_") else ""
    constants = tuple(renamed(one, private) if isinstance(one, CodeType) else one for one in code.co_consts)
    parameter = code.co_varnames[0] if code.co_argcount else ""
    name = parameter if parameter in NAMES.values() else code.co_name
    if not private:
        return code.replace(co_consts=constants, co_name=name)
    return code.replace(
        co_consts=constants,
        co_name=name,
        co_names=written(code.co_names, private),
        co_varnames=written(code.co_varnames, private),
        co_cellvars=written(code.co_cellvars, private),
        co_freevars=written(code.co_freevars, private),
    )


def written(names: tuple[str, ...], private: str) -> tuple[str, ...]:
    """The names without the prefix, as the script has them."""
    return tuple(name.removeprefix(private) if name.startswith(f"{private}__") else name for name in names)

"""Compiling a script as MicroPython would: its parser knows less, and it runs no annotations."""

from __future__ import annotations
import __future__ as future

import ast
import warnings
from types import CodeType

from usock_lint.shim.world.operators import Mixing

ANNOTATIONS = future.annotations.compiler_flag


def compile_source(code: str | bytes, filename: str) -> CodeType:
    """The code object of a script. Raises SyntaxError also for what only CPython can parse."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(code, filename)
        refuse(tree, filename)
        tree = Mixing().visit(tree)
        return compile(tree, filename, "exec", ANNOTATIONS, dont_inherit=True)


def refuse(tree: ast.AST, filename: str) -> None:
    """SyntaxError at the first node that MicroPython's grammar has no place for."""
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            if unknown(child) or (isinstance(child, ast.Starred) and not starred(node, child)):
                place = filename, getattr(child, "lineno", 1), None, None
                raise SyntaxError("invalid syntax", place)


def unknown(node: ast.AST) -> bool:
    """Whether it is a form that MicroPython lacks, or has a decorator that is no dotted name or call."""
    match node:
        case ast.Match() | ast.TryStar() | ast.arguments(posonlyargs=[_, *_]) | ast.comprehension(is_async=1):
            return True
        case ast.Dict(keys=keys):
            return None in keys
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return bool(getattr(node, "type_params", ())) or not all(map(decorates, node.decorator_list))
        case _:
            return type(node).__name__ == "TypeAlias"


def decorates(node: ast.expr) -> bool:
    """Whether it is a dotted name, called or not."""
    name = node.func if isinstance(node, ast.Call) else node
    while isinstance(name, ast.Attribute):
        name = name.value
    return isinstance(name, ast.Name)


def starred(parent: ast.AST, child: ast.Starred) -> bool:
    """Whether a star may stand there: in a call, or among the targets of an assignment."""
    return isinstance(parent, ast.Call | ast.ClassDef) or isinstance(child.ctx, ast.Store)

"""The order in which the lines of a program run first: calls are followed into the functions of its file."""

from __future__ import annotations

import ast
from collections.abc import Iterator

_Function = ast.FunctionDef | ast.AsyncFunctionDef

_SERVERS = frozenset({"create_server", "start_server"})
"""Functions of asyncio that pass a function on for connections, which come when the program waits for them."""


def rows_in_order(text: str | bytes) -> dict[int, int]:
    """The position of each row in that order; empty for a text that CPython cannot parse.

    Both branches of a condition are taken, one after the other. A function that a call passes on is taken to run after
    the call, and that of a server after the module's own lines. The functions that nothing calls come last.
    """
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    order = _Order(module)
    try:
        order.run(module.body)
        for function in (*order.serving, *order.functions()):
            order.call(function)
    except RecursionError:
        return {}
    return order.rows


class _Order:
    """The rows that were run, in order. A function is run when it is called first, by its name in whatever scope.

    `serving` are the functions that were passed on to servers.
    """

    def __init__(self, module: ast.Module) -> None:
        self.rows: dict[int, int] = {}
        self.serving: list[_Function] = []
        self._called: set[_Function] = set()
        self._named: dict[str, list[_Function]] = {}
        for node in ast.walk(module):
            if isinstance(node, _Function):
                self._named.setdefault(node.name, []).append(node)
            elif isinstance(node, ast.ClassDef):
                made = (one for one in node.body if isinstance(one, _Function) and one.name == "__init__")
                self._named.setdefault(node.name, []).extend(made)

    def functions(self) -> Iterator[_Function]:
        """All functions, in the order of the text."""
        found = {one: None for named in self._named.values() for one in named}
        yield from sorted(found, key=lambda one: one.lineno)

    def run(self, nodes: list[ast.stmt]) -> None:
        """Run statements, or expressions in them, in order."""
        for node in nodes:
            self._visit(node)

    def call(self, function: _Function) -> None:
        """Run the body of a function, once."""
        if function not in self._called:
            self._called.add(function)
            self.run(function.body)

    def _visit(self, node: ast.AST) -> None:
        if isinstance(node, _Function | ast.Lambda):
            decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
            for one in (*decorators, *node.args.defaults, *filter(None, node.args.kw_defaults)):
                self._visit(one)
            return
        for inner in ast.iter_child_nodes(node):
            self._visit(inner)
        if isinstance(node, ast.Call):
            for function in self._named.get(_name(node.func), ()):
                self.call(function)
            for passed in (*node.args, *(one.value for one in node.keywords)):
                for function in self._named.get(_name(passed), ()):
                    if _name(node.func) in _SERVERS:
                        self.serving.append(function)
                    else:
                        self.call(function)
        elif isinstance(row := getattr(node, "lineno", None), int):
            self.rows.setdefault(row, len(self.rows))


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""

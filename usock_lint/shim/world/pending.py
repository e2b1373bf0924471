"""Has a program make the calls that micropython.schedule puts off where MicroPython does, at jumps (py/vm.c@v1.28)."""

from __future__ import annotations

import ast
from typing import Any

from usock_lint.shim.world.lookups import PENDING


def check(node: ast.AST) -> ast.stmt:
    """The statement that runs what is pending, in the place of a node."""
    made = ast.Expr(ast.Call(ast.Name(PENDING, ast.Load()), [], []))
    return ast.fix_missing_locations(ast.copy_location(made, node))


class PendingRewriter(ast.NodeTransformer):
    """Looks for what is pending where the compiler puts jumps: conditions, loops, and the ends of `try`."""

    def visit_If(self, node: ast.If) -> ast.AST:
        """if a: b"""
        self.generic_visit(node)
        node.body.insert(0, check(node))
        node.orelse.insert(0, check(node))
        return node

    def visit_While(self, node: ast.While) -> Any:
        """while a: b, which begins with a jump to the condition."""
        self.generic_visit(node)
        node.body.insert(0, check(node))
        return [check(node), node]

    def visit_For(self, node: ast.For) -> Any:
        """for a in b: c. Over a range it is a loop with a condition (py/compile.c:1430@v1.28.0)."""
        self.generic_visit(node)
        node.body.append(check(node.body[-1]))
        match node.iter:
            case ast.Call(func=ast.Name(id="range")):
                return [check(node), check(node), node]
            case _:
                return node

    def visit_Continue(self, node: ast.Continue) -> Any:
        """continue"""
        return [check(node), node]

    def visit_Try(self, node: ast.Try) -> ast.AST:
        """try: a"""
        self.generic_visit(node)
        for handler in node.handlers:
            handler.body.insert(0, check(handler))
        for body in (node.body, *(one.body for one in node.handlers)):
            body.append(check(body[-1]))
        return node

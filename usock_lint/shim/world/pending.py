"""Has a program make the calls that micropython.schedule puts off where MicroPython does, at jumps (py/vm.c@v1.28)."""

from __future__ import annotations

import ast
from typing import Any

from usock_lint.shim.world.lookups import PENDING, rewritten
from usock_lint.shim.world.operators import call


def check(node: ast.AST) -> ast.stmt:
    """The statement that runs what is pending, in the place of a node."""
    return ast.copy_location(ast.Expr(call(node, PENDING)), node)


def checked(node: ast.expr) -> ast.expr:
    """The expression, after which what is pending runs. It is called with the value, and returns that."""
    return call(node, PENDING, node)


class PendingRewriter(ast.NodeTransformer):
    """Looks for what is pending where the compiler puts jumps: conditions, loops, and the ends of `try`."""

    def condition(self, node: ast.expr) -> ast.expr:
        """A condition: a jump for each of its parts, and none for a constant (py/compile.c:400@v1.28.0)."""
        match node:
            case ast.Constant():
                return node
            case ast.BoolOp(values=values):
                values[:] = map(self.condition, values)
                return node
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                node.operand = self.condition(operand)
                return node
            case _:
                return checked(self.visit(node))

    def visit_If(self, node: ast.If) -> ast.AST:
        """if a: b"""
        self.visit_branch(node, jumps=bool(node.orelse))
        return node

    def visit_branch(self, node: ast.If, *, jumps: bool) -> None:
        """Rewrite an `if` or `elif`. After its body there may be a jump over the other branches."""
        node.test, node.body = self.condition(node.test), rewritten(self, node.body)
        if jumps and not isinstance(node.test, ast.Constant):
            node.body.append(check(node.body[-1]))
        match node.orelse:
            # An elif begins in the column of its if. Behind its body is a jump also if nothing follows
            # (py/compile.c:1365@v1.28.0).
            case [ast.If(col_offset=column) as further] if column == node.col_offset:
                self.visit_branch(further, jumps=True)
            case _:
                node.orelse = rewritten(self, node.orelse)

    def visit_While(self, node: ast.While) -> Any:
        """while a: b, which begins with a jump to the condition."""
        node.test, node.body, node.orelse = (
            self.condition(node.test),
            rewritten(self, node.body),
            rewritten(self, node.orelse),
        )
        if isinstance(node.test, ast.Constant):
            node.body.append(check(node.body[-1]))
            return node
        return [check(node), node]

    def visit_For(self, node: ast.For) -> Any:
        """for a in b: c

        Over a range it begins with a jump to a condition, which is a jump, too (py/compile.c:1430@v1.28.0).
        """
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

    def visit_Break(self, node: ast.Break) -> Any:
        """break"""
        return [check(node), node]

    def visit_Try(self, node: ast.Try) -> ast.AST:
        """try: a"""
        self.generic_visit(node)
        for handler in node.handlers:
            handler.body.insert(0, check(handler))
        for body in (node.body, *(one.body for one in node.handlers)) if node.handlers else ():
            body.append(check(body[-1]))
        return node

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        """assert a"""
        node.test, node.msg = self.condition(node.test), self.visit(node.msg) if node.msg else None
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        """a and b"""
        self.generic_visit(node)
        node.values[:-1] = map(checked, node.values[:-1])
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        """a if b else c"""
        node.test, node.body, node.orelse = (
            self.condition(node.test),
            checked(self.visit(node.body)),
            self.visit(node.orelse),
        )
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        """for a in b if c"""
        node.iter, node.ifs = self.visit(node.iter), [*map(self.condition, node.ifs)]
        return node

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:
        """[a for b in c]"""
        return self.loop(node)

    def visit_SetComp(self, node: ast.SetComp) -> ast.AST:
        """{a for b in c}"""
        return self.loop(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        """(a for b in c)"""
        return self.loop(node)

    def loop(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> ast.AST:
        """A comprehension, with a jump after each element."""
        self.generic_visit(node)
        node.elt = checked(node.elt)
        return node

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        """{a: b for c in d}"""
        self.generic_visit(node)
        node.value = checked(node.value)
        return node

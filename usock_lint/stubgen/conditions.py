"""The conditions in a master stub: `everywhere(BEHAVIOUR, VALUE)`, `somewhere(BEHAVIOUR, VALUE)`, joined by `or`."""

from __future__ import annotations

import ast
from collections.abc import Callable

import libcst as cst

from usock_lint.stubgen.facts import Facts


def holds(condition: cst.BaseExpression, facts: Facts) -> bool:
    """True if the condition is true. Raises ValueError or KeyError for a text that is not a condition."""
    return _holds(ast.parse(cst.Module([]).code_for_node(condition), mode="eval").body, facts)


def _holds(condition: ast.expr, facts: Facts) -> bool:
    match condition:
        case ast.BoolOp(op=ast.Or(), values=parts):
            return any(_holds(part, facts) for part in parts)
        case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str() as path), ast.Constant(value=value)]):
            return _predicate(facts, name)(path, value)
        case _:
            raise ValueError(f"no condition of a master stub: {ast.unparse(condition)}")


def _predicate(facts: Facts, name: str) -> Callable[[str, object], bool]:
    return {"everywhere": facts.everywhere, "somewhere": facts.somewhere}[name]

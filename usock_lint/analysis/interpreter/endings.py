"""Statements and functions after which the program does not go on, as `die` and `self.fail`: they raise or exit."""

from __future__ import annotations

from typing import Final

import libcst as cst

from usock_lint.analysis import heuristics
from usock_lint.analysis.domain.operations import UNKNOWN
from usock_lint.analysis.domain.values import Function
from usock_lint.analysis.heuristics import statements
from usock_lint.analysis.interpreter import names
from usock_lint.analysis.interpreter.core import Interpreter
from usock_lint.syntax.nodes import of_type

_DEPTH: Final = 3
"""The number of functions, each of which calls the next one, that are followed: they may call each other."""


def suite_ends(interp: Interpreter, suite: cst.BaseSuite, depth: int = _DEPTH) -> bool:
    """True if the last statement of a suite ends the program, in each branch; whether it is reached is not asked."""
    match statements(suite)[-1]:
        case cst.Raise() as last:
            return not names.is_abstract(last)
        case cst.Expr(value=cst.Call() as call):
            return heuristics.ends_program(call) or _calls_one(interp, call, depth)
        case cst.With(body=body):
            return suite_ends(interp, body, depth)
        case cst.If(body=body, orelse=cst.If() as other):
            return suite_ends(interp, body, depth) and suite_ends(interp, cst.IndentedBlock([other]), depth)
        case cst.If(body=body, orelse=cst.Else(body=other)):
            return suite_ends(interp, body, depth) and suite_ends(interp, other, depth)
        case _:
            return False


def function_ends(interp: Interpreter, function: cst.FunctionDef, depth: int = _DEPTH) -> bool:
    """True if a function ends the program wherever it is left."""
    if function in interp.summaries.functions:
        return interp.summaries.read("ends", function) is not None
    returns = of_type(function.body, cst.Return, cst.Yield, closed=(cst.FunctionDef,))  # a generator does so at once
    return function.asynchronous is None and not any(returns) and suite_ends(interp, function.body, depth)


def _calls_one(interp: Interpreter, call: cst.Call, depth: int) -> bool:
    callees = interp.callees.get(call, UNKNOWN)
    return bool(callees and depth) and all(
        isinstance(one, Function) and function_ends(interp, one.node, depth - 1) for one in callees
    )

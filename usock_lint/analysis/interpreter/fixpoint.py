"""Passes over the bodies of a module until none of them would find anything new, or the bound on passes is reached."""

from __future__ import annotations

from collections.abc import Callable

from usock_lint.analysis.domain.values import MATCH
from usock_lint.analysis.interpreter import (
    control_flow,
    definitions,
    expressions,
    operators,
    statements,
    try_statements,
)
from usock_lint.analysis.interpreter.core import Interpreter
from usock_lint.analysis.summaries import Body
from usock_lint.analysis.uses import AnyUse, Converted, Indexed, Refused, Stepped, TypeMember
from usock_lint.syntax.nodes import index

# Importing these registers what the interpreter does with each type of node.
REGISTERED = (control_flow, definitions, expressions, operators, statements, try_statements)


def uses(interp: Interpreter, analyse: Callable[[Interpreter, Body], None] = definitions.analyse) -> list[AnyUse]:
    """Every use in the module: first in its own statements, in order, then in its functions, outer before inner.

    A body is analysed again if a summary that it has read changes afterwards. `analyse` makes a pass over one.
    """
    index(interp.module)
    summaries = interp.summaries
    bodies, changing = [summaries.root], True
    while changing:
        bodies, changing = [summaries.root], False
        interp.read.clear()
        for body in bodies:
            if summaries.is_stale(body):
                analyse(interp, body)
                changing = True
            interp.read |= body.reads
            bodies += body.inner
    # What was recorded by `note_by_type` is dropped where the bound on passes came before the last type of a value. An
    # `Encoding` is kept: the name of a codec is taken for the argument of `encode` or `decode` whatever the type is.
    settled = {body.node for body in bodies if summaries.has_final_types(body)}
    return [use for body in bodies for use in body.uses if body.node in settled or not _is_by_type(use)]


def _is_by_type(use: AnyUse) -> bool:
    """True for a use that is right only if it holds for all types of a value."""
    if isinstance(use, Indexed):
        return use.owner == MATCH
    return isinstance(use, TypeMember | Refused | Stepped | Converted)

"""Imports that may fail: what runs after one, and what its handlers are for."""

from __future__ import annotations

from usock_lint.analysis.domain.operations import NO_CELLS
from usock_lint.analysis.domain.values import Cells
from usock_lint.analysis.handlers import takes_import_errors
from usock_lint.analysis.interpreter.core import Interpreter
from usock_lint.networks import NETWORKS


def imported(interp: Interpreter, name: str, working: Cells) -> None:
    """Restrict the code after an import to the cells on which it works.

    These are `working` without those that lack the module. Code is restricted only in a `try` that catches the failure
    and behind a condition that has told the targets apart. Elsewhere an import that fails is a finding, and the
    analysis goes on as if it worked.
    """
    interp.networked |= name.partition(".")[0] in NETWORKS
    missing = interp.library.without(name, interp.state.live)
    working -= missing
    if interp.state.failing and is_tried(interp):
        interp.state.vague_import |= interp.library.is_optional(name, interp.state.live)
        fail(interp, (interp.state.live - working) | interp.library.perhaps_without(name, interp.state.live))
        interp.state.live = working
        interp.state.cpython = interp.state.cpython and not interp.library.is_micropython_only(name)
    elif interp.state.live != interp.summaries.body.live:
        interp.state.live -= missing  # a condition has told the targets apart, and these are not meant


def is_tried(interp: Interpreter) -> bool:
    """True if a handler around catches a failed import."""
    handlers = interp.state.attempts[0].node.handlers if interp.state.attempts else ()
    return any(map(takes_import_errors, handlers))


def fail(interp: Interpreter, cells: Cells) -> None:
    """Let the current statement fail on these cells: the rest of the `try` body does not run there."""
    interp.state.failing[-1] = (interp.state.failing[-1] or NO_CELLS) | cells
    interp.state.live -= cells

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from usock_lint import ports
from usock_lint.analysis.domain.operations import evaluated
from usock_lint.analysis.domain.values import ErrorNumber
from usock_lint.analysis.uses import Operation
from usock_lint.checks import Report, on
from usock_lint.checks._errors import EQUALITY, compared, errno_name, is_resolving, perhaps_at_once, words
from usock_lint.checks._repairs import Repair, importing, replace
from usock_lint.i18n import Said, either, say
from usock_lint.syntax.nodes import once_per_node, within

# For each method whose timeout can expire: the key of its error in the behaviour `timeout_errno`.
_TIMED = {
    "recv": "recv",
    "recvfrom": "recv",
    "send": "send",
    "accept": "accept",
    "connect": "connect",
    "read": "read",
    "readinto": "read",
    "readline": "read",
}
_UNBLOCKED = {"setblocking", "poll", "select", "ipoll"}


@on(Operation, *EQUALITY)
def operation(use: Operation) -> Iterator[Report]:
    named = {name for choice in compared(use, ErrorNumber) if (name := errno_name(choice.atom))}
    body = _tried(use) if named else None
    if body is None or is_resolving(use):
        return
    known = named | words(use, use.node)
    methods = _called(body)
    if "ECONNREFUSED" in named and "connect" in methods:
        yield from _report(use, known, say("a refused connection"), {cell: {_refused(cell)} for cell in use.site.live})
    elif named & {"ETIMEDOUT", "EAGAIN"} and methods & _TIMED.keys():
        live = use.site.live - perhaps_at_once(use)
        raised = {cell: {_timed_out(cell, method) for method in methods & _TIMED.keys()} for cell in live}
        yield from (one for one in _report(use, known, say("an expired timeout"), raised) if _has_timeout(use))


def _report(use: Operation, known: set[str], what: Said, raised: dict[ports.Cell, set[str | None]]) -> Iterator[Report]:
    """Report the cells on which the code tests for none of the errors that are raised there.

    None among the errors of a cell is one that is not known. The code may test for it, so nothing is reported there.
    """
    by_errors: dict[tuple[str, ...], set[ports.Cell]] = {}
    for cell, names in raised.items():
        if not names & (known | {None}):
            by_errors.setdefault(tuple(sorted(filter(None, names))), set()).add(cell)
    for errors, cells in by_errors.items():
        message = say("{what} is {name} {where}; test for that as well", what=what, name=either(errors))
        repair = _repair(use, errors[0]) if len(errors) == 1 else None
        yield Report(use.node, frozenset(cells), message, "", repair=repair)


def _refused(cell: ports.Cell) -> str | None:
    return ports.behaviour(cell, "connection_refused")


def _timed_out(cell: ports.Cell, method: str) -> str | None:
    """The error of a method whose timeout expires, None where it is not known or left open."""
    name: str | None = ports.behaviour(cell, "timeout_errno")[_TIMED[method]]
    return None if name == "open" else name


def _tried(use: Operation) -> cst.BaseSuite | None:
    """The body of the try statement in whose handler this is."""
    bodies = [node.body for node in use.site.path if isinstance(node, cst.Try | cst.TryStar)]
    inside = any(isinstance(node, cst.ExceptHandler | cst.ExceptStarHandler) for node in use.site.path)
    return bodies[-1] if bodies and inside else None


@once_per_node
def _called(tree: cst.CSTNode) -> frozenset[str]:
    return frozenset(_calls(tree))


def _calls(tree: cst.CSTNode) -> Iterator[str]:
    """The names of the methods that are called; for `settimeout(0)` "setblocking", which does the same."""
    for node in within(tree):
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
            name = node.func.attr.value
            zero = name == "settimeout" and any(_is_zero(argument.value) for argument in node.args)
            yield "setblocking" if zero else name


def _is_zero(value: cst.BaseExpression) -> bool:
    return isinstance(value, cst.Integer | cst.Float) and evaluated(value.value) == 0


def _has_timeout(use: Operation) -> bool:
    """True if the file sets timeouts, and has no non-blocking sockets and no polling."""
    called = _called(use.site.module)
    return "settimeout" in called and not called & _UNBLOCKED


def _repair(use: Operation, name: str) -> Repair | None:
    number, names = use.left_node, use.right_node
    if not any(isinstance(atom, ErrorNumber) for atom in use.left | use.right):
        return None  # it compares all arguments of the error
    imports = () if use.errno else importing(use.site.module, "errno")
    if imports is None or (isinstance(use.node, cst.Comparison) and len(use.node.comparisons) > 1):
        return None
    other = f"{use.errno or 'errno'}.{name}"
    if isinstance(use.operator, cst.Equal | cst.NotEqual):
        word = "in" if isinstance(use.operator, cst.Equal) else "not in"
        both = f"{use.site.code(number)} {word} ({use.site.code(names)}, {other})"
        return Repair(say("Test for both"), (*imports, replace(use.node, both)), "unsafe")
    if isinstance(names, cst.Tuple):
        more = ", ".join([*(use.site.code(one.value) for one in names.elements), other])
        return Repair(say("Test for both"), (*imports, replace(names, f"({more})")), "unsafe")
    return None

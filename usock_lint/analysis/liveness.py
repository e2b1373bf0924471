"""Liveness after a point of a body: reads of a name, and statements that can fail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from usock_lint.analysis.heuristics import HARMLESS, ends_program
from usock_lint.syntax.nodes import mentions, of_type, once_per_node, parts, within

_Loop = cst.For | cst.While
_Try = cst.Try | cst.TryStar
_Leaving = (cst.Return, cst.Raise, cst.Continue, cst.Break)


def is_read_later(name: str, path: Sequence[cst.CSTNode], *, turn: bool = False, out: bool = False) -> bool:
    """True if a name may be read, before it is bound again, after the last of these nested statements.

    With `turn` the next turn of the loop around begins after it, with `out` the loop is left.
    """
    skip = turn or out  # the path goes straight to the loop around: what stands in between does not run
    for index in range(len(path) - 1, -1, -1):
        node = path[index]
        inner = path[index + 1] if index + 1 < len(path) else None
        # The path ends in a `return` at the latest: no local name is read after its function.
        if isinstance(node, cst.FunctionDef):
            return False
        if isinstance(node, _Loop):
            left, skip = out and skip, False
            # What stands at the top of the loop runs again, also if it is above the point in the text.
            if not left and _reads(name, _next_turn(node)):
                return True
        elif isinstance(node, _Try):
            if _reads(name, _after_part(node, inner)):
                return True
        elif isinstance(node, (cst.BaseSuite, cst.Module, cst.SimpleStatementLine)) and inner is not None and not skip:
            first = _first_use(name, node.body[_index(node.body, inner) + 1 :])
            if isinstance(first, bool):
                return first
            skip, out = first is not None, isinstance(first, cst.Break)
    return False


def program_ends_later(path: Sequence[cst.CSTNode], *, turn: bool = False, out: bool = False) -> bool:
    """True if the program certainly ends before the function does, such as by `sys.exit()` below a loop.

    `path`, `turn` and `out` are those of `is_read_later`.
    """
    skip = turn or out
    for index in range(len(path) - 1, -1, -1):
        node = path[index]
        inner = path[index + 1] if index + 1 < len(path) else None
        if isinstance(node, cst.FunctionDef) or (isinstance(node, _Loop) and not (out and skip)):
            return False
        if isinstance(node, _Loop):
            skip = False
        elif isinstance(node, (cst.BaseSuite, cst.Module, cst.SimpleStatementLine)) and inner is not None and not skip:
            for one in _flat(node.body[_index(node.body, inner) + 1 :]):
                if any(isinstance(part, _Leaving) and not ends_program(part) for part in within(one)):
                    return False
                if isinstance(one, (cst.Expr, cst.Raise)) and any(map(ends_program, within(one))):
                    return True
    return False


def _next_turn(loop: _Loop) -> list[cst.CSTNode]:
    """The parts of a loop that run when a turn has ended."""
    begin = [loop.test] if isinstance(loop, cst.While) else []
    return [*begin, *loop.body.body, *([loop.orelse] if loop.orelse is not None else [])]


def _after_part(node: _Try, part: cst.CSTNode | None) -> list[cst.CSTNode]:
    """The parts of a try statement that run after this one."""
    following = [node.finalbody] if node.finalbody is not None and part is not node.finalbody else []
    return [node.orelse, *following] if node.orelse is not None and part is node.body else [*following]


def _reads(name: str, nodes: Sequence[cst.CSTNode]) -> bool:
    return _first_use(name, nodes) is True


def _first_use(name: str, nodes: Sequence[cst.CSTNode]) -> bool | cst.Continue | cst.Break | None:
    """True if these statements read a name first, False if they bind it or return first; None for neither.

    A `continue` or `break` that comes first is returned itself: the answer depends on its loop.
    """
    for node in nodes:
        if isinstance(node, cst.SimpleStatementLine):
            found = _first_use(name, node.body)
        elif isinstance(node, _Try):
            found = _in_try(name, node)
        # `s = connect(s)` reads before it binds.
        elif isinstance(node, cst.Assign) and not mentions(node.value, name) and _binds(node, name):
            found = False
        elif mentions(node, name):
            found = True
        else:
            leaves_turn = isinstance(node, (cst.Continue, cst.Break))
            found = False if isinstance(node, cst.Return) else node if leaves_turn else None
        if found is not None:
            return found
    return None


def _in_try(name: str, node: _Try) -> bool | cst.Continue | cst.Break | None:
    others = [*node.handlers, *(one for one in (node.orelse, node.finalbody) if one is not None)]
    if _first_use(name, node.body.body[:1]) is False:
        return False  # the handlers are for the value that the first statement of the body binds
    found = _first_use(name, node.body.body)
    return True if found is True or any(mentions(one, name) for one in others) else found


def _binds(node: cst.Assign, name: str) -> bool:
    """True if an assignment binds a plain name."""
    for one in node.targets:
        match one.target:
            case cst.Name(value=bound) if bound == name:
                return True
            case cst.Tuple(elements=elements) | cst.List(elements=elements):
                if any(isinstance(part.value, cst.Name) and part.value.value == name for part in elements):
                    return True
            case _:
                pass
    return False


def nothing_fails_after(body: cst.BaseSuite, path: Sequence[cst.CSTNode]) -> bool:
    """True if no statement that can fail runs after the last one of this path in the body of a try statement."""
    inner = path[path.index(body) :] if body in path else ()
    for index in range(len(inner) - 2, -1, -1):
        node, part = inner[index], inner[index + 1]
        # In a loop an earlier statement may follow this one, in the next turn.
        if isinstance(node, _Loop):
            return False
        if isinstance(node, (cst.BaseSuite, cst.SimpleStatementLine)):
            after = node.body[_index(node.body, part) + 1 :]
            for statement in _flat(after):
                if not _is_harmless(statement):
                    return False
                # After this the body is left, so what stands below does not follow.
                if isinstance(statement, _Leaving):
                    return True
    return bool(inner)


def _flat(nodes: Sequence[cst.CSTNode]) -> Iterator[cst.CSTNode]:
    """These statements, each small statement of a line on its own."""
    for node in nodes:
        yield from node.body if isinstance(node, cst.SimpleStatementLine) else (node,)


def _is_harmless(statement: cst.CSTNode) -> bool:
    """True if a statement is assumed not to raise an error that a handler is written for."""
    if isinstance(statement, cst.Raise):
        return False
    pending = [statement]
    while pending:
        node = pending.pop()
        match node:
            case cst.Call(func=cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name))):
                if name not in HARMLESS:
                    return False
            # `await f()` fails where `f` does, which is looked at as a call.
            case cst.Await(expression=cst.Call()):
                pass
            case cst.Call() | cst.Await() | cst.Yield() | cst.Import() | cst.ImportFrom():
                return False
            case _:
                pass
        pending += parts(node)
    return True


@once_per_node
def read_by_functions(node: cst.CSTNode) -> frozenset[str]:
    """The names that functions and lambdas in this node read and do not bind themselves."""
    found: set[str] = set()
    for one in of_type(node, cst.FunctionDef, cst.Lambda):
        if one is not node:
            found |= _free(one)
    return frozenset(found)


def _free(function: cst.FunctionDef | cst.Lambda) -> set[str]:
    """The names that a function reads and does not bind itself."""
    read: set[str] = set()
    bound: set[str] = set()
    outer: set[str] = set()
    for one in within(function):
        match one:
            case cst.Name(value=name):
                read.add(name)
            case cst.Param(name=cst.Name(value=name)) | cst.AssignTarget(target=cst.Name(value=name)):
                bound.add(name)
            case cst.AssignTarget(target=cst.Tuple(elements=elements)):
                bound |= {part.value.value for part in elements if isinstance(part.value, cst.Name)}
            case cst.NameItem(name=cst.Name(value=name)):
                outer.add(name)
            case _:
                pass
    # A name that the function binds is its own, unless it is declared `global` or `nonlocal`.
    return read - (bound - outer)


def _index(body: Sequence[cst.CSTNode], part: cst.CSTNode) -> int:
    return next((index for index, one in enumerate(body) if one is part), len(body))

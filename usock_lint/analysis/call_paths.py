"""The ways that an exception goes up from an expression: through the try statements around it and to the callers.

An exception leaves a coroutine only towards what awaits or runs it. A task that nobody awaits ends, and a function
that nothing of the file calls hands its exceptions to code that is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

import libcst as cst

from usock_lint.analysis import handlers
from usock_lint.analysis.domain.values import Function, On, Value
from usock_lint.syntax.nodes import parents

Try = cst.Try | cst.TryStar

_RUNNERS: Final = frozenset({"run", "run_until_complete"})


class CallPaths:
    """The expressions around each node of a file, and the calls of each function; `callees` is what each call calls."""

    def __init__(self, module: cst.Module, callees: Mapping[cst.Call, Value]) -> None:
        self.parents = parents(module)
        self.callers: dict[cst.FunctionDef, list[cst.Call]] = {}
        for call, value in callees.items():
            for function in functions(value):
                self.callers.setdefault(function, []).append(call)

    def above(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The nodes around one, the innermost first."""
        parent = self.parents.get(node)
        while parent is not None:
            yield parent
            parent = self.parents.get(parent)

    def passed(
        self, node: cst.CSTNode, catches: Callable[[handlers.Handler], bool], seen: frozenset[cst.CSTNode] = frozenset()
    ) -> Iterator[tuple[list[Try], handlers.Handler | None]]:
        """For each way up: the try statements in whose bodies an exception comes by, and the clause that catches it.

        The clause is None where the exception leaves the file, or ends a task.
        """
        met: list[Try] = []
        part = node
        for one in self.above(node):
            if isinstance(one, Try) and part is one.body:
                met.append(one)
                if (catching := next(filter(catches, one.handlers), None)) is not None:
                    yield met, catching
                    return
            elif isinstance(one, cst.FunctionDef):
                calls = [call for call in self.callers.get(one, []) if self._hands_on(one, call)]
                for call in calls if one not in seen else ():
                    for further, clause in self.passed(call, catches, seen | {one}):
                        yield [*met, *further], clause
                if calls:
                    return
                break
            part = one
        yield met, None

    def _hands_on(self, function: cst.FunctionDef, call: cst.Call) -> bool:
        """True if an exception of this function is raised where this calls it."""
        return function.asynchronous is None or self.is_awaited(call)

    def is_awaited(self, call: cst.Call) -> bool:
        """True if what a coroutine raises is raised in the statement that calls it."""
        for one in self.above(call):
            match one:
                case cst.Await() | cst.From():
                    return True
                case cst.Call(func=cst.Attribute(attr=cst.Name(value=name))) if name in _RUNNERS:
                    return True
                case cst.BaseSmallStatement() | cst.BaseCompoundStatement():
                    return False
                case _:
                    continue
        return False


def functions(value: Value) -> Iterator[cst.FunctionDef]:
    """The functions that a value may be."""
    for atom in value:
        plain = atom.atom if isinstance(atom, On) else atom
        if isinstance(plain, Function):
            yield plain.node

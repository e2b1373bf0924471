"""Propagation of exceptions from an expression: through the try statements around it and to the callers.

An exception leaves a coroutine only into the code that awaits or runs it. It ends a task that is not awaited. From a
function without callers in the file it propagates into unknown code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

import libcst as cst

from usock_lint.analysis import handlers
from usock_lint.analysis.domain.operations import unconditional
from usock_lint.analysis.domain.values import Function, Value
from usock_lint.syntax.nodes import parents

Try = cst.Try | cst.TryStar

_RUNNERS: Final = frozenset({"run", "run_until_complete"})


class Way(NamedTuple):
    """One path of an exception, from where it is raised to where it is caught or leaves the file.

    `tries` are the try statements whose bodies it passes through, innermost first. `clause` catches it; or it `leaves`
    a function that nothing in the file calls, or a coroutine that nothing awaits. With neither it ends the program.
    """

    tries: tuple[Try, ...]
    clause: handlers.Handler | None = None
    leaves: cst.FunctionDef | None = None


class CallPaths:
    """The paths of exceptions in a file. `callees` has the value of each call's callee, as the interpreter found it."""

    def __init__(self, module: cst.Module, callees: Mapping[cst.Call, Value]) -> None:
        self.parents = parents(module)
        self.suppressing = handlers.suppressing(module)
        self.callers: dict[cst.FunctionDef, list[cst.Call]] = {}
        for call, value in callees.items():
            for function in functions(value):
                self.callers.setdefault(function, []).append(call)

    def above(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The nodes around a node, the innermost first."""
        parent = self.parents.get(node)
        while parent is not None:
            yield parent
            parent = self.parents.get(parent)

    def ways(
        self, node: cst.CSTNode, catches: Callable[[handlers.Handler], bool], seen: frozenset[cst.CSTNode] = frozenset()
    ) -> Iterator[Way]:
        """The ways of an exception that `node` raises, one for each chain of callers.

        `catches` tells whether a clause catches it; `seen` are the functions that it has already left.
        """
        tries: tuple[Try, ...] = ()
        part = node
        for one in self.above(node):
            # Handlers and `else` of a `try` are not guarded by its own clauses.
            attempt = one if isinstance(one, Try) else self.suppressing.get(one) if isinstance(one, cst.With) else None
            if attempt is not None and part is attempt.body:
                tries += (attempt,)
                if (catching := next(filter(catches, attempt.handlers), None)) is not None:
                    yield Way(tries, catching)
                    return
            elif isinstance(one, cst.FunctionDef):
                calls = [call for call in self.callers.get(one, []) if self.propagates(one, call)]
                # If functions call each other, the search leaves each of them once.
                for call in calls if one not in seen else ():
                    for further in self.ways(call, catches, seen | {one}):
                        yield further._replace(tries=tries + further.tries)
                # Nothing in the file calls or awaits it: the exception goes to unknown code, or ends a task.
                if not calls:
                    yield Way(tries, leaves=one)
                return
            part = one
        yield Way(tries)

    def is_repeated(self, node: cst.CSTNode, *, by_others: bool = False) -> bool:
        """True if a loop runs `node` again and again: a loop in its function, or in a function that calls this one.

        With `by_others`, a function without callers in the file is assumed to be called again and again.
        """
        return self._is_repeated(node, by_others, frozenset())

    def _is_repeated(self, node: cst.CSTNode, by_others: bool, seen: frozenset[cst.CSTNode]) -> bool:
        for one in self.above(node):
            if isinstance(one, (cst.For, cst.While)):
                return True
            if isinstance(one, cst.FunctionDef):
                calls = self.callers.get(one, []) if one not in seen else []
                return (by_others and not calls) or any(
                    self._is_repeated(call, by_others, seen | {one}) for call in calls
                )
        return False

    def propagates(self, function: cst.FunctionDef, call: cst.Call) -> bool:
        """True if an exception that leaves the function is raised at this call of it."""
        return function.asynchronous is None or self.is_awaited(call)

    def is_awaited(self, call: cst.Call) -> bool:
        """True if the statement that calls a coroutine also awaits it, so that its exceptions are raised there."""
        for one in self.above(call):
            match one:
                case cst.Await() | cst.From():
                    return True
                # `asyncio.run(serve())` waits for the coroutine, as `await` does.
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
        plain = unconditional(atom)
        if isinstance(plain, Function):
            yield plain.node

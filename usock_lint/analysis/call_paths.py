"""Propagation of exceptions from an expression: through the try statements around it and to the callers.

An exception leaves a coroutine only into the code that awaits or runs it. It ends a task that is not awaited. From a
function without callers in the file it propagates into unknown code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

import libcst as cst

from usock_lint.analysis import handlers
from usock_lint.analysis.domain.values import Function, On, Value
from usock_lint.syntax.nodes import parents

Try = cst.Try | cst.TryStar

_RUNNERS: Final = frozenset({"run", "run_until_complete"})


class Way(NamedTuple):
    """The way of an exception up to where it is caught, or leaves the file.

    `tries` are the try statements in whose bodies it comes by, `clause` is what catches it, `leaves` the function that
    hands it to code which is not known. With neither it ends the program.
    """

    tries: tuple[Try, ...]
    clause: handlers.Handler | None = None
    leaves: cst.FunctionDef | None = None


class CallPaths:
    """The nodes around each node of a file, and the calls of each function; `callees` are the callees of each call."""

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

    def ways(
        self, node: cst.CSTNode, catches: Callable[[handlers.Handler], bool], seen: frozenset[cst.CSTNode] = frozenset()
    ) -> Iterator[Way]:
        """The ways up of an exception that is raised here and that these clauses catch."""
        met: tuple[Try, ...] = ()
        part = node
        for one in self.above(node):
            # Handlers and `else` of a `try` are not guarded by its own clauses.
            if isinstance(one, Try) and part is one.body:
                met += (one,)
                if (catching := next(filter(catches, one.handlers), None)) is not None:
                    yield Way(met, catching)
                    return
            elif isinstance(one, cst.FunctionDef):
                calls = [call for call in self.callers.get(one, []) if self.hands_on(one, call)]
                # `seen` stops at functions that call each other.
                for call in calls if one not in seen else ():
                    for further in self.ways(call, catches, seen | {one}):
                        yield further._replace(tries=met + further.tries)
                # No call in the file: whoever runs the function gets the exception.
                if not calls:
                    yield Way(met, leaves=one)
                return
            part = one
        yield Way(met)

    def is_repeated(self, node: cst.CSTNode, *, by_others: bool = False) -> bool:
        """True if a loop runs this again, in its function or in one that calls it.

        With `by_others` the callers of a function that nothing of the file calls are taken to do so.
        """
        return self._is_repeated(node, by_others, frozenset())

    def _is_repeated(self, node: cst.CSTNode, by_others: bool, seen: frozenset[cst.CSTNode]) -> bool:
        for one in self.above(node):
            if isinstance(one, cst.For | cst.While):
                return True
            if isinstance(one, cst.FunctionDef):
                calls = self.callers.get(one, []) if one not in seen else []
                return (by_others and not calls) or any(
                    self._is_repeated(call, by_others, seen | {one}) for call in calls
                )
        return False

    def hands_on(self, function: cst.FunctionDef, call: cst.Call) -> bool:
        """True if an exception of this function is raised where this calls it."""
        return function.asynchronous is None or self.is_awaited(call)

    def is_awaited(self, call: cst.Call) -> bool:
        """True if what a coroutine raises is raised in the statement that calls it."""
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
        plain = atom.atom if isinstance(atom, On) else atom
        if isinstance(plain, Function):
            yield plain.node

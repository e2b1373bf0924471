"""Functions of one statement, and lambdas: a handler around their calls may do the same job in another way.

`def now(): return time.monotonic()` is called in `try: t = now()` with `except AttributeError: t = time.time()`. What
a longer function does is more than such a handler makes up for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

import libcst as cst

from usock_lint.analysis.call_paths import CallPaths, Try
from usock_lint.analysis.domain.operations import unconditional
from usock_lint.analysis.domain.values import Class, Function, Lambda, Value
from usock_lint.analysis.handlers import Attempt
from usock_lint.analysis.heuristics import statements
from usock_lint.analysis.interpreter.core import Interpreter
from usock_lint.analysis.interpreter.endings import suite_ends
from usock_lint.analysis.references import is_decorated
from usock_lint.analysis.uses import AnyUse
from usock_lint.fast_dataclasses import replace
from usock_lint.syntax.nodes import is_text, of_type

Short = cst.FunctionDef | cst.Lambda
Attempts = tuple[Attempt, ...]

_Use = TypeVar("_Use", bound=AnyUse)


def with_calls(interp: Interpreter, found: Sequence[AnyUse]) -> list[AnyUse]:
    """The uses; those in short functions with the `try` statements around each call of these (`Site.called_in`)."""
    callees = interp.callees_in_file
    calls: dict[Short, list[cst.Call]] = {}
    for call, value in callees.items():
        for atom in map(unconditional, value):
            if isinstance(atom, (Function, Lambda)) and _is_short(atom.node):
                calls.setdefault(atom.node, []).append(call)
    if not calls or not any(of_type(interp.module, cst.Try, cst.TryStar)):
        return [*found]
    guards = _Guards(interp, calls, callees)
    return [_told(use, guards) for use in found]


def _told(use: _Use, guards: _Guards) -> _Use:
    function = guards.around(use.node) if hasattr(use, "node") else None
    called_in = guards.of(function) if function is not None else ()
    return replace(use, site=replace(use.site, called_in=called_in)) if called_in else use


def _is_short(function: Short) -> bool:
    """True if a function does one thing: a lambda, or a body of one simple statement that is no `yield`."""
    if isinstance(function, cst.Lambda):
        return True
    body = [one for one in statements(function.body) if not is_text(one)]
    return len(body) == 1 and isinstance(body[0], cst.BaseSmallStatement) and not any(of_type(body[0], cst.Yield))


class _Guards:
    """The `try` statements around the calls of short functions, for those whose calls are all known."""

    def __init__(
        self, interp: Interpreter, calls: Mapping[Short, list[cst.Call]], callees: Mapping[cst.Call, Value]
    ) -> None:
        self._interp, self._calls, self._callees = interp, calls, callees
        self._paths = CallPaths(interp.module, callees)
        self._found: dict[Short, tuple[Attempts, ...]] = {}
        self._mentions: dict[str, list[cst.Name]] | None = None

    def around(self, node: cst.CSTNode) -> Short | None:
        """The short function in whose body a node is."""
        part = node
        for one in self._paths.above(node):
            if isinstance(one, (cst.FunctionDef, cst.Lambda)):
                return one if one in self._calls and part is one.body else None
            part = one
        return None

    def of(self, function: Short) -> tuple[Attempts, ...]:
        """The `try` statements around each call, the innermost first; nothing if a call has none, or is not known."""
        if function not in self._found:
            self._found[function] = ()  # while it is looked for, a function that calls itself has none
            each = [self._at(call, function) for call in self._calls[function]]
            if all(each) and self._is_known(function):
                self._found[function] = tuple(dict.fromkeys(one for found in each for one in found))
        return self._found[function]

    def _at(self, call: cst.Call, function: Short) -> tuple[Attempts, ...]:
        """The `try` statements around a call, or around the calls of the short function that it is in."""
        if isinstance(function, cst.FunctionDef) and not self._paths.propagates(function, call):
            return ()
        if attempts := tuple(self._attempts(call)):
            return (attempts,)
        caller = self.around(call)
        return self.of(caller) if caller is not None else ()

    def _attempts(self, call: cst.Call) -> Iterator[Attempt]:
        part: cst.CSTNode = call
        statement: cst.CSTNode = call
        for one in self._paths.above(call):
            if isinstance(one, (cst.FunctionDef, cst.Lambda)):
                return
            if isinstance(one, Try) and part is one.body:
                ending = frozenset(each for each in one.handlers if suite_ends(self._interp, each.body))
                yield Attempt(one, statement, self._paths.parents[one], ending)
            if isinstance(one, (cst.BaseSmallStatement, cst.BaseCompoundStatement)):
                statement = one
            part = one

    def _is_known(self, function: Short) -> bool:
        """True if each mention of a function is a call of it, or gives it to a function of the file."""
        if isinstance(function, cst.Lambda):
            around = self._paths.parents[function]
            match around:
                case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name) as target)]):
                    return all(one is target or self._is_followed(one, function) for one in self._named(name))
                case _:
                    return self._is_followed(function, function)
        return not is_decorated(function) and all(
            one is function.name or self._is_followed(one, function) for one in self._named(function.name.value)
        )

    def _named(self, name: str) -> Sequence[cst.Name]:
        if self._mentions is None:
            self._mentions = {}
            for one in of_type(self._interp.module, cst.Name):
                self._mentions.setdefault(one.value, []).append(one)
        return self._mentions[name]

    def _is_followed(self, mention: cst.BaseExpression, function: Short) -> bool:
        parent = self._paths.parents[mention]
        whole = parent if isinstance(parent, cst.Attribute) and parent.attr is mention else mention
        match self._paths.parents[whole]:
            case cst.Call(func=called) as call if called is whole:
                return call in self._calls[function]
            case cst.Arg(value=given) as argument if given is whole:
                call = self._paths.parents[argument]
                callee = self._callees.get(call, ()) if isinstance(call, cst.Call) else ()
                return bool(callee) and all(isinstance(unconditional(one), (Function, Lambda, Class)) for one in callee)
            case _:
                return False

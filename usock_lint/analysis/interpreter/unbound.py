"""Names that a handler uses although they are unbound if the call that failed is the one that binds them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import libcst as cst

from usock_lint.analysis import handlers, heuristics
from usock_lint.analysis.interpreter.core import Interpreter, Try
from usock_lint.analysis.uses import AnyUse, Call, Unbound
from usock_lint.syntax.nodes import BINDING, of_type, once_per_node

# `socket()` is not among them: it fails when memory has run out.
_FAILING: Final = heuristics.FAILING | {"getaddrinfo"}

_SCOPES: Final = frozenset(
    {cst.FunctionDef, cst.ClassDef, cst.Lambda, cst.GeneratorExp, cst.ListComp, cst.SetComp, cst.DictComp}
)

_BINDING: Final = (*BINDING, cst.CompFor, cst.ImportAlias)


def note_unbound(interp: Interpreter, node: Try, uses: Sequence[AnyUse]) -> None:
    """Record uses in the handlers of names that the body binds too late. `uses` are those in the body."""
    failing = _first_failing(node, uses)
    if failing is None:
        return
    place, call = failing
    loaded = [name for suite in _reached(node) for name in _loaded(suite)]
    # Names that are bound before the first call that can fail are bound when a handler runs.
    names = _bound(node.body.body[place:]) if loaded else set[str]()
    for name in loaded:
        if name.value in names and not _bound_elsewhere(interp, node, name.value):
            interp.recorder.note(Unbound(interp.recorder.site(interp.state.live), name, name.value, call))
            # One report for each name is enough.
            names.discard(name.value)


def _first_failing(node: Try, uses: Sequence[AnyUse]) -> tuple[int, str] | None:
    """The index of the first statement of the body that may fail, and the name of the method that it calls."""
    places = {id(statement): index for index, statement in enumerate(node.body.body)}
    for use in uses:
        if isinstance(use, Call) and use.name in _FAILING:
            for around in use.site.path:
                if id(around) in places:
                    return places[id(around)], use.name
    return None


def _reached(node: Try) -> Iterator[cst.BaseSuite]:
    """The suites that run when the body fails with an OSError."""
    for handler in node.handlers:
        if handlers.treats_errors(handler):
            yield handler.body
            # An OSError that this clause catches never reaches the later clauses.
            break
    if node.finalbody is not None:
        yield node.finalbody.body


def _bound(statements: Sequence[cst.CSTNode]) -> set[str]:
    return {name.value for statement in statements for name in _targets(statement)}


def _targets(node: cst.CSTNode) -> Iterator[cst.Name]:
    """The plain names that a node binds in the scope it stands in."""
    for one in of_type(node, *_BINDING, closed=_SCOPES):
        match one:
            case cst.AssignTarget(target=target) | cst.AnnAssign(target=target) | cst.AugAssign(target=target):
                yield from _names(target)
            case cst.For(target=target) | cst.CompFor(target=target) | cst.NamedExpr(target=target):
                yield from _names(target)
            case cst.AsName(name=target):
                yield from _names(target)
            case cst.FunctionDef(name=name) | cst.ClassDef(name=name):
                yield name
            case cst.ImportAlias(name=name, asname=None):
                yield from [name] if isinstance(name, cst.Name) else ()
            case _:
                continue


def _names(target: cst.BaseExpression) -> Iterator[cst.Name]:
    if isinstance(target, cst.Name):
        yield target
    elif isinstance(target, (cst.Tuple, cst.List)):
        for element in target.elements:
            yield from _names(element.value)


def _loaded(suite: cst.BaseSuite) -> Iterator[cst.Name]:
    """The names whose use in a suite raises if they are unbound: owners of attributes that are called.

    A use in a try statement of its own may be meant to fail, and code that reads `locals()` tests for the name.
    """
    for statement in suite.body:
        if isinstance(statement, (cst.Try, cst.TryStar, cst.If, cst.FunctionDef, cst.ClassDef)):
            continue
        for one in of_type(statement, cst.Call, closed=_SCOPES):
            if isinstance(one.func, cst.Attribute) and isinstance(one.func.value, cst.Name):
                yield one.func.value


def _bound_elsewhere(interp: Interpreter, node: Try, name: str) -> bool:
    """True if the scope binds a name outside the body of this statement, so that it may be bound before."""
    scope = interp.state.scope
    # The bindings are counted below for a function or the module, which a class body is not.
    if name in scope.outside or scope.is_class:
        return True
    root = interp.state.function or interp.module
    params = of_type(root.params, cst.Param) if isinstance(root, cst.FunctionDef) else ()
    if any(one.name.value == name for one in params):
        return True
    # More bindings in the whole scope than in this body: one of them may have run before.
    return _bindings(root.body if isinstance(root, cst.FunctionDef) else root)[name] > _bindings(node.body)[name]


@once_per_node
def _bindings(suite: cst.BaseSuite | cst.Module) -> Counter[str]:
    """The number of bindings of each name in a suite."""
    return Counter(target.value for statement in suite.body for target in _targets(statement))

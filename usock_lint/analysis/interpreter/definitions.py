"""Functions and classes: a definition binds a name; a function's body is analysed after the body that defines it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import libcst as cst

from usock_lint.analysis import heuristics, type_annotations
from usock_lint.analysis.domain import flags
from usock_lint.analysis.domain.environment import Scope
from usock_lint.analysis.domain.operations import NO_CELLS, NONE, NOTHING, TRUE, UNKNOWN, atoms, join, truth
from usock_lint.analysis.domain.values import (
    Atom,
    Box,
    Builtin,
    Cells,
    Class,
    Function,
    Given,
    Instance,
    Member,
    Module,
    Value,
)
from usock_lint.analysis.heap import PendingWrites
from usock_lint.analysis.interpreter import borrowed, expressions, names, stream_api
from usock_lint.analysis.interpreter.core import Interpreter, executes
from usock_lint.analysis.interpreter.expressions import parameters
from usock_lint.analysis.summaries import Body
from usock_lint.syntax.nodes import mentions

_SKIPPING: Final = {"skipIf": True, "skipUnless": False, "skipif": True}
"""Decorators of unittest and pytest that skip a test by their first argument: if it is true, or if it is false."""


def analyse(interp: Interpreter, body: Body) -> None:
    """Make a pass over the body of the module or of a function, and commit its summaries."""
    make_pass(interp, body)
    interp.summaries.commit()


def make_pass(interp: Interpreter, body: Body) -> None:
    """Make a pass, whose summaries are not committed yet."""
    body.begin()
    node = body.node if isinstance(body.node, cst.FunctionDef) else None
    interp.summaries.body, interp.env.pending_writes, interp.env.lent = body, PendingWrites(), {}
    scope = Scope(body.outer, node=node)
    # A function runs after the module's statements: where those stop on CPython, it is not reached there.
    cpython = body.cpython and (node is None or interp.cpython_goes_on)
    interp.state.begin(node, body.live, body.path, scope, cpython=cpython, is_vague=body.is_vague)
    if node is None:
        interp.suite(interp.module)
        body.scope = interp.state.scope if interp.state.live else None
        interp.cpython_goes_on = interp.state.cpython
    else:
        _function(interp, body, node)
    _join_outer_names(interp, node)


def _join_outer_names(interp: Interpreter, owner: cst.FunctionDef | None) -> None:
    """Join the values that inner functions assign to names of this scope into the names, for all functions in it."""
    for binding, name in interp.summaries.outer_names:
        if binding is owner:
            assigned = interp.summaries.read("outer", (owner, name)) or frozenset()
            interp.state.scope.bind(name, join(interp.state.scope.names.get(name, frozenset()), assigned))


@executes(cst.FunctionDef)
def define(interp: Interpreter, node: cst.FunctionDef) -> None:
    decorators = [interp.value(decorator.decorator) for decorator in node.decorators]
    defaults = expressions.defaults(interp, node.params)
    skipped, vague = _skipped(interp, node)
    owner = interp.state.scope.owner if interp.state.scope.is_class else None
    is_property = any(map(_makes_property, decorators))
    is_method = owner is not None and not _is_static(node)
    if defaults:
        interp.default_values[node] = defaults
        interp.default_names.add(node.name.value)
    if owner is not None:
        interp.hierarchy.class_of[node] = owner
    function = Function(node, method=is_method, is_property=is_property)
    if owner is not None and _is_accessor(node):
        interp.hierarchy.setters[owner, node.name.value] = function  # the name stays the property's
    else:
        interp.env.set_name(node.name.value, frozenset({function}))
    interp.state.scope.share()
    interp.summaries.body.inner.append(
        Body(
            node,
            interp.state.scope,
            interp.state.live - skipped,
            tuple(interp.state.path),
            owner,
            defaults,
            cpython=interp.state.cpython,
            is_vague=interp.state.is_vague or vague,
        )
    )


def _function(interp: Interpreter, body: Body, node: cst.FunctionDef) -> None:
    """Execute the body of a function, and publish what it tells others when it ends."""
    for index, parameter in enumerate(parameters(node.params)):
        interp.state.scope.bind(parameter.name.value, _argument(interp, body, node, index, parameter))
    borrowed.borrow(interp, node)
    stream_api.serve(interp, node)
    interp.suite(node.body)
    if interp.state.live:
        interp.env.publish_states()
        interp.leaks.on_exit()
        interp.env.pending_writes.flush(interp.state.scope, interp.summaries.publish)
    # A function that never returns, such as a server, has flushed no writes at its end, but other functions see them.
    interp.env.pending_writes.finish(interp.summaries.publish)
    # The result of a generator function is a container with what it yields (`containers.put` in `yield_`).
    if interp.state.yields:
        interp.summaries.body.published[interp.summaries.of("returns", node)] = frozenset({Box(node, "list")})
    # The end of the body is reached: the function returns None there.
    elif interp.state.live:
        interp.summaries.publish("returns", node, NONE)
    # Neither the end nor a `return` is reached: code after a call of the function does not run.
    elif not interp.state.paths.returned:
        interp.summaries.publish("endless", node, TRUE)


def _argument(interp: Interpreter, body: Body, node: cst.FunctionDef, index: int, parameter: cst.Param) -> Value:
    """The value with which a parameter begins."""
    name = parameter.name.value
    if index == 0 and body.owner is not None and not _is_static(node):
        return frozenset({Class(body.owner) if _has(node, "classmethod") else Instance(body.owner)})
    default = body.defaults.get(name)
    passed = interp.summaries.read("parameters", (node, name))
    # Callers in other files of the project pass values too; `Given` stands for these.
    if interp.hierarchy.is_exported and parameter.star == "":
        passed = join(passed or NOTHING, frozenset({Given(node=node, name=name)}))
    # A call outside the file may leave the argument out: the parameter may have its default.
    if default is not None and interp.is_called_from_outside(node):
        passed = join(default, passed or UNKNOWN)
    passed = passed or join(default or NOTHING, UNKNOWN)
    passed = flags.named(name, passed)
    if parameter.annotation is not None and parameter.star == "":
        passed = type_annotations.refined(passed, names.meant(interp, parameter.annotation))
    return passed


@executes(cst.ClassDef)
def class_(interp: Interpreter, node: cst.ClassDef) -> None:
    for decorator in node.decorators:
        interp.value(decorator.decorator)
    if node.bases:
        interp.hierarchy.derive(node, [atom for base in node.bases for atom in interp.value(base.value)])
    interp.env.set_name(node.name.value, frozenset({Class(node)}))
    skipped, vague = _skipped(interp, node)
    inner = Scope(interp.state.scope, owner=node, is_class=True)
    # The statements of a skipped class run, but nothing calls its methods, which are most of it.
    with interp.state.inside(inner), interp.state.only(interp.state.live - skipped), interp.state.vaguely(vague):
        interp.suite(node.body)


def _skipped(interp: Interpreter, node: cst.ClassDef | cst.FunctionDef) -> tuple[Cells, bool]:
    """The cells on which decorators skip what they decorate, and whether an unknown flag about the Python decides it.

    `@unittest.skipIf(sys.platform == "rp2", "reason")` has a condition. A decorator of the project that is named after
    an implementation of Python, such as `@cpython_only`, is such a flag. One that never mentions what it is given
    puts something else in its place.
    """
    skipped, vague = NO_CELLS, False
    for decorator in node.decorators:
        skipped |= NO_CELLS.union(*(cells for atom, cells in _decorators(interp, decorator) if _is_ignoring(atom)))
        match decorator.decorator:
            case cst.Call(func=cst.Attribute(attr=cst.Name(value=name)), args=[first, *_]) if name in _SKIPPING:
                condition = interp.quiet(first.value)
                true, false = truth(condition, interp.state.live)
                skipped |= interp.state.live - (false if _SKIPPING[name] else true)
                vague = vague or flags.is_about_python(condition)
            case cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)):
                vague = vague or flags.is_flag(name) or _asks(interp, decorator.decorator)
            case cst.Call(func=cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)) as made, args=given):
                asking = any(heuristics.asks_the_device(one.value, _describing(interp)) for one in given)
                vague = vague or flags.is_flag(name) or asking or _asks(interp, made)
            case _:
                pass
    return skipped, vague


def _asks(interp: Interpreter, decorator: cst.BaseExpression) -> bool:
    """True if a decorator of the file asks which Python runs it, so that it may put something else in the place."""
    return any(
        isinstance(one, Function) and heuristics.branches_on_device(one.node, _describing(interp))
        for one in interp.quiet(decorator)
    )


def _describing(interp: Interpreter) -> Callable[[cst.Name], bool]:
    """A function that says whether a name stands for the answer which device or Python this is."""
    known = heuristics.names_of_device(interp.module)
    return lambda name: name.value in known or flags.is_flag(name.value)


def _decorators(interp: Interpreter, decorator: cst.Decorator) -> Iterator[tuple[Atom, Cells]]:
    """What a decorator without arguments may be, and where."""
    if isinstance(decorator.decorator, cst.Name):
        yield from atoms(interp.quiet(decorator.decorator), interp.state.live)


def _is_ignoring(decorator: Atom) -> bool:
    """True if a function of the file with one parameter never mentions it."""
    match decorator:
        case Function(node=cst.FunctionDef(params=cst.Parameters(params=[one])) as node):
            return not mentions(node.body, one.name.value)
        case _:
            return False


def _makes_property(decorator: Value) -> bool:
    return decorator in (frozenset({Builtin("property")}), frozenset({Member(Module("functools"), "cached_property")}))


def _is_accessor(node: cst.FunctionDef) -> bool:
    """True if this is the setter or deleter of a property: `@name.setter`."""
    for one in node.decorators:
        match one.decorator:
            case cst.Attribute(value=cst.Name(value=name), attr=cst.Name(value="setter" | "deleter")):
                return name == node.name.value
            case _:
                pass
    return False


def _is_static(node: cst.FunctionDef) -> bool:
    return _has(node, "staticmethod")


def _has(node: cst.FunctionDef, decorator: str) -> bool:
    return any(isinstance(one.decorator, cst.Name) and one.decorator.value == decorator for one in node.decorators)

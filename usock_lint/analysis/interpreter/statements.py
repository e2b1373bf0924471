"""Simple statements: assignments, imports, and those that end a path."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from itertools import filterfalse, takewhile

import libcst as cst

from usock_lint.analysis import type_annotations
from usock_lint.analysis.domain import device, flags, library, types, typestate
from usock_lint.analysis.domain.environment import State
from usock_lint.analysis.domain.operations import NO_CELLS, UNKNOWN, atoms
from usock_lint.analysis.domain.values import Atom, Builtin, Cells, Module, Socket, Value
from usock_lint.analysis.handlers import Handler, ends_for_good, surely_catches
from usock_lint.analysis.heuristics import asks_by_trying, is_probe, tidies
from usock_lint.analysis.interpreter import calls, containers, importing, names, operators
from usock_lint.analysis.interpreter.core import Interpreter, executes
from usock_lint.analysis.interpreter.names import is_abstract
from usock_lint.analysis.interpreter.narrowing import narrow
from usock_lint.analysis.interpreter.operators import summed
from usock_lint.analysis.uses import (
    ImportedErrno,
    ImportedModule,
    ImportedName,
    LibraryModule,
    LibraryName,
    ProjectImport,
)
from usock_lint.fast_dataclasses import replace
from usock_lint.ports import world
from usock_lint.syntax.nodes import dotted


@executes(cst.Assign)
def assign(interp: Interpreter, node: cst.Assign) -> None:
    value = interp.value(node.value)
    _stop_where_it_raises(interp, node, node.value)
    # CPython never gets here, so it does not matter that its sockets lack `read` and `write`.
    if not interp.state.cpython:
        value = frozenset(replace(atom, micropython_only=True) if isinstance(atom, Socket) else atom for atom in value)
    for target in node.targets:
        names.bind(interp, target.target, value)
        if isinstance(target.target, cst.Name):
            interp.typing.alias(interp.state.scope, target.target.value, node.value)


@executes(cst.AnnAssign)
def annotated(interp: Interpreter, node: cst.AnnAssign) -> None:
    declared = names.meant(interp, node.annotation)
    names.declare(interp, node.target, declared)
    if node.value is not None and isinstance(node.target, cst.Name):
        interp.typing.alias(interp.state.scope, node.target.value, node.value)
    if node.value is not None:
        names.bind(interp, node.target, type_annotations.refined(interp.value(node.value), declared))


@executes(cst.TypeAlias)
def type_alias(interp: Interpreter, node: cst.TypeAlias) -> None:
    interp.env.set_name(node.name.value, UNKNOWN)
    interp.typing.alias(interp.state.scope, node.name.value, node.value)


@executes(cst.AugAssign)
def augmented(interp: Interpreter, node: cst.AugAssign) -> None:
    values = interp.value(node.target), interp.value(node.value)
    left, right = operators.operation(interp, node, node.operator, (node.target, node.value), values)
    boxes = frozenset(atom for atom in left if containers.is_list(atom))
    # `rows += more` puts items into the same list; every name that it has sees them.
    if isinstance(node.operator, cst.AddAssign) and boxes:
        for atom in boxes:
            containers.put(interp, atom, calls.iterated(interp, node.value, right))
        names.bind(interp, node.target, boxes)
        return
    value = summed(left, right) if isinstance(node.operator, cst.AddAssign) else UNKNOWN
    names.bind(interp, node.target, value or UNKNOWN)


@executes(cst.Return)
def returns(interp: Interpreter, node: cst.Return) -> None:
    value = interp.value(cst.Name("None") if node.value is None else node.value)
    if interp.state.function is not None:
        interp.summaries.publish("returns", interp.state.function, value)
        # `return s` lets s escape, but does not raise: the handlers around must not see s as escaped.
        here, trials, interp.state.scope.trials = interp.env.state(), interp.state.scope.trials, []
        typestate.forget(interp.state.scope, value)
        interp.env.publish_states()
        interp.leaks.on_exit()
        interp.env.pending_writes.flush(interp.state.scope, interp.summaries.publish)
        interp.env.resume(here)  # a handler or finally clause around sees nothing of this: it does not raise
        interp.state.scope.trials = trials
    interp.state.paths.returned = True
    interp.state.live = NO_CELLS


@executes(cst.Raise)
def raises(interp: Interpreter, node: cst.Raise) -> None:
    interp.value(node)
    # `raise NotImplementedError` in a method: a class below returns, so calls of it are not taken for endless.
    interp.state.paths.returned |= interp.summaries.body.owner is not None and is_abstract(node)
    # In a `try` a handler may catch the exception and close the socket: the path has not left the function yet.
    if interp.state.function is not None and not interp.state.attempts:
        interp.leaks.on_exit()
    interp.state.live = NO_CELLS


@executes(cst.Assert)
def asserts(interp: Interpreter, node: cst.Assert) -> None:
    outcome = operators.branch(interp, node.test)
    interp.state.live, interp.state.cpython = outcome.true, interp.state.cpython and not outcome.asks
    interp.state.vague_body |= outcome.vague
    narrow(interp, node.test, True)
    if node.msg is not None:
        interp.value(node.msg)


@executes(cst.Break)
def breaks(interp: Interpreter, _: cst.Break) -> None:
    interp.state.paths.breaks.append(_at_end_of_turn(interp))
    interp.leaks.on_turn(interp.state.paths.breaks[-1], out=True)
    interp.state.live = NO_CELLS


@executes(cst.Continue)
def continues(interp: Interpreter, _: cst.Continue) -> None:
    interp.state.paths.continues.append(_at_end_of_turn(interp))
    interp.leaks.on_turn(interp.state.paths.continues[-1])
    interp.state.live = NO_CELLS


def _at_end_of_turn(interp: Interpreter) -> State:
    """The state in which a path leaves the turn of a loop: a `finally` on its way may have closed any socket."""
    state = interp.env.state()
    left = takewhile(lambda one: not isinstance(one, (cst.For, cst.While)), reversed(interp.state.path))
    return state._replace(names=typestate.perhaps_closed(state.names)) if any(map(tidies, left)) else state


@executes(cst.Global, cst.Nonlocal)
def outside(interp: Interpreter, node: cst.Global | cst.Nonlocal) -> None:
    for name in (item.name.value for item in node.names):
        interp.state.scope.outside[name] = interp.state.scope.binding(name) if isinstance(node, cst.Nonlocal) else None


@executes(cst.Expr)
def expression(interp: Interpreter, node: cst.Expr) -> None:
    there = _strings_have(interp, node.value) if interp.state.failing and is_probe(node) else set[bool]()
    value = interp.value(node.value)
    if not is_probe(node):
        typestate.forget(interp.state.scope, value)
    elif there == {False}:
        importing.fail(interp, interp.state.live)
    elif interp.state.failing and not there and isinstance(node.value, cst.Attribute):
        live = interp.state.live
        importing.fail(interp, device.lacking(value, live, *device.API) | interp.library.without_name(value, live))
    _stop_where_it_raises(interp, node, node.value)


def _stop_where_it_raises(interp: Interpreter, statement: cst.Expr | cst.Assign, asked: cst.BaseExpression) -> None:
    """Leave a try body where a statement raises whose rest only tells that it did not: `HAS = True`.

    A clause that raises or ends the program expects no answer: the statement is reported, and the analysis goes on.
    """
    tried = interp.state.attempts[0].node if interp.state.attempts else None
    if tried is not None and interp.state.live and asks_by_trying(tried, statement):
        interp.state.live -= _lacking(interp, asked, [*filterfalse(ends_for_good, tried.handlers)])


def _lacking(interp: Interpreter, asked: cst.BaseExpression, clauses: Sequence[Handler]) -> Cells:
    """The cells on which an expression raises, as they lack what it looks up, an exception that a clause catches."""
    match asked:
        # `bool(os.environ.get("SIM"))`
        case cst.Call(func=cst.Name(), args=[cst.Arg(value=inner, keyword=None, star="")]):
            return _lacking(interp, inner, clauses)
        case cst.Call(func=inner) | cst.Subscript(value=inner):
            return _lacking(interp, inner, clauses)
        case cst.Attribute(value=owner, attr=cst.Name(value=name)):
            missing = _lacking(interp, owner, clauses)
            if any(surely_catches(one, "AttributeError") for one in clauses):
                found = atoms(interp.quiet(owner), interp.state.live)
                missing |= NO_CELLS.union(*(calls.surely_lacking(interp, atom, name, cells) for atom, cells in found))
            return missing
        case cst.Name() if any(surely_catches(one, "NameError") for one in clauses):
            found = atoms(interp.quiet(asked), interp.state.live)
            return NO_CELLS.union(*(_without_builtin(atom, cells) for atom, cells in found))
        case _:
            return NO_CELLS


def _without_builtin(atom: Atom, cells: Cells) -> Cells:
    # A name that is no builtin of CPython's either may come from elsewhere.
    if not isinstance(atom, Builtin) or not hasattr(builtins, atom.name):
        return NO_CELLS
    return frozenset(cell for cell in cells if world.builtin(cell, atom.name) is False)


def _strings_have(interp: Interpreter, probe: cst.BaseExpression) -> set[bool]:
    """The possible results of a probe (`value.name`) on bytes and str: True if the type has the attribute."""
    if not isinstance(probe, cst.Attribute):
        return set()
    owners = atoms(interp.quiet(probe.value), interp.state.live)
    answers = [types.has_method(atom, probe.attr.value) for atom, _ in owners]
    return {answer for answer in answers if answer is not None}


# Imports
@executes(cst.Import)
def imports(interp: Interpreter, node: cst.Import) -> None:
    for alias in node.names:
        name = dotted(alias.name)
        first = name.partition(".")[0]
        bound = alias.asname.name if alias.asname is not None else cst.Name(first)
        # `import a.b` binds `a`; `import a.b as c` binds the inner module.
        module = device.module_name(name if alias.asname is not None else first)
        _note_module(interp, alias, node, name)
        _note_files(interp, alias, name)
        missing = interp.library.without(name, interp.state.live)
        if (
            interp.state.failing
            and missing == interp.state.live
            and isinstance(bound, cst.Name)
            and importing.is_tried(interp)
        ):
            # The import fails wherever this runs, so the name is not bound: `names` notes where it is used.
            interp.failed[bound.value] = missing
        else:
            # This import binds the name, even if another import of it has failed.
            interp.failed.pop(getattr(bound, "value", ""), None)
            own = interp.elsewhere.module(name if alias.asname is not None else first)
            names.bind(interp, bound, frozenset({own or Module(module)}))
        importing.imported(interp, name, interp.state.live)


@executes(cst.ImportFrom)
def imports_from(interp: Interpreter, node: cst.ImportFrom) -> None:
    module = device.module_name(dotted(node.module)) if node.module is not None and not node.relative else ""
    written = dotted(node.module) if module and node.module is not None else ""
    own = interp.elsewhere.module("." * len(node.relative) + (dotted(node.module) if node.module is not None else ""))
    working = interp.state.live
    _note_files_from(interp, node)
    if own is None and written and _is_of_project(interp, node.names, written):
        for alias in node.names if not isinstance(node.names, cst.ImportStar) else ():
            names.note_hidden(interp, alias, written, dotted(alias.name), working, node)
            names.bind(interp, alias.name if alias.asname is None else alias.asname.name, UNKNOWN)
        return
    if node.module is not None and module:
        _note_module(interp, node.module, node, written)
        working -= interp.library.without(written, working)
    if isinstance(node.names, cst.ImportStar):
        importing.imported(interp, written, interp.state.live)
        scope = interp.state.scope
        known, are_all = interp.elsewhere.public(interp, own, scope) if own is not None else ({}, False)
        for name, value in known.items():
            interp.env.set_name(name, value)
        if not are_all:
            scope.stars.append(module)
        return
    is_standard = interp.library.is_standard(module) and (written == module or not interp.library.is_own(written))
    for alias in node.names:
        name = dotted(alias.name)
        if module in ("socket", "errno"):
            kind = ImportedName if module == "socket" else ImportedErrno
            interp.recorder.note(kind(interp.recorder.site(interp.state.live), alias, node, name))
            # Where the module lacks the name, the import fails: `_imported` takes those cells out of a `try` body.
            working &= device.having(Module(module), name, interp.state.live)
        elif is_standard:
            site = interp.recorder.site(working)
            interp.recorder.note(LibraryName(site, alias, Module(module), name, statement=node))
            working -= interp.library.lacking(module, name, working)
        elif written:
            names.note_hidden(interp, alias, written, name, working, node)
        bound = alias.name if alias.asname is None else alias.asname.name
        found = _from(interp, module, name) if own is None else interp.elsewhere.imported(own, name)
        names.bind(interp, bound, flags.named(name, found))
    importing.imported(interp, written, working)


def _note_files_from(interp: Interpreter, node: cst.ImportFrom) -> None:
    dots, named = "." * len(node.relative), dotted(node.module) if node.module is not None else ""
    if node.module is not None:
        _note_files(interp, node.module, dots + named)
    for alias in node.names if not isinstance(node.names, cst.ImportStar) else ():
        _note_files(interp, alias, f"{dots}{named}{'.' * bool(named)}{dotted(alias.name)}")


def _note_files(interp: Interpreter, node: cst.ImportAlias | cst.BaseExpression, name: str) -> None:
    if paths := interp.elsewhere.files(name):
        interp.recorder.note(ProjectImport(interp.recorder.site(interp.state.live), node, name, paths))


def _is_of_project(interp: Interpreter, imported: Sequence[cst.ImportAlias] | cst.ImportStar, module: str) -> bool:
    """True if boards lack the imported name, and a module of the project with the same name as Python's has it."""
    if isinstance(imported, cst.ImportStar):
        return False
    given = [dotted(alias.name) for alias in imported]
    live = interp.state.live
    if not library.not_built_in(module, live):
        given = [name for name in given if library.lacking(module, name, live)]
    return interp.library.binds(module, given)


def _note_module(
    interp: Interpreter, node: cst.ImportAlias | cst.BaseExpression, statement: cst.Import | cst.ImportFrom, name: str
) -> None:
    """Record a module that is imported under this name."""
    live = interp.state.live
    if live != interp.summaries.body.live and not importing.is_tried(interp):
        live -= interp.library.without(name, live)  # a condition has told the targets apart, and these are not meant
    site = interp.recorder.site(live)
    if device.module_name(name) == "socket":
        interp.recorder.note(ImportedModule(site, node, name))
    elif not (library.not_built_in(name, site.live) and interp.library.is_own(name)):
        interp.recorder.note(LibraryModule(site, node, statement, name))
    elif "." in name:
        package, _, inner = name.partition(".")
        names.note_hidden(interp, node, package, inner, live, statement)


def _from(interp: Interpreter, module: str, name: str) -> Value:
    return device.member(Module(module), name, interp.state.live) if module else UNKNOWN

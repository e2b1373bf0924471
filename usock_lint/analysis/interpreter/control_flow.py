"""Compound statements: branches, loops and `with`. Paths are followed in the order of the text, and joined."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from usock_lint.analysis import handlers, heuristics, type_annotations
from usock_lint.analysis.domain import flags, typestate
from usock_lint.analysis.domain.environment import Names, State, merge, sockets_and_states
from usock_lint.analysis.domain.keys import Attr, Key, Pending, StateOf, Var, survives
from usock_lint.analysis.domain.operations import FALSE, NO_CELLS, UNKNOWN, atoms, join, without_sites
from usock_lint.analysis.domain.values import (
    Atom,
    Box,
    Cells,
    Closing,
    File,
    Instance,
    Object,
    Socket,
    TlsSocket,
    Value,
)
from usock_lint.analysis.hierarchy import SOCKET
from usock_lint.analysis.interpreter import calls, containers, names, operators
from usock_lint.analysis.interpreter.core import Interpreter, executes
from usock_lint.analysis.interpreter.narrowing import narrow
from usock_lint.analysis.interpreter.state import Paths
from usock_lint.analysis.interpreter.try_statements import try_
from usock_lint.analysis.uses import WithItem


# Branches
@executes(cst.If)
def if_(interp: Interpreter, node: cst.If) -> None:
    true, false, vague, asks = operators.branch(interp, node.test)
    if vague or not true.isdisjoint(false):
        interp.open_branches.add(node)
    before = interp.env.state()
    ends: list[State] = []
    # If CPython's answer may differ (`asks`) it is not evaluated: CPython is assumed to enter neither branch, and to
    # reach the code after the `if` only if both branches do.
    goes_on = before.cpython
    for live, side in ((true, node.body), (false, node.orelse)):
        interp.env.resume(before._replace(live=live))
        if live:
            narrow(interp, node.test, side is node.body)
        # `elif` is an `If` in `orelse`. If a flag decides about this statement, it decides about that one, too.
        if isinstance(side, cst.If):
            with interp.state.under(side), interp.state.vaguely(vague):
                if_(interp, side)
            goes_on = goes_on and interp.state.cpython
        elif side is not None:
            suite = side.body if isinstance(side, cst.Else) else side
            goes_on = goes_on and not heuristics.leaves(suite)
            interp.state.cpython = before.cpython and not asks
            # `if TYPE_CHECKING:` is reached on no board, but annotations use the names that it imports.
            if not live:
                interp.typing.names.update(type_annotations.imported(suite))
            with interp.state.vaguely(vague):
                interp.suite(suite)
            # `if not hasattr(socket, "x"): multitest.skip()` is taken to end the program, so this path goes no further.
            if side is node.body and heuristics.asks_for_lack(node.test) and _gives_up(interp, suite):
                interp.state.live = NO_CELLS
        if vague and live and not interp.state.live and side is not None:
            _leave_vaguely(interp, side)
        ends.append(interp.env.state())
    joined = merge(ends)
    if asks:
        joined = joined._replace(cpython=goes_on)
    # If an unknown flag decides which branch runs, a socket that one of them leaves open is not reported.
    if not vague:
        interp.leaks.on_join(ends, joined)
    interp.env.resume(_blurred(joined, ends) if vague else joined)


def _leave_vaguely(interp: Interpreter, side: cst.BaseSuite | cst.If | cst.Else) -> None:
    """Mark the code after this branch as vague: the branch leaves the loop, the `try` or the body if it runs."""
    last: cst.CSTNode = side
    while isinstance(last, (cst.BaseSuite, cst.Else, cst.SimpleStatementLine)):
        last = last.body if isinstance(last, cst.Else) else last.body[-1]
    match last:
        case cst.Continue() | cst.Break():
            interp.state.vague_loop = True
        case cst.Raise() if interp.state.attempts:
            interp.state.vague_try = True
        case _:
            interp.state.vague_body = True


def _gives_up(interp: Interpreter, suite: cst.BaseSuite) -> bool:
    """True if the last call of a branch is taken to end the program."""
    called = heuristics.last_called(suite)
    return called is not None and heuristics.may_not_return(interp.quiet(called))


@executes(cst.Match)
def match_(interp: Interpreter, node: cst.Match) -> None:
    subject = interp.value(node.subject)
    before = interp.env.state()
    left = before.live
    ends: list[State] = []
    for case in node.cases:
        true, false = operators.matches(interp, subject, case.pattern, left)
        left = left if case.guard is not None else false
        interp.env.resume(before._replace(live=true))
        for name in _captured(case.pattern):
            interp.env.set_name(name, UNKNOWN)
        vague = False
        if case.guard is not None:
            interp.state.live, _, vague, asks = operators.branch(interp, case.guard)
            interp.state.cpython = interp.state.cpython and not asks
        with interp.state.vaguely(vague):
            interp.suite(case.body)
        ends.append(interp.env.state())
    # If no case matches, the state before goes on.
    interp.env.resume(merge([before._replace(live=left), *ends]))


# Loops
@executes(cst.While)
def while_(interp: Interpreter, node: cst.While) -> None:
    # Before each evaluation of the condition other functions may have run, in threads or interrupts.
    interp.env.reload()
    if not interp.state.is_vague:
        interp.while_loops[node] = (interp.recorder.site(interp.state.live), interp.state.function)
    entry = _enter(interp, node)
    interp.state.live, done, vague, _ = operators.branch(interp, node.test)
    narrow(interp, node.test, True)
    with interp.state.vaguely(vague):
        _iterate(interp, node, entry, done)


@executes(cst.For)
def for_(interp: Interpreter, node: cst.For) -> None:
    value = interp.value(node.iter)
    items = _one_each(interp, calls.iterated(interp, node.iter, value))
    if node.asynchronous is not None:
        interp.recorder.note_asynchronous(node.iter, value)
    done = interp.state.live
    entry = _enter(interp, node)
    names.bind(interp, node.target, items)
    _iterate(interp, node, entry, done)


def _one_each(interp: Interpreter, items: Value) -> Value:
    """The items of a loop. If one may be a socket without a known site, all lose their sites and their typestates.

    Then the name that the loop binds takes the place of the site, for all of them (`names.bind`).
    """
    if any(isinstance(atom, Socket) and atom.made is None for atom in items):
        typestate.forget(interp.state.scope, items)
        return without_sites(items)
    return items


def _enter(interp: Interpreter, node: cst.While | cst.For) -> Names:
    """Join the environment that the previous pass found at the end of a loop's body into the one at its beginning."""
    names = interp.state.scope.names
    entry = dict(names)
    for name, value in interp.loops.get(node, {}).items():
        if type(name) is StateOf and name.part == "spent_in_loop":
            names[name] = value  # holds for later turns only, so it is not joined with the state of the first
        elif name in names or survives(name):
            names[name] = join(names.get(name, frozenset()), value)
        # else an attribute that the loop assigns: in the first turn it still has its value from before
    return entry


def _iterate(interp: Interpreter, node: cst.While | cst.For, entry: Names, done: Cells) -> None:
    # `break` and `continue` of the body are collected in a `Paths` of their own; `return` leaves the outer loops too.
    outer, interp.state.paths = interp.state.paths, Paths()
    vague, cpython = interp.state.vague_loop, interp.state.cpython
    interp.suite(node.body)
    interp.state.vague_loop = vague
    inner, interp.state.paths = interp.state.paths, outer
    outer.returned |= inner.returned
    # With `continue`, several paths go to the next turn. Their join forgets which of them left a socket open.
    if inner.continues:
        interp.leaks.on_turn(interp.env.state())
    end = _after_turns(merge([interp.env.state(), *inner.continues]), entry)
    # The body runs once in a pass. Values that it changed are joined into its beginning by the next pass (`_enter`),
    # and `changed_in_loop` asks for that pass.
    changed = {name: value for name, value in end.names.items() if value != entry.get(name)} if end.live else {}
    if changed:
        again = changed | (typestate.spent_in_loop(interp.state.scope, end.names) if _is_repeated(node) else {})
        known = interp.loops.get(node, {})
        interp.summaries.body.socket_changed |= sockets_and_states(again) != sockets_and_states(known)
        interp.summaries.body.changed_in_loop.update(
            _spelt(key) for key, value in again.items() if value != known.get(key)
        )
        interp.loops[node] = again
    # After the loop: the join of no turn at all and of some turns.
    interp.env.resume(merge([State(done, entry, cpython), State(done, {**entry, **changed}, cpython)]))
    # After `while cond` the condition was false, unless a `break` ended the loop, which is joined further down.
    if type(node) is cst.While and done:
        narrow(interp, node.test, False)
    if node.orelse is not None:
        interp.suite(node.orelse.body)
    interp.env.resume(merge([interp.env.state(), *(_after_turns(one, entry) for one in inner.breaks)]))


def _is_repeated(node: cst.While | cst.For) -> bool:
    """True if the next turn begins whatever the turn before has done: a `for`, or a `while` with a literal."""
    return isinstance(node, cst.For) or heuristics.is_literal(node.test)


def _after_turns(state: State, entry: Names) -> State:
    """The state of a path that leaves a turn. `spent_in_loop` is as before the loop, because it is about its turns."""
    restored = [key for key in state.names if type(key) is StateOf and key.part == "spent_in_loop"]
    return (
        state._replace(names={**state.names, **{key: entry.get(key, FALSE) for key in restored}}) if restored else state
    )


@executes(cst.With)
def with_(interp: Interpreter, node: cst.With) -> None:
    if (same := handlers.suppressing(interp.module).get(node)) is not None:
        interp.value(node.items[0].item)
        with interp.state.under(same):
            try_(interp, same)
        return
    managed: list[Atom] = []
    for item in node.items:
        value = interp.value(item.item)
        entered = [_entered(interp, item, node, atom, cells) for atom, cells in atoms(value, interp.state.live)]
        # `with (a if x else b)`: it is unknown which of the two is closed, so neither counts.
        managed += value if len(value) == 1 else ()
        if item.asname is not None:
            names.bind(interp, item.asname.name, join(*entered))
    interp.suite(node.body)
    # `__exit__` of a class in the file runs here.
    if any(isinstance(atom, Instance) for atom in managed):
        interp.env.run_others()
    for atom in managed:
        # The file is closed here, the socket under it need not be: the typestate tells the two apart.
        if isinstance(atom, File):
            typestate.transition(interp.state.scope, atom, "close", [])
        else:
            typestate.forget(interp.state.scope, frozenset({atom}))


def _entered(interp: Interpreter, item: cst.WithItem, node: cst.With, atom: Atom, cells: Cells) -> Value:
    """The value that `as` binds for a context manager."""
    itself = interp.state.limit(frozenset({atom}), cells)
    match atom:
        case Socket() | TlsSocket() | File() | Closing():
            interp.recorder.note(WithItem(interp.recorder.site(cells), item, node, atom))
            return frozenset({atom.socket}) if isinstance(atom, Closing) else itself
        case Object():
            if node.asynchronous is not None:
                interp.recorder.note(WithItem(interp.recorder.site(cells), item, node, atom.plain))
            return itself
        case Instance(owner):
            own = names.method_of(interp, atom, "__enter__") or names.method_of(interp, atom, "__aenter__")
            if not own and SOCKET in interp.hierarchy.foreign(owner):
                interp.recorder.note(WithItem(interp.recorder.site(cells), item, node, Socket(None, None)))
            interp.env.run_others()
            return join(*(interp.summaries.read("returns", one.node) or UNKNOWN for one in own)) if own else itself
        # `with connection():` of a function under @contextmanager: `as` gets what that yields.
        case Box(cst.FunctionDef() as function) if heuristics.is_context(function):
            return containers.taken(interp, atom)
        case _:
            return itself


def _blurred(joined: State, ends: list[State]) -> State:
    """The join of branches chosen by an unknown flag. Constants that differ between them become unknown."""
    reached = [end.names for end in ends if end.live]
    # Only one branch goes on, so no value depends on which one ran.
    if len(reached) < 2:
        return joined
    none: Value = frozenset()
    names = {
        key: flags.blurred(*(one.get(key, none) for one in reached)) if isinstance(key, (Var, Attr, Pending)) else value
        for key, value in joined.names.items()
    }
    return joined._replace(names=names)


def _captured(pattern: cst.CSTNode) -> Iterator[str]:
    """The names that a pattern binds."""
    if isinstance(pattern, (cst.MatchAs, cst.MatchStar)) and pattern.name is not None:
        yield pattern.name.value
    if isinstance(pattern, cst.MatchMapping) and pattern.rest is not None:
        yield pattern.rest.value
    for child in pattern.children:
        yield from _captured(child)


def _spelt(key: Key) -> str:
    """The spelling of a name or an attribute in the code; "" for keys of other types."""
    return key if isinstance(key, Var) else key.name if isinstance(key, Attr) else ""

"""Try statements: which handlers are reached, from which state, and what they catch.

Any statement of the body may raise. So a handler begins with the join of the states before and after the body, and with
every typestate that a socket has had in between (`Scope.trials`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

import libcst as cst

from usock_lint.analysis import handlers, heuristics, liveness
from usock_lint.analysis.domain import device, typestate
from usock_lint.analysis.domain.environment import Names, State, merge
from usock_lint.analysis.domain.keys import Chosen, Key, StateOf, Var
from usock_lint.analysis.domain.operations import (
    FALSE,
    NO_CELLS,
    TRUE,
    UNKNOWN,
    atoms,
    const,
    is_true,
    join,
    truth,
    unconditional,
)
from usock_lint.analysis.domain.values import (
    Anything,
    Builtin,
    Caught,
    Cells,
    File,
    Made,
    Member,
    Module,
    Object,
    On,
    Socket,
    Tuple,
    Value,
)
from usock_lint.analysis.interpreter import calls, endings, names
from usock_lint.analysis.interpreter.core import Interpreter, Try, executes
from usock_lint.analysis.interpreter.unbound import note_unbound
from usock_lint.analysis.uses import AnyUse, Call, Clause, LibraryCall, Site, Wrapped
from usock_lint.fast_dataclasses import replace

_ABSENT: Final = Builtin("ModuleNotFoundError")
"""A class that no board has."""


@executes(cst.Try, cst.TryStar)
def try_(interp: Interpreter, node: Try) -> None:
    before, vague, vague_import = interp.env.state(), interp.state.vague_try, interp.state.vague_import
    # Collected while the body runs: where an import in it fails, and what else a handler may find (`Scope.trials`).
    interp.state.failing.append(None)
    interp.state.scope.trials.append({})
    uses_before, made_before = len(interp.summaries.body.uses), len(interp.state.made)
    asks = heuristics.only_asks(node, lambda name: _describes_device(interp, name))
    lacking = _without_names(interp, ((one, "") for one in heuristics.looked_up(node)))
    unread = _without_names(interp, read) if (read := _attributes_asked(node)) is not None else None
    interp.suite(node.body, node)
    body_uses = interp.summaries.body.uses[uses_before:]
    tried, interp.state.vague_import = interp.state.vague_import, vague_import
    failing = interp.state.failing.pop()
    # Boards that may get to the end of the body are not what such handlers are for: they have the modules.
    if failing and _is_for_cpython(interp, node):
        failing -= interp.state.live
    # A body that asks for the device raises only on CPython, or on boards without os.uname().
    if failing is None and asks:
        failing = device.without_uname(before.live)
    if failing is None and lacking is not None:
        failing, asks = lacking, True
    made_here = dict(islice(interp.state.made.items(), made_before, None))
    # In a loop the state before the `try` may have the typestate of the socket that a call in it made in the last turn.
    start = typestate.without(before.names, made_here)
    after = _interrupted(interp, merge([before._replace(names=start), before._replace(names=interp.state.scope.names)]))
    # `try: s = socket()` as the last statement: if that failed there is no socket, so a handler has none to close.
    for made, site in made_here.items():
        if liveness.nothing_fails_after(node.body, site.path):
            typestate.unmake(after.names, made)
    _reopen(after.names, start, node, body_uses)
    # `else` runs only if the imports of the body work, so it is as vague as these are.
    if node.orelse is not None:
        interp.state.vague_import = tried
        interp.suite(node.orelse.body)
        interp.state.vague_import = vague_import
    with interp.state.only(after.live):
        note_unbound(interp, node, body_uses)
    failed = _failed_open(after.names, node, body_uses)
    only = asks or heuristics.only_imports(node)
    passing = after.live if any(map(_may_fail, body_uses)) else NO_CELLS
    ends = [interp.env.state(), *_handlers(interp, node, after, failing, unread, failed, passing, only=only)]
    if ending := frozenset(one for one in node.handlers if endings.suite_ends(interp, one.body)):
        told = [_told_of_end(use, node, ending) for use in body_uses]
        interp.summaries.body.uses[uses_before : uses_before + len(told)] = told
    joined = merge(ends)
    if any(heuristics.imported(node)):
        joined.names.update(_chosen_names(ends))
    if before.cpython and not ends[0].cpython and any(map(handlers.takes_import_errors, node.handlers)):
        # An import that fails on CPython only. No board runs the handler, so it is not analysed and not in the join:
        # CPython reaches the code after the `try` if a handler goes on to it.
        taking = filter(handlers.takes_import_errors, node.handlers)
        joined = joined._replace(cpython=not all(heuristics.leaves(one.body) for one in taking))
    interp.leaks.on_join(ends, joined)
    # The parts TRIED are only for the handlers of this `try`.
    for key in failed:
        joined.names.pop(key, None)
    # `finally` begins with every typestate since the beginning of the `try`, also those in the handlers.
    after = _interrupted(interp, after)
    interp.state.scope.trials.pop()
    _finally(interp, node, after, joined)
    interp.state.vague_try = vague


def _handlers(
    interp: Interpreter,
    node: Try,
    after: State,
    failing: Cells | None,
    unread: Cells | None,
    open_: Mapping[Key, Value],
    passing: Cells,
    *,
    only: bool,
) -> Iterator[State]:
    """Execute the handlers of a `try`, each from the state in which the body may raise; yield their end states.

    In a clause for errors of sockets, `open_` are the sockets on which a call may have failed while they were open.
    Where such an error comes (`passing`), the classes of clauses for failed imports are evaluated, too. `only`: the
    body does nothing but import, or ask for the device. On the boards in `unread` alone an attribute may be missing.
    """
    resolving = handlers.is_resolving(node)
    # `masked`: a clause above catches all errors of sockets. `treating`: how many clauses name such errors. A clause
    # is `alone` if these are none but itself.
    masked, treating = False, sum(map(handlers.treats_errors, node.handlers))
    for handler in node.handlers:
        # `imports`: the handler runs only on the boards in `failing`.
        imports = failing is not None and (
            only
            or handlers.is_for_imports(handler)
            or heuristics.imports_instead(node, handler)
            or _is_for_no_board(interp, node, handler)
        )
        start = after._replace(names={**after.names, **open_}) if handlers.catches_oserror(handler) else after
        if masked or not (handlers.catches_oserror(handler) or handlers.treats_errors(handler)):
            start = start._replace(names=typestate.without_failures(start.names))
        if heuristics.is_for_no_loop(node, handlers.caught(handler)):
            start = after._replace(live=NO_CELLS)
        if unread is not None and _is_for_names(node, handler):
            start = start._replace(live=start.live & unread)
        interp.env.resume(after._replace(live=failing or NO_CELLS) if imports else start)
        with interp.state.under(handler):
            asked = NO_CELLS if masked else interp.state.live | passing
            _handle(interp, handler, asked, resolving, alone=treating == handlers.treats_errors(handler))
        masked = masked or handlers.catches_all_oserrors(handler)
        yield interp.env.state()


def _describes_device(interp: Interpreter, name: cst.Name) -> bool:
    """True if a name stands for a module or an object that describes the device: `impl` for `sys.implementation`."""
    value = interp.quiet(name)
    return bool(value) and all(unconditional(atom) in device.DESCRIBING for atom in value)


def _attributes_asked(node: Try) -> list[tuple[cst.Attribute, str]] | None:
    """The attributes that a body reads for whose lack it has a clause, as `heuristics.attributes_read`."""
    return heuristics.attributes_read(node) if any(_is_for_names(node, one) for one in node.handlers) else None


def _is_for_names(node: Try, handler: handlers.Handler) -> bool:
    """True if nothing but a missing attribute leads from a body to a handler, as far as boards are concerned."""
    if handlers.is_for_attributes(handler):
        return True
    return handlers.surely_catches(handler, "AttributeError") and heuristics.calls_boards_alone(node)


def _without_names(interp: Interpreter, read: Iterable[tuple[cst.Attribute | None, str]]) -> Cells | None:
    """The cells on which a try body may fail that looks up these names of modules, or of objects of their classes, as
    in `ticks = time.ticks_ms`.

    None if it does anything else, which is None among the names, or if a module is not known. A name stands for the
    module beside it, if any.
    """
    found = NO_CELLS
    for asked, module in read:
        owner = frozenset({Module(module)}) if module else interp.quiet(asked.value) if asked is not None else UNKNOWN
        for atom, cells in atoms(owner, interp.state.live):
            known = isinstance(atom, (Module, Object))
            there = calls.has(interp, atom, asked.attr.value, cells) if asked and known else None
            if there is None:
                return None
            found |= truth(there, cells)[1]
    return found


def _chosen_names(ends: Sequence[State]) -> Iterator[tuple[Key, Value]]:
    """The names that differ at the ends of a `try` statement, under each flag that tells the ends apart (`Chosen`)."""
    paths = [end.names for end in ends if end.live]
    differing = [
        name
        for name in (paths[0] if paths else ())
        if isinstance(name, Var) and any(path.get(name, paths[0][name]) != paths[0][name] for path in paths)
    ]
    for flag in differing:
        answers = [{is_true(atom) for atom in path.get(flag, UNKNOWN)} for path in paths]
        if {True} not in answers or {False} not in answers or not all(len(answer) == 1 for answer in answers):
            continue
        for holds in (True, False):
            chosen = [path for path, answer in zip(paths, answers, strict=True) if answer == {holds}]
            pairs = (Tuple((const(name), join(*(path[name] for path in chosen if name in path)))) for name in differing)
            yield Chosen(flag, holds), frozenset(pairs)


def _told_of_end(use: AnyUse, node: Try, ending: frozenset[handlers.Handler]) -> AnyUse:
    """The use, with the handlers that end the program in its attempt."""
    attempts = tuple(replace(one, ending=ending) if one.node is node else one for one in use.site.attempts)
    return replace(use, site=replace(use.site, attempts=attempts))


def _is_for_cpython(interp: Interpreter, node: Try) -> bool:
    """True if the handlers are for CPython: the body imports a module of boards, and one names or imports its own.

    `from machine import reset; import urequests` may fail on a board, too, but is not what a handler for
    ModuleNotFoundError is for, nor is `from ulab import numpy` what one with `import numpy` is for, nor a module of the
    project what one with `import threading` is for. Neither is what one without imports is for, such as `HARDWARE =
    False`, if every board has one of the modules.
    """
    named = any("ModuleNotFoundError" in handlers.caught(one) for one in node.handlers)
    theirs = [name for one in node.handlers for name in heuristics.imported(one)]
    of_boards = [*filter(interp.library.is_micropython_only, heuristics.imported(node))]
    if any(map(interp.library.is_cpython_only, theirs)):
        return bool(of_boards) or any(map(interp.elsewhere.module, heuristics.imported(node)))
    if named:
        return bool(of_boards)
    live = interp.state.live
    return not theirs and not all(interp.library.perhaps_without(name, live) for name in of_boards)


def _is_for_no_board(interp: Interpreter, node: Try, handler: handlers.Handler) -> bool:
    """True if a handler is for failed imports and missing names, and the body imports modules of boards alone.

    For `try: import machine; ID = machine.unique_id()` with `except (ImportError, AttributeError):`.
    """
    modules = [*heuristics.imported(node)]
    of_boards = bool(modules) and all(map(interp.library.is_micropython_only, modules))
    return of_boards and handlers.is_for_what_is_missing(handler)


def _interrupted(interp: Interpreter, state: State) -> State:
    """A state, with sockets in any typestate that they have had since the `try` began."""
    meanwhile = interp.state.scope.trials[-1]
    states = {key: join(state.names.get(key, frozenset()), value) for key, value in meanwhile.items()}
    return state._replace(names={**state.names, **states})


def _handle(interp: Interpreter, handler: handlers.Handler, asked: Cells, resolving: bool, *, alone: bool) -> None:
    """Execute a handler. `resolving` is as for `Caught`, `alone` as for `Clause`.

    `asked` are the cells on which its classes are evaluated: none if an earlier clause catches all errors.
    """
    kinds = UNKNOWN
    if handler.type is not None and (asked or interp.state.live):
        interp.state.clause = Clause(handler, alone, set())
        with interp.state.only(asked):
            kinds = interp.value(handler.type)
        interp.state.clause = None
    if not interp.state.live:
        interp.summaries.body.unreached.add(handler)
        return
    if _ABSENT in kinds:
        interp.state.live = NO_CELLS  # a NameError on every board
        return
    # `except KeyboardInterrupt:` stops the program, so sockets that stay open are not leaks.
    if handlers.is_for_stopping(handler):
        typestate.give_up(interp.state.scope)
    if handler.name is not None:
        error = Caught(resolving) if asked and _takes_errors(kinds) else Anything()
        names.bind(interp, handler.name.name, frozenset({error}))
    interp.suite(handler.body)


def _finally(interp: Interpreter, node: Try, before: State, after: State) -> None:
    """Execute the `finally` clause. `before` is the join of the states that may raise, `after` that of the others."""
    if node.finalbody is None:
        interp.env.resume(after)
        return
    # `finally` runs after paths that raised too: its body sees their states, but only the others go on.
    interp.env.resume(merge([before, before._replace(names=after.names)]))
    begun = dict(interp.state.scope.names)
    interp.suite(node.finalbody.body)
    # What the clause has left alone is what it was on the paths that go on.
    found = interp.state.scope.names
    alone = {key for key, value in begun.items() if found.get(key) is value}
    found.update({key: value for key, value in after.names.items() if key in alone})
    interp.state.live, interp.state.cpython = interp.state.live & after.live, after.cpython


def _reopen(names: Names, before: Names, node: Try, uses: Sequence[AnyUse]) -> None:
    """Undo, at the beginning of a handler, each `close` in the body after which nothing can fail.

    If the handler runs, something before such a `close` has raised.
    """
    last: dict[Made, bool] = {}
    for use in uses:
        if (made := _closed_by(use)) is not None:
            # Of several calls of `close` each has to be last: after another the body may fail with the socket closed.
            last[made] = last.get(made, True) and liveness.nothing_fails_after(node.body, use.site.path)
    for made, is_last in last.items():
        key = StateOf(made, "closed")
        if is_last and before.get(key, FALSE) == FALSE and key in names:
            names[key] = names[key] - (const("socket") | const("file") | const("stream"))


def _failed_open(names: Names, node: Try, uses: Sequence[AnyUse]) -> dict[Key, Value]:
    """The parts TRIED of sockets on which a call in the body may have failed while they were open.

    Later statements of the body, such as `close`, have not run if that call raised.
    """
    found: dict[Key, Value] = {}
    for use in uses:
        match use:
            case Call(name=name, owner=Socket(made=made)) if made is not None and name in heuristics.FAILING:
                pass
            case Wrapped(owner=Socket(made=made)) if made is not None:
                pass
            case _:
                continue
        # `names` are those that a handler begins with: a socket that the last statement makes has no state in them.
        key = StateOf(made, "closed")
        if use.state.closed == FALSE <= names.get(key, UNKNOWN) and _is_caught_by(node, use.site):
            found[StateOf(made, typestate.TRIED)] = TRUE
    return found


def _may_fail(use: AnyUse) -> bool:
    """True for a call that fails with the network."""
    return isinstance(use, Call) and (use.name in heuristics.FAILING or use.name == "getaddrinfo")


def _is_caught_by(node: Try, site: Site) -> bool:
    """True if no statement inside this `try` catches the error of a socket first, or closes the socket on the way."""
    catching = (one.node for one in site.attempts if any(map(handlers.catches_oserror, one.node.handlers)))
    inner = site.path[site.path.index(node) + 1 :] if node in site.path else ()
    return next(catching, None) is node and not any(map(heuristics.tidies, inner))


def _closed_by(use: AnyUse) -> Made | None:
    """The allocation site of the socket, or of asyncio's connection, that this use closes."""
    match use:
        case Call(name="close", owner=Socket() | File() as owner):
            return owner.made
        case LibraryCall(name="wait_closed" | "aclose"):
            return use.made
        case _:
            return None


def _takes_errors(kinds: Value) -> bool:
    """True if one of these classes is OSError, a base class, a subclass on CPython, or a name of the socket module."""
    for kind in kinds:
        match kind:
            case Tuple(items) if any(map(_takes_errors, items)):
                return True
            case On(_, atom) if _takes_errors(frozenset({atom})):
                return True
            case Builtin(name) if name in handlers.ERRORS:
                return True
            case Member(Module("socket")):
                return True
            case _:
                continue
    return False

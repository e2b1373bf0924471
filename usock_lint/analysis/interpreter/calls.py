"""Calls: their results, and their effects on summaries of this file's functions and on sockets."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from typing import Final

import libcst as cst

from usock_lint.analysis import heuristics, type_annotations
from usock_lint.analysis.domain import builtin_types, device, flags, library, types, typestate
from usock_lint.analysis.domain.environment import Scope
from usock_lint.analysis.domain.operations import (
    FALSE,
    NO_CELLS,
    NONE,
    TRUE,
    UNKNOWN,
    atoms,
    combine,
    const,
    constant,
    constants,
    join,
    on,
    truth,
    unconditional,
    unknown_unless_constant,
)
from usock_lint.analysis.domain.values import (
    LOOP,
    READER,
    SERVER,
    SLEEP,
    TASK,
    AddrInfo,
    AddrInfos,
    Anything,
    Atom,
    Box,
    Builtin,
    Caught,
    Cells,
    Class,
    Closing,
    File,
    Function,
    Instance,
    Items,
    Lambda,
    Member,
    Message,
    Module,
    NoData,
    Object,
    OfType,
    Partial,
    ProjectModule,
    Received,
    SockAddr,
    Socket,
    TlsSocket,
    Tuple,
    Value,
)
from usock_lint.analysis.hierarchy import SOCKET
from usock_lint.analysis.interpreter import borrowed, containers, importing, names, passing, socket_api, stream_api
from usock_lint.analysis.interpreter.core import Interpreter
from usock_lint.analysis.uses import Argument, Converted, PlainPolled, Wrapped

Arguments = tuple[Argument, ...]

_OF_SOCKETS: Final = (Socket, File, TlsSocket, Received)
"""The owners whose methods `socket_api` knows."""

_MODULE: Final = Module("socket")

_DISPLAYS: Final = (cst.GeneratorExp, cst.ListComp, cst.List, cst.Set, cst.Tuple)

EXITS: Final = frozenset(
    {
        Member(Module("sys"), "exit"),
        Member(Module("_thread"), "exit"),
        Member(Module("os"), "_exit"),
        Member(Module("machine"), "deepsleep"),  # the board starts anew when it wakes up
        Member(Module("machine"), "reset"),
        Member(Module("machine"), "soft_reset"),
    }
)
"""Functions that end the program."""


_OF_ASYNCIO: Final[Mapping[str, Value]] = {
    "create_server": frozenset({SERVER}),
    "create_task": frozenset({TASK}),
    "current_task": frozenset({TASK}),
    "ensure_future": frozenset({TASK}),
    "get_event_loop": frozenset({LOOP}),
    "get_running_loop": frozenset({LOOP}),
    "new_event_loop": frozenset({LOOP}),
    "sleep": frozenset({SLEEP}),
    "sleep_ms": frozenset({SLEEP}),
    "start_server": frozenset({SERVER}),
}
"""Results of asyncio's functions and of its loop's methods, also of those that boards lack.

Functions that return the result of a coroutine are in `_HANDED_BACK`.
"""

_HANDED_BACK: Final = frozenset({"run", "run_until_complete", "wait_for", "wait_for_ms"})
"""Functions that return the result of the coroutine they are given."""

# Builtins that iterate over their arguments.
_ITERATING: Final = frozenset("list tuple iter enumerate set sorted reversed sum zip map filter next".split())

# Methods of dicts and sets whose first argument is a key.
_OF_KEYS: Final = frozenset("add discard get pop remove setdefault".split())

# Methods of containers that keep nothing of what they are given.
_TAKING_OUT: Final = frozenset("count discard index remove unregister".split())

# Builtins that do not change a socket in their arguments. Any other unbound name may come from an `import *`.
_QUIET: Final = frozenset({*dir(builtins), "const"} - {"eval", "exec", "filter", "map", "setattr"})


def result(
    interp: Interpreter, node: cst.Call, callee: Atom, arguments: Arguments, cells: Cells, *, sole: bool
) -> Value:
    """The result of a call of this callee on these cells. `sole` tells that the callee can be nothing else."""
    if isinstance(callee, Member) and (isinstance(callee.owner, _OF_SOCKETS) or callee.owner == _MODULE):
        return socket_api.called(interp, node, callee.owner, callee.name, arguments, cells, sole=sole)
    match callee:
        case Function():
            # The typestates of the arguments are published to the function first, as `_escape` forgets them.
            borrowed.publish_states(interp, passing.given(callee, arguments), callee.node)
            _escape(interp, arguments)
            value = _function(interp, node, callee, arguments)
            interp.env.run_others()
            return value
        case Class(owner):
            return _made(interp, owner, arguments)
        case Member(Box() | Items() | Tuple() as owner, name):
            return _of_container(interp, node, owner, name, arguments, cells, sole=sole)
        case Builtin(name):
            if name not in _QUIET:
                _escape(interp, arguments)
                interp.env.release_sockets()
            return _builtin(interp, node, name, arguments, cells)
        case Lambda(expression):
            _escape(interp, arguments)
            passing.pass_on(interp, callee, arguments)
            interp.env.run_others()
            asked = _asked(interp, callee, arguments)
            return interp.summaries.read("returns", expression) or UNKNOWN if asked is None else asked
        case Partial(Member(owner, name)):
            return socket_api.returned(node, owner, name, passing.completed(callee, arguments), cells)
        case Partial(function):
            return result(interp, node, function, passing.completed(callee, arguments), cells, sole=sole)
        case Member(Object() as owner, name) if owner.plain == READER and name in socket_api.READING:
            _escape(interp, arguments)
            stream_api.note_call(interp, node, owner, name, arguments, cells, sole=sole)
            return socket_api.called(interp, node, READER, name, arguments, cells, sole=sole)
        case Member(Module() | Object() | Member() as owner, "wrap_socket") if _wraps(owner):
            return wrapped(interp, node, owner, arguments, cells, sole=sole)
        case Member():
            return _of_module(interp, node, callee, arguments, cells, sole=sole)
        case _:
            _escape(interp, arguments)
            borrowed.forget_at_unknown(interp, node)
            return UNKNOWN


def _made(interp: Interpreter, owner: cst.ClassDef, arguments: Arguments) -> Value:
    """The instance that a call of a class makes, whose `__init__` gets the arguments."""
    for atom in interp.summaries.read("attributes", (owner, "__init__")) or ():
        if isinstance(atom, Function):
            borrowed.publish_states(interp, passing.given(Function(atom.node, Instance(owner)), arguments), atom.node)
    _escape(interp, arguments)
    passing.construct(interp, Instance(owner), arguments)
    interp.env.run_others()
    return frozenset({Instance(owner)})


def _of_container(
    interp: Interpreter,
    node: cst.Call,
    owner: Box | Items | Tuple,
    name: str,
    arguments: Arguments,
    cells: Cells,
    *,
    sole: bool,
) -> Value:
    """The result of a method of a container, a poll object or a selector."""
    if isinstance(owner, Box) and owner.kind == "poll":
        socket_api.polled(interp, node, owner, name, arguments, cells, sole=sole)
        if name in ("register", "modify"):
            socket_api.wait_for(interp, arguments[:1], arguments[1:], cells)
    # `clients.append(s)`: whatever takes `s` out of the container again may do anything to it.
    for argument in arguments if name not in _TAKING_OUT else ():
        typestate.forget(interp.state.scope, argument.value)
    if name in ("register", "unregister") and arguments:
        waits_for_data = socket_api.waits_for_data(arguments[1:]) and name == "register"
        typestate.poll(interp.state.scope, arguments[0].value, TRUE if waits_for_data else FALSE)
    if arguments and name in _OF_KEYS and isinstance(owner, Box) and owner.kind in ("dict", "set"):
        interp.recorder.note_hashed(arguments[0].node.value, arguments[0].value)
    values = [argument.value for argument in arguments]
    return containers.method(interp, owner, name, values, lambda value: iterated(interp, node, value))


def _of_module(
    interp: Interpreter, node: cst.Call, callee: Member, arguments: Arguments, cells: Cells, *, sole: bool
) -> Value:
    """The result of a function or class of a module, or of a method of an object of a module's class."""
    if isinstance(callee.owner, (Module, Object)) and callee.owner != Module("errno"):
        stream_api.note_call(interp, node, callee.owner, callee.name, arguments, cells, sole=sole)
    if callee == Member(Module("select"), "select"):
        socket_api.wait_for(interp, arguments[:1], (), cells)
    # `asyncio.run(main())` returns the result of `main` unchanged, so sockets in it keep their typestate.
    if callee.name not in _HANDED_BACK:
        _escape(interp, arguments)
    if isinstance(callee.owner, Object):
        stream_api.apply_method(interp, node, callee.owner, callee.name, arguments, cells)
    passing.call_later(interp, callee, arguments)
    return _library(interp, node, callee, arguments, cells)


def _escape(interp: Interpreter, arguments: Arguments) -> None:
    """Let the sockets among the arguments escape into the callee, and those that functions of the file can reach."""
    for argument in arguments:
        typestate.forget(interp.state.scope, argument.value)
    typestate.forget_seen(interp.state.scope, interp.known_to_functions)


def _builtin(interp: Interpreter, node: cst.Call, name: str, arguments: Arguments, cells: Cells) -> Value:
    """The result of a call of a builtin, and the uses in it."""
    match name:
        case "exit" | "quit":
            interp.state.live -= cells
        case "const" if arguments:
            return arguments[0].value
        case "hasattr" if len(arguments) == 2:
            return has_attribute(interp, arguments, cells)
        case "getattr" if len(arguments) >= 2:
            return _getattr(interp, arguments, cells)
        case "__import__":
            return _imported(interp, arguments, cells)
        case "isinstance" if len(arguments) == 2:
            return _isinstance(interp, arguments, cells)
        case "type" if len(arguments) == 1:
            return join(*(on(both, types.class_of(atom)) for atom, both in atoms(arguments[0].value, cells)))
        case "callable" if len(arguments) == 1:
            answers = [(both, types.is_callable(atom)) for atom, both in atoms(arguments[0].value, cells)]
            return join(*(on(both, UNKNOWN if answer is None else const(answer)) for both, answer in answers))
        case "bool" if len(arguments) == 1 and not flags.is_about_python(arguments[0].value):
            return _decided(*truth(arguments[0].value, cells))
        case "any" | "all" if len(arguments) == 1 and isinstance(arguments[0].node.value, _DISPLAYS):
            return _any_or_all(interp, name, arguments[0], cells)
        case "hash" if arguments:
            interp.recorder.note_hashed(arguments[0].node.value, arguments[0].value)
        case "str" if len(arguments) > 1 and not _may_be_nothing(arguments[0].value):
            interp.recorder.note_decoded(node, arguments[0].value, arguments, 2)
        case "int" | "float" | "bytes" | "bytearray" | "memoryview" if arguments:
            interp.recorder.require_not_none(arguments[0].node.value, arguments[0].value)
            if name == "bytes":
                _note_conversion(interp, node, arguments[0].value)
            # `PC = int(sys.implementation.name == "cpython")`
            if name == "int" and all(isinstance(constant(one), bool) for one in arguments[0].value):
                return combine(arguments[0].value, NONE, cells, lambda value, _: int(value))
        # `str(None)` raises nothing, but the text is "None"; with an encoding it raises.
        case "str" if arguments and _may_be_nothing(arguments[0].value):
            interp.recorder.require_not_none(
                arguments[0].node.value, arguments[0].value, "TypeError" if arguments[1:] else ""
            )
        case "len" if arguments:
            interp.recorder.require_not_none(arguments[0].node.value, arguments[0].value)
            names.measured(interp, arguments[0].node.value, arguments[0].value)
        # `str(e)` is told apart from other text: it is the message of an error.
        case "str" if any(isinstance(atom, Caught) for argument in arguments for atom in argument.value):
            return frozenset({Message()})
        case "setattr" | "vars" if arguments:
            _mark_open(interp, arguments)
        case "super":
            return names.of_super(interp)
        case "dict" if all(one.keyword is not None for one in arguments):
            return _dict(interp, node, arguments)
        # `for data in iter(lambda: s.recv(100), b"")`: the items are what the function returns.
        case "iter" if len(arguments) == 2:
            given = (_returned_by(interp, node, atom, both) for atom, both in atoms(arguments[0].value, cells))
            return frozenset({Items(join(*given) or UNKNOWN)})
        # `next(rows, None)` returns the default as it is.
        case "next" if len(arguments) == 2:
            rows, default = arguments
            return join(iterated(interp, rows.node.value, rows.value), default.value)
        # `zip(*rows)`: it is unknown how many arguments there are.
        case _ if name in _ITERATING and not any(one.star for one in arguments):
            return _sequence(interp, node, name, [iterated(interp, one.node.value, one.value) for one in arguments])
        # `bool(ON_BOARD)` is a flag about Python if `ON_BOARD` is one; so is `any((ON_BOARD, ...))`.
        case _ if any(flags.is_about_python(containers.taken(interp, atom) | {atom}) for atom in _atoms_of(arguments)):
            return flags.FLAG
        case "open":
            return builtin_types.opened([argument.value for argument in arguments if argument.keyword is None][1:2])
        case _:
            pass
    return builtin_types.result_of_builtin(name)


def _decided(true: Cells, false: Cells) -> Value:
    """The truth of a value that may be true and false on these cells."""
    answers = ((true - false, TRUE), (false - true, FALSE), (true & false, UNKNOWN))
    return join(*(on(cells, answer) for cells, answer in answers if cells))


def _any_or_all(interp: Interpreter, name: str, given: Argument, cells: Cells) -> Value:
    """The result of `any` or `all` of a display or a comprehension, which may have no items."""
    items = [part for atom, _ in atoms(given.value, cells) for part in _items(interp, atom)]
    if any(map(flags.is_about_python, items)):
        return flags.FLAG
    asked = [truth(item, cells) for item in items]
    open_ = NO_CELLS.union(*(true if name == "any" else false for true, false in asked))
    return _decided(*((open_, cells) if name == "any" else (cells, open_)))


def _items(interp: Interpreter, atom: Atom) -> Sequence[Value]:
    return atom.items if isinstance(atom, Tuple) else (containers.taken(interp, atom) or UNKNOWN,)


def _note_conversion(interp: Interpreter, node: cst.Call, value: Value) -> None:
    """Record a call of `bytes` with an instance whose `__bytes__` CPython calls."""
    instances = [atom for atom in value if isinstance(atom, Instance)]
    if len(instances) == len(value) and all(names.of_class(interp, one, "__bytes__") for one in instances):
        iterable = any(names.of_class(interp, one, name) for one in instances for name in ("__iter__", "__getitem__"))
        interp.recorder.note_by_type(Converted(interp.recorder.site(interp.state.live), node, iterable))


def _may_be_nothing(value: Value) -> bool:
    """True if a value may be the None that a read method returns if no data has arrived."""
    return any(isinstance(unconditional(atom), NoData) for atom in value)


def _mark_open(interp: Interpreter, arguments: Arguments) -> None:
    """Mark an instance as open: `setattr` or `vars` may set attributes of unknown names."""
    for atom in arguments[0].value:
        if isinstance(atom, Instance):
            interp.summaries.publish("open", (atom.node, ""), TRUE)


def _returned_by(interp: Interpreter, node: cst.Call, function: Atom, cells: Cells) -> Value:
    """The result of a function that is called without arguments, as `iter(function, end)` does repeatedly."""
    match function:
        case Function(called) | Lambda(called):
            return interp.summaries.read("returns", called) or UNKNOWN
        case Partial(inner) if not isinstance(inner, Member):
            return _returned_by(interp, node, inner, cells)
        case Partial(Member(owner, name)):
            return socket_api.returned(node, owner, name, passing.completed(function, ()), cells)
        case Member(Socket() | File() | TlsSocket() as owner, name):
            return socket_api.returned(node, owner, name, (), cells)
        case _:
            return UNKNOWN


def _atoms_of(arguments: Arguments) -> Value:
    return frozenset(atom for argument in arguments for atom in argument.value)


def _sequence(interp: Interpreter, node: cst.Call, name: str, items: list[Value]) -> Value:
    """The result of a builtin that iterates over its arguments, whose items are given."""
    match name, items:
        case (("list" | "set"), [*some]):
            return containers.made(interp, node, "list" if name == "list" else "set", join(*some))
        case "next", [item]:
            return item
        case (("tuple" | "iter" | "sorted" | "reversed"), [item, *_]):
            return frozenset({Items(item, {"tuple": "tuple", "sorted": "list"}.get(name))})
        case "filter", [_, item]:
            return frozenset({Items(item)})
        case "enumerate", [item, *_]:
            return frozenset({Items(frozenset({Tuple((UNKNOWN, item))}))})
        case "zip", [_, *_]:
            return frozenset({Items(frozenset({Tuple(tuple(items))}))})
        case _:
            return UNKNOWN


def iterated(interp: Interpreter, node: cst.BaseExpression, value: Value) -> Value:
    """The items of an iterable. The iteration is recorded as a use."""
    found: list[Value] = []
    interp.recorder.require_not_none(node, value)
    interp.recorder.note_iterated(node, value)
    for atom, _ in atoms(value, interp.state.live):
        if isinstance(atom, AddrInfos):
            found.append(frozenset({AddrInfo(atom.family, atom.type, atom.port)}))
        elif isinstance(atom, Tuple):
            found.append(containers.taken(interp, atom))
        elif isinstance(atom, (Box, Items)):
            found.append(containers.elements(interp, atom))
        elif isinstance(atom, Anything):
            found.append(UNKNOWN)
        elif some := builtin_types.item(atom):
            found.append(some)
    return join(*found) or UNKNOWN


def _function(interp: Interpreter, node: cst.Call, callee: Function, arguments: Arguments) -> Value:
    """The result of a call of a function of the file or its project, which gets the arguments."""
    passing.pass_on(interp, callee, arguments)
    # Only a plain call stops here. A call of an `async def` makes a coroutine, and of several possible callees another
    # one may return.
    if interp.state.certain and callee.node.asynchronous is None and interp.summaries.read("endless", callee.node):
        interp.state.live = NO_CELLS
    # Nothing uses the result, so the summary is not read: reading makes this body depend on it, and a new result would
    # have it analysed again.
    if _is_dropped(node, interp.state.path[-1]):
        return UNKNOWN
    if (asked := _asked(interp, callee, arguments)) is not None:
        return asked
    value = interp.summaries.read("returns", callee.node) or UNKNOWN
    # `functions` are those of other files, in which names of annotations may mean something else.
    if callee.node.returns is None or callee.node in interp.summaries.functions:
        return value
    declared = type_annotations.meant(interp.state.scope, interp.typing, callee.node.returns.annotation)
    return type_annotations.refined(value, declared, none=True)


def _asked(interp: Interpreter, callee: Function | Lambda, arguments: Arguments) -> Value | None:
    """The result of a function that only asks whether an object has an attribute, for these arguments.

    The summary of the function has the answers for all its calls; each call is a question of its own.
    """
    question = heuristics.asks_for_attribute(callee.node)
    if question is None or any(one.star for one in arguments):
        return None
    with interp.state.inside(Scope(interp.state.scope)):
        given = passing.given(callee, arguments)
        params = callee.node.params
        for name in (one.name.value for one in (*params.posonly_params, *params.params)):
            interp.state.scope.bind(name, given.get(name, UNKNOWN))
        return interp.quiet(question)


def _is_dropped(node: cst.Call, statement: cst.CSTNode) -> bool:
    """True if a statement drops the result of this call."""
    whole = statement.value if isinstance(statement, cst.Expr) else None
    return node is (whole.expression if isinstance(whole, cst.Await) else whole)


def has_attribute(interp: Interpreter, arguments: Sequence[Argument], cells: Cells) -> Value:
    """The result of `hasattr`.

    If the answer is known for a possibility that is not of a builtin type, such as a socket, those for which it is not
    known are left out. Then a guard for sockets decides, and code is not reported for what the others may be.
    """
    owner, written = (one.value for one in arguments)
    found = [
        (atom, both, name, has(interp, atom, name, both))
        for name, where in constants(written, str, cells)
        for atom, both in atoms(owner, where)
    ]
    unknown = unknown_unless_constant(written, str, cells)
    if all(answer is None or builtin_types.kind_of(atom) is not None for atom, *_, answer in found):
        answers = (on(both, answer or flags.named(name, UNKNOWN)) for _, both, name, answer in found)
        return join(unknown, *answers) or UNKNOWN
    return join(unknown, *(on(both, answer) for _, both, _, answer in found if answer is not None))


def has(interp: Interpreter, atom: Atom, name: str, cells: Cells) -> Value | None:
    """The result of `hasattr(atom, name)`, None if it is not known."""
    if _of_project(interp, atom, name) is not None or names.has_method(interp, atom, name):
        return TRUE
    if names.not_kept(interp, atom, name) or (isinstance(atom, Class) and names.lacks(interp, atom, name)):
        return FALSE
    answer = device.has_attribute(atom, name, cells)
    answer = interp.library.has_attribute(atom, name, cells) if answer is None else answer
    return builtin_types.has_attribute(atom, name, cells) if answer is None else answer


def _isinstance(interp: Interpreter, arguments: Arguments, cells: Cells) -> Value:
    """The result of `isinstance`. For an address it depends on the port, so the test is a guard as `hasattr` is."""
    kinds = (join(*atom.items) if isinstance(atom, Tuple) else {atom} for atom in arguments[1].value)
    asked = [one for kind in kinds for one in kind]
    builtin = frozenset(one.name for one in asked if isinstance(one, Builtin))
    others = len(builtin) < len(asked)
    # `isinstance(s, Connection)`, with a class of the project that derives from no socket, is False for a socket.
    excludes_sockets = bool(asked) and all(_has_no_sockets(interp, one) for one in asked)
    answers: list[Value] = []
    for atom, both in atoms(arguments[0].value, cells):
        if isinstance(atom, SockAddr):
            answers.append(device.is_address_of(atom.origin, builtin, both))
        elif excludes_sockets and isinstance(atom, Socket):
            answers.append(on(both, FALSE))
        else:
            answers.append(on(both, _is_instance(atom, builtin, others=others)))
    return join(*answers) or UNKNOWN


def _has_no_sockets(interp: Interpreter, kind: Atom) -> bool:
    """True if this is a class of the file, or of its project, that does not derive from the class of sockets."""
    bases = interp.hierarchy.foreign(kind.node) if isinstance(kind, Class) else UNKNOWN
    return not any(isinstance(base, Anything) or base == SOCKET for base in bases)


def _is_instance(atom: Atom, names: frozenset[str], *, others: bool) -> Value:
    """The result of `isinstance` with these builtin types; `others` tells that other classes are named as well."""
    kind = types.type_of(atom)
    if kind is None or (kind == types.STREAM and others) or not names:
        return UNKNOWN
    return const(types.is_one_of(kind, names))


def _getattr(interp: Interpreter, arguments: Arguments, cells: Cells) -> Value:
    """The result of `getattr` with a constant name: the member on cells that have it, else the default."""
    owner, written, *default = (argument.value for argument in arguments)
    parts = [unknown_unless_constant(written, str, cells)]
    for name, where in constants(written, str, cells):
        for atom, both in atoms(owner, where):
            if atom in device.DESCRIBING:
                lacking = surely_lacking(interp, atom, name, both) if default else NO_CELLS
                parts.append(on(both - lacking, device.member(atom, name, both - lacking)))
                parts += [on(lacking, one) for one in default]
                continue
            if (there := _of_project(interp, atom, name)) is not None:
                parts.append(on(both, there))
                continue
            found = _having(atom, name, both)
            if found is None and (answer := interp.library.has_attribute(atom, name, both)) is not None:
                true, false = truth(answer, both)
                parts.append(on(true, frozenset({Member(atom, name)})))
                parts += [on(false, one) for one in default]
                continue
            if found is None:
                return flags.named(name, UNKNOWN)
            # `getattr(socket, "AF_INET6", None)`: the member where configurations have it, the default elsewhere.
            parts.append(on(found, frozenset({Member(atom, name)})))
            parts += [on(both - found, one) for one in default]
    return join(*parts) or UNKNOWN


def surely_lacking(interp: Interpreter, atom: Atom, name: str, cells: Cells) -> Cells:
    """The cells on which `hasattr(atom, name)` is false for certain."""
    there, lacking = truth(has(interp, atom, name, cells) or UNKNOWN, cells)
    return lacking - there


def _of_project(interp: Interpreter, atom: Atom, name: str) -> Value | None:
    """The value of a name in a module of the project; None if it is not known."""
    found = names.of_project(interp, atom, name) if isinstance(atom, ProjectModule) else UNKNOWN
    return None if found == UNKNOWN else found


def _having(atom: Atom, name: str, cells: Cells) -> Cells | None:
    """The cells on which the socket module, its class, or a value of known type has a name; None if unknown."""
    if isinstance(atom, Socket) or atom in (_MODULE, SOCKET):
        return device.having(atom, name, cells)
    if isinstance(atom, OfType) and (known := builtin_types.has_attribute(atom, name, cells)) is not None:
        true, false = truth(known, cells)
        return None if true & false else true
    answer = types.has_method(atom, name)
    return None if answer is None else cells if answer else NO_CELLS


def _wraps(owner: Atom) -> bool:
    """True if the owner's `wrap_socket` makes TLS sockets: the module, or an SSLContext."""
    match owner:
        case Module(module) | Object(module, "SSLContext") | Member(Module(module)):
            return module in ("ssl", "tls")
        case _:
            return False


def wrapped(
    interp: Interpreter, node: cst.Call, owner: Atom, arguments: Arguments, cells: Cells, *, sole: bool
) -> Value:
    """Record the socket that is wrapped, with its state before the call; return the TLS socket."""
    given = next((one.value for one in arguments[:1] if one.keyword in (None, "sock") and not one.star), UNKNOWN)
    plain, timeout = None, UNKNOWN
    # With two possible sockets neither is recorded, because the call may be of the other one.
    for atom, both in atoms(given, cells) if len(given) == 1 else ():
        if isinstance(atom, Socket) and interp.state.certain:
            state = typestate.state_of(interp.state.scope, atom)
            interp.recorder.note(Wrapped(interp.recorder.site(both), node, atom, arguments, state))
            if state.polled == TRUE:
                interp.recorder.note(PlainPolled(interp.recorder.site(both), node))
            plain, timeout = atom.made, state.timeout
    if isinstance(owner, (Module, Object)):
        stream_api.note_call(interp, node, owner, "wrap_socket", arguments, cells, sole=sole)
    _escape(interp, arguments)
    return stream_api.wrapped(interp, node, plain, timeout)


def _dict(interp: Interpreter, node: cst.Call, arguments: Arguments) -> Value:
    """The dict that `dict(a=1)` makes, as a display would."""
    made = containers.made(interp, node, "dict")
    for one in arguments:
        typestate.forget(interp.state.scope, one.value)
        for box in made:
            containers.put(interp, box, one.value, const(one.keyword))
    return made


def _first(arguments: Arguments) -> Value:
    return arguments[0].value if arguments else UNKNOWN


def _imported(interp: Interpreter, arguments: Arguments, cells: Cells) -> Value:
    """The module that `__import__` or `import_module` returns."""
    name = _first(arguments)
    written = [text for text, _ in constants(name, str, cells)]
    if len(written) == 1 and not unknown_unless_constant(name, str, cells):
        importing.imported(interp, written[0], interp.state.live)
    modules = frozenset({Module(device.module_name(one)) for one, _ in constants(name, str, cells)})
    return join(modules, unknown_unless_constant(name, str, cells)) or UNKNOWN


def _library(interp: Interpreter, node: cst.Call, callee: Member, arguments: Arguments, cells: Cells) -> Value:
    """The result of a call of a function or class of a module, or of a method of an object."""
    match callee:
        # The result is an SSLContext. This member stands for it, and `_wraps` treats it as one.
        case Member(Module("ssl"), "create_default_context" | "_create_unverified_context"):
            return frozenset({callee})
        case Member(Module("contextlib"), "closing") if arguments:
            closed = [Closing(one) for one in arguments[0].value if isinstance(one, (Socket, TlsSocket))]
            return frozenset(closed) or UNKNOWN
        case Member(Module("micropython"), "const") if arguments:
            return arguments[0].value
        case Member(Module("functools"), "partial") if arguments:
            return passing.partial(interp, arguments)
        case Member(Module("selectors"), name) if name.endswith("Selector"):
            return containers.made(interp, node, "selector")
        case Member(Object("asyncio", "StreamWriter"), "get_extra_info"):
            asked = [text for text, _ in constants(_first(arguments), str, cells)]
            return frozenset({Socket(None, None)}) if asked == ["socket"] else UNKNOWN
        case Member(Module("asyncio"), "open_connection"):
            return stream_api.connected(interp, node, cells)
        case Member(Module("asyncio") | Object("asyncio"), name) if name in _OF_ASYNCIO:
            return _OF_ASYNCIO[name]
        case Member(Module("asyncio") | Object("asyncio"), name) if name in _HANDED_BACK:
            # `run(sleep(1))` does not return the awaitable but its result, which is unknown.
            return _first(arguments) - {SLEEP, TASK} or UNKNOWN
        case Member(Module("select"), "poll"):
            return containers.made(interp, node, "poll")
        # Each of the three lists comes back with some of its items: `readable, _, _ = select.select(socks, [], [])`.
        case Member(Module("select"), "select"):
            waited = [frozenset({Items(iterated(interp, one.node.value, one.value))}) for one in arguments[:3]]
            return frozenset({Tuple(tuple(waited))}) if len(waited) == 3 else UNKNOWN
        case Member(Module("collections"), "deque"):
            return containers.made(interp, node, "deque")
        case Member(Module("importlib"), "import_module"):
            return _imported(interp, arguments, cells)
        case Member(Module(), _) if callee in EXITS:
            interp.state.live -= cells
            return UNKNOWN
        case Member(Module("asyncio"), "StreamReader" | "StreamWriter") if not _are_sockets(_first(arguments)):
            return frozenset({Object("asyncio", "Stream")})  # as of a UART, which never ends
        case Member(Module(module), name) if library.is_class(module, name):
            made = Object(module, name)
            return (
                stream_api.context(interp, node, made, arguments)
                if stream_api.is_context(callee)
                else frozenset({made})
            )
        case _:
            value = device.method(callee, [argument.value for argument in arguments], cells)
            return _of_library(interp, callee) if value == UNKNOWN else value


def _are_sockets(value: Value) -> bool:
    return all(isinstance(unconditional(atom), (Socket, TlsSocket)) for atom in value)


def _of_library(interp: Interpreter, callee: Member) -> Value:
    """The result of a function of one of MicroPython's modules, or of a method of a value of a known type."""
    value = builtin_types.result_of(callee)
    # A file of the project that has the module's name may be imported in its place.
    if value != UNKNOWN and isinstance(callee.owner, Module) and interp.library.is_own(callee.owner.name):
        return UNKNOWN
    return value

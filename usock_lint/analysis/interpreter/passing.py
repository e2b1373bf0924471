"""Arguments of the functions of this file: from direct calls, and from deferred ones.

A thread, a timer, an event loop or a pool gets a function together with its arguments and calls it later. One table
gives the positions of the function and of its arguments.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

import libcst as cst

from usock_lint.analysis.domain.operations import NONE, NOTHING, SOCKET, UNKNOWN, const, evaluated, join
from usock_lint.analysis.domain.values import (
    READER,
    WRITER,
    Anything,
    Atom,
    Box,
    Class,
    File,
    Function,
    Instance,
    Lambda,
    Member,
    Module,
    Partial,
    Received,
    Socket,
    TlsSocket,
    Tuple,
    Value,
)
from usock_lint.analysis.interpreter import containers, stream_api
from usock_lint.analysis.interpreter.core import Interpreter
from usock_lint.analysis.uses import Argument

if TYPE_CHECKING:
    from typing import TypeGuard

Arguments = tuple[Argument, ...]


STREAMS: Final[tuple[Value, Value]] = (frozenset({READER}), frozenset({WRITER}))
"""The reader and the writer that asyncio passes for a connection."""


class Later(NamedTuple):
    """The positions, as index and keyword, of a function that a call defers and of the arguments for it.

    `items` is the place of a tuple of arguments, `pairs` of a dict of keyword arguments, `each` the index of a sequence
    whose items are each passed in a call. From the index `rest` on all arguments are passed on. `given` are further
    arguments that the caller of the function passes, such as the two ends of a connection.
    """

    function: tuple[int, str]
    items: tuple[int, str] | None = None
    pairs: tuple[int, str] | None = None
    rest: int | None = None
    each: int | None = None
    given: tuple[Value, ...] = ()


_THREAD: Final = Later((1, "target"), items=(3, "args"), pairs=(4, "kwargs"))
_STARTED: Final = Later((0, "function"), items=(1, "args"), pairs=(2, "kwargs"))
_AT_ONCE: Final = Later((0, "func"), rest=1)
_AFTER_ONE: Final = Later((1, "func"), rest=2)
_SERVER: Final = Later((0, "client_connected_cb"), given=STREAMS)

_FUNCTIONS: Final = {
    ("_thread", "start_new"): _STARTED,
    ("_thread", "start_new_thread"): _STARTED,
    ("asyncio", "start_server"): _SERVER,
    ("asyncio", "start_unix_server"): _SERVER,
    ("asyncio", "to_thread"): _AT_ONCE,
    ("atexit", "register"): _AT_ONCE,
    ("eventlet", "spawn"): _AT_ONCE,
    ("eventlet", "spawn_n"): _AT_ONCE,
    ("gevent", "spawn"): _AT_ONCE,
    ("micropython", "schedule"): _AT_ONCE,
    ("multiprocessing", "Process"): _THREAD,
    ("threading", "Thread"): _THREAD,
    ("threading", "Timer"): Later((1, "function"), items=(2, "args"), pairs=(3, "kwargs")),
}
"""Functions that defer a call, by module and name; a class stands for its constructor."""

_METHODS: Final = {
    "add_reader": _AFTER_ONE,
    "add_writer": _AFTER_ONE,
    "apply_async": Later((0, "func"), items=(1, "args"), pairs=(2, "kwds")),
    "call_at": _AFTER_ONE,
    "call_later": _AFTER_ONE,
    "call_soon": _AT_ONCE,
    "call_soon_threadsafe": _AT_ONCE,
    "map": Later((0, "func"), each=1),
    "run_in_executor": _AFTER_ONE,
    "start_soon": _AT_ONCE,
    "submit": _AT_ONCE,
}
"""Methods of event loops and pools that defer a call, by name, whatever object they are called on."""


_DATAGRAM: Final[Value] = frozenset({Tuple((frozenset({Received("recvfrom")}), frozenset({Socket("SOCK_DGRAM")})))})
_HANDLERS: Final = {
    ("BaseRequestHandler", "request"): SOCKET | UNKNOWN,
    ("DatagramRequestHandler", "packet"): frozenset({Received("recvfrom")}),
    ("DatagramRequestHandler", "request"): _DATAGRAM,
    ("DatagramRequestHandler", "socket"): frozenset({Socket("SOCK_DGRAM")}),
    ("StreamRequestHandler", "connection"): SOCKET,
    ("StreamRequestHandler", "request"): SOCKET,
}
"""The attributes that socketserver sets in its request handlers."""


def call_later(interp: Interpreter, callee: Member, arguments: Arguments) -> None:
    """Pass arguments to a function of this file that is itself an argument, if the callee is known to call it later."""
    _publish_request(interp, callee, arguments)
    match callee:
        case Member(Module(module), name) if (how := _FUNCTIONS.get((module, name))) is not None:
            _pass_later(interp, how, arguments)
        # `Thread.__init__(self, target=f)` passes the instance itself, `super().__init__(target=f)` does not.
        case Member(Member(Module(module), name), "__init__") if (how := _FUNCTIONS.get((module, name))) is not None:
            _pass_later(interp, how, arguments[1:] if arguments and _is_instance(arguments[0].value) else arguments)
        case Member(_, name):
            call_method_later(interp, name, arguments)


def _publish_request(interp: Interpreter, server: Member, arguments: Arguments) -> None:
    """Publish the attribute `request` of the handler class that a server of socketserver is given."""
    protocol = _protocol(server)
    handler = _argument(arguments, (1, "RequestHandlerClass")) if protocol is not None else None
    for atom in handler.value if handler is not None else ():
        if isinstance(atom, Class):
            interp.summaries.publish("attributes", (atom.node, "request"), _DATAGRAM if protocol == "UDP" else SOCKET)


def _protocol(callee: Member) -> str | None:
    """The protocol of a class of socketserver's, "TCP" or "UDP"; None for anything else."""
    match callee:
        case Member(Module("socketserver" | "SocketServer"), name) if name.endswith(("TCPServer", "UDPServer")):
            return name[-len("TCPServer") : -len("Server")]
        case _:
            return None


def of_library(base: Atom, name: str) -> Value:
    """An attribute that an instance has from a base class of the standard library; empty for an unknown one."""
    match base, name:
        case Member() as server, "socket" if (protocol := _protocol(server)) is not None:
            return frozenset({Socket("SOCK_DGRAM" if protocol == "UDP" else "SOCK_STREAM")})
        case Member(Module("socketserver" | "SocketServer"), handler), _:
            return _HANDLERS.get((handler, name), NOTHING)
        case _:
            return NOTHING


def call_method_later(interp: Interpreter, name: str, arguments: Arguments) -> None:
    """As `call_later`, for a method of an unknown object, which is recognized by its name."""
    if (how := _METHODS.get(name)) is not None:
        _pass_later(interp, how, arguments)


def _pass_later(interp: Interpreter, how: Later, arguments: Arguments) -> None:
    """Pass the arguments of a call that defers another one (`how`) to the function that it is given."""
    function = _argument(arguments, how.function)
    if function is None:
        return
    if how is _SERVER:
        stream_api.publish_served(interp, function.value)
    node = function.node
    given = [Argument(node, value, None, "") for value in how.given]
    if how.rest is not None:
        given += [one for one in arguments[how.rest :] if one is not function]
    if how.each is not None:
        given += [one._replace(value=_items(interp, one.value)) for one in arguments[how.each :]]
    pairs = list(_pairs(interp, node, _argument(arguments, how.pairs)))
    for row in _rows(node, _argument(arguments, how.items)):
        deliver(interp, function.value, (*given, *row, *pairs))


def _argument(arguments: Arguments, place: tuple[int, str] | None) -> Argument | None:
    """The argument at an index or with a keyword; None if it is left out, or if there is no such `place`."""
    if place is None:
        return None
    index, keyword = place
    for position, one in enumerate(arguments):
        if one.keyword == keyword or (position == index and one.keyword is None and not one.star):
            return one
    return None


def _rows(node: cst.Arg, items: Argument | None) -> Iterator[list[Argument]]:
    """The positional arguments in a tuple, a list for each possible tuple; of any other value they are unknown."""
    if items is None or items.value == NONE:
        yield []
        return
    for atom in items.value:
        if isinstance(atom, Tuple):
            yield [Argument(node, item, None, "") for item in atom.items]
        else:
            # `Thread(target=f, args=rows[0])`: an unknown tuple may pass any value for any parameter.
            yield [Argument(node, UNKNOWN, None, "*")]


def _pairs(interp: Interpreter, node: cst.Arg, pairs: Argument | None) -> Iterator[Argument]:
    """The keyword arguments in a dict display."""
    for atom in pairs.value if pairs is not None else ():
        if isinstance(atom, Box) and isinstance(atom.node, cst.Dict):
            for one in atom.node.elements:
                key = one.key if isinstance(one, cst.DictElement) else None
                name = evaluated(key.value) if isinstance(key, cst.SimpleString) else None
                if isinstance(name, str):
                    yield Argument(node, containers.taken(interp, atom, const(name)), name, "")


def _items(interp: Interpreter, value: Value) -> Value:
    return join(*(containers.elements(interp, atom) for atom in value)) or UNKNOWN


def deliver(interp: Interpreter, function: Value, arguments: Arguments) -> None:
    """Call each function, class or partial object of the file in a value with these arguments."""
    for atom in function:
        match atom:
            case Function() | Lambda():
                pass_on(interp, atom, arguments)
            case Class(node):
                construct(interp, Instance(node), arguments)
            case Partial():
                deliver(interp, frozenset({atom.function}), completed(atom, arguments))
            case _:
                pass


def partial(interp: Interpreter, arguments: Arguments) -> Value:
    """The result of functools.partial(), which will be called with at least these arguments."""
    first, *rest = arguments
    # `partial(f, s)` may be called anywhere. Its own arguments are published to `f` here, the others at the call.
    deliver(interp, first.value, tuple(rest))
    given = tuple((one.node, one.value, one.keyword, one.star) for one in rest)
    return frozenset(Partial(atom, given) if _is_followed(atom) else Anything() for atom in first.value)


def _is_followed(atom: Atom) -> TypeGuard[Function | Lambda | Class | Partial | Member]:
    if isinstance(atom, Member):
        return isinstance(atom.owner, (Socket, File, TlsSocket)) or atom.owner == Module("socket")
    return isinstance(atom, (Function, Lambda, Class, Partial))


def completed(partial: Partial, arguments: Arguments) -> Arguments:
    """The arguments of a call of a partial object, after those stored in it."""
    return (*(Argument(*one) for one in partial.given), *arguments)


def construct(interp: Interpreter, instance: Instance, arguments: Arguments) -> None:
    """Make an instance: pass the arguments to `__init__`, and to base classes of socketserver."""
    for base in interp.hierarchy.foreign(instance.node):
        if isinstance(base, Member):
            _publish_request(interp, base, arguments)
    for atom in interp.summaries.read("attributes", (instance.node, "__init__")) or ():
        if isinstance(atom, Function):
            pass_on(interp, Function(atom.node, instance), arguments)


def pass_on(interp: Interpreter, callee: Function | Lambda, arguments: Arguments) -> None:
    """Publish the arguments of a call as possible values of the function's parameters."""
    # A module whose own statements call its functions is a program. `functions` are those of other files.
    is_own = callee.node not in interp.summaries.functions
    interp.hierarchy.is_program |= is_own and interp.summaries.body is interp.summaries.root
    found = given(callee, arguments)
    # A parameter that is left out has its default. For calls outside the file `definitions` adds the default, too.
    if isinstance(callee, Function) and not interp.is_called_from_outside(callee.node):
        found = interp.default_values.get(callee.node, {}) | found
    for name, value in found.items():
        interp.summaries.publish("parameters", (callee.node, name), value)


def given(callee: Function | Lambda, arguments: Arguments) -> dict[str, Value]:
    """The values of parameters for these arguments. A parameter that a starred argument may bind is unknown."""
    params = callee.node.params
    names = [one.name.value for one in (*params.posonly_params, *params.params)]
    # The first parameter of a method is the instance or the class, which is not among the arguments.
    positional = names[1:] if isinstance(callee, Function) and _is_bound(callee) else names
    unknown: list[str] = []
    given: dict[str, Value] = {}
    for index, argument in enumerate(arguments):
        # It is unknown how many parameters a starred argument binds, so the remaining ones may be anything.
        if argument.star:
            unknown += positional[index:] if argument.star == "*" else positional
            unknown += [one.name.value for one in params.kwonly_params] if argument.star == "**" else ()
        elif argument.keyword is not None:
            given[argument.keyword] = argument.value
        elif index < len(positional) and not unknown:
            given[positional[index]] = argument.value
    return dict.fromkeys(unknown, UNKNOWN) | given


def _is_bound(callee: Function) -> bool:
    """True if a method gets the instance, or the class when it is called on the class."""
    owner = callee.owner
    return isinstance(owner, Instance) or (owner is not None and _is_of_class(callee.node))


def _is_of_class(node: cst.FunctionDef) -> bool:
    return any(isinstance(one.decorator, cst.Name) and one.decorator.value == "classmethod" for one in node.decorators)


def _is_instance(value: Value) -> bool:
    return any(isinstance(atom, Instance) for atom in value)

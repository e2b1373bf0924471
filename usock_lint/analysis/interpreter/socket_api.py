"""The socket API: the results of its calls, and the transitions that they make in a socket's typestate."""

from __future__ import annotations

from typing import Final

import libcst as cst

from usock_lint.analysis import references
from usock_lint.analysis.domain import builtin_types, device, hosts, typestate
from usock_lint.analysis.domain.operations import (
    FALSE,
    NO_CELLS,
    NONE,
    SOCKET,
    TRUE,
    UNKNOWN,
    atoms,
    const,
    constant,
    constants,
    join,
    on,
    without_sites,
)
from usock_lint.analysis.domain.values import (
    AddrInfos,
    Anything,
    Atom,
    Box,
    Cells,
    Descriptor,
    File,
    Items,
    Member,
    Module,
    NoData,
    Object,
    Received,
    SockAddr,
    Socket,
    TlsSocket,
    Tuple,
    Value,
)
from usock_lint.analysis.interpreter import containers, passing
from usock_lint.analysis.interpreter.core import Interpreter
from usock_lint.analysis.uses import AfterError, Argument, Call, PlainPolled

Arguments = tuple[Argument, ...]

READING: Final = frozenset("read readexactly readinto readline recv recv_into recvfrom".split())
"""Methods that read from a connection."""

_MODULE: Final[Value] = frozenset({Module("socket")})
_GETADDRINFO: Final[Value] = frozenset({Member(Module("socket"), "getaddrinfo")})


def called(
    interp: Interpreter, node: cst.Call, owner: Atom, name: str, arguments: Arguments, cells: Cells, *, sole: bool
) -> Value:
    """Record a call of a function of the socket module or of a method of a tracked value; return its result.

    `sole` tells that the callee can be nothing else, `cells` are the configurations on which it is this one.
    """
    # If the callee is one of several values, this socket may not be the one that is used: its state is not recorded.
    state = typestate.state_of(interp.state.scope, owner) if interp.state.certain else typestate.UNTRACKED
    interp.recorder.note(
        Call(interp.recorder.site(cells), node, owner, name, arguments, _getaddrinfo(interp), sole, state)
    )
    interp.reads_streams |= name in READING and not isinstance(owner, Module)
    if isinstance(owner, Received) and name == "decode" and sole:
        interp.recorder.note_decoded(node, frozenset({owner}), arguments, 1)
    value = returned(node, owner, name, arguments, cells)
    # A non-blocking socket: some ports return None instead of raising an OSError.
    if state.timeout == const(0) and (without := device.returning_none(owner, name, cells)):
        value |= on(without, frozenset({NoData(name)}))
    # `s.setsockopt(SOL_SOCKET, 20, on_data)` registers a callback, which is called with the socket.
    if isinstance(owner, Socket) and name == "setsockopt" and len(arguments) == 3:
        itself = Argument(arguments[2].node, without_sites(frozenset({owner})), None, "")
        passing.deliver(interp, arguments[2].value, (itself,))
    if isinstance(owner, TlsSocket) and name in typestate.SPENDING:
        spent = typestate.part(interp.state.scope, owner.made, "spent")
        if TRUE <= spent <= TRUE | FALSE:
            interp.recorder.note(AfterError(interp.recorder.site(cells), node, name))
    sure = interp.state.certain and not interp.state.optional
    values = [argument.value for argument in arguments]
    # Where the host is refused, nothing has been done to the socket when `connect` raises.
    refused = hosts.refusing(name, values[0], cells) if name == "connect" and len(values) == 1 else NO_CELLS
    failing = on(cells - refused, TRUE) if refused else TRUE
    typestate.transition(interp.state.scope, owner, name, values, sure=sure, failing=failing)
    accepted = name == "accept" and isinstance(owner, Socket)
    if accepted or (name == "socket" and owner == Module("socket")):
        interp.state.made[node] = interp.recorder.site(cells)
        interp.leaks.on_remake(node)
        in_loop = any(isinstance(one, (cst.For, cst.While)) for one in interp.state.made[node].path)
        listener = state if accepted else None
        # The file sets no timeout anywhere, so a listener of unknown origin has none either.
        if listener is not None and listener.timeout == UNKNOWN and not references.sets_timeouts(interp.module):
            listener = listener._replace(timeout=NONE)
        typestate.begin(interp.state.scope, node, listener=listener, sure=sure, in_loop=in_loop)
    return value


def polled(
    interp: Interpreter, node: cst.Call, owner: Box, name: str, arguments: Arguments, cells: Cells, *, sole: bool
) -> None:
    """Record a call of a method of a poll object."""
    interp.recorder.note(
        Call(interp.recorder.site(cells), node, owner, name, arguments, None, sole, typestate.UNTRACKED)
    )


def wait_for(interp: Interpreter, waited: Arguments, events: Arguments, cells: Cells) -> None:
    """Record plain sockets that are polled although TLS wraps them: polling misses data that TLS has decrypted."""
    for argument in waited if waits_for_data(events) else ():
        value = join(*(containers.taken(interp, atom) or frozenset({atom}) for atom in argument.value))
        for atom, both in atoms(value, cells):
            if isinstance(atom, Socket) and typestate.is_wrapped(typestate.state_of(interp.state.scope, atom)):
                interp.recorder.note(PlainPolled(interp.recorder.site(both), argument.node.value))


def waits_for_data(events: Arguments) -> bool:
    """True if a poll object that is given these events may wait for data."""
    return not events or events[0].value != frozenset({Member(Module("select"), "POLLOUT")})


def returned(node: cst.Call, owner: Atom, name: str, arguments: Arguments, cells: Cells) -> Value:
    """The result of a function of the socket module, or of a method of a socket, its file or received bytes."""
    match owner, name:
        case Module(), "socket":
            return _made(node, arguments, cells)
        case Module(), ("create_connection" | "create_server" | "fromfd"):
            return SOCKET  # MicroPython lacks these functions; code for CPython uses them
        case Module(), "socketpair":
            return frozenset({Tuple((SOCKET, SOCKET))})
        case Module(), "getaddrinfo":
            return _resolved(arguments, cells)
        case Socket(), "accept":
            return frozenset({Tuple((frozenset({Socket(made=node)}), frozenset({SockAddr("accept")})))})
        case TlsSocket(), "accept":
            # MicroPython's TLS sockets lack the method; code for CPython uses the result.
            return frozenset({Tuple((frozenset({TlsSocket()}), frozenset({SockAddr("accept")})))})
        case Socket(), "recvfrom":
            return frozenset({Tuple((frozenset({Received(name)}), frozenset({SockAddr("recvfrom")})))})
        case Socket(), "makefile":
            return _file(owner, arguments, cells)
        case File(), ("read" | "readline"):
            bytes_there = device.reading_bytes(owner, cells)
            return join(on(bytes_there, frozenset({Received(name)})), on(cells - bytes_there, UNKNOWN))
        case Object("asyncio", "StreamReader"), "read" if len(arguments) == 1:
            return frozenset({Received(name, _size(arguments, cells))})
        case Object("asyncio", "StreamReader"), ("read" | "readline" | "readexactly"):
            return frozenset({Received(name)})
        case Socket("SOCK_STREAM"), "recv" if len(arguments) == 1:
            return frozenset({Received(name, once=_size(arguments, cells))})
        case ((Socket() | TlsSocket()), ("recv" | "read" | "readline")):
            return frozenset({Received(name)})
        case ((Socket() | TlsSocket()), "fileno"):
            return frozenset({Descriptor()})
        # `data.strip()` is received data too, but not of the requested length.
        case Received(), ("strip" | "rstrip" | "lstrip" | "lower" | "upper"):
            return frozenset({Received(owner.method)})
        case Received(), ("split" | "rsplit" | "splitlines"):
            return frozenset({Items(frozenset({Received(owner.method)}), "list")})
        case Received(), ("partition" | "rpartition"):
            return frozenset({Items(frozenset({Received(owner.method)}), "tuple")})
        case Received(), _:
            return builtin_types.result_of(Member(owner, name))
        case _:
            return UNKNOWN


def _size(arguments: Arguments, cells: Cells) -> int | None:
    """The number of bytes requested from a method, if it is known."""
    sizes = {constant(atom) for atom, _ in atoms(arguments[0].value, cells)}
    size = sizes.pop() if len(sizes) == 1 else None
    return size if type(size) is int and size > 0 else None


def _made(node: cst.Call, arguments: Arguments, cells: Cells) -> Value:
    """The socket that the constructor makes of its arguments.

    Keyword arguments count, too: they raise TypeError on boards, which a check reports, but they say what is meant.
    """
    # `socket(*args)`: family and type are unknown, but this call made it.
    if any(one.star for one in arguments):
        return frozenset({Socket(None, None, node)})
    given = [_names(one.value, cells) for one in arguments if one.keyword is None]
    named = {one.keyword: _names(one.value, cells) for one in arguments if one.keyword is not None}
    # Without arguments every port makes a stream socket for IPv4.
    defaults = [named.get("family", ["AF_INET"]), named.get("type", ["SOCK_STREAM"])]
    families, types = (*given, *defaults[len(given) :])[:2]
    return frozenset(Socket(kind, family, node) for family in families for kind in types)


def _resolved(arguments: Arguments, cells: Cells) -> Value:
    """The list that getaddrinfo() returns for these arguments."""
    if any(one.star for one in arguments):
        return frozenset({AddrInfos(None, None)})
    given = [_names(one.value, cells) for one in arguments if one.keyword is None][2:4]
    # An argument that is left out is 0, which asks for every family or type.
    families, types = (*given, *([[""], [""]][len(given) :]))
    host = constant(next(iter(arguments[0].value))) if arguments and len(arguments[0].value) == 1 else None
    known = _family(host) if isinstance(host, str) else ""
    ports = [number for one in arguments[1:2] for number, _ in constants(one.value, int, cells)]
    port = ports[0] if len(ports) == 1 and len(arguments[1].value) == 1 else None
    return frozenset(AddrInfos(known if asked == "" else asked, kind, port) for asked in families for kind in types)


def _family(host: str) -> str:
    """The family of the result for a numeric host, whatever family is requested; "" for a name."""
    return "AF_INET6" if ":" in host else "AF_INET" if host and not host.strip("0123456789.") else ""


def _file(owner: Socket, arguments: Arguments, cells: Cells) -> Value:
    modes = arguments[0].value if arguments else UNKNOWN
    texts = [constant(atom) for atom, _ in atoms(modes, cells)]
    # The file has the allocation site of its socket: closing either is a transition of the same typestate.
    return frozenset({File(all(isinstance(text, str) and "b" in text for text in texts), owner.made)})


def _names(value: Value, cells: Cells) -> list[str | None]:
    """The names of the constants that a value may be: "" for 0, None for an unknown value."""
    found = [atom for atom, _ in atoms(value, cells)] or [Anything()]
    return [atom.name if isinstance(atom, Member) else "" if constant(atom) == 0 else None for atom in found]


def _getaddrinfo(interp: Interpreter) -> str | None:
    """The expression for getaddrinfo in this scope, such as `socket.getaddrinfo`; None if it was not imported."""
    if module := interp.env.spelling(_MODULE):
        return f"{module}.getaddrinfo"
    if "socket" in interp.state.scope.starred() and interp.state.scope.lookup("getaddrinfo") is None:
        return "getaddrinfo"
    return interp.env.spelling(_GETADDRINFO)

"""The typestate of sockets along one path: bound, listening, closed, timeout, whether connect() failed.

A typestate belongs to an allocation site (`Made`), in most cases the call that made the socket. Its parts stand in the
environment under `StateOf` keys, so where paths join, states are joined as values are. A call of a method is a
transition. A socket that goes to other code escapes: that code may do anything to it, so its state is unknown from then
on.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import libcst as cst

from usock_lint.analysis.domain.environment import Names, Scope
from usock_lint.analysis.domain.keys import Key, StateOf, Var
from usock_lint.analysis.domain.operations import (
    FALSE,
    NO_CONSTANT,
    NONE,
    TRUE,
    UNKNOWN,
    const,
    constant,
    join,
    unconditional,
    without_sites,
)
from usock_lint.analysis.domain.values import (
    Anything,
    Atom,
    File,
    Made,
    Member,
    Module,
    Object,
    On,
    Socket,
    TlsSocket,
    Tuple,
    Value,
)
from usock_lint.syntax.nodes import kept_per_node


class Lifecycle(NamedTuple):
    """The state of a socket before a call. Each part is a value: the constants that it may be, or unknown.

    `bound`, `listening`: `bind` or `listen` was called. `closed` is False, or "socket" or "file", the object that was
    closed. `timeout` is None, or the seconds, 0 for a non-blocking socket. `reusing`: SO_REUSEADDR is set. `failed`:
    the last `connect` raised; "waiting" if it did not wait for the connection. `connected`: `connect` was called, or
    the socket was accepted. `spent_in_loop`: the loop around closes it, so each turn but the first finds it closed.
    `wrapped` is the call of `wrap_socket` that made a TLS socket of it, False if there was none. `polled`: a poll
    object waits for its data.

    `inherited` tells which timeout an accepted socket may have from its listener, as ports differ in whether it has. It
    is the timeout of the listener, or "nothing" if the listener has none; "read" once the socket has been read from;
    None for a socket that was not accepted, or that has been given a timeout of its own.
    """

    bound: Value
    listening: Value
    closed: Value
    timeout: Value
    reusing: Value
    failed: Value = FALSE
    inherited: Value = NONE
    connected: Value = FALSE
    spent_in_loop: Value = FALSE
    wrapped: Value = FALSE
    polled: Value = FALSE


UNTRACKED: Final = Lifecycle(*[UNKNOWN] * len(Lifecycle._fields))
"""The state of a socket that this function did not make."""


FOUND: Final = UNTRACKED._replace(failed=FALSE, spent_in_loop=FALSE)
"""The state of a socket that this function did not make and that is followed from here on.

Of failures of `connect`, and of loops that close the socket, those in this function alone count.
"""


class Connection(NamedTuple):
    """The state of a connection of asyncio, whose two ends are one stream.

    `closed` is False, "closing" after `close`, which does nothing on boards, and "stream" after `wait_closed`. `unsent`
    has the calls of `write` since the last `drain`: None before the first `write`, False after `drain`.
    """

    closed: Value = FALSE
    unsent: Value = NONE


class Context(NamedTuple):
    """The state of an SSLContext: `mode` is the last value that `verify_mode` was set to, None before.

    `trusting`: certificates of authorities were loaded, by which a peer is verified. `certified`: a certificate of its
    own was loaded. `protocol` is the name of the constant that made it, None if that is unknown.
    """

    mode: Value = NONE
    trusting: Value = FALSE
    certified: Value = FALSE
    protocol: Value = NONE


class Encrypted(NamedTuple):
    """The state of a TLS socket: `spent` tells that a read or write has raised, after which each one raises.

    `timeout` is that of the plain socket underneath, as in `Lifecycle`.
    """

    spent: Value = FALSE
    timeout: Value = UNKNOWN


Typestate = Lifecycle | Connection | Context | Encrypted
"""The typestate of a socket, of a connection of asyncio, of a context of TLS, and of a TLS socket."""

TRIED: Final = "tried"
"""A part that only states in handlers have: a call on the socket may have failed while the socket was open."""

_PARTS: Final = tuple(
    dict.fromkeys((*Lifecycle._fields, *Connection._fields, *Context._fields, *Encrypted._fields, TRIED))
)


@kept_per_node
def _keys(made: Made) -> tuple[StateOf, ...]:
    """The keys of all parts of a state, those of `Lifecycle` first."""
    return tuple(StateOf(made, what) for what in _PARTS)


# States when a socket begins.
_NEW: Final = Lifecycle(FALSE, FALSE, FALSE, NONE, FALSE)
_ACCEPTED: Final = Lifecycle(UNKNOWN, FALSE, FALSE, UNKNOWN, FALSE, connected=TRUE)
_HOLDING: Final = frozenset({On, Tuple, Member, Socket, File, TlsSocket, Object})
"""The types of atoms in which `_sites` looks for sockets."""

LEFT_OPEN: Final = FALSE | const("closing")
"""The state of `closed` for a socket or a stream that is left open."""

_Followed = Socket | File | TlsSocket | Object

SPENDING: Final = frozenset({"read", "readinto", "readline", "write"})
"""The methods of a TLS socket that all raise once one of them has raised (`Encrypted.spent`).

`recv` and `send` do so, too. They are left out, because a handler around them may be meant for CPython, where they
raise an error if a non-blocking socket has to wait.
"""

_PRESENT: Final = ("closed", "mode", "spent")
"""Of each kind of state at least one part is here: a site has a state in a scope if it has one of these."""

_CLOSED: Final = const("socket")
_READ: Final = const("read")
_BLOCKING: Final = {TRUE: NONE, FALSE: const(0)}


def begin(
    scope: Scope, made: cst.Call, *, listener: Lifecycle | None = None, sure: bool = True, in_loop: bool = False
) -> None:
    """Begin the typestate of a socket that this call makes; if it is not `sure` to make one, nothing is known.

    `listener` is the state of the socket that has accepted it, if one has.
    """
    start = UNTRACKED if not sure else _accepted(listener) if listener is not None else _NEW
    follow(scope, made, start, in_loop=in_loop)


def follow(scope: Scope, made: Made, start: Typestate, *, in_loop: bool = False) -> None:
    """Begin a typestate at an allocation site; sockets made there before lose their site (recency abstraction).

    A scope can hold one made there before only in a loop, or if the call is evaluated again.
    """
    # A name may still hold the socket that this call made in an earlier turn, which is a different socket.
    if in_loop or made in scope.begun:
        held = [(name, value) for name, value in scope.names.items() if type(name) is not StateOf]
        scope.names |= {name: without_sites(value, made) for name, value in held}
    scope.begun.add(made)
    # No other function can reach the new socket yet.
    scope.within_reach.discard(made)
    scope.names.pop(StateOf(made, TRIED), None)
    for what, value in start._asdict().items():
        _put(scope, StateOf(made, what), value)


def _accepted(listener: Lifecycle) -> Lifecycle:
    """The typestate of an accepted socket. It has no timeout if the listener has none; else ports differ."""
    if listener.timeout == NONE:
        return _ACCEPTED._replace(timeout=NONE, inherited=const("nothing"))
    # Ports differ in whether an accepted socket inherits the listener's timeout, so the check decides about it.
    return _ACCEPTED._replace(inherited=listener.timeout)


def borrow(scope: Scope, made: Made, timeout: Value, inherited: Value) -> None:
    """Bind the typestate of a socket that exists when the current function begins: only this much is known of it."""
    scope.within_reach.add(made)
    start = FOUND._replace(timeout=timeout, inherited=inherited)
    for what, value in start._asdict().items():
        scope.names[StateOf(made, what)] = value


def drop(scope: Scope, is_needed: Callable[[Made], bool]) -> None:
    """Drop the typestates of sockets that no name of this scope holds, except those that are needed nevertheless.

    They would never be read, but copied at each branch and join.
    """
    held = {made for value in scope.names.values() for atom in value for made in _sites(atom)}
    states = [key for key in scope.names if isinstance(key, StateOf) and key.made not in held]
    dropped = {made for made in {key.made for key in states} if not is_needed(made)}
    for key in states:
        if key.made in dropped:
            del scope.names[key]


def state_of(scope: Scope, atom: Atom) -> Lifecycle:
    """The typestate of a socket, or of the one under a stream; all parts unknown if it has no allocation site.

    Of a TLS socket the timeout alone is known.
    """
    if isinstance(atom, TlsSocket):
        return UNTRACKED._replace(timeout=part(scope, atom.made, "timeout"))
    if not isinstance(atom, (Socket, File)) or atom.made is None:
        return UNTRACKED
    names = scope.names
    return Lifecycle(*[names.get(key, UNKNOWN) for key in _keys(atom.made)[: len(Lifecycle._fields)]])


def transition(
    scope: Scope, atom: Atom, method: str, arguments: list[Value], *, sure: bool = True, failing: Value = TRUE
) -> None:
    """Call a method of a socket or of its stream. Unless `sure`, perhaps it is not called: the old state is joined.

    `failing`: what tells, if this is `connect` and raises, that the connection has failed.
    """
    if not isinstance(atom, _Followed) or atom.made is None:
        return
    if isinstance(atom, TlsSocket):
        _use_encrypted(scope, atom.made, method)
    if method == "connect":
        _try_to_connect(scope, atom.made, failing)
    for what, value in _changes(atom, method, arguments):
        key = StateOf(atom.made, what)
        # A socket that was not accepted has inherited nothing (None), so a first read changes nothing.
        if key in scope.names and not (value == _READ and scope.names[key] == NONE):
            _put(scope, key, value if sure else join(scope.names[key], value))
        for wrapper in _wrappers(scope, atom.made) if what == "timeout" else ():
            _put(scope, wrapper, value if sure else join(scope.names[wrapper], value))


def _use_encrypted(scope: Scope, made: Made, method: str) -> None:
    """Mark a TLS socket as spent for the handlers around: if this method raises, so do all later reads and writes."""
    key = StateOf(made, "spent")
    if key in scope.names and method in SPENDING:
        _meanwhile(scope, key, TRUE)


def _try_to_connect(scope: Scope, made: Made, failing: Value) -> None:
    """Mark a socket as failed for the handlers around (`failing`): if this raises, the connection has failed.

    A connection that was not waited for may be in progress, or established by then.
    """
    key, timeout = StateOf(made, "failed"), scope.names.get(StateOf(made, "timeout"), UNKNOWN)
    if key in scope.names:
        waiting = const("waiting") if timeout == const(0) else UNKNOWN
        unknown = [atom for atom in timeout if isinstance(atom, Anything)]
        if unknown:
            # A socket of other functions is taken for a blocking one if nothing at all is known of its timeout.
            is_waited_for = len(unknown) == len(timeout) and made in scope.within_reach
        else:
            is_waited_for = timeout.isdisjoint(const(0))
        _meanwhile(scope, key, failing if is_waited_for else waiting)


def without_failures(names: Mapping[Key, Value]) -> dict[Key, Value]:
    """The names in a clause that no error of a socket leads to: no connect has just failed."""
    return {key: FALSE if _has_just_failed(key, value) else value for key, value in names.items()}


def _has_just_failed(key: Key, value: Value) -> bool:
    return isinstance(key, StateOf) and key.part == "failed" and value > FALSE


def wrap(scope: Scope, plain: Made, made: cst.Call) -> None:
    """Make a TLS socket of a plain one. It has the plain socket's timeout, and changes with it."""
    if (key := StateOf(plain, "wrapped")) in scope.names:
        _put(scope, key, const(made))


def is_wrapped(state: Lifecycle) -> bool:
    """True if a TLS socket was made of a plain one on each path that leads here."""
    return bool(state.wrapped) and all(isinstance(constant(atom), cst.Call) for atom in state.wrapped)


def poll(scope: Scope, value: Value, polled: Value) -> None:
    """Record that a poll object waits for the data of these sockets (`polled` is TRUE), or no longer does."""
    for made in _known_sites(scope, value):
        if (key := StateOf(made, "polled")) in scope.names:
            _put(scope, key, polled)


def _wrappers(scope: Scope, plain: Made) -> Iterator[StateOf]:
    """The keys of the timeouts of the TLS sockets that may have been made of a plain one."""
    for atom in scope.names.get(StateOf(plain, "wrapped"), ()):
        made = constant(atom)
        if isinstance(made, cst.Call) and (key := StateOf(made, "timeout")) in scope.names:
            yield key


def part(scope: Scope, made: Made | None, what: str) -> Value:
    """A part of the state of the socket or other object that was made at this site."""
    return scope.names.get(StateOf(made, what), UNKNOWN) if made is not None else UNKNOWN


def context(scope: Scope, made: Made | None) -> Context | None:
    """The state of a context of TLS; None where that is not known."""
    parts = [part(scope, made, what) for what in Context._fields]
    return Context(*parts) if all(UNKNOWN.isdisjoint(one) for one in parts) else None


def write(scope: Scope, made: Made, call: Value) -> None:
    """Add a call of `write` to those whose data a connection of asyncio has not sent yet."""
    key = StateOf(made, "unsent")
    if key in scope.names:
        before = scope.names[key]
        # What was drained (False) no longer counts once something new is written; what is not known stays so.
        _put(scope, key, join(before - FALSE, call) if UNKNOWN.isdisjoint(before) else UNKNOWN)


def _changes(atom: _Followed, method: str, arguments: list[Value]) -> Iterator[tuple[str, Value]]:
    """The parts of the typestate that a call of this method changes, with their new values."""
    match method, arguments:
        case "bind", _:
            yield "bound", TRUE
        case "listen", _:
            yield "listening", TRUE
        case "connect", _:
            yield "failed", FALSE
            yield "connected", TRUE
        case "connect_ex", _:
            yield "connected", TRUE
        # asyncio's `close` does nothing on boards, it is `wait_closed` that closes the stream (`Connection`).
        case "close", _ if isinstance(atom, Object):
            yield "closed", const("closing")
        case (("wait_closed" | "aclose"), _):
            yield "closed", const("stream")
        case (("drain" | "awrite" | "awritestr"), _):
            yield "unsent", FALSE
        case "verify_mode", [value]:
            yield "mode", value
        case "load_verify_locations", _:
            yield "trusting", TRUE
        case "load_cert_chain", _:
            yield "certified", TRUE
        case "close", _:
            yield "failed", FALSE
            yield TRIED, FALSE
            yield "closed", const("file" if isinstance(atom, File) else "socket")
        # The socket escapes: the program has its file descriptor.
        case "detach", _:
            yield TRIED, FALSE
            yield "closed", UNKNOWN
        case "settimeout", [value]:
            yield "timeout", _computed(value)
            yield "inherited", NONE
        case "setblocking", [value]:
            yield "timeout", _BLOCKING.get(_computed(value), UNKNOWN)
            yield "inherited", NONE
        case (("recv" | "read" | "readline" | "readinto"), _):
            yield "inherited", _READ
        case "setsockopt", [_, option, *_]:
            names = [one.name for one in option if isinstance(one, Member) and one.owner == Module("socket")]
            # An option that is not known may be SO_REUSEADDR.
            if len(names) < len(option) or "SO_REUSEADDR" in names:
                yield "reusing", TRUE if names == ["SO_REUSEADDR"] else UNKNOWN
        case _:
            return


def lost(scope: Scope, names: Names) -> dict[Made, Value]:
    """The allocation sites whose sockets only these names of a scope hold, each with the value of `closed`."""
    held_directly: dict[Made, bool] = {}
    for value in names.values():
        for atom in value if not _HOLDING.isdisjoint(map(type, value)) else ():
            for made in _sites(atom):
                if made is not None:
                    # A socket in a tuple or a bound method may be used through these, which is not tracked.
                    is_direct = isinstance(unconditional(atom), _Followed)
                    held_directly[made] = is_direct and held_directly.get(made, True)
    closed = {made: closing(names, made) for made, is_direct in held_directly.items() if is_direct}
    within_reach = {made for made in scope.within_reach if not _is_still_local(names, made)}
    return {made: UNKNOWN if made in within_reach else value for made, value in closed.items() if value is not None}


def _is_still_local(names: Names, made: Made) -> bool:
    """True if no other function could reach a socket when a call on it failed.

    In a handler the scope's `within_reach` may have it from a statement of the `try` body behind that call.
    """
    return names.get(StateOf(made, TRIED)) == TRUE and all(isinstance(one, Var) for one in keys_holding(names, made))


def closing(names: Names, made: Made) -> Value | None:
    """The part `closed` of a socket; False if one of the errors that may lead here left the socket open."""
    closed = names.get(StateOf(made, "closed"))
    return FALSE if closed is not None and names.get(StateOf(made, TRIED)) == TRUE else closed


def keys_holding(names: Names, made: Made) -> list[Key]:
    """The keys whose value may be the socket of this allocation site."""
    return [key for key, value in names.items() if holds(value, made)]


def holds(value: Value, made: Made) -> bool:
    """True if a value may be the socket of this allocation site, or have it in it."""
    return not _HOLDING.isdisjoint(map(type, value)) and any(made in _sites(atom) for atom in value)


def without(names: Names, made: Container[Made]) -> Names:
    """The names without the states of the sockets of these allocation sites."""
    return {key: value for key, value in names.items() if not (isinstance(key, StateOf) and key.made in made)}


def spent_in_loop(scope: Scope, end: Names) -> Names:
    """The parts `spent_in_loop` for the next turn of a loop, at the end of whose body the names are `end`."""
    found: Names = {}
    for key, value in end.items():
        if isinstance(key, StateOf) and key.part == "closed" and value == _CLOSED:
            held = [end[one] for one in keys_holding(end, key.made)]
            # Each path closes the socket, and no name that holds it may hold another one: the next turn would use a
            # closed socket. If no name holds it, an outer name may, and have been assigned another socket.
            if all(len(one) == 1 for one in held) and (held or not scope.outside):
                found[StateOf(key.made, "spent_in_loop")] = TRUE
    return found


def give_up(scope: Scope) -> None:
    """Forget which sockets are open, because the program is about to end and it does not matter."""
    scope.names = perhaps_closed(scope.names)


def perhaps_closed(names: Names) -> Names:
    """The names after code that may have closed any of their sockets, also those that were open when a call failed."""
    closed = {key: UNKNOWN for key in names if isinstance(key, StateOf) and key.part == "closed"}
    return {key: value for key, value in (names | closed).items() if not (type(key) is StateOf and key.part == TRIED)}


def unmake(names: Names, made: Made) -> None:
    """Remove the state of this site: on this path the call has not made a socket."""
    for key in _keys(made):
        names.pop(key, None)


def _sites(atom: Atom) -> Sequence[Made | None]:
    """The allocation sites of the sockets in an atom, None for a socket without one."""
    if isinstance(atom, On):
        return _sites(atom.atom)
    if isinstance(atom, (Socket, File, TlsSocket, Object)):
        return (atom.made,)
    if isinstance(atom, Tuple):
        return [made for item in atom.items for one in item for made in _sites(one)]
    return _sites(atom.owner) if isinstance(atom, Member) else ()


def _known_sites(scope: Scope, value: Value) -> Iterator[Made]:
    """The allocation sites of the sockets in a value, those with a state in this scope."""
    for atom in value:
        if type(atom) in _HOLDING:
            for made in _sites(atom):
                if made is not None and any(StateOf(made, what) in scope.names for what in _PRESENT):
                    yield made


def forget(scope: Scope, value: Value) -> None:
    """Let sockets escape: other code may have them from here on, so their typestate becomes unknown."""
    for made in _known_sites(scope, value):
        _forget(scope, made)
    # The other code may be a function of this file, so what is known must not outlast a call of one.
    if scope.shared:
        share(scope, value)


def share(scope: Scope, value: Value) -> None:
    """Mark sockets as reachable by other functions of the file."""
    scope.within_reach.update(_known_sites(scope, value))


def forget_within_reach(scope: Scope) -> None:
    """Forget sockets that other functions can reach: the called function may have done anything to them."""
    for made in scope.within_reach:
        _forget(scope, made)


def _forget(scope: Scope, made: Made) -> None:
    for key in _wrappers(scope, made):
        _put(scope, key, UNKNOWN)
    for key in _keys(made):
        if key in scope.names:
            _put(scope, key, UNKNOWN)


def examine(scope: Scope) -> None:
    """Forget that connects failed where the program tests an errno, which may tell it the state of the connection."""
    for name in scope.names:
        if isinstance(name, StateOf) and name.part == "failed":
            _put(scope, name, UNKNOWN)


def forget_seen(scope: Scope, seen: Callable[[], frozenset[str]]) -> None:
    """Forget the sockets that a function of the file can reach: it may run, and do anything to them.

    `seen` returns the names that such functions see.
    """
    if scope.shared and (made := {key.made for key in scope.names if isinstance(key, StateOf)}):
        known = seen()
        for one in made:
            if not _is_hidden(scope, one, known):
                _forget(scope, one)


def _is_hidden(scope: Scope, made: Made, seen: frozenset[str]) -> bool:
    """True if the socket of this allocation site is held only by names that no other function sees."""
    names = () if made in scope.within_reach else keys_holding(scope.names, made)
    # A socket that no name holds may be anywhere, so it counts as seen.
    return bool(names) and all(isinstance(name, Var) and name not in seen for name in names)


def _computed(value: Value) -> Value:
    """A value that is one constant, as a `Const` even if it is written as a literal; unknown for other values."""
    found = [constant(atom) for atom in value]
    return const(found[0]) if len(found) == 1 and found[0] is not NO_CONSTANT else UNKNOWN


def _put(scope: Scope, key: StateOf, value: Value) -> None:
    scope.names[key] = value
    _meanwhile(scope, key, value)


def _meanwhile(scope: Scope, key: StateOf, value: Value) -> None:
    """Join a state into those that the handlers around may see: any statement of a try body may raise."""
    for meanwhile in scope.trials:
        meanwhile[key] = join(meanwhile.get(key, frozenset()), value)

"""What has become of a socket along one path: bound, listening, closed, how long it waits.

A state belongs to the call that made the socket, and is kept among the names of the scope that call stands in: where
paths meet, states are joined as values are. What is handed to other code may be changed there, and is forgotten.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import libcst as cst

from usock_lint.model.atoms import Atom, File, Member, Module, Socket, Value
from usock_lint.model.scopes import Names, Scope
from usock_lint.model.values import FALSE, NO_CONSTANT, NONE, TRUE, UNKNOWN, const, constant


class Lifecycle(NamedTuple):
    """The state of a socket before a call; what is not known is unknown.

    `closed` is False, "socket" or "file", after what was closed; `timeout` is None, or seconds, 0 for non-blocking;
    `reusing` tells that SO_REUSEADDR was set.
    """

    bound: Value
    listening: Value
    closed: Value
    timeout: Value
    reusing: Value


UNTOLD: Final = Lifecycle(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN)
"""The state of a socket that came from elsewhere."""

_NEW: Final = Lifecycle(FALSE, FALSE, FALSE, NONE, FALSE)
_ACCEPTED: Final = Lifecycle(UNKNOWN, FALSE, FALSE, UNKNOWN, FALSE)
_BLOCKING: Final = {TRUE: NONE, FALSE: const(0), const(1): NONE, const(0): const(0)}


def begin(scope: Scope, made: cst.Call, *, accepted: bool = False) -> None:
    """A socket is made by this call."""
    for what, value in (_ACCEPTED if accepted else _NEW)._asdict().items():
        scope.names[_key(made, what)] = value


def look(scope: Scope, atom: Atom) -> Lifecycle:
    """The state of a socket, or of the one under a stream."""
    if not isinstance(atom, Socket | File) or atom.made is None:
        return UNTOLD
    made = atom.made
    return Lifecycle(*(scope.names.get(_key(made, what), UNKNOWN) for what in Lifecycle._fields))


def happen(scope: Scope, atom: Atom, method: str, arguments: list[Value]) -> None:
    """This method of a socket, or of a stream made from it, was called."""
    if not isinstance(atom, Socket | File) or atom.made is None:
        return
    match method, arguments:
        case "bind", _:
            _set(scope.names, atom.made, "bound", TRUE)
        case "listen", _:
            _set(scope.names, atom.made, "listening", TRUE)
        case "close", _:
            _set(scope.names, atom.made, "closed", const("file" if isinstance(atom, File) else "socket"))
        case "settimeout", [value]:
            _set(scope.names, atom.made, "timeout", value)
        case "setblocking", [value]:
            _set(scope.names, atom.made, "timeout", _BLOCKING.get(_plain(value), UNKNOWN))
        case "setsockopt", [_, option, _]:
            if Member(Module("socket"), "SO_REUSEADDR") in option:
                _set(scope.names, atom.made, "reusing", TRUE)
        case _:
            pass


def forget(scope: Scope, value: Value) -> None:
    """These sockets are in other hands now."""
    for atom in value:
        if isinstance(atom, Socket | File) and atom.made is not None and _key(atom.made, "closed") in scope.names:
            for what in Lifecycle._fields:
                scope.names[_key(atom.made, what)] = UNKNOWN


def forget_all(scope: Scope) -> None:
    """A function of the file runs, which may reach every name here."""
    if scope.parent is not None and not scope.shared:
        return
    for name in scope.names:
        if name.startswith("#"):
            scope.names[name] = UNKNOWN


def _plain(value: Value) -> Value:
    """The constant that a value is, however it is written."""
    found = [constant(atom) for atom in value]
    return const(found[0]) if len(found) == 1 and found[0] is not NO_CONSTANT else UNKNOWN


def _set(names: Names, made: cst.Call, what: str, value: Value) -> None:
    if _key(made, what) in names:
        names[_key(made, what)] = value


def _key(made: cst.Call, what: str) -> str:
    return f"#{id(made)} {what}"

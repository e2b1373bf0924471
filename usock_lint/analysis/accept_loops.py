"""Exceptions that a single client can cause and that end an accept loop.

An exception propagates from the expression that raises it, through the try statements around it and to the callers of
the function, until a handler catches it. The loop ends if that handler is outside of the loop.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import libcst as cst

from usock_lint.analysis import handlers, heuristics
from usock_lint.analysis.call_paths import CallPaths, Try, functions
from usock_lint.analysis.decoding import ERROR
from usock_lint.analysis.domain.values import Atom, File, Socket, TlsSocket, Value
from usock_lint.analysis.unchecked_ends import Unchecked, unchecked
from usock_lint.analysis.uses import AnyUse, Call, ClientError, Decoded, Wrapped
from usock_lint.fast_dataclasses import replace
from usock_lint.syntax.nodes import statements_around, within

_FAILING: Final = frozenset("read readinto readline recv send sendall write".split())
"""Methods of a connection that raise OSError once the other side has reset it."""

_READING: Final = frozenset("read readline recv".split())


class AcceptLoops:
    """The accept loops of a file. `callees` has the value of each call's callee, `uses` the uses in the file."""

    def __init__(self, module: cst.Module, uses: Sequence[AnyUse], callees: Mapping[cst.Call, Value]) -> None:
        self._callees, self._paths = callees, CallPaths(module, callees)
        self._calls = [
            use for use in uses if isinstance(use, Call) and isinstance(use.owner, (Socket, File, TlsSocket))
        ]
        self._handshakes = [use for use in uses if isinstance(use, Wrapped) and _is_of_client(use.owner)]
        self._decoded = [use for use in uses if isinstance(use, Decoded)]
        self._loops: set[cst.CSTNode] = set()
        for use in self._calls:
            if use.name == "accept":
                self._loops.update(self._around(use.node, frozenset()))

    def errors(self) -> Iterator[ClientError]:
        """For each loop the first exception that ends it: of the connection, for an empty request, or of decoding."""
        reported: set[cst.CSTNode] = set()
        of_clients = [use for use in self._calls if use.name in _FAILING and _is_of_client(use.owner)]
        for use in (*self._handshakes, *of_clients) if self._loops else ():
            if self._ends_another(use.node, "OSError", reported):
                name = use.name if isinstance(use, Call) else "wrap_socket"
                yield ClientError(use.site, use.node, name, "OSError")
        for use, found in self._unchecked(of_clients):
            if self._ends_another(found.node, found.raises, reported):
                yield ClientError(use.site, found.node, use.name, found.raises)
        for decoded in self._decoded if self._serves_only() else ():
            if self._ends_another(decoded.node, ERROR, reported):
                yield ClientError(decoded.site, decoded.node, "decode", ERROR)

    def _ends_another(self, node: cst.CSTNode, raises: str, reported: set[cst.CSTNode]) -> bool:
        """True if this exception ends a loop that is not reported yet. The first of them is reported from here on."""
        loop = next((one for one in self._ended(node, raises) if one not in reported), None)
        if loop is not None:
            reported.add(loop)
        return loop is not None

    def _serves_only(self) -> bool:
        """True if each connection that the file reads from may be a client's, so that decoded data is, too."""
        return bool(self._loops) and all(_is_of_client(use.owner) for use in self._calls if use.name in _READING)

    def _unchecked(self, uses: Sequence[Call]) -> Iterator[tuple[Call, Unchecked]]:
        for use in uses if self._loops else ():
            if use.name in _READING:
                for one in unchecked(use.node, self._paths.parents):
                    around = statements_around(one.node, self._paths.parents)
                    yield replace(use, site=replace(use.site, path=around)), one

    def _around(self, node: cst.CSTNode, seen: frozenset[cst.CSTNode]) -> Iterator[cst.CSTNode]:
        """The `while` loops around a node, also around the calls of its function."""
        for one in self._paths.above(node):
            if isinstance(one, cst.While):
                yield one
            elif isinstance(one, cst.FunctionDef):
                # `seen` ends the recursion in functions that call each other.
                for call in self._paths.callers.get(one, []) if one not in seen else ():
                    yield from self._around(call, seen | {one})
                return

    def _ended(self, node: cst.CSTNode, raises: str) -> Iterator[cst.CSTNode]:
        """The innermost accept loops that this exception of this node ends, and that are not restarted."""
        return self._ways_out(node, raises, None, frozenset())

    def _ways_out(
        self, node: cst.CSTNode, raises: str, ended: cst.CSTNode | None, seen: frozenset[cst.CSTNode]
    ) -> Iterator[cst.CSTNode]:
        """The loop that the exception ends on each of its ways up. `ended` is that which it has left already, if any.

        `seen` are the functions that it has left, which ends the recursion in functions that call each other.
        """
        part = node
        for one in self._paths.above(node):
            # Handlers guard the body of a try statement only, not its other clauses.
            if isinstance(one, Try) and part is one.body:
                for handler in one.handlers:
                    if handlers.catches(handler, raises) and not handlers.ends_in_raise(handler):
                        # Caught outside of the loop, and the loop is not entered again: the server has stopped.
                        if ended is not None and not self._restarts(one, handler):
                            yield ended
                        return
            # The innermost accept loop is the one that the exception ends first.
            elif ended is None and one in self._loops:
                ended = one
            elif isinstance(one, cst.FunctionDef):
                calls = self._paths.callers.get(one, [])
                raising = [call for call in calls if self._paths.propagates(one, call)]
                for call in raising if one not in seen else ():
                    yield from self._ways_out(call, raises, ended, seen | {one})
                # An exception that ends a task does not end the loop that has started the task.
                if raising or (calls and ended is None):
                    return
                break  # no known caller: nothing in the file catches the exception
            part = one
        if ended is not None:
            yield ended

    def _restarts(self, attempt: Try, handler: handlers.Handler) -> bool:
        """True if the server is restarted after an exception that was caught outside of its loop."""
        return self._paths.is_repeated(attempt) or any(map(self._may_restart, within(handler)))

    def _may_restart(self, node: cst.CSTNode) -> bool:
        """True if a call restarts the device, or runs code of this file."""
        if not isinstance(node, cst.Call):
            return False
        name = node.func.attr if isinstance(node.func, cst.Attribute) else node.func
        is_restart = isinstance(name, cst.Name) and name.value in heuristics.RESTARTING
        return is_restart or next(functions(self._callees.get(node, frozenset())), None) is not None


def _is_of_client(owner: Atom) -> bool:
    """True if a connection may be an accepted one: no other call in the file made it."""
    if isinstance(owner, TlsSocket):
        return True
    # A datagram socket has no connection that a client could reset.
    if not isinstance(owner, (Socket, File)) or (isinstance(owner, Socket) and owner.type != "SOCK_STREAM"):
        return False
    match owner.made:
        case cst.Call(func=cst.Attribute(attr=cst.Name(value="accept"))):
            return True
        case made:
            # Another call than `accept` made it, so it is the program's own. Without a call it came from elsewhere.
            return not isinstance(made, cst.Call)

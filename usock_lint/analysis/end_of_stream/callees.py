"""The callees of the calls in a file, as the interpreter found them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import libcst as cst

from usock_lint.analysis.domain.operations import constant, unconditional
from usock_lint.analysis.domain.values import (
    READER,
    Anything,
    Atom,
    Builtin,
    File,
    Function,
    Member,
    Module,
    Object,
    Socket,
    TlsSocket,
    Value,
)
from usock_lint.analysis.interpreter.socket_api import READING
from usock_lint.syntax.nodes import of_type

_WAITING: Final = frozenset({"wait_for", "wait_for_ms"})


class Callees:
    """The callees of calls. `ends` are the functions that end the program."""

    def __init__(self, found: Mapping[cst.Call, Value], ends: frozenset[Member]) -> None:
        self._found, self._ends = found, ends
        self._reading: dict[cst.FunctionDef, str | None] = {}

    def stream_method(self, call: cst.Call) -> str | None:
        """The method that is called, if it is a method of a connection."""
        names = [atom.name for atom in self._of(call) if isinstance(atom, Member) and _is_stream(atom.owner)]
        others = [atom for atom in self._of(call) if not isinstance(atom, (Member, Anything))]
        # `sock = None` at first, a socket later: a read is of the socket, so the None does not count.
        is_foreign = any(isinstance(atom, Member) and not _may_be_stream(atom.owner) for atom in self._of(call))
        return names[0] if names and not others and not is_foreign else None

    def function(self, call: cst.Call) -> Function | None:
        """The function of this file that is called, if the callee can be nothing else."""
        match self._of(call):
            case [Function() as one]:
                return one
            case _:
                return None

    def builtin(self, call: cst.Call) -> str | None:
        """The builtin that is called, if the callee can be nothing else."""
        match self._of(call):
            case [Builtin(name)]:
                return name
            case _:
                return None

    def is_of_module(self, call: cst.Call) -> bool:
        """True if a function of a module is called."""
        return any(isinstance(atom, Member) and isinstance(atom.owner, Module) for atom in self._of(call))

    def passes_on(self, call: cst.Call) -> bool:
        """True if a call returns the result of its first argument."""
        return any(atom.name in _WAITING for atom in self._of(call) if isinstance(atom, Member))

    def ends_program(self, call: cst.Call) -> bool:
        """True if the call may end the program."""
        return any(atom in self._ends for atom in self._of(call))

    def reads(self, node: cst.Call) -> str | None:
        """The method by which a call reads from a connection, itself or in functions of this file."""
        if (name := self.stream_method(node)) is not None:
            # Once the other side has closed, these return an empty result, or raise.
            return name if name in READING else None
        function = self.function(node)
        if function is None:
            return None
        if function.node not in self._reading:
            # None while the body is searched, so that the search ends in recursive functions.
            self._reading[function.node] = None
            inside = map(self.reads, of_type(function.node.body, cst.Call))
            self._reading[function.node] = next((one for one in inside if one is not None), None)
        return self._reading[function.node]

    def _of(self, call: cst.Call) -> list[Atom]:
        return [unconditional(atom) for atom in self._found.get(call, ())]


def _is_stream(owner: Atom) -> bool:
    if isinstance(owner, Socket):
        return owner.type == "SOCK_STREAM"
    return isinstance(owner, (File, TlsSocket)) or (isinstance(owner, Object) and owner.plain == READER)


def _may_be_stream(owner: Atom) -> bool:
    """True if this is a connection, or the None of a name that gets its connection later."""
    return _is_stream(owner) or constant(owner) is None

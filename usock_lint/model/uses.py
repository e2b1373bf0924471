"""What the model yields: each use of the socket API, with what is known of it and the guards in force."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from usock_lint import positions
from usock_lint.model.guards import Attempt, Handler, caught
from usock_lint.model.values import Cells, Value


@dataclass(frozen=True, slots=True)
class Site:
    """Where a use stands.

    `live` are the cells on which it can run at all, `path` the statements around it from the outermost in,
    `attempts` the bodies of try statements around it from the innermost out.
    """

    live: Cells
    module: cst.Module
    path: tuple[cst.CSTNode, ...]
    attempts: tuple[Attempt, ...]

    @property
    def newline(self) -> str:
        """A line end as the file has them, and the white space before this statement."""
        return self.module.default_newline + "".join(positions.indents(self.module, self.path))

    @property
    def alone(self) -> bool:
        """Whether the statement has a line of its own."""
        line = self.path[-2] if len(self.path) > 1 else None
        return isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1

    def code(self, node: cst.CSTNode) -> str:
        """The text of a node here, or of one that is to stand here."""
        return positions.code(self.module, node, self.path)


@dataclass(frozen=True, slots=True)
class Clause:
    """The except clause in which a name stands.

    `alone` tells that no other clause of the statement treats OSErrors in a way of its own, `missing` are the parts of
    the clause that MicroPython cannot evaluate.
    """

    handler: Handler
    alone: bool
    missing: set[cst.CSTNode]

    @property
    def has_oserror(self) -> bool:
        """Whether the clause names OSError beside others."""
        return "OSError" in caught(self.handler)


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a call: `keyword` is None for a positional one, `star` is "", "*" or "**"."""

    node: cst.Arg
    value: Value
    keyword: str | None
    star: str


@dataclass(frozen=True, slots=True)
class Use:
    """What every use has."""

    site: Site


@dataclass(frozen=True, slots=True)
class ModuleName(Use):
    """A name of the socket module: `socket.timeout`, or `timeout` after `from socket import *`.

    `stored` tells an assignment to it, `call` is the call of it, if it is called, `module` how the module is written.
    """

    node: cst.Attribute | cst.Name
    name: str
    clause: Clause | None
    stored: bool = False
    call: cst.Call | None = None
    module: str | None = None


@dataclass(frozen=True, slots=True)
class ImportedName(Use):
    """A name imported from the socket module."""

    node: cst.ImportAlias
    statement: cst.ImportFrom
    name: str


@dataclass(frozen=True, slots=True)
class BuiltinName(Use):
    """A name that only the builtins could supply, in a file that imports sockets."""

    node: cst.Name
    name: str
    clause: Clause | None


@dataclass(frozen=True, slots=True)
class SocketMember(Use):
    """An attribute of a socket, called or not."""

    node: cst.Attribute
    name: str


@dataclass(frozen=True, slots=True)
class Call(Use):
    """A call of a function of the module (`on_socket` false) or of a method of a socket.

    `getaddrinfo` is how this place spells that function, None where it cannot.
    """

    node: cst.Call
    name: str
    on_socket: bool
    arguments: tuple[Argument, ...]
    getaddrinfo: str | None

    def argument(self, index: int, keyword: str) -> Argument | None:
        """The argument given at this index or by this keyword."""
        return self.positional(index) or next((one for one in self.arguments if one.keyword == keyword), None)

    def positional(self, index: int) -> Argument | None:
        """The positional argument at this index, None when there is none or a star comes before it."""
        plain = self.arguments[: index + 1]
        if len(plain) <= index or any(one.star or one.keyword for one in plain):
            return None
        return plain[index]


@dataclass(frozen=True, slots=True)
class WithItem(Use):
    """A socket as a context manager; `closing` tells that contextlib.closing is between."""

    node: cst.WithItem
    statement: cst.With
    closing: bool


AnyUse = ModuleName | ImportedName | BuiltinName | SocketMember | Call | WithItem

"""The kinds of use that the analysis yields and checks subscribe to, each with its values and the guards around it.

A value is *tracked* if the analysis has a type for it: a socket, its file, an address, an error, a module, an object of
a library's class ... (`usock_lint.analysis.domain.values`). `owner` is the tracked value that a use is about.
"""

from __future__ import annotations

from typing import NamedTuple

import libcst as cst

from usock_lint.analysis.domain.typestate import Context, Lifecycle
from usock_lint.analysis.domain.values import (
    Atom,
    Cells,
    Closing,
    File,
    Made,
    Module,
    NoData,
    Object,
    Received,
    Socket,
    TlsSocket,
    Value,
)
from usock_lint.analysis.handlers import Attempt, Handler, caught, is_guarded_by_handler
from usock_lint.diagnostics import Because
from usock_lint.fast_dataclasses import dataclass
from usock_lint.syntax import positions


@dataclass(frozen=True, slots=True)
class Site:
    """The context of a use.

    `live` are the cells on which it can run, `path` the statements around it, the outermost first, `attempts` the try
    statements in whose bodies it is, the innermost first. `called_in` has the same for each call of the function, if
    all that the function does is the statement of the use.
    """

    live: Cells
    module: cst.Module
    path: tuple[cst.CSTNode, ...]
    attempts: tuple[Attempt, ...]
    micropython_only: bool
    """CPython does not get here."""
    called_in: tuple[tuple[Attempt, ...], ...] = ()

    def is_guarded(self, raises: str) -> bool:
        """True if a handler guards where this exception is raised, or one does the job in another way at each call.

        A program that goes on without a call has lost what it calls.
        """
        return is_guarded_by_handler(self.attempts, raises) or (
            bool(self.called_in) and all(is_guarded_by_handler(one, raises, goes_on=False) for one in self.called_in)
        )

    @property
    def newline(self) -> str:
        """The file's line end followed by the indentation of this statement."""
        return self.module.default_newline + "".join(positions.indents(self.module, self.path))

    @property
    def alone(self) -> bool:
        """True if the statement has a line of its own."""
        line = self.path[-2] if len(self.path) > 1 else None
        return isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1

    def code(self, node: cst.CSTNode) -> str:
        """The source text of a node, which is here or is to be inserted here."""
        return positions.code(self.module, node, self.path)


@dataclass(frozen=True, slots=True)
class Clause:
    """The except clause that contains a name.

    `alone`: no other clause of the statement handles OSErrors differently. `missing` has the names in the clause that
    MicroPython lacks, and that are OSErrors on CPython.
    """

    handler: Handler
    alone: bool
    missing: set[cst.CSTNode]

    @property
    def has_oserror(self) -> bool:
        """True if the clause names OSError beside others."""
        return "OSError" in caught(self.handler)


class Argument(NamedTuple):
    """One argument of a call: `keyword` is None for a positional one, `star` is "", "*" or "**"."""

    node: cst.Arg
    value: Value
    keyword: str | None
    star: str


@dataclass(frozen=True, slots=True)
class Use:
    """The base of all kinds."""

    site: Site


@dataclass(frozen=True, slots=True)
class ModuleName(Use):
    """A name of the socket module: `socket.timeout`, or `timeout` after `from socket import *`.

    `stored`: it is assigned to. `call`: the call, if it is called. `module`: the text of the expression for the module.
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
class ImportedErrno(ImportedName):
    """A name imported from the errno module."""


@dataclass(frozen=True, slots=True)
class ImportedModule(Use):
    """The socket module in an import statement; `name` is how it is written there: `socket` or `usocket`."""

    node: cst.ImportAlias | cst.BaseExpression
    name: str


@dataclass(frozen=True, slots=True)
class ProjectImport(Use):
    """An import that runs files of the project: `paths`, packages before what is in them.

    `name` is how the module is written there, such as `.units`. `node` is the alias in `import a, b`, and in
    `from . import a`; the module in `from a import b`. `failure` is for the engine to find out.
    """

    node: cst.ImportAlias | cst.BaseExpression
    name: str
    paths: tuple[str, ...]
    failure: Failure | None = None


class Failure(NamedTuple):
    """The first line that fails as a file is imported: its finding (`because`), the message, and the failing cells.

    `raises` and `only_if_everywhere` are those of the report.
    """

    because: Because
    said: str
    raises: str
    cells: Cells
    only_if_everywhere: bool


@dataclass(frozen=True, slots=True)
class LibraryModule(Use):
    """Any module but socket in an import statement; `name` is how it is written there: `utime`, `os.path`.

    `node` is the alias in `import a, b`, the module in `from a import b`.
    """

    node: cst.ImportAlias | cst.BaseExpression
    statement: cst.Import | cst.ImportFrom
    name: str


@dataclass(frozen=True, slots=True)
class UnboundModule(Use):
    """A name that only an import in a `try` binds, and that import fails on each configuration that gets here."""

    node: cst.Name
    name: str


@dataclass(frozen=True, slots=True)
class LibraryName(Use):
    """A name that is imported from a module, or an attribute of one: not socket, errno or a module of the project.

    The node is a plain name if a star import binds it. `statement` is the import of a name, `call` the call of an
    attribute; None where there is none.
    """

    node: cst.Attribute | cst.ImportAlias | cst.Name
    owner: Module
    name: str
    clause: Clause | None = None
    call: cst.Call | None = None
    statement: cst.ImportFrom | None = None

    @property
    def module(self) -> str:
        """The module, without the `u`."""
        return self.owner.name


@dataclass(frozen=True, slots=True)
class HiddenName(Use):
    """A name that is looked up in, or imported from, a module of the project that is called like a built-in one.

    `owner` is the built-in module, `file` the project's: "network.py" or "network/".
    """

    node: cst.Attribute | cst.ImportAlias | cst.BaseExpression
    owner: Module
    name: str
    file: str
    statement: cst.Import | cst.ImportFrom | None = None


@dataclass(frozen=True, slots=True)
class LibraryAttribute(Use):
    """An attribute of an object of a library's class, of the class itself, or of sys.stdout and the like.

    `stored`: it is assigned to. `mixed`: the owner may also be something else that may have the attribute.
    """

    node: cst.Attribute
    owner: Object
    name: str
    call: cst.Call | None = None
    stored: bool = False
    mixed: bool = False


@dataclass(frozen=True, slots=True)
class BuiltinName(Use):
    """A name that only the builtins could supply."""

    node: cst.Name
    name: str
    clause: Clause | None


@dataclass(frozen=True, slots=True)
class MissingBuiltin(Use):
    """A name that only the builtins could supply, and that some port's builtins lack; `call` is the call of it."""

    node: cst.Name
    name: str
    call: cst.Call | None


@dataclass(frozen=True, slots=True)
class Attribute(Use):
    """An attribute of a tracked value, or of the errno module.

    `stored`: it is assigned to. `call`: the call, if it is called. `mixed`: the owner may also be a plain socket, or is
    not fully known.
    """

    node: cst.Attribute
    owner: Atom
    name: str
    stored: bool = False
    call: cst.Call | None = None
    mixed: bool = False


@dataclass(frozen=True, slots=True)
class Call(Use):
    """A call of a function of the socket module, or of a method of a tracked value.

    `getaddrinfo`: the expression for that function in this scope, None if there is none. `sole`: nothing else can be
    called here. `state`: the typestate of the socket before the call.
    """

    node: cst.Call
    owner: Atom
    name: str
    arguments: tuple[Argument, ...]
    getaddrinfo: str | None
    sole: bool
    state: Lifecycle

    @property
    def module(self) -> str:
        """The expression for the socket module in this scope, as far as `getaddrinfo` has it; "" if there is none."""
        return (self.getaddrinfo or "").rpartition(".")[0]

    @property
    def ignored(self) -> bool:
        """True if the result is dropped: the call is a statement."""
        last = self.site.path[-1]
        return isinstance(last, cst.Expr) and last.value is self.node

    def argument(self, index: int, keyword: str) -> Argument | None:
        """The argument given at this index or by this keyword."""
        return self.positional(index) or next((one for one in self.arguments if one.keyword == keyword), None)

    def positional(self, index: int) -> Argument | None:
        """The positional argument at this index; None if there is none, or if `*args` before it may supply it."""
        plain = self.arguments[: index + 1]
        for one in plain:
            if one.star or one.keyword:
                return None
        return plain[index] if len(plain) > index else None

    @property
    def count(self) -> int | None:
        """The number of positional arguments; None if there is `*args`."""
        count = 0
        for one in self.arguments:
            if one.star:
                return None
            count += one.keyword is None
        return count


@dataclass(frozen=True, slots=True)
class LibraryCall(Use):
    """A call of a function or class of any module but socket, or of a method of an object of a module's class.

    `owner` is the module or the object; `sole` tells that what is called can be nothing else. `made` is what made the
    object, and `context` the state of the context of TLS that it is, or that a connection is made with.
    """

    node: cst.Call
    owner: Module | Object
    name: str
    arguments: tuple[Argument, ...]
    sole: bool
    made: Made | None = None
    context: Context | None = None


@dataclass(frozen=True, slots=True)
class Awaited(Use):
    """A call that is awaited; `owner` and `name` are those of what it calls, and nothing else can be called here.

    `owner` is a socket, its file, a module, an object of a module's class, or the function itself.
    """

    node: cst.Await
    owner: Atom
    name: str


@dataclass(frozen=True, slots=True)
class TypeMember(Use):
    """An attribute that CPython's types have, and that some port lacks in each type that the value may have.

    `type` is the name of one of these types, as in `usock_lint.ports.world.builtin_method`. For what the file itself
    defines it is "class", "object" or "function", or the name of a class that gets the attribute from no base.
    `stored`: the attribute is assigned.
    """

    node: cst.Attribute
    type: str
    name: str
    call: cst.Call | None = None
    stored: bool = False


@dataclass(frozen=True, slots=True)
class Refused(Use):
    """A call that a builtin, a method of a builtin type or a function of a module refuses on some port.

    `owner_name` is the module or type, as in `usock_lint.ports.world.signature`. No argument has a star.
    """

    node: cst.Call
    owner_name: str
    name: str
    arguments: tuple[Argument, ...]

    @property
    def positional(self) -> int:
        """The number of positional arguments."""
        return sum(one.keyword is None for one in self.arguments)


@dataclass(frozen=True, slots=True)
class Stepped(Use):
    """A slice with a step other than 1, of a value whose types all take no such step; `type` is one of them."""

    node: cst.Subscript
    type: str


@dataclass(frozen=True, slots=True)
class Converted(Use):
    """A call of `bytes` with an instance of a class of the project that defines `__bytes__`.

    `iterable` tells that the instance has items, from which a port makes the bytes.
    """

    node: cst.Call
    iterable: bool


@dataclass(frozen=True, slots=True)
class Encoding(Use):
    """The encoding that `decode`, `encode`, `str` or `bytes` is given."""

    node: cst.BaseExpression
    value: Value
    name: str


@dataclass(frozen=True, slots=True)
class Wrapped(Use):
    """A socket that `wrap_socket` of TLS is given; `state` is that of the socket before the call."""

    node: cst.Call
    owner: Socket
    arguments: tuple[Argument, ...]
    state: Lifecycle


@dataclass(frozen=True, slots=True)
class Iterated(Use):
    """A tracked value that is iterated over: by a loop, a comprehension, list(), iter() and the like."""

    node: cst.BaseExpression
    owner: Atom


@dataclass(frozen=True, slots=True)
class Indexed(Use):
    """A subscript of a tracked value by an index."""

    node: cst.Subscript
    owner: Atom


@dataclass(frozen=True, slots=True)
class Unpacked(Use):
    """A tracked value that is unpacked to targets, or by `*` into the arguments of a call."""

    node: cst.BaseExpression
    owner: Atom


@dataclass(frozen=True, slots=True)
class Operation(Use):
    """A comparison, binary operation or augmented assignment with a tracked value.

    `errno`: the expression for that module in this scope, None if there is none.
    """

    node: cst.Comparison | cst.BinaryOperation | cst.AugAssign
    operator: cst.BaseCompOp | cst.BaseBinaryOp | cst.BaseAugOp
    left: Value
    right: Value
    left_node: cst.BaseExpression
    right_node: cst.BaseExpression
    errno: str | None


@dataclass(frozen=True, slots=True)
class Unchecked(Use):
    """The result of a read that may be None, used in a way that raises this exception for None."""

    node: cst.BaseExpression
    owner: NoData
    raises: str


@dataclass(frozen=True, slots=True)
class ShortRead(Use):
    """Bytes that are taken for as many as were asked for, where this exception is raised if there are fewer."""

    node: cst.BaseExpression
    owner: Received
    raises: str


@dataclass(frozen=True, slots=True)
class ReadOnce(Use):
    """A call that takes the result of one `recv` of a TCP socket for a whole message."""

    node: cst.Call
    owner: Received


@dataclass(frozen=True, slots=True)
class Decoded(Use):
    """A call that makes a str of bytes that were received, and never of anything else."""

    node: cst.Call
    owner: Received


@dataclass(frozen=True, slots=True)
class UnguardedDecode(Use):
    """A call that decodes received bytes, where nothing catches the error for invalid UTF-8."""

    node: cst.Call
    owner: Received


@dataclass(frozen=True, slots=True)
class AfterError(Use):
    """A read or write of a TLS socket, by the method `name`, on a path on which an earlier one has raised."""

    node: cst.Call
    name: str


@dataclass(frozen=True, slots=True)
class PlainPolled(Use):
    """A plain socket that the program waits for, although it has made a TLS socket of it."""

    node: cst.BaseExpression


@dataclass(frozen=True, slots=True)
class LookedUp(Use):
    """An expression by which something is looked up in a dict; its value may be `owner`, the dict has `keys`."""

    node: cst.BaseExpression
    owner: Atom
    keys: Value


@dataclass(frozen=True, slots=True)
class Hashed(Use):
    """A socket as the key of a dict or in a set."""

    node: cst.BaseExpression
    owner: Atom


@dataclass(frozen=True, slots=True)
class WithItem(Use):
    """A context manager: a socket, plain or of TLS, its file, what contextlib.closing makes of it, or a library's."""

    node: cst.WithItem
    statement: cst.With
    owner: Socket | TlsSocket | File | Closing | Object


@dataclass(frozen=True, slots=True)
class Leaked(Use):
    """A leak: a socket that `node` made, and that some path loses (`usock_lint.analysis.interpreter.leaks`).

    The path has not returned the socket, stored it or passed it on. `closed` is the part of its typestate by then.
    """

    node: cst.Call
    closed: Value


@dataclass(frozen=True, slots=True)
class LostOnError(Use):
    """A socket that `node` made and that its function closes, but not if the call of the method `name` fails."""

    node: cst.Call
    name: str


@dataclass(frozen=True, slots=True)
class Overwritten(Use):
    """A socket that `node` made and that an attribute or a global name loses when the function `name` runs again.

    `dropped`: that function sets the attribute to None, or deletes it.
    """

    node: cst.Call
    name: str
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class LeakedStream(Use):
    """A connection of asyncio that a path loses unclosed.

    `node` is the call that made it, or the parameter of the server's function. `closed` is False, or "closing" after
    `close`, which closes nothing on boards.
    """

    node: Made
    closed: Value


@dataclass(frozen=True, slots=True)
class Undrained(Use):
    """A `write` to a connection of asyncio that ends, or is lost, before what was written is drained."""

    node: cst.Call


@dataclass(frozen=True, slots=True)
class Unbound(Use):
    """A name in a handler or finally clause that is unbound there if the call of `call`, in the body, has raised."""

    node: cst.Name
    name: str
    call: str


@dataclass(frozen=True, slots=True)
class EndlessLoop(Use):
    """A loop that never ends once the other side has closed.

    `node` is its condition, or the read in its body, `name` the method that reads.
    """

    node: cst.BaseExpression
    name: str


@dataclass(frozen=True, slots=True)
class ClientError(Use):
    """An error that one client can cause and that ends a loop which accepts clients.

    `node` raises this exception if the client has reset the connection, or has sent nothing; `name` is what was called
    on the connection.
    """

    node: cst.CSTNode
    name: str
    raises: str


@dataclass(frozen=True, slots=True)
class UncheckedEnd(Use):
    """An operation on the result of the method `name`, which raises an uncaught exception if that is empty.

    A read returns an empty result at the end of a stream.
    """

    node: cst.CSTNode
    name: str
    raises: str


@dataclass(frozen=True, slots=True)
class KeptConnection(Use):
    """A read to the end of a connection of HTTP/1.1, by the method `name`, which the server keeps open."""

    node: cst.Call
    name: str


@dataclass(frozen=True, slots=True)
class BeforeNetwork(Use):
    """A call of the function `name`, which needs the network, when `WLAN.connect` has only begun to connect."""

    node: cst.Call
    name: str


@dataclass(frozen=True, slots=True)
class StrLength(Use):
    """A call of `len` that gives a Content-Length, of a str that may be more than ASCII."""

    node: cst.Call


@dataclass(frozen=True, slots=True)
class EscapingTimeout(Use):
    """A clause for OSError that does not catch the TimeoutError of `call`: `wait_for` of asyncio or its like."""

    node: Handler
    call: cst.Call
    name: str


@dataclass(frozen=True, slots=True)
class Syntax(Use):
    """Syntax that a release compiles only if it accepts all these forms, by their names in the table of syntax."""

    node: cst.CSTNode
    names: tuple[str, ...]


AnyUse = (
    ModuleName
    | ImportedName
    | ImportedErrno
    | ImportedModule
    | LibraryModule
    | ProjectImport
    | UnboundModule
    | LibraryName
    | HiddenName
    | LibraryAttribute
    | LibraryCall
    | Wrapped
    | BuiltinName
    | MissingBuiltin
    | Attribute
    | Call
    | Awaited
    | TypeMember
    | Refused
    | Stepped
    | Converted
    | Encoding
    | Iterated
    | Indexed
    | Unpacked
    | Operation
    | Unchecked
    | ShortRead
    | ReadOnce
    | Decoded
    | UnguardedDecode
    | AfterError
    | PlainPolled
    | LookedUp
    | Hashed
    | WithItem
    | Leaked
    | LostOnError
    | Overwritten
    | LeakedStream
    | Undrained
    | Unbound
    | EndlessLoop
    | ClientError
    | UncheckedEnd
    | BeforeNetwork
    | KeptConnection
    | StrLength
    | EscapingTimeout
    | Syntax
)

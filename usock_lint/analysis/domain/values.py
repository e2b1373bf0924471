"""Abstract values: the atoms that a value is a set of, one class for each kind of thing that socket code handles."""

from __future__ import annotations

from typing import Any
from typing import Literal as Literal_

import libcst as cst

from usock_lint.fast_dataclasses import dataclass
from usock_lint.ports import Cell

Cells = frozenset[Cell]


@dataclass(frozen=True, slots=True)
class Anything:
    """An unknown object. `truth`, if not None, is its truth in a condition, and `some` tells that it is not None.

    `about_python` tells that it depends on the implementation of Python in an unknown way.
    """

    truth: bool | None = None
    about_python: bool = False
    some: bool = False


@dataclass(frozen=True, slots=True)
class Given(Anything):
    """The argument that a caller in another file passes for a parameter, in the exports of this one."""

    node: cst.FunctionDef | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Const:
    """A constant that was computed."""

    value: Any


@dataclass(frozen=True, slots=True)
class Literal:
    """A string or number as written; read only when somebody asks, since most never matter."""

    node: cst.SimpleString | cst.ConcatenatedString | cst.Integer | cst.Float


@dataclass(frozen=True, slots=True)
class Tuple:
    """A tuple or list display of known length; `made` is the display of a list, to which more may be added."""

    items: tuple[Value, ...]
    made: cst.List | None = None


Kind = Literal_["list", "dict", "set", "deque", "poll", "selector"]


@dataclass(frozen=True, slots=True)
class Box:
    """A container that the file fills: `node` made it. A poll object or selector contains what is registered in it."""

    node: cst.CSTNode
    kind: Kind


@dataclass(frozen=True, slots=True)
class Items:
    """A sequence or an iterator of unknown length, with the name of its type where that is known."""

    item: Value
    type: str | None = None


@dataclass(frozen=True, slots=True)
class OfType:
    """An object of which only the type is known.

    `name` is a builtin type, one of `world.object_types()`, or a class of a module: "hashlib.sha256".
    """

    name: str


MATCH = OfType("match")
"""What `match` and `search` of `re` return, if they find anything."""


@dataclass(frozen=True, slots=True)
class ConsoleInput(OfType):
    """A str that somebody types at the console: the result of `input`."""


@dataclass(frozen=True, slots=True)
class Module:
    """A module that is not the project's, by its name without the `u` of MicroPython's older names."""

    name: str


@dataclass(frozen=True, slots=True)
class ProjectModule:
    """A module of the project: the path of its file, or of its folder if it is a package without one."""

    path: str


@dataclass(frozen=True, slots=True)
class Imported:
    """A name of another file of the project, before it is looked up there."""

    module: ProjectModule
    name: str


@dataclass(frozen=True, slots=True)
class Object:
    """An object of a class that a module has, or whose module is "builtins" and class one of `world.object_types()`.

    `made` is its allocation site, for the two ends of a connection of asyncio and for a context of TLS.
    """

    module: str
    cls: str
    made: Made | None = None

    @property
    def plain(self) -> Object:
        """Any object of this class."""
        return self if self.made is None else Object(self.module, self.cls)


@dataclass(frozen=True, slots=True)
class Builtin:
    """A builtin, by name."""

    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """The member `owner.name`: a function of a module, a method of a socket."""

    owner: Atom
    name: str


# A parameter, attribute or name is the site of a socket that the body did not make (`interpreter/borrowed.py`).
Made = cst.Call | cst.Param | cst.Attribute | cst.Name
"""An allocation site: the call that made a socket, or the parameter, attribute or name in which a body found it."""


@dataclass(frozen=True, slots=True)
class Socket:
    """A plain socket; type and family are the names of the constants it was made with, None if unknown.

    `made` is its allocation site. `micropython_only` tells that CPython does not reach the place where it was assigned.
    """

    type: str | None = "SOCK_STREAM"
    family: str | None = "AF_INET"
    made: Made | None = None
    micropython_only: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """A stream that makefile() returned; `binary`: its mode is known to have a b; `made` is its socket's site."""

    binary: bool
    made: Made | None = None


@dataclass(frozen=True, slots=True)
class TlsSocket:
    """A socket that ssl.wrap_socket() or SSLContext.wrap_socket() returned; `made` is its allocation site."""

    made: Made | None = None


@dataclass(frozen=True, slots=True)
class Closing:
    """The context manager that contextlib.closing() makes of a socket."""

    socket: Socket | TlsSocket


@dataclass(frozen=True, slots=True)
class AddrInfos:
    """The list that getaddrinfo() returned; family and type are the names of the requested constants.

    They are "" if 0 or nothing was requested, None if that is unknown. `port` is the requested number, None if unknown.
    """

    family: str | None
    type: str | None
    port: int | None = None


@dataclass(frozen=True, slots=True)
class AddrInfo:
    """One entry of that list."""

    family: str | None
    type: str | None
    port: int | None = None


@dataclass(frozen=True, slots=True)
class AddrField:
    """The family, type, protocol or canonical name of such an entry: the first to the fourth of its fields.

    `type` is that of the entry, as getaddrinfo was asked for it.
    """

    index: int
    type: str | None


@dataclass(frozen=True, slots=True)
class SockAddr:
    """An address that `origin` (getaddrinfo, accept or recvfrom) returned.

    `family` and `port` are what getaddrinfo was asked for.
    """

    origin: str
    family: str | None = None
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """The bytes that a read method of a socket, a stream or a TLS socket returned.

    `asked` is the number of bytes requested from a method that may return fewer; `once` is set to it for the result of
    a single `recv` of a TCP socket. Both are None after the program has looked at the length.
    """

    method: str
    asked: int | None = None
    once: int | None = None


@dataclass(frozen=True, slots=True)
class Descriptor:
    """The number that `fileno()` of a socket returns."""


@dataclass(frozen=True, slots=True)
class NoData:
    """The None that this read method of a non-blocking socket returned, since nothing was there."""

    method: str


@dataclass(frozen=True, slots=True)
class PollEvents:
    """The flags that poll() reports of one object."""


@dataclass(frozen=True, slots=True)
class Caught:
    """An exception in its handler. `resolving` tells that the try body does nothing but call getaddrinfo."""

    resolving: bool


@dataclass(frozen=True, slots=True)
class ErrorNumber:
    """`e.errno` or `e.args[0]` of a caught exception."""

    resolving: bool


@dataclass(frozen=True, slots=True)
class Message:
    """`str(e)` of a caught exception."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the file or its project; `owner` is the instance or class it is bound to, if it is a `method`."""

    node: cst.FunctionDef
    owner: Instance | Class | None = None
    method: bool = False
    is_property: bool = False


@dataclass(frozen=True, slots=True)
class Lambda:
    """A lambda expression of the file."""

    node: cst.Lambda


@dataclass(frozen=True, slots=True)
class Partial:
    """A function or method with its first arguments, as functools.partial() makes it.

    The fields of each argument are those of `usock_lint.analysis.uses.Argument`.
    """

    function: Function | Lambda | Class | Partial | Member
    given: tuple[tuple[cst.Arg, Value, str | None, str], ...]


@dataclass(frozen=True, slots=True)
class Class:
    """A class of the file or its project."""

    node: cst.ClassDef


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance of such a class."""

    node: cst.ClassDef


@dataclass(frozen=True, slots=True)
class On:
    """A conditional value: the atom, on these configurations only."""

    cells: Cells
    atom: Atom


Atom = (
    Anything
    | Given
    | Const
    | Literal
    | Tuple
    | Box
    | Items
    | OfType
    | Module
    | ProjectModule
    | Imported
    | Object
    | Builtin
    | Member
    | Socket
    | File
    | TlsSocket
    | Closing
    | AddrInfos
    | AddrInfo
    | AddrField
    | SockAddr
    | Received
    | Descriptor
    | NoData
    | PollEvents
    | Caught
    | ErrorNumber
    | Message
    | Function
    | Lambda
    | Partial
    | Class
    | Instance
    | On
)
Value = frozenset[Atom]

Stream = Socket | File | TlsSocket


STDIN = Member(Module("sys"), "stdin")
"""Standard input, which programs wait for beside their sockets."""

ARGUMENTS = Member(Module("sys"), "argv")
"""The arguments that a program was started with."""


READER = Object("asyncio", "StreamReader")
WRITER = Object("asyncio", "StreamWriter")
"""Objects that are streams, which a program reads from and writes to."""

SERVER = Object("asyncio", "Server")
TASK = Object("asyncio", "Task")
LOOP = Object("asyncio", "Loop")
SLEEP = Object("asyncio", "SingletonGenerator")
"""The result of `sleep`: an awaitable that is not a coroutine."""

HARDWARE = frozenset({"machine", "network"})
"""The modules whose objects are true in a condition: none of their types has a `unary_op` (extmod/machine_i2c.c,
ports/rp2/machine_pin.c, extmod/network_cyw43.c@v1.28.0 and the like)."""

FOLLOWED = frozenset({"asyncio", "ssl", "tls"})
"""The modules whose objects are followed from function to function, beside those of HARDWARE."""


# Atoms on which operations are recorded for the checks.
TRACKED = frozenset(
    {
        Socket,
        File,
        TlsSocket,
        AddrInfos,
        AddrInfo,
        SockAddr,
        Received,
        Descriptor,
        PollEvents,
        Caught,
        ErrorNumber,
        Message,
    },
)

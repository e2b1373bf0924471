"""What every port's socket module is made of: names from the table, cores that act, a sealed class around them."""

from __future__ import annotations

import socket as host_socket
import time
import weakref
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, cast

from usock_lint.ports import Cell, Name, Release, behaviour, errno_names, implementation_at
from usock_lint.shim.core.arguments import builtin, check_count
from usock_lint.shim.core.errors import Absent, errno_value, os_error, raising
from usock_lint.shim.core.network import Network
from usock_lint.shim.core.sealed import Module, Sealed, delete_attribute, set_attribute
from usock_lint.shim.core.watch import Watch

NAMES_MODULES_SINCE: Release = (1, 26, 0)

TICK_MS = 5
"""The longest wait in ms before due callbacks run."""


class Source(Protocol):
    """A source for select.poll: the descriptor to wait on, and the events that the script gets for its readiness."""

    @property
    def descriptor(self) -> int:
        """The host's descriptor, -1 if it has none."""
        ...

    def events(self, mask: int, seen: int) -> int:
        """The events in `mask` to report if the host saw the events `seen`."""
        ...


@dataclass(frozen=True)
class Descriptor:
    """A descriptor that select.poll watches; it keeps the number it was registered with."""

    descriptor: int

    def events(self, mask: int, seen: int) -> int:
        """The kernel's events, unchanged."""
        return seen


class Core:
    """The object that acts inside a socket: it has a method for every member of the table.

    The sealed class calls these methods after it has checked the number of arguments.
    """

    owner: Callable[[], object] = staticmethod(lambda: None)
    """A weak reference to the socket object around it."""


class Port:
    """One port at one release: what its socket module is made of.

    A subclass simulates one implementation: it has a method for every function of the module, and creates the
    cores, which are hidden inside what scripts see.
    """

    def __init__(self, name: str, release: Release, implementation: str = "") -> None:
        self.name = name
        self.release = release
        self.watch = Watch()
        self.cell = Cell(name, release, implementation)
        self.table = implementation_at(self.cell)
        self.errno = {one: self.number(one) for one in sorted(errno_names(self.cell)) if one.startswith("E")}
        self.OSError = os_error(release, self.errno, lambda attribute: self.watch.saw("oserror", attribute))
        self.open: set[host_socket.socket] = set()
        self.garbage: list[Any] = []
        """Cores whose socket objects are gone, and files: the next collection closes them."""
        self.call_back: Callable[[Callable[[Any], object], Any], None] = call
        """Calls a function that a program has set for an event; in a world, what it raises is printed."""
        self.handle_pending: Callable[[], None] = lambda: None
        """Called before the port sleeps: it runs the calls that micropython.schedule has put off."""
        self.network = Network()
        self.clock_offset = 0.0
        """The seconds by which the program has set the clock forward."""
        self.close = weakref.finalize(self, close_all, self.open)

    def does(self, name: str) -> Any:
        """The table's entry for a behaviour."""
        return behaviour(self.cell, name)

    def number(self, name: str) -> int:
        """The number behind an errno name, also of one that the errno module lacks."""
        return errno_value(self.cell, name)

    def error(self, name: str) -> OSError:
        """The OSError of an errno name."""
        return self.OSError(self.number(name))

    def raising(self) -> AbstractContextManager[None]:
        """Host OSErrors inside the block leave it as the port's own."""
        return raising(self.OSError)

    @cached_property
    def module(self) -> Module:
        """The socket module."""
        names = self._available(self.table.module)
        module = self.watch.module("module", {name: self._value(name, entry) for name, entry in names.items()})
        module.tell_name(self.names_modules)
        return module

    @property
    def word(self) -> int:
        """The size of a word of the processor in bytes: of an address, and of a `long` of C."""
        return 8 if self.name == "unix" else 4

    @property
    def names_modules(self) -> bool:
        """True if the error for an attribute that a module lacks has the module's name.

        Only builds with detailed errors do that, of all ports unix: py/runtime.c:1243@v1.28.0.
        """
        return self.name == "unix" and self.release >= NAMES_MODULES_SINCE

    @cached_property
    def socket(self) -> type:
        """The socket class."""
        return self._sealed[0]

    def create(self, *arguments: object) -> Core:
        """The core of a new socket, from what was given to socket()."""
        raise NotImplementedError

    def publish(self, core: Core) -> object:
        """A socket object around `core`."""
        instance = cast(object, object.__new__(self.socket))
        self._fill(instance, core)
        return instance

    def core(self, instance: object) -> Any:
        """The core of a socket object."""
        return self._sealed[1].__get__(instance)

    def socket_core(self, thing: object) -> Any:
        """The core of a socket; OSError for another object, as from mp_get_stream_raise(): py/stream.c:97@v1.28.0."""
        if not isinstance(thing, self.socket):
            raise self.OSError("stream operation not supported")
        return self.core(thing)

    def source(self, thing: Any) -> Source:
        """The source of an object for select.poll; OSError for one that is not a stream."""
        raise NotImplementedError

    def collect(self) -> None:
        """Do to the sockets and their files what a garbage collection does: close those with a finaliser."""
        while self.garbage:
            with suppress(OSError):
                self.garbage.pop().close()

    @property
    def has_loopback(self) -> bool:
        """True if the port has a loopback interface."""
        return True

    def tick(self) -> bool:
        """Run the due callbacks of sockets. True if any callback is set."""
        return False

    def work(self) -> bool:
        """Do what the port does while a socket waits. True if that has to be done again within `TICK_MS`."""
        return self.tick()

    def sleep(self, seconds: float) -> None:
        """Sleep as time.sleep() does."""
        time.sleep(seconds)

    def _available(self, table: Mapping[str, Name]) -> dict[str, Name]:
        # What a build flag adds is in no board's firmware: data/lwip.json says so of the only one, slip.
        return {name: entry for name, entry in table.items() if entry.exists(self.cell) and not entry.condition}

    def _value(self, name: str, entry: Name) -> object:
        """What the module has under a name."""
        match entry.kind:
            case "constant" | "attribute":
                return entry.value(self.release)
            case "class":
                return self.socket if self.does("socket_is_class") else self._creator(entry)
            case _:
                function = builtin(getattr(self, name), entry.arity(self.release), bound=0)
                return self.watch.called("module", name, function, bound=0)

    def _creator(self, entry: Name) -> Callable[..., Any]:
        """The function `socket`, of ports on which it is not the class of sockets."""
        return builtin(self.socket, entry.arity(self.release), bound=0)

    @cached_property
    def _sealed(self) -> tuple[type, Any]:
        """The socket class, and the slot for the core, which is deleted from the class to hide it from scripts."""
        members = self._available(self.table.members)
        namespace = {name: self._method(name, entry) for name, entry in members.items()}
        slots = {"__slots__": ("core", "__weakref__")}
        sealed = Sealed("socket", (), {**slots, **self._protocol(tuple(members)), **namespace})
        slot = vars(sealed)["core"]
        type.__delattr__(sealed, "core")
        return sealed, slot

    def _fill(self, instance: object, core: Core) -> None:
        """Give an instance of the socket class its core."""
        core.owner = weakref.ref(instance)
        self._sealed[1].__set__(instance, core)

    def _method(self, name: str, entry: Name) -> Callable[..., Any]:
        """A method of the socket class, which counts the arguments and calls the core's."""

        def act(instance: object, *arguments: object) -> object:
            return getattr(self.core(instance), name)(*arguments)

        def finish(instance: object) -> None:
            # CPython calls it as soon as nothing refers to the instance, also to one that was never initialised. A
            # device closes it at its next collection.
            if is_filled(self._sealed[1], instance):
                self.garbage.append(self.core(instance))

        if name == "__del__":
            return finish
        return self.watch.called("socket", name, builtin(act, entry.arity(self.release), bound=1), bound=1)

    def _protocol(self, members: tuple[str, ...]) -> dict[str, object]:
        """The special methods of the socket class, which the table does not list."""
        least, most = self.table.module["socket"].arity(self.release) or (0, None)

        def start(instance: object, *arguments: object, **keywords: object) -> None:
            if keywords and self.does("constructor_keywords") == "TypeError":
                raise TypeError("function doesn't take keyword arguments")
            check_count(len(arguments), least, most)
            self._fill(instance, self.create(*arguments))

        def show(instance: object) -> str:
            return repr(self.core(instance))

        def names(_: object) -> list[str]:
            return ["__class__", *members]

        def with_statement(_: str) -> None:
            self.watch.saw("socket", "__enter__")

        protocol: dict[str, object] = {
            "__init__": self.watch.called("module", "socket", start, bound=1),
            "__repr__": show,
            "__dir__": names,
            "__setattr__": set_attribute,
            "__delattr__": delete_attribute,
            # Which of the two `with` looks up first depends on the version of CPython.
            "__enter__": Absent(with_statement),
            "__exit__": Absent(with_statement),
            **self.watch.members(),
        }
        return protocol if self.does("hashable") else {**protocol, "__hash__": None}


def call(function: Callable[[Any], object], argument: Any) -> None:
    """Call a function."""
    function(argument)


def is_filled(slot: Any, instance: object) -> bool:
    """True if the slot of the instance has been set."""
    try:
        slot.__get__(instance)
    except AttributeError:
        return False
    return True


def close_all(sockets: set[host_socket.socket]) -> None:
    """Close the sockets and empty the set."""
    while sockets:
        sockets.pop().close()

"""What every port's module is made of: the table of its names, cores that act, a sealed class around them."""

from __future__ import annotations

import socket as host_socket
import types
import weakref
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, ClassVar, NoReturn, cast

from usock_lint.ports import Cell, Name, Release, behaviour, errno_names, implementation
from usock_lint.shim._arguments import builtin
from usock_lint.shim._errors import Absent, host_numbers, os_error


class Module(types.ModuleType):
    """A module none of whose attributes can be set or deleted."""

    def __init__(self, contents: Mapping[str, Any]) -> None:
        super().__init__(contents["__name__"])
        vars(self).clear()
        vars(self).update(contents)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"'module' object has no attribute '{name}'")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"'module' object has no attribute '{name}'")

    def __repr__(self) -> str:
        return f"<module '{self.__name__}'>"


class Sealed(type):
    """The type of a class none of whose attributes can be set or deleted."""

    def __setattr__(cls, name: str, value: object) -> NoReturn:
        raise AttributeError(f"'type' object has no attribute '{name}'")

    def __delattr__(cls, name: str) -> NoReturn:
        raise AttributeError(f"'type' object has no attribute '{name}'")

    def __repr__(cls) -> str:
        return f"<class '{cls.__name__}'>"


class Port:
    """One port at one release: what its socket module is made of.

    A subclass names its implementation, has a method for every function of the module, and creates the cores:
    objects that act as the port's sockets do, with a method for every member, hidden inside what scripts see.
    """

    name: ClassVar[str]

    def __init__(self, release: Release) -> None:
        self.release = release
        self.cell = Cell(self.name, release)
        self.table = implementation(self.name)
        self.errno = host_numbers(errno_names(self.cell))
        self.OSError = os_error(release, self.errno)
        self.open: set[host_socket.socket] = set()
        self.close = weakref.finalize(self, close_all, self.open)

    def does(self, name: str) -> Any:
        """What the table says of a behaviour."""
        return behaviour(self.cell, name)

    @cached_property
    def module(self) -> Module:
        """The socket module."""
        names = self._available(self.table.module)
        return Module({name: self._value(name, entry) for name, entry in names.items()})

    @cached_property
    def socket(self) -> type:
        """The socket class."""
        return self._sealed[0]

    def create(self, *arguments: object, **keywords: object) -> object:
        """The core of a new socket, from what was given to socket()."""
        raise NotImplementedError

    def publish(self, core: object) -> object:
        """A socket object around `core`."""
        instance = cast(object, object.__new__(self.socket))
        self._sealed[1].__set__(instance, core)
        return instance

    def collect(self) -> None:
        """Do to the sockets and their files what a garbage collection does; by default nothing."""

    def _available(self, table: Mapping[str, Name]) -> dict[str, Name]:
        return {name: entry for name, entry in table.items() if entry.exists(self.cell)}

    def _value(self, name: str, entry: Name) -> object:
        match entry.kind:
            case "constant" | "attribute":
                return entry.value(self.release)
            case "class":
                return self.socket
            case _:
                return builtin(getattr(self, name), entry.arity(self.release), bound=0)

    @cached_property
    def _sealed(self) -> tuple[type, Any]:
        """The class and the only way to the core in its instances: the slot is deleted from the class."""
        members = self._available(self.table.members)
        namespace = {name: self._method(name, entry) for name, entry in members.items()}
        sealed = Sealed("socket", (), {"__slots__": ("core",), **self._protocol(tuple(members)), **namespace})
        slot = vars(sealed)["core"]
        type.__delattr__(sealed, "core")
        return sealed, slot

    def _method(self, name: str, entry: Name) -> Callable[..., Any]:
        def act(instance: object, *arguments: object) -> object:
            return getattr(self._sealed[1].__get__(instance), name)(*arguments)

        return builtin(act, entry.arity(self.release), bound=1)

    def _protocol(self, members: tuple[str, ...]) -> dict[str, object]:
        def start(instance: object, *arguments: object, **keywords: object) -> None:
            self._sealed[1].__set__(instance, self.create(*arguments, **keywords))

        def show(instance: object) -> str:
            return repr(self._sealed[1].__get__(instance))

        def names(_: object) -> list[str]:
            return ["__class__", *members]

        protocol: dict[str, object] = {
            "__init__": start,
            "__repr__": show,
            "__dir__": names,
            # Which of the two `with` looks up first depends on the CPython.
            "__enter__": Absent(),
            "__exit__": Absent(),
        }
        return protocol if self.does("hashable") else {**protocol, "__hash__": None}


def close_all(sockets: set[host_socket.socket]) -> None:
    """Close and forget them."""
    while sockets:
        sockets.pop().close()

"""The builtin modules of a world: the library of all their builders, and those that are small."""

from __future__ import annotations

import gc as host_gc
import importlib
import sys as host_sys
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from usock_lint.ports import Cell, Release
from usock_lint.ports import world as table
from usock_lint.shim.core.arguments import HEAP_SIZE, integer, writable
from usock_lint.shim.core.base import Port
from usock_lint.shim.core.files import FileIO, TextIOWrapper
from usock_lint.shim.core.memory import BytesIO, StringIO
from usock_lint.shim.core.sealed import FrozenModule, Module
from usock_lint.shim.core.streams import IOBase, Stream
from usock_lint.shim.world import drivers, maths, mqtt
from usock_lint.shim.world.asyncio import PARTS, Delegate, asyncio, part
from usock_lint.shim.world.ciphers import cryptolib, deflate
from usock_lint.shim.world.clock import clock
from usock_lint.shim.world.containers import array, collections
from usock_lint.shim.world.device import filtered, unsimulated
from usock_lint.shim.world.digests import binascii, hashlib
from usock_lint.shim.world.expressions import re
from usock_lint.shim.world.framebuf import framebuf
from usock_lint.shim.world.hardware import machine
from usock_lint.shim.world.layouts import uctypes
from usock_lint.shim.world.os_sys import os, same, sys
from usock_lint.shim.world.poll import Poll, selector
from usock_lint.shim.world.scheduled import Schedule
from usock_lint.shim.world.ssl_over_tls import ssl
from usock_lint.shim.world.structs import struct
from usock_lint.shim.world.tables import CHANGING, unchangeable
from usock_lint.shim.world.texts import json
from usock_lint.shim.world.threads import thread
from usock_lint.shim.world.tls import tls
from usock_lint.shim.world.web import ntptime, requests
from usock_lint.shim.world.websocket import websocket
from usock_lint.shim.world.wlan import network
from usock_lint.shim.world.world import Library, World

STACK_USED = 1000
"""The result of micropython.stack_use(), in bytes."""

BLOCK_SIZE = 32
"""The size in bytes of a block of MicroPython's heap."""

PREFIXED = frozenset(
    {
        *("array", "asyncio", "binascii", "collections", "errno", "hashlib", "heapq", "io", "json", "os", "platform"),
        *("random", "re"),
        *("select", "socket", "ssl", "struct", "sys"),
        *("time", "machine", "requests", "cryptolib", "websocket"),
    }
)
"""The modules that some port has under a second name with a u before it."""


def from_host(name: str, names: Iterable[str]) -> dict[str, Any]:
    """The named attributes of a host module."""
    host = importlib.import_module(name)
    return {attribute: getattr(host, attribute) for attribute in names}


def errno(world: World) -> Module:
    """MicroPython's errno names and no other."""
    numbers = world.port.errno
    codes = {number: name for name, number in sorted(numbers.items(), key=lambda pair: pair[1])}
    return world.port.watch.module("errno", {"__name__": "errno", **numbers, "errorcode": Fixed(codes)})


class Fixed(dict[Any, Any]):
    """A dict of the firmware's, which scripts cannot change. Its order is that of the source."""

    __slots__ = ()


for _name in CHANGING:
    setattr(Fixed, _name, unchangeable)


def io(world: World) -> Module:
    """BytesIO, StringIO and the world's open."""
    files = {"BytesIO": BytesIO, "StringIO": StringIO, "FileIO": FileIO, "TextIOWrapper": TextIOWrapper}
    return Module({"__name__": "io", **files, "IOBase": IOBase, "open": world.open})


def select(world: World) -> Module:
    """poll, and on boards select(), which the standard unix build lacks (mpconfigvariant_common.h:109@v1.28.0)."""
    constants = from_host("select", ("POLLIN", "POLLOUT", "POLLERR", "POLLHUP"))
    names: dict[str, Any] = {"__name__": "select", **constants, "poll": lambda: Poll(world.port)}
    return Module(names if world.port.name == "unix" else {**names, "select": selector(world.port)})


def heapq(_: World) -> Module:
    """The host's heapq, with MicroPython's errors for an empty heap and for a list of a derived class."""
    names = from_host("heapq", ("heapify", "heappop", "heappush"))

    def of_list(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(heap: Any, *item: Any) -> Any:
            if type(heap) is not list:
                raise TypeError("heap must be a list")
            if not heap and function is names["heappop"]:
                raise IndexError("empty heap")
            return function(heap, *item)

        return call

    return Module({"__name__": "heapq", **{name: of_list(function) for name, function in names.items()}})


def setting(value: int) -> Callable[..., int | None]:
    """A function that returns the value of a setting, or sets it if an argument is given."""

    def call(*wanted: int) -> int | None:
        nonlocal value
        if not wanted:
            return value
        value = integer(wanted[0])
        return None

    return call


def threshold() -> Callable[..., int | None]:
    """gc.threshold, which rounds down to whole blocks (py/modgc.c:84@v1.28.0)."""
    value = -1

    def call(*wanted: Any) -> int | None:
        nonlocal value
        if not wanted:
            return value
        value = -1 if integer(wanted[0]) < 0 else integer(wanted[0]) // BLOCK_SIZE * BLOCK_SIZE
        return None

    return call


def gc(world: World) -> Module:
    """The host's collector, and what a collection does to sockets."""

    def collect() -> int:
        found = host_gc.collect()
        world.port.collect()
        return found

    def allocated() -> int:
        return host_sys.getallocatedblocks() * BLOCK_SIZE

    return Module(
        {
            "__name__": "gc",
            "collect": collect,
            "mem_alloc": allocated,
            "mem_free": lambda: HEAP_SIZE - allocated(),
            "threshold": threshold(),
            **from_host("gc", ("enable", "disable", "isenabled")),
        },
    )


class Ring(Stream):
    """The bytes in a buffer of a fixed size. What it has no room for is not written."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.data = bytearray()

    def receive(self, count: int) -> bytes:
        piece = bytes(self.data[:count])
        del self.data[:count]
        return piece

    def transmit(self, data: memoryview) -> int:
        piece = data[: max(self.size - len(self.data), 0)]
        self.data += piece
        return len(piece)


LARGEST_RING = (1 << 16) - 2
"""The room in the largest RingIO."""

CHECKS_RINGS_SINCE: Release = (1, 27, 0)
"""From then on a RingIO without room for a byte is a ValueError, and a larger one
(py/objringio.c:48@v1.27.0)."""


class RingIO:
    """A stream that is written at one end and read at the other, of a size or in a buffer (py/objringio.c@v1.28.0)."""

    checks: ClassVar[bool] = True

    def __init__(self, size: Any) -> None:
        try:
            room = len(writable(size)) - 1  # one byte tells a full buffer from an empty one
        except TypeError:
            room = integer(size)
        if self.checks and not 0 < room <= LARGEST_RING:
            raise ValueError
        self.__ring = Ring(room)

    def __repr__(self) -> str:
        return "<RingIO>"

    def any(self) -> int:
        """The number of bytes that can be read."""
        return len(self.__ring.data)

    def write(self, data: Any, *bounds: Any) -> int | None:
        """Add bytes, as many as there is room for; their number."""
        return self.__ring.write(data, *bounds)

    def read(self, count: Any = -1) -> bytes | None:
        """Take bytes."""
        return self.__ring.read(count)

    def readinto(self, target: Any, *count: Any) -> int | None:
        """Take bytes into a buffer; the number of bytes taken."""
        return self.__ring.readinto(target, *count)

    def readline(self, count: Any = -1) -> bytes | None:
        """Take a line."""
        return self.__ring.readline(count)

    def close(self) -> None:
        """Do nothing."""


class UncheckedRingIO(RingIO):
    """RingIO before CHECKS_RINGS_SINCE."""

    checks = False


UncheckedRingIO.__name__ = UncheckedRingIO.__qualname__ = "RingIO"


def micropython(world: World) -> Module:
    """The module micropython."""
    depth = 0
    queue = Schedule(world)

    def schedule(function: Any, argument: Any, /) -> None:
        queue.add(function, argument)

    def kbd_intr(code: Any, /) -> None:
        integer(code)

    def nothing(*_: Any) -> None:
        return None

    def locked(more: int) -> int:
        nonlocal depth
        depth += more
        if more > 0:
            world.tell_once("the heap is never locked here, so what allocates memory raises no MemoryError")
        return depth

    return Module(
        {
            "__name__": "micropython",
            "const": same,
            **dict.fromkeys(("mem_info", "qstr_info"), nothing),
            "kbd_intr": kbd_intr,
            "mem_current": lambda: host_sys.getallocatedblocks() * BLOCK_SIZE,
            **dict.fromkeys(("mem_peak", "mem_total"), lambda: HEAP_SIZE),
            "heap_lock": lambda: locked(1),
            "heap_unlock": lambda: locked(-1),
            "heap_locked": lambda: locked(0),
            "stack_use": lambda: STACK_USED,
            "RingIO": RingIO if world.port.release >= CHECKS_RINGS_SINCE else UncheckedRingIO,
            "alloc_emergency_exception_buf": nothing,
            "opt_level": setting(0),
            "schedule": schedule,
        },
    )


class Builtins(Module):
    """The module builtins. A name that a script sets there becomes a builtin of its world."""

    __slots__ = ()

    def __setattr__(self, name: str, value: object) -> None:
        vars(self)["__of_world__"][name] = vars(self)[name] = value


def builtins(world: World) -> Builtins:
    """The module builtins, with the builtins that a script can name."""
    found = {name: one for name, one in world.builtins.items() if name.isidentifier()}
    return Builtins({**found, "__name__": "builtins", "__of_world__": world.builtins})


STAND_INS: dict[str, Callable[[World], Any]] = {
    **{name: getattr(drivers, name) for name in "dht ds18x20 esp esp32 neopixel onewire rp2 webrepl".split()},
    "framebuf": framebuf,
    "machine": machine,
    "network": network,
    "ntptime": ntptime,
    "requests": requests,
    "umqtt": mqtt.umqtt,
    mqtt.SIMPLE: mqtt.simple,
    mqtt.ROBUST: mqtt.robust,
}
"""Modules that only boards have, for hardware and for what their firmware adds."""

PARTS_OF_ASYNCIO = {f"asyncio.{name}": part(name) for name in PARTS}

FITTED_BY_BUILDER = frozenset({"builtins", "errno", "lwip", "socket", "uasyncio", *PARTS_OF_ASYNCIO, *STAND_INS})
"""Modules whose builders themselves take the port's names from the table."""


def fitted(name: str, build: Callable[[World], Any]) -> Callable[[World], Any]:
    """A builder of the module with the names of the port and the arguments that its functions take."""
    if name in FITTED_BY_BUILDER:
        return build

    def fit(world: World) -> FrozenModule:
        built: FrozenModule = build(world)
        contents = vars(built)
        return type(built)(filtered(world.port.cell, name, contents) | unsimulated(world.port.cell, name, contents))

    return fit


BUILD: dict[str, Callable[[World], Any]] = {
    **STAND_INS,
    **PARTS_OF_ASYNCIO,
    "_thread": thread,
    "array": array,
    "asyncio": asyncio,
    "binascii": binascii,
    "builtins": builtins,
    "collections": collections,
    "cryptolib": cryptolib,
    "deflate": deflate,
    "errno": errno,
    "gc": gc,
    "hashlib": hashlib,
    "heapq": heapq,
    "io": io,
    "json": json,
    "micropython": micropython,
    **{name: getattr(maths, name) for name in ("cmath", "math", "platform", "random")},
    "os": os,
    "re": lambda world: re(world.port.release),
    "select": select,
    "lwip": lambda world: world.port.module,
    "socket": lambda world: world.port.module,
    "ssl": ssl,
    "struct": struct,
    "sys": sys,
    "time": lambda world: clock(world.port),
    "tls": tls,
    "uctypes": uctypes,
    "websocket": websocket,
    "uasyncio": lambda world: Delegate("uasyncio", lambda: world.load("asyncio")),
}

BUILDERS = {name: fitted(name, build) for name, build in BUILD.items()}
"""The modules that can be simulated."""

DELEGATES_SINCE: Release = (1, 21, 0)
"""From then on uasyncio is a module of its own, which delegates to asyncio: extmod/asyncio/uasyncio.py@v1.21.0."""


def plain_name(port: Port, name: str) -> str:
    """The name of a module in BUILDERS: without the u if the name is the second one of the same module."""
    if name == "uasyncio" and port.release >= DELEGATES_SINCE:
        return name
    return name[1:] if name.startswith("u") and name[1:] in PREFIXED else name


def has(port: Port, name: str) -> bool:
    """True if the port has this module at its release."""
    plain = plain_name(port, name)
    if plain in ("socket", "lwip"):
        return plain == "socket" or port.table.name == "lwip"
    known = table.module_exists(port.cell, mqtt.SIMPLE if name == "umqtt" else name)
    if not known and plain in BUILDERS and plain not in OPTIONAL and port.name in WITHOUT_NETWORK:
        known = table.module_exists(Cell(NETWORKED, port.release), name)
    return bool(known)


WITHOUT_NETWORK = ("samd",)
"""Ports of which the table describes a board without a network. A board with sockets has more modules: those that
NETWORKED has, but not the OPTIONAL ones."""

NETWORKED = "rp2"

OPTIONAL = frozenset({"_thread", "cmath", "platform", *STAND_INS})
"""Modules that a board with a network may lack, too."""


LIBRARY = Library(BUILDERS, plain_name, has)
"""The library of `run` and the pytest plugin."""

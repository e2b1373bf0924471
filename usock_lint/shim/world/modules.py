"""The other modules a script finds, each made of what the host has under the same names."""

from __future__ import annotations

import gc as host_gc
import importlib
import struct as host_struct
import sys as host_sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from usock_lint.shim.core.arguments import HEAP_SIZE
from usock_lint.shim.core.base import Port
from usock_lint.shim.core.sealed import Module
from usock_lint.shim.world.asyncio import asyncio
from usock_lint.shim.world.clock import clock
from usock_lint.shim.world.os_sys import os, sys
from usock_lint.shim.world.poll import Poll, selector
from usock_lint.shim.world.tls import ssl, tls
from usock_lint.shim.world.world import Library, World

if TYPE_CHECKING:
    from usock_lint.ports import Release

BLOCK_SIZE = 32  # of MicroPython's heap, in bytes

# Host modules that do the same under the same names, with the names that dir() answers on the unix port.
HOST = {
    "_thread": "LockType allocate_lock exit get_ident stack_size start_new_thread",
    "array": "array",
    "binascii": "a2b_base64 b2a_base64 crc32 hexlify unhexlify",
    "cmath": "cos e exp log phase pi polar rect sin sqrt",
    "collections": "OrderedDict deque namedtuple",
    "hashlib": "md5 sha1 sha256",
    "heapq": "heapify heappop heappush",
    "json": "dump dumps load loads",
    "math": "acos acosh asin asinh atan atan2 atanh ceil copysign cos cosh degrees e erf erfc exp expm1 fabs "
    "factorial floor fmod frexp gamma inf isclose isfinite isinf isnan ldexp lgamma log log10 log2 modf nan "
    "pi pow radians sin sinh sqrt tan tanh tau trunc",
    "platform": "libc_ver platform python_compiler",
    "random": "choice getrandbits randint random randrange seed uniform",
    "re": "compile match search sub",
}

# The modules that have a second name with a u before it.
PREFIXED = frozenset({*HOST, "asyncio", "errno", "io", "os", "select", "socket", "ssl", "struct", "sys", "time"}) - {
    "_thread",
    "cmath",
    "math",
}


def from_host(name: str, names: Iterable[str]) -> dict[str, Any]:
    """The named attributes of a host module."""
    host = importlib.import_module(name)
    return {attribute: getattr(host, attribute) for attribute in names}


def errno(world: World) -> Module:
    """MicroPython's errno names and no other."""
    numbers = world.port.errno
    codes = {number: name for name, number in numbers.items()}
    return world.port.watch.module("errno", {"__name__": "errno", **numbers, "errorcode": codes})


def io(world: World) -> Module:
    """BytesIO, StringIO and the world's open."""
    return Module({"__name__": "io", **from_host("io", ("BytesIO", "IOBase", "StringIO")), "open": world.open})


def select(world: World) -> Module:
    """poll, and on boards select(), which the standard unix build lacks (mpconfigvariant_common.h:109@v1.28.0)."""
    constants = from_host("select", ("POLLIN", "POLLOUT", "POLLERR", "POLLHUP"))
    names: dict[str, Any] = {"__name__": "select", **constants, "poll": lambda: Poll(world.port)}
    return Module(names if world.port.name == "unix" else {**names, "select": selector(world.port)})


def struct(_: World) -> Module:
    """The host's, raising ValueError as there is no struct.error."""

    def guarded(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            try:
                return function(*arguments)
            except host_struct.error as error:
                raise ValueError(*error.args) from None

        return call

    names = ("calcsize", "pack", "pack_into", "unpack", "unpack_from")
    return Module({"__name__": "struct", **{name: guarded(getattr(host_struct, name)) for name in names}})


def same(thing: Any) -> Any:
    """`thing` itself."""
    return thing


def setting(value: int) -> Callable[..., int | None]:
    """A function that answers `value`, or takes another one that changes nothing here."""

    def call(*wanted: int) -> int | None:
        return None if wanted else value

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
            "threshold": setting(-1),
            **from_host("gc", ("enable", "disable", "isenabled")),
        },
    )


def micropython(_: World) -> Module:
    """const and its neighbours; native and viper, which a compiler knows as decorators, change nothing."""

    def nothing(*_: Any) -> None:
        return None

    def schedule(function: Callable[[Any], object], argument: Any) -> None:
        function(argument)

    return Module(
        {
            "__name__": "micropython",
            **dict.fromkeys(("const", "native", "viper"), same),
            **dict.fromkeys(("heap_lock", "heap_unlock", "kbd_intr", "mem_info", "qstr_info"), nothing),
            "opt_level": setting(0),
            "schedule": schedule,
        },
    )


def host(name: str) -> Callable[[World], Module]:
    """A builder for one of HOST."""
    return lambda _: Module(from_host(name, ["__name__", *HOST[name].split()]))


BUILDERS: dict[str, Callable[[World], Module]] = {
    **{name: host(name) for name in HOST},
    "asyncio": asyncio,
    "builtins": lambda world: Module({name: one for name, one in world.builtins.items() if name.isidentifier()}),
    "errno": errno,
    "gc": gc,
    "io": io,
    "micropython": micropython,
    "os": os,
    "select": select,
    "lwip": lambda world: world.port.module,
    "socket": lambda world: world.port.module,
    "ssl": ssl,
    "struct": struct,
    "sys": sys,
    "time": lambda world: clock(world.port),
    "tls": tls,
}

SINCE: dict[str, Release] = {"lwip": (1, 19, 0), "tls": (1, 23, 0)}
"""Modules that came later: extmod/modlwip.c:1953@v1.28.0, extmod/modtls_mbedtls.c:1018@v1.28.0 (was modssl)."""

THREADED = ("unix", "esp32", "rp2")
"""The ports whose usual firmware has _thread (MICROPY_PY_THREAD in ports/*/mpconfigport.h@v1.28.0)."""


def has(port: Port, name: str) -> bool:
    """Whether the port has this module at its release."""
    if name == "_thread":
        return port.name in THREADED
    if name == "lwip" and port.table.name != "lwip":
        return False
    return name in BUILDERS and port.release >= SINCE.get(name, port.release)


LIBRARY = Library(BUILDERS, PREFIXED, has)
"""What `run` and the pytest plugin offer."""

"""The other modules a script finds on the unix port, each made of what the host has under the same names."""

from __future__ import annotations

import gc as host_gc
import importlib
import os as host_os
import sys as host_sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from usock_lint.ports import Release
from usock_lint.shim import _clock
from usock_lint.shim._arguments import HEAP_SIZE
from usock_lint.shim._asyncio import asyncio
from usock_lint.shim._base import Module
from usock_lint.shim._errors import raising
from usock_lint.shim._poll import Poll
from usock_lint.shim._trace import print_exception

if TYPE_CHECKING:
    from usock_lint.shim._world import World

FOUR_PART_VERSION_SINCE: Release = (1, 22, 0)

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
    "struct": "calcsize pack pack_into unpack unpack_from",
}

HOST_SYS = ("byteorder", "exc_info", "executable", "exit", "maxsize", "platform", "stderr", "stdin", "stdout")

# The modules that have a second name with a u before it.
PREFIXED = frozenset({*HOST, "asyncio", "errno", "io", "os", "select", "socket", "sys", "time"}) - {
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
    return Module({"__name__": "errno", **numbers, "errorcode": {number: name for name, number in numbers.items()}})


def io(world: World) -> Module:
    """BytesIO, StringIO and the world's open."""
    return Module({"__name__": "io", **from_host("io", ("BytesIO", "IOBase", "StringIO")), "open": world.open})


def select(world: World) -> Module:
    """poll; the standard unix build has no select()."""
    constants = from_host("select", ("POLLIN", "POLLOUT", "POLLERR", "POLLHUP"))
    return Module({"__name__": "select", **constants, "poll": lambda: Poll(world.port)})


def os(world: World) -> Module:
    """The part of os that works on files and the environment."""
    error = world.port.OSError

    def ilistdir(folder: str = ".") -> Iterator[tuple[Any, ...]]:
        with raising(error):
            entries = list(host_os.scandir(folder))
        for entry in entries:
            yield entry.name, 0x4000 if entry.is_dir() else 0x8000, entry.inode()

    plain = (
        "chdir",
        "getcwd",
        "listdir",
        "mkdir",
        "putenv",
        "remove",
        "rename",
        "rmdir",
        "unlink",
        "unsetenv",
    )
    return Module(
        {
            "__name__": "os",
            **{name: guarded(getattr(host_os, name), error) for name in plain},
            "stat": guarded(host_os.stat, error, tuple),
            "statvfs": guarded(host_os.statvfs, error, tuple),
            "ilistdir": ilistdir,
            **from_host("os", ("getenv", "sep", "system", "urandom")),
        },
    )


def same(thing: Any) -> Any:
    """`thing` itself."""
    return thing


def guarded(
    function: Callable[..., Any], error: type[OSError], form: Callable[[Any], Any] = same
) -> Callable[..., Any]:
    """`function`, raising `error` for the host's OSErrors and answering in another form."""

    def call(*arguments: Any) -> Any:
        with raising(error):
            return form(function(*arguments))

    return call


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


class Implementation(NamedTuple):
    """sys.implementation."""

    name: str
    version: tuple[Any, ...]

    @property
    def _machine(self) -> str:
        return f"{host_sys.platform} [CPython {host_sys.version.split()[0]}] version"


def sys(world: World) -> Module:
    """The interpreter as MicroPython describes itself; path, argv and modules are the world's."""
    release = world.port.release
    name = ".".join(map(str, release))
    version = (*release, "") if release >= FOUR_PART_VERSION_SINCE else release

    def trace(error: BaseException, file: Any = None) -> None:
        print_exception(error, file or host_sys.stdout, world.builtins)

    return Module(
        {
            "__name__": "sys",
            "argv": world.argv,
            "path": world.path,
            "modules": world.modules,
            "implementation": Implementation("micropython", version),
            "version": f"3.4.0; MicroPython v{name}",
            "version_info": (3, 4, 0),
            "print_exception": trace,
            **from_host(
                "sys",
                (
                    "byteorder",
                    "exc_info",
                    "executable",
                    "exit",
                    "maxsize",
                    "platform",
                    "stderr",
                    "stdin",
                    "stdout",
                ),
            ),
        },
    )


def host(name: str) -> Callable[[World], Module]:
    """A builder for one of HOST."""
    return lambda _: Module(from_host(name, ["__name__", *HOST[name].split()]))


BUILDERS: dict[str, Callable[[World], Module]] = {
    **{name: host(name) for name in HOST},
    "asyncio": asyncio,
    "builtins": lambda world: Module(world.builtins),
    "errno": errno,
    "gc": gc,
    "io": io,
    "micropython": micropython,
    "os": os,
    "select": select,
    "socket": lambda world: world.port.module,
    "sys": sys,
    "time": lambda _: Module(_clock.NAMES),
}

"""os and sys: the files of the program, and what MicroPython tells of the port and the release."""

from __future__ import annotations

import errno
import os as host_os
import sys as host_sys
from collections.abc import Callable, Iterator
from io import StringIO
from typing import TYPE_CHECKING, Any, NamedTuple

from usock_lint.ports import Release, platforms
from usock_lint.shim.core.arguments import check_count, integer, text
from usock_lint.shim.core.base import Port
from usock_lint.shim.core.errors import raising
from usock_lint.shim.core.files import FileIO, OpenFile, TextIOWrapper
from usock_lint.shim.core.sealed import Module
from usock_lint.shim.world.containers import namedtuple
from usock_lint.shim.world.traceback import print_exception

if TYPE_CHECKING:
    from usock_lint.shim.world.world import World

FOUR_PART_VERSION_SINCE: Release = (1, 22, 0)

SHARED = ("byteorder", "executable")


def os(world: World) -> Module:
    """The module os."""
    error, host, is_root = world.port.OSError, world.folders.host, world.is_root

    def ilistdir(folder: Any = "") -> Iterator[tuple[Any, ...]]:
        with raising(error), host_os.scandir(host(text(folder)) or ".") as scan:
            entries = list(scan)
        named: Any = str.encode if isinstance(folder, bytes) else same
        return iter([(named(one.name), 0x4000 if one.is_dir() else 0x8000, one.inode()) for one in entries])

    def listdir(folder: Any = "") -> list[Any]:
        return [entry[0] for entry in ilistdir(folder)]

    def chdir(path: Any) -> None:
        world.folders.enter(text(path))

    def statvfs(path: Any) -> Any:
        return host_os.statvfs(host(text(path)))

    changing = ("mkdir", "remove", "rename", "rmdir", "unlink")
    return Module(
        {
            "__name__": "os",
            **(environment(error) if world.port.name == "unix" else board(world)),
            **{name: raising_port_errors(file_function(name, error, host, is_root), error) for name in changing},
            "chdir": raising_port_errors(chdir, error),
            "getcwd": raising_port_errors(world.folders.current, error),
            "listdir": listdir,
            "stat": raising_port_errors(stat_of(world.port.name == "unix", host, is_root), error),
            "statvfs": raising_port_errors(statvfs, error, tuple),
            "ilistdir": ilistdir,
            "sep": "/",
            "urandom": urandom,
        },
    )


def urandom(count: Any) -> bytes:
    """`count` random bytes."""
    return host_os.urandom(integer(count))


def file_function(
    name: str, error: type[OSError], host: Callable[[str], str], is_root: Callable[[Any], bool]
) -> Callable[..., None]:
    """A function that changes files, such as mkdir.

    For the root the error is EPERM, but for mkdir the host's EEXIST (extmod/vfs.c:118@v1.28.0).
    """
    function = getattr(host_os, name)

    def call(*paths: Any) -> None:
        given = [text(path) for path in paths]
        if any(map(is_root, given)) and name != "mkdir":
            raise error(errno.EPERM)
        function(*map(host, given))

    return call


def stat_of(unix: bool, host: Callable[[str], str], is_root: Callable[[Any], bool]) -> Callable[[Any], tuple[int, ...]]:
    """os.stat. The mode of the root, and on boards every mode, has the type alone (extmod/vfs.c:420@v1.28.0)."""

    def stat(path: Any) -> tuple[int, ...]:
        if is_root(text(path)):
            return (0x4000, *[0] * 9)
        found: Any = host_os.stat(host(text(path)))
        mode, *rest = found
        return (mode if unix else mode & 0xF000, *rest)

    return stat


def environment(error: type[OSError]) -> dict[str, Any]:
    """Functions of the unix port only: the environment and a shell."""

    def variable(name: Any) -> str:
        if not text(name) or "=" in text(name):
            raise OSError(errno.EINVAL, "setenv")
        return text(name)

    def unsetenv(name: Any) -> None:
        host_os.environ.pop(variable(name), None)

    def getenv(name: Any, default: Any = None) -> Any:
        return host_os.environ.get(text(name), default)

    def putenv(name: Any, value: Any) -> None:
        host_os.environ[variable(name)] = text(value)

    def system(command: Any) -> int:
        return vars(host_os)["system"](text(command))

    last = 0

    def errno_(*value: Any) -> int | None:
        nonlocal last
        if not value:
            return last
        last = integer(value[0])
        return None

    own: dict[str, Callable[..., Any]] = {"putenv": putenv, "unsetenv": unsetenv, "getenv": getenv, "system": system}
    own["errno"] = errno_
    return {name: raising_port_errors(function, error) for name, function in own.items()}


class Uname(NamedTuple):
    """os.uname() of a board."""

    sysname: str
    nodename: str
    release: str
    version: str
    machine: str


def board(world: World) -> dict[str, Any]:
    """The function that only boards have: uname()."""
    name, release = platform(world.port), ".".join(map(str, world.port.release))
    return {"uname": lambda: Uname(name, name, release, f"v{release}", machine(world.port))}


def same(thing: Any) -> Any:
    """`thing` itself."""
    return thing


def raising_port_errors(
    function: Callable[..., Any], error: type[OSError], form: Callable[[Any], Any] = same
) -> Callable[..., Any]:
    """`function`, with `error` for the host's OSErrors, and its result converted by `form`."""

    def call(*arguments: Any) -> Any:
        with raising(error):
            return form(function(*arguments))

    return call


BUILD_SINCE: Release = (1, 25, 0)
THREAD_SINCE: Release = (1, 26, 0)
"""The fields of sys.implementation of the unix port that came later (run:unix@1.25, 1.26)."""


MPY = 6
"""The version of .mpy files (py/persistentcode.h:37@v1.28.0), which is all that `_mpy` has here on boards."""

MPY_X64 = MPY | 3 << 8 | 2 << 10
"""The same with the version of native code and the number of its architecture, x86-64 (run:unix@1.25, 1.26)."""


def implementation(world: World, version: tuple[Any, ...]) -> tuple[Any, ...]:
    """sys.implementation."""
    port = world.port
    unix = port.name == "unix"
    fields = {
        "name": "micropython",
        "version": version,
        "_machine": f"CPython {host_sys.version.split()[0]} on {host_sys.platform}",
        "_mpy": MPY_X64 if unix and port.release >= BUILD_SINCE else MPY,
    }
    if unix and port.release >= BUILD_SINCE:
        fields["_build"] = "standard"
    if unix and port.release >= THREAD_SINCE:
        fields["_thread"] = "unsafe"
    made = namedtuple(world.printer, "", [*fields])
    made.__name__ = "tuple"
    return made(*fields.values())


def platform(port: Port) -> str:
    """sys.platform; the host's on the unix port."""
    return host_sys.platform if port.name == "unix" else platforms(port.name)[0]


def machine(port: Port) -> str:
    """The text of uname().machine, which tells that the port is simulated."""
    return f"{port.name} played by CPython {host_sys.version.split()[0]}"


class Console(TextIOWrapper):
    """A standard stream as a script sees it; `buffer` is its binary file."""

    __slots__ = ("buffer",)

    def __init__(self, descriptor: OpenFile) -> None:
        super().__init__(descriptor)
        self.buffer = FileIO(descriptor)


type.__setattr__(Console, "__name__", "TextIOWrapper")


class Standard(OpenFile):
    """The descriptor of a standard stream. Output goes through the host's, so that all of it keeps its order."""

    def __init__(self, name: str, error: type[OSError]) -> None:
        super().__init__(("stdin", "stdout", "stderr").index(name), error, [])
        self.name = name

    def transmit(self, data: memoryview) -> int:
        getattr(host_sys, self.name).write(bytes(data).decode("utf-8", "replace"))
        return len(data)

    def flush(self) -> None:
        getattr(host_sys, self.name).flush()

    def close(self) -> None:
        """Do nothing: the host still needs the stream."""


def at_exit(world: World) -> Callable[[Any], Any]:
    """sys.atexit, which sets the one function that is called at the end, and returns the one set before."""
    last: Any = None

    def atexit(function: Any) -> Any:
        nonlocal last
        before, last = last, function
        return before

    def run() -> None:
        if callable(last):  # shared/runtime/pyexec.c, ports/unix/main.c: any other object is ignored
            last()

    world.closers.insert(0, run)
    return atexit


def leave(*status: Any) -> None:
    """sys.exit: SystemExit with its argument, if there is one (py/modsys.c:111@v1.28.0)."""
    check_count(len(status), 0, 1)
    end = SystemExit()
    end.args = status
    end.code = status[0] if status else None
    raise end


class Sys(Module):
    """The module sys, of which some names can be set (py/modsys.c:279@v1.28.0)."""

    __slots__ = ()
    settable = frozenset({"path", "ps1", "ps2"})


def sys(world: World) -> Module:
    """The module sys. Its path, argv and modules are those of the world."""
    release = world.port.release
    name = ".".join(map(str, release))
    version = (*release, "") if release >= FOUR_PART_VERSION_SINCE else release

    def trace(error: Any, file: Any = None) -> None:
        text = StringIO()
        if isinstance(error, BaseException):
            print_exception(error, text, world.builtins)
        else:
            text.write(f"{world.printer.repr(error)}\n")
        world.write(host_sys.stdout if file is None else file, text.getvalue())

    return Sys(
        {
            "__name__": "sys",
            "argv": world.argv,
            "path": world.path,
            "modules": world.modules,
            "platform": platform(world.port),
            "implementation": implementation(world, version),
            "version": f"3.4.0; MicroPython v{name}",
            "version_info": (3, 4, 0),
            "print_exception": trace,
            "atexit": at_exit(world),
            "exit": leave,
            "exc_info": lambda: host_sys.exc_info(),
            "ps1": ">>> ",
            "ps2": "... ",
            "maxsize": (1 << 8 * world.port.word - 1) - 1,
            **{one: getattr(host_sys, one) for one in SHARED},
            **{one: Console(Standard(one, world.port.OSError)) for one in ("stderr", "stdin", "stdout")},
        },
    )

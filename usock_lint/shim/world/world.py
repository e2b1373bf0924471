"""The environment of a script on a device: its builtins and its imports, separate from the host's."""

from __future__ import annotations

import builtins
import inspect
import io
import os
import re
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, cast

from usock_lint.ports import BUILTIN_EXCEPTIONS, Release
from usock_lint.ports import world as table
from usock_lint.shim.core.arguments import buffer, check_count, text
from usock_lint.shim.core.base import Port
from usock_lint.shim.core.errors import NotSimulated, OutputLost, raising
from usock_lint.shim.core.files import FileIO, OpenFile, TextIOWrapper
from usock_lint.shim.core.sealed import OpenModule, is_native, is_of_shim
from usock_lint.shim.core.streams import IOBase
from usock_lint.shim.world import lookups, tables
from usock_lint.shim.world.attached import Attached
from usock_lint.shim.world.classes import HIDDEN, Super, class_with_parents, no_init, unmirrored
from usock_lint.shim.world.containers import ByteArray, MemoryView, Slice
from usock_lint.shim.world.device import (
    EXTENDS_BY_ITEMS_SINCE,
    AsyncEntered,
    Device,
    Entered,
    UnsimulatedModule,
    async_iterable,
    awaited,
    checked,
    device_error,
)
from usock_lint.shim.world.folders import Folders
from usock_lint.shim.world.imported import Imported, all_of, is_computed, value_of
from usock_lint.shim.world.maths import power, rounded
from usock_lint.shim.world.operators import OPERATORS, WARNED, WARNING, grown_by_buffers, is_instance, is_subclass
from usock_lint.shim.world.syntax import compile_source
from usock_lint.shim.world.traceback import print_exception, without_details, words_of

if TYPE_CHECKING:
    from usock_lint.shim.world.listing import Names

FROZEN = frozenset(
    {"asyncio", "ds18x20", "dht", "neopixel", "ntptime", "onewire", "requests", "ssl", "uasyncio", "umqtt"}
)
"""Builtin modules that are Python: sys.modules has them when they are imported, and none of the others."""


def not_simulated(what: str) -> NoReturn:
    """End the run, because what follows depends on `what`, which is not simulated."""
    raise NotSimulated(what)


def nothing_pending(value: Any = None) -> Any:
    """What rewritten scripts call as PENDING as long as they cannot have scheduled anything; the value."""
    return value


OF_NO_MODULE = "<builtins>"
"""The `__name__` of code in a dict that has none. It is "builtins" on MicroPython, which here is that of CPython's."""


class ViperTypeError(TypeError):
    """The error of the viper compiler (py/objexcept.c:358@v1.28.0)."""


ViperTypeError.__module__ = "builtins"


LEFT_BY_BOOT: Mapping[str, Sequence[tuple[Release, str]]] = {
    "rp2": [((1, 14, 0), "machine rp2")],
    "esp32": [((1, 9, 4), "gc uos"), ((1, 21, 0), "gc os"), ((1, 23, 0), "gc vfs")],
    "esp8266": [((1, 9, 4), "gc uos"), ((1, 21, 0), "gc os"), ((1, 23, 0), "gc vfs")],
    "mimxrt": [((1, 16, 0), "os"), ((1, 18, 0), "os sys"), ((1, 23, 0), "os sys vfs")],
}
"""Modules that a program finds imported, by port, each list with its first release: the firmware's _boot.py imports
them in the same globals (ports/*/modules/_boot.py@v1.9.4 to v1.28.0)."""


class Library(NamedTuple):
    """The builtin modules that a world can offer: how each is built, and which of them a port has."""

    builders: Mapping[str, Callable[[World], Any]]
    plain: Callable[[Port, str], str]
    """The name by which `builders` has a module: `socket` for `usocket`."""
    has: Callable[[Port, str], bool]
    """True if a port has a module of this name, with or without the u."""


LONG_SIZES_SINCE: Release = (1, 27, 0)
"""From then on the message of a MemoryError of unix has a size of 64 bits. Before, and on boards, it has one of 32
(py/runtime.c:1679@v1.27.0)."""

_ALLOCATED = re.compile(r"(?<=allocating )\d+(?= bytes)")


def _of_32_bits(found: re.Match[str]) -> str:
    """The number that _ALLOCATED has found, cut to 32 bits."""
    return str(int(found[0]) % (1 << 32))


class World:
    """One script's builtins, its `sys.path` and its `sys.modules`; nothing of the host's is changed.

    A module beside the script is run in the same world. `close()` closes what the script left open.
    """

    def __init__(self, port: Port, library: Library, argv: Sequence[str], folder: str) -> None:
        self.port = port
        self.library = library
        self.argv = list(argv)
        self.path = [folder]
        """What sys.path holds."""
        self.modules: dict[str, types.ModuleType] = {}
        """What sys.modules holds."""
        self.native: dict[str, Any] = {}
        """The builtin modules that were built, and `__main__`."""
        self.closers: list[Callable[[], None]] = []
        """Functions that `close` calls."""
        self.after_program: list[Callable[[], None]] = []
        """Functions that run after the end of the program, such as timers. Each returns when nothing is left to do."""
        self.attached = Attached()
        self.folders = Folders()
        self.told: set[str] = set()
        """The messages of `tell_once` that were printed."""
        self.sources: list[str | bytes] = []
        """All sources that were compiled, in order."""
        self.names: Names | None = None
        """The order of names for dir(), once a program has called it."""
        self.tells_long_sizes = port.name == "unix" and port.release >= LONG_SIZES_SINCE
        self.device = Device(port.cell)
        self.printer = self.device.printer
        self.rewrites = lookups.rewrites(port.cell)
        self.builtins = port.watch.builtins(self._builtins())
        port.call_back = self.call_back

    def _builtins(self) -> dict[str, Any]:
        """CPython's builtins that the port has too, the port's own, and what rewritten scripts call (`hidden`)."""
        cell, device = self.port.cell, self.device
        host = {
            name: value
            for name, value in vars(builtins).items()
            if name not in HIDDEN
            and (name in BUILTIN_EXCEPTIONS if is_exception_type(value) else table.builtin(cell, name) is not False)
        }
        ordered = tables.kinds_of(cell)
        own: dict[str, Any] = {
            **ordered._asdict(),
            "bytearray": ByteArray,
            "compile": self.compile,
            "dir": self.dir,
            "eval": self.eval,
            "exec": self.exec,
            "execfile": self.execfile,
            "delattr": device.delattr,
            "getattr": device.getattr,
            "hash": partial(tables.builtin_hash, mask=tables.mask(cell)),
            "hasattr": device.hasattr,
            "isinstance": is_instance,
            "issubclass": is_subclass,
            "open": self.open,
            "print": self.checked_print(),
            "repr": self.printer.repr,
            "setattr": device.setattr,
            "pow": power,
            "round": rounded,
            "slice": Slice,
            "super": Super,
            "memoryview": MemoryView,
            "bin": partial(device.format, "{:#b}"),
            "hex": partial(device.percent, "%#x"),
            "oct": partial(device.percent, "%#o"),
            "ViperTypeError": ViperTypeError,
        }
        there = {name: value for name, value in own.items() if table.builtin(cell, name) is not False}
        # Those that the port lacks are gone after this call, and other objects may have their ids then.
        device.own = {id(value): name for name, value in there.items() if not isinstance(value, type)}
        device.printer.functions = device.own
        hidden = {
            lookups.ATTRIBUTE: device.attribute,
            lookups.CALL: device.call,
            lookups.CAUGHT: self.caught,
            lookups.CHAINED: self.chained,
            lookups.ASYNC_ENTERED: AsyncEntered,
            lookups.ENTERED: partial(Entered, self.caught),
            lookups.DICT: ordered.dict.with_room,
            lookups.SET: ordered.set.with_room,
            lookups.CLASS: class_with_parents,
            lookups.PENDING: nothing_pending,
            lookups.SUPER: Super,
            lookups.UNMIRRORED: unmirrored,
            lookups.SETTABLE: device.settable,
            lookups.FORMATTED: device.format,
            lookups.NO_INIT: no_init,
            lookups.ASYNC_ITERABLE: async_iterable,
            lookups.UNKNOWN: not_simulated,
            lookups.AWAITED: awaited,
            lookups.GENERATOR: types.coroutine,
            "<%>": device.percent,
            **OPERATORS,
            **(WARNING if self.port.name in WARNED else {}),
        }
        named = {"__name__": OF_NO_MODULE}
        if cell.release < EXTENDS_BY_ITEMS_SINCE:
            hidden["<+=>"] = grown_by_buffers
        return {**host, **there, **hidden, "OSError": self.port.OSError, **named, "__import__": self.import_}

    def call_back(self, function: Callable[..., object], *arguments: object) -> None:
        """Call what a program has set for an event. What it raises is printed (py/runtime_utils.c:31@v1.28.0)."""
        try:
            function(*arguments)
        except Exception as error:
            print_exception(self.caught(error), sys.stdout, self.builtins)

    def caught(self, error: BaseException) -> BaseException:
        """The exception that a handler binds: the raised one, or MicroPython's for one that only CPython has."""
        near = device_error(error)
        if type(near) is OSError:
            return self.port.OSError(*near.args[:1]).with_traceback(error.__traceback__)
        if isinstance(near, SyntaxError):
            near.args = (near.msg,)
        if len(near.args) == 1 and (words := words_of(near, near.args[0], self.builtins)) != near.args[0]:
            near.args = (words,) if words else ()
        if isinstance(near, MemoryError) and not self.tells_long_sizes:
            near.args = tuple(_ALLOCATED.sub(_of_32_bits, one) if isinstance(one, str) else one for one in near.args)
        if self.port.name != "unix" and len(near.args) == 1 and isinstance(near.args[0], str):
            near.args = (without_details(near.args[0]),)
        return near

    def chained(self, cause: object) -> None:
        """Drop the cause of `raise ... from cause`; some ports warn of that (py/vm.c:1203@v1.28.0)."""
        if cause is not None and self.port.name in WARNED:
            print("Warning: exception chaining not supported", file=sys.stderr)

    def compile(self, source: Any, filename: str, mode: str, *_: object) -> types.CodeType:
        """The builtin compile."""
        if mode not in ("eval", "exec", "single"):
            raise ValueError("bad compile mode")
        return self.compiled(source, filename, self.rewrites, "exec" if mode == "single" else mode)

    def dir(self, *things: Any, **keywords: object) -> list[str]:
        """The builtin dir, without attributes that MicroPython's types lack."""
        if keywords:
            raise TypeError("function doesn't take keyword arguments")
        check_count(len(things), 0, 1)
        from usock_lint.shim.world import listing  # which few programs need

        if not things:
            frame = caller()
            inside = frame.f_code.co_flags & inspect.CO_OPTIMIZED
            names = frame.f_globals if inside else frame.f_locals
            shown = dict.fromkeys(one for one in names if one not in HIDDEN)
            return [*self.builtins["dict"].with_room(shown, 1)]
        own = getattr(cast("Any", type(things[0])), "__dir__", None)
        if self.names is None:
            self.names = listing.Names(self.port.cell)
        if isinstance(own, types.FunctionType) and not isinstance(things[0], type | types.ModuleType):
            found = own(things[0])
            return self.names.sorted({*found}, self.sources) if is_of_shim(own) else found
        found = self.names.sorted(listing.listed(things[0]), self.sources)
        # dir() looks each name up, which computes properties (py/modbuiltins.c:186@v1.28.0).
        return [name for name in found if name[:2] == "__" or self.device.hasattr(things[0], name)]

    def exec(self, code: Any, scope: dict[str, Any] | None = None, names: Any = None) -> None:
        """The builtin exec, in the caller's globals."""
        found = caller().f_globals if scope is None else scope
        self.execute(self._compiled(code, "exec"), found, names)

    def eval(self, code: Any, scope: dict[str, Any] | None = None, names: Any = None) -> Any:
        """The builtin eval, in the caller's globals."""
        found = caller().f_globals if scope is None else scope
        return self.execute(self._compiled(code, "eval"), found, names)

    def execute(self, code: types.CodeType, scope: dict[str, Any], names: Any = None) -> Any:
        """Run a code object with the builtins of this world; its value if it is an expression.

        `scope` does not show the builtins: a function has those of the frame that makes it.
        """
        tables.HOST_DICT.__setitem__(scope, "__builtins__", self.builtins)
        if names is None or names is scope:
            function = types.FunctionType(code, scope)
            tables.HOST_DICT.__delitem__(scope, "__builtins__")
            return function()
        try:
            return eval(code, scope, names)
        finally:
            tables.HOST_DICT.pop(scope, "__builtins__", None)

    def compiled(self, code: str | bytes, *options: Any) -> types.CodeType:
        """The code object of a source, see `compile_source`. The source is kept for dir()."""
        self.sources.append(code)
        return compile_source(code, *options)

    def _compiled(self, code: Any, mode: str) -> types.CodeType:
        """The code object for the argument of exec() or eval()."""
        if isinstance(code, types.CodeType):
            return code
        source = code if isinstance(code, str) else bytes(buffer(code)).decode()
        return self.compiled(source.lstrip() if mode == "eval" else source, "<string>", self.rewrites, mode)

    def execfile(self, path: str) -> None:
        """The builtin execfile."""
        with self.open(path, "rb") as file:
            self.run(file.read(), path, caller().f_globals)

    def run(self, code: str | bytes, filename: str, scope: dict[str, Any]) -> None:
        """Run `code` with `scope` as its globals. What it raises, SyntaxError included, goes through."""
        self.execute(self.compiled(code, filename, self.rewrites), scope)
        self.port.handle_pending()

    def main(self, scope: Mapping[str, Any]) -> dict[str, Any]:
        """The globals of the main program, which begin with `scope`: those of the module `__main__`."""
        module = self.native["__main__"] = OpenModule("__main__", self.port.names_modules)
        contents = vars(module)
        contents.clear()
        contents.update(scope)
        return contents

    def left_by_boot(self) -> dict[str, Any]:
        """The modules that a program finds imported."""
        lists = LEFT_BY_BOOT.get(self.port.name, ())
        names = next((names for since, names in reversed(lists) if self.port.release >= since), "")
        return {name: self.load(name) for name in names.split() if self.has(name)}

    def run_module(self, full: str) -> None:
        """Run a module, or the __main__ of a package, as the main program. Raises ImportError if there is none."""
        parent, _, leaf = full.rpartition(".")
        place = locate(leaf, getattr(self.load(parent), "__path__", ()) if parent else self.path)
        if place.endswith(".py"):
            # Relative imports find the module's own name in `__main__` (py/builtinimport.c:487@v1.28.0).
            self._execute(full, place, {"__name__": "__main__", "__main__": full})
        elif self.load(full) and place:
            self.run_module(f"{full}.__main__")

    def tell_once(self, message: str) -> None:
        """Print a message for the user of `usock-lint run`, the first time that it is told."""
        if self.port.network.tell and message not in self.told:
            self.told.add(message)
            self.port.network.tell(message)

    def close(self) -> None:
        """Close all that the program left open, as the end of a process does."""
        for close in self.closers:
            close()
        self.port.collect()
        self.port.close()

    def open(self, *given: Any, **keywords: Any) -> Any:
        """The builtin open, of a file and a mode. Unknown characters of the mode are ignored."""
        call = table.signature(self.port.cell, "builtins", "open")
        if "file" in keywords and not given:
            given = (keywords.pop("file"),)
        if not given:
            raise TypeError("'file' argument required")
        if call is not None and call.takes(1, keywords) is False:
            raise TypeError("extra keyword arguments given")
        name, mode = given[0], given[1] if len(given) > 1 else "r"
        mode = text(keywords.get("mode", mode))
        if self.is_root(name):
            raise self.port.error("EPERM")  # extmod/vfs.c:108@v1.28.0
        try:
            with raising(self.port.OSError):
                flags = self._flags(mode)
                number = name if isinstance(name, int) else self._open(text(name), flags)
        except ValueError:  # a null byte in the path
            raise self.port.error("ENOENT") from None
        return (FileIO if "b" in mode else TextIOWrapper)(OpenFile(number, self.port.OSError, self.port.garbage))

    def is_root(self, path: Any) -> bool:
        """True for the path of the root, in which no file system is: on boards "" is one, too.

        Unix begins in a folder, so that "" is a path in that (extmod/vfs.c:62, ports/unix/main.c:517@v1.28.0).
        """
        return path in ("/", b"/") or (path in ("", b"") and self.port.name != "unix")

    def _open(self, path: str, flags: int) -> int:
        return os.open(self.folders.host(path), flags | os.O_CLOEXEC, 0o644)

    def _flags(self, mode: str) -> int:
        """The flags of os.open() for a mode: extmod/vfs_posix_file.c:92@v1.28.0. Boards also know x."""
        flags = os.O_RDONLY
        for sign in mode:
            if sign in "wa":
                flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if sign == "w" else os.O_APPEND)
            elif sign == "x" and self.port.name != "unix":
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        return flags & ~os.O_WRONLY | os.O_RDWR if "+" in mode else flags

    def checked_print(self) -> Callable[..., None]:
        """The builtin print, which raises TypeError for arguments that the port's does not take."""
        call = table.signature(self.port.cell, "builtins", "print")
        return checked(self.print, call) if call else self.print

    def print(self, *values: Any, sep: Any = " ", end: Any = "\n", file: Any = None) -> None:
        """The builtin print."""
        pieces = [piece for value in values for piece in (text(sep), self.printer.str(value))][1:]
        pieces.append(text(end))
        if file is None:
            try:
                sys.stdout.write("".join(pieces))
            except OSError as error:
                raise OutputLost(error) from None
            return
        for piece in pieces:
            self.write(file, piece)

    def write(self, stream: Any, words: str) -> None:
        """Write to a stream. A stream of a script's class gets a bytearray. Raises OSError for any other object."""
        if isinstance(stream, IOBase):
            cast("Any", stream).write(ByteArray(words.encode()))
        elif isinstance(stream, io.IOBase) or (hasattr(stream, "write") and is_native(stream)):
            cast("Any", stream).write(words)
        else:
            raise self.port.OSError("stream operation not supported")

    def import_(
        self,
        name: Any,
        scope: Mapping[str, Any] | None = None,
        _locals: object = None,
        wanted: Sequence[str] | bool | None = None,
        level: int = 0,
    ) -> types.ModuleType:
        """The import statement's `__import__`."""
        name = text(name)
        if not name and not level:
            raise ValueError
        # A program may call __import__ without globals: the caller's count (py/builtinimport.c@v1.28.0).
        full = absolute(name, caller().f_globals if scope is None else scope, level)
        module = self.load(full)
        if wanted is None:
            return module if level else self.load(full.partition(".")[0])
        # A program that calls __import__ itself is not asked for the names (py/builtinimport.c:660@v1.28.0).
        asked = wanted if scope is not None and isinstance(wanted, tuple | list) else ()
        if asked and is_computed(module):
            return self._computed(module, asked)
        for attribute in asked:
            if attribute != "*" and not hasattr(module, attribute):
                # load() itself does not set it while the submodule is being imported.
                setattr(module, attribute, self._part(module, attribute))
        return module

    def _computed(self, module: Any, names: Sequence[str]) -> Any:
        """An object with the attributes of another one that an import statement asks for."""
        if "*" in names:
            found = all_of(self.device, module)
            return Imported(module, {**found, "__all__": [*found]})
        found: dict[str, Any] = {}
        for name in names:
            try:
                found[name] = value_of(self.device, module, name)
            except ImportError:
                if self.device.hasattr(module, name):
                    raise  # a method
                found[name] = self._part(module, name)
        return Imported(module, found)

    def _part(self, package: Any, name: str) -> types.ModuleType:
        """The submodule of a package, for an import statement. Raises ImportError for anything that is no package."""
        if not hasattr(package, "__path__"):
            raise ImportError(f"can't import name {name}")
        return self.load(f"{package.__name__}.{name}")

    def load(self, full: str) -> types.ModuleType:
        """The module of a dotted name, its packages loaded first; ImportError when there is none."""
        if full in self.modules:
            return self.modules[full]
        parent, _, leaf = full.rpartition(".")
        if not parent:
            return self._top(full)
        package = self.load(parent)
        module = self._find(full, leaf, getattr(package, "__path__", ()))
        if module is None and package is self.native.get(parent) and self.has(full):
            module = self.modules[full] = self._native(full)
        if module is None:
            raise ImportError(f"no module named '{full}'")
        setattr(package, leaf, module)
        return module

    def _top(self, name: str) -> types.ModuleType:
        """A module without a package: from a file, or, if there is none or it comes first, a builtin one."""
        plain = self.library.plain(self.port, name)
        folders = cast("list[str]", vars(self.native["sys"])["path"] if "sys" in self.native else self.path)
        module = None if table.comes_before_files(self.port.cell, name) else self._find(name, name, folders)
        if module is None and self.has(name):
            module = self._native(plain)
            if name in FROZEN:
                self.modules[name] = module
        if module is None:
            self.port.watch.saw("import", name)
            raise ImportError(f"no module named '{name}'")
        return module

    def has(self, name: str) -> bool:
        """True if a module of this name is built in."""
        return self.library.has(self.port, name)

    def _native(self, plain: str) -> Any:
        """A builtin module by its name in the library, which is built when it is first imported."""
        if plain not in self.native:
            build = self.library.builders.get(plain)
            self.native[plain] = build(self) if build else UnsimulatedModule(self.port.cell, plain)
            if isinstance(self.native[plain], OpenModule):
                self.native[plain].tell_name(self.port.names_modules)
        return self.native[plain]

    def _find(self, full: str, leaf: str, folders: Sequence[str]) -> types.ModuleType | None:
        """The module or package `leaf` from the first of the folders that has one, after running it; else None."""
        place = locate(leaf, [self.folders.host(folder) for folder in folders])
        if place.endswith(".py"):
            return self._execute(full, place, {})
        return self._execute(full, os.path.join(place, "__init__.py"), {"__path__": [place]}) if place else None

    def _execute(self, full: str, path: str, extra: Mapping[str, Any]) -> types.ModuleType:
        """Run a file as the module of this name; without the file (a package without __init__) it is empty."""
        module = self.modules[full] = OpenModule(full, self.port.names_modules)
        vars(module).update(extra)
        if os.path.isfile(path):
            module.__file__ = path
            try:
                with self.open(path, "rb") as file:
                    self.run(file.read(), path, vars(module))
            except BaseException:
                del self.modules[full]
                raise
        return module


def caller() -> types.FrameType:
    """The frame of the script: of the caller of the function that calls this."""
    here = inspect.currentframe()
    if here and here.f_back and here.f_back.f_back:
        return here.f_back.f_back
    raise RuntimeError


def locate(name: str, folders: Sequence[str]) -> str:
    """The folder of a package, or else the file of a module, in the first folder that has one; "" if none has."""
    for folder in folders:
        place = os.path.join(folder, name)
        if os.path.isdir(place):
            return place
        if os.path.isfile(place + ".py"):
            return place + ".py"
    return ""


def absolute(name: str, scope: Mapping[str, Any], level: int) -> str:
    """The dotted name that a relative import of `name` means in a module with the globals `scope`.

    `level` is the number of dots. Raises ImportError beyond the topmost package.
    """
    if not level:
        return name
    named = scope.get("__name__", "")
    package: str = scope.get("__main__", "") if named == "__main__" else named
    parts = package.split(".")
    parts = parts[: len(parts) - level + ("__path__" in scope)]
    if not parts:
        raise ImportError("can't perform relative import")
    return ".".join([*parts, name] if name else parts)


def is_exception_type(value: object) -> bool:
    """True for a class of exceptions."""
    return isinstance(value, type) and issubclass(value, BaseException)

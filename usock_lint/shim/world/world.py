"""What surrounds a script on a device: its builtins and its imports, apart from the host's."""

from __future__ import annotations

import builtins
import os
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from usock_lint.ports import BUILTIN_EXCEPTIONS
from usock_lint.shim.core.base import Port
from usock_lint.shim.core.errors import raising
from usock_lint.shim.core.sealed import Module, OpenModule
from usock_lint.shim.world.operators import OPERATORS
from usock_lint.shim.world.refusals import Refusals
from usock_lint.shim.world.syntax import compile_source


class Library(NamedTuple):
    """The builtin modules that a world can offer: how each is built, and which of them a port has."""

    builders: Mapping[str, Callable[[World], Module]]
    prefixed: frozenset[str]
    """Those that have a second name, with a u before it."""
    has: Callable[[Port, str], bool]

    def plain(self, name: str) -> str:
        """The name of a module without the u of its second name."""
        return name[1:] if name.startswith("u") and name[1:] in self.prefixed else name


class World:
    """One script's builtins, its `sys.path` and its `sys.modules`; nothing of the host's is changed.

    A module beside the script is run in the same world. `close()` closes what the script left open.
    """

    def __init__(self, port: Port, library: Library, argv: Sequence[str], folder: str) -> None:
        self.port = port
        self.library = library
        self.argv = list(argv)
        self.path = [folder]
        self.modules: dict[str, types.ModuleType] = {}
        self.native: dict[str, Module] = {}
        self.closers: list[Callable[[], None]] = []
        builtin_names: dict[str, Any] = {
            **{
                name: value for name, value in vars(builtins).items() if name in BUILTIN_EXCEPTIONS or not raised(value)
            },
            "OSError": port.OSError,
            "open": self.open,
            "__import__": self.import_,
            **OPERATORS,
        }
        self.refusals = Refusals(port.cell)
        self.builtins = port.watch.builtins({**self.refusals.keep(builtin_names), **self.refusals.functions()})

    def run(self, code: str | bytes, filename: str, scope: dict[str, Any]) -> None:
        """Run `code` with `scope` as its globals. What it raises, SyntaxError included, goes through."""
        scope["__builtins__"] = self.builtins
        exec(compile_source(code, filename, self.refusals), scope)

    def run_module(self, full: str) -> None:
        """Run the module of a dotted name as the main program, of a package its __main__; ImportError for none."""
        parent, _, leaf = full.rpartition(".")
        place = locate(leaf, getattr(self.load(parent), "__path__", ()) if parent else self.path)
        if place.endswith(".py"):
            # Relative imports need its own name, which is kept there: py/builtinimport.c:487@v1.28.0.
            self._execute(full, place, {"__name__": "__main__", "__main__": full})
        elif self.load(full) and place:
            self.run_module(f"{full}.__main__")

    def close(self) -> None:
        """End the world as the end of the process would."""
        for close in self.closers:
            close()
        self.port.close()

    def open(self, name: Any, mode: str = "r", *options: Any, **keywords: Any) -> Any:
        """The builtin open, with MicroPython's errors and always UTF-8."""
        if "b" not in mode and len(options) < 2:
            keywords.setdefault("encoding", "utf-8")
        with raising(self.port.OSError):
            return open(name, mode, *options, **keywords)

    def import_(
        self,
        name: str,
        scope: Mapping[str, Any] | None = None,
        _locals: object = None,
        wanted: Sequence[str] | None = (),
        level: int = 0,
    ) -> types.ModuleType:
        """The import statement's `__import__`."""
        full = absolute(name, scope or {}, level)
        module = self.load(full)
        if not wanted:
            return module if level else self.modules[full.partition(".")[0]]
        for attribute in wanted:
            if attribute != "*" and not hasattr(module, attribute):
                self._load_attribute(full, module, attribute)
        return module

    def _load_attribute(self, full: str, module: types.ModuleType, attribute: str) -> None:
        if not hasattr(module, "__path__"):
            raise ImportError(f"can't import name {attribute}")
        # Not there yet while it is being imported.
        setattr(module, attribute, self.load(f"{full}.{attribute}"))

    def load(self, full: str) -> types.ModuleType:
        """The module of a dotted name, its packages loaded first; ImportError when there is none."""
        if full in self.modules:
            return self.modules[full]
        parent, _, leaf = full.rpartition(".")
        if not parent:
            return self._top(full)
        package = self.load(parent)
        module = self._find(full, leaf, getattr(package, "__path__", ()))
        if module is None:
            raise ImportError(f"no module named '{full}'")
        setattr(package, leaf, module)
        return module

    def _top(self, name: str) -> types.ModuleType:
        plain = self.library.plain(name)
        # A file beside the script wins over a builtin module that also has a u-name, and over no other.
        shadowed = plain == name and (name in self.library.prefixed or name not in self.library.builders)
        module = self._find(name, name, self.path) if shadowed else None
        if module is None and self.has(name):
            module = self.modules[name] = self._native(plain)
        if module is None:
            self.port.watch.saw("import", name)
            raise ImportError(f"no module named '{name}'")
        return module

    def has(self, name: str) -> bool:
        """Whether a module of this name is built in."""
        return self.library.has(self.port, self.library.plain(name)) and self._knows(name)

    def _knows(self, name: str) -> bool:
        return name not in self.library.prefixed or self.port.does("imports")["socket"]

    def _native(self, plain: str) -> Module:
        if plain not in self.native:
            self.native[plain] = self.library.builders[plain](self)
            self.native[plain].tell_name(self.port.names_modules)
            self.refusals.tell(plain, vars(self.native[plain]))
        return self.native[plain]

    def _find(self, full: str, leaf: str, folders: Sequence[str]) -> types.ModuleType | None:
        place = locate(leaf, folders)
        if place.endswith(".py"):
            return self._execute(full, place, {})
        return self._execute(full, os.path.join(place, "__init__.py"), {"__path__": [place]}) if place else None

    def _execute(self, full: str, path: str, extra: Mapping[str, Any]) -> types.ModuleType:
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


def locate(name: str, folders: Sequence[str]) -> str:
    """The folder of a package, or else the file of a module, of this name in the first folder with any; "" for none."""
    for folder in folders:
        place = os.path.join(folder, name)
        if os.path.isdir(place):
            return place
        if os.path.isfile(place + ".py"):
            return place + ".py"
    return ""


def absolute(name: str, scope: Mapping[str, Any], level: int) -> str:
    """The dotted name that `name`, seen from the module whose globals are `scope`, stands for."""
    if not level:
        return name
    named = scope.get("__name__", "")
    package: str = scope.get("__main__", "") if named == "__main__" else named
    parts = package.split(".")
    parts = parts[: len(parts) - level + ("__path__" in scope)]
    if not parts:
        raise ImportError("can't perform relative import")
    return ".".join([*parts, name] if name else parts)


def raised(value: object) -> bool:
    """Whether it is an exception's type."""
    return isinstance(value, type) and issubclass(value, BaseException)

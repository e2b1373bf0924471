"""Running a project's modules as on a device inside a host program that is not changed, such as a run of tests."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from usock_lint.shim import open_port
from usock_lint.shim.world.modules import LIBRARY
from usock_lint.shim.world.world import World


@contextmanager
def importing(
    port: str, version: str | None = None, folders: Sequence[str] = (), besides: Collection[str] = ()
) -> Generator[ModuleType]:
    """A block in which modules in `folders` are imported afresh and as on a device; yields the port's socket module.

    Such a module finds the builtins and the modules of the port, and nothing of the host's. Names that only
    MicroPython has, such as usocket, are imported from the port everywhere in the block. Any other import is the
    host's, also those of top-level names in `besides`. Afterwards sys.modules is as before, and what was left open
    is closed. Raises ShimError for a port or a version that cannot be simulated.
    """
    world = World(open_port(port, version), LIBRARY, [""], "")
    world.path[:] = folders
    finder = Finder(world, besides)
    kept = {name: sys.modules.pop(name) for name in [*sys.modules] if finder.provides(name)}
    sys.meta_path.insert(0, finder)
    try:
        yield world.port.module
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if finder.provides(name)]:
            del sys.modules[name]
        sys.modules.update(kept)
        world.close()


class Finder(MetaPathFinder, Loader):
    """An entry of the host's sys.meta_path that imports modules of a project, and of MicroPython, from a world."""

    def __init__(self, world: World, besides: Collection[str]) -> None:
        self.world = world
        names = {name for folder in world.path for name in modules(folder)}
        self.of_project = names - {*besides, *sys.stdlib_module_names}

    def provides(self, name: str) -> bool:
        """True if a module of this name is the world's."""
        top = name.partition(".")[0]
        return top in self.of_project or (top not in sys.stdlib_module_names and self.world.has(top))

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """A spec for a module of the world, None for any other."""
        return ModuleSpec(fullname, self) if self.provides(fullname) else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module; ImportError when the project has none of this name."""
        return self.world.load(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: it was run when it was loaded."""


def modules(folder: str) -> Iterator[str]:
    """The names of the modules and packages in a folder; none when it cannot be read."""
    try:
        with os.scandir(folder) as scan:
            entries = list(scan)
    except OSError:
        return
    for entry in entries:
        name, extension = os.path.splitext(entry.name)
        if name.isidentifier() and (os.path.isdir(entry.path) if not extension else extension == ".py"):
            yield name

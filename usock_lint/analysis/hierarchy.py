"""The classes of a file and of those it imports: what is around each, and whose attributes other code may set."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import libcst as cst

from usock_lint.analysis.domain.operations import NOTHING, join
from usock_lint.analysis.domain.values import Atom, Builtin, Class, Function, Member, Module, Own, Value
from usock_lint.syntax.nodes import within

SOCKET = Member(Module("socket"), "socket")
"""The class of sockets, from which a class may derive: it sets no attributes."""


class Hierarchy:
    """The classes of a module, as they were met so far.

    `of` is the class of each method, `setters` are those of properties, `computed` the attributes that the file assigns
    something else than a literal. `is_program` says that the module's own statements call what it defines,
    `is_exported` that it is analysed for what another file imports from it.
    """

    def __init__(self, module: cst.Module) -> None:
        self._module = module
        self._bases: dict[cst.ClassDef, list[cst.ClassDef]] = {}
        self._derived: dict[cst.ClassDef, dict[cst.ClassDef, None]] = {}
        self._foreign: dict[cst.ClassDef, Value] = {}
        self.of: dict[cst.FunctionDef, cst.ClassDef] = {}
        self.setters: dict[tuple[cst.ClassDef, str], Function] = {}
        self.computed: set[tuple[cst.ClassDef | Own, str]] = set()
        self.is_program = False
        self.is_exported = False

    def derive(self, owner: cst.ClassDef, bases: Iterable[Atom]) -> None:
        """This class has these bases."""
        self._bases[owner] = [atom.node for atom in bases if isinstance(atom, Class) and atom.node is not owner]
        self._foreign[owner] = frozenset(atom for atom in bases if not isinstance(atom, Class)) - {Builtin("object")}
        for base in self._bases[owner]:
            self._derived.setdefault(base, {})[owner] = None

    def add(self, other: Hierarchy) -> None:
        """Know the classes of another file as well."""
        for owner, bases in other._bases.items():
            self.derive(owner, [*map(Class, bases), *other._foreign.get(owner, NOTHING)])
        self.of |= other.of
        self.setters |= other.setters
        self.computed |= other.computed

    def bases(self, owner: cst.ClassDef) -> list[cst.ClassDef]:
        """The classes of this file from which a class derives at once."""
        return self._bases.get(owner, [])

    def above(self, owner: cst.ClassDef) -> list[cst.ClassDef]:
        """The class and those of this file above it, the nearest first."""
        found = [owner]
        for one in found:
            found += [base for base in self.bases(one) if base not in found]
        return found

    def below(self, owner: cst.ClassDef) -> list[cst.ClassDef]:
        """The classes of this file that derive from a class, the nearest first."""
        found = [owner]
        for one in found:
            found += [derived for derived in self._derived.get(one, ()) if derived not in found]
        return found[1:]

    def foreign(self, owner: cst.ClassDef, *, inherited: bool = True) -> Value:
        """The bases from other files of a class, and of the classes above it."""
        classes = self.above(owner) if inherited else [owner]
        return join(*(self._foreign.get(one, NOTHING) for one in classes)) if self._foreign else NOTHING

    def is_settable(self, owner: cst.ClassDef, name: str) -> bool:
        """True if code that is not in this file may set an attribute of instances of a class.

        It is of a class below or above, has the instance of a class that it imports from here, or is a decorator, as
        `dataclass` is, that makes a class of its own of this one. An attribute that is computed here is the file's own
        matter, and so is one whose name is mangled.
        """
        above = self.above(owner)
        if (name.startswith("__") and not name.endswith("__")) or any((one, name) in self.computed for one in above):
            return False
        family = {*above, *self.below(owner)}
        return self._is_imported or any(one.decorators or self._foreign.get(one, NOTHING) - {SOCKET} for one in family)

    @property
    def _is_imported(self) -> bool:
        """True if other modules may import this one for what it defines."""
        return self.is_exported or not self.is_program or self._asks_for_its_name

    @cached_property
    def _asks_for_its_name(self) -> bool:
        """True if it has an `if __name__ == "__main__":` of its own."""
        tests = (one.test for one in self._module.body if isinstance(one, cst.If))
        return any(isinstance(node, cst.Name) and node.value == "__name__" for test in tests for node in within(test))

"""The classes of a file and of the files it imports: bases, derived classes, and attributes that other code may set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import libcst as cst

from usock_lint.analysis.domain.operations import NOTHING, join
from usock_lint.analysis.domain.values import Atom, Builtin, Class, Function, Member, Module, ProjectModule, Value
from usock_lint.syntax.nodes import within

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usock_lint.analysis.stand_ins import StandIns

SOCKET = Member(Module("socket"), "socket")
"""The class of sockets. As a base from outside the file it is harmless, because it sets no attributes of its own."""


class Hierarchy:
    """The classes of a module that the interpreter has defined so far.

    `class_of` has the class of each method, `setters` the setters of properties, `computed` the attributes to which the
    file assigns something else than a literal. `is_program` tells that the module's own statements call what it
    defines, `is_exported` that it is analysed because another file imports it.
    """

    def __init__(self, module: cst.Module) -> None:
        self._module = module
        self._bases: dict[cst.ClassDef, list[cst.ClassDef]] = {}
        self._derived: dict[cst.ClassDef, dict[cst.ClassDef, None]] = {}
        self._foreign: dict[cst.ClassDef, Value] = {}
        self.class_of: dict[cst.FunctionDef, cst.ClassDef] = {}
        self.setters: dict[tuple[cst.ClassDef, str], Function] = {}
        self.computed: set[tuple[cst.ClassDef | ProjectModule, str]] = set()
        self.is_program = False
        self.is_exported = False

    def derive(self, owner: cst.ClassDef, bases: Sequence[Atom]) -> None:
        """Record the bases of a class: those of the file (`_bases`) and all others (`_foreign`)."""
        # `global A` and `class A(A)` in a function: on its second pass the name may be the class itself, or one below.
        named = (atom.node for atom in bases if isinstance(atom, Class))
        self._bases[owner] = [base for base in named if owner not in self.above(base)]
        self._foreign[owner] = frozenset(atom for atom in bases if not isinstance(atom, Class)) - {Builtin("object")}
        for base in self._bases[owner]:
            self._derived.setdefault(base, {})[owner] = None

    def add(self, other: Hierarchy) -> None:
        """Add the classes of another file."""
        for owner, bases in other._bases.items():
            self.derive(owner, [*map(Class, bases), *other._foreign.get(owner, NOTHING)])
        self.class_of |= other.class_of
        self.setters |= other.setters
        self.computed |= other.computed

    def with_stand_ins(self, nodes: StandIns) -> Hierarchy:
        """The classes as other files get them. The copy is without the module, whose tree can be freed."""
        made = Hierarchy(cst.Module(()))
        for owner, bases in self._bases.items():
            foreign = nodes.value(self._foreign.get(owner, NOTHING))
            made.derive(nodes.of(owner), [*map(Class, map(nodes.of, bases)), *foreign])
        made.class_of = {nodes.of(method): nodes.of(owner) for method, owner in self.class_of.items()}
        made.setters = {(nodes.of(owner), name): nodes.function(one) for (owner, name), one in self.setters.items()}
        made.computed = {
            (owner if isinstance(owner, ProjectModule) else nodes.of(owner), name) for owner, name in self.computed
        }
        return made

    def bases(self, owner: cst.ClassDef) -> list[cst.ClassDef]:
        """The direct bases of a class that this file defines."""
        return self._bases.get(owner, [])

    def above(self, owner: cst.ClassDef) -> list[cst.ClassDef]:
        """The class and its direct and indirect bases in this file, the nearest first."""
        return _reached(owner, self._bases)

    def below(self, owner: cst.ClassDef) -> list[cst.ClassDef]:
        """The classes of this file that derive from a class, the nearest first."""
        return _reached(owner, self._derived)[1:]

    def foreign(self, owner: cst.ClassDef, *, inherited: bool = True) -> Value:
        """The bases that this file does not define: of a class, and if `inherited` of the classes above it."""
        classes = self.above(owner) if inherited else [owner]
        return join(*(self._foreign.get(one, NOTHING) for one in classes)) if self._foreign else NOTHING

    def is_settable(self, owner: cst.ClassDef, name: str) -> bool:
        """True if code outside this file may set an attribute of instances of a class.

        Such code is a base or derived class in another file, a file that imports this one, or a class decorator such as
        `dataclass`. It is assumed to leave alone attributes that this file computes, and those with mangled names.
        """
        above = self.above(owner)
        if (name.startswith("__") and not name.endswith("__")) or any((one, name) in self.computed for one in above):
            return False
        family = {*above, *self.below(owner)}
        return self._is_imported or any(one.decorators or self._foreign.get(one, NOTHING) - {SOCKET} for one in family)

    @property
    def _is_imported(self) -> bool:
        """True if another file may import the module, and then set attributes of its classes."""
        return self.is_exported or not self.is_program or self.asks_for_its_name

    @cached_property
    def asks_for_its_name(self) -> bool:
        """True if the module has an `if __name__ == "__main__":`, which only a module that is imported needs."""
        tests = (one.test for one in self._module.body if isinstance(one, cst.If))
        return any(isinstance(node, cst.Name) and node.value == "__name__" for test in tests for node in within(test))


def _reached(owner: cst.ClassDef, following: Mapping[cst.ClassDef, Iterable[cst.ClassDef]]) -> list[cst.ClassDef]:
    """A class and those that it leads to, the nearest first."""
    found, seen = [owner], {owner}
    for one in found:
        new = [other for other in following.get(one, ()) if other not in seen]
        found += new
        seen.update(new)
    return found

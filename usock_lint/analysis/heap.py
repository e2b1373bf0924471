"""What a function leaves behind in attributes, and in names of the scopes around it.

Other functions find there what is there when this one ends or calls one of the file's: an assignment that a later one
of the same function replaces before that is its own affair. So it is kept among the function's own names, under a
spelling that no name has, and joined with them where paths meet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import libcst as cst

from usock_lint.analysis.domain.environment import Names, Scope
from usock_lint.analysis.domain.operations import join
from usock_lint.analysis.domain.values import Class, Instance, Value
from usock_lint.analysis.summaries import Table

Learn = Callable[[Table, Any, Value], None]


class Stores:
    """What the function at hand has assigned outside itself: for each spelling, where to and all the values."""

    def __init__(self) -> None:
        self.places: dict[str, tuple[Table, Any]] = {}
        self.values: Names = {}
        self.seen: set[str] = set()

    def put(self, scope: Scope, learn: Learn, spelling: str, place: tuple[Table, Any], value: Value) -> None:
        """A value goes there. What is no function's runs once, from top to bottom: all it assigns is seen."""
        if scope.node is None:
            learn(*place, value)
            return
        self.places[spelling] = place
        self.values[spelling] = join(self.values.get(spelling, frozenset()), value)
        scope.names[spelling] = value

    def show(self, scope: Scope, learn: Learn) -> None:
        """Other code can see now what is there."""
        for spelling, (table, key) in self.places.items():
            if (value := scope.names.get(spelling)) is not None:
                learn(table, key, value)
                self.seen.add(spelling)

    def end(self, learn: Learn) -> None:
        """The function is over. Where no path of it ends, any of its values may be seen meanwhile."""
        for spelling in self.places.keys() - self.seen:
            table, key = self.places[spelling]
            learn(table, key, self.values[spelling])

    def release(self, scope: Scope, learn: Learn, holder: str) -> None:
        """This name is bound to something else now: its attributes are not the other's."""
        self.show(scope, learn)
        dotted, stored = f"{holder}.", of_attribute(holder, "")
        for name in [name for name in scope.names if name.startswith((dotted, stored))]:
            del scope.names[name]


def of_attribute(holder: str, name: str) -> str:
    """The spelling of an attribute that is stored."""
    return f"!{holder} {name}"


def of_outer(name: str) -> str:
    """The spelling of an outer name that is stored."""
    return f"!{name}"


def holders(scope: Scope) -> Iterator[tuple[str, cst.ClassDef, str]]:
    """The attributes whose values are known here, of instances of the file's classes: the name, the class, which."""
    for dotted in scope.names:
        holder, dot, name = dotted.partition(".")
        if dot:
            for atom in scope.names.get(holder, ()):
                if isinstance(atom, Instance | Class):
                    yield dotted, atom.node, name

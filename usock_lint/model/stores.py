"""What a function leaves behind in attributes, and in names of the scopes around it.

Other functions find there what is there when this one ends or calls one of the file's: an assignment that a later one
of the same function replaces before that is its own affair. So it is kept among the function's own names, under a
spelling that no name has, and joined with them where paths meet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import libcst as cst

from usock_lint.model.atoms import Class, Instance, Value
from usock_lint.model.scopes import Names, Scope, Summary, learn, told
from usock_lint.model.values import join

Table = Literal["attributes", "outer"]


@dataclass(slots=True)
class Stores:
    """What the function at hand has assigned outside itself: for each spelling, where to and all the values."""

    places: dict[str, tuple[Table, Any]] = field(default_factory=dict[str, tuple[Table, Any]])
    values: Names = field(default_factory=dict[str, Value])
    seen: set[str] = field(default_factory=set[str])

    def put(self, scope: Scope, learnt: Summary, spelling: str, place: tuple[Table, Any], value: Value) -> None:
        """A value goes there. What is no function's runs once, from top to bottom: all it assigns is seen."""
        if scope.node is None:
            learn(getattr(learnt, place[0]), place[1], value)
            return
        self.places[spelling] = place
        self.values[spelling] = join(self.values.get(spelling, frozenset()), value)
        scope.names[spelling] = value

    def show(self, scope: Scope, learnt: Summary) -> None:
        """Other code can see now what is there."""
        for spelling, (table, key) in self.places.items():
            if (value := scope.names.get(spelling)) is not None:
                learn(getattr(learnt, table), key, value)
                self.seen.add(spelling)

    def end(self, learnt: Summary) -> None:
        """The function is over. Where no path of it ends, any of its values may be seen meanwhile."""
        for spelling in self.places.keys() - self.seen:
            table, key = self.places[spelling]
            learn(getattr(learnt, table), key, self.values[spelling])

    def release(self, scope: Scope, learnt: Summary, holder: str) -> None:
        """This name is bound to something else now: its attributes are not the other's."""
        self.show(scope, learnt)
        dotted, stored = f"{holder}.", of_attribute(holder, "")
        for name in [name for name in scope.names if name.startswith((dotted, stored))]:
            del scope.names[name]


def of_attribute(holder: str, name: str) -> str:
    """The spelling of an attribute that is stored."""
    return f"!{holder} {name}"


def of_outer(name: str) -> str:
    """The spelling of an outer name that is stored."""
    return f"!{name}"


def shown(scope: Scope, known: Summary, learnt: Summary) -> Iterator[tuple[str, Value]]:
    """The names of this scope that functions of the file assign, with what they leave there."""
    for owner, name in known.outer.keys() | learnt.outer.keys():
        own = scope.parent is None if owner is None else scope.node is owner
        if own or scope.outside.get(name, scope) is owner:
            found = told((owner, name), known.outer, learnt.outer)
            if found is not None:
                yield name, found


def holders(scope: Scope) -> Iterator[tuple[str, cst.ClassDef, str]]:
    """The attributes whose values are known here, of instances of the file's classes: the name, the class, which."""
    for dotted in scope.names:
        holder, dot, name = dotted.partition(".")
        if dot:
            for atom in scope.names.get(holder, ()):
                if isinstance(atom, Instance | Class):
                    yield dotted, atom.node, name

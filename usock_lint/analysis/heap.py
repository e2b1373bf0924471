"""What a function leaves behind in attributes, and in names of the scopes around it.

Other functions find there what is there when this one ends or calls one of the file's: an assignment that a later one
of the same function replaces before that is its own affair. So it is kept in the function's own environment, under a
`Pending` key, and joined with the rest of it where paths meet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import libcst as cst

from usock_lint.analysis.domain.environment import Scope
from usock_lint.analysis.domain.keys import Attr, Pending, Var
from usock_lint.analysis.domain.operations import join
from usock_lint.analysis.domain.values import Class, Instance, Value
from usock_lint.analysis.summaries import Table

Learn = Callable[[Table, Any, Value], None]


class Stores:
    """What the function at hand has assigned outside itself: where to and all the values."""

    def __init__(self) -> None:
        self.places: dict[Pending, tuple[Table, Any]] = {}
        self.values: dict[Pending, Value] = {}
        self.seen: set[Pending] = set()

    def put(self, scope: Scope, learn: Learn, key: Pending, place: tuple[Table, Any], value: Value) -> None:
        """A value goes there. What is no function's runs once, from top to bottom: all it assigns is seen."""
        if scope.node is None:
            learn(*place, value)
            return
        self.places[key] = place
        self.values[key] = join(self.values.get(key, frozenset()), value)
        scope.names[key] = value

    def show(self, scope: Scope, learn: Learn) -> None:
        """Other code can see now what is there."""
        for key, place in self.places.items():
            if (value := scope.names.get(key)) is not None:
                learn(*place, value)
                self.seen.add(key)

    def end(self, learn: Learn) -> None:
        """The function is over. Where no path of it ends, any of its values may be seen meanwhile."""
        for key in self.places.keys() - self.seen:
            learn(*self.places[key], self.values[key])

    def release(self, scope: Scope, learn: Learn, holder: Var) -> None:
        """This name is bound to something else now: its attributes are not the other's."""
        self.show(scope, learn)
        for key in [key for key in scope.names if isinstance(key, Attr | Pending) and key.holder == holder]:
            del scope.names[key]


def holders(scope: Scope) -> Iterator[tuple[Attr, cst.ClassDef]]:
    """The attributes whose values are known here, of instances of the file's classes, each with the class."""
    for key in scope.names:
        if isinstance(key, Attr):
            for atom in scope.names.get(key.holder, ()):
                if isinstance(atom, Instance | Class):
                    yield key, atom.node

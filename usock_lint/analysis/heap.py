"""Pending writes: assignments to attributes and outer names that other functions cannot see yet.

They become visible where the function calls another one of the file, and where it ends. An assignment that is
overwritten before that is never published: `self.s = None; self.s = connect()` publishes the second one. So a pending
write stands in the function's own environment, under a `Pending` key, and is joined with the rest of it where paths
join.
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

Publish = Callable[[Table, Any, Value], None]


class PendingWrites:
    """The pending writes of the current function.

    `places` are the tables and keys under which they will be published, `values` the join of all values written so far,
    `published` those that have been published at least once.
    """

    def __init__(self) -> None:
        self.places: dict[Pending, tuple[Table, Any]] = {}
        self.values: dict[Pending, Value] = {}
        self.published: set[Pending] = set()

    def write(self, scope: Scope, publish: Publish, key: Pending, place: tuple[Table, Any], value: Value) -> None:
        """Write a value. Only a function keeps it pending: statements of the module and of classes publish at once."""
        if scope.node is None:
            publish(*place, value)
            return
        self.places[key] = place
        self.values[key] = join(self.values.get(key, frozenset()), value)
        scope.names[key] = value

    def flush(self, scope: Scope, publish: Publish) -> None:
        """Publish the pending writes, because other code runs here."""
        for key, place in self.places.items():
            # No key: on this path the holder was bound to another object, and `rebind` has published the write.
            if (value := scope.names.get(key)) is not None:
                publish(*place, value)
                self.published.add(key)

    def finish(self, publish: Publish) -> None:
        """Publish the values of writes that were never flushed because the function never ends: others see them."""
        for key in self.places.keys() - self.published:
            publish(*self.places[key], self.values[key])

    def rebind(self, scope: Scope, publish: Publish, holder: Var) -> None:
        """Forget the attributes known by a name that is bound to another object, after publishing their writes."""
        self.flush(scope, publish)
        for key in [key for key in scope.names if isinstance(key, (Attr, Pending)) and key.holder == holder]:
            del scope.names[key]


def known_attributes(scope: Scope) -> Iterator[tuple[Attr, cst.ClassDef]]:
    """The attributes of instances of the file's classes whose values this scope knows, each with the class."""
    for key in scope.names:
        if isinstance(key, Attr):
            for atom in scope.names.get(key.holder, ()):
                if isinstance(atom, (Instance, Class)):
                    yield key, atom.node

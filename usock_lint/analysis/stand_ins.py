"""Stand-ins: the nodes by which exports identify functions, classes and containers.

Each is a copy of a node of the file's tree, with the same parts. So the analysis of a file itself and those for its
exports can share a tree. In a circle of imports a file meets its own functions as those of another file, analysed at
another depth: if they were the same nodes, their summaries would replace those that the file finds by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from typing import Final, TypeVar

import libcst as cst

from usock_lint.analysis.domain.values import (
    Atom,
    Box,
    Class,
    Function,
    Given,
    Instance,
    Items,
    Member,
    On,
    Tuple,
    Value,
)
from usock_lint.analysis.summaries import Key
from usock_lint.fast_dataclasses import replace

_Node = TypeVar("_Node", bound=cst.CSTNode)

_WITH_NODES: Final = frozenset((Box, Class, Function, Given, Instance, Items, Member, On, Tuple))
"""The atoms that have nodes, or other atoms, in exports (`exporting.stripped`)."""


class StandIns:
    """The stand-ins for the nodes of one file. Those of the files that it imports, `known`, stand for themselves."""

    def __init__(self, known: Iterable[cst.CSTNode]) -> None:
        self._copies: dict[cst.CSTNode, cst.CSTNode] = {node: node for node in known}

    @property
    def all(self) -> frozenset[cst.CSTNode]:
        """Every stand-in so far, and those that were known before."""
        return frozenset(self._copies.values())

    def of(self, node: _Node) -> _Node:
        """The stand-in for a node."""
        found = self._copies.get(node)
        if found is None:
            found = self._copies[node] = copy(node)
        return found  # pyright: ignore[reportReturnType]  # a copy has the type of its node

    def key(self, key: Key) -> Key:
        """The key of a summary, with the stand-in for its node."""
        table, about = key
        if isinstance(about, cst.CSTNode):
            return table, self.of(about)
        first, *rest = about
        return (table, (self.of(first), *rest)) if isinstance(first, cst.CSTNode) else key

    def value(self, value: Value) -> Value:
        """A value, with the stand-ins for the nodes in it."""
        return value if _WITH_NODES.isdisjoint(map(type, value)) else frozenset(map(self.atom, value))

    def atom(self, atom: Atom) -> Atom:
        """An atom, with the stand-ins for the nodes in it."""
        match atom:
            case Box() | Class() | Instance():
                return replace(atom, node=self.of(atom.node))
            case Given(node=cst.FunctionDef() as node):
                return replace(atom, node=self.of(node))
            case Function():
                return self.function(atom)
            case Tuple(items, made):
                return Tuple(tuple(map(self.value, items)), None if made is None else self.of(made))
            case Items(item):
                return replace(atom, item=self.value(item))
            case Member(owner, name):
                return Member(self.atom(owner), name)
            case On(cells, inner):
                return On(cells, self.atom(inner))
            case _:
                return atom

    def function(self, function: Function) -> Function:
        """A function, with the stand-ins for it and for the class that it is bound to."""
        owner = function.owner
        bound = None if owner is None else type(owner)(self.of(owner.node))
        return replace(function, node=self.of(function.node), owner=bound)

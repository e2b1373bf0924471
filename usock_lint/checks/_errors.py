"""What the rules on caught errors share: what an error's number or message is compared with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import libcst as cst

from usock_lint.analysis.domain.operations import NO_CELLS, atoms
from usock_lint.analysis.domain.values import Atom, Cells, ErrorNumber, Member, Module, Tuple, Value
from usock_lint.analysis.uses import Operation, Use
from usock_lint.syntax.nodes import parts, within

EQUALITY = (cst.Equal, cst.NotEqual, cst.In, cst.NotIn)


class Choice(NamedTuple):
    """One of the things that an error is compared with, on which cells, and where it is written."""

    node: cst.BaseExpression
    atom: Atom
    cells: Cells


def compared(use: Operation, kind: type[Atom]) -> list[Choice]:
    """What such an atom is compared with by ==, != or in, the members of a tuple or list each for itself."""
    sides = ((use.left, use.right, use.right_node), (use.right, use.left, use.left_node))
    for error, other, node in sides:
        found = [cells for atom, cells in atoms(error, use.site.live) if isinstance(atom, kind)]
        cells = NO_CELLS.union(*found)
        if cells:
            return list(_choices(node, other, use.site.live & cells))
    return []


def is_resolving(use: Operation) -> bool:
    """Whether the number is one of an error that only getaddrinfo can have raised."""
    found = [atom for side in (use.left, use.right) for atom, _ in atoms(side, use.site.live)]
    numbers = [atom.resolving for atom in found if isinstance(atom, ErrorNumber)]
    return bool(numbers) and all(numbers)


def _choices(node: cst.BaseExpression, value: Value, live: Cells) -> Iterator[Choice]:
    for atom, cells in atoms(value, live):
        if isinstance(atom, Tuple):
            written = node.elements if isinstance(node, cst.Tuple | cst.List) else ()
            places = [one.value for one in written] if len(written) == len(atom.items) else [node] * len(atom.items)
            for place, item in zip(places, atom.items, strict=True):
                yield from (Choice(place, one, both) for one, both in atoms(item, cells))
        else:
            yield Choice(node, atom, cells)


def errno_name(atom: Atom) -> str | None:
    """The name behind `errno.NAME`."""
    return atom.name if isinstance(atom, Member) and atom.owner == Module("errno") else None


def words(use: Use, left_out: cst.CSTNode) -> frozenset[str]:
    """The names and integers in the handler around a use, or in its function where there is none.

    What a handler looks at besides may be what the other ports raise.
    """
    return frozenset(_words(_around(use), left_out))


def texts(use: Use) -> frozenset[str]:
    """The strings in the same place as `words`."""
    return frozenset(_texts(_around(use)))


def attempted(use: Use) -> frozenset[str]:
    """The names and integers in the body of the try statement whose handler a use is in."""
    tries = [node for node in use.site.path if isinstance(node, cst.Try | cst.TryStar)]
    return frozenset(_words(tries[-1].body, use.site.path[-1])) if tries else frozenset()


def _around(use: Use) -> cst.CSTNode:
    around = use.site.path[-1]
    for node in use.site.path:
        handler = isinstance(node, cst.ExceptHandler | cst.ExceptStarHandler)
        if isinstance(node, cst.FunctionDef) or (handler and not isinstance(around, type(node))):
            around = node
    return around


def _texts(node: cst.CSTNode) -> Iterator[str]:
    return (one.raw_value for one in within(node) if isinstance(one, cst.SimpleString))


def _words(node: cst.CSTNode, left_out: cst.CSTNode) -> Iterator[str]:
    if isinstance(node, cst.Name | cst.Integer):
        yield node.value
    elif node is not left_out:
        for part in parts(node):
            yield from _words(part, left_out)

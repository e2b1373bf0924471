"""Shared by the rules on caught errors: the values that an error's number or message is compared with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import libcst as cst

from usock_lint import ports
from usock_lint.analysis.domain.operations import NO_CELLS, atoms
from usock_lint.analysis.domain.values import (
    Anything,
    Atom,
    Box,
    Cells,
    ErrorNumber,
    Literal,
    Member,
    Module,
    Tuple,
    Value,
)
from usock_lint.analysis.uses import Operation, Use
from usock_lint.syntax.nodes import last_name, of_type, once_per_node, within

EQUALITY = (cst.Equal, cst.NotEqual, cst.In, cst.NotIn)


class Choice(NamedTuple):
    """One of the values that an error is compared with, its node, and the cells on which the value is possible.

    `listed`: it is a member of a tuple, list or set.
    """

    node: cst.BaseExpression
    atom: Atom
    cells: Cells
    listed: bool = False


def compared(use: Operation, kind: type[Atom]) -> list[Choice]:
    """The values that an atom of this kind is compared with by ==, != or in, one for each member of a list or the like.

    `e.args == (110,)` and `110 in e.args` compare the number, too.
    """
    sides = ((use.left, use.right, use.right_node), (use.right, use.left, use.left_node))
    for error, other, node in sides:
        if cells := _where(error, kind, use.site.live):
            return list(_choices(node, other, cells))
        only = [item for atom, _ in atoms(error, use.site.live) for item in _only_item(atom)]
        if cells := _where(frozenset[Atom]().union(*only), kind, use.site.live):
            return list(
                _choices(node, other, cells) if _is_in_args(use, error) else _in_tuples(use, node, other, cells)
            )
    return []


def _where(value: Value, kind: type[Atom], live: Cells) -> Cells:
    return NO_CELLS.union(*(cells for atom, cells in atoms(value, live) if isinstance(atom, kind)))


def _only_item(atom: Atom) -> tuple[Value, ...]:
    """The only item of a tuple."""
    return atom.items if isinstance(atom, Tuple) and len(atom.items) == 1 else ()


def _is_in_args(use: Operation, error: Value) -> bool:
    """True if this is `x in e.args`, for a caught exception e."""
    return isinstance(use.operator, cst.In | cst.NotIn) and error is use.right


def _in_tuples(use: Operation, node: cst.BaseExpression, value: Value, live: Cells) -> Iterator[Choice]:
    """The items of tuples with one item each: what `e.args == (110,)` or `e.args in ((110,), (11,))` compares with."""
    is_membership = isinstance(use.operator, cst.In | cst.NotIn)
    found = _choices(node, value, live) if is_membership else (Choice(node, *one) for one in atoms(value, live))
    for choice in found:
        for inner in _choices(choice.node, frozenset({choice.atom}), choice.cells) if _only_item(choice.atom) else ():
            yield inner._replace(listed=choice.listed)


def is_resolving(use: Operation) -> bool:
    """True if the comparison is with the number of an error that only getaddrinfo can have raised."""
    found = [atom for side in (use.left, use.right) for atom, _ in atoms(side, use.site.live)]
    found += [one for atom in found for item in _only_item(atom) for one in item]
    numbers = [atom.resolving for atom in found if isinstance(atom, ErrorNumber)]
    return bool(numbers) and all(numbers)


def _choices(node: cst.BaseExpression, value: Value, live: Cells) -> Iterator[Choice]:
    for atom, cells in atoms(value, live):
        if isinstance(atom, Tuple):
            written = node.elements if isinstance(node, cst.Tuple | cst.List) else ()
            places = [one.value for one in written] if len(written) == len(atom.items) else [node] * len(atom.items)
            for place, item in zip(places, atom.items, strict=True):
                yield from (Choice(place, one, both, listed=True) for one, both in atoms(item, cells))
        elif isinstance(atom, Box) and isinstance(atom.node, cst.Set):
            for element in atom.node.elements:
                one = Literal(element.value) if isinstance(element.value, cst.Integer) else Anything()
                yield Choice(element.value, one, cells, listed=True)
        else:
            yield Choice(node, atom, cells)


def errno_name(atom: Atom) -> str | None:
    """The name behind `errno.NAME`."""
    return atom.name if isinstance(atom, Member) and atom.owner == Module("errno") else None


def perhaps_at_once(use: Use) -> Cells:
    """The cells on which a call with one of the timeouts that the file sets does not wait, and ends with another error.

    A timeout there is counted in steps, and the shortest of the file is shorter than one.
    """
    shortest = min(_timeouts(use.site.module), default=None)
    if shortest is None:
        return NO_CELLS
    return frozenset(
        cell
        for cell in use.site.live
        if ports.behaviour(cell, "timeout_brief") == "nonblocking_errno"
        and shortest * 1000 < ports.behaviour(cell, "timeout_resolution_ms")["recv_tcp"]
    )


@once_per_node
def _timeouts(module: cst.Module) -> frozenset[float]:
    """The timeouts in seconds that a file sets, as numbers or by names that it assigns numbers to; not 0."""
    given = [
        one.args[0].value
        for one in of_type(module, cst.Call)
        if one.args and isinstance(one.func, cst.Attribute) and one.func.attr.value == "settimeout"
    ]
    named = {name for one in given if (name := last_name(one)) is not None}
    assigned = [one for one in of_type(module, cst.Assign) if named & {last_name(each.target) for each in one.targets}]
    numbers = [one for one in (*given, *(one.value for one in assigned)) if isinstance(one, cst.Float | cst.Integer)]
    return frozenset(value for one in numbers if (value := float(one.evaluated_value)) > 0)


def words(use: Use, left_out: cst.CSTNode) -> frozenset[str]:
    """The names of errors and the integers in the same place as the use (`_around`), apart from the node `left_out`.

    They tell whether a handler also tests for the error of another port.
    """
    inside = _words(left_out)
    return frozenset(word for word, count in _error_words(_around(use)).items() if count > inside[word])


def texts(use: Use) -> frozenset[str]:
    """The strings in the same place as the use (`_around`)."""
    return _texts(_around(use))


def attempted(use: Use) -> frozenset[str]:
    """The names and integers in the body of the try statement whose handler a use is in."""
    tries = [node for node in use.site.path if isinstance(node, cst.Try | cst.TryStar)]
    return frozenset(_words(tries[-1].body)) if tries else frozenset()


def _around(use: Use) -> cst.CSTNode:
    """The outermost handler around a use in its function; without one the function, or the statement at top level."""
    handlers = (cst.ExceptHandler, cst.ExceptStarHandler)
    around = use.site.path[-1]
    for node in use.site.path:
        if isinstance(node, cst.FunctionDef) or (isinstance(node, handlers) and not isinstance(around, handlers)):
            around = node
    return around


@once_per_node
def _texts(node: cst.CSTNode) -> frozenset[str]:
    return frozenset(one.raw_value for one in within(node) if isinstance(one, cst.SimpleString))


def _words(node: cst.CSTNode) -> Counter[str]:
    return Counter(one.value for one in within(node) if isinstance(one, cst.Name | cst.Integer))


@once_per_node
def _error_words(node: cst.CSTNode) -> dict[str, int]:
    """The numbers of occurrences of integers and of names that may be about errors: even a long function has few."""
    return {word: count for word, count in _words(node).items() if word == "errno" or word[0] in "E0123456789"}

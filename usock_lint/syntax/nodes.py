"""Iterates over the nodes with code below a node, without layout. libcst's own `children` takes ten times as long."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cache, lru_cache
from typing import Final, TypeVar, cast

import libcst as cst

_Node = TypeVar("_Node", bound=cst.CSTNode)
_Result = TypeVar("_Result")

# Fields with layout, operators and annotations. A walk without these visits two nodes in five.
_LAYOUT: Final = frozenset(
    (
        "lpar rpar lbracket rbracket lbrace rbrace comma semicolon equal dot colon first_colon second_colon "
        "operator star leading_lines lines_after_decorators trailing_whitespace newline comment header footer "
        "annotation asynchronous"
    ).split()
)

BINDING: Final = (
    cst.AnnAssign,
    cst.AsName,
    cst.AssignTarget,
    cst.AugAssign,
    cst.ClassDef,
    cst.For,
    cst.FunctionDef,
    cst.NamedExpr,
)
"""Nodes that bind a name of the scope they stand in, but for imports."""

_SEQUENCES: Final = (tuple, list)
_NO_NODE: Final = (str, bool, type(None), cst.MaybeSentinel)


def parts(node: cst.CSTNode) -> Sequence[cst.CSTNode]:
    """The nodes right below this one that hold code, in source order."""
    return _held(node, _fields(type(node)))


def _held(node: cst.CSTNode, names: tuple[str, ...]) -> Sequence[cst.CSTNode]:
    found: list[cst.CSTNode] = []
    for name in names:
        part = getattr(node, name)
        if type(part) in _SEQUENCES:
            found += part
        elif type(part) not in _NO_NODE:
            found.append(part)
    return found


def within(node: cst.CSTNode, closed: Container[type[cst.CSTNode]] = ()) -> Iterator[cst.CSTNode]:
    """This node and every one below it that holds code, in source order; below those of the closed types, nothing."""
    if isinstance(node, cst.Module) and not closed:
        yield from _nodes(node)
    else:
        yield from _walked(node, closed)


def _walked(node: cst.CSTNode, closed: Container[type[cst.CSTNode]] = ()) -> Iterator[cst.CSTNode]:
    pending = [node]
    while pending:
        one = pending.pop()
        yield one
        if type(one) not in closed:
            pending += reversed(parts(one))


def of_type(node: cst.CSTNode, *kinds: type[_Node], closed: Container[type[cst.CSTNode]] = ()) -> Iterator[_Node]:
    """Those nodes of `within` that are of these types.

    What looks for few kinds of node in many asks here: libcst's classes are abstract ones to Python, of which
    `isinstance` and patterns ask in ten times the time in which types are compared.
    """
    for one in within(node, closed):
        if type(one) in kinds:
            yield cast("_Node", one)


def once_per_node(function: Callable[[_Node], _Result]) -> Callable[[_Node], _Result]:
    """Cache the results of a function for the last few nodes: the module, or the function at hand.

    A function that is called for each use in a file may then search the whole file, without time that grows with the
    square of its length. Nodes cannot be keys of weak dictionaries, so a few are kept alive.
    """
    cached = lru_cache(4)(function)
    _clearing.append(cached.cache_clear)
    return cached


_clearing: list[Callable[[], None]] = []


def forget() -> None:
    """Let go of the trees that are cached: the next file has others."""
    for clear in _clearing:
        clear()


@once_per_node
def _nodes(module: cst.Module) -> Sequence[cst.CSTNode]:
    """The nodes of `within` for a module, which is searched for many things."""
    return tuple(_walked(module))


def called_name(node: cst.CSTNode | None) -> str | None:
    """The name of the function or the method that a node calls; None for what is no call of a name."""
    match node:
        case cst.Call(func=cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name))):
            return name
        case _:
            return None


Parents = Mapping[cst.CSTNode, cst.CSTNode]
"""The node around each node."""


@once_per_node
def parents(module: cst.Module) -> Parents:
    """The node around each node of a module that holds code."""
    return {part: node for node in within(module) for part in parts(node)}


def statements_around(node: cst.CSTNode, around: Parents) -> tuple[cst.CSTNode, ...]:
    """The statements and suites around a node, the outermost first."""
    found: list[cst.CSTNode] = []
    above: cst.CSTNode | None = node
    while above is not None:
        if isinstance(above, cst.BaseStatement | cst.BaseSmallStatement | cst.BaseSuite):
            found.append(above)
        above = around.get(above)
    return tuple(reversed(found))


def syntax_parts(node: cst.CSTNode) -> Sequence[cst.CSTNode]:
    """As `parts`, and also annotations: all that the compiler reads."""
    return _held(node, _syntax_fields(type(node)))


@cache
def _syntax_fields(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    return tuple(_names(kind, _LAYOUT - {"annotation"}))


@cache
def _fields(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    return tuple(_names(kind, _LAYOUT))


def _names(kind: type[cst.CSTNode], left_out: Container[str]) -> Iterator[str]:
    """The fields that may hold nodes: texts, as those of names and literals, never do."""
    for field in fields(kind):
        if field.type is not str and field.name not in left_out and not field.name.startswith("whitespace"):
            yield field.name

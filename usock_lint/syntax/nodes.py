"""Searches of libcst trees that skip layout, such as white space. libcst's own `children` takes ten times as long."""

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
    """The nodes of `within` that are of exactly these types.

    It compares types, because `isinstance` and patterns take ten times as long with libcst's abstract base classes.
    """
    for one in within(node, closed):
        if type(one) in kinds:
            yield cast("_Node", one)


def once_per_node(function: Callable[[_Node], _Result]) -> Callable[[_Node], _Result]:
    """Cache the results of a function for the last four nodes, such as the module or the current function.

    So a function that is called for each use in a file may search the whole file, and the time still does not grow with
    the square of the file's length. Nodes cannot be keys of weak dictionaries, so the cache keeps a few trees alive
    until `forget`.
    """
    cached = lru_cache(4)(function)
    _clearing.append(cached.cache_clear)
    return cached


_clearing: list[Callable[[], None]] = []


def forget() -> None:
    """Clear the caches, so that the trees of the last file can be freed."""
    for clear in _clearing:
        clear()


@once_per_node
def _nodes(module: cst.Module) -> Sequence[cst.CSTNode]:
    """The nodes of `within` for a module, which many functions search."""
    return tuple(_walked(module))


def called_name(node: cst.CSTNode | None) -> str | None:
    """The name of the function or method that a node calls; None if it is not a call, or its callee has no name."""
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
    """The fields of a type of node that may hold nodes, unlike the text of a name or literal."""
    for field in fields(kind):
        if field.type is not str and field.name not in left_out and not field.name.startswith("whitespace"):
            yield field.name

"""Searches of libcst trees that skip layout, such as white space. libcst's own `children` takes ten times as long."""

from __future__ import annotations

# What `threading` gives out as local; it is slow to import.
from _thread import _local  # pyright: ignore[reportPrivateUsage]
from collections.abc import Callable, Container, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import Field, fields
from functools import lru_cache, wraps
from itertools import chain
from typing import Any, Final, TypeVar, cast, get_origin

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

_NO_NODE: Final = frozenset((str, bool, type(None), cst.MaybeSentinel))


def parts(node: cst.CSTNode) -> Sequence[cst.CSTNode]:
    """The nodes right below this one that hold code, in source order."""
    return _PARTS[type(node)](node)


class _Kinds(dict[type[cst.CSTNode], "Callable[[cst.CSTNode], list[cst.CSTNode]]"]):
    """By kind of node, a function for the nodes that such a node holds, but for those in some fields.

    It is compiled when the first node of a kind is met: a walk asks nothing else, and a loop over the names of fields
    takes three times as long.
    """

    def __init__(self, left_out: Container[str]) -> None:
        self._left_out = left_out

    def __missing__(self, kind: type[cst.CSTNode]) -> Callable[[cst.CSTNode], list[cst.CSTNode]]:
        # The texts of names and literals never hold a node.
        held = [one for one in fields(kind) if one.type is not str and one.name not in self._left_out]
        lines = [_found(one) for one in held if not one.name.startswith("whitespace")]
        names: dict[str, Any] = {"NO_NODE": _NO_NODE}
        exec("\n ".join(("def parts(node):", "found = []", *lines, "return found")), names)
        self[kind] = names["parts"]
        return self[kind]


def _found(field: Field[Any]) -> str:
    """The statement that adds what a field holds, by the type that libcst declares for it."""
    part = f"node.{field.name}"
    if get_origin(field.type) is Sequence:
        return f"found += {part}"
    if isinstance(field.type, type) and issubclass(field.type, cst.CSTNode):
        return f"found.append({part})"
    choice = "found += part if kind is tuple or kind is list else () if kind in NO_NODE else (part,)"
    return f"part = {part}; kind = type(part); {choice}"


def within(node: cst.CSTNode, closed: Container[type[cst.CSTNode]] = ()) -> Iterator[cst.CSTNode]:
    """This node and every one below it that holds code, in source order; below those of the closed types, nothing."""
    return iter(_nodes(node)) if isinstance(node, cst.Module) and not closed else _walked(node, closed)


def _walked(node: cst.CSTNode, closed: Container[type[cst.CSTNode]] = ()) -> Iterator[cst.CSTNode]:
    pending, parts_of = [node], _PARTS
    while pending:
        one = pending.pop()
        yield one
        kind = type(one)
        if kind not in closed and (below := parts_of[kind](one)):
            below.reverse()
            pending += below


def of_type(node: cst.CSTNode, *kinds: type[_Node], closed: Container[type[cst.CSTNode]] = ()) -> Iterator[_Node]:
    """The nodes of `within` that are of exactly these types.

    It compares types, because `isinstance` and patterns take ten times as long with libcst's abstract base classes.
    """
    if isinstance(node, cst.Module) and not closed and len(kinds) == 1:
        return iter(cast("Sequence[_Node]", _nodes_by_kind(node).get(kinds[0], ())))
    return (cast("_Node", one) for one in within(node, closed) if type(one) in kinds)


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


class Kept:
    """What functions have found in the nodes of a file. A document keeps it for its next version: most nodes stay."""

    def __init__(self) -> None:
        self._known: dict[tuple[Callable[..., Any], cst.CSTNode], Any] = {}
        self._met: dict[tuple[Callable[..., Any], cst.CSTNode], Any] = {}

    @contextmanager
    def in_use(self) -> Generator[None]:
        """Work on a version. What no function has asked for in it is forgotten, unless the version cannot be parsed."""
        before, self._met = getattr(_here, "kept", None), {}
        _here.kept = self
        try:
            yield
            self._known = self._met
        finally:
            _here.kept = before

    def forget(self, nodes: Sequence[cst.CSTNode]) -> None:
        """Forget what was found in these nodes, as they hold others now."""
        changed = {*nodes}
        self._known = {key: found for key, found in self._known.items() if key[1] not in changed}

    def found(self, function: Callable[[_Node], _Result], node: _Node) -> _Result:
        """The result of a function for a node."""
        key = function, node
        if key in self._met:
            return self._met[key]
        result = self._met[key] = self._known[key] if key in self._known else function(node)
        return result


_here = _local()
"""What this thread keeps of the file that it lints, as `kept`."""


def kept_per_node(function: Callable[[_Node], _Result]) -> Callable[[_Node], _Result]:
    """Keep the results of a function that looks at nothing but a node and those below it, while a file is linted."""

    @wraps(function)
    def found(node: _Node) -> _Result:
        kept: Kept | None = getattr(_here, "kept", None)
        return function(node) if kept is None else kept.found(function, node)

    return found


@once_per_node
def _nodes(module: cst.Module) -> Sequence[cst.CSTNode]:
    """The nodes of `within` for a module, which many functions search."""
    return (module, *chain.from_iterable(map(_nodes_in, module.body)))


@kept_per_node
def _nodes_in(statement: cst.CSTNode) -> Sequence[cst.CSTNode]:
    return tuple(_walked(statement))


@once_per_node
def _nodes_by_kind(module: cst.Module) -> Mapping[type[cst.CSTNode], Sequence[cst.CSTNode]]:
    found: dict[type[cst.CSTNode], list[cst.CSTNode]] = {}
    for statement in module.body:
        for kind, nodes in _kinds_in(statement).items():
            found.setdefault(kind, []).extend(nodes)
    return found


@kept_per_node
def _kinds_in(statement: cst.CSTNode) -> Mapping[type[cst.CSTNode], Sequence[cst.CSTNode]]:
    found: dict[type[cst.CSTNode], list[cst.CSTNode]] = {}
    for one in _nodes_in(statement):
        found.setdefault(type(one), []).append(one)
    return found


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
    found: dict[cst.CSTNode, cst.CSTNode] = dict.fromkeys(module.body, module)
    for statement in module.body:
        found.update(_parents_in(statement))
    return found


@kept_per_node
def _parents_in(statement: cst.CSTNode) -> Parents:
    return {part: node for node in _nodes_in(statement) for part in parts(node)}


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
    return _SYNTAX_PARTS[type(node)](node)


_PARTS: Final = _Kinds(_LAYOUT)
_SYNTAX_PARTS: Final = _Kinds(_LAYOUT - {"annotation"})

"""Searches of libcst trees that skip layout, such as white space. libcst's own `children` takes ten times as long."""

from __future__ import annotations

# What `threading` gives out as local; it is slow to import.
from _thread import _local  # pyright: ignore[reportPrivateUsage]
from bisect import bisect_left
from collections.abc import Callable, Collection, Container, Generator, Iterable, Iterator, Mapping, Sequence
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
    """For each kind of node a function that returns the nodes in its fields, except in those that are left out.

    A walk calls nothing else. So the function is compiled, when the first node of the kind is met: a loop over the
    names of the fields would take three times as long.
    """

    def __init__(self, left_out: Container[str]) -> None:
        self._left_out = left_out

    def __missing__(self, kind: type[cst.CSTNode]) -> Callable[[cst.CSTNode], list[cst.CSTNode]]:
        # The texts of names and literals never hold a node.
        held = [one for one in fields(kind) if one.type is not str and one.name not in self._left_out]
        lines = [_adding(one) for one in held if not one.name.startswith("whitespace")]
        if not lines:
            self[kind] = _nothing
            return _nothing
        names: dict[str, Any] = {"NO_NODE": _NO_NODE}
        exec("\n ".join(("def parts(node):", "found = []", *lines, "return found")), names)
        self[kind] = names["parts"]
        return self[kind]


def _nothing(_: cst.CSTNode) -> list[cst.CSTNode]:
    return []


def _adding(field: Field[Any]) -> str:
    """The statement that adds what a field holds, by the type that libcst declares for it."""
    part = f"node.{field.name}"
    if get_origin(field.type) is Sequence:
        return f"found += {part}"
    if isinstance(field.type, type) and issubclass(field.type, cst.CSTNode):
        return f"found.append({part})"
    choice = "found += part if kind is tuple or kind is list else () if kind in NO_NODE else (part,)"
    return f"part = {part}; kind = type(part); {choice}"


def within(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """This node and every one below it that holds code, in source order."""
    if isinstance(node, cst.Module):
        trees = _trees_of(node)
        return chain((node,), chain.from_iterable(trees[one].nodes for one in node.body))
    tree = _tree_with(node)
    return _walked(node) if tree is None else iter(tree.nodes[slice(*tree.range(node))])


def _walked(node: cst.CSTNode, closed: Container[type[cst.CSTNode]] = ()) -> Iterator[cst.CSTNode]:
    pending, parts_of = [node], _PARTS
    while pending:
        one = pending.pop()
        yield one
        kind = type(one)
        if kind not in closed and (below := parts_of[kind](one)):
            below.reverse()
            pending += below


def of_type(node: cst.CSTNode, *kinds: type[_Node], closed: Collection[type[cst.CSTNode]] = ()) -> Iterator[_Node]:
    """The nodes of `within` that are of exactly these types; none that is below a node of a closed type.

    It compares types, because `isinstance` and patterns take ten times as long with libcst's abstract base classes.
    """
    if isinstance(node, cst.Module):
        trees = _trees_of(node)
        return chain.from_iterable(trees[one].of_type(one, kinds, closed) for one in node.body)
    tree = _tree_with(node)
    if tree is None:
        return (cast("_Node", one) for one in _walked(node, closed) if type(one) in kinds)
    return iter(tree.of_type(node, kinds, closed))


class _Tree:
    """The nodes of a statement in source order: those below a node are a range, and those of a type part of a list.

    `places` has the index of each node, `kinds` the indices of the nodes of each type, and `parents` the node around
    each but the first.
    """

    def __init__(self, statement: cst.CSTNode) -> None:
        nodes = self.nodes = list[cst.CSTNode]()
        places = self.places = dict[cst.CSTNode, int]()
        kinds = self.kinds = dict[type[cst.CSTNode], list[int]]()
        parents = self.parents = dict[cst.CSTNode, cst.CSTNode]()
        self._ranges: dict[cst.CSTNode, tuple[int, int]] = {}
        pending, parts_of = [statement], _PARTS
        while pending:
            one = pending.pop()
            kind = type(one)
            place = places[one] = len(nodes)
            nodes.append(one)
            if kind in kinds:
                kinds[kind].append(place)
            else:
                kinds[kind] = [place]
            if below := parts_of[kind](one):
                for part in below:
                    parents[part] = one
                below.reverse()
                pending += below

    def range(self, node: cst.CSTNode) -> tuple[int, int]:
        """The index of a node, and that behind the last node below it."""
        found = self._ranges.get(node)
        if found is None:
            last = node
            while below := parts(last):
                last = below[-1]
            found = self._ranges[node] = self.places[node], self.places[last] + 1
        return found

    def of_type(
        self, node: cst.CSTNode, kinds: Sequence[type[_Node]], closed: Collection[type[cst.CSTNode]]
    ) -> list[_Node]:
        """The nodes of some types among a node and those below it; none that is below a node of a closed type."""
        nodes, (first, end) = self.nodes, self.range(node)
        if not closed:
            return [cast("_Node", nodes[place]) for place in self._of_kinds(kinds, first, end)]
        found: list[_Node] = []
        for place in self._of_kinds({*kinds, *closed}, first, end):
            if place >= first:
                one = nodes[place]
                if type(one) in kinds:
                    found.append(cast("_Node", one))
                if type(one) in closed:
                    first = self.range(one)[1]
        return found

    def _of_kinds(self, kinds: Iterable[type[cst.CSTNode]], first: int, end: int) -> list[int]:
        found: list[int] = []
        for kind in kinds:
            if places := self.kinds.get(kind):
                found += places[bisect_left(places, first) : bisect_left(places, end)]
        found.sort()
        return found


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
    _trees.clear()
    for clear in _clearing:
        clear()


class Kept:
    """The results of functions for nodes of a file. A document keeps them for its next version: most nodes stay."""

    def __init__(self) -> None:
        self._known: dict[tuple[Callable[..., Any], cst.CSTNode], Any] = {}
        self._asked: dict[tuple[Callable[..., Any], cst.CSTNode], Any] = {}

    @contextmanager
    def in_use(self) -> Generator[None]:
        """Work on a version. Results that nobody asks for in it are forgotten, unless it cannot be parsed."""
        before, self._asked = getattr(_here, "kept", None), {}
        _here.kept = self
        try:
            yield
            self._known = self._asked
        finally:
            _here.kept = before

    def forget(self, nodes: Sequence[cst.CSTNode]) -> None:
        """Forget the results for these nodes, which hold other nodes now."""
        changed = {*nodes}
        self._known = {key: found for key, found in self._known.items() if key[1] not in changed}

    def found(self, function: Callable[[_Node], _Result], node: _Node) -> _Result:
        """The result of a function for a node."""
        key = function, node
        if key in self._asked:
            return self._asked[key]
        result = self._asked[key] = self._known[key] if key in self._known else function(node)
        return result


_here = _local()
"""Its attribute `kept` is the `Kept` of the file that this thread lints."""


def kept_per_node(function: Callable[[_Node], _Result]) -> Callable[[_Node], _Result]:
    """Keep the results of a function that looks at nothing but a node and those below it, while a file is linted."""

    @wraps(function)
    def found(node: _Node) -> _Result:
        kept: Kept | None = getattr(_here, "kept", None)
        return function(node) if kept is None else kept.found(function, node)

    return found


@kept_per_node
def _tree(statement: cst.CSTNode) -> _Tree:
    return _Tree(statement)


_trees: dict[cst.Module, Mapping[cst.CSTNode, _Tree]] = {}
"""For each of the last few modules its nodes, each with the tree of the module's statement that it is in."""

_MOST_TREES: Final = 4


def index(module: cst.Module) -> None:
    """Walk a module, so that no search of a part of it walks any more, until `forget` or a few modules later."""
    _trees_of(module)


def _trees_of(module: cst.Module) -> Mapping[cst.CSTNode, _Tree]:
    found = _trees.get(module)
    if found is None:
        found = dict[cst.CSTNode, _Tree]()
        for statement in module.body:
            tree = _tree(statement)
            found.update(dict.fromkeys(tree.nodes, tree))
        _trees[module] = found
        for one in [*_trees][:-_MOST_TREES]:
            _trees.pop(one, None)
    return found


def _tree_with(node: cst.CSTNode) -> _Tree | None:
    for trees in [*_trees.values()]:
        if (found := trees.get(node)) is not None:
            return found
    return None


def called_name(node: cst.CSTNode | None) -> str | None:
    """The name of the function or method that a node calls; None if it is not a call, or its callee has no name."""
    return last_name(node.func) if isinstance(node, cst.Call) else None


def last_name(node: cst.BaseExpression) -> str | None:
    """`c` of `c` and of `a.b.c`."""
    match node:
        case cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)):
            return name
        case _:
            return None


def dotted(name: cst.BaseExpression) -> str:
    """A dotted name as it is written."""
    if isinstance(name, cst.Attribute):
        return f"{dotted(name.value)}.{name.attr.value}"
    return name.value if isinstance(name, cst.Name) else ""


def package_of(module: cst.BaseExpression) -> str:
    """`a` of the module name `a.b.c`."""
    while isinstance(module, cst.Attribute):
        module = module.value
    return module.value if isinstance(module, cst.Name) else ""


def mentions(node: cst.CSTNode, name: str) -> bool:
    """True if a name is anywhere in a node."""
    return any(one.value == name for one in of_type(node, cst.Name))


Parents = Mapping[cst.CSTNode, cst.CSTNode]
"""The node around each node."""


@once_per_node
def parents(module: cst.Module) -> Parents:
    """The node around each node of a module that holds code."""
    found: dict[cst.CSTNode, cst.CSTNode] = dict.fromkeys(module.body, module)
    trees = _trees_of(module)
    for statement in module.body:
        found.update(trees[statement].parents)
    return found


def statements_around(node: cst.CSTNode, around: Parents) -> tuple[cst.CSTNode, ...]:
    """The statements and suites around a node, the outermost first."""
    found: list[cst.CSTNode] = []
    above: cst.CSTNode | None = node
    while above is not None:
        if isinstance(above, (cst.BaseStatement, cst.BaseSmallStatement, cst.BaseSuite)):
            found.append(above)
        above = around.get(above)
    return tuple(reversed(found))


def function_around(node: cst.CSTNode, around: Parents) -> cst.FunctionDef | None:
    """The innermost function that a node is in, or is; None at module level."""
    above: cst.CSTNode | None = node
    while above is not None and not isinstance(above, cst.FunctionDef):
        above = around.get(above)
    return above


def imports_at_top(module: cst.Module) -> Iterator[cst.Import | cst.ImportFrom]:
    """The imports among a module's own statements."""
    for line in module.body:
        for one in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            if isinstance(one, (cst.Import, cst.ImportFrom)):
                yield one


def packages_at_top(module: cst.Module) -> Iterator[str]:
    """The top-level packages that a module's own statements import."""
    for statement in imports_at_top(module):
        match statement:
            case cst.Import(names=names):
                yield from (package_of(alias.name) for alias in names)
            case cst.ImportFrom(module=source, relative=()) if source is not None:
                yield package_of(source)
            case _:
                pass


def is_text(statement: cst.CSTNode) -> bool:
    """True for a statement that is only a string, such as a docstring."""
    return isinstance(statement, cst.Expr) and isinstance(statement.value, (cst.SimpleString, cst.ConcatenatedString))


def syntax_parts(node: cst.CSTNode) -> Sequence[cst.CSTNode]:
    """As `parts`, and also annotations: all that the compiler reads."""
    return _SYNTAX_PARTS[type(node)](node)


_PARTS: Final = _Kinds(_LAYOUT)
_SYNTAX_PARTS: Final = _Kinds(_LAYOUT - {"annotation"})

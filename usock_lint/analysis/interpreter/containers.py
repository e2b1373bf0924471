"""Containers that grow: lists, dicts, sets, poll objects; and what comes out of them.

What is put into one is learnt, wherever in the file that is, under the expression that made it. What is taken out is
one of those, where all are of one sort; under a constant key, one of those that were put there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import libcst as cst

from usock_lint.analysis.domain.operations import NO_CONSTANT, NONE, NOTHING, UNKNOWN, constant, join
from usock_lint.analysis.domain.values import Anything, Atom, Box, Instance, Items, Kind, On, Tuple, Value
from usock_lint.analysis.interpreter.state import Point

Arguments = list[Value]

_ANY: Final = "any item"
_KEYS: Final = "keys"
_ELSEWHERE: Final = "under other keys"

_MAKERS: Final[dict[str, Kind]] = {"list": "list", "dict": "dict", "set": "set", "deque": "list", "poll": "poll"}


def made(point: Point, node: cst.CSTNode, name: str, items: Value = frozenset()) -> Value:
    """A container that this expression makes, `name` being its type or a function that gives one, with these items."""
    box = Box(node, _MAKERS[name])
    if items:
        put(point, box, items)
    return frozenset({box})


def put(point: Point, box: Atom, items: Value, key: Value | None = None) -> None:
    """Something comes into a container; `key` is that of a dict."""
    node = _node(box)
    if node is None:
        return
    point.learn("contents", (node, _ANY), items)
    if key is not None and isinstance(box, Box) and box.kind == "dict":
        point.learn("contents", (node, _KEYS), key)
        keys = _constants(key)
        for one in [(_ELSEWHERE,)] if keys is None else keys:
            point.learn("contents", (node, one), items)


def taken(point: Point, atom: Atom, key: Value | None = None) -> Value:
    """What an item of a container may be; `key` is that of a dict. Empty for what is no container."""
    match atom:
        case Items(item):
            return item
        case Box(node, "dict") if key is not None and (keys := _constants(key)) is not None:
            there = [point.recall("contents", (node, one)) for one in (*keys, (_ELSEWHERE,))]
            return join(*(one for one in there if one is not None)) or UNKNOWN
        case Box(node):
            return uniform(point.recall("contents", (node, _ANY)) or UNKNOWN)
        case Tuple(items, list_):
            more = point.recall("contents", (list_, _ANY)) if list_ is not None else None
            return join(*items) if more is None else uniform(join(*items, more))
        case _:
            return frozenset()


def keys(point: Point, atom: Atom) -> Value:
    """What iterating over a container gives: the keys of a dict, the items of the others."""
    if isinstance(atom, Box) and atom.kind == "dict":
        return uniform(point.recall("contents", (atom.node, _KEYS)) or UNKNOWN)
    return taken(point, atom)


def is_list(atom: Atom) -> bool:
    """Whether this is a list, to which more may be added."""
    return isinstance(atom, Box) if not isinstance(atom, Tuple) else atom.made is not None


def has_grown(point: Point, atom: Atom) -> bool:
    """Whether something was put into a list after it was written."""
    return isinstance(atom, Tuple) and atom.made is not None and _learnt(point, atom.made)


def _learnt(point: Point, node: cst.CSTNode) -> bool:
    return point.recall("contents", (node, _ANY)) is not None


def uniform(value: Value) -> Value:
    """The value if all it may be is of one sort, apart from None; unknown otherwise."""
    sorts = {_sort(atom) for atom in value if constant(atom) is not None}
    return value if len(sorts) <= 1 else UNKNOWN


def _sort(atom: Atom) -> object:
    match atom:
        case On(_, inner):
            return _sort(inner)
        case Instance(node):
            return node
        case Tuple(items):
            return len(items)
        case Anything():
            return atom
        case _:
            found: object = constant(atom)
            kind: type = type(atom if found is NO_CONSTANT else found)
            return kind.__name__


def _node(atom: Atom) -> cst.CSTNode | None:
    match atom:
        case Box(node):
            return node
        case Tuple(_, list_):
            return list_
        case _:
            return None


def _constants(key: Value) -> list[tuple[Any]] | None:
    """The constant keys that a key may be, each set apart from what is no key; None where another is possible."""
    found = [(constant(atom),) for atom in key]
    return found if all(isinstance(one, str | int | None) for (one,) in found) else None


# Methods


def method(point: Point, owner: Atom, name: str, arguments: Arguments, iterated: Callable[[Value], Value]) -> Value:
    """Call a method of a container; `iterated` tells what iterating over a value gives."""
    first = arguments[0] if arguments else UNKNOWN
    match name, arguments:
        case (("append" | "appendleft" | "add"), [item]):
            put(point, owner, item)
        case "insert", [_, item]:
            put(point, owner, item)
        case (("register" | "modify"), [item, *_]):
            put(point, owner, item)
        case (("extend" | "update"), [items]):
            _merged(point, owner, items, iterated)
        case "setdefault", [key, item]:
            put(point, owner, item, key)
            return taken(point, owner, key)
        case _:
            return _given(point, owner, name, first, arguments[1:])
    return NONE


def _merged(point: Point, owner: Atom, items: Value, iterated: Callable[[Value], Value]) -> None:
    if not (isinstance(owner, Box) and owner.kind == "dict"):
        put(point, owner, iterated(items))
        return
    for atom in items:
        put(point, owner, taken(point, atom) or UNKNOWN, keys(point, atom) or UNKNOWN)


def _given(point: Point, owner: Atom, name: str, first: Value, rest: Arguments) -> Value:
    match name:
        case "get" | "pop" if isinstance(owner, Box) and owner.kind == "dict":
            default = rest[0] if rest else NONE if name == "get" else NOTHING
            return join(taken(point, owner, first), default)
        case "pop" | "popleft":
            return taken(point, owner)
        case "popitem":
            return frozenset({Tuple((keys(point, owner), taken(point, owner)))})
        case "items":
            return frozenset({Items(frozenset({Tuple((keys(point, owner), taken(point, owner)))}))})
        case "values" | "copy":
            return frozenset({Items(taken(point, owner))}) if name == "values" else frozenset({owner})
        case "keys":
            return frozenset({Items(keys(point, owner))})
        case "poll" | "ipoll":
            # An object that was registered, and what happened to it (extmod/modselect.c@v1.26.0).
            return frozenset({Items(frozenset({Tuple((taken(point, owner), UNKNOWN))}))})
        case _:
            return UNKNOWN

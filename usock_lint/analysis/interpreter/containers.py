"""Containers that grow: lists, dicts, sets and poll objects, and the values of their items.

The content of a container is a summary of the expression that made it: each value that the file puts into it, wherever
it does. An item that is taken out has one of these values if they are all of one sort, else it is unknown. With a
constant key it has one of the values that were put in under this key.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import libcst as cst

from usock_lint.analysis.domain import builtin_types
from usock_lint.analysis.domain.operations import (
    NO_CELLS,
    NO_CONSTANT,
    NONE,
    NOTHING,
    UNKNOWN,
    atoms,
    constant,
    join,
    unconditional,
)
from usock_lint.analysis.domain.values import (
    STDIN,
    Anything,
    Atom,
    Box,
    Cells,
    Instance,
    Items,
    Kind,
    Member,
    OfType,
    On,
    PollEvents,
    Socket,
    Tuple,
    Value,
)
from usock_lint.analysis.interpreter.core import Interpreter
from usock_lint.analysis.uses import LookedUp, Stepped

KEY: Final = "key()"
"""The name of the `Member` of a selector that stands for one of its keys."""

# The content of a container is published under several keys: these, and for a dict with known keys each of them.
_ANY: Final = "any item"
_KEYS: Final = "keys"
_OTHER_KEYS: Final = "under other keys"
_DATA: Final = "what is registered with the items"


def made(interp: Interpreter, node: cst.CSTNode, kind: Kind, items: Value = frozenset()) -> Value:
    """The container of this kind that an expression makes, with these items."""
    box = Box(node, kind)
    if items:
        put(interp, box, items)
    return frozenset({box})


def put(interp: Interpreter, box: Atom, items: Value, key: Value | None = None) -> None:
    """Put something into a container; `key` is that of a dict."""
    node = _node(box)
    if node is None:
        return
    interp.summaries.publish("contents", (node, _ANY), items)
    if key is not None and isinstance(box, Box) and box.kind == "dict":
        interp.summaries.publish("contents", (node, _KEYS), key)
        # Any look-up may find a value that was put in under an unknown key, so it is published under `_OTHER_KEYS`.
        keys = _constants(key)
        for one in [(_OTHER_KEYS,)] if keys is None else keys:
            interp.summaries.publish("contents", (node, one), items)


def taken(interp: Interpreter, atom: Atom, key: Value | None = None) -> Value:
    """The value of an item of a container; `key` is that of a dict. Empty if the atom is no container."""
    match atom:
        case Items(item):
            return item
        case Box(node, "dict") if key is not None and _constants(key) is not None:
            # `d["a"]`: the values put in under "a", and those under unknown keys, which may be "a".
            # A key that differs by configuration, such as `sys.platform`, has an item on these only.
            live = interp.state.live
            asked = [((constant(atom),), cells) for atom, cells in atoms(key, live)]
            there = [(interp.summaries.read("contents", (node, one)), cells) for one, cells in asked]
            there.append((interp.summaries.read("contents", (node, (_OTHER_KEYS,))), live))
            return join(*(interp.state.limit(one, cells) for one, cells in there if one is not None)) or UNKNOWN
        case Box(node):
            return uniform(interp.summaries.read("contents", (node, _ANY)) or UNKNOWN)
        case Tuple(items, list_):
            # `[a, b]` has its items by position until something is put into it: then any item may be anywhere.
            more = interp.summaries.read("contents", (list_, _ANY)) if list_ is not None else None
            return join(*items) if more is None else uniform(join(*items, more))
        case _:
            return frozenset()


def elements(interp: Interpreter, atom: Atom) -> Value:
    """The values of an iteration over a container: the keys of a dict, the items of others."""
    if isinstance(atom, Box) and atom.kind == "dict":
        return uniform(interp.summaries.read("contents", (atom.node, _KEYS)) or UNKNOWN)
    return taken(interp, atom)


def note_step(interp: Interpreter, node: cst.Subscript, base: Value, by: Value, *, assigned: bool = False) -> None:
    """Record a slice with a step other than 1 of values that do not take one."""
    steps = {constant(atom) for atom in by}
    if steps and all(isinstance(one, int) and one != 1 for one in steps):
        kind = builtin_types.without_steps(base, assigned=assigned)
        if kind is not None:
            interp.recorder.note_by_type(Stepped(interp.recorder.site(interp.state.live), node, kind))


def note_look_up(interp: Interpreter, node: cst.Subscript, atom: Atom, key: Value) -> None:
    """Record a look-up in a dict with a socket as the key, together with the keys that the dict has."""
    if isinstance(atom, Box) and atom.kind == "dict":
        there = interp.summaries.read("contents", (atom.node, _KEYS))
        for one, cells in atoms(key, interp.state.live):
            if there and isinstance(one, Socket):
                interp.recorder.note(LookedUp(interp.recorder.site(cells), node, one, there))


def is_list(atom: Atom) -> bool:
    """True if this is a list or a deque, to which `+=` adds items."""
    if isinstance(atom, Box):
        return atom.kind in ("list", "deque")
    return isinstance(atom, Tuple) and atom.made is not None


def has_grown(interp: Interpreter, atom: Atom) -> bool:
    """True if something was put into a list after it was written."""
    return isinstance(atom, Tuple) and atom.made is not None and _is_filled(interp, atom.made)


def is_empty(interp: Interpreter, atom: Atom) -> bool:
    """True if this is `[]`, into which nothing has been put so far."""
    return isinstance(atom, Box) and isinstance(atom.node, cst.List) and not _is_filled(interp, atom.node)


def _is_filled(interp: Interpreter, node: cst.CSTNode) -> bool:
    return interp.summaries.read("contents", (node, _ANY)) is not None


def uniform(value: Value) -> Value:
    """The value if its possibilities, apart from None and standard input, are of one sort; else unknown."""
    sorts = {_sort(atom) for atom in value if constant(atom) is not None and atom != STDIN}
    return value if len(sorts) <= 1 else UNKNOWN


def _sort(atom: Atom) -> object:
    """What atoms of one sort have in common: the class, the type, or for tuples the length."""
    match atom:
        case On(_, inner):
            return _sort(inner)
        case Instance(node):
            return node
        case OfType(name):
            return name
        # Tuples of one length are rows of a table: `(sock, addr)` in each is one sort.
        case Tuple(items):
            return len(items)
        case Anything():
            return atom
        case _:
            found: object = constant(atom)
            kind: type = type(atom if found is NO_CONSTANT else found)
            return kind.__name__


def _node(atom: Atom) -> cst.CSTNode | None:
    """The node that stands for a container in summaries of its content; None if nothing can be put into the atom."""
    match atom:
        case Box(node):
            return node
        case Tuple(_, list_):
            return list_
        case _:
            return None


def _constants(key: Value) -> list[tuple[Any]] | None:
    """The constants that a key may be, None if it may be another. Each is in a tuple, so that none equals `_KEYS`."""
    found = [(constant(unconditional(atom)),) for atom in key]
    return found if all(isinstance(one, (str, int, type(None))) for (one,) in found) else None


def _key(selector: Box) -> Value:
    """The key under which a selector has one of its items."""
    return frozenset({Member(selector, KEY)})


def of_key(interp: Interpreter, selector: Box, name: str) -> Value:
    """An attribute of a key of this selector."""
    match name:
        case "fileobj":
            return taken(interp, selector)
        case "data":
            return uniform(interp.summaries.read("contents", (selector.node, _DATA)) or UNKNOWN)
        case _:
            return UNKNOWN


# Methods


def method(
    interp: Interpreter, owner: Atom, name: str, arguments: list[Value], iterated: Callable[[Value], Value]
) -> Value:
    """The result of a method of a container; `iterated` is a function that returns the items of a value."""
    first = arguments[0] if arguments else UNKNOWN
    match name, arguments:
        case (("append" | "appendleft" | "add"), [item]):
            put(interp, owner, item)
        case "insert", [_, item]:
            put(interp, owner, item)
        case (("register" | "modify"), [item, *rest]):
            put(interp, owner, item)
            if isinstance(owner, Box) and owner.kind == "selector":
                interp.summaries.publish("contents", (owner.node, _DATA), rest[1] if len(rest) > 1 else NONE)
                return _key(owner)
        case (("extend" | "update"), [items]):
            _merged(interp, owner, items, iterated)
        case "setdefault", [key, item]:
            put(interp, owner, item, key)
            return taken(interp, owner, key)
        case _:
            return _taken_by(interp, owner, name, first, arguments[1:])
    return NONE


def _not_written_in(interp: Interpreter, node: cst.Dict, key: Value) -> Cells:
    """The cells on which a key may be another than those that stand in this display."""
    keys = [interp.quiet(one.key) for one in node.elements if isinstance(one, cst.DictElement)]
    written = [one for found in map(_constants, keys) for one in found or ()]
    asked = atoms(key, interp.state.live)
    return NO_CELLS.union(*(cells for atom, cells in asked if (constant(atom),) not in written))


def _merged(interp: Interpreter, owner: Atom, items: Value, iterated: Callable[[Value], Value]) -> None:
    if not (isinstance(owner, Box) and owner.kind == "dict"):
        put(interp, owner, iterated(items))
        return
    # `a.update(b)`: it is unknown which item has which key, so each key may have each item.
    for atom in items:
        put(interp, owner, taken(interp, atom) or UNKNOWN, elements(interp, atom) or UNKNOWN)


def _taken_by(interp: Interpreter, owner: Atom, name: str, first: Value, rest: list[Value]) -> Value:
    """The result of a method that takes items out of a container, or looks at them."""
    match name:
        case "get" | "pop" if isinstance(owner, Box) and owner.kind == "dict":
            # `get` returns None for a missing key. `pop` without a default raises, so nothing is added.
            # A display in which the key stands has it: `{"rp2": False}.get(sys.platform, True)`.
            default = rest[0] if rest else NONE if name == "get" else NOTHING
            if name == "get" and isinstance(owner.node, cst.Dict):
                default = interp.state.limit(default, _not_written_in(interp, owner.node, first))
            return join(taken(interp, owner, first), default)
        case "pop" | "popleft":
            return taken(interp, owner)
        case "popitem":
            return frozenset({Tuple((elements(interp, owner), taken(interp, owner)))})
        case "items":
            return frozenset({Items(frozenset({Tuple((elements(interp, owner), taken(interp, owner)))}))})
        case "values" | "copy":
            return frozenset({Items(taken(interp, owner))}) if name == "values" else frozenset({owner})
        case "keys":
            return frozenset({Items(elements(interp, owner))})
        case "get_key" | "unregister" if isinstance(owner, Box) and owner.kind == "selector":
            return _key(owner)
        case "select" if isinstance(owner, Box) and owner.kind == "selector":
            return frozenset({Items(frozenset({Tuple((_key(owner), UNKNOWN))}))})
        case "poll" | "ipoll":
            # An object that was registered, and what happened to it (extmod/modselect.c@v1.26.0).
            return frozenset({Items(frozenset({Tuple((taken(interp, owner), frozenset({PollEvents()})))}))})
        case _:
            return UNKNOWN

"""What the port's builtins and builtin types lack and refuse, and CPython's, which play them, do not.

A program's attributes of such names, and its calls, go by way of a `Refusals`, which asks the table of the port.
"""

from __future__ import annotations

import ast
import builtins
import collections
import hashlib
import io
import re
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, cast

from usock_lint.ports import Cell, world
from usock_lint.shim.core.arguments import check_count
from usock_lint.shim.world.operators import call

_TYPES: Final[tuple[type[Any], ...]] = (
    str,
    bytes,
    bytearray,
    int,
    dict,
    list,
    tuple,
    set,
    frozenset,
    memoryview,
    range,
    complex,
)

_KINDS: Final[Mapping[type[Any], tuple[str, str]]] = {
    collections.deque: ("collections.deque", "deque"),
    re.Match: ("match", "match"),
    re.Pattern: ("pattern", "re"),
    io.TextIOWrapper: ("text_file", "TextIOWrapper"),
    **dict.fromkeys((io.BufferedRandom, io.BufferedReader, io.BufferedWriter, io.FileIO), ("binary_file", "FileIO")),
}
"""What the table calls types of CPython's, and what MicroPython itself does."""

_HASHES: Final = frozenset({type(hashlib.md5(usedforsecurity=False)), type(hashlib.blake2b())})

_BY_FRAME: Final = frozenset("dir eval exec globals locals super vars".split())
"""Builtins that look at the frame which calls them."""

_ELSEWHERE: Final = frozenset("asyncio lwip select socket ssl tls".split())
"""Modules that see to their arguments themselves."""

_CONSTRUCTORS: Final = frozenset({"bytes", "str"})


class Refusals:
    """What one port at one release refuses; `names` are its builtins by name."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        self._origins: dict[int, tuple[str, str]] = {}
        self.lacking = frozenset(name for kind, one in _kinds() for name in dir(one) if self._lacks(kind, name))

    def keep(self, names: Mapping[str, Any]) -> dict[str, Any]:
        """The builtins that the port has, of these."""
        spelt = filter(str.isidentifier, names)
        gone = frozenset(name for name in spelt if world.builtin(self.cell, name) is False)
        kept = {name: value for name, value in names.items() if name not in gone}
        self.tell("builtins", kept)
        return kept

    def tell(self, module: str, names: Mapping[str, Any]) -> None:
        """These are what a module has under these names."""
        if module not in _ELSEWHERE:
            self._origins.update({id(value): (module, name) for name, value in names.items() if callable(value)})

    def functions(self) -> dict[str, Callable[..., Any]]:
        """What a program calls instead, under names that no program can spell, and two that it can."""
        return {"<.>": self.attribute, "<()>": self.call, "getattr": self.getattr, "hasattr": self.hasattr}

    def attribute(self, thing: Any, name: str) -> Any:
        """thing.name"""
        kind, shown = _kind(thing)
        if kind and self._lacks(kind, name):
            raise AttributeError(f"'{shown}' object has no attribute '{name}'")
        return getattr(thing, name)

    def hasattr(self, thing: Any, name: str) -> bool:
        """The builtin."""
        kind, _ = _kind(thing)
        return not (kind and self._lacks(kind, name)) and hasattr(thing, name)

    def getattr(self, thing: Any, name: str, *default: Any) -> Any:
        """The builtin."""
        if default and not self.hasattr(thing, name):
            return default[0]
        return self.attribute(thing, name)

    def call(self, function: Any, /, *arguments: Any, **keywords: Any) -> Any:
        """function(*arguments, **keywords)"""
        owner, name, bound = self._origin(function)
        taken = world.signature(self.cell, owner, name) if owner else None
        if taken is not None and taken.takes(len(arguments), keywords) is False:
            _refuse(taken, owner, name, len(arguments), keywords, bound)
        return function(*arguments, **keywords)

    def _lacks(self, kind: str, name: str) -> bool:
        module, _, cls = kind.rpartition(".")
        answer = (
            world.class_member(self.cell, module, cls, name) if module else world.builtin_method(self.cell, kind, name)
        )
        return answer is False

    def _origin(self, function: Any) -> tuple[str, str, int]:
        """Whose a function is, its name, and how many arguments are its own affair; "" for one that is not known."""
        if found := self._origins.get(id(function)):
            return (*found, 0)
        owner = getattr(function, "__self__", None) if isinstance(function, types.BuiltinMethodType) else None
        if owner is None or isinstance(owner, types.ModuleType):
            return "", "", 0
        kind, _ = _kind(owner)
        return (_owner(kind), function.__name__, 1) if kind else ("", "", 0)


def _refuse(taken: world.Call, owner: str, name: str, given: int, keywords: Mapping[str, Any], bound: int) -> None:
    """Raise what the port raises, in its words."""
    if keywords and owner == "builtins" and name in _CONSTRUCTORS:
        raise NotImplementedError("keyword argument(s) not implemented - use normal args instead")
    if keywords and not taken.named and not taken.keywords:
        raise TypeError("function doesn't take keyword arguments")
    check_count(given + bound, taken.minimum + bound, None if taken.maximum is None else taken.maximum + bound)
    raise TypeError("extra keyword arguments given")


def _kinds() -> Iterator[tuple[str, type[Any]]]:
    yield from ((one.__name__, one) for one in _TYPES)
    yield from ((kind, one) for one, (kind, _) in _KINDS.items())
    yield from (("hashlib.sha256", one) for one in _HASHES)


def _kind(thing: Any) -> tuple[str, str]:
    """What the table and MicroPython call the type of a thing, or a builtin type itself; "" for others."""
    if isinstance(thing, type):
        return (thing.__name__, "type") if thing in _TYPES else ("", "")
    one = cast("type[Any]", type(thing))
    if one in _TYPES:
        return one.__name__, one.__name__
    if one in _HASHES:
        return f"hashlib.{thing.name}", thing.name
    if any(thing is one for one in (sys.stdin, sys.stdout, sys.stderr)):
        return "", ""
    return _KINDS.get(one, ("", ""))


def _owner(kind: str) -> str:
    return f"builtins.{kind}" if hasattr(builtins, kind) else kind


class Asking(ast.NodeTransformer):
    """Asks `refusals` where a program takes such an attribute or makes such a call."""

    def __init__(self, refusals: Refusals) -> None:
        self._refusals = refusals

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """value.attr"""
        self.generic_visit(node)
        if not isinstance(node.ctx, ast.Load) or node.attr not in self._refusals.lacking:
            return node
        return call(node, "<.>", node.value, ast.copy_location(ast.Constant(node.attr), node))

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """func(*args, **keywords)"""
        is_asked = not (isinstance(node.func, ast.Name) and node.func.id in _BY_FRAME)
        self.generic_visit(node)
        if not is_asked:
            return node
        asked = call(node, "<()>", node.func, *node.args)
        asked.keywords = node.keywords
        return asked

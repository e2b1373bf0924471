"""What the bodies of code in a file tell each other, and which of them have to be walked again for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

import libcst as cst

from usock_lint.analysis.domain.environment import Scope, changed, is_open, matters
from usock_lint.analysis.domain.operations import NONE, estranged, filled, join
from usock_lint.analysis.domain.values import Cells, Given, Value
from usock_lint.analysis.uses import AnyUse

# A value can depend on a parameter, that on an attribute, that on what a helper returns: real code goes no deeper.
_WALKS: Final = 4

Table = Literal[
    "attributes",
    "returns",
    "parameters",
    "unknown calls",
    "outer",
    "endless",
    "contents",
    "declared",
    "open",
    "states",
    "served",
]
"""What bodies tell each other of: a class's attribute, a function's result, its parameter, that something unknown is
called by its name, a name that it assigns in
the function that binds it (None for the module), that it never returns, what was put into a container (known by what
made it) under a key, the type of an attribute after its annotation, that attributes of a class are set by names that
are not known, or an attribute of this name of what is not known, a part of the
state of the socket in an attribute or a parameter, that a server of asyncio calls a function."""


Key = tuple[Table, Any]

_ELSEWHERE: Final = cst.Pass()
"""Stands for the bodies of other files."""


class Fact:
    """Something that bodies tell each other of. There is one for each key of a table, so it is quickly looked up.

    `told` is what each body tells of it, by the body's node, `value` what they say together, None for nothing so far.
    """

    __slots__ = ("key", "table", "told", "value")

    def __init__(self, table: Table, key: Any) -> None:
        self.table, self.key = table, key
        self.told: dict[cst.CSTNode, Value] = {}
        self.value: Value | None = None

    @property
    def name(self) -> str:
        """The name that the code calls it by."""
        match self.key:
            case cst.FunctionDef(name=cst.Name(value=name)) | (_, str(name)):
                return name
            case _:
                return ""

    def tell(self, node: cst.CSTNode, value: Value | None) -> None:
        """This body tells that now, or nothing any more."""
        if value is None:
            del self.told[node]
        else:
            self.told[node] = value
        self.value = join(*self.told.values()) if self.told else None


class Body:
    """The module's body, or a function's: it runs later, on the cells on which it was defined; `owner` has the method.

    `cpython` tells that CPython may get to its definition as well.

    With it is kept what its last walk found: the facts it `told`, the uses, the functions in it (`inner`), the names of
    the socket module that it reads; and what it went by: what it `recalled` first of each fact, which names conditions
    were `decided` by, and which names loops `turned` into more than was known where they begin. `restless` tells that
    these were sockets. `doubted` are the facts it
    recalled that others have told anew since. `scope` is the module's if its body ends. `is_vague` tells that a flag
    decides whether it is defined, which cannot be followed. `by_type` tells that it has uses that rest on the types of
    all that a value may be.
    """

    def __init__(
        self,
        node: cst.FunctionDef | cst.Module,
        outer: Scope | None,
        live: Cells,
        path: tuple[cst.CSTNode, ...] = (),
        owner: cst.ClassDef | None = None,
        defaults: dict[str, Value] | None = None,
        *,
        cpython: bool,
        is_vague: bool = False,
    ) -> None:
        self.node, self.outer, self.live, self.path, self.owner = node, outer, live, path, owner
        self.defaults = defaults or {}
        self.cpython, self.is_vague = cpython, is_vague
        self.walks = 0
        self.scope: Scope | None = None

    def begin(self) -> None:
        """Forget the last walk."""
        self.walks += 1
        self.told: dict[Fact, Value] = {}
        self.uses: list[AnyUse] = []
        self.inner: list[Body] = []
        self.reads: set[str] = set()
        self.recalled: dict[Fact, Value | None] = {}
        self.decided: set[str] = set()
        self.turned: set[str] = set()
        self.restless = False
        self.doubted: set[Fact] = set()
        self.by_type = False


class Summaries:
    """What the code of a file tells the rest of it; `body` is the one at hand.

    `bodies` are those walked so far, `outer_names` the names that functions assign outside themselves, `boxes` the
    containers with something in them that matters, or other containers. `functions` are those of other files.
    """

    def __init__(self, root: Body) -> None:
        self.root = self.body = root
        self.bodies: dict[cst.CSTNode, Body] = {}
        self.outer_names: set[tuple[cst.FunctionDef | None, str]] = set()
        self.boxes: set[cst.CSTNode] = set()
        self.functions: set[cst.CSTNode] = set()
        self._given: dict[Key, Value] = {}
        self._facts: dict[Key, Fact] = {}
        self._told: dict[cst.CSTNode, dict[Fact, Value]] = {}
        self._readers: dict[Fact, list[Body]] = {}

    def fact(self, table: Table, key: Any) -> Fact:
        """The one of this key."""
        if (found := self._facts.get((table, key))) is None:
            found = self._facts[table, key] = Fact(table, key)
            if (given := self._given.get((table, key))) is not None:
                found.tell(_ELSEWHERE, given)
        return found

    def add(self, facts: Mapping[Key, Value], functions: frozenset[cst.CSTNode]) -> None:
        """What another file tells of its functions and classes is known here as well."""
        self._given.update(facts)
        self.functions |= functions
        for (table, key), value in facts.items():
            if table == "contents" and any(matters(atom) for atom in value):
                self.boxes.add(key[0])

    def facts(self) -> dict[Key, Value]:
        """All that is known in the end."""
        return self._given | {key: fact.value for key, fact in self._facts.items() if fact.value is not None}

    def learn(self, table: Table, key: Any, value: Value) -> None:
        """Tell the rest of the file of a possibility."""
        if table == "outer":
            self.outer_names.add(key)
        elif table == "contents" and any(matters(atom) for atom in value):
            self.boxes.add(key[0])
        fact, told, value = self.fact(table, key), self.body.told, estranged(value)
        told[fact] = join(told[fact], value) if fact in told else value

    def recall(self, table: Table, key: Any) -> Value | None:
        """What the file tells of an attribute, a function's result, a parameter: None for nothing so far."""
        fact, body = self.fact(table, key), self.body
        value = fact.value
        if (own := body.told.get(fact)) is not None:
            value = own if value is None else join(value, own)
        self.go_by(body, fact, value)
        return filled(value, self._passed) if value is not None and self._given else value

    def _passed(self, parameter: Given) -> Value | None:
        """What this file passes for a parameter of a function of another file; None for one of its own."""
        if parameter.node not in self.functions:
            return None
        return self.recall("parameters", (parameter.node, parameter.name)) or frozenset()

    def go_by(self, body: Body, fact: Fact, value: Value | None) -> None:
        """A body relies on this of a fact."""
        if fact not in body.recalled:
            body.recalled[fact] = value
            self._readers.setdefault(fact, []).append(body)

    def take_in(self) -> None:
        """Learn what the body told in this walk, in place of what its code told in the one before."""
        node, told = self.body.node, self.body.told
        before, self._told[node], self.bodies[node] = self._told.get(node, {}), told, self.body
        for fact in before.keys() - told.keys():
            self._tell(fact, None)
        for fact, value in told.items():
            if before.get(fact) != value:
                self._tell(fact, value)

    def _tell(self, fact: Fact, value: Value | None) -> None:
        """Those look again who went by what was known before."""
        fact.tell(self.body.node, value)
        for body in self._readers.get(fact, ()):
            body.doubted.add(fact)

    def is_stale(self, body: Body) -> bool:
        """Whether another walk could find something that matters: not all that the body went by still holds."""
        if not 0 < body.walks < _WALKS:
            return not body.walks
        if not self.is_settled(body):
            return True
        if body.restless or not body.decided.isdisjoint(body.turned):
            return True
        return any(self._has_changed(body, fact) for fact in body.doubted if fact in body.recalled)

    def is_settled(self, body: Body) -> bool:
        """Whether all that its uses by type rest on still holds, each possibility of it."""
        return not body.by_type or not (
            body.turned or any(body.recalled[fact] != fact.value for fact in body.doubted if fact in body.recalled)
        )

    def _has_changed(self, body: Body, fact: Fact) -> bool:
        before, after = body.recalled[fact], fact.value
        if fact.table == "states":
            return before != after and not (before is None and after == NONE)
        if fact.table == "parameters" and is_open(before) and not is_open(after):
            return True
        if fact.table in ("outer", "endless", "unknown calls", "open") or fact.name in body.decided:
            return before != after
        return changed(before, after, self.boxes)

"""What the bodies of code in a file tell each other, and which of them have to be walked again for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal

import libcst as cst

from usock_lint.model.atoms import Cells, Value
from usock_lint.model.scopes import Scope, changed, matters
from usock_lint.model.uses import AnyUse
from usock_lint.model.values import estranged, join

# A value can depend on a parameter, that on an attribute, that on what a helper returns: real code goes no deeper.
_WALKS: Final = 4

Table = Literal["attributes", "returns", "parameters", "outer", "endless", "contents", "declared"]
Fact = tuple[Table, Any]
"""What bodies tell each other of: a class's attribute, a function's result, its parameter, a name that it assigns in
the function that binds it (None for the module), that it never returns, what was put into a container (known by what
made it) under a key, the type of an attribute after its annotation."""


@dataclass(slots=True, eq=False)
class Body:
    """The module's body, or a function's: it runs later, on the cells on which it was defined; `owner` has the method.

    With it is kept what its last walk found: the facts it `told`, the uses, the functions in it (`inner`), the names of
    the socket module that it reads; and what it went by: what it `recalled` first of each fact, which names conditions
    were `decided` by, and which names loops `turned` into more than was known where they begin. `restless` tells that
    these were sockets. `apart` are the suites in it that MicroPython alone reaches. `doubted` are the facts it
    recalled that others have told anew since.
    """

    node: cst.FunctionDef | cst.Module
    outer: Scope | None
    live: Cells
    path: tuple[cst.CSTNode, ...] = ()
    owner: cst.ClassDef | None = None
    defaults: dict[str, Value] = field(default_factory=dict[str, Value])
    walks: int = 0
    told: dict[Fact, Value] = field(default_factory=dict[Fact, Value])
    uses: list[AnyUse] = field(default_factory=list[AnyUse])
    inner: list[Body] = field(default_factory=list["Body"])
    reads: set[str] = field(default_factory=set[str])
    recalled: dict[Fact, Value | None] = field(default_factory=dict[Fact, Value | None])
    decided: set[str] = field(default_factory=set[str])
    turned: set[str] = field(default_factory=set[str])
    restless: bool = False
    apart: set[cst.CSTNode] = field(default_factory=set[cst.CSTNode])
    doubted: set[Fact] = field(default_factory=set[Fact])

    def begin(self) -> None:
        """Forget the last walk."""
        self.walks, self.restless = self.walks + 1, False
        self.told, self.uses, self.inner, self.reads = {}, [], [], set()
        self.recalled, self.decided, self.turned, self.apart, self.doubted = {}, set(), set(), set(), set()


class Facts:
    """What was `learnt` of the file, by the code that tells it; `body` is the one at hand.

    `bodies` are those walked so far, `outer_names` the names that functions assign outside themselves, `boxes` the
    containers with something in them that matters, or other containers.
    """

    def __init__(self, root: Body) -> None:
        self.root = self.body = root
        self.bodies: dict[cst.CSTNode, Body] = {}
        self.outer_names: set[tuple[cst.FunctionDef | None, str]] = set()
        self.boxes: set[cst.CSTNode] = set()
        self.learnt: dict[Fact, dict[cst.CSTNode, Value]] = {}
        self._told: dict[cst.CSTNode, dict[Fact, Value]] = {}
        self._merged: dict[Fact, Value | None] = {}
        self._readers: dict[Fact, list[Body]] = {}

    def learn(self, table: Table, key: Any, value: Value) -> None:
        """Tell the rest of the file of a possibility."""
        if table == "outer":
            self.outer_names.add(key)
        elif table == "contents" and any(matters(atom) for atom in value):
            self.boxes.add(key[0])
        told = self.body.told
        told[table, key] = join(told.get((table, key), frozenset()), estranged(value))

    def recall(self, table: Table, key: Any) -> Value | None:
        """What the file tells of an attribute, a function's result, a parameter: None for nothing so far."""
        fact: Fact = (table, key)
        body = self.body
        value = self._known(fact)
        if (own := body.told.get(fact)) is not None:
            value = own if value is None else join(value, own)
        self.go_by(body, fact, value)
        return value

    def go_by(self, body: Body, fact: Fact, value: Value | None) -> None:
        """A body relies on this of a fact."""
        if fact not in body.recalled:
            body.recalled[fact] = value
            self._readers.setdefault(fact, []).append(body)

    def _known(self, fact: Fact) -> Value | None:
        """What all that tell of a fact say together."""
        if fact not in self._merged:
            told = self.learnt.get(fact)
            self._merged[fact] = join(*told.values()) if told else None
        return self._merged[fact]

    def take_in(self) -> None:
        """Learn what the body told in this walk, in place of what its code told in the one before."""
        node, told = self.body.node, self.body.told
        before, self._told[node], self.bodies[node] = self._told.get(node, {}), told, self.body
        for fact in before.keys() - told.keys():
            del self.learnt[fact][node]
            self._doubt(fact)
        for fact, value in told.items():
            if before.get(fact) != value:
                self.learnt.setdefault(fact, {})[node] = value
                self._doubt(fact)

    def _doubt(self, fact: Fact) -> None:
        """Have those look again who went by what this was before."""
        self._merged.pop(fact, None)
        for body in self._readers.get(fact, ()):
            body.doubted.add(fact)

    def is_stale(self, body: Body) -> bool:
        """Whether another walk could find something that matters: not all that the body went by still holds."""
        if not 0 < body.walks < _WALKS:
            return not body.walks
        if body.restless or not body.decided.isdisjoint(body.turned):
            return True
        return any(self._has_changed(body, fact) for fact in body.doubted & body.recalled.keys())

    def _has_changed(self, body: Body, fact: Fact) -> bool:
        before, after, (table, key) = body.recalled[fact], self._known(fact), fact
        name = key if isinstance(key, str) else key.name.value if isinstance(key, cst.FunctionDef) else key[1]
        if table in ("outer", "endless") or name in body.decided:
            return before != after
        return changed(before, after, self.boxes)

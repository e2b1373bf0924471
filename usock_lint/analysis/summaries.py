"""Function summaries, what depends on them, and which bodies have to be analysed again because one has changed.

A body publishes summaries: what a function returns, what an attribute is set to. Other bodies read them, and so depend
on the value they saw. When a pass over a body ends, its summaries replace those of its previous pass (`commit`); where
the value differs, the readers are invalidated. This is a worklist by dependencies, bounded by `_MOST_PASSES` for each
body.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

import libcst as cst

from usock_lint.analysis.domain.environment import Scope, changed, is_open, matters
from usock_lint.analysis.domain.operations import join, substituted, without_sites
from usock_lint.analysis.domain.values import Cells, Given, Value
from usock_lint.analysis.uses import AnyUse

_MOST_PASSES: Final = 4
"""The bound on passes over a body. A value can depend on a parameter, this on an attribute, and this on the result of
another function; real code goes no deeper. When the bound is reached, the uses of the last pass are kept."""

Table = Literal[
    "attributes",  # (class or module of the project, name): what is assigned to the attribute
    "returns",  # function: what it returns
    "parameters",  # (function, name): what calls pass for the parameter
    "unknown calls",  # ("", name): something unknown is called by this name
    "outer",  # (the function that binds it, None for the module, name): what other functions assign to it
    "endless",  # function: it never returns
    "ends",  # function of another file: it ends the program
    "contents",  # (the node that makes a container, key): what is put into it under the key
    "declared",  # (class, name): the type of the attribute by its annotation
    "open",  # (class, ""): attributes are set by names that are not known; (None, name): on objects that are not known
    "states",  # (class or function, name, part): a part of the typestate of the socket in the attribute or parameter
    "served",  # function: a server of asyncio calls it
]
"""The kinds of summaries, each with its keys, and the meaning of the value."""


Key = tuple[Table, Any]

_ELSEWHERE: Final = cst.Pass()
"""The node under which other files' summaries are published."""


class Summary:
    """One summary: a key of a table, and its value. There is one object for each key, which stands for the key.

    `published` has the value that each body publishes, by the body's node; `value` is their join, None without any.
    """

    __slots__ = ("key", "published", "table", "value")

    def __init__(self, table: Table, key: Any) -> None:
        self.table: Table = table
        self.key = key
        self.published: dict[cst.CSTNode, Value] = {}
        self.value: Value | None = None

    @property
    def name(self) -> str:
        """The name by which code reads the value: that of the function, attribute or parameter; "" without one."""
        match self.key:
            case cst.FunctionDef(name=cst.Name(value=name)) | (_, str(name)):
                return name
            case _:
                return ""

    def set(self, node: cst.CSTNode, value: Value | None) -> None:
        """Replace the value that the body of this node publishes; None withdraws it."""
        if value is None:
            del self.published[node]
        else:
            self.published[node] = value
        self.value = join(*self.published.values()) if self.published else None


class Body:
    """The module's body or a function's, and the results of the latest pass over it.

    A function's body is analysed after the one that defines it, on the configurations `live` that reach the definition
    (`cpython`: and CPython does). `owner` is the class whose method it is, `outer` the scope around, `scope` the
    module's own scope once its body ends. `is_vague`: an unknown flag about the Python decides whether it is defined.

    Results of a pass: the summaries it `published`, `uses`, the function bodies in it (`inner`), the names of the
    socket module that it reads (`reads`), the statements, handlers and operands that no configuration reaches
    (`unreached`), and the places at which it names functions, classes and private methods of the module (`reached`).

    Dependencies of a pass: summaries and the value first seen of each (`dependencies`), and names that decided a
    condition (`decided_by`). `invalidated` are those of the summaries that have another value by now.
    `changed_in_loop` are the names whose value at the end of a loop has possibilities that the pass did not have at its
    beginning; `socket_changed` tells that one of these is a socket. `by_type`: some of the uses are right only if they
    hold for all types that a value may have, so a new possibility withdraws them.
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
        self.passes = 0
        self.scope: Scope | None = None

    def begin(self) -> None:
        """Begin a pass: forget the results and dependencies of the one before."""
        self.passes += 1
        self.published: dict[Summary, Value] = {}
        self.uses: list[AnyUse] = []
        self.inner: list[Body] = []
        self.reads: set[str] = set()
        self.unreached: set[cst.CSTNode] = set()
        self.reached: set[cst.CSTNode] = set()
        self.dependencies: dict[Summary, Value | None] = {}
        self.decided_by: set[str] = set()
        self.changed_in_loop: set[str] = set()
        self.socket_changed = False
        self.invalidated: set[Summary] = set()
        self.by_type = False

    def with_inner(self) -> Iterator[Body]:
        """The body, and those of the functions in it, in the order in which they are analysed."""
        pending = [self]
        for body in pending:
            yield body
            pending += body.inner


class Summaries:
    """The summaries of a file. `body` is the current body, which publishes and reads.

    `bodies` are those analysed so far, by their nodes. `outer_names` are the outer names that functions assign, `boxes`
    the containers into which sockets or other containers are put. `functions` are those of other files of the project.
    """

    def __init__(self, root: Body) -> None:
        self.root = self.body = root
        self.bodies: dict[cst.CSTNode, Body] = {}
        self.outer_names: set[tuple[cst.FunctionDef | None, str]] = set()
        self.boxes: set[cst.CSTNode] = set()
        self.functions: set[cst.CSTNode] = set()
        self._given: dict[Key, Value] = {}
        self._summaries: dict[Key, Summary] = {}
        self._published: dict[cst.CSTNode, dict[Summary, Value]] = {}
        self._readers: dict[Summary, list[Body]] = {}

    def of(self, table: Table, key: Any) -> Summary:
        """The summary of a key; other files' values are in it from the beginning."""
        if (found := self._summaries.get((table, key))) is None:
            found = self._summaries[table, key] = Summary(table, key)
            if (given := self._given.get((table, key))) is not None:
                found.set(_ELSEWHERE, given)
        return found

    def add(self, summaries: Mapping[Key, Value], functions: frozenset[cst.CSTNode]) -> None:
        """Add what another file has published of its functions and classes."""
        self._given.update(summaries)
        self.functions |= functions
        for (table, key), value in summaries.items():
            if table == "contents" and any(matters(atom) for atom in value):
                self.boxes.add(key[0])

    def all(self) -> dict[Key, Value]:
        """All summaries, other files' included."""
        return self._given | {
            key: summary.value for key, summary in self._summaries.items() if summary.value is not None
        }

    def publish(self, table: Table, key: Any, value: Value) -> None:
        """Add a possibility to the value that the current body publishes for a summary."""
        self.note_published(table, key, value)
        # Other bodies know nothing of this body's allocation sites: a site would stand for a socket of theirs.
        summary, published, value = self.of(table, key), self.body.published, without_sites(value)
        published[summary] = join(published[summary], value) if summary in published else value

    def note_published(self, table: Table, key: Any, value: Value) -> None:
        """Note the outer name, or the container that matters, for which a value is published."""
        if table == "outer":
            self.outer_names.add(key)
        elif table == "contents" and any(matters(atom) for atom in value):
            self.boxes.add(key[0])

    def read(self, table: Table, key: Any) -> Value | None:
        """The value of a summary, None while nobody has published any; the current body depends on it from here on."""
        summary, body = self.of(table, key), self.body
        value = summary.value
        # What this pass has published so far is not committed yet, but its own code further down may read it.
        if (own := body.published.get(summary)) is not None:
            value = own if value is None else join(value, own)
        self.depend_on(body, summary, value)
        return substituted(value, self._passed) if value is not None and self._given else value

    def _passed(self, parameter: Given) -> Value | None:
        """The value that this file passes for a parameter of another file's function; None for its own functions."""
        if parameter.node not in self.functions:
            return None
        return self.read("parameters", (parameter.node, parameter.name)) or frozenset()

    def depend_on(self, body: Body, summary: Summary, value: Value | None) -> None:
        """Record that a body has read this value of a summary. The first value that it has read in a pass counts."""
        if summary not in body.dependencies:
            body.dependencies[summary] = value
            self._readers.setdefault(summary, []).append(body)

    def commit(self) -> None:
        """End the pass over the current body: the summaries that it published replace those of the pass before."""
        node, published = self.body.node, self.body.published
        before, self._published[node], self.bodies[node] = self._published.get(node, {}), published, self.body
        # Code that this pass no longer reached withdraws its summaries.
        for summary in before.keys() - published.keys():
            self._set(summary, None)
        for summary, value in published.items():
            # Only a change invalidates the readers, which have seen an unchanged value already.
            if before.get(summary) != value:
                self._set(summary, value)

    def _set(self, summary: Summary, value: Value | None) -> None:
        """Give a summary a new value, and invalidate every body that depends on the old one."""
        summary.set(self.body.node, value)
        for body in self._readers.get(summary, ()):
            body.invalidated.add(summary)

    def is_stale(self, body: Body) -> bool:
        """True if another pass could find something that matters: a dependency of the last one has changed."""
        # A body that was not analysed yet needs a pass. Some programs would never settle, so the passes are bounded.
        if not 0 < body.passes < _MOST_PASSES:
            return not body.passes
        if not self.has_final_types(body):
            return True
        if body.socket_changed or not body.decided_by.isdisjoint(body.changed_in_loop):
            return True
        return any(self._has_changed(body, summary) for summary in body.invalidated if summary in body.dependencies)

    def has_final_types(self, body: Body) -> bool:
        """True if uses that must hold for all types of a value saw all of them: no dependency has changed at all.

        The typestate of a socket is no type: by it a read may give None as well, for which such a use fails, too.
        """
        return not body.by_type or not (
            body.changed_in_loop
            or any(
                one.table != "states" and body.dependencies[one] != one.value
                for one in body.invalidated
                if one in body.dependencies
            )
        )

    def _has_changed(self, body: Body, summary: Summary) -> bool:
        """True if a dependency has changed in a way that matters: another string or number does not, a socket does."""
        before, after = body.dependencies[summary], summary.value
        if summary.table == "parameters" and is_open(before) and not is_open(after):
            return True
        if summary.table in ("outer", "endless", "unknown calls", "open", "states") or summary.name in body.decided_by:
            return before != after
        return changed(before, after, self.boxes)

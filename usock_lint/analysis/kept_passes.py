"""Passes over functions that are kept from one version of a document to the next.

The language server analyses a document after each edit, in which most functions are the nodes that they were
(`syntax/reparsing.py`). A pass over a function is a computation with inputs and effects: the first time both are
recorded, and the next time the effects are applied if the inputs are the same.

Inputs are what the body is given (`_given`), the summaries that it reads, what it looks up in the scopes around it and
in the tables of the interpreter, and what it asks about the file and its project. Effects are the results of the pass
(`Body`) and what it writes into these tables. The tables are a dict and a set that keep a journal. An operation that
the journal has no word for ends the recording, so that the pass is made again for each version. The same holds for the
module's own statements, and for a function that defines others, since these are analysed in its scope.

All passes that an analysis makes are made or taken in the same order, so the result is the same.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple, cast

import libcst as cst

from usock_lint.analysis import references
from usock_lint.analysis.domain.environment import Scope
from usock_lint.analysis.domain.flags import FLAG
from usock_lint.analysis.domain.keys import Var
from usock_lint.analysis.domain.library import Surroundings
from usock_lint.analysis.domain.operations import UNKNOWN
from usock_lint.analysis.domain.values import Cells, Imported, Items, On, Partial, ProjectModule, Tuple, Value
from usock_lint.analysis.exports import Elsewhere
from usock_lint.analysis.interpreter import definitions
from usock_lint.analysis.interpreter.core import Interpreter
from usock_lint.analysis.summaries import Body, Key, Summary
from usock_lint.analysis.uses import AnyUse, Site

_ABSENT: Final = object()
"""The value of a key that a table does not have."""

_ANY: Final = object()
"""The key of the question whether a table has any."""

_Question = tuple[Any, ...]
"""The kind of a question about the file or its project, and its arguments (`_Interpreter.answer`)."""


class _Journal:
    """Notes what the current pass looks up in tables, writes into them, and asks; nothing unless it `is_on`.

    A place is a table and a key. A table is given by its name; the names of a scope around, by the number of scopes in
    between. `looked_up` has the values that places had before the pass, `written` those that it has written, `answers`
    those to its questions. `is_complete`: these are all that the pass depends on, and all that it has changed.
    """

    def __init__(self) -> None:
        self.is_on = False
        self.begin()

    def begin(self) -> None:
        """Begin with the next pass."""
        self.looked_up: dict[tuple[Any, Any], Any] = {}
        self.written: dict[tuple[Any, Any], Any] = {}
        self.answers: dict[_Question, Any] = {}
        self.is_complete = True

    def look_up(self, table: Any, key: Any, value: Any) -> None:
        """Note the value that a key has in a table; what the pass itself has written there is no input."""
        place = table, key
        if place not in self.written and place not in self.looked_up:
            # A list or dict in a table may grow later, so the journal has a copy.
            self.looked_up[place] = value.copy() if type(value) is list or type(value) is dict else value

    def write(self, table: Any, key: Any, value: Any) -> None:
        """Note a write. The order of keys is that of the table: a removed key that is written again is the last one."""
        place = table, key
        if self.written.get(place) is _ABSENT:
            del self.written[place]
        self.written[place] = value

    def note(self, question: _Question, answer: Any) -> Any:
        """Note the answer to a question about the file or its project, and return it."""
        if self.is_on:
            self.answers.setdefault(question, answer)
        return answer

    def give_up(self) -> None:
        """Note that the pass depends on something that the journal does not have, so that it cannot be kept."""
        self.is_complete = False


class _Noting:
    """The base of tables and sets that keep a journal: operations after which the journal is not complete."""

    journal: _Journal

    def _inner(self, operation: str, *given: Any) -> Any:
        """The result of an operation of the dict or set itself, without a note."""
        return getattr(super(), operation)(*given)

    def _unnoted(self, operation: str, *given: Any) -> Any:
        """The result of an operation of which the journal has no notes."""
        if self.journal.is_on:
            self.journal.give_up()
        return self._inner(operation, *given)

    def __iter__(self) -> Iterator[Any]:
        return self._unnoted("__iter__")

    def __len__(self) -> int:
        return self._unnoted("__len__")

    def __ior__(self, other: Any) -> Any:
        return self._unnoted("__ior__", other)


class _Table(_Noting, dict[Any, Any]):
    """A dict that keeps a journal."""

    def __init__(self, journal: _Journal, table: Any, content: dict[Any, Any]) -> None:
        super().__init__(content)
        self.journal, self.table = journal, table

    def get(self, key: Any, default: Any = None) -> Any:
        found = super().get(key, _ABSENT)
        if self.journal.is_on:
            self.journal.look_up(self.table, key, found)
        return default if found is _ABSENT else found

    def __getitem__(self, key: Any) -> Any:
        if (found := self.get(key, _ABSENT)) is _ABSENT:
            raise KeyError(key)
        return found

    def __contains__(self, key: object) -> bool:
        return self.get(key, _ABSENT) is not _ABSENT

    def __bool__(self) -> bool:
        if self.journal.is_on:
            self.journal.look_up(self.table, _ANY, self._inner("__len__") > 0)
        return self._inner("__len__") > 0

    def __setitem__(self, key: Any, value: Any) -> None:
        if self.journal.is_on:
            self.journal.write(self.table, key, value)
        super().__setitem__(key, value)

    def __delitem__(self, key: Any) -> None:
        if self.journal.is_on:
            self.journal.write(self.table, key, _ABSENT)
        super().__delitem__(key)

    def pop(self, key: Any, default: Any = None) -> Any:
        if (found := self.get(key, _ABSENT)) is _ABSENT:
            return default
        del self[key]
        return found

    def update(self, more: Any) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        for key, value in dict(more).items():
            self[key] = value

    def __or__(self, other: Any) -> Any:
        return self._unnoted("__or__", other)

    def keys(self) -> Any:
        return self._unnoted("keys")

    def values(self) -> Any:
        return self._unnoted("values")

    def items(self) -> Any:
        return self._unnoted("items")

    def setdefault(self, *given: Any) -> Any:
        return self._unnoted("setdefault", *given)


class _Set(_Noting, set[Any]):
    """A set that keeps a journal.

    The union with another set is a temporary one, of whose items those in `more` are not items of the table.
    """

    def __init__(
        self, journal: _Journal, table: str, content: Iterable[Any], more: frozenset[Any] | None = None
    ) -> None:
        super().__init__(content)
        self.journal, self.table, self._more = journal, table, more

    def __contains__(self, one: object) -> bool:
        found = super().__contains__(one)
        if self.journal.is_on and not (self._more and one in self._more):
            self.journal.look_up(self.table, one, True if found else _ABSENT)
        return found

    def __bool__(self) -> bool:
        if self.journal.is_on and not self._more:
            self.journal.look_up(self.table, _ANY, self._inner("__len__") > 0)
        return self._inner("__len__") > 0

    def add(self, one: Any) -> None:
        if self._more is not None:
            self._more |= {one}
        elif self.journal.is_on:
            self.journal.write(self.table, one, True)
        super().add(one)

    def __or__(self, other: Any) -> Any:
        return _Set(self.journal, self.table, super().__or__(other), (self._more or frozenset()) | other)

    def discard(self, one: Any) -> None:
        self._unnoted("discard", one)

    def update(self, *others: Any) -> None:
        self._unnoted("update", *others)


class _Around(Scope):
    """A scope around functions, whose names keep a journal. It has the fields of the scope that it stands for."""

    def __init__(self, scope: Scope, journal: _Journal) -> None:
        self.__dict__ = scope.__dict__
        self.names = self.table = _Table(journal, None, self.names)
        self.parent = self.parent and _around(self.parent, journal)

    def spelt(self, value: Value) -> Var | None:
        journal = self.table.journal
        was_on, journal.is_on = journal.is_on, False
        found = super().spelt(value)
        journal.is_on = was_on
        return journal.note(("spelt", self.table.table, value), found)


def _around(scope: Scope, journal: _Journal) -> _Around:
    """The scope, with names that keep a journal."""
    return scope if isinstance(scope, _Around) else _Around(scope, journal)


class _Project:
    """The modules of a project; what is asked about them is noted."""

    def __init__(self, project: Container[str], journal: _Journal) -> None:
        self._project, self._journal = project, journal

    def __contains__(self, name: object) -> bool:
        return self._journal.note(("project", name), isinstance(name, str) and name in self._project)


class _Elsewhere(Elsewhere):
    """The files of a project; what is asked about them is noted. It has the fields of what it stands for."""

    def __init__(self, inner: Elsewhere, journal: _Journal) -> None:
        self.__dict__ = inner.__dict__
        self._journal = journal

    @property
    def added(self) -> tuple[object, ...]:
        """The exports of files that were read so far."""
        return tuple(map(id, self._added.values()))

    def module(self, name: str) -> ProjectModule | None:
        return self._journal.note(("module", name), super().module(name))

    def files(self, name: str) -> tuple[str, ...]:
        return self._journal.note(("files", name), super().files(name))

    def hidden(self, module: str, name: str) -> str | None:
        return self._journal.note(("hidden", module, name), super().hidden(module, name))

    def member(self, importer: Any, module: ProjectModule, name: str) -> Value:
        return self._journal.note(("member", module, name), super().member(importer, module, name))

    def resolved(self, importer: Any, value: Value) -> Value:
        found = super().resolved(importer, value)
        return self._journal.note(("resolved", value), found) if Imported in map(type, value) else found

    def imported(self, module: ProjectModule, name: str) -> Value:
        self._journal.give_up()
        return super().imported(module, name)

    def public(self, importer: Any, module: ProjectModule, scope: Scope) -> tuple[dict[str, Value], bool]:
        self._journal.give_up()
        return super().public(importer, module, scope)


class _Interpreter(Interpreter):
    """An interpreter whose tables keep a journal."""

    def __init__(
        self,
        journal: _Journal,
        module: cst.Module,
        universe: Cells,
        surroundings: Surroundings,
        elsewhere: Elsewhere | None,
        *,
        losses: bool,
    ) -> None:
        self.project = _Project(surroundings.project, journal)
        self.files = _Elsewhere(elsewhere or Elsewhere(), journal)
        self.journal = journal
        super().__init__(module, universe, surroundings._replace(project=self.project), self.files, losses=losses)
        self.tables: dict[str, Any] = {}
        for owner, fields in (
            (self, ("loops", "default_values", "default_names", "read", "failed", "open_branches", "while_loops")),
            (self, ("callees",)),
            (self.env, ("holders", "_spelt")),
            (self.hierarchy, ("_bases", "_derived", "_foreign", "class_of", "setters", "computed")),
            (self.typing, ("names", "aliases")),
        ):
            for field in fields:
                content: Any = getattr(owner, field)
                kind: Any = _Table if isinstance(content, dict) else _Set
                name = f"{type(owner).__name__}.{field}"
                self.tables[name] = kind(journal, name, content)
                setattr(owner, field, self.tables[name])

    def is_referred_to(self, name: str) -> bool:
        return self.journal.note(("referred", name), super().is_referred_to(name))

    def sets_attribute(self, name: str, holder: cst.BaseExpression) -> bool:
        return self.journal.note(("sets", name, holder), super().sets_attribute(name, holder))

    def tells_release(self, name: str) -> bool:
        return self.journal.note(("release", name), super().tells_release(name))

    def names_field(self, name: str) -> bool:
        return self.journal.note(("field", name), super().names_field(name))

    def listed(self, name: str) -> cst.Call | None:
        return self.journal.note(("listed", name), super().listed(name))

    def answer(self, body: Body, question: _Question) -> Any:
        """The answer to a question that a journal has."""
        asked, *given = question
        match asked:
            case "spelt":
                place: int = given[0]
                return _scopes(body)[place].spelt(given[1])
            case "project":
                return given[0] in self.project
            case "referred":
                return self.is_referred_to(*given)
            case "sets":
                return self.sets_attribute(*given)
            case "release":
                return self.tells_release(*given)
            case "field":
                return self.names_field(*given)
            case "listed":
                return self.listed(*given)
            case "member" | "resolved":
                return getattr(self.files, asked)(self, *given)
            case _:
                return getattr(self.files, asked)(*given)


def _scopes(body: Body) -> Sequence[_Around]:
    """The scopes around a body, the nearest first."""
    found: list[_Around] = []
    scope = body.outer
    while isinstance(scope, _Around):
        found.append(scope)
        scope = scope.parent
    return found


class _Pass(NamedTuple):
    """A pass over a function: its inputs, then its effects.

    `read` has the value of each summary that it has read, without what the pass itself publishes; `dependencies` the
    value that it saw first.
    """

    given: tuple[Any, ...]
    read: dict[Key, Value | None]
    looked_up: dict[tuple[Any, Any], Any]
    answers: dict[_Question, Any]
    declared: frozenset[str]
    """The names that the function declares as `global` or `nonlocal`."""
    assigned: frozenset[Any]
    """Those of them that functions assign, and the names of the function itself that inner ones assign."""

    written: dict[tuple[Any, Any], Any]
    published: dict[Key, Value]
    dependencies: dict[Key, Value | None]
    uses: list[AnyUse]
    sites: list[Site]
    results: tuple[Any, ...]
    networked: bool
    reads_streams: bool


_LOOPS: Final = "_Interpreter.while_loops"
"""The table whose values have sites, as uses have."""

_RESULTS: Final = ("reads", "unreached", "reached", "decided_by", "changed_in_loop", "socket_changed", "by_type")
"""The results of a pass that are kept unchanged. The others have summaries or sites, which belong to one version."""


class KeptPasses:
    """The passes over the functions of one document that the analysis of its last version has made or taken."""

    def __init__(self) -> None:
        self._before: dict[cst.CSTNode, list[_Pass]] = {}
        self._now: dict[cst.CSTNode, list[_Pass]] = {}
        self._settings: tuple[bool, ...] = ()
        self._journal = _Journal()

    def interpreter(
        self,
        module: cst.Module,
        universe: Cells,
        surroundings: Surroundings,
        elsewhere: Elsewhere | None,
        *,
        losses: bool,
    ) -> Interpreter:
        """The interpreter for the next version; its passes are made by `analyse`."""
        settings = losses, surroundings.lints_every_file
        self._before, self._now = self._now if settings == self._settings else {}, {}
        self._settings = settings
        return _Interpreter(self._journal, module, universe, surroundings, elsewhere, losses=losses)

    def analyse(self, interp: Interpreter, body: Body) -> None:
        """Make a pass over a body, or take the one that was kept, and commit its summaries."""
        if body.outer is None or not isinstance(interp, _Interpreter):
            definitions.analyse(interp, body)
            return
        body.outer = _around(body.outer, self._journal)
        for place, scope in enumerate(_scopes(body)):
            scope.table.table = place
        given = _given(interp, body)
        before = self._before.get(body.node, [])
        # The pass of the same number is the likeliest to fit, then those after it.
        nearest = (*before[body.passes :], *before[: body.passes])
        kept = next((one for one in nearest if _holds(one, interp, body, given)), None)
        if kept is None:
            kept = self._made(interp, body, given)
        else:
            _apply(kept, interp, body)
        interp.summaries.commit()
        if kept is not None:
            self._now.setdefault(body.node, []).append(kept)

    def _made(self, interp: _Interpreter, body: Body, given: tuple[Any, ...]) -> _Pass | None:
        """Make a pass and return the record of it; None if it cannot be kept."""
        journal, summaries, added = self._journal, interp.summaries, interp.files.added
        outer_names = frozenset(summaries.outer_names)
        networked, reads_streams = interp.networked, interp.reads_streams
        interp.networked = interp.reads_streams = False
        journal.begin()
        journal.is_on = True
        try:
            definitions.make_pass(interp, body)
        finally:
            journal.is_on = False
        effects = interp.networked, interp.reads_streams
        interp.networked |= networked
        interp.reads_streams |= reads_streams
        if body.inner or not journal.is_complete or interp.files.added != added:
            return None
        declared = frozenset(interp.state.scope.outside)
        loops = (one for (table, _), one in journal.written.items() if table == _LOOPS)
        sites = {id(one): one for one in (*(use.site for use in body.uses), *(site for site, _ in loops))}
        return _Pass(
            given,
            {_key(one): one.value for one in body.dependencies},
            journal.looked_up,
            journal.answers,
            declared,
            _assigned(outer_names, body, declared),
            journal.written,
            {_key(one): value for one, value in body.published.items()},
            {_key(one): value for one, value in body.dependencies.items()},
            body.uses,
            [*sites.values()],
            tuple(getattr(body, result) for result in _RESULTS),
            *effects,
        )


def _key(summary: Summary) -> Key:
    return summary.table, summary.key


def _given(interp: _Interpreter, body: Body) -> tuple[Any, ...]:
    """What a pass over a body begins with, and the facts about the file and its project that any pass may ask for."""
    scopes = [
        (one.is_class, one.owner, one.node, tuple(one.stars), tuple(one.outside.items())) for one in _scopes(body)
    ]
    hierarchy = interp.hierarchy
    return (
        body.live,
        body.path[1:],
        body.owner,
        body.defaults,
        body.cpython and interp.cpython_goes_on,
        body.is_vague,
        scopes,
        interp.files.added,
        interp.files.has_imported,
        hierarchy.is_program,
        hierarchy.asks_for_its_name,
        references.sets_timeouts(interp.module),
    )


def _assigned(outer_names: Iterable[Any], body: Body, declared: frozenset[str]) -> frozenset[Any]:
    return frozenset((owner, name) for owner, name in outer_names if owner is body.node or name in declared)


def _holds(kept: _Pass, interp: _Interpreter, body: Body, given: tuple[Any, ...]) -> bool:
    """True if the inputs of a pass are what they were. What is asked about the project comes last, as that is noted."""
    of = interp.summaries.of
    if not _is_same(kept.given, given):
        return False
    if not all(_is_same(value, of(*key).value) for key, value in kept.read.items()):
        return False
    if kept.assigned != _assigned(interp.summaries.outer_names, body, kept.declared):
        return False
    scopes, tables = _scopes(body), interp.tables
    for (table, key), value in kept.looked_up.items():
        content = scopes[table].table if type(table) is int else tables[table]
        if not _is_same(value, _value(content, key)):
            return False
    return all(_is_same(answer, interp.answer(body, question)) for question, answer in kept.answers.items())


def _value(content: Any, key: Any) -> Any:
    """The value that a table has for a key; that of an item of a set is True."""
    if key is _ANY:
        return bool(content)
    if isinstance(content, _Set):
        return True if key in content else _ABSENT
    return content.get(key, _ABSENT)


def _apply(kept: _Pass, interp: _Interpreter, body: Body) -> None:
    """Apply the effects of a pass, in the tree of this version."""
    summaries = interp.summaries
    of, summaries.body = summaries.of, body
    body.begin()
    for result, value in zip(_RESULTS, kept.results, strict=True):
        setattr(body, result, value)
    for key, value in kept.dependencies.items():
        summaries.depend_on(body, of(*key), value)
    for key, value in kept.published.items():
        summaries.note_published(*key, value)
        body.published[of(*key)] = value
        if key[0] == "outer":
            interp.env.depend_on_outer(*key[1])
    scopes, tables = _scopes(body), interp.tables
    for (table, key), value in kept.written.items():
        content: _Table | _Set = scopes[table].table if type(table) is int else tables[table]
        if isinstance(content, _Set):
            content.add(key)
        elif value is _ABSENT:
            content.pop(key, None)
        else:
            content[key] = value
    interp.networked |= kept.networked
    interp.reads_streams |= kept.reads_streams
    for site in kept.sites:
        object.__setattr__(site, "module", interp.module)
        object.__setattr__(site, "path", (interp.module, *site.path[1:]))
    body.uses = kept.uses


def _is_same(one: Any, other: Any) -> bool:
    """True if two inputs are equal, and are the unknown value both or neither, which the interpreter tells by `is`."""
    if one is other:
        return True
    if type(one) is not type(other) or one is UNKNOWN or other is UNKNOWN or one is FLAG or other is FLAG:
        return False
    if isinstance(one, (tuple, list)):
        items = cast("Sequence[Any]", one)
        return len(items) == len(other) and all(map(_is_same, items, other))
    if isinstance(one, dict):
        named = cast("dict[Any, Any]", one)
        return named.keys() == other.keys() and all(_is_same(value, other[key]) for key, value in named.items())
    return one == other and (not isinstance(one, frozenset) or _unknowns(cast("Value", one)) == _unknowns(other))


def _unknowns(value: Value) -> int:
    """How many parts of a value are the unknown one."""
    return sum(_unknown_parts(atom) for atom in value)


def _unknown_parts(atom: Any) -> int:
    match atom:
        case Tuple(items):
            parts = items
        case Items(item):
            parts = (item,)
        case Partial(_, given):
            parts = tuple(value for _, value, *_ in given)
        case On(_, inner):
            return _unknown_parts(inner)
        case _:
            return 0
    return sum(1 if one is UNKNOWN or one is FLAG else _unknowns(one) for one in parts)

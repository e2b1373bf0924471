"""History of a name or a behaviour from release to release, on one port or implementation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import Any, Generic, Literal, TypeAlias, TypeVar, get_args

from usock_lint.ports import board_names, table, tls
from usock_lint.ports.releases import NEWEST, RELEASES, Release
from usock_lint.ports.target_words import Place
from usock_lint.ports.targets import FIRST, PORTS, Cell, Target

Value = TypeVar("Value")

Owner: TypeAlias = Literal["module", "socket", "tls", "errno", "builtin"]
"""The owner of a name: the socket module, sockets, TLS sockets, the errno module, or "builtin" for an exception."""

OWNERS: tuple[Owner, ...] = get_args(Owner)

_KINDS: Mapping[Owner, str] = {
    "module": "name",
    "socket": "member",
    "tls": "method",
    "errno": "number",
    "builtin": "exception",
}


BOARDS: Mapping[str, str] = {"rp2": "ARDUINO_NANO_RP2040_CONNECT", "stm32": "PYBV11", "mimxrt": "MIMXRT1010_EVK"}
"""For each port with boards that have another socket module than most of its boards, one of these boards."""


@dataclass(frozen=True)
class Column:
    """A port or implementation at some releases, under the name that the user knows it by."""

    label: str
    port: str
    releases: tuple[Release, ...]
    implementation: str = ""
    """The socket module of a probed board, see `Cell`."""

    @classmethod
    def of(cls, port: str) -> Column:
        """A port, or an implementation, at every release at which it has sockets."""
        first = FIRST.get(port, RELEASES[0])
        return cls(port, port, (NEWEST,) if port == "docs" else tuple(one for one in RELEASES if one >= first))

    @classmethod
    def at(cls, target: Target) -> Column:
        """A target at its releases. `port` is the socket module of a board that differs from its port."""
        start = max(target.since, FIRST[target.port])
        if target.is_probed:
            return cls(str(target), target.port, (target.since,), target.implementation)
        home = target.implementation or target.port
        return cls(str(target), home, tuple(one for one in RELEASES if start <= one <= target.until))

    @classmethod
    def board(cls, label: str, place: Place) -> Column:
        """A board at every release at which it has sockets. `port` is its socket module if this differs."""
        home = cls.of(place.implementation or place.port)
        first = max(place.since, FIRST[place.port])
        return cls(label, home.port, tuple(one for one in home.releases if first <= one))

    @classmethod
    def boards(cls) -> dict[str, Column]:
        """The boards with sockets, by their names in MicroPython's tree."""
        known = board_names.known().values()
        places = (Place(one.port, one.name, one.own, one.since) for one in known if one.implementation)
        return {one.name: cls.board(one.name, one) for one in places}

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """The column's cells, oldest first. For a column of an implementation, their `port` is its name."""
        return tuple(Cell(self.port, release, self.implementation) for release in self.releases)

    @property
    def owners(self) -> tuple[Owner, ...]:
        """The owners whose names are known for the column.

        An implementation has no TLS sockets and errno numbers of its own: these differ by port.
        """
        if self.port not in PORTS:
            return ("module", "socket", "builtin")
        return ("module", "socket", "tls") if self.port == "docs" else OWNERS

    @property
    def current(self) -> Column:
        """The releases at which the port has the socket module that it has at the last of them."""
        last = table.implementation_at(self.cells[-1])
        releases = tuple(cell.release for cell in self.cells if table.implementation_at(cell) is last)
        return replace(self, releases=releases)


@dataclass(frozen=True, slots=True)
class Span(Generic[Value]):
    """A value, and the first and last release at which it holds; None where that is the end of the column."""

    since: Release | None
    until: Release | None
    value: Value


@dataclass(frozen=True, slots=True)
class NameHistory:
    """A name in a column: when it is there, how it is called or what it is, and where that is said.

    `contract` is for `docs` alone: "promised", "open", "denied" or "not mentioned". `partly`: some builds, or some of
    the ports that share an implementation, lack it.
    """

    column: Column
    kind: str
    there: tuple[Span[bool], ...]
    calls: tuple[Span[table.Signature], ...]
    values: tuple[Span[int | str], ...]
    contract: str | None
    partly: bool
    notes: tuple[str, ...]
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BehaviourHistory:
    """A behaviour in a column: value (None: not known, or it does not apply) and note by release, and sources."""

    column: Column
    spans: tuple[Span[tuple[Any, str]], ...]
    source: tuple[str, ...]


def spans(column: Column, at: Callable[[Cell], Value]) -> tuple[Span[Value], ...]:
    """The values of a function of cells over a column's releases; equal neighbours are merged."""
    found: list[Span[Value]] = []
    for value, run in groupby(column.cells, key=at):
        cells = list(run)
        first, last = cells[0].release, cells[-1].release
        since = None if first == column.releases[0] else first
        found.append(Span(since, None if last == column.releases[-1] else last, value))
    return tuple(found)


def owners(name: str) -> tuple[Owner, ...]:
    """The owners that have a name, on MicroPython or on CPython."""
    return tuple(owner for owner in OWNERS if name in names(owner))


def names(owner: Owner) -> tuple[str, ...]:
    """Every name that MicroPython or CPython gives to this owner, those of MicroPython first."""
    common = table.common()
    match owner:
        case "module" | "socket":
            facts = (one.module if owner == "module" else one.members for one in table.implementations())
            return _once([*(name for one in facts for name in one), *common[f"cpython_{owner}"]])
        case "tls":
            return tls.names()
        case "errno":
            return (*common["errno"]["names"], *common["errno"]["absent"])
        case "builtin":
            return tuple(common["missing_builtins"]["names"])


def exists(cell: Cell, owner: Owner, name: str) -> bool:
    """True if that owner has the name there; on `docs`, unless the documentation denies it."""
    match owner:
        case "module" | "socket":
            return table.has(cell, owner, name)
        case "tls":
            return tls.has(cell, name)
        case "errno":
            return name in table.errno_names(cell)
        case "builtin":
            return name not in names(owner)


def name_history(column: Column, owner: Owner, name: str) -> NameHistory:
    """The history of a name in a column."""
    facts = {cell: fact for cell in column.cells if (fact := _fact(cell, owner, name))}
    known = {id(fact): fact for fact in facts.values()}.values()
    calls = spans(column, lambda cell: facts[cell].signature(cell.release) if cell in facts else None)
    values = spans(column, lambda cell: _value(facts.get(cell), cell, owner, name))
    return NameHistory(
        column=column,
        kind=next((fact.kind for fact in known), _KINDS[owner]),
        there=spans(column, lambda cell: exists(cell, owner, name)),
        calls=tuple(Span(one.since, one.until, one.value) for one in calls if one.value),
        values=tuple(Span(one.since, one.until, one.value) for one in values if one.value is not None),
        contract=_contract(owner, name, known) if column.port == "docs" else None,
        partly=any(fact.condition or (fact.missing_on and column.port not in PORTS) for fact in known),
        notes=_once(note for fact in known for note in _notes(fact)),
        source=_once(source for cell in reversed(column.cells) for source in _source(cell, owner, facts.get(cell))),
    )


def behaviour_history(column: Column, name: str) -> BehaviourHistory:
    """The history of a behaviour in a column. Raises KeyError for an unknown one."""
    found = {cell: table.behaviour_at(cell, name) for cell in column.cells}
    recorded = [one for one in reversed(found.values()) if one]

    def at(cell: Cell) -> tuple[Any, str]:
        one = found[cell]
        return (one.value, one.note) if one else (None, "")

    return BehaviourHistory(column, spans(column, at), _once(source for one in recorded for source in one.source))


def _fact(cell: Cell, owner: Owner, name: str) -> table.Name | None:
    if owner not in ("module", "socket"):
        return None
    one = table.implementation_at(cell)
    fact = (one.module if owner == "module" else one.members).get(name)
    return fact if fact and (fact.exists(cell) or cell.port == "docs") else None


def _value(fact: table.Name | None, cell: Cell, owner: Owner, name: str) -> int | str | None:
    if owner == "errno" and cell.port in FIRST and exists(cell, owner, name):
        return table.errno_number(cell, name)
    return fact.value(cell.release) if fact else None


def _source(cell: Cell, owner: Owner, fact: table.Name | None) -> tuple[str, ...]:
    match owner:
        case "module" | "socket":
            return fact.source if fact else ()
        case "tls":
            return tls.source(cell)
        case "errno":
            return table.common()["errno"]["source"]
        case "builtin":
            return table.common()["missing_builtins"]["source"]


def _contract(owner: Owner, name: str, facts: Iterable[table.Name]) -> str:
    if owner == "tls":
        return tls.contract(name)
    said = next((fact.contract for fact in facts if fact.contract), None)
    return said or "not mentioned"


def _notes(fact: table.Name) -> tuple[str, ...]:
    flag = f"only in builds with {fact.condition}" if fact.condition else ""
    return tuple(filter(None, (flag, fact.note)))


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))

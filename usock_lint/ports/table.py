"""Names and behaviours of each socket module, by release. The facts are in data/*.json, not here."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, cast

from usock_lint.fast_dataclasses import dataclass, replace
from usock_lint.ports import probed_facts
from usock_lint.ports.releases import NEWEST, RELEASES, Release, read_release
from usock_lint.ports.syntax import compiles
from usock_lint.ports.targets import FIRST, Cell

Kind: TypeAlias = Literal["module", "socket", "syntax"]

_ANSWERS = 10_000
"""The size of the caches. A file asks the same questions again and again, but also for many names of its own."""

IMPLEMENTATIONS: tuple[str, ...] = ("docs", "unix", "lwip", "esp32", "nic", "zephyr", "cc3200")
"""The socket modules there are; ports share them. `docs` is the documented contract."""


@dataclass(frozen=True, slots=True)
class Signature:
    """The number of positional arguments that a call takes since a release (None: always); no `maximum`: any number."""

    since: Release | None
    minimum: int
    maximum: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Name:
    """A name of the module or of a socket; `since` is None for one that was there at the oldest release.

    `contract` is what the documentation says and is None for a port. `missing_on` holds ports that lack a
    name of their implementation, with the last release at which they do; `condition` is the build flag of a
    name that not every build has. `source` is path:line@tag in MicroPython's tree, newest first.
    """

    kind: Literal["constant", "function", "class", "method", "attribute", "exception"]
    since: Release | None
    until: Release | None
    values: tuple[tuple[Release | None, int | str], ...]
    signatures: tuple[Signature, ...]
    contract: Literal["promised", "denied", "open"] | None
    condition: str
    missing_on: Mapping[str, Release]
    note: str
    source: tuple[str, ...]

    def value(self, release: Release = NEWEST) -> int | str | None:
        """The value of a constant at this release; None if it is not known, as in the documentation."""
        return next((value for since, value in reversed(self.values) if _began(since, release)), None)

    def signature(self, release: Release = NEWEST) -> Signature | None:
        """The signature of the function, method or class at this release; None for anything else."""
        return next((one for one in reversed(self.signatures) if _began(one.since, release)), None)

    def arity(self, release: Release = NEWEST) -> tuple[int, int | None] | None:
        """The least and the most positional arguments (None: any number), without self."""
        one = self.signature(release)
        return (one.minimum, one.maximum) if one else None

    def exists(self, cell: Cell) -> bool:
        """True if some build of this port has the name at this release; for `docs`: it is not denied."""
        missing = cell.port in self.missing_on and cell.release <= self.missing_on[cell.port]
        begun = _began(self.since, cell.release) and (self.until is None or cell.release <= self.until)
        return begun and not missing and self.contract != "denied"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """A behaviour of an implementation since a release (None: always), on some ports or on all (None).

    A value of None means that the behaviour is not known or does not apply.
    """

    since: Release | None
    ports: frozenset[str] | None
    value: Any
    note: str
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Implementation:
    """One socket module: its names, the members of its sockets, and the history of each behaviour."""

    name: str
    module: Mapping[str, Name]
    members: Mapping[str, Name]
    behaviours: Mapping[str, tuple[Behaviour, ...]]


@lru_cache(_ANSWERS)
def has(cell: Cell, kind: Kind, name: str) -> bool:
    """True if the module, or a socket, has this name, or the compiler this form, on that port at that release.

    On `docs` only what the documentation denies, or what no port ever had, is absent: the rest is promised or
    open. Raises LookupError for a port without sockets at that release.
    """
    if kind == "syntax":
        return compiles(cell, name)
    known = _names(implementation_at(cell), kind).get(name)
    if known is not None:
        return known.exists(cell)
    return cell.port == "docs" and name in _ever(kind)


def file_has(cell: Cell, name: str) -> bool:
    """True if what makefile returns has this member: where that is the socket, the socket's own."""
    members = behaviour(cell, "makefile_members")
    return has(cell, "socket", name) if members is None else name in members


@lru_cache(_ANSWERS)
def is_known(name: str, kind: Kind) -> bool:
    """True if CPython's module or sockets, or those of some port at some release, have this name."""
    return name in common()["cpython_module" if kind == "module" else "cpython_socket"] or name in _ever(kind)


def behaviour(cell: Cell, path: str) -> Any:
    """A behaviour of the port at that release, in the words that data/common.json lists; None if it is not known.

    A path such as `makefile.returns` selects a part, which is None if the whole is. Mappings and tuples are read-only.
    Raises KeyError for an unknown behaviour.
    """
    name, _, part = path.partition(".")
    found = behaviour_at(cell, name)
    value = found.value if found else None
    return value.get(part) if part and value is not None else value


@lru_cache(_ANSWERS)
def behaviour_at(cell: Cell, name: str) -> Behaviour | None:
    """As `behaviour`, with its note and sources; None where nothing is recorded. Raises KeyError."""
    if name not in common()["behaviours"]:
        raise KeyError(name)
    history = implementation_at(cell).behaviours.get(name, ())
    return next((one for one in reversed(history) if _applies(one, cell)), None)


Ask: TypeAlias = "Callable[[Cell], bool | None]"
"""A question to the table about one port at one release; None: it does not know."""


def later(found: Iterable[Cell], ask: Ask) -> dict[str, Release]:
    """For each port of these cells that gets it later: the first release after them at which the answer is True."""
    last = {cell.port: cell for cell in sorted(found) if cell.port != "docs" and not cell.is_probed}
    after = {port: [one for one in RELEASES if one > cell.release] for port, cell in last.items()}
    gets = {port: [one for one in after[port] if ask(cell._replace(release=one))] for port, cell in last.items()}
    return {port: releases[0] for port, releases in gets.items() if releases}


def lost(found: Iterable[Cell], ask: Ask) -> dict[str, Release]:
    """For each port of these cells that had it once: the release, theirs or an older one, that came without it.

    A port of which some release between is not known is left out.
    """
    first = {cell.port: cell for cell in sorted(found, reverse=True) if cell.port != "docs" and not cell.is_probed}
    without = {port: _lost(cell, ask) for port, cell in first.items()}
    return {port: release for port, release in without.items() if release}


def _lost(cell: Cell, ask: Ask) -> Release | None:
    since = cell.release
    for release in reversed([one for one in RELEASES if FIRST[cell.port] <= one < cell.release]):
        has_it = ask(cell._replace(release=release))
        if has_it is not False:
            return since if has_it else None
        since = release
    return None


@cache
def implementation(port: str, release: Release = NEWEST) -> Implementation:
    """The implementation of this name, or the one the port has at this release. Raises LookupError."""
    if port in IMPLEMENTATIONS:
        return _load(port)
    for one in boards()["ports"][port]["implementations"]:
        first, last = _release(one.get("since")), _release(one.get("until"))
        if _began(first, release) and (last is None or release <= last):
            return _load(one["implementation"])
    raise LookupError(f"{port} has no socket module at {release}")


def implementation_at(cell: Cell) -> Implementation:
    """The implementation that the port, or the board, has at that release. Raises LookupError."""
    if cell.is_probed:
        return _probed(cell)
    return _load(cell.implementation) if cell.implementation else implementation(cell.port, cell.release)


def implementations() -> tuple[Implementation, ...]:
    """Every socket module, that of the documentation included."""
    return tuple(map(_load, IMPLEMENTATIONS))


def platforms(port: str) -> tuple[str, ...]:
    """The values of `sys.platform` on this port (stm32 and renesas-ra boards may override it); none for docs."""
    return boards()["ports"][port]["sys_platform"]


def errno_names(cell: Cell) -> frozenset[str]:
    """The names of the errno module on that port."""
    if cell.is_probed and (found := probed_facts.of(cell).modules.get("errno")):
        return frozenset(name for name, value in found.items() if isinstance(value, int))
    return frozenset(common()["errno"]["names_cc3200" if cell.port == "cc3200" else "names"])


def errno_number(cell: Cell, name: str) -> int | None:
    """The number behind an errno name on that port (on unix: Linux's); None where not known."""
    if cell.is_probed and name in (found := probed_facts.of(cell).modules.get("errno") or {}):
        return found[name]
    sets: tuple[tuple[str | None, str | None], ...] = boards()["ports"][cell.port]["errno"]
    chosen = next((one for first, one in reversed(sets) if _began(_release(first), cell.release)), None)
    return common()["errno"][chosen].get(name) if chosen else None


def oserror_has(cell: Cell, name: str) -> bool:
    """True if an OSError has this attribute on that port at that release."""
    attributes = common()["oserror"]["attributes"]
    return name in attributes and _began(_release(attributes[name]), cell.release)


@cache
def boards() -> Mapping[str, Any]:
    """Which port has which implementation on which boards; data/boards.json, read-only."""
    return _freeze(_read("boards"))


@cache
def common() -> Mapping[str, Any]:
    """Facts that hold everywhere, and the words of the behaviours; data/common.json, read-only."""
    return _freeze(_read("common"))


def names(facts: Mapping[str, Any]) -> Mapping[str, Name]:
    """The facts of names, as the files in data/ have them, each as a Name; read-only."""
    return MappingProxyType({key: _name(fact) for key, fact in facts.items()})


def _names(one: Implementation, kind: Kind) -> Mapping[str, Name]:
    return one.module if kind == "module" else one.members


@cache
def _ever(kind: Kind) -> frozenset[str]:
    """The names that some port has at some release."""
    return frozenset(name for one in IMPLEMENTATIONS if one != "docs" for name in _read(one)[kind])


@cache
def _load(name: str) -> Implementation:
    facts = _read(name)
    return Implementation(
        name=name,
        module=names(facts["module"]),
        members=names(facts["socket"]),
        behaviours=MappingProxyType({key: _history(fact) for key, fact in facts["behaviours"].items()}),
    )


@cache
def _probed(cell: Cell) -> Implementation:
    """The socket module of a probed board: its own names, with the behaviours of its port or known board."""
    known, found = implementation_at(probed_facts.base(cell)), probed_facts.of(cell)
    members = dict.fromkeys(found.members("socket", "socket"), "f")
    return Implementation(
        name=known.name,
        module=_told_names(cell, "module", known.module, found.modules["socket"] or {}),
        members=_told_names(cell, "socket", known.members, members) if members else known.members,
        behaviours=known.behaviours,
    )


def _told_names(
    cell: Cell, part: Literal["module", "socket"], known: Mapping[str, Name], found: Mapping[str, Any]
) -> Mapping[str, Name]:
    """The names that a board listed, and the special ones of the table, which boards do not list."""
    untold = {name: one for name, one in known.items() if name.startswith("__")}
    return MappingProxyType(untold | {name: _told_name(cell, part, name, known, found[name]) for name in found})


def _told_name(cell: Cell, part: Literal["module", "socket"], name: str, known: Mapping[str, Name], value: Any) -> Name:
    """A name as the board has it: that of the table, if any, with the board's number and count of arguments."""
    kinds: Mapping[Any, Any] = {"f": "method" if part == "socket" else "function", "o": "attribute"}
    kind = kinds[value] if isinstance(value, str) else "class" if isinstance(value, list) else "constant"
    one = known.get(name) or Name(kind, None, None, (), (), None, "", MappingProxyType({}), "", ())
    signature = one.signature(cell.release)
    if counts := probed_facts.of(cell).counts(part, name):
        least, most = counts
        if least is None:
            least = signature.minimum if signature else 0
        if signature is None or (signature.minimum, signature.maximum) != (least, most):
            signature = Signature(None, least, most, "")
    return replace(
        one,
        since=None,
        until=None,
        missing_on=MappingProxyType({}),
        values=((None, value),) if isinstance(value, int) else one.values,
        signatures=(signature,) if signature else (),
        source=("probe",),
    )


def _name(fact: dict[str, Any]) -> Name:
    missing: dict[str, str] = fact.get("missing_on", {})
    return Name(
        kind=fact["kind"],
        since=_release(fact.get("since")),
        until=_release(fact.get("until")),
        values=tuple((_release(first), value) for first, value in fact.get("values", ())),
        signatures=tuple(Signature(_release(first), *rest) for first, *rest in fact.get("signatures", ())),
        contract=fact.get("contract"),
        condition=fact.get("condition", ""),
        missing_on=MappingProxyType({port: read_release(last) for port, last in missing.items()}),
        note=fact.get("note", ""),
        source=tuple(fact["source"]),
    )


def _history(fact: dict[str, Any]) -> tuple[Behaviour, ...]:
    return tuple(
        Behaviour(
            since=_release(one.get("since")),
            ports=frozenset(one["ports"]) if "ports" in one else None,
            value=_freeze(one["value"]),
            note=one.get("note", fact.get("note", "")),
            source=tuple(fact["source"]),
        )
        for one in fact["history"]
    )


@cache
def _read(name: str) -> dict[str, Any]:
    # Most files that are linted never get this far: what only this needs is imported here.
    import json

    with open(os.path.join(os.path.dirname(__file__), "data", f"{name}.json"), encoding="utf-8") as file:
        return json.load(file)


def _freeze(value: Any) -> Any:
    match value:
        case dict():
            items = cast("dict[str, Any]", value).items()
            return MappingProxyType({key: _freeze(item) for key, item in items})
        case list():
            return tuple(_freeze(item) for item in cast("list[Any]", value))
        case _:
            return value


def _release(text: str | None) -> Release | None:
    return read_release(text) if text else None


def _began(first: Release | None, release: Release) -> bool:
    return first is None or first <= release


def _applies(one: Behaviour, cell: Cell) -> bool:
    return _began(one.since, cell.release) and (one.ports is None or cell.port in one.ports)

"""Differences between ports, by the ports table, in the features that a script used."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from usock_lint.ports import (
    MISSING_BUILTINS,
    PORTS,
    Cell,
    behaviour,
    errno_names,
    has,
    implementation_at,
    is_known,
    oserror_has,
    release_name,
)
from usock_lint.ports.modules import CPYTHON_ONLY, ON_PORTS
from usock_lint.shim.core.base import Port
from usock_lint.shim.core.watch import Feature, Owner, Place

TITLES: dict[Owner, str] = {
    "module": "socket.{}",
    "socket": "a socket's {}",
    "errno": "errno.{}",
    "oserror": "an OSError's {}",
    "builtin": "{}",
    "import": "import {}",
}
"""How a feature is called, by its owner."""

SPECIAL = {"__enter__": "`with` on a socket", "__iter__": "iterating over a socket"}
"""How features whose names say little are called."""


@dataclass(frozen=True)
class Difference:
    """A feature that is not the same on every port, with the words that `word` has for it."""

    place: Place
    title: str
    here: str
    """The word of the simulated port."""
    elsewhere: Mapping[str, tuple[str, ...]]
    """The other words, each with its ports."""
    everywhere_else: bool
    """True if all other ports have the same other word."""


def differences(features: Mapping[Feature, Place], port: Port) -> Iterator[Difference]:
    """The features that differ between ports at the release, or that all of them lack."""
    cells = [cell for cell in (Cell(name, port.release) for name in PORTS if name != "docs") if has_sockets(cell)]
    for feature, place in features.items():
        words = {cell.port: word(feature, cell) for cell in cells}
        here = word(feature, port.cell)
        if not port.cell.implementation:  # else a board is simulated, and its port is one of the others
            del words[port.name]
        elsewhere = group({name: said for name, said in words.items() if said and said != here})
        if here and (elsewhere or here in ("missing", "TypeError")):
            alike = [len(names) for names in elsewhere.values()] == [len(words)]
            yield Difference(place, title(feature), here, elsewhere, alike)


def has_sockets(cell: Cell) -> bool:
    """True if the port had a socket module at that release."""
    try:
        return bool(implementation_at(cell))
    except LookupError:
        return False


def group(words: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Each word with the ports that have it."""
    return {said: tuple(name for name in words if words[name] == said) for said in dict.fromkeys(words.values())}


def word(feature: Feature, cell: Cell) -> str:
    """A word for a feature on a port; "" if it is not known or cannot differ."""
    match feature.aspect:
        case "name":
            return presence(feature.owner, feature.name, cell)
        case "count":
            return acceptance(feature, cell)
        case "keywords":
            constructor = (feature.owner, feature.name) == ("module", "socket")
            return behaviour(cell, "constructor_keywords" if constructor else "keywords") or ""
        case "mode":
            kind = "default_mode" if feature.detail is None else "text_mode"
            return "bytes" if "b" in str(feature.detail or "") else answer(cell, "makefile", kind)
        case "address":
            return answer(cell, "address_argument", str(feature.detail)).replace("ok", "accepted")
        case "host":
            return answer(cell, "hostname", feature.name)
        case "result":
            return behaviour(cell, f"{feature.name}_address") or ""


def answer(cell: Cell, name: str, key: str) -> str:
    """One entry of a behaviour that is a mapping; "" where it is not known."""
    answers: Mapping[str, str] = behaviour(cell, name) or {}
    return answers.get(key) or ""


def presence(owner: Owner, name: str, cell: Cell) -> str:
    """A word for the presence of a name; "" for one that the table does not know."""
    match owner:
        case "module" | "socket":
            known, there = is_known(name, owner), has(cell, owner, name)
        case "errno":
            known, there = name.startswith("E"), name in errno_names(cell)
        case "oserror":
            known, there = True, oserror_has(cell, name)
        case "builtin":
            known, there = name in MISSING_BUILTINS, False
        case "import":
            known, there = name in CPYTHON_ONLY or name in ON_PORTS, cell.port in ON_PORTS.get(name, ())
    return ("exists" if there else "missing") if known else ""


def acceptance(feature: Feature, cell: Cell) -> str:
    """A word for what the port does with this number of arguments; "" for a name that is not called."""
    table = implementation_at(cell)
    fact = (table.module if feature.owner == "module" else table.members).get(feature.name)
    counts = fact.arity(cell.release) if fact and fact.exists(cell) else None
    if counts is None:
        return ""
    least, most = counts
    given = int(feature.detail or 0)
    return "accepted" if least <= given and (most is None or given <= most) else "TypeError"


def title(feature: Feature) -> str:
    """The feature in words."""
    name = SPECIAL.get(feature.name) or TITLES[feature.owner].format(feature.name)
    match feature.aspect:
        case "name":
            return name
        case "count":
            return f"{name} with {feature.detail} argument{'s' * (feature.detail != 1)}"
        case "keywords":
            return f"{name} with keyword arguments"
        case "mode":
            return f"what {name}({feature.detail!r}) reads" if feature.detail else f"what {name}() reads"
        case "address":
            return f"{name} with a {feature.detail} for the address"
        case "host":
            return f"{name} with the host name {feature.detail!r}"
        case "result":
            return f"the address that {name} gives"


def render(features: Mapping[Feature, Place], port: Port, form: str) -> str:
    """The report as text, a line for each difference, or as a line of JSON."""
    found = sorted(differences(features, port), key=lambda one: one.place)
    if form == "json":
        listed = [
            {"filename": one.place.path, "row": one.place.line, "feature": one.title, "here": one.here}
            | {"elsewhere": one.elsewhere}
            for one in found
        ]
        return json.dumps({"port": port.name, "version": release_name(port.release), "features": listed}) + "\n"
    what = "features are" if len(found) != 1 else "feature is"
    subject = f"{len(found)} {what} missing or" if found else "nothing that the script used is missing or"
    head = f"Simulated {port.name} {release_name(port.release)}; {subject} not the same on every port"
    lines = [f"{one.place.path}:{one.place.line}: {one.title}: {sentence(one)}" for one in found]
    return "\n".join([head + (":" if found else "."), *lines]) + "\n"


def sentence(one: Difference) -> str:
    """A sentence that compares the feature here and elsewhere."""
    if not one.elsewhere:
        return f"{one.here} on every port"
    if one.everywhere_else:
        return f"{one.here} here, {next(iter(one.elsewhere))} everywhere else"
    rest = (f"{said} on {', '.join(names)}" for said, names in one.elsewhere.items())
    return f"{one.here} here, {', '.join(rest)}"

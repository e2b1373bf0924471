"""Add what firmware builds said of themselves: presence is proof, absence is not."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.world_facts.builds import BOARDS, RARE, Known
from tools.world_facts.builds import cells as all_cells
from tools.world_facts.entries import Entry, Members, Module, joined
from usock_lint.ports.releases import Release, known_release, read_release

# Of packages that somebody had installed, and of the tool that asked; not of the firmware.
_INSTALLED = re.compile(
    r"argparse|logging|inspect|fnmatch|unittest|string|usb\..*|urequest|micropython-.*|(\w+)\.\1\b.*"
)
_MANY = 40
"""An owner that shows more unexplained names than this is made of generated tables: they are not listed."""


def add(cells: Mapping[tuple[str, Release], Known], path: Path, offered: set[str]) -> list[str]:
    """Add the names that at least two builds of a port show and its sources do not explain; returns what was added.

    Such a name is there where it was seen. Elsewhere on the port it is not known. What one build alone shows of a
    module that `mip` has, too, is of a package that was installed on it.
    """
    seen = _read(path, offered)
    said: list[str] = []
    for (port, module), by_cell in sorted(seen.items()):
        at = {cell: cells[cell] for cell in cells if cell[0] == port}
        owners = {cell: _owner(known, module) for cell, known in at.items()}
        twins = {cell: _under_both_names(known, module) for cell, known in at.items()}
        odd: Mapping[str, set[Release]] = defaultdict(set)
        for cell, builds in by_cell.items():
            owner = owners[cell]
            for name in sorted({name for names in builds for name in names}):
                if owner is not None and not owner.open and name not in owner.names:
                    odd[name].add(cell[1])
        if module in offered:
            odd = {name: releases for name, releases in odd.items() if _builds(by_cell, name) > 1}
        _explain(module, odd, by_cell, twins, said, port)
        _classes(module, by_cell, twins, said, port)
        if module != "builtins":
            _absent(module, by_cell, at, said)
    return said


def _explain(
    module: str, odd: Mapping[str, set[Release]], by_cell: Mapping[tuple[str, Release], list[dict[str, Any]]],
    twins: Mapping[tuple[str, Release], list[Module]], said: list[str], port: str,
) -> None:  # fmt: skip
    for owners in twins.values():
        for owner in owners if odd else ():
            if len(odd) > _MANY:
                owner.open = True
            else:
                owner.unknown |= {name for name in odd if name not in owner.names}
                owner.sources.add("firmware")
    if len(odd) > _MANY:
        said.append(f"{port} {module}: open, {len(odd)} names")
        return
    for name, releases in odd.items():
        said.append(f"{port} {module}.{name}: {len(releases)} releases")
        if _builds(by_cell, name) < 2:
            continue  # it may be of a module that somebody had installed over this one
        for release in releases:
            for owner in twins[port, release]:
                owner.names[name] = _members(by_cell[port, release])[name]
                owner.unknown -= {name}


def _classes(
    module: str, by_cell: Mapping[tuple[str, Release], list[dict[str, Any]]],
    twins: Mapping[tuple[str, Release], list[Module]], said: list[str], port: str,
) -> None:  # fmt: skip
    """A class that shows members which the sources do not explain may have more of them, at every release."""
    odd: dict[str, set[str]] = defaultdict(set)
    for cell, builds in by_cell.items():
        for name, entry in _members(builds).items():
            known = twins[cell][0].names.get(name) if twins[cell] else None
            if known is not None and known.kind == "c" and not known.open:
                odd[name] |= {member for member in entry.members if member not in known.members}
    for name, members in odd.items():
        if members:
            said.append(f"{port} {module}.{name}: open, {' '.join(sorted(members))[:60]}")
            for owner in (one for owners in twins.values() for one in owners):
                if name in owner.names and owner.names[name].kind == "c":
                    entry = owner.names[name]
                    owner.names[name] = Entry(entry.kind, entry.call, entry.members, open=True)


def _absent(
    module: str, by_cell: Mapping[tuple[str, Release], list[dict[str, Any]]],
    at: Mapping[tuple[str, Release], Known], said: list[str],
) -> None:  # fmt: skip
    if _INSTALLED.fullmatch(module) or sum(map(len, by_cell.values())) < 2:
        return
    new = [cell for cell in by_cell if module not in at[cell].modules and module not in at[cell].rare]
    for cell in new:
        at[cell].modules[module] = Module(_members(by_cell[cell]), {"firmware"})
        said.append(f"{cell} {module}: module")
    for known in at.values() if new else ():
        known.unknown = (known.unknown | {module}) - set(known.modules)


def modules(path: Path) -> set[str]:
    """The names of all modules of all builds, also of ports that have no sockets."""
    rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return {row["module"] for row in rows if not re.search(r"micropython-|(\w+)\.\1\b|example", row["module"])}


def _builds(by_cell: Mapping[tuple[str, Release], list[dict[str, Any]]], name: str) -> int:
    return sum(name in names for builds in by_cell.values() for names in builds)


def _owner(known: Known, module: str) -> Module | None:
    if module == "builtins":
        return Module(known.builtins, set())
    return known.modules.get(module)


def _under_both_names(known: Known, module: str) -> list[Module]:
    """A module, and the same one under its other name, with a `u` or without; none where there is no such module."""
    owner = _owner(known, module)
    other = known.modules.get(module[1:] if module.startswith("u") else f"u{module}")
    if owner is None or module == "builtins":
        return [] if owner is None else [owner]
    return [owner, other] if other is not None and set(other.names) == set(owner.names) else [owner]


def _members(builds: list[dict[str, Any]]) -> Members:
    found: Members = {}
    for names in builds:
        found = joined(found, {name: _entry(value) for name, value in names.items()})
    return found


def _entry(value: Any) -> Entry:
    match value:
        case "f":
            return Entry("f")
        case {"c": members}:
            return Entry("c", None, {one: Entry("f" if kind == "f" else "o") for one, kind in members.items()}, True)
        case {"v": _}:
            return Entry("k")
        case _:
            return Entry("o")


def _read(path: Path, offered: set[str]) -> dict[tuple[str, str], dict[tuple[str, Release], list[dict[str, Any]]]]:
    seen: dict[tuple[str, str], dict[tuple[str, Release], list[dict[str, Any]]]] = {}
    wanted = set(all_cells())
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        release = _release(row["release"])
        if release is None or (row["port"], release) not in wanted:
            continue
        names = {name: value for name, value in row["names"].items() if not name.startswith("__")}
        own = [column for column in BOARDS if column.startswith(f"{row['port']}/") and row["board"] in BOARDS[column]]
        packaged = row["board"] in RARE and not offered.isdisjoint({row["module"], row["module"].removeprefix("u")})
        for column in (*([] if packaged else [row["port"]]), *(own if row["board"] else ())):
            seen.setdefault((column, row["module"]), {}).setdefault((column, release), []).append(names)
    return seen


def _release(text: str) -> Release | None:
    """The release of a build; None for one between two releases, such as 1.13.266, which is neither's."""
    numbers = text.removesuffix("-preview").split(".")
    if len(numbers) == 3 and int(numbers[2]) > 9:
        return None
    try:
        return known_release(read_release(".".join(numbers)))
    except ValueError:
        return None

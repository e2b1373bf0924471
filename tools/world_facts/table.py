"""Write what all builds have as the files that `usock_lint.ports.world` reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, TypeAlias

from tools.world_facts.builds import BOARDS, Known, first
from tools.world_facts.entries import Members, Module
from usock_lint.ports.releases import NEWEST, RELEASES, Release, release_name

_ELSEWHERE = ("socket", "usocket")
"""What is in these the socket tables say."""

Cells: TypeAlias = "dict[tuple[str, Release], Known]"
Presence: TypeAlias = "dict[tuple[str, Release], bool | None]"


PORTS = tuple(BOARDS)
"""The columns whose builds are read. The documentation has one release only, and stands before them."""

_ALL = ",".join(PORTS)


def written(presence: Presence) -> str:
    """Where something is: "esp32,rp2:-", "unix:1.12-1.20 stm32:1.21-". After "?" follows where it is not known."""
    known = _spans(presence, True)
    unknown = _spans(presence, None)
    return known + (f" ? {unknown}" if unknown else "")


def _spans(presence: Presence, wanted: bool | None) -> str:
    by_port: dict[str, list[str]] = {}
    if presence.get(("docs", NEWEST), False) is wanted:
        by_port["-"] = ["docs"]
    for port in PORTS:
        releases = [release for release in RELEASES if release >= first(port)]
        flags = [presence.get((port, release), False) is wanted for release in releases]
        spans: list[str] = []
        for flag, run in groupby(range(len(releases)), flags.__getitem__):
            indices = list(run)
            since = "" if indices[0] == 0 else release_name(releases[indices[0]])
            until = "" if indices[-1] == len(releases) - 1 else release_name(releases[indices[-1]])
            if flag:
                spans.append(since if since == until and since else f"{since}-{until}")
        if spans:
            by_port.setdefault("+".join(spans), []).append(port)
    return " ".join(f"{','.join(ports)}:{spans}" for spans, ports in by_port.items()).replace(_ALL, "*")


class Table:
    """All cells together."""

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.names = sorted({name for known in cells.values() for name in known.modules})
        self.asked = sorted({*self.names, *(name for known in cells.values() for name in known.unknown)})

        aliases = (name for name in self.names if name.startswith("u") and name[1:] in self.names)
        self.aliases = frozenset(name for name in aliases if self._is_alias(name, name[1:]))

    def modules(self) -> dict[str, Any]:
        """Where each module is, where only some boards have it, and where it comes before a file of its name."""
        there = {
            name: written(
                {cell: None if name in known.unknown else name in known.modules for cell, known in self.cells.items()}
            )
            for name in self.asked
        }
        partly = {
            name: written(
                {cell: name in known.modules and name not in known.everywhere for cell, known in self.cells.items()}
            )
            for name in self.names
        }
        before_files = {
            name: written(
                {cell: name in known.modules and known.modules[name].first for cell, known in self.cells.items()}
            )
            for name in self.names
        }
        rare = sorted({name for known in self.cells.values() for name in known.rare})
        boards: dict[str, list[str]] = {port: [] for port in PORTS}
        for (port, _), known in self.cells.items():
            boards.get(port, []).extend(filter(None, known.boards))
        return {
            "modules": _grouped(there),
            "partly": _grouped({name: where for name, where in partly.items() if where}),
            "before_files": _grouped({name: where for name, where in before_files.items() if where}),
            "rare": _grouped(
                {name: written({cell: name in known.rare for cell, known in self.cells.items()}) for name in rare}
            ),
            "boards": {port: " ".join(dict.fromkeys(names)) for port, names in boards.items()},
        }

    def contents(self) -> dict[str, Any]:
        """The names of each module; one that is another's under a second name only says so."""
        found: dict[str, Any] = {}
        for name in self.names:
            if name in self.aliases:
                found[name] = {"as": name[1:]}
                continue
            if name in _ELSEWHERE:
                continue
            modules = self._at(name)
            found[name] = self._described(modules)
        return found

    def _at(self, name: str) -> dict[tuple[str, Release], Module]:
        return {cell: known.modules[name] for cell, known in self.cells.items() if name in known.modules}

    def _is_alias(self, name: str, base: str) -> bool:
        return all(
            base in known.modules and set(known.modules[name].names) == set(known.modules[base].names)
            for known in self.cells.values()
            if name in known.modules
        )

    def _described(self, modules: Mapping[tuple[str, Release], Module]) -> dict[str, Any]:
        where = written(dict.fromkeys(modules, True))
        one: dict[str, Any] = {"source": _sources({cell: module.sources for cell, module in modules.items()})}
        members = {cell: module.names for cell, module in modules.items()}
        unsure = {cell: module.unknown for cell, module in modules.items()}
        one["names"] = described(members, where, unsure)
        unknown = written({cell: module.open for cell, module in modules.items()})
        if unknown:
            one["open"] = unknown
        return one

    def builtins(self) -> dict[str, Any]:
        """The builtins, and the methods of types whose objects come from functions."""
        every = {cell: known.builtins for cell, known in self.cells.items()}
        where = written(dict.fromkeys(every, True))
        kinds = dict.fromkeys(name for known in self.cells.values() for name in known.types)
        types: dict[str, Any] = {}
        for kind in kinds:
            there = {cell: known.types[kind][0] for cell, known in self.cells.items() if kind in known.types}
            here = written(dict.fromkeys(there, True))
            types[kind] = {
                "source": _sources(
                    {cell: known.types[kind][1] for cell, known in self.cells.items() if kind in known.types}
                ),
                "there": here,
                "names": described({cell: entry.members for cell, entry in there.items()}, here),
            }
        return {
            "source": _sources({cell: {"py/modbuiltins.c"} for cell in every}),
            "names": described(every, where),
            "types": types,
        }

    def classes(self) -> dict[str, Any]:
        """The members of the classes of modules and of builtins."""
        found: dict[str, Any] = {}
        owners: dict[str, dict[tuple[str, Release], Members]] = {
            name: {cell: module.names for cell, module in self._at(name).items()} for name in self.names
        }
        owners["builtins"] = {cell: known.builtins for cell, known in self.cells.items()}
        for owner, cells in owners.items():
            if owner in self.aliases or owner in _ELSEWHERE:
                continue
            for name in dict.fromkeys(
                name for members in cells.values() for name, entry in members.items() if entry.kind == "c"
            ):
                there = {
                    cell: members[name]
                    for cell, members in cells.items()
                    if name in members and members[name].kind == "c"
                }
                where = written(dict.fromkeys(there, True))
                names = described({cell: entry.members for cell, entry in there.items()}, where)
                unknown = written({cell: entry.open for cell, entry in there.items()})
                found[f"{owner}.{name}"] = {"names": names, **({"open": unknown} if unknown else {})}
        return _without_twins(found)

    def arguments(self) -> dict[str, Any]:
        """How functions, methods and classes are called: one signature, or one for each group of cells."""
        found: dict[str, dict[str, Any]] = {}
        builds = {cell: known for cell, known in self.cells.items() if cell[0] != "docs"}
        for name in self.names:
            if name in self.aliases or name in _ELSEWHERE:
                continue
            self._calls(found, name, {cell: module.names for cell, module in self._at(name).items() if cell in builds})
        self._calls(found, "builtins", {cell: known.builtins for cell, known in builds.items()})
        for kind in dict.fromkeys(name for known in builds.values() for name in known.types):
            self._calls(
                found,
                kind,
                {cell: known.types[kind][0].members for cell, known in builds.items() if kind in known.types},
            )
        return _without_twins(found)

    def _calls(
        self, found: dict[str, dict[str, Any]], owner: str, cells: Mapping[tuple[str, Release], Members]
    ) -> None:
        own: dict[str, Any] = {}
        for name in dict.fromkeys(name for members in cells.values() for name in members):
            there = {cell: members[name] for cell, members in cells.items() if name in members}
            calls = {cell: entry.call for cell, entry in there.items()}
            kinds = list(dict.fromkeys(call for call in calls.values() if call is not None))
            if len(kinds) == 1 and None not in calls.values():
                own[name] = kinds[0]
            elif kinds:
                own[name] = {call: written({cell: known == call for cell, known in calls.items()}) for call in kinds}
            classes = {cell: entry.members for cell, entry in there.items() if entry.kind == "c"}
            if classes:
                self._calls(found, f"{owner}.{name}", classes)
        if own:
            found[owner] = _by_value(own)


def _sources(files: Mapping[tuple[str, Release], set[str]]) -> str:
    """Files with the releases at which they were the source on some port: "extmod/modtime.c@1.21-"."""
    found: list[str] = []
    for path in sorted({path for paths in files.values() for path in paths}):
        releases = sorted({release for (_, release), paths in files.items() if path in paths})
        last = "" if releases[-1] == RELEASES[-1] else release_name(releases[-1])
        found.append(f"{path}@{release_name(releases[0])}-{last}")
    return " ".join(found)


def described(
    cells: Mapping[tuple[str, Release], Members],
    everywhere: str,
    unsure: Mapping[tuple[str, Release], frozenset[str]] | None = None,
) -> dict[str, dict[str, str]]:
    """Names by where they are ("" is: wherever their owner is) and by kind."""
    unsure = unsure or {}
    found: dict[str, dict[str, list[str]]] = {}
    for name in dict.fromkeys(name for members in cells.values() for name in members):
        where = written(
            {
                cell: True if name in members else None if name in unsure.get(cell, ()) else False
                for cell, members in cells.items()
            }
        )
        kind = next(members[name].kind for members in reversed(list(cells.values())) if name in members)
        found.setdefault("" if where == everywhere else where, {}).setdefault(kind, []).append(name)
    return {where: {kind: " ".join(sorted(names)) for kind, names in kinds.items()} for where, kinds in found.items()}


def _without_twins(found: dict[str, Any]) -> dict[str, Any]:
    """Without what is said of `umachine.Pin` where the same is said of `machine.Pin`."""
    return {name: facts for name, facts in found.items() if not (name[0] == "u" and found.get(name[1:]) == facts)}


def _grouped(where: Mapping[str, str]) -> dict[str, str]:
    groups: dict[str, list[str]] = {}
    for name, text in where.items():
        groups.setdefault(text, []).append(name)
    return {text: " ".join(names) for text, names in groups.items()}


def _by_value(own: Mapping[str, Any]) -> dict[str, Any]:
    """{"1": "chdir mkdir", ...}, and below "changing" the names that are called differently from cell to cell."""
    groups: dict[str, list[str]] = {}
    for name, call in own.items():
        if isinstance(call, str):
            groups.setdefault(call, []).append(name)
    found: dict[str, Any] = {call: " ".join(sorted(names)) for call, names in groups.items()}
    changing = {name: call for name, call in own.items() if not isinstance(call, str)}
    return found | ({"changing": changing} if changing else {})


def write(folder: Path, name: str, facts: Any) -> None:
    """Write a file of data, one entry of its first two levels a line."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(_text(facts), encoding="utf-8")


def _text(facts: dict[str, Any]) -> str:
    lines = [
        f"{json.dumps(key, ensure_ascii=False)}:{json.dumps(value, ensure_ascii=False, separators=(',', ':'))}"
        for key, value in facts.items()
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"

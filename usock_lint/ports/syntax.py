"""Which release's compiler takes which form of Python's syntax. The facts are in data/syntax.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from usock_lint.fast_dataclasses import dataclass
from usock_lint.ports.releases import RELEASES, Release, read_release
from usock_lint.ports.targets import Cell

_NEVER: Release = (RELEASES[-1][0] + 1, 0, 0)
"""The release that the data calls `never`: later than every other."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form of syntax, by the first and the last release that takes it, and the first on ports that differ."""

    since: Release
    until: Release
    ports: Mapping[str, Release]
    note: str
    source: tuple[str, ...]

    def compiles(self, cell: Cell) -> bool:
        """True if some build of this port takes the form at this release."""
        return self.ports.get(cell.port, self.since) <= cell.release <= self.until


@cache
def forms() -> Mapping[str, Form]:
    """Every form that some release refuses, by its name."""
    path = Path(__file__).parent / "data" / "syntax.json"
    facts: Mapping[str, Mapping[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["forms"]
    return {name: _form(fact) for name, fact in facts.items()}


def compiles(cell: Cell, name: str) -> bool:
    """True if the compiler of that port takes a form at that release. Raises KeyError for a name that is no form."""
    return forms()[name].compiles(cell)


def _form(fact: Mapping[str, Any]) -> Form:
    return Form(
        since=_release(fact["since"]) if "since" in fact else RELEASES[0],
        until=_release(fact["until"]) if "until" in fact else RELEASES[-1],
        ports={port: _release(since) for port, since in fact.get("ports", {}).items()},
        note=fact.get("note", ""),
        source=tuple(fact["source"]),
    )


def _release(text: str) -> Release:
    return _NEVER if text == "never" else read_release(text)

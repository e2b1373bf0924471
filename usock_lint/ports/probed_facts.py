"""Facts that a board reported of itself, in a file that the program of `probed` prints."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any, Literal, cast

from usock_lint.fast_dataclasses import dataclass
from usock_lint.ports.targets import PROBED, Cell

FORM = 1
"""The form of what is printed; its key is "usock-lint"."""


@dataclass(frozen=True, slots=True)
class ProbedFacts:
    """The modules that a board was asked for, None for one that it has not, with the names of each.

    A name has its number, the members of a class, or "f" for a function and "o" for something else. `types` are the
    members of builtin types, `calls` the errors of calls with too many arguments and with none.
    """

    modules: Mapping[str, Mapping[str, Any] | None]
    types: Mapping[str, Collection[str]]
    calls: Mapping[str, Mapping[str, Iterable[str | None]]]

    def names(self, module: str) -> Collection[str] | None:
        """The names of a module; None where there is none, and nothing where the board was not asked."""
        return self.modules.get(module, ())

    def members(self, module: str, cls: str) -> Collection[str]:
        """The members of a class; nothing where the board did not list them."""
        found: Any = (self.modules.get(module) or {}).get(cls)
        return cast("list[str]", found) if isinstance(found, list) else ()

    def counts(self, part: Literal["module", "socket"], name: str) -> tuple[int | None, int] | None:
        """The least and the most arguments, self left out, as far as errors name them; None where they name no most."""
        own = int(part == "socket")
        least = most = None
        for text in filter(None, self.calls.get(part, {}).get(name, ())):
            if found := _FIXED.match(text):
                least = most = int(found[1]) - own
            elif found := _MOST.match(text):
                most = int(found[1]) - own
            elif found := _LEAST.match(text):
                least = int(found[1]) - own
        return None if most is None else (least, most)


_FIXED = re.compile(r"function takes (\d+) positional arguments? but \d+ w(?:as|ere) given")
_MOST = re.compile(r"function expected at most (\d+) arguments, got \d+")
_LEAST = re.compile(r"function missing (\d+) required positional arguments")


def of(cell: Cell) -> ProbedFacts:
    """The facts that the board of a cell reported."""
    return _read(cell.implementation)


def base(cell: Cell) -> Cell:
    """The cell of the table that has the rest."""
    return cell._replace(implementation=cell.implementation.rpartition(PROBED)[2])


def load(path: str) -> dict[str, Any]:
    """The file, without what a board printed around. Raises ValueError if the program did not print it, OSError."""
    import json  # few targets are files

    with open(path, "rb") as file:
        text = _decoded(file.read())
    start = re.search(r'\{\s*"usock-lint"', text)
    facts: Any = json.JSONDecoder().raw_decode(text[start.start() :] if start else text)[0]
    if not isinstance(facts, dict) or cast("dict[str, Any]", facts).get("usock-lint") != FORM:
        raise ValueError
    return cast("dict[str, Any]", facts)


def _decoded(data: bytes) -> str:
    """The text of a file; PowerShell redirects into UTF-16."""
    is_wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    return data.decode("utf-16" if is_wide else "utf-8-sig")


@cache
def _read(implementation: str) -> ProbedFacts:
    facts = load(implementation.split(PROBED)[0])
    types = {name: frozenset(members) for name, members in facts["types"].items()}
    return ProbedFacts(facts["modules"], types, facts.get("calls", {}))

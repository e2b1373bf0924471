"""Facts that a board reported of itself, in a file that the program of `probed` prints."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any, Literal, cast

from usock_lint.fast_dataclasses import dataclass
from usock_lint.ports.targets import PROBED, Cell

FORM = 1
"""The version of the file's format, under the key "usock-lint"."""


@dataclass(frozen=True, slots=True)
class ProbedFacts:
    """The modules that a board was asked for, with the names of each; None for one that the board lacks.

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
        """The least and the most arguments, without self, that the errors name; None if they do not name the most.

        The least is None if they name only the most.
        """
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
    """The cell of the table with the facts that the board of this cell did not report."""
    return cell._replace(implementation=cell.implementation.rpartition(PROBED)[2])


def load(path: str) -> dict[str, Any]:
    """The facts in a file, which may have further output of the board around them.

    Raises OSError if the file cannot be read, ValueError if it is not what the program prints.
    """
    import json  # few targets are files

    with open(path, "rb") as file:
        text = _decoded(file.read())
    start = re.search(r'\{\s*"usock-lint"', text)
    try:
        facts: Any = json.JSONDecoder().raw_decode(text[start.start() :] if start else text)[0]
    except RecursionError:
        raise ValueError from None
    if not isinstance(facts, dict) or cast("dict[str, Any]", facts).get("usock-lint") != FORM:
        raise ValueError
    return cast("dict[str, Any]", facts)


def _decoded(data: bytes) -> str:
    """The text of a file; PowerShell redirects into UTF-16."""
    is_wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    return data.decode("utf-16" if is_wide else "utf-8-sig")


@cache
def _read(implementation: str) -> ProbedFacts:
    facts = load(implementation.rsplit(PROBED, 2)[0])
    types = {name: frozenset(members) for name, members in facts["types"].items()}
    return ProbedFacts(facts["modules"], types, facts.get("calls", {}))

"""Every name in every column: since when it is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from usock_lint import ports
from usock_lint.ports.history import Column, NameHistory, Owner, Span, name_history, names

_SECTIONS: tuple[tuple[Owner, str], ...] = (("module", "the socket module"), ("socket", "sockets"))


def status(found: NameHistory) -> str:
    """ "yes", "no", "since 1.26", "until 1.18"; for the documentation what it says."""
    if found.contract:
        return found.contract
    there = [span for span in found.there if span.value]
    return ", ".join(map(_range, there)) or "no"


def _range(span: Span[bool]) -> str:
    if span.since is None:
        return f"until {ports.release_name(span.until)}" if span.until else "yes"
    since = ports.release_name(span.since)
    return f"{since} to {ports.release_name(span.until)}" if span.until else f"since {since}"


def matrix(columns: Sequence[Column], width: int) -> Iterator[str]:
    """Lines of at most `width` characters, with a legend; columns that do not fit stand below the others."""
    rows = {
        owner: {name: found for name in names(owner) if (found := _histories(columns, owner, name))}
        for owner, _ in _SECTIONS
    }
    first = max(len(name) for found in rows.values() for name in found)
    for part in _parts(columns, width - first):
        for owner, title in _SECTIONS:
            yield _line(f"{title:{first}}", part, [columns[place].label for place in part], columns)
            for name, found in rows[owner].items():
                yield _line(f"{name:{first}}", part, [_cell(found[place]) for place in part], columns)
            yield ""
    yield from _legend(columns)


def _histories(columns: Sequence[Column], owner: Owner, name: str) -> list[NameHistory]:
    """The name in each column, or nothing where no column has it."""
    found = [name_history(column, owner, name) for column in columns]
    said = any(span.value and one.contract != "not mentioned" for one in found for span in one.there)
    return found if said else []


def _line(first: str, part: Sequence[int], cells: Sequence[str], columns: Sequence[Column]) -> str:
    padded = [f"{cell:{_width(columns[place])}}" for place, cell in zip(part, cells, strict=True)]
    return "  ".join([first, *padded]).rstrip()


def _width(column: Column) -> int:
    """The width of a column: that of its label, or of the longest word or release that may stand in it."""
    return max(len(column.label), len("promised" if column.port == "docs" else "1.19.1"))


def _parts(columns: Sequence[Column], width: int) -> list[list[int]]:
    """The indices of the columns, in groups of as many as fit beside each other."""
    parts: list[list[int]] = [[]]
    used = 0
    for place, column in enumerate(columns):
        needed = _width(column) + 2
        if used + needed > width and parts[-1]:
            parts.append([])
            used = 0
        parts[-1].append(place)
        used += needed
    return parts


def _cell(found: NameHistory) -> str:
    short = {"no": "-", "not mentioned": "-"}.get(status(found), status(found).removeprefix("since "))
    return f"{short}*" if found.partly and short != "-" else short


def _legend(columns: Sequence[Column]) -> Iterator[str]:
    yield "1.26  since that release     yes  at every release     -  not there"
    yield "*     not on every port, or not in every build: ask for the name"
    if any(column.port == "docs" for column in columns):
        yield "docs  what the documentation promises, leaves open or denies; -  not mentioned"
    for column in columns:
        if column.port not in ports.PORTS:
            yield f"{column.label:4}  {users(column.port)}"


def users(implementation: str) -> str:
    """The ports that have this socket module, and those of which only some boards have it."""
    every: list[str] = []
    some: list[str] = []
    for port in ports.PORTS:
        used = [one["implementation"] for one in ports.boards()["ports"][port]["implementations"]]
        if implementation in used:
            (every if used[0] == implementation else some).append(port)
    return ", ".join(every) + (f"; some boards of {', '.join(some)}" if some else "")

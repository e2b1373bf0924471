"""Every name of the table on every port: a plain table, to which matrix.js gives filters, sorting and targets."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from usock_lint import ports
from usock_lint.output.ports.matrix import status
from usock_lint.ports import RELEASES, release_name
from usock_lint.ports.history import BOARDS, OWNERS, Column, NameHistory, Owner, Span, name_history, names

_OWNERS: Mapping[Owner, str] = {
    "module": "socket module",
    "socket": "socket",
    "tls": "TLS socket",
    "errno": "errno",
    "builtin": "builtin",
}
_WORDS = {"yes": "always", "no": "never", "not mentioned": "-"}

_LEAD = """\
---
hide: [navigation, toc]
---

# What each port has

Every name that code with sockets uses, on every port: whether it is there, and since which release. *always* is every
release from 1.9.4 on, or from the first with sockets on that port. A column for the documentation, `docs`, says what it
promises, leaves open or denies. The last columns are boards that have another socket module than most boards of their
port. It is the table that usock-lint reads and [`usock-lint ports`](ports.md) prints, with its sources.

"""

_MORE = """
<noscript>With JavaScript this table can be searched, sorted, and asked what fails on your targets.</noscript>

A star: not in every build, or not on every board. Link to what fails on your targets with
`matrix.html?targets=esp32>=1.20,rp2`; `&q=send` searches for names, too.
"""


def pages() -> dict[str, str]:
    """The page by its path."""
    columns = [*map(Column.of, ports.PORTS), *(Column.boards()[name] for name in BOARDS.values())]
    rows = list(_rows(columns))
    details = {f"{owner} {name}": _details(found) for owner, name, found in rows if any(map(_there, found))}
    text = json.dumps({key: one for key, one in details.items() if one}).replace("</", "<\\/")
    data = f'<script type="application/json" id="matrix-details">{text}</script>'
    return {"matrix.md": f"{_LEAD}{''.join(_table(columns, rows))}\n{data}\n{_MORE}"}


def _rows(columns: Sequence[Column]) -> Iterator[tuple[Owner, str, list[NameHistory]]]:
    for owner in OWNERS:
        told = [column for column in columns if owner in column.owners]
        for name in dict.fromkeys(names(owner)):
            yield owner, name, [name_history(column, owner, name) for column in told]


def _there(found: NameHistory) -> bool:
    return any(span.value for span in found.there)


def _table(columns: Sequence[Column], rows: Sequence[tuple[Owner, str, list[NameHistory]]]) -> Iterator[str]:
    releases = " ".join(map(release_name, RELEASES))
    yield '<div class="matrix" tabindex="0" data-search-exclude>\n'
    yield f'<table id="matrix" class="names" data-releases="{releases}">\n'
    heads = "".join(map(_head, columns))
    yield f'<thead><tr><th scope="col">name</th><th scope="col">of</th>{heads}</tr></thead>\n<tbody>\n'
    for owner, name, found in rows:
        known = {one.column.label: one for one in found}
        cells = (_cell(known.get(column.label)) for column in columns)
        kind = "" if any(map(_there, found)) else ' class="nowhere"'
        head = f'<th scope="row"><code>{escape(name)}</code></th><td>{_OWNERS[owner]}</td>'
        yield f'<tr data-owner="{owner}"{kind}>{head}{"".join(cells)}</tr>\n'
    yield "</tbody>\n</table>\n</div>\n"


def _head(column: Column) -> str:
    board = " data-board" if column.label in BOARDS.values() else ""
    return f'<th scope="col" data-port="{_key(column)}"{board} data-has="{_mask(column.releases)}">{column.label}</th>'


def _cell(found: NameHistory | None) -> str:
    """What the table says of a name on a port, and the releases on which the name is missing."""
    if found is None:
        return '<td class="unknown">-</td>'
    said = status(found)
    missing = [release for span in found.there if not span.value for release in _releases(found.column, span)]
    star = "*" if found.partly and said != "no" else ""
    kind = said.partition(" ")[0]
    return f'<td class="{kind}" data-missing="{_mask(missing)}">{_WORDS.get(said, said)}{star}</td>'


def _releases(column: Column, span: Span[bool]) -> list[ports.Release]:
    first, last = span.since or column.releases[0], span.until or column.releases[-1]
    return [release for release in column.releases if first <= release <= last]


def _mask(releases: Sequence[ports.Release]) -> str:
    """The releases as bits of a number, the oldest one the lowest, in hexadecimal."""
    return f"{sum(1 << RELEASES.index(release) for release in releases):x}"


def _details(histories: Sequence[NameHistory]) -> dict[str, Any]:
    """By port or board: calls, values, notes and the newest source."""
    return {_key(one.column): lines for one in histories if (lines := [*_lines(one)])}


def _key(column: Column) -> str:
    """What a column is called in targets."""
    return column.label.lower()


def _lines(found: NameHistory) -> Iterator[str]:
    for call in found.calls:
        if call.value.text:
            yield f"called {call.value.text}{_range(call)}"
    for one in found.values:
        yield f"is {one.value}{_range(one)}"
    yield from found.notes
    if found.source:
        yield f"source: {found.source[0]}"


def _range(span: Span[Any]) -> str:
    since = f" since {release_name(span.since)}" if span.since else ""
    return f"{since} until {release_name(span.until)}" if span.until else since

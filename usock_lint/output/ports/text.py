"""The table of ports for people: 80 columns wide, and one line a port so that it can be searched."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from usock_lint import ports
from usock_lint.output.ports.matrix import matrix, status, users
from usock_lint.ports.history import (
    BehaviourHistory,
    Column,
    NameHistory,
    Owner,
    Span,
    behaviour_history,
    exists,
    name_history,
    names,
    owners,
)

_WIDTH: Final = 80

_OF: Final[Mapping[Owner, str]] = {
    "module": "of the socket module",
    "socket": "of a socket",
    "tls": "of a TLS socket",
    "errno": "in the errno module",
    "builtin": "among the builtins",
}


@dataclass(frozen=True, slots=True)
class Question:
    """A query: names and behaviours (empty: all), and columns (empty: all)."""

    names: tuple[str, ...]
    columns: tuple[Column, ...]


def render(question: Question) -> str:
    """The answer, its last line end included."""
    if question.names:
        lines = [line for name in question.names for line in (*_named(name, question.columns), "")]
    elif len(question.columns) == 1:
        lines = [*_sheet(question.columns[0])]
    else:
        lines = [*_everything(question.columns or tuple(map(Column.of, ports.IMPLEMENTATIONS)))]
    return "\n".join(lines).rstrip() + "\n"


def _everything(columns: Sequence[Column]) -> Iterator[str]:
    yield from matrix(columns, _WIDTH)
    yield "\nbehaviours (`usock-lint ports NAME` prints one)"
    for name, one in ports.common()["behaviours"].items():
        yield from _filled(f"{name}: {one['about']}", "  ", "    ")


# A name or a behaviour in some columns


def _named(name: str, asked: Sequence[Column]) -> Iterator[str]:
    """The lines about a name, or a behaviour, in these columns (empty: on every port).

    For chosen columns the behaviours of a name follow in full; else they are listed.
    """
    columns = asked or tuple(map(Column.of, ports.PORTS))
    for owner in owners(name):
        yield from _owned(owner, name, [column for column in columns if owner in column.owners])
        yield ""
    vocabulary: Mapping[str, Any] = ports.common()["behaviours"]
    if name in vocabulary:
        yield from _behaviour(name, columns)
    related = [one for one in vocabulary if name in vocabulary[one]["names"] and one != name]
    if related and asked:
        for one in related:
            yield from _behaviour(one, columns, sources=False)
    elif related:
        yield from _filled(f"see also: {', '.join(related)}", "", "  ")


def _owned(owner: Owner, name: str, columns: Sequence[Column]) -> Iterator[str]:
    """The lines about a name of one owner."""
    found = [name_history(column, owner, name) for column in columns]
    kind = next((one.kind for one in found if one.calls or one.values), found[0].kind if found else "name")
    yield f"{name}: {kind} {_OF[owner]}"
    if not any(exists(cell, owner, name) for port in ports.PORTS for cell in Column.of(port).cells):
        yield "  CPython has it; MicroPython never had it, on no port."
        found = [one for one in found if one.contract == "denied"]
    yield from _rows([(one.column.label, status(one), _what(owner, name, one)) for one in found])
    yield from _grouped("source", [(one.column.label, ", ".join(one.source[:1])) for one in found])


def _what(owner: Owner, name: str, found: NameHistory) -> str:
    """The signature, the value, the release that brought it where it was missing before, and the notes."""
    calls = [Span(span.since, span.until, span.value.text) for span in found.calls]
    parts = [*_changes(calls), *_changes(found.values)]
    never = not any(span.value for span in found.there)
    if never and found.column.port in ports.PORTS and owner in ("module", "socket"):
        later = ports.later(found.column.cells, lambda cell: ports.has(cell, owner, name))
        parts += [f"since {ports.release_name(release)}" for release in later.values()]
    return "; ".join([*parts, *found.notes])


def _changes(spans: Sequence[Span[Any]]) -> Iterator[str]:
    """Each value, all but the first after the release that brought it: `yes`, `since 1.20 no`."""
    for number, span in enumerate(spans):
        word = str(span.value)
        yield word if not number or span.since is None else f"since {ports.release_name(span.since)} {word}"


def _behaviour(name: str, columns: Sequence[Column], *, sources: bool = True) -> Iterator[str]:
    found = [behaviour_history(column.current, name) for column in columns]
    recorded = [one for one in found if one.source]
    if not recorded and not sources:
        return
    yield from _filled(f"{name}: {ports.common()['behaviours'][name]['about']}", "", "  ")
    yield from _grouped("", [(one.column.label, _said(one)) for one in recorded])
    if not recorded:
        yield "  nothing is recorded"
    if sources:
        yield from _grouped("source", [(one.column.label, ", ".join(one.source)) for one in recorded])
    yield ""


def _said(found: BehaviourHistory) -> str:
    """The values of a behaviour and their notes: a note that all values have is at the end, once."""
    notes = {span.value[1] for span in found.spans}
    values = [
        Span(span.since, span.until, _word(value) + (f" ({note})" if note and len(notes) > 1 else ""))
        for span in found.spans
        for value, note in (span.value,)
    ]
    return "; ".join([*_changes(values), *(note for note in notes if note and len(notes) == 1)])


def _word(value: Any) -> str:
    """A value of the vocabulary: `recv EAGAIN, read ETIMEDOUT`; what is not known or does not apply is left out."""
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case Mapping():
            words = {key: _word(one) for key, one in cast("Mapping[str, Any]", value).items()}
            if len(set(words.values())) == 1:
                return next(iter(words.values()))
            return ", ".join(f"{key} {word}" for key, word in words.items() if word != "-")
        case tuple():
            return ", ".join(map(str, cast("tuple[object, ...]", value))) or "none"
        case _:
            return str(value)


# A port


def _sheet(column: Column) -> Iterator[str]:
    """All that is known of one column: its boards, its names and its behaviours."""
    yield from _heading(column)
    for owner in column.owners:
        if owner in ("module", "socket", "tls"):
            found = [(name, name_history(column, owner, name)) for name in names(owner)]
            there = [(name, one) for name, one in found if status(one) not in ("no", "not mentioned")]
            yield f"\nnames {_OF[owner]}"
            yield from _rows([(name, status(one), _what(owner, name, one)) for name, one in there])
    yield "\nbehaviours"
    about: Mapping[str, Any] = ports.common()["behaviours"]
    for name in about:
        behaves = behaviour_history(column.current, name)
        if behaves.source:
            yield from _filled(f"{name}: {_said(behaves)}", "  ", "    ")


def _heading(column: Column) -> Iterator[str]:
    yield column.label
    board = ports.boards()["ports"].get(column.port)
    if board is None:
        yield f"  the socket module of {users(column.port)}"
        return
    if board["sys_platform"]:
        yield f"  sys.platform: {', '.join(board['sys_platform'])}"
    yield from _filled(board["note"], "  ", "  ")
    for one in board["implementations"]:
        since = f" since {one['since']}" if "since" in one else ""
        until = f" until {one['until']}" if "until" in one else ""
        boards = ", ".join((*one.get("boards", ()), *one.get("wiznet_boards", ())))
        said = "; ".join(filter(None, (boards, one.get("note", ""))))
        yield from _filled(f"{one['implementation']}{since}{until}{': ' if said else ''}{said}", "  ", "    ")


# Lines


def _rows(rows: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    """Lines of a label, a status and a text each, the first two padded to the width of the longest."""
    if not rows:
        return
    first, second = (max(len(row[place]) for row in rows) for place in (0, 1))
    for label, state, what in rows:
        head = f"  {label:{first}}  {state:{second}}  "
        yield from _filled(what, head, " " * min(len(head), _WIDTH // 2)) if what else (head.rstrip(),)


def _grouped(title: str, rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Lines of a label and a text each; labels with the same text share a line."""
    labels: dict[str, list[str]] = {}
    for label, said in rows:
        if said:
            labels.setdefault(said, []).append(label)
    for said, who in labels.items():
        yield from _filled(f"{title}{' ' if title else ''}{', '.join(who)}: {said}", "  ", "    ")


def _filled(text: str, first: str, then: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=then,
        break_long_words=False,
        break_on_hyphens=False,
    )

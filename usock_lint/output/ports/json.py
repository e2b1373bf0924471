"""The table of ports as JSON; docs/ports.md says what is in it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from usock_lint import ports
from usock_lint.output.ports.text import Question
from usock_lint.ports.history import (
    OWNERS,
    BehaviourHistory,
    Column,
    NameHistory,
    Span,
    behaviour_history,
    name_history,
    names,
)
from usock_lint.ports.table import Signature


def render(question: Question) -> str:
    """One object: `releases`, `columns`, `names` and `behaviours`."""
    columns = question.columns or tuple(map(Column.of, ports.PORTS))
    vocabulary: Mapping[str, Any] = ports.common()["behaviours"]
    asked = [one for one in vocabulary if _wanted(one, question, vocabulary[one]["names"])]
    answer = {
        "releases": {
            "oldest": ports.release_name(ports.RELEASES[0]),
            "newest": ports.release_name(ports.NEWEST),
        },
        "columns": {column.label: _column(column) for column in columns},
        "names": [*_names(question, columns)],
        "behaviours": [_behaviour(name, columns) for name in asked],
    }
    return json.dumps(answer, indent=2, default=_plain) + "\n"


def _wanted(behaviour: str, question: Question, concerned: Sequence[str]) -> bool:
    return not question.names or behaviour in question.names or not set(concerned).isdisjoint(question.names)


def _column(column: Column) -> dict[str, object]:
    board: Mapping[str, Any] = ports.boards()["ports"].get(column.port, {})
    return {
        "port": column.port,
        "releases": [ports.release_name(release) for release in column.releases],
        "sys_platform": board.get("sys_platform", ()),
        "implementations": board.get("implementations", ()),
        "note": board.get("note", ""),
    }


def _names(question: Question, columns: Sequence[Column]) -> Iterator[dict[str, object]]:
    """The names asked for; where none is, those that some column has."""
    for owner in OWNERS:
        having = [column for column in columns if owner in column.owners]
        for name in names(owner):
            if question.names and name not in question.names:
                continue
            found = [name_history(column, owner, name) for column in having]
            if question.names or any(span.value for one in found for span in one.there):
                histories = {one.column.label: _history(one) for one in found}
                yield {"name": name, "owner": owner, "columns": histories}


def _history(found: NameHistory) -> dict[str, object]:
    return {
        "there": [_range(span) for span in found.there if span.value],
        "contract": found.contract,
        "kind": found.kind,
        "calls": [{**_range(span), **_call(span.value)} for span in found.calls],
        "values": [{**_range(span), "value": span.value} for span in found.values],
        "partly": found.partly,
        "notes": found.notes,
        "source": found.source,
    }


def _range(span: Span[Any]) -> dict[str, object]:
    since, until = (edge and ports.release_name(edge) for edge in (span.since, span.until))
    return {"since": since, "until": until}


def _call(signature: Signature) -> dict[str, object]:
    return {"minimum": signature.minimum, "maximum": signature.maximum, "text": signature.text}


def _behaviour(name: str, columns: Sequence[Column]) -> dict[str, object]:
    one: Mapping[str, Any] = ports.common()["behaviours"][name]
    histories = [behaviour_history(column, name) for column in columns]
    return {
        "name": name,
        "about": one["about"],
        "names": one["names"],
        "columns": {found.column.label: _recorded(found) for found in histories if found.source},
    }


def _recorded(found: BehaviourHistory) -> dict[str, object]:
    values = [{**_range(span), "value": span.value[0], "note": span.value[1]} for span in found.spans]
    return {"values": values, "source": found.source}


def _plain(value: object) -> object:
    """A mapping of the table as a dict: json does not write the read-only views that the table has."""
    return dict(cast("Mapping[str, Any]", value))

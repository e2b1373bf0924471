"""The files of the ports table: their form, their sources and their releases."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator

from tests.support.running import SCHEMAS
from usock_lint import ports
from usock_lint.ports import IMPLEMENTATIONS, RELEASES
from usock_lint.ports.releases import read_release

DATA = Path(ports.__file__).parent / "data"
SCHEMA: dict[str, Any] = json.loads((SCHEMAS / "ports.json").read_text(encoding="utf-8"))
KINDS = {**dict.fromkeys(IMPLEMENTATIONS, "implementation"), "boards": "boards", "common": "common", "tls": "tls"}

PLACE = re.compile(r"[\w./-]+:\d+@(?:(v[\d.]+)|[0-9a-f]{10})")
RUN = re.compile(r"run:(unix|lwip|esp32|zephyr)@([\d.]+?)(\.\.([\d.]+))?")
OTHER = re.compile(
    r"derived: .{10,}|host C library, .+|newlib .+|.*\b(lwIP|esp-lwip|esp-open-lwip|zephyr|SimpleLink)\b.*"
)


def facts(name: str) -> Any:
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


def sources(value: Any, where: str = "") -> Iterator[tuple[str, list[str]]]:
    """Every list of sources in the data, and where it is."""
    if isinstance(value, dict):
        for key, part in cast("dict[str, Any]", value).items():
            if key.endswith("source"):
                yield where, part
            else:
                yield from sources(part, f"{where}/{key}")


def names(one: str) -> dict[str, dict[str, Any]]:
    """The names of an implementation's module and sockets."""
    return {f"{part}.{name}": fact for part in ("module", "socket") for name, fact in facts(one)[part].items()}


def history(fact: dict[str, Any]) -> Iterator[list[Any]]:
    """A name's values and its signatures, each a list whose items begin with a release."""
    yield from (fact[key] for key in ("values", "signatures") if key in fact)


def errors(kind: str, value: Any) -> list[str]:
    validator: Any = Draft202012Validator({**SCHEMA, "$ref": f"#/$defs/{kind}"})
    return [f"{list(error.path)}: {error.message}" for error in validator.iter_errors(value)]


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
def test_a_file_has_the_form_that_the_schema_gives(name: str, kind: str) -> None:
    assert errors(kind, facts(name)) == []


NAME = {"kind": "method", "since": "1.26", "signatures": [["1.26", 0, None, "f()"]], "source": ["a.c:1@v1.26.0"]}


@pytest.mark.parametrize(
    "change",
    [
        {"source": []},
        {"source": None},
        {"since": "v1.26"},
        {"since": 1.26},
        {"kind": "methd"},
        {"signatures": [[None, "0", None, "f()"]]},
        {"signatures": [[None, 0, None]]},
        {"values": [[None, 1]]},
        {"unil": "1.27"},
    ],
    ids=str,
)
def test_the_schema_refuses_what_is_no_name(change: dict[str, Any]) -> None:
    assert errors("name", NAME) == []
    broken = {key: value for key, value in {**copy.deepcopy(NAME), **change}.items() if value is not None}
    assert errors("name", broken)


@pytest.mark.parametrize("name", KINDS)
def test_a_source_is_a_place_at_a_known_release_a_run_or_a_reason(name: str) -> None:
    assert [(where, one) for where, listed in sources(facts(name), name) for one in listed if not _is_source(one)] == []


def _is_source(text: str) -> bool:
    place, run = PLACE.fullmatch(text), RUN.fullmatch(text)
    tags = [place[1]] if place else [run[2], run[4]] if run else []
    known = {read_release(tag) for tag in tags if tag} <= set(RELEASES)
    return bool(place or run or OTHER.fullmatch(text)) and known


@pytest.mark.parametrize("name", KINDS)
def test_a_reason_never_stands_alone(name: str) -> None:
    for where, listed in sources(facts(name), name):
        assert any(PLACE.fullmatch(one) or RUN.fullmatch(one) for one in listed), where


@pytest.mark.parametrize("one", IMPLEMENTATIONS)
def test_the_releases_of_a_name_are_known_and_in_order(one: str) -> None:
    for name, fact in names(one).items():
        start, end = read_release(fact.get("since", "1.9.4")), read_release(fact.get("until", "1.29"))
        assert start <= end, name
        assert {start, end, *map(read_release, fact.get("missing_on", {}).values())} <= set(RELEASES), name
        for entries in history(fact):
            changes = [read_release(entry[0]) for entry in entries[1:]]
            assert entries[0][0] is None, name
            assert [start, *changes] == sorted({start, *changes}), name
            assert set(changes) <= set(RELEASES), name


@pytest.mark.parametrize("one", IMPLEMENTATIONS)
def test_a_history_has_no_change_that_changes_nothing(one: str) -> None:
    for name, fact in names(one).items():
        for entries in history(fact):
            assert all(before[1:] != after[1:] for before, after in pairwise(entries)), name


@pytest.mark.parametrize("one", IMPLEMENTATIONS)
def test_a_signature_counts_as_many_arguments_as_it_shows(one: str) -> None:
    for name, fact in names(one).items():
        for _, minimum, maximum, text in fact.get("signatures", ()):
            assert text.startswith(f"{name.partition('.')[2]}(")
            assert maximum is None or minimum <= maximum, name
            assert (maximum == 0) == text.endswith("()"), name


def test_what_no_port_has_is_not_among_what_some_port_has() -> None:
    common = facts("common")
    for kind, part in (("module", "module"), ("socket", "socket")):
        found = {name for one in IMPLEMENTATIONS if one != "docs" for name in facts(one)[part]}
        assert found.isdisjoint(common[f"cpython_{kind}"])
        assert set(common[f"micropython_{kind}"]) <= found
    assert set(common["errno"]["names"]).isdisjoint(common["errno"]["absent"])
    assert set(common["missing_builtins"]["names"]).isdisjoint(common["builtin_exceptions"]["names"])

"""Whatever the source is: no exception, the same findings each time, and fixes that leave working code."""

from __future__ import annotations

import ast
import os
import random
import warnings
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.fixing import fix_text
from tests.support.programs import SOURCES, mutants, programs
from usock_lint import Config, Finding, lint_paths, lint_source
from usock_lint.catalog.pages import rules
from usock_lint.diagnostics import Fix
from usock_lint.linting.engine import lint
from usock_lint.linting.file import lint_named
from usock_lint.linting.fixer import fix_findings
from usock_lint.linting.source import Source
from usock_lint.syntax.lines import Lines, split_lines

EVERYTHING = Config(extend_select=tuple(rule.code for rule in rules().values()), assume="device")

# Reproducible in CI, and never slower for want of a deadline.
fuzzed = settings(
    max_examples=100 if os.environ.get("CI") else 30,
    deadline=None,
    derandomize=True,
    database=None,
    # hypothesmith itself passes over what CPython does not compile, in some runs nearly all.
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


def parses(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True


def fixes(findings: list[Finding], *, unsafe: bool) -> list[Fix]:
    return [one.fix for one in findings if one.fix and (unsafe or one.fix.applicability == "safe")]


def applied(fix: Fix, text: str) -> str:
    offset = Lines(text).offset
    for edit in sorted(fix.edits, reverse=True, key=lambda edit: edit.location):
        text = text[: offset(edit.location)] + edit.content + text[offset(edit.end_location) :]
    return text


def untouched(text: str, fixed: list[Fix]) -> list[str]:
    """The rows that no fix edits."""
    rows = {row for fix in fixed for edit in fix.edits for row in range(edit.location.row, edit.end_location.row + 1)}
    return [line for row, line in enumerate(split_lines(text.removeprefix("\ufeff")), 1) if row not in rows]


def lies_inside(finding: Finding, text: str) -> bool:
    lines = split_lines(text)
    places = [finding.location, finding.end_location]
    places += [
        place for edit in (finding.fix.edits if finding.fix else ()) for place in (edit.location, edit.end_location)
    ]
    ordered = all(one <= two for one, two in zip(places[::2], places[1::2], strict=True))
    return ordered and all(1 <= row <= len(lines) and 1 <= column <= len(lines[row - 1]) + 1 for row, column in places)


def check(text: str) -> None:
    report = lint_named(text, "a.py", EVERYTHING)
    found = list(report.findings)
    assert report.errors == ()
    assert lint_named(text, "a.py", EVERYTHING) == report
    assert all(len(one.message) < 500 for one in found)
    assert [one for one in found if not lies_inside(one, text)] == []
    if parses(text):
        assert [one for one in found if one.fix and not parses(applied(one.fix, text))] == []
    ungated = list(lint(Source.of(text, "a.py"), EVERYTHING).findings)
    for unsafe in (False, True):
        check_fixed(text, ungated, unsafe=unsafe)


def check_fixed(text: str, found: list[Finding], *, unsafe: bool) -> None:
    source = Source.of(text, "a.py")
    done = fix_findings(source, lint(source, EVERYTHING), EVERYTHING, unsafe=unsafe)
    fixed, count = done.text, done.applied
    assert done.left.errors == ()
    assert done.unfixable == ()
    assert bool(count) == bool(fixes(found, unsafe=unsafe))
    assert parses(fixed) or not parses(text)
    rows = iter(split_lines(fixed))
    assert [row for row in untouched(text, fixes(found, unsafe=unsafe)) if row not in rows] == []
    assert fix_text(fixed, "a.py", EVERYTHING, unsafe=unsafe) == (fixed, 0)


@fuzzed
@given(mutants())
def test_a_page_with_accidents_is_linted_and_fixed(text: str) -> None:
    check(text)


@fuzzed
@given(programs())
def test_any_program_is_linted_and_fixed(text: str) -> None:
    check(text)


def modules() -> st.SearchStrategy[str]:
    from hypothesmith import from_node  # slow to import, which every process that collects the tests would do

    return from_node()


@settings(fuzzed, max_examples=10 if os.environ.get("CI") else 3)
@given(st.deferred(modules))
def test_any_module_is_linted_and_fixed(text: str) -> None:
    check(f"import socket\n{text}")


def test_an_import_before_a_semicolon_is_fixed() -> None:
    check("from socket import (timeout, socket,); f = socket()\n")


@pytest.mark.parametrize("text", ["import socket; s = '\ud800'", "\n# \udfff\nimport socket"])
def test_half_of_a_surrogate_pair_is_one_finding(text: str) -> None:
    assert [one.code for one in lint_source(text, config=EVERYTHING)] == ["USK001"]
    check(text)


def test_order_and_workers_change_no_finding(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.py" for number in range(20)]
    for path, block in zip(paths, SOURCES[:: len(SOURCES) // 20], strict=False):
        path.write_text(block, encoding="utf-8")
    alone = {report.path: report for report in lint_paths(paths, EVERYTHING)}
    assert sum(len(report.findings) for report in alone.values()) > 10
    random.Random(0).shuffle(paths)
    with ProcessPoolExecutor(2, get_context("spawn")) as executor:
        assert list(lint_paths(paths, EVERYTHING, executor)) == [alone[str(path)] for path in paths]

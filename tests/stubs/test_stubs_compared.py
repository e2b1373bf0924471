"""Our stubs report all that micropython-stubs report, and more, and nothing that is right; docs/stubs.md has the table.

With UPDATE_DOCS=1 the table is written.
"""

from __future__ import annotations

import ast
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from tests.support.checkers import MYPY, PYRIGHT, Lines, check, install_stubs, marked
from tests.support.running import lint
from tools.rulepages.interpreters import ROOT

SAMPLES: Final = ROOT / "tests/stubs/typing/compared"
PAGE: Final = ROOT / "docs" / "stubs.md"
CHECKERS: Final = {"pyright": PYRIGHT, "mypy": MYPY}

STDLIB: Final = "micropython-stdlib-stubs==1.29.0.post2"
"""What the others depend on, in any version."""

OTHERS: Final = {
    "portable": ("portable", "micropython-esp32-stubs==1.29.0.post1"),
    "esp32": ("esp32==1.24", "micropython-esp32-stubs==1.24.1.post2"),
    "unix": ("unix", "micropython-unix-stubs==1.29.0.post1"),
}
"""By the beginning of a sample's name: our target, and the others' package that is nearest to it."""

THEIR_SETTINGS: Final = """
[tool.pyright]
typeCheckingMode = "basic"
stubPath = "typings"
typeshedPath = "typings"

[tool.mypy]
check_untyped_defs = true
mypy_path = "typings"
custom_typeshed_dir = "typings"
follow_imports = "silent"
follow_imports_for_stubs = true
no_site_packages = true
"""
"""As on their pages on installing and on pyproject.toml."""

OUR_SETTINGS: Final = """
[tool.pyright]
typeCheckingMode = "basic"
stubPath = "typings"

[tool.mypy]
check_untyped_defs = true
mypy_path = "$MYPY_CONFIG_FILE_DIR/typings"
plugins = ["usock_lint.mypy_plugin"]
"""

WRONG: Final = re.compile("# wrong$")
UNSEEN: Final = re.compile("# unseen: ")

pytestmark = pytest.mark.slow


class Place(NamedTuple):
    """A line of a sample."""

    sample: str
    row: int


def samples(beginning: str = "") -> list[Path]:
    return sorted(SAMPLES.glob(f"{beginning}*.py"))


def places(found: Lines) -> set[Place]:
    return {Place(name, row) for name, rows in found.items() for row in rows}


def theirs(project: Path, beginning: str) -> dict[str, Lines]:
    (project / "typings").mkdir(parents=True)
    install_stubs(project / "typings", OTHERS[beginning][1], STDLIB)
    (project / "pyproject.toml").write_text(THEIR_SETTINGS)
    return check(project, samples(beginning), CHECKERS)


def ours(project: Path, beginning: str) -> dict[str, Lines]:
    project.mkdir()
    assert lint("stubs", "typings", "--target", OTHERS[beginning][0], cwd=project).returncode == 0
    (project / "pyproject.toml").write_text(OUR_SETTINGS)
    return check(project, samples(beginning), CHECKERS)


@pytest.fixture(scope="module", name="reported")
def places_reported(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], set[Place]]:
    """By whose stubs and which checker: the lines of the samples that are reported."""
    folder = tmp_path_factory.mktemp("compared")
    known = {path.name for path in samples()}
    found: dict[tuple[str, str], set[Place]] = {}
    for beginning in OTHERS:
        for whose, run in (("theirs", theirs), ("ours", ours)):
            for checker, lines in run(folder / f"{beginning}-{whose}", beginning).items():
                # Errors that mypy finds in their stubs are not counted.
                new = {place for place in places(lines) if place.sample in known}
                found[whose, checker] = found.get((whose, checker), set()) | new
    return found


def wrong(mark: re.Pattern[str] = WRONG) -> set[Place]:
    return {Place(path.name, row) for path in samples() for row in marked(path, mark)}


def test_there_is_something_to_compare() -> None:
    assert len(wrong()) >= 60


@pytest.mark.parametrize("checker", CHECKERS)
def test_ours_report_all_that_is_wrong(checker: str, reported: dict[tuple[str, str], set[Place]]) -> None:
    assert wrong() - reported["ours", checker] == set()


@pytest.mark.parametrize("checker", CHECKERS)
def test_theirs_report_no_wrong_line_that_ours_do_not(
    checker: str, reported: dict[tuple[str, str], set[Place]]
) -> None:
    assert (reported["theirs", checker] & wrong()) - reported["ours", checker] == set()


@pytest.mark.parametrize("checker", CHECKERS)
def test_nothing_right_is_reported_by_ours_and_something_is_by_theirs(
    checker: str, reported: dict[tuple[str, str], set[Place]]
) -> None:
    right = {Place(path.name, row) for path in samples() for row in range(1, 500)} - wrong()
    assert reported["ours", checker] & right == set()
    assert reported["theirs", checker] & right


# The table


def subjects(path: Path) -> Iterator[tuple[int, str]]:
    """For each line of a sample that is in a function: the first line of the docstring of the function."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (text := ast.get_docstring(node)):
            yield from ((row, text) for row in range(node.lineno, (node.end_lineno or 0) + 1))


def counts(wanted: set[Place]) -> Counter[str]:
    """How many of these lines there are of each subject, in the samples' order."""
    found: Counter[str] = Counter()
    for path in sorted(samples(), key=lambda path: list(OTHERS).index(path.stem.partition("_")[0])):
        target = OTHERS[path.stem.partition("_")[0]][0]
        suffix = "" if target == "portable" else f" ({target})"
        for row, text in subjects(path):
            found[text + suffix] += Place(path.name, row) in wanted
    return +found


def table(reported: dict[tuple[str, str], set[Place]]) -> str:
    """Markdown: a row for each subject of wrong lines, their sum, and the right lines that are reported."""
    columns = [reported[whose, checker] for whose in ("theirs", "ours") for checker in CHECKERS]
    seen = [counts(column & wrong()) for column in columns]
    rows = [[text, count, *(column[text] for column in seen)] for text, count in counts(wrong()).items()]
    rows.append(["**All that is wrong**", len(wrong()), *(len(column & wrong()) for column in columns)])
    rows += [[text, count, *[0] * len(columns)] for text, count in counts(wrong(UNSEEN)).items()]
    right = sum(len(path.read_text("utf-8").splitlines()) for path in samples() if path.stem.endswith("right"))
    rows.append(["Right, and reported all the same", f"{right} lines", *(len(column - wrong()) for column in columns)])
    stubs = [f"{whose}, {checker}" for whose in ("micropython-stubs", "usock-lint") for checker in CHECKERS]
    head = ["what", "lines", *stubs]
    ruled = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    return "".join(f"| {' | '.join(map(str, row))} |\n" for row in ruled)


def test_the_table_is_up_to_date(reported: dict[tuple[str, str], set[Place]]) -> None:
    old = PAGE.read_text(encoding="utf-8")
    new = re.sub(
        r"(?<=<!-- compared -->\n).*?(?=<!-- end of compared -->)", lambda _: f"\n{table(reported)}\n", old, flags=re.S
    )
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(new, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == new, "UPDATE_DOCS=1 pytest tests/stubs/test_stubs_compared.py writes it"

"""The trace of the analysis: the programs in its README print what the README says; bad input is one line."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.running import ROOT, environment, python
from usock_lint.analysis.trace import trace
from usock_lint.ports import cells, parse_targets

README = (ROOT / "usock_lint/analysis/README.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"^### (.+?)\n.*?^```py target=(\S+)\n(.*?)^```\n\n```trace\n(.*?)^```$", README, re.S | re.M)


def test_the_readme_has_ten_programs() -> None:
    assert len(PROGRAMS) == 10 == README.count("\n### ")


@pytest.mark.parametrize(
    ("target", "source", "expected"), [one[1:] for one in PROGRAMS], ids=[one[0] for one in PROGRAMS]
)
def test_a_program_of_the_readme_has_this_trace(target: str, source: str, expected: str) -> None:
    assert trace(source, cells(parse_targets(target))) == expected


@pytest.mark.slow
def test_every_page_can_be_traced() -> None:
    universe = cells(parse_targets("portable"))
    for page in sorted((ROOT / "rules").glob("*.md")):
        for block in re.findall(r"^```py[^\n]*\n(.*?)^```$", page.read_text(encoding="utf-8"), re.S | re.M):
            if page.stem not in ("syntax-error", "unsupported-syntax") and "import socket" in block:
                assert trace(block, universe), page.name


@pytest.mark.parametrize("words", [["nosuch.py"], ["bad.py"], ["bad.py", "--target", "esp99"]])
def test_what_cannot_be_traced_is_one_line_and_2(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("def f(:\n")
    command = python("-m", "usock_lint.analysis", *words)
    done = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1

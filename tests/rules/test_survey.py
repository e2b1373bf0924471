"""The survey of other people's projects, as docs/precision.md was made with."""

from __future__ import annotations

import csv
import subprocess
from pathlib import Path

import pytest

from tests.support.running import NAME, ROOT, TIMEOUT, environment, python
from tests.support.trees import write


@pytest.fixture
def checkouts(tmp_path: Path) -> Path:
    """Three projects: two with a finding each, one of them with a copy of the other's file, and a computer's."""
    files = {"clock/net.py": TIMEOUT, "lamp/net.py": NAME.decode(), "lamp/copy.py": TIMEOUT, "lamp/pin.py": "pin = 2\n"}
    files["tool/host.py"] = "import argparse\n" + TIMEOUT
    write(tmp_path, files)
    return tmp_path


def survey(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = python(ROOT / "tools/survey.py", *arguments)
    return subprocess.run(command, capture_output=True, encoding="utf-8", env=environment(), timeout=60, check=False)


def test_it_counts_files_of_the_same_bytes_once(checkouts: Path) -> None:
    first, second, *_ = survey(checkouts).stdout.splitlines()
    assert first == "3 projects, 4 different Python files, 3 of them mention sockets."
    assert second == "1 of those run on no device. 2 findings."


def test_it_says_which_rule_found_something_in_which_project(checkouts: Path) -> None:
    rows = survey(checkouts).stdout.splitlines()
    assert "| USK102 socket-timeout | 1 | 1 | clock |" in rows
    assert "| USK401 domain-name-address | 1 | 1 | lamp |" in rows
    assert "| USK101 socket-gaierror | 0 | 0 |  |" in rows


def test_it_lints_for_the_targets_that_are_given(checkouts: Path) -> None:
    rows = list(csv.reader(survey("--csv", "--target", "esp32", checkouts).stdout.splitlines()))
    assert [row for row in rows if row[2] != "0"] == [["USK102", "socket-timeout", "1", "1", "clock"]]


def test_it_prints_the_lines_around_each_finding(checkouts: Path) -> None:
    head, *lines = survey("--lines", checkouts).stdout.splitlines()
    assert head.startswith(f"USK102 clock {checkouts / 'clock/net.py'}:6:8 ")
    assert lines[3] == ">     6 except socket.timeout:"


def test_no_such_folder_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    done = survey(tmp_path / "nosuch")
    assert (done.stdout, len(done.stderr.splitlines()), done.returncode) == ("", 1, 2)

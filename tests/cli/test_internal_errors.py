"""usock-lint itself is broken: what that loses is said in one line, and all else is as if nothing had happened."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.editor import Editor, editing
from tests.support.running import TIMEOUT, environment, lint, python, selecting
from usock_lint import lint_paths, lint_source
from usock_lint.checks import port_type
from usock_lint.running.workers import FORKS

BROKEN_CHECK = """
import usock_lint.checks.port_type as check
def broken(*_): raise ValueError("no such\\nport")
check.number_of = broken
"""
BROKEN_ANALYSIS = """
from usock_lint.analysis.interpreter import control_flow
def broken(*_): raise KeyError("while")
control_flow.narrow = broken
"""
BROKEN_GATE = """
from usock_lint.linting import gate
def broken(data): raise MemoryError
gate.may_import_networks = broken
"""
BROKEN_FIX = """
from usock_lint.checks import _repairs, socket_timeout, _names
from usock_lint.linting.engine import _File
fix = _File._fix
def broken(self, rule, use, report):
    found = fix(self, rule, use, report)
    if rule.code == "USK102" and found:
        object.__setattr__(found.edits[0], "content", "OSError(")
    return found
_File._fix = broken
"""
LINT = "import sys\nfrom usock_lint.cli.main import main\nsys.exit(main(sys.argv[1:]))\n"
FLAKE8 = "import sys\nfrom flake8.main.cli import main\nsys.exit(main(sys.argv[1:]))\n"

BOTH = TIMEOUT + 's.connect(("1.2.3.4", "80"))\n'
"""A module with socket-timeout at 6:8 and port-type at 8:23."""

LINE = "internal error in USK403 (ValueError: no such port); please report it with this file"


def _run(program: str, *words: str, cwd: Path, debug: str = "") -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        python("-c", program, *words),
        cwd=cwd,
        env={**environment(), "USOCK_LINT_DEBUG": debug},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert debug or "Traceback" not in done.stderr, done.stderr
    return done


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    (tmp_path / "both.py").write_text(BOTH)
    (tmp_path / "net.py").write_text(TIMEOUT)
    return tmp_path


@pytest.mark.parametrize(
    "options",
    [
        [],
        pytest.param(
            ["--jobs", "2"], marks=pytest.mark.skipif(not FORKS, reason="workers do not share what is broken")
        ),
    ],
)
def test_an_error_in_a_check_loses_its_findings_in_the_file_alone(options: list[str], folder: Path) -> None:
    done = _run(BROKEN_CHECK + LINT, ".", *options, cwd=folder)
    assert [line.split(" ")[:2] for line in done.stdout.splitlines()] == [
        ["both.py:6:8:", "USK102"],
        ["net.py:6:8:", "USK102"],
    ]
    assert [line for line in done.stderr.splitlines() if ".py" in line] == [f"both.py: {LINE}"]
    assert done.returncode == 2


def test_an_error_in_the_analysis_loses_the_file(folder: Path) -> None:
    (folder / "both.py").write_text(f"{BOTH}while s:\n    pass\n")
    done = _run(BROKEN_ANALYSIS + LINT, ".", cwd=folder)
    assert [line.split(" ")[0] for line in done.stdout.splitlines()] == ["net.py:6:8:"]
    assert "both.py: internal error (KeyError: 'while'); please report it with this file\n" in done.stderr
    assert done.returncode == 2


def test_an_error_before_a_file_is_parsed_loses_the_file(folder: Path) -> None:
    done = _run(BROKEN_GATE + LINT, ".", cwd=folder)
    assert done.stderr.count(".py: internal error (MemoryError); please report it with this file\n") == 2
    assert (done.stdout, done.returncode) == ("", 2)


def test_the_traceback_is_shown_to_those_who_ask(folder: Path) -> None:
    done = _run(BROKEN_CHECK + LINT, "both.py", cwd=folder, debug="1")
    assert f"both.py: {LINE}\nTraceback (most recent call last):\n" in done.stderr
    assert "\nValueError: no such\nport\n" in done.stderr


def test_json_stays_valid(folder: Path) -> None:
    done = _run(BROKEN_CHECK + LINT, ".", "--output-format", "json", cwd=folder)
    assert [one["code"] for one in json.loads(done.stdout)] == ["USK102", "USK102"]


def test_exit_zero_hides_no_error(folder: Path) -> None:
    assert _run(BROKEN_CHECK + LINT, ".", "--exit-zero", cwd=folder).returncode == 2


def test_what_else_is_found_is_fixed(folder: Path) -> None:
    done = _run(BROKEN_CHECK + LINT, ".", "--fix", cwd=folder)
    assert (folder / "both.py").read_text() == BOTH.replace("socket.timeout", "OSError")
    assert f"both.py: {LINE}\n" in done.stderr
    assert done.returncode == 2


def test_the_report_is_not_kept(folder: Path) -> None:
    assert "USK403" not in _run(BROKEN_CHECK + LINT, ".", cwd=folder).stdout
    assert "both.py:8:23: USK403 " in lint(".", cwd=folder).stdout


def test_a_comment_for_the_lost_finding_is_not_called_useless(folder: Path) -> None:
    (folder / "both.py").write_text(BOTH.rstrip() + "  # noqa: USK403\n")
    done = _run(BROKEN_CHECK + LINT, "both.py", "--extend-select", "USK002", cwd=folder)
    assert "USK002" not in done.stdout


def test_a_known_finding_that_is_lost_is_not_said_to_be_gone(folder: Path) -> None:
    lint(".", "--no-cache", "--baseline", "known.json", "--write-baseline", cwd=folder)
    done = _run(BROKEN_CHECK + LINT, ".", "--baseline", "known.json", cwd=folder)
    assert "no longer found" not in done.stderr
    assert done.returncode == 2


def test_an_error_elsewhere_is_one_line(folder: Path) -> None:
    broken = "from usock_lint.files import discovery\ndef broken(*_): raise IndexError\ndiscovery.discover = broken\n"
    done = _run(broken + LINT, ".", cwd=folder)
    assert (done.stdout, done.returncode) == ("", 2)
    assert done.stderr == "usock-lint: internal error (IndexError); please report it with this file\n"


def test_flake8_prints_a_line_of_its_own_kind(folder: Path) -> None:
    done = _run(BROKEN_CHECK + FLAKE8, *selecting(folder), "-j1", ".", cwd=folder)
    assert [line.split(" ")[:2] for line in done.stdout.splitlines() if "both.py" in line] == [
        ["./both.py:1:1:", "USK000"],
        ["./both.py:6:8:", "USK102"],
    ]
    assert f"./both.py:1:1: USK000 {LINE}\n" in done.stdout
    assert "./net.py:6:8: USK102 " in done.stdout
    assert (done.stderr, done.returncode) == ("", 1)


def test_an_editor_is_told_and_shows_what_else_is_found(folder: Path) -> None:
    async def scenario(editor: Editor) -> None:
        editor.open("both.py", BOTH)
        assert [one.code for one in await editor.findings("both.py")] == ["USK102"]
        assert await editor.message() == f"usock-lint: {folder / 'both.py'}: {LINE}"

    async def session() -> None:
        async with editing(folder, command=[sys.executable, "-c", BROKEN_CHECK + LINT, "server"]) as editor:
            await scenario(editor)

    asyncio.run(session())


def test_threads_and_programs_that_lint_get_the_rest(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> str:
        raise ValueError("no such\nport")

    monkeypatch.setattr(port_type, "number_of", broken)
    with ThreadPoolExecutor(2) as executor:
        reports = list(lint_paths([folder], executor=executor))
    assert [[one.code for one in report.findings] for report in reports] == [["USK102"], ["USK102"]]
    assert [len(report.errors) for report in reports] == [1, 0]
    assert [one.code for one in lint_source(BOTH, "both.py")] == ["USK102"]
    assert caplog.messages == [f"both.py: {LINE}"]
    caplog.clear()
    assert lint_source(BOTH.replace("timeout:", "timeout:  # noqa: USK102"), "both.py") == []
    assert caplog.messages == [f"both.py: {LINE}"]


def test_a_file_with_an_error_does_not_pass(folder: Path) -> None:
    (folder / "both.py").write_text(BOTH.replace("timeout:", "timeout:  # noqa: USK102"))
    done = _run(BROKEN_CHECK + LINT, "both.py", cwd=folder)
    assert (done.stderr, done.returncode) == (f"both.py: {LINE}\n", 2)


BROKEN_PROCESS = """
import os
from usock_lint.linting import engine
def broken(*_): os._exit(3)
engine.analysis.uses = broken
engine.prepare = print
"""


@pytest.mark.skipif(not FORKS, reason="the processes are not copies of this one")
def test_a_process_that_dies_is_an_error(folder: Path) -> None:
    done = _run(BROKEN_PROCESS + LINT, ".", "--jobs", "2", cwd=folder)
    line = "internal error (the process that linted it died, twice); please report it with this file"
    assert {f"both.py: {line}", f"net.py: {line}"} <= set(done.stderr.splitlines())
    assert done.returncode == 2


def test_a_fix_that_breaks_the_file_is_left_out_and_named(folder: Path) -> None:
    others = "".join(f's.connect(("1.2.3.{number}", "80"))\n' for number in range(7))
    (folder / "both.py").write_text(TIMEOUT + others)
    done = _run(BROKEN_FIX + LINT, "both.py", "--fix", cwd=folder)
    assert (folder / "both.py").read_text() == TIMEOUT + others.replace('"80"', "80")
    assert "both.py:6: the fix of USK102 is left out, as the file would not parse with it\n" in done.stderr
    assert "Found 8 findings (7 fixed, 1 remaining).\n" in done.stderr
    assert done.returncode == 1


def test_a_file_whose_only_fix_breaks_it_stays_as_it_is(folder: Path) -> None:
    done = _run(BROKEN_FIX + LINT, "net.py", "--fix", cwd=folder)
    assert (folder / "net.py").read_text() == TIMEOUT
    assert "net.py:6: the fix of USK102 is left out, as the file would not parse with it\n" in done.stderr

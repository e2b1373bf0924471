"""Beginning in an old code base: what is known is not reported, what is new is."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.support.running import TIMEOUT, lint

OLD = TIMEOUT + "print(socket.timeout)\n" * 2


@pytest.fixture(name="project")
def project_with_a_baseline(tmp_path: Path) -> Path:
    """Two files with findings, all of them known."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "net.py").write_text(OLD)
    (tmp_path / "main.py").write_text("import socket\nprint(socket.error)\n")
    done = lint(".", "--baseline", "known.json", "--write-baseline", cwd=tmp_path)
    assert (done.stdout, done.stderr, done.returncode) == ("", "Wrote 4 findings to known.json.\n", 0)
    return tmp_path


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return lint(*(arguments or (".",)), "--baseline", "known.json", cwd=project)


def codes(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [" ".join(line.split()[:2]) for line in done.stdout.splitlines()]


def test_what_is_known_is_not_reported(project: Path) -> None:
    done = run(project)
    assert (done.stdout, done.stderr, done.returncode) == ("", "4 findings more, known from known.json.\n", 0)


def test_the_file_is_sorted_and_has_an_entry_a_line(project: Path) -> None:
    text = (project / "known.json").read_text()
    assert json.loads(text)["version"] == 1
    assert [line.strip().rstrip(",") for line in text.splitlines()[3:-2]] == [
        '{"path": "main.py", "code": "USK103", "line": "print(socket.error)", "count": 1}',
        '{"path": "src/net.py", "code": "USK102", "line": "except socket.timeout:", "count": 1}',
        '{"path": "src/net.py", "code": "USK102", "line": "print(socket.timeout)", "count": 2}',
    ]


def test_a_line_that_moves_or_is_indented_stays_known(project: Path) -> None:
    (project / "src" / "net.py").write_text(
        "# new\n\n" + OLD.replace("print(socket.timeout)", "if 1:\n    print(socket.timeout)")
    )
    assert run(project).stdout == ""


def test_one_more_of_the_same_is_new(project: Path) -> None:
    (project / "src" / "net.py").write_text(OLD + "print(socket.timeout)\n")
    assert codes(run(project)) == ["src/net.py:10:7: USK102"]


def test_another_rule_or_line_is_new(project: Path) -> None:
    (project / "main.py").write_text("import socket\nprint(socket.error); socket.timeout\nprint(socket.error, 1)\n")
    assert codes(run(project)) == ["main.py:2:7: USK103", "main.py:2:22: USK102", "main.py:3:7: USK103"]


def test_what_is_gone_is_named_and_dropped_when_it_is_written_again(project: Path) -> None:
    (project / "main.py").unlink()
    (project / "src" / "net.py").write_text(TIMEOUT + "print(socket.timeout)\n")
    assert run(project).stderr.splitlines() == [
        "known.json: no longer found: main.py: USK103 print(socket.error)",
        "known.json: no longer found: src/net.py: USK102 print(socket.timeout)",
        "2 findings of known.json no longer found; --write-baseline drops them.",
        "2 findings more, known from known.json.",
    ]
    assert run(project, ".", "--write-baseline").stderr == "Wrote 2 findings to known.json.\n"
    assert run(project).stderr == "2 findings more, known from known.json.\n"


def test_what_a_run_does_not_look_at_is_neither_gone_nor_dropped(project: Path) -> None:
    before = (project / "known.json").read_text()
    for arguments in (("main.py",), (".", "--select", "USK2"), (".", "--exclude", "src")):
        assert "no longer" not in run(project, *arguments).stderr
        run(project, *arguments, "--write-baseline")
        assert (project / "known.json").read_text() == before


def test_a_file_that_cannot_be_parsed_now_hides_nothing_for_ever(project: Path) -> None:
    before = (project / "known.json").read_text()
    (project / "main.py").write_text("import socket\nprint 1\n")
    done = run(project)
    assert [line.split()[1] for line in codes(done)] == ["USK001"]
    assert "no longer" not in done.stderr
    for _ in range(2):
        run(project, ".", "--write-baseline")
    assert sum(entry["count"] for entry in json.loads((project / "known.json").read_text())["findings"]) == 5
    assert before.splitlines()[3] in (project / "known.json").read_text()


def test_it_works_from_another_folder_and_on_standard_input(project: Path) -> None:
    assert lint(".", "--baseline", "../known.json", cwd=project / "src").stdout == ""
    arguments = ("-", "--baseline", "known.json", "--stdin-filename", "main.py")
    assert lint(*arguments, cwd=project, stdin=b"import socket\nprint(socket.error)\n").returncode == 0


def test_the_settings_may_name_it(project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.usock-lint]\nbaseline = "known.json"\n')
    assert lint(".", cwd=project).returncode == 0
    done = lint(".", cwd=project / "src")
    assert (done.returncode, done.stderr) == (0, "3 findings more, known from ../known.json.\n")
    assert lint(".", "--write-baseline", cwd=project).stderr == "Wrote 4 findings to known.json.\n"


def test_all_formats_report_what_is_new_only(project: Path) -> None:
    assert run(project, ".", "--output-format", "json").stdout == "[]\n"
    assert run(project, ".", "--statistics").stdout == ""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (None, "No such file or directory"),
        ("", "is no baseline: not JSON"),
        ("[" * 100_000, "is no baseline: not JSON"),
        ("[]", "is no baseline: `version` and `findings` are missing"),
        ('{"version": 2, "findings": []}', "is a baseline of version 2; this usock-lint reads version 1"),
        ('{"version": 1, "findings": {}}', "is no baseline: `version` and `findings` are missing"),
        (
            '{"version": 1, "findings": [{"path": "a", "code": "USK102", "line": "x", "count": 1000000000000}]}',
            "is no baseline: finding 1 lacks path, code, line or count",
        ),
        ('{"version": 1, "findings": [{"path": 1}]}', "is no baseline: finding 1 lacks path, code, line or count"),
        ("\udce9", "is no baseline: not JSON"),
    ],
)
def test_what_is_no_baseline_is_one_line_and_2(text: str | None, problem: str, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "known.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    done = lint(".", "--baseline", "known.json", cwd=tmp_path)
    assert (done.stderr, done.returncode) == (f"usock-lint: known.json: {problem}\n", 2)


def test_a_baseline_without_a_name_or_place_is_one_line_and_2(tmp_path: Path) -> None:
    done = lint(".", "--write-baseline", cwd=tmp_path)
    assert done.stderr == "usock-lint: --write-baseline: which file? Name it by --baseline or the key `baseline`\n"
    done = lint(".", "--write-baseline", "--baseline", "no/such/known.json", cwd=tmp_path)
    assert done.stderr == "usock-lint: no/such/known.json: not written: No such file or directory\n"
    assert done.returncode == 2


@pytest.mark.parametrize("name", ["/dev/zero", "."])
def test_a_device_or_a_folder_is_no_baseline_and_nobody_waits_for_it(name: str, tmp_path: Path) -> None:
    done = lint(".", "--baseline", name, cwd=tmp_path)
    assert (done.stderr, done.returncode) == (f"usock-lint: {name}: Not a regular file\n", 2)


def test_a_name_that_is_not_text_is_known_too(tmp_path: Path) -> None:
    (tmp_path / "net\udce9.py").write_text(TIMEOUT)
    run(tmp_path, ".", "--write-baseline")
    assert run(tmp_path).returncode == 0


def test_diff_writes_no_baseline_and_no_comments(tmp_path: Path) -> None:
    for option in ("--write-baseline", "--add-noqa"):
        done = lint(".", option, "--diff", cwd=tmp_path)
        assert done.stderr.splitlines()[-1] == f"usock-lint: error: {option} writes, and --diff does not"
        assert done.returncode == 2

"""A run without findings says how many opt-in rules about resources on a device would have."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.running import lint
from usock_lint.diagnostics import FileReport
from usock_lint.running import serial

SERVER = """\
import socket

listener = socket.socket()
listener.bind(("0.0.0.0", 80))
listener.listen(1)
while True:
    client, _ = listener.accept()
    print(client.recv(100))
    client.close()
"""

LINE = "3 hints of rules that are off by default: USK803, USK804, USK805 (--extend-select USK8 turns them on).\n"


@pytest.fixture(name="folder")
def folder_with_a_server(tmp_path: Path) -> Path:
    (tmp_path / "main.py").write_text(SERVER)
    return tmp_path


def test_a_clean_run_says_how_many_and_how_to_see_them_also_from_the_cache(folder: Path) -> None:
    for _ in range(2):
        done = lint("main.py", cwd=folder)
        assert (done.stdout, done.stderr, done.returncode) == ("", f"The file passes.\n{LINE}", 0)
    assert "默认关闭的规则还有 3 条提示：USK803、USK804、USK805（" in lint("main.py", "--lang", "zh", cwd=folder).stderr


@pytest.mark.parametrize(
    "options",
    [["--extend-select", "USK8"], ["--select", "USK1"], ["--ignore", "USK8"], ["--output-format", "json"], ["--diff"]],
    ids=" ".join,
)
def test_nothing_is_said_to_those_who_chose(options: list[str], folder: Path) -> None:
    assert "opt-in" not in lint("main.py", *options, cwd=folder).stderr


def test_nothing_is_said_beside_findings(folder: Path) -> None:
    (folder / "main.py").write_text(f"import socket\nprint(socket.error)\n{SERVER}")
    assert "opt-in" not in lint("main.py", cwd=folder).stderr


def test_a_comment_suppresses_them_as_well(folder: Path) -> None:
    (folder / "main.py").write_text(SERVER.replace("(100))", "(100))  # noqa: USK804"))
    assert "2 hints of rules that are off by default: USK803, USK805 (" in lint("main.py", cwd=folder).stderr


def test_they_are_kept_with_the_report() -> None:
    report = FileReport("a.py", linted=True, offered=(("USK801", 2), ("USK804", 1)))
    assert serial.loads("a.py", serial.dumps(report)) == report
    assert serial.loads("a.py", b"[null,[]]\tUSK801=x") is None

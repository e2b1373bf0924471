"""The library, and the processes it shares its work with."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.running import FIXED_TIMEOUT, TIMEOUT, lint, lint_process
from usock_lint import Config, lint_paths, lint_source


@pytest.mark.parametrize("source", [TIMEOUT, TIMEOUT.encode()], ids=["text", "bytes"])
def test_the_library_lints_text_and_bytes(source: str | bytes) -> None:
    (finding,) = lint_source(source, "net.py")
    assert (finding.path, finding.location, finding.code) == ("net.py", (6, 8), "USK102")


def test_the_library_leaves_noqa_to_a_caller_who_asks() -> None:
    source = TIMEOUT.replace("timeout:", "timeout:  # noqa: USK102")
    assert lint_source(source) == []
    assert [finding.code for finding in lint_source(source, noqa=False)] == ["USK102"]


def test_the_library_lints_any_source_as_device_code_unless_it_is_to_judge_by_the_imports() -> None:
    source = "import threading\n" + TIMEOUT
    assert lint_source(source)
    assert lint_source(source, config=Config(assume="auto")) == []


def test_workers_report_what_one_process_does_in_the_same_order(tmp_path: Path) -> None:
    for number in range(24):
        (tmp_path / f"net{number:02}.py").write_text("# \n" * number + (TIMEOUT if number % 3 else "x = 1\n"))
    alone = lint(".", "--jobs", "1", cwd=tmp_path)
    assert alone.stdout.count("USK102") == 16
    assert lint_process(".", "--jobs", "2", cwd=tmp_path).stdout == alone.stdout
    with ThreadPoolExecutor(2) as executor:
        by_threads = list(lint_paths([tmp_path], executor=executor))
    assert by_threads == list(lint_paths([tmp_path]))


def test_workers_fix_every_file(tmp_path: Path) -> None:
    paths = [tmp_path / f"net{number}.py" for number in range(9)]
    for path in paths:
        path.write_text(TIMEOUT)
    assert lint_process(".", "--jobs", "2", "--fix", cwd=tmp_path).returncode == 0
    assert {path.read_text() for path in paths} == {FIXED_TIMEOUT}

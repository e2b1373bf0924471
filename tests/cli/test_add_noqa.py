"""Comments for what is found: they stand where flake8 and usock-lint look, and change nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.support.programs import programs
from tests.support.running import TIMEOUT, flake8, lint
from usock_lint import Config, lint_paths, lint_source
from usock_lint.running.add_noqa import suppress, with_comments

HEAD = "import socket\n"
Q3 = '"""'

PLACES = {
    "at the end of the line": ("socket.timeout\n", "socket.timeout  # noqa: USK102\n"),
    "once for two of the same": (
        "socket.timeout, socket.timeout\n",
        "socket.timeout, socket.timeout  # noqa: USK102\n",
    ),
    "with both codes": ("socket.timeout, socket.error\n", "socket.timeout, socket.error  # noqa: USK102, USK103\n"),
    "in place of blanks": ("socket.timeout   \n", "socket.timeout  # noqa: USK102\n"),
    "before a carriage return": ("socket.timeout\r\nx = 1\r\n", "socket.timeout  # noqa: USK102\r\nx = 1\r\n"),
    "without a last line end": ("socket.timeout", "socket.timeout  # noqa: USK102"),
    "after a comment": ("socket.timeout  # why\n", "socket.timeout  # why  # noqa: USK102\n"),
    "after another tool's": ("socket.timeout  # type: ignore\n", "socket.timeout  # type: ignore  # noqa: USK102\n"),
    "beside a code": ("socket.timeout  # noqa: E501\n", "socket.timeout  # noqa: E501, USK102\n"),
    "beside codes": ("socket.timeout  # noqa:E501,W2\n", "socket.timeout  # noqa:E501,W2, USK102\n"),
    "before an explanation": (
        "socket.timeout  # noqa: E501 too long\n",
        "socket.timeout  # noqa: E501, USK102 too long\n",
    ),
    "before another comment": (
        "socket.timeout  # noqa: E501  # pragma: no cover\n",
        "socket.timeout  # noqa: E501, USK102  # pragma: no cover\n",
    ),
    "on the row in brackets": (
        "x = (\n    1,\n    socket.timeout,\n)\n",
        "x = (\n    1,\n    socket.timeout,  # noqa: USK102\n)\n",
    ),
    "behind a backslash": ("x = socket.timeout or \\\n    1\n", "x = socket.timeout or \\\n    1  # noqa: USK102\n"),
    "behind a string of several lines": (
        f"x = socket.timeout, {Q3}\n# here\n{Q3}\n",
        f"x = socket.timeout, {Q3}\n# here\n{Q3}  # noqa: USK102\n",
    ),
    "after a string that looks like a comment": (
        "x = socket.timeout, '#'\n",
        "x = socket.timeout, '#'  # noqa: USK102\n",
    ),
    "in a block": ("if 1:\n\tsocket.timeout\n", "if 1:\n\tsocket.timeout  # noqa: USK102\n"),
    "before a semicolon's rest": ("socket.timeout; x = 1\n", "socket.timeout; x = 1  # noqa: USK102\n"),
    "after a form feed": ("\f\nsocket.timeout\n", "\f\nsocket.timeout  # noqa: USK102\n"),
}


@pytest.mark.parametrize(("before", "after"), PLACES.values(), ids=PLACES)
def test_a_comment_stands(before: str, after: str) -> None:
    assert with_comments(HEAD + before, lint_source(HEAD + before)) == HEAD + after
    assert lint_source(HEAD + after) == []


@pytest.mark.parametrize(
    "before", ['x = "# noqa: E501", socket.timeout\n', "x = '# noqa: E501', socket.timeout  # why\n"]
)
def test_no_comment_is_written_where_text_in_a_string_passes_for_one(before: str) -> None:
    assert with_comments(HEAD + before, lint_source(HEAD + before)) == HEAD + before


EVERYTHING = Config(extend_select=("USK",), assume="device")


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(programs())
def test_any_program_is_clean_afterwards(text: str) -> None:
    found = lint_source(text, config=EVERYTHING)
    changed = with_comments(text, found)
    left = lint_source(changed, config=EVERYTHING)
    assert {finding.code for finding in left} <= {"USK001"}
    assert with_comments(changed, left) == changed


SEVERAL = HEAD + "".join(before for before, _ in PLACES.values() if before.endswith("\n") and "\r" not in before)


def test_the_files_are_clean_afterwards_and_for_flake8(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(SEVERAL)
    (tmp_path / "crlf.py").write_bytes(b"# \xe9\r\n" + TIMEOUT.replace("\n", "\r\n").encode())
    before = lint(".", cwd=tmp_path).stdout.count("\n")
    done = lint(".", "--add-noqa", cwd=tmp_path)
    assert (done.stdout, done.returncode) == ("", 0)
    assert f"Added comments for {before} findings.\n" in done.stderr
    texts = [path.read_bytes() for path in sorted(tmp_path.glob("*.py"))]
    assert b"except socket.timeout:  # noqa: USK102\r\n" in texts[0]
    assert lint(".", "--add-noqa", cwd=tmp_path).returncode == 0
    assert [path.read_bytes() for path in sorted(tmp_path.glob("*.py"))] == texts
    assert flake8(".", cwd=tmp_path).stdout == ""


def test_what_cannot_be_suppressed_is_reported_and_the_exit_code_is_1(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("import socket\nprint 1\n")
    (tmp_path / "text.py").write_text(HEAD + 'x = "# noqa: E501", socket.timeout\n')
    done = lint(".", "--add-noqa", cwd=tmp_path)
    assert [line.split()[1] for line in done.stdout.splitlines()] == ["USK001", "USK102"]
    assert "2 findings cannot be suppressed by a comment.\n" in done.stderr
    assert done.returncode == 1


def test_what_is_known_gets_no_comment(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    lint(".", "--baseline", "known.json", "--write-baseline", cwd=tmp_path)
    (tmp_path / "net.py").write_text(TIMEOUT + "socket.error\n")
    done = lint(".", "--baseline", "known.json", "--add-noqa", cwd=tmp_path)
    assert (tmp_path / "net.py").read_text() == TIMEOUT + "socket.error  # noqa: USK103\n"
    assert done.returncode == 0


def test_standard_input_is_no_file_to_write_into(tmp_path: Path) -> None:
    done = lint("-", "--add-noqa", cwd=tmp_path)
    assert done.stderr.splitlines()[-1].endswith("--add-noqa writes into files, and - is none")
    assert done.returncode == 2


def test_comments_are_not_written_and_ignored_at_once(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    done = lint("net.py", "--add-noqa", "--ignore-noqa", cwd=tmp_path)
    assert done.stderr.endswith("--ignore-noqa looks past the comments that --add-noqa writes\n")
    assert done.returncode == 2
    assert (tmp_path / "net.py").read_text() == TIMEOUT


def test_a_file_that_encoding_would_change_is_left_alone(tmp_path: Path) -> None:
    before = b"# coding: cp932\n# \x87\x90\n" + TIMEOUT.encode()  # a character that is written in two ways
    (tmp_path / "net.py").write_bytes(before)
    done = lint("net.py", "--add-noqa", cwd=tmp_path)
    assert "net.py: is left as it is: comments would break it\n" in done.stderr
    assert (tmp_path / "net.py").read_bytes() == before


@pytest.mark.parametrize(("text", "says"), [("", "changed"), ("\n" + TIMEOUT, "changed"), (None, "No such file")])
def test_a_file_that_changed_after_it_was_linted_is_left_as_it_is(text: str | None, says: str, tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(TIMEOUT)
    (report,) = lint_paths([path])
    if text is None:
        path.unlink()
    else:
        path.write_text(text)
    left = suppress(report, Config())
    assert says in (left.problem or "")
    assert left.findings == report.findings
    assert text is None or path.read_text() == text


def test_a_comment_goes_into_a_first_line_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text("import socket; socket.timeout\n", encoding="utf-8-sig")
    lint(".", "--add-noqa", cwd=tmp_path)
    assert path.read_text(encoding="utf-8-sig") == "import socket; socket.timeout  # noqa: USK102\n"

"""Comments that set what a file is linted for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.running import NAME, flake8, lint
from usock_lint import Config, lint_source
from usock_lint.linting.directives import Directives, read
from usock_lint.settings.config import parse_targets

if TYPE_CHECKING:
    from usock_lint.settings.config import Assume

CONNECT = NAME.decode()
HOST = f"import threading\n{CONNECT}"


def targets(source: str, config: Config = Config()) -> set[str]:  # noqa: B008 (frozen)
    return {target for finding in lint_source(source, "net.py", config) for target in finding.targets}


# What they set


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("# usock-lint: target=rp2", {"rp2"}),
        ("#usock-lint:target=rp2==1.24", {"rp2==1.24"}),
        ("## usock-lint: target = unix, rp2>=1.22  # our boards", {"unix", "rp2>=1.22"}),
        ("# usock-lint: target=esp32", set[str]()),
        ("# usock-lint: target=rp2\n    # usock-lint: target=stm32", {"rp2", "stm32"}),
    ],
)
def test_a_target_comment_replaces_the_targets(comment: str, expected: set[str]) -> None:
    assert targets(f"{comment}\n{CONNECT}") == expected
    assert targets(f"{CONNECT}\n{comment}\n", Config(targets=parse_targets(["samd"]))) == expected


def test_a_target_comment_wins_over_an_import_that_narrows() -> None:
    assert targets(f"# usock-lint: target=rp2\nimport esp32\n{CONNECT}") == {"rp2"}


@pytest.mark.parametrize("comment", ["# usock-lint: skip-file", "#  usock-lint:  skip-file  # generated"])
def test_a_skip_file_comment_skips_the_file_whatever_else_it_says(comment: str) -> None:
    assert lint_source(f"{CONNECT}\n{comment}\n# usock-lint: nonsense\n") == []


def test_an_assume_comment_lints_a_file_for_a_computer() -> None:
    auto = Config(assume="auto")
    assert lint_source(HOST, config=auto) == []
    assert lint_source(f"# usock-lint: assume=device\n{HOST}", config=auto) != []


@pytest.mark.parametrize("assume", [None, "device"])
def test_an_assume_comment_can_take_back_what_holds_otherwise(assume: Assume | None) -> None:
    assert lint_source(f"# usock-lint: assume=auto\n{HOST}", config=Config(assume=assume)) == []


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_comments_are_found_whatever_ends_a_line(end: str) -> None:
    assert lint_source(f"{CONNECT}# usock-lint: skip-file\n".replace("\n", end)) == []


def test_comments_are_found_after_a_byte_order_mark_and_in_latin_1() -> None:
    assert lint_source(b"\xef\xbb\xbf# usock-lint: skip-file\n" + NAME) == []
    assert lint_source(b"# \xe9t\xe9\n# usock-lint: skip-file\n" + NAME) == []


@pytest.mark.parametrize(
    "source",
    [
        's = "# usock-lint: skip-file"\n',
        '"""\n# usock-lint: skip-file\n"""\n',
        "# usock-lint is what we use; usock-lint: skip-file\n",
        "# usock-lint skips no file\n",
        "# see https://example.com/usock-lint: skip-file\n",
    ],
)
def test_strings_and_prose_set_nothing(source: str) -> None:
    assert read(source) == Directives()
    assert targets(source + CONNECT)


def test_a_file_that_does_not_parse_is_skipped_all_the_same() -> None:
    assert lint_source("# usock-lint: skip-file\nimport socket\nprint 'x'\n") == []


# What is told of them


@pytest.mark.parametrize(
    ("comment", "told"),
    [
        ("# usock-lint: taget=rp2", "did you mean `target`?"),
        ("# usock-lint: targets=rp2", "did you mean `target`?"),
        ("# usock-lint: skipfile", "did you mean `skip-file`?"),
        ("# usock-lint: target=esp23", "did you mean 'esp32'?"),
        ("# usock-lint: target=esp32==9.9", "unknown release '9.9'"),
        ("# usock-lint: target=", "expected at least one target"),
        ("# usock-lint: target rp2", "the forms are"),
        ("# usock-lint: assume=host", "`host` is not one of auto, device"),
        ("# usock-lint:", "the forms are"),
        ("# usock-lint: noqa", "the forms are"),
        ("# usock-lint target=rp2", "write `# usock-lint: target=rp2`"),
        ("x = 1  # usock-lint: skip-file", "a line of its own"),
    ],
)
def test_a_comment_that_sets_nothing_is_a_finding(comment: str, told: str) -> None:
    (finding,) = lint_source(f"import socket\n{comment}\n", config=Config(select=("USK003",)))
    assert finding.name == "invalid-comment"
    assert told in finding.message
    assert finding.location == (2, comment.index("#") + 1)
    assert finding.end_location == (2, len(comment) + 1)


def test_what_a_bad_comment_would_have_set_stays_as_it_is_configured() -> None:
    source = f"# usock-lint: target=esp23\n{CONNECT}"
    assert targets(source, Config(targets=parse_targets(["rp2"]))) == {"rp2"}


# The front ends


def test_the_command_line_and_flake8_read_the_same_comments(tmp_path: Path) -> None:
    (tmp_path / "rp2.py").write_text(f"# usock-lint: target=rp2==1.24\n{CONNECT}")
    (tmp_path / "none.py").write_text(f"{CONNECT}# usock-lint: skip-file\n")
    (tmp_path / "typo.py").write_text("import socket\n# usock-lint: skip-fle\n")
    (tmp_path / "both.py").write_text(f"# usock-lint: target=rp2\n{CONNECT.rstrip()}  # noqa: USK401\n")
    lines = lint("--exit-zero", ".", cwd=tmp_path).stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == ["rp2.py", "typo.py"]
    assert "on rp2==1.24 (ValueError)" in lines[0]
    assert [line.removeprefix("./") for line in flake8(".", cwd=tmp_path).stdout.splitlines()] == lines


def test_a_file_that_a_comment_skips_is_said_to_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(f"{CONNECT}# usock-lint: skip-file\n")
    done = lint("--verbose", ".", cwd=tmp_path)
    assert "a.py: left out: a comment in it says `skip-file`\n" in done.stderr
    assert "1 file left out: a comment in it says `skip-file` (a.py).\n" in done.stderr
    assert done.stderr.endswith("\nNothing was linted.\n")
    assert done.returncode == 0


def test_fixing_keeps_to_the_targets_of_the_comment(tmp_path: Path) -> None:
    source = f"# usock-lint: target=esp32\n{CONNECT}"
    (tmp_path / "a.py").write_text(source)
    assert lint("--fix", "--unsafe-fixes", "a.py", cwd=tmp_path).returncode == 0
    assert (tmp_path / "a.py").read_text() == source

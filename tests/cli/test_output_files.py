"""Where the output goes: a file, a device, a full disk; and that no format is imported in vain."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.running import TIMEOUT, environment, lint, lint_process, python
from tests.support.samples import each_format
from usock_lint.output import FORMATS

pytestmark = pytest.mark.usefixtures("no_ci")


def test_the_output_file_holds_what_standard_output_would(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    printed = lint("net.py", "--output-format", "json", cwd=tmp_path)
    written = lint("net.py", "--output-format", "json", "--output-file", "out.json", cwd=tmp_path)
    assert (tmp_path / "out.json").read_text() == printed.stdout
    assert (written.stdout, written.returncode) == ("", 1)
    assert {path.name for path in tmp_path.iterdir()} - {".usock_lint_cache"} == {"net.py", "out.json"}


def test_the_output_file_has_no_colours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b" in lint("-", cwd=tmp_path, stdin=TIMEOUT.encode()).stdout
    lint("-", "--output-file", "out.txt", cwd=tmp_path, stdin=TIMEOUT.encode())
    assert (tmp_path / "out.txt").read_text().startswith("<stdin>:6:8: USK102 ")


def test_the_file_that_standard_output_leads_to_keeps_what_it_has(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("before\n")
    with log.open("ab") as out:
        command = python("-m", "usock_lint", "-", "--quiet", "--output-file", "/dev/stdout")
        subprocess.run(command, cwd=tmp_path, env=environment(), input=TIMEOUT.encode(), stdout=out, check=False)
        out.write(b"after\n")
    lines = log.read_text().splitlines()
    assert [line.split(":")[0] for line in lines] == ["before", "<stdin>", "after"]


def test_a_device_is_written_to_and_stays_one(tmp_path: Path) -> None:
    done = lint_process("-", "--output-file", "/dev/stdout", cwd=tmp_path, stdin=TIMEOUT.encode())
    assert done.stdout.startswith("<stdin>:6:8: USK102 ")
    lint("-", "--output-file", "/dev/null", cwd=tmp_path, stdin=TIMEOUT.encode())
    assert not Path("/dev/null").is_file()


def test_an_output_file_that_cannot_be_written_is_one_line_and_2(tmp_path: Path) -> None:
    done = lint("-", "--output-file", "no/such/out.txt", cwd=tmp_path, stdin=TIMEOUT.encode())
    assert done.stderr == "usock-lint: --output-file: no/such/out.txt: No such file or directory\n"
    assert done.returncode == 2


@pytest.mark.parametrize("words", [("net.py",), (".",), ("--diff", "."), ("--fix", ".")])
def test_an_output_file_replaces_no_file_that_is_linted(words: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    (tmp_path / "link.txt").symlink_to("net.py")
    for name in ("net.py", "link.txt"):
        done = lint(*words, "--output-file", name, cwd=tmp_path)
        assert done.stderr == (
            f"usock-lint: --output-file: {name}: not written: it is one of the files that are linted\n"
        )
        assert done.returncode == 2
        assert (tmp_path / "net.py").read_text().startswith("import socket\n")


@each_format
def test_a_full_disk_is_one_line_and_2(form: str, tmp_path: Path) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full")
    done = lint("-", "--output-format", form, "--output-file", "/dev/full", cwd=tmp_path, stdin=TIMEOUT.encode())
    assert done.stderr == "usock-lint: --output-file: /dev/full: No space left on device\n"
    assert done.returncode == 2


@pytest.mark.parametrize("form", [form for form in FORMATS if form not in ("full", "text")])
def test_only_the_format_that_is_used_is_imported(form: str, tmp_path: Path) -> None:
    script = (
        f"import sys; from usock_lint.cli.main import main; main(['-', '--output-format', {form!r}]); "
        "print([name for name in sys.modules if name.startswith('usock_lint.output.')], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment(), input="", capture_output=True, text=True
    )
    imported = set(re.findall(r"output\.findings\.(\w+)", done.stderr))
    assert imported & set(FORMATS) - {"text"} == {form}

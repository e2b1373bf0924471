"""Bad input of any kind: one finding or one line on standard error, never a traceback, never half a file."""

from __future__ import annotations

import codecs
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.running import FIXED_TIMEOUT, TIMEOUT, environment, lint, lint_process
from usock_lint.cli import check
from usock_lint.cli.check_options import Options
from usock_lint.diagnostics import FileReport
from usock_lint.files.discovery import NOTEBOOK

TABS = "import socket\nif True:\n        s = socket.socket()\n\ts.close()\n"
"""A tab is eight columns to MicroPython, which runs this."""


def _check(folder: Path, *, alone: bool = False) -> subprocess.CompletedProcess[str]:
    """Lint a folder to which a file with one finding is added, and make sure that this is reported.

    It is done by a process `alone`, if need be: one that recurses deeply, or shares much source among others.
    """
    (folder / "zz.py").write_text(TIMEOUT)
    done = (lint_process if alone else lint)(".", cwd=folder)
    assert "zz.py:6:8: USK102" in done.stdout
    assert done.returncode == 1
    return done


@pytest.mark.parametrize(
    "words",
    [
        ("",),
        ("net.py", ""),
        ("--config=", "net.py"),
        ("--cache-dir", "", "net.py"),
        ("stubs", ""),
        ("config", ""),
        ("init", "--target", ""),
    ],
)
def test_an_empty_word_names_nothing(words: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    done = lint(*words, cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("", "usock-lint: an argument is empty; is a variable not set?\n")
    assert done.returncode == 2
    assert [path.name for path in tmp_path.iterdir()] == ["net.py"]


def test_a_failure_of_a_command_line_without_words_is_no_internal_error(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("import socket\n(a, b): tuple = 1, 2\n")
    done = lint(cwd=tmp_path)
    assert "net.py: is not checked: line 2" in done.stderr
    assert "internal error" not in done.stderr
    assert done.returncode == 2


def test_a_path_that_is_not_there_is_no_file_that_would_be_linted(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    done = lint("--show-files", "nowhere.py", "net.py", cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("net.py\n", "nowhere.py: No such file or directory\n")
    assert done.returncode == 2


def _lines_about(name: str, text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith(name)]


def test_a_file_that_is_not_utf8_is_linted_after_a_warning(tmp_path: Path) -> None:
    (tmp_path / "latin.py").write_bytes(b"# \xe9\n" + TIMEOUT.encode())
    done = _check(tmp_path)
    assert _lines_about("latin.py", done.stderr) == ["latin.py: is not valid utf-8; read as Latin-1"]
    assert "latin.py:7:8: USK102" in done.stdout


@pytest.mark.parametrize("cookie", ["no-such-codec", "hex", "rot13", "undefined", "idna", "ascii", "utf-16"])
def test_a_cookie_that_does_not_fit_is_no_traceback(cookie: str, tmp_path: Path) -> None:
    (tmp_path / "cookie.py").write_bytes(f"# -*- coding: {cookie} -*-\n# ".encode() + b"\xe9\n" + TIMEOUT.encode())
    _check(tmp_path)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"import socket\n\0\n", id="a NUL byte"),
        pytest.param(b"import socket\nprint 'Python 2'\n", id="Python 2"),
        pytest.param(b"import socket\n" + b"(" * 1000, id="parentheses that are never closed"),
    ],
)
def test_a_file_that_does_not_parse_is_one_finding(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_bytes(data)
    done = _check(tmp_path, alone=True)
    (line,) = _lines_about("bad.py", done.stdout + done.stderr)
    assert ": USK001 " in line


NINES = "9" * 5000
HEX = f"0x{'f' * 4000}"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('s.connect(("1.2.3.4", "²"))', "USK403 '²' is not a port {}: a port is an int; write its number"),
        ('s.connect(("1.2.3.4", "٣"))', "USK403 '٣' is not a port {}: a port is an int; write its number"),
        ('socket.getaddrinfo("a.org", "²")', "USK408 '²' is not a port {}: a port is an int; write its number"),
        ('s.connect(("1.2.3.4", 1e300))', "USK403 1e+300 is not a port {}: a port is an int; write its number"),
        ('s.connect(("1.2.3.4", 1e999))', "USK403 inf is not a port {}: a port is an int; write its number"),
        (f's.connect(("1.2.3.4", {HEX}))', "USK402 0xffffffffffffffffff... is not a valid port {}:"),
        (f's.connect(("1.2.3.4", -{HEX}))', "USK402 -0xfffffffffffffffff... is not a valid port {}:"),
        (
            f's.connect(("1.2.3.4", "{NINES}"))',
            f"USK403 '{'9' * 200}...' is not a port {{}}: a port is an int; write its number",
        ),
        (
            f's.connect(("1.2.3.{NINES}", 80))',
            f'USK405 "1.2.3.{"9" * 194}..." is not an address {{}}; write a numeric one, or',
        ),
        (f's.bind(("{NINES}", 0))', ""),
        (f"s.settimeout({NINES[:4000]})", ""),
        ('s.connect(("1.2.3.4", 80 if "a" * 10**9 == 1 << 10**9 else 10**10**10))', ""),
        (f"def f(x: '{'(' * 9000}'): return x.y", ""),
    ],
    ids=lambda text: text[:30],
)
def test_what_no_source_should_hold_is_told_briefly(line: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_text(f"import socket\ns = socket.socket()\n{line}\n", encoding="utf-8")
    done = lint("odd.py", "--target", "rp2", cwd=tmp_path)
    (found,) = [one.partition(": ")[2] for one in done.stdout.splitlines() if "odd.py:3" in one] or [""]
    assert bool(found) == bool(said)
    assert found.startswith(said.replace("{}", "on rp2"))
    assert "internal error" not in done.stderr


@pytest.mark.parametrize("error", [f"OSError: {NINES}", "OSError: ²", f"OSError: -{NINES}", f"[Errno {NINES}]", "²"])
def test_an_error_with_an_absurd_number_is_explained_by_nothing(error: str, tmp_path: Path) -> None:
    done = lint("explain", error, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("usock-lint: no rule ")
    assert "did you mean" not in done.stderr
    assert len(done.stderr) < 400


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"import socket\nx = " + b"(" * 1000 + b"1" + b")" * 1000, id="1,000 nested parentheses"),
        pytest.param(b"import socket\n" + b"if 1:\n" + b" x = 1\n" * 5_000, id="5,000 lines"),
        pytest.param(b"import socket\nx = " + b"-" * 2000 + b"1\n", id="2,000 nested operators"),
        pytest.param(TABS.encode(), id="tabs mixed with spaces"),
        pytest.param(b"import socket", id="no line end"),
        pytest.param(b"import socket\r\rx = 1\r", id="carriage returns alone"),
        pytest.param("import socket\nx = 'é'\n".encode("utf-16"), id="UTF-16"),
        pytest.param(bytes(range(256)) + b"\nimport socket", id="every byte"),
        pytest.param(b"import socket\nx = '" + b"\\'" * 500_000, id="a string that is never closed"),
    ],
)
def test_an_odd_file_is_at_most_one_finding(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_bytes(data)
    done = _check(tmp_path, alone=True)
    assert len(_lines_about("odd.py", done.stdout)) <= 1


def test_a_million_character_line_is_linted(tmp_path: Path) -> None:
    (tmp_path / "long.py").write_text(f"{TIMEOUT}x = '{'x' * 1_000_000}'; socket.timeout\n")
    done = _check(tmp_path, alone=True)
    assert [line.split()[0] for line in _lines_about("long.py", done.stdout)] == [
        "long.py:6:8:",
        "long.py:8:1000009:",
    ]


def test_a_broken_link_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "broken.py").symlink_to("nowhere")
    assert _lines_about("broken.py", _check(tmp_path).stderr) == ["broken.py: No such file or directory"]


def test_a_link_to_itself_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "self.py").symlink_to("self.py")
    assert len(_lines_about("self.py", _check(tmp_path).stderr)) == 1


def test_a_folder_with_a_link_to_itself_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts/ring").symlink_to("ring")
    (tmp_path / "net.py").write_text("import not_here\n" + TIMEOUT)
    done = lint_process(".", "--assume", "auto", cwd=tmp_path)
    assert "internal error" not in done.stderr
    assert done.returncode != 2


def test_a_fifo_is_one_line_and_nobody_waits_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.py")
    assert _lines_about("fifo.py", _check(tmp_path).stderr) == ["fifo.py: Not a regular file"]


def test_a_device_is_one_line(tmp_path: Path) -> None:
    done = lint_process("/dev/zero", cwd=tmp_path)
    assert (done.stdout, done.stderr, done.returncode) == ("", "/dev/zero: Not a regular file\n", 1)


def test_a_name_with_a_nul_is_no_traceback(tmp_path: Path) -> None:
    from usock_lint import lint_paths

    (report,) = lint_paths([str(tmp_path / "a\0.py")])
    assert report.problem


def _lint_unprivileged(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Lint a folder without root's power to read and write everything."""
    command = [sys.executable, "-m", "usock_lint", *arguments]
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("root may read everything, and there is no setpriv to give that up with")
        command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *command]
    return subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )


def test_a_folder_without_permission_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    (tmp_path / "net.py").write_text(TIMEOUT)
    done = _lint_unprivileged(tmp_path, ".")
    (tmp_path / "closed").chmod(0o700)
    assert "closed: Permission denied\n" in done.stderr
    assert done.stdout.startswith("net.py:6:8: USK102 ")
    assert done.returncode == 1


def test_a_current_folder_without_permission_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    (tmp_path / "closed").mkdir()
    words = f"chmod 000 . && exec {sys.executable} -m usock_lint {tmp_path}/net.py"
    command = ["sh", "-c", words]
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("root may enter everything, and there is no setpriv to give that up with")
        command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *command]
    done = subprocess.run(
        command, cwd=tmp_path / "closed", env=environment(), capture_output=True, text=True, timeout=60, check=False
    )
    (tmp_path / "closed").chmod(0o700)
    assert "Traceback" not in done.stderr
    assert ("net.py:6:8: USK102" in done.stdout, done.returncode) == (True, 1)


def test_a_file_without_permission_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "closed.py").touch(mode=0)
    done = _lint_unprivileged(tmp_path, ".")
    assert (done.stdout, done.stderr, done.returncode) == ("", "closed.py: Permission denied\n", 1)


def test_a_read_only_file_is_not_fixed_but_reported(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(TIMEOUT)
    path.chmod(0o444)
    done = _lint_unprivileged(tmp_path, ".", "--fix")
    assert path.read_text() == TIMEOUT
    assert "net.py: not written: " in done.stderr
    assert done.stdout.startswith("net.py:6:8: USK102 ")
    assert done.returncode == 1


def test_a_file_in_a_read_only_folder_is_not_fixed_but_reported(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(TIMEOUT)
    tmp_path.chmod(0o555)
    done = _lint_unprivileged(tmp_path, ".", "--fix")
    tmp_path.chmod(0o755)
    assert path.read_text() == TIMEOUT
    assert "net.py: not written: Permission denied\n" in done.stderr
    assert done.returncode == 1


def test_comments_that_could_not_be_written_are_not_said_to_be_impossible(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    tmp_path.chmod(0o555)
    done = _lint_unprivileged(tmp_path, ".", "--add-noqa")
    tmp_path.chmod(0o755)
    assert "net.py: not written: Permission denied\n" in done.stderr
    assert "cannot be suppressed" not in done.stderr
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("before", "encoding"),
    [
        pytest.param(TIMEOUT.replace("\n", "\r\n"), "utf-8", id="CRLF"),
        pytest.param(TIMEOUT.replace("16)\n", "16)\r\n"), "utf-8", id="two kinds of line ends"),
        pytest.param("# coding: cp1251\n# Привет\n" + TIMEOUT, "cp1251", id="cookie"),
        pytest.param("# é\n" + TIMEOUT, "latin-1", id="Latin-1 without a cookie"),
        pytest.param("# \N{LINE SEPARATOR}\f\x1c\n" + TIMEOUT, "utf-8", id="other line separators"),
        pytest.param(TIMEOUT.rstrip("\n"), "utf-8", id="no last line end"),
    ],
)
def test_a_fix_changes_nothing_but_the_offence(before: str, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_bytes(before.encode(encoding))
    assert lint("net.py", "--fix", cwd=tmp_path).returncode == 0
    assert path.read_bytes() == before.replace("socket.timeout", "OSError").encode(encoding)


def test_a_byte_order_mark_is_not_counted_as_a_column(tmp_path: Path) -> None:
    done = lint("-", cwd=tmp_path, stdin=codecs.BOM_UTF8 + b"import socket; socket.timeout\n")
    assert [line.split(" ")[:2] for line in done.stdout.splitlines()] == [
        ["<stdin>:1:1:", "USK001"],
        ["<stdin>:1:16:", "USK102"],
    ]


@pytest.mark.parametrize(
    "text", [TIMEOUT, f"# coding: utf-8\n{TIMEOUT}", f"# coding: latin-1\n{TIMEOUT}", "import socket\n"]
)
def test_a_fix_leaves_out_a_byte_order_mark(text: str, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_bytes(codecs.BOM_UTF8 + text.encode())
    assert lint("net.py", "--fix", cwd=tmp_path).returncode == 0
    assert (tmp_path / "net.py").read_text() == text.replace("socket.timeout", "OSError")


def test_a_byte_order_mark_stays_where_its_rule_is_off(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_bytes(codecs.BOM_UTF8 + TIMEOUT.encode())
    assert lint("net.py", "--fix", "--ignore", "USK001", cwd=tmp_path).returncode == 0
    assert (tmp_path / "net.py").read_bytes() == codecs.BOM_UTF8 + FIXED_TIMEOUT.encode()


def test_a_file_whose_encoding_loses_something_is_left_alone(tmp_path: Path) -> None:
    before = b"# coding: cp932\n# \x87\x90\n" + TIMEOUT.encode()  # a character that is written in two ways
    (tmp_path / "net.py").write_bytes(before)
    done = lint("net.py", "--fix", cwd=tmp_path)
    assert "net.py: is left as it is" in done.stderr
    assert (tmp_path / "net.py").read_bytes() == before
    assert done.returncode == 1


def test_a_fix_keeps_mode_and_link_and_leaves_nothing_behind(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere" / "real.py"
    target.parent.mkdir()
    target.write_text(TIMEOUT)
    target.chmod(0o754)
    (tmp_path / "net.py").symlink_to(target)
    assert lint("net.py", "--fix", cwd=tmp_path).returncode == 0
    assert (tmp_path / "net.py").readlink() == target
    assert target.read_text() == FIXED_TIMEOUT
    assert target.stat().st_mode & 0o777 == 0o754
    assert list(target.parent.iterdir()) == [target]


def test_a_current_folder_that_is_gone_is_one_line(tmp_path: Path) -> None:
    command = f'mkdir here && cd here && rmdir ../here && exec "{sys.executable}" -m usock_lint file.py'
    done = subprocess.run(
        ["sh", "-c", command], cwd=tmp_path, env=environment(), capture_output=True, encoding="utf-8", timeout=60
    )
    assert (done.returncode, done.stderr) == (2, "usock-lint: the current folder does not exist any more\n")


def _in_a_shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """What a shell makes of `usock-lint LINE`, redirections and all."""
    (folder / "net.py").write_text(TIMEOUT)
    command = f"{sys.executable} -m usock_lint {line}"
    return subprocess.run(
        ["sh", "-c", command], cwd=folder, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no device that is always full")
@pytest.mark.parametrize("words", ["net.py", "--output-format sarif net.py", "rules", "explain USK102", "config"])
def test_a_full_disk_under_the_output_is_one_line(words: str, tmp_path: Path) -> None:
    done = _in_a_shell(f"{words} > /dev/full", tmp_path)
    assert (done.returncode, done.stderr) == (2, "usock-lint: output: No space left on device\n")


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("net.py >&-", 1),
        ("net.py 2>&-", 1),
        ("net.py >&- 2>&-", 1),
        ("rules >&-", 0),
        ("net.py <&-", 1),
        ("- <&- >&-", 2),
    ],
)
def test_a_closed_stream_leads_nowhere(line: str, code: int, tmp_path: Path) -> None:
    done = _in_a_shell(line, tmp_path)
    assert "Traceback" not in done.stderr
    assert done.returncode == code


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
@pytest.mark.parametrize("words", ["-", "--fix -", "explain -"])
def test_an_input_that_is_closed_does_not_pass_for_an_empty_one(words: str, tmp_path: Path) -> None:
    done = _in_a_shell(f"{words} <&-", tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "usock-lint: standard input: Bad file descriptor\n")


def test_a_notebook_is_refused_and_does_not_pass(tmp_path: Path) -> None:
    (tmp_path / "net.ipynb").write_text('{"cells": [], "nbformat": 4}')
    done = lint("net.ipynb", cwd=tmp_path)

    assert done.stderr == f"net.ipynb: {NOTEBOOK}\n"
    assert (done.returncode, done.stdout) == (1, "")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
@pytest.mark.parametrize("name", ["pyproject.toml", ".gitignore", "requirements.txt"])
def test_a_pipe_in_place_of_a_file_of_settings_is_not_waited_for(name: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / name)
    (tmp_path / "net.py").write_text(TIMEOUT)
    assert "net.py:6:8: USK102" in lint_process(".", cwd=tmp_path).stdout
    if name == "pyproject.toml":
        assert lint_process("init", cwd=tmp_path).stderr == "usock-lint: pyproject.toml is not a file\n"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_in_the_cache_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    lint_process("net.py", cwd=tmp_path)
    cache = tmp_path / ".usock_lint_cache"
    for entry in sorted(cache.iterdir(), key=lambda path: path.name == "CACHEDIR.TAG"):
        entry.unlink()
        os.mkfifo(entry)
        assert "net.py:6:8: USK102" in lint_process("net.py", cwd=tmp_path).stdout
    assert lint_process("clean", cwd=tmp_path).returncode == 0
    assert cache.is_dir()


def test_names_that_a_terminal_would_obey_are_shown_with_escapes(tmp_path: Path) -> None:
    (tmp_path / "a\x1b[2J.py").write_text("")
    assert lint("--show-files", ".", cwd=tmp_path).stdout == "a\\x1b[2J.py\n"


def test_only_a_named_path_that_is_not_there_ends_with_2(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    gone = [FileReport("gone.py", problem="No such file or directory")]
    for paths, status in ((["."], 1), (["gone.py"], 2), (["./gone.py"], 2)):
        options = Options()
        options.paths = paths
        assert check.exit_code(gone, options) == status


def test_a_project_with_names_of_the_library_is_not_run(tmp_path: Path) -> None:
    names = ("argparse", "dataclasses", "inspect", "json", "libcst", "socket", "token", "typing")
    for name in names:
        (tmp_path / f"{name}.py").write_text(f"open('{name} was run', 'w').close()\n")
    (tmp_path / "net.py").write_text(TIMEOUT)
    command = (sys.executable, "-m", "usock_lint", "net.py", "--no-cache", "--quiet")
    done = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False)
    assert (done.stdout.split(": ")[0], done.stderr) == ("net.py:6:8", "")
    assert [one.name for one in tmp_path.iterdir() if one.suffix != ".py"] == []


def test_a_projects_copy_of_a_module_that_python_m_imports_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "warnings.py").write_text("def warn(message, category=None, stacklevel=1):\n    print(message)\n")
    (tmp_path / "net.py").write_text(TIMEOUT + 'print("a\\\\b".split("b"))\n')
    command = (sys.executable, "-m", "usock_lint", ".", "--no-cache", "--quiet")
    own = environment() | {"PYTHONWARNINGS": ""}  # with any, Python imports its own module of this name first
    done = subprocess.run(command, cwd=tmp_path, env=own, capture_output=True, text=True, check=False)
    assert (done.stdout.split(": ")[0], done.stderr) == ("net.py:6:8", "")

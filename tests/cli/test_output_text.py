"""The output for people: text, source excerpts, colours, statistics."""

from __future__ import annotations

import json
import os
import re
import subprocess
from io import StringIO
from pathlib import Path

import pytest

from tests.support.running import TIMEOUT, environment, lint, python
from tests.support.samples import found, render
from usock_lint import Config, Finding
from usock_lint.catalog.pages import rules
from usock_lint.diagnostics import Fix, Location
from usock_lint.output.findings import statistics
from usock_lint.output.terminal import coloured, paint_for, plain

pytestmark = pytest.mark.usefixtures("no_ci")


def test_full_shows_the_line_with_the_offence_marked_and_what_to_do() -> None:
    findings = found("net.py", TIMEOUT, Config())
    assert render("full", findings) == (
        f"{render('text', findings).replace('USK102', 'USK102 [*]')}"
        "  |\n"
        "6 | except socket.timeout:\n"
        "  |        ^^^^^^^^^^^^^^\n"
        "  |\n"
        f"  = help: {rules()['socket-timeout'].summary}\n"
        "  = fix: Use OSError\n"
    )


def test_full_shows_the_lines_around_and_what_the_fix_changes(tmp_path: Path) -> None:
    source = "import socket\n\ntry:\n    socket.socket()\n\nexcept socket.timeout:\n    pass\n\nprint()\n"
    (tmp_path / "net.py").write_text(source)
    text = render("full", found(str(tmp_path / "net.py"), source, Config()))
    assert text.splitlines()[1:] == [
        "  |",
        "4 |     socket.socket()",
        "5 |",
        "6 | except socket.timeout:",
        "  |        ^^^^^^^^^^^^^^",
        "7 |     pass",
        "  |",
        f"  = help: {rules()['socket-timeout'].summary}",
        "  = fix: Use OSError",
        "6 - except socket.timeout:",
        "6 + except OSError:",
    ]


def test_full_shows_nothing_of_a_file_that_has_changed_since(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("# something else\n")
    text = render("full", found(str(tmp_path / "net.py"), TIMEOUT, Config()))
    assert "something else" not in text
    assert "6 | except socket.timeout:" in text


def excerpt(source: str, code: str) -> tuple[str, str]:
    """The source line and the line of carets of the last finding of a rule."""
    finding = [one for one in found("net.py", source) if one.code == code][-1]
    lines = render("full", [finding]).splitlines()
    return lines[2].partition("| ")[2], lines[3].partition("| ")[2]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        pytest.param("\tsocket.timeout", "    socket.timeout", id="a tab"),
        pytest.param("\tx = '漢字'; socket.timeout", "    x = '漢字'; socket.timeout", id="wide characters"),
        pytest.param("\tx = 'e\u0301'; socket.timeout", "    x = 'e\u0301'; socket.timeout", id="a combining accent"),
        pytest.param("\tx = '\x1b[2J'; socket.timeout", "    x = '\ufffd[2J'; socket.timeout", id="a control sequence"),
    ],
)
def test_the_mark_stands_under_the_offence_after(line: str, shown: str) -> None:
    wide = {"漢": 2, "字": 2, "\u0301": 0}
    source, mark = excerpt(f"import socket\nif 1:\n{line}\n", "USK102")
    assert source == shown
    columns = sum(wide.get(one, 1) for one in source[: source.index("socket.timeout")])
    assert mark == " " * columns + "^" * len("socket.timeout")


def test_a_long_line_is_cut_around_the_offence() -> None:
    source, mark = excerpt(f"import socket; x = '{'x' * 1000}'; socket.timeout; y = '{'y' * 1000}'\n", "USK102")
    assert len(source) <= 122
    assert source[0] == source[-1] == "…"
    assert source[mark.index("^") :].startswith("socket.timeout")


def test_an_offence_of_several_lines_is_marked_to_the_end_of_the_first() -> None:
    assert excerpt("import socket\nprint(socket.\n  timeout)\n", "USK102")[1] == "      ^^^^^^^"


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "variables", "colours"),
    [
        (Terminal(), {}, True),
        (StringIO(), {}, False),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"TERM": "dumb"}, False),
        (StringIO(), {"FORCE_COLOR": "1"}, True),
        (StringIO(), {"FORCE_COLOR": ""}, False),
        (Terminal(), {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
    ],
)
def test_colours_are_for_terminals_and_those_who_ask(
    stream: StringIO, variables: dict[str, str], colours: bool
) -> None:
    assert paint_for(stream, variables) is (coloured if colours else plain)


@pytest.mark.parametrize("form", ["text", "full"])
def test_a_real_terminal_gets_colours_and_a_pipe_the_same_text_without(form: str, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    piped = lint("net.py", "--output-format", form, cwd=tmp_path).stdout
    pty = pytest.importorskip("pty")
    outer, inner = pty.openpty()
    command = python("-m", "usock_lint", "net.py", "--output-format", form)
    variables = {**environment(), "TERM": "xterm"}
    subprocess.run(command, cwd=tmp_path, env=variables, stdout=inner, stderr=subprocess.DEVNULL, timeout=60)
    os.close(inner)
    shown = os.read(outer, 100_000).decode().replace("\r\n", "\n")
    os.close(outer)
    assert "\x1b[1;31mUSK102\x1b[0m" in shown
    assert re.sub(r"\x1b\[[\d;]*m", "", shown) == piped


# Statistics


def test_statistics_count_each_rule_and_target() -> None:
    one = Finding("a.py", Location(1, 1), Location(1, 2), "USK102", "socket-timeout", "m", ("rp2", "esp32"), None)
    two = Finding(
        "b.py", Location(1, 1), Location(1, 2), "USK102", "socket-timeout", "m", ("rp2",), Fix("safe", "", ())
    )
    three = Finding("b.py", Location(2, 1), Location(2, 2), "USK001", "syntax-error", "m", (), None)
    assert statistics.render([one, two, three]) == (
        "2  USK102  socket-timeout  rp2 2, esp32 1\n"
        "1  USK001  syntax-error\n"
        "3          all rules       rp2 2, esp32 1\n"
    )
    assert json.loads(statistics.render_json([one, two]))[0] == {
        "code": "USK102",
        "name": "socket-timeout",
        "count": 2,
        "fixable": True,
        "targets": {"rp2": 2, "esp32": 1},
    }


def test_statistics_of_nothing_are_nothing(tmp_path: Path) -> None:
    done = lint("-", "--statistics", cwd=tmp_path)
    assert (done.stdout, done.returncode) == ("", 0)


def test_statistics_are_text_or_json(tmp_path: Path) -> None:
    assert lint("-", "--statistics", cwd=tmp_path, stdin=TIMEOUT.encode()).stdout.startswith(
        "1  USK102  socket-timeout"
    )
    done = lint("-", "--statistics", "--output-format", "json", cwd=tmp_path, stdin=TIMEOUT.encode())
    assert json.loads(done.stdout)[0]["count"] == 1
    done = lint("-", "--statistics", "--output-format", "sarif", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.endswith("--statistics is text or json, and not sarif\n")


@pytest.mark.skipif(os.name != "posix", reason="such names are none elsewhere")
@pytest.mark.parametrize(("name", "shown"), [("a\nb.py", r"a\x0ab.py"), ("a\x1b[31m.py", r"a\x1b[31m.py")])
def test_a_name_neither_breaks_the_line_nor_commands_the_terminal(name: str, shown: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(TIMEOUT)
    assert lint(".", cwd=tmp_path).stdout.startswith(f"{shown}:6:8: USK102 ")
    assert lint(f"no {name}", cwd=tmp_path).stderr == f"no {shown}: No such file or directory\n"

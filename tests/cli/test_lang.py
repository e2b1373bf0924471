"""The language is that of --lang, of the settings, or of the locale, in every command and output format."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.running import TIMEOUT, environment, flake8, flake8_process, lint, python

ENGLISH = "`socket.timeout` raises AttributeError on rp2 when an error comes: it does not exist; use OSError"
CHINESE = "`socket.timeout` 在 rp2 上一旦出错就引发 AttributeError：它不存在；请改用 `OSError`"
PLACE = "net.py:6:8: USK102 "

WITHOUT_RICH = "import sys; sys.modules['rich'] = None; from usock_lint.cli.main import main; main(sys.argv[1:])"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "net.py").write_text(TIMEOUT)
    return tmp_path


def lint_in(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """`usock-lint --target rp2 net.py` with these arguments and environment variables; no locale is set otherwise."""
    kept = {name: value for name, value in environment().items() if name not in ("LC_ALL", "LC_MESSAGES", "LANG")}
    line = ["-m", "usock_lint", "--target", "rp2", *arguments, "net.py"]
    # Python chooses the encoding of its streams at its start.
    command = [sys.executable, *line] if any(name.startswith("PYTHON") for name in variables) else python(*line)
    done = subprocess.run(command, cwd=folder, env={**kept, **variables}, capture_output=True, timeout=60, check=False)
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done


def terminal(*command: str, **variables: str) -> str:
    """What a command shows on a terminal 80 columns wide."""
    pty = pytest.importorskip("pty")
    shown, inside = pty.openpty()
    env = {**environment(), "COLUMNS": "80", "TERM": "xterm-256color", "PAGER": "cat", **variables}
    process = subprocess.Popen([sys.executable, *command], stdout=inside, stderr=inside, stdin=inside, env=env)
    os.close(inside)
    parts: list[bytes] = []
    while True:
        try:
            part = os.read(shown, 65536)
        except OSError:  # how Linux says that nobody writes any more
            break
        if not part:
            break
        parts.append(part)
    os.close(shown)
    assert process.wait(60) == 0
    return b"".join(parts).decode()


def coloured(text: str) -> bool:
    return re.search(r"\x1b\[[\d;]*\b3[0-8]\b", text) is not None


def test_a_run_is_in_chinese_when_asked(folder: Path) -> None:
    done = lint_in(folder, "--lang", "zh")

    assert done.returncode == 1
    assert done.stdout.decode() == f"{PLACE}{CHINESE}\n"
    assert done.stderr.decode() == "发现 1 个问题。\n其中 1 个可用 --fix 修复。\n"


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"LANG": "zh_CN.UTF-8"}, CHINESE),
        ({"LANG": "C.UTF-8"}, ENGLISH),
        ({"LC_ALL": "C.UTF-8", "LANG": "zh_CN.UTF-8"}, ENGLISH),
        ({"LANG": "zh_CN.UTF-8", "PYTHONIOENCODING": "ascii"}, ENGLISH),
        ({"LANG": "zh_CN.GBK", "PYTHONIOENCODING": "gbk"}, CHINESE),
    ],
)
def test_the_locale_decides_unless_it_cannot_be_printed(variables: dict[str, str], message: str, folder: Path) -> None:
    done = lint_in(folder, **variables)

    assert done.returncode == 1
    assert done.stdout.decode(variables.get("PYTHONIOENCODING", "utf-8")) == f"{PLACE}{message}\n"


def test_chinese_that_was_asked_for_is_escaped_where_it_cannot_be_printed(folder: Path) -> None:
    done = lint_in(folder, "--lang", "zh", PYTHONIOENCODING="ascii")

    assert done.returncode == 1
    assert done.stdout.decode("ascii").encode().decode("unicode_escape") == f"{PLACE}{CHINESE}\n"


def test_an_option_goes_before_the_settings_and_those_before_the_locale(folder: Path) -> None:
    (folder / "pyproject.toml").write_text('[tool.usock-lint]\nlang = "zh"\n')

    assert CHINESE.encode() in lint_in(folder, LANG="C.UTF-8").stdout
    assert ENGLISH.encode() in lint_in(folder, "--lang", "en", LANG="zh_CN.UTF-8").stdout


def test_another_language_than_there_is_is_an_error(folder: Path) -> None:
    (folder / "pyproject.toml").write_text('[tool.usock-lint]\nlang = "zn"\n')
    configured = lint("net.py", cwd=folder)

    assert configured.returncode == 2
    assert "tool.usock-lint.lang: `zn` is not one of en, zh" in configured.stderr
    assert lint("--lang", "de", "net.py", cwd=folder).returncode == 2


@pytest.mark.parametrize("form", ["text", "full", "json", "github", "gitlab", "sarif", "junit"])
def test_every_format_has_the_language_and_the_same_codes(form: str, folder: Path) -> None:
    done = lint("--target", "rp2", "--lang", "zh", "--output-format", form, "net.py", cwd=folder)

    text = done.stdout
    if text.startswith(("{", "[")):
        text = json.dumps(json.loads(text), ensure_ascii=False)
    assert "在 rp2 上一旦出错就引发 AttributeError" in text
    assert "USK102" in text
    assert "does not exist" not in text
    assert form != "sarif" or "MicroPython has no" not in text


def test_a_cached_finding_is_said_in_the_language_of_this_run(folder: Path) -> None:
    said = [lint_in(folder, "--lang", lang).stdout.decode() for lang in ("en", "zh", "en", "zh")]

    assert said == [f"{PLACE}{message}\n" for message in (ENGLISH, CHINESE) * 2]


def test_the_plugin_of_flake8_has_an_option_and_heeds_the_locale(folder: Path) -> None:
    options = ("--usock-targets", "rp2", "net.py")
    english = flake8_process(*options, cwd=folder)
    env = {**environment(), "LC_ALL": "zh_CN.UTF-8"}
    chinese = subprocess.run(english.args, cwd=folder, env=env, capture_output=True, timeout=60, check=False)

    assert ENGLISH in english.stdout
    assert CHINESE in chinese.stdout.decode()
    assert CHINESE in flake8(*options, "--usock-lang", "zh", cwd=folder).stdout
    refused = flake8(*options, "--usock-lang", "de", cwd=folder)
    assert "--usock-lang: `de` is not one of en, zh" in refused.stderr


def test_the_rules_are_listed_in_chinese(tmp_path: Path) -> None:
    done = lint("rules", "--lang", "zh", cwd=tmp_path)

    assert "MicroPython 没有 `socket.timeout`；请捕获 `OSError`。" in done.stdout
    assert "（默认关闭）" in done.stdout


def test_a_page_is_explained_in_chinese_although_the_settings_are_wrong(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.usock-lint]\nlanguage = 1\n")

    done = lint("explain", "--lang", "zh", "USK102", cwd=tmp_path)

    assert done.returncode == 0
    assert done.stdout.startswith("# `socket-timeout` (USK102)\n\nMicroPython 没有")


def test_a_page_is_markdown_where_nobody_watches(tmp_path: Path) -> None:
    done = lint("explain", "--full", "USK102", cwd=tmp_path)

    assert "\x1b" not in done.stdout
    assert "```output cpython\ntimed out\n```" in done.stdout
    assert "中文" not in done.stdout


def test_a_page_is_rendered_on_a_terminal() -> None:
    shown = terminal("-m", "usock_lint", "explain", "--full", "USK102")

    assert coloured(shown)
    assert "```" not in shown
    assert "It prints on cpython:" in shown


def test_a_page_is_rendered_without_colours_when_they_are_not_wanted() -> None:
    shown = terminal("-m", "usock_lint", "explain", "--full", "USK102", NO_COLOR="1")

    assert not coloured(shown)
    assert "```" not in shown


@pytest.mark.parametrize(
    ("command", "term"),
    [(("-m", "usock_lint"), "dumb"), (("-c", WITHOUT_RICH), "xterm")],
    ids=["dumb terminal", "without rich"],
)
def test_a_page_is_markdown_where_it_cannot_be_rendered(command: tuple[str, str], term: str) -> None:
    shown = terminal(*command, "explain", "--full", "USK102", TERM=term)

    assert "\x1b" not in shown
    assert "```output cpython" in shown

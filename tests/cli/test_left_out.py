"""What is left out, and that no run ends without a word: clean, nothing to check and left out are told apart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.running import TIMEOUT, flake8, lint
from usock_lint import Config, lint_paths, lint_source
from usock_lint.linting.role import role

HOST = f"import threading\n{TIMEOUT}"
CLEAN = "import socket\n"
FORK = f"import socketpool\n{TIMEOUT}"


def write(folder: Path, **files: str) -> None:
    """Files by their paths without the ending, with `__` for a slash."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def said(*words: str, cwd: Path) -> str:
    done = lint(*words, "--no-cache", cwd=cwd)
    assert done.stdout == ""
    assert done.returncode == 0
    return done.stderr


# Named, or found


def test_a_file_that_is_named_is_linted_whatever_it_imports(tmp_path: Path) -> None:
    write(
        tmp_path,
        chat=HOST,
        tests__test_a="import unittest\n" + TIMEOUT,
        fakes__socket=TIMEOUT.replace("socket", "usocket"),
    )
    for name in ("chat.py", "tests/test_a.py", "fakes/socket.py"):
        assert "USK102" in lint(name, cwd=tmp_path).stdout
    assert "USK102" in lint("-", cwd=tmp_path, stdin=HOST.encode()).stdout
    assert "USK102" in lint("-", "--stdin-filename", "chat.py", cwd=tmp_path, stdin=HOST.encode()).stdout


def test_a_file_that_is_named_beside_its_folder_is_linted(tmp_path: Path) -> None:
    write(tmp_path, chat=HOST, push=HOST)
    found = lint(".", "chat.py", cwd=tmp_path)
    assert found.stdout.startswith("chat.py:")
    assert "1 file left out: it imports threading (push.py; --assume device lints it).\n" in found.stderr


def test_what_is_named_is_judged_by_its_imports_for_who_wants_that(tmp_path: Path) -> None:
    write(tmp_path, chat=HOST)
    sentence = "1 file left out: it imports threading (chat.py; --assume device lints it).\nNothing was linted.\n"
    sentence += "For what is to run on a board, `usock-lint port PATH` tells what has to change first.\n"
    assert said("chat.py", "--assume", "auto", cwd=tmp_path) == sentence
    (tmp_path / "pyproject.toml").write_text('[tool.usock-lint]\nassume = "auto"\n')
    assert said("chat.py", cwd=tmp_path) == sentence
    assert "USK102" in lint("chat.py", "--assume", "device", cwd=tmp_path).stdout


def test_a_named_file_for_circuitpython_is_left_out_and_said_to_be(tmp_path: Path) -> None:
    write(tmp_path, code=FORK)
    sentence = "it is CircuitPython's, it uses socketpool (code.py; --assume device lints it).\nNothing was linted.\n"
    assert said("code.py", cwd=tmp_path) == f"1 file left out: {sentence}"
    assert "USK102" in lint("code.py", "--assume", "device", cwd=tmp_path).stdout
    assert lint_source(FORK) == []


def test_a_fix_of_what_is_named_is_made_whatever_it_imports(tmp_path: Path) -> None:
    write(tmp_path, chat=HOST, other=HOST)
    assert lint("--fix", "--ignore", "USK110", "chat.py", cwd=tmp_path).returncode == 0
    assert "except OSError:" in (tmp_path / "chat.py").read_text()
    lint("--fix", ".", cwd=tmp_path)
    assert (tmp_path / "other.py").read_text() == HOST
    assert "except OSError:" in lint("-", "--fix", cwd=tmp_path, stdin=HOST.encode()).stdout
    assert lint("-", "--fix", "--assume", "auto", cwd=tmp_path, stdin=HOST.encode()).stdout == HOST


def test_flake8_names_all_files_and_judges_them_by_their_imports(tmp_path: Path) -> None:
    write(tmp_path, chat=HOST)
    assert flake8("chat.py", cwd=tmp_path).stdout == ""
    assert "USK102" in flake8("--usock-assume", "device", "chat.py", cwd=tmp_path).stdout


def test_the_reports_of_the_library_say_why(tmp_path: Path) -> None:
    write(tmp_path, chat=HOST)
    (report,) = lint_paths([tmp_path])
    assert report.left_out
    assert (report.left_out.why, report.left_out.imports) == ("host", (("threading", 1),))
    assert not report.linted
    (report,) = lint_paths([tmp_path / "chat.py"])
    assert report.linted
    assert report.findings


# Sentences


def test_all_that_is_left_out_is_one_sentence_with_modules_and_files(tmp_path: Path) -> None:
    write(tmp_path, tests__test_a=HOST, tools__push=f"import argparse\n{TIMEOUT}", net=CLEAN, plain="")
    out, passing = said(".", cwd=tmp_path).splitlines()
    files = "tests/test_a.py, tools/push.py; --assume device lints them"
    assert out == f"2 files left out: they import threading, argparse ({files})."
    assert passing == "The other 2 files pass."


def test_what_is_left_out_is_said_beside_findings_and_json_holds_them_alone(tmp_path: Path) -> None:
    write(tmp_path, host=HOST, net=TIMEOUT)
    done = lint(".", "--output-format", "json", cwd=tmp_path)
    assert [Path(one["filename"]).name for one in json.loads(done.stdout)] == ["net.py"]
    assert "1 file left out: it imports threading (host.py; --assume device lints it).\n" in done.stderr
    assert "pass" not in done.stderr


def test_long_lists_are_cut(tmp_path: Path) -> None:
    write(tmp_path, **{f"host_{number:02}": f"import module_{number}\n{TIMEOUT}" for number in range(42)})
    sentence = said(".", cwd=tmp_path).splitlines()[0]
    assert sentence.startswith(
        "42 files left out: they import module_0, module_1, module_2, module_3, module_4 and 37 more ("
    )
    assert "host_04.py and 37 more; --assume" in sentence


def test_verbose_says_why_for_each_file_with_the_lines(tmp_path: Path) -> None:
    write(
        tmp_path,
        host=f"import socket\nimport argparse, my_driver\nimport threading\n{TIMEOUT}",
        fork=FORK,
        test_it=f"import os\nimport pytest\n{TIMEOUT}",
    )
    lines = said(".", "--verbose", cwd=tmp_path).splitlines()
    assert lines[:3] == [
        "fork.py: left out: it is CircuitPython's (imports socketpool (line 1))",
        "host.py: left out: it imports argparse (line 2), my_driver (line 2), threading (line 3), which neither "
        "MicroPython nor the project has",
        "test_it.py: left out: it is a test for a computer: it imports pytest (line 2)",
    ]
    assert "3 files: 0 linted for sockets, 3 left out." in lines


def test_all_well_nothing_with_sockets_nothing_linted_and_nothing_there_are_four_sentences(tmp_path: Path) -> None:
    write(tmp_path, good__a=CLEAN, good__b="", plain__a="", plain__b="x = 1\n", host__a=HOST, one__a=CLEAN)
    (tmp_path / "empty").mkdir()
    assert said("good", cwd=tmp_path) == "All 2 files pass.\n"
    assert said("one", cwd=tmp_path) == "The file passes.\n"
    assert said("plain", cwd=tmp_path) == "All 2 files pass.\nNone of them uses sockets.\n"
    assert "Nothing was linted.\n" in said("host", cwd=tmp_path)
    assert said("empty", cwd=tmp_path) == "No Python files found under empty\n"
    assert said("empty", "good", cwd=tmp_path) == "No Python files found under empty\nAll 2 files pass.\n"


def test_a_folder_of_which_all_is_passed_over_says_what(tmp_path: Path) -> None:
    write(tmp_path, gen__a=TIMEOUT, venv__lib__b=TIMEOUT, c=TIMEOUT)
    (tmp_path / "empty").mkdir()
    sentence = said(".", "--exclude", "c.py,gen", cwd=tmp_path)
    assert sentence == (
        "No Python files found under .: c.py, gen/, venv/ left out, by exclude, .gitignore or such a name.\n"
    )


def test_what_is_named_and_excluded_by_force_is_said_to_be(tmp_path: Path) -> None:
    write(tmp_path, gen=TIMEOUT)
    sentence = said("gen.py", "--exclude", "gen.py", "--force-exclude", cwd=tmp_path)
    assert sentence == "1 file left out: the settings exclude it (gen.py).\nNothing was linted.\n"


def test_a_diff_without_changes_says_so(tmp_path: Path) -> None:
    write(tmp_path, net="import socket\nsocket.socketpair()\n", good=CLEAN)
    assert "Would fix nothing: 1 finding without a fix to apply.\n" in lint("--diff", "net.py", cwd=tmp_path).stderr
    assert lint("--diff", "good.py", cwd=tmp_path).stderr == "The file passes.\n"


def test_all_of_it_is_said_in_chinese_too(tmp_path: Path) -> None:
    write(tmp_path, host=HOST, net=CLEAN)
    said_of = said(".", "--lang", "zh", cwd=tmp_path)
    assert "threading" in said_of
    assert "left out" not in said_of
    assert "pass" not in said_of


# The project


@pytest.mark.parametrize(
    "text",
    ["from secrets import SSID\n", "import secrets\nprint(secrets.SSID)\n", "import network, secrets\n"],
)
def test_a_file_of_passwords_is_no_module_of_cpython(text: str, tmp_path: Path) -> None:
    write(tmp_path, main=text + TIMEOUT, token="import secrets\nprint(secrets.token_hex(3))\n" + TIMEOUT)
    found = lint(".", cwd=tmp_path)
    assert [line.split()[1] for line in found.stdout.splitlines()] == ["USK102"]
    assert "it imports secrets (token.py; --assume device lints it)" in found.stderr


@pytest.mark.parametrize(
    "module",
    ["config", "WIFI_CONFIG", "mqtt_settings", "my_secrets", "wifi_creds", "boot", "picoweb", "tinyweb", "plasma"],
)
def test_a_module_for_boards_or_with_settings_leaves_no_file_out(module: str, tmp_path: Path) -> None:
    write(tmp_path, main=f"import {module}\n{TIMEOUT}", tool=f"import flask, {module}\n{TIMEOUT}")
    found = lint(".", cwd=tmp_path)
    assert "main.py:" in found.stdout
    assert ("tool.py" in found.stdout) is (module in ("picoweb", "tinyweb", "plasma"))


@pytest.mark.parametrize("module", ["configparser", "bleak"])
def test_other_modules_that_are_nowhere_are_those_of_a_computer(module: str, tmp_path: Path) -> None:
    write(tmp_path, main=f"import {module}\n{TIMEOUT}")
    assert f"it imports {module} (main.py" in said(".", cwd=tmp_path)


def test_a_driver_that_is_not_published_leaves_no_file_out_beside_files_for_boards(tmp_path: Path) -> None:
    panel = f"import st7796_fast\n{TIMEOUT}"
    write(tmp_path, device__main="import machine\n", device__panel=panel, server__panel=panel)

    assert [one.path for one in lint_paths([tmp_path]) if one.findings] == [str(tmp_path / "device" / "panel.py")]


@pytest.mark.parametrize(
    ("beside", "module"),
    [
        ("import machine, subprocess\n", "st7796_fast"),
        ("import machine\n", "pythonping"),
        ("import machine\n", "urllib2"),
        ("import machine\n", "threading"),
        ("from network import Game\n", "st7796_fast"),
        ("try:\n    import machine\nexcept ImportError:\n    pass\n", "st7796_fast"),
    ],
)
def test_what_may_be_a_module_of_computers_leaves_a_file_out_beside_those_for_boards(
    beside: str, module: str, tmp_path: Path
) -> None:
    write(tmp_path, main=beside, network="class Game:\n    pass\n", panel=f"import {module}\n{TIMEOUT}")

    assert "panel.py" not in lint(".", "--no-cache", cwd=tmp_path).stdout


@pytest.mark.parametrize(
    "text",
    {
        "a variable of the module's name": "from queue import Queue\nqueue = Queue()\nqueue.put(1)\n",
        "an attribute of the module's name": "import queue\nself.queue = queue.Queue()\nself.queue.put(1)\n",
        "a parameter of the module's name": "import queue\nq = queue.Queue()\ndef f(queue):\n    queue.put(1)\n",
        "a comment": "import queue  # not queue.py\nq = queue.Queue()\n",
    }.values(),
)
def test_a_module_of_which_only_cpythons_names_are_taken_is_cpythons(text: str, tmp_path: Path) -> None:
    write(tmp_path, main=text + TIMEOUT)
    assert "it imports queue (main.py; --assume device lints it)" in lint(".", cwd=tmp_path).stderr


def test_beside_modules_of_computers_a_file_of_the_project_is_none_of_micropythons(tmp_path: Path) -> None:
    write(tmp_path, main="import ctypes, ntptime\n" + TIMEOUT)
    assert "USK102" in lint(".", cwd=tmp_path).stdout
    write(tmp_path, ntptime="import struct\n")
    assert "it imports ctypes (main.py" in said(".", cwd=tmp_path)


@pytest.mark.parametrize(
    "where",
    [
        "app/helper.py",
        "helper.py",
        "lib/helper.py",
        "lib/helper.mpy",
        "lib/helper/core.py",
        "lib/helper/core/screen.py",
        "src/helper.py",
        "app/lib/helper/__init__.py",
        "firmware/lib/helper.py",
    ],
)
def test_a_module_of_the_project_decides_nothing(where: str, tmp_path: Path) -> None:
    path = tmp_path / "app" / "main.py"
    for one in (tmp_path / where, tmp_path / ".git" / "config", path):
        one.parent.mkdir(parents=True, exist_ok=True)
        one.write_text("")
    source = b"import helper, socket\n"
    assert role(source, str(path)).name == "device"
    (tmp_path / where).unlink()
    assert role(source, str(path)).name == "host"


@pytest.mark.parametrize(
    "where", ["venv/helper.py", ".hidden/helper.py", "helper/data.txt", "a/b/helper.py", "helper.txt"]
)
def test_what_an_import_does_not_find_is_no_module_of_the_project(where: str, tmp_path: Path) -> None:
    for one in (tmp_path / where, tmp_path / ".git" / "config"):
        one.parent.mkdir(parents=True, exist_ok=True)
        one.write_text("")
    assert role(b"import helper\n", str(tmp_path / "main.py")).name == "host"


def test_the_project_ends_at_its_repository_and_without_one_at_the_folder_that_is_named(tmp_path: Path) -> None:
    path = tmp_path / "project" / "app" / "main.py"
    path.parent.mkdir(parents=True)
    (tmp_path / "helper.py").touch()
    source = b"import helper\n"
    assert role(source, str(path), str(tmp_path / "project")).name == "host"
    assert role(source, str(path), str(tmp_path)).name == "device"
    (tmp_path / "project" / ".git").mkdir()
    assert role(source, str(path), str(tmp_path)).name == "host"


def test_a_shim_beside_the_file_makes_a_module_of_pythons_one_of_the_project(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "queue.py").touch()
    assert role(b"import queue\n", str(tmp_path / "main.py")).name == "device"


def test_a_namesake_inside_a_package_is_not_what_is_imported(tmp_path: Path) -> None:
    write(tmp_path, package__subprocess="")
    (tmp_path / "package" / "__init__.py").touch()
    assert role(b"import subprocess\n", str(tmp_path / "package" / "main.py")).name == "host"


def test_pythons_own_library_is_nobodys_project(tmp_path: Path) -> None:
    write(tmp_path, os="", site="", subprocess="")
    assert role(b"import subprocess\n", str(tmp_path / "socketserver.py"), str(tmp_path)).name == "host"


def test_what_is_found_is_not_kept_beyond_a_change_of_the_folder(tmp_path: Path) -> None:
    write(tmp_path, main=f"import helper\n{TIMEOUT}")
    assert lint(".", cwd=tmp_path).stdout == ""
    write(tmp_path, helper="")
    assert "USK102" in lint(".", cwd=tmp_path).stdout
    (tmp_path / "helper.py").unlink()
    assert lint(".", cwd=tmp_path).stdout == ""


def test_the_role_of_a_file_is_decided_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, net=TIMEOUT, host=HOST)
    asked: list[str] = []

    def counted(data: bytes, path: str, folder: str | None = None) -> object:
        asked.append(Path(path).name)
        return role(data, path, folder)

    monkeypatch.setattr("usock_lint.linting.role.role", counted)
    assert len([*lint_paths([tmp_path], Config())]) == 2
    assert sorted(asked) == ["host.py", "net.py"]


@pytest.mark.parametrize(
    ("words", "settings"),
    [
        (("--ignore", "USK"), ""),
        (("--select", "USK9", "--ignore", "USK9"), ""),
        ((), "select = []"),
        ((), 'ignore = ["USK"]'),
        (("--ignore", "USK801,ALL"), 'extend-select = ["USK801"]'),
    ],
)
def test_a_file_for_which_no_rule_is_on_does_not_pass(words: tuple[str, ...], settings: str, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    (tmp_path / "pyproject.toml").write_text(f"[tool.usock-lint]\n{settings}\n")
    for command in (("net.py",), (".",), ("port", "net.py")):
        done = lint(*command, *words, cwd=tmp_path)
        assert "1 file left out: no rule is on, by `select` and `ignore` (net.py).\n" in done.stderr
        assert "Nothing was linted.\n" in done.stdout + done.stderr
        assert ("passes" in done.stderr, done.returncode) == (False, 0)


def test_a_rule_that_is_added_to_none_is_on(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    (tmp_path / "pyproject.toml").write_text('[tool.usock-lint]\nselect = []\nextend-select = ["USK102"]\n')
    assert "net.py:6:8: USK102" in lint("net.py", cwd=tmp_path).stdout

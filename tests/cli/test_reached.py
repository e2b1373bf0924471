"""Files without networks that files with networks import: they are linted as those are, in a run that has both."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.support.running import TIMEOUT, lint
from tests.support.trees import write
from usock_lint import Config, lint_paths
from usock_lint.linting.role import every_word_of_imports, modules_of_imports
from usock_lint.running import reach
from usock_lint.running.runner import fix_paths

MAIN = "import socket\nimport util\n"
NET = "import socket\n"
LOGS = "import logging\n"
SENDS = "import net\nnet.S.send('a')\n"
HOST = "import threading, socket, util\n"


def _fails(path: str) -> None:
    pytest.fail(f"reads {path}")


def found(folder: Path, paths: Iterable[str] = ("",), config: Config | None = None, cache: str | None = None) -> str:
    """The files with findings, in the order of the reports."""
    reports = [*lint_paths([folder / path for path in paths], config or Config(), cache=cache)]
    assert not any(report.errors for report in reports)
    return " ".join(Path(one.path).relative_to(folder).as_posix() for one in reports if one.findings)


def test_what_a_networked_file_imports_is_linted_for_what_boards_lack(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": MAIN, "util.py": LOGS, "other.py": LOGS})
    done = lint(".", cwd=tmp_path)
    assert done.stdout.startswith("util.py:1:8: USK110")
    assert "main.py" not in done.stdout
    assert "other.py" not in done.stdout


def test_what_is_named_reaches_what_is_named_with_it_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": MAIN, "util.py": LOGS})
    assert found(tmp_path, ["main.py"]) == "main.py"  # for its import of util
    assert found(tmp_path, ["util.py"]) == ""
    assert found(tmp_path, ["util.py", "main.py"]) == found(tmp_path, ["main.py", "util.py"]) == "util.py"


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"main.py": MAIN, "util.py": "from b import *\n", "b.py": LOGS}, id="a star import"),
        pytest.param({"main.py": MAIN, "util.py": "import b\n", "b.py": f"{LOGS}import util\n"}, id="a circle"),
        pytest.param({"main.py": f"{NET}from p import b\n", "p/__init__.py": "", "p/b.py": LOGS}, id="a package"),
        pytest.param({"main.py": f"{NET}import p.b as c\n", "p/b.py": LOGS}, id="a folder without __init__"),
        pytest.param({"main.py": f"{NET}from p import c\n", "p/__init__.py": LOGS, "p/c.py": ""}, id="__init__"),
        pytest.param({"p/net.py": f"{NET}from . import a\n", "p/__init__.py": LOGS}, id="a name of its own package"),
        pytest.param(
            {"main.py": f"{NET}import p.net\n", "p/net.py": "from .b import (a,\n  b)\n", "p/b.py": LOGS}, id="relative"
        ),
        pytest.param({"p/net.py": f"{NET}from . import (  # both\n  a,\n  b)\n", "p/b.py": LOGS}, id="in parentheses"),
        pytest.param({"p/q/net.py": f"{NET}from ..b import c\n", "p/b.py": LOGS, ".git/x": ""}, id="above"),
        pytest.param({"p/net.py": f"{NET}from . import a\n", "p/__init__.py": LOGS, "p/a.py": ""}, id="around"),
        pytest.param({"main.py": f"{NET}import b\n", "lib/b.py": LOGS}, id="in lib"),
        pytest.param({"main.py": f"{NET}def f():\n    import b\n", "b.py": LOGS}, id="in a function"),
        pytest.param({"main.py": "import socket; import time, b\r\n", "b.py": LOGS}, id="behind a semicolon"),
        pytest.param({"main.py": f"{NET}import net\n", "net.py": f"{NET}import b\n", "b.py": LOGS}, id="from two"),
        pytest.param(
            {"main.py": f"{NET}import net, b\n", "net.py": f"{NET}S = socket.socket()\n", "b.py": f"{LOGS}{SENDS}"},
            id="what is done to sockets of the project",
        ),
    ],
)
def test_it_is_reached_through(files: dict[str, str], tmp_path: Path) -> None:
    write(tmp_path, files)
    (of_it,) = (name for name in files if LOGS in files[name])
    codes = {one.code for report in lint_paths([tmp_path]) for one in report.findings if one.path.endswith(of_it)}
    assert "USK110" in codes


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"main.py": "import util\n"}, id="a file without networks"),
        pytest.param({"host.py": HOST}, id="a host file"),
        pytest.param({"main.py": MAIN, "host.py": HOST}, id="a device's file if one of a host imports it too"),
        pytest.param(
            {"main.py": MAIN, "host.py": "import socket, subprocess, b\n", "b.py": "import util\n"},
            id="a device's file if one of a host gets to it",
        ),
        pytest.param({"main.py": f"# usock-lint: skip-file\n{MAIN}"}, id="a file that is left out by a comment"),
        pytest.param({"main.py": 'import socket\n"""\nimport util\n"""\n'}, id="a string"),
        pytest.param({"main.py": "import socket\n#\n# import util\n"}, id="a comment"),
        pytest.param({"main.py": "import socket\nfrom .other import util\n"}, id="a name of another module"),
        pytest.param({"a/net.py": MAIN, "a/util.py": "", ".git/x": ""}, id="one of two"),
        pytest.param({"tool.py": "import socket, b\n", "b.py": "import threading, util\n"}, id="a host file between"),
    ],
)
def test_it_is_not_reached_by(files: dict[str, str], tmp_path: Path) -> None:
    write(tmp_path, {**files, "util.py": LOGS})
    assert "util.py" not in found(tmp_path)


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"server.py": NET}, id="a file with networks"),
        pytest.param({"server.py": HOST}, id="a program for computers"),
        pytest.param(
            {"server/__init__.py": "from .a import b\n", "server/a.py": "from . import b\n", "server/b.py": NET}
        ),
    ],
)
def test_a_file_that_is_named_is_linted_for_what_boards_lack_if_it_gets_to_networks(
    files: dict[str, str], tmp_path: Path
) -> None:
    write(tmp_path, {**files, "main.py": f"import server\n{LOGS}", "other.py": f"import plain\n{LOGS}", "plain.py": ""})
    assert found(tmp_path, ["main.py", "other.py"]) == "main.py"
    (report,) = lint_paths([tmp_path / "main.py"])
    assert "USK110" in {one.code for one in report.findings}
    assert found(tmp_path) == ""


def test_numbers_of_errors_are_a_sensors_in_a_file_without_networks(tmp_path: Path) -> None:
    pulse = "import machine\ntry:\n    machine.time_pulse_us(1, 1)\nexcept OSError as error:\n"
    pulse += "    if error.args[0] == 110:\n        raise\n"
    write(tmp_path, {"main.py": MAIN, "util.py": pulse})
    assert "util.py" not in found(tmp_path)


def test_a_module_that_is_called_as_one_of_python_is_reached_by_no_import_of_that(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": "import socket, logging\n", "logging.py": "import threading\n"})
    assert "logging.py" not in found(tmp_path)


def test_the_role_of_what_is_reached_is_asked_for(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": MAIN, "util.py": "import subprocess\n", "other.py": "import subprocess\n"})
    main, _, util = sorted(lint_paths([tmp_path]), key=lambda one: one.path)
    assert util.left_out
    assert util.left_out.imports == (("subprocess", 1),)
    assert main.linted
    assert found(tmp_path, config=Config(assume="device")) == "util.py"


def test_the_reports_stay_in_the_order_of_the_paths(tmp_path: Path) -> None:
    names = [f"{letter}.py" for letter in "abcdef"]
    write(tmp_path, dict.fromkeys(names, LOGS) | {"c.py": f"import a, f\n{TIMEOUT}", "b.py": TIMEOUT})
    reports = [*lint_paths([tmp_path])]
    assert [Path(one.path).name for one in reports] == names
    assert [Path(one.path).name for one in reports if one.reached] == ["a.py", "f.py"]
    assert [Path(one.path).name for one in reports if one.findings] == ["a.py", "b.py", "c.py", "f.py"]
    assert found(tmp_path, ["f.py", "c.py", "a.py"]) == "f.py c.py a.py"


def test_progress_ends_with_all_files_done(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": MAIN, "util.py": LOGS, "other.py": ""})
    seen: list[tuple[int, int]] = []
    assert len([*lint_paths([tmp_path], progress=lambda done, known: seen.append((done, known)))]) == 3
    assert seen[-1] == (3, 3)


def test_what_is_kept_of_a_file_holds_only_while_it_is_reached_or_is_not(tmp_path: Path) -> None:
    # `util` is linted in both cases, as it uses a socket of the project: what differs is what it is linted for.
    files = {"main.py": MAIN, "util.py": LOGS + SENDS, "net.py": "import socket\nS = 1\n"}
    write(tmp_path, files)
    cache = str(tmp_path / "cache")
    for _ in range(2):
        (tmp_path / "main.py").write_text("import socket\n")
        assert found(tmp_path, cache=cache) == ""
        (tmp_path / "main.py").write_text(MAIN)
        assert found(tmp_path, cache=cache) == "util.py"


def test_what_is_kept_is_not_found_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import libcst

    write(tmp_path, {"main.py": MAIN, "util.py": LOGS})
    cache = str(tmp_path / "cache")
    assert found(tmp_path, cache=cache) == "util.py"
    monkeypatch.setattr(libcst, "parse_module", _fails)
    assert found(tmp_path, cache=cache) == "util.py"


def test_fixes_are_made_in_what_is_reached(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": MAIN, "util.py": "exit()\n", "other.py": "exit()\n"})
    assert sum(report.fixed for report in fix_paths([tmp_path])) == 1
    assert (tmp_path / "util.py").read_text() == "raise SystemExit\n"
    assert (tmp_path / "other.py").read_text() == "exit()\n"


def test_comments_that_suppress_are_written_and_hold(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": MAIN, "util.py": LOGS})
    assert lint("--add-noqa", ".", cwd=tmp_path).stdout == ""
    assert (tmp_path / "util.py").read_text() == "import logging  # noqa: USK110\n"
    assert lint(".", "--no-cache", cwd=tmp_path).stdout == ""


def test_a_file_whose_imports_name_nothing_silent_is_not_read_for_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"main.py": "import socket, time\n", "util.py": LOGS, "net.py": TIMEOUT})
    monkeypatch.setattr(reach, "read", _fails)
    assert found(tmp_path) == "net.py"


def test_the_names_of_imports() -> None:
    text = b"from ..a.b import (c,  # d\n  e)\nimport f.g as h, i; from . import j\nif x: from k import *\n'import l'\n"
    assert modules_of_imports(text) == {
        "..a", "..a.b", "..a.b.c", "..a.b.e", "f", "f.g", "i", ".", ".j", "k",
    }  # fmt: skip
    assert {b"a", b"b", b"c", b"e", b"f", b"g", b"i", b"j", b"k"} <= every_word_of_imports(text)


def test_a_backslash_continues_an_import_and_no_comment() -> None:
    assert modules_of_imports(b"from a \\\nimport b\n") == {"a", "a.b"}
    assert modules_of_imports(b"# from a \\\nimport b\n") == {"b"}


@pytest.mark.parametrize("words", [b"import a, ", b"import \\\n", b"from a import b, ", b"from a \\\nimport b \\\n"])
def test_many_words_that_look_like_imports_are_searched_in_time(words: bytes) -> None:
    start = time.process_time()
    modules_of_imports(words * 20_000)
    assert time.process_time() - start < 10

"""Runs over what has not changed repeat what was printed, reading nothing; whatever changes is noticed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import usock_lint
from tests.support.running import TIMEOUT, environment, lint, python
from tests.support.trees import write
from usock_lint.digests import digest
from usock_lint.running import unchanged
from usock_lint.running.cache_folder import CACHE

_PROGRAM = """
import sys
opened = []
sys.addaudithook(lambda event, given: opened.append(str(given[0])) if event == "open" else None)
from usock_lint.running import unchanged
unchanged._TICK = {tick}
from usock_lint.cli.main import main
status = main()
print("opened:", *opened, "modules:", *sys.modules, file=sys.stderr)
raise SystemExit(status)
"""

_MAIN = "import socket\nfrom net import HOST\nimport util\nsocket.socket().connect((HOST, 80))\n"
_TREE = {
    ".git/info/exclude": "",
    "main.py": _MAIN,
    "net.py": "HOST = 'example.com'\n",
    "util.py": "import logging\n",
    "plain.py": "x = 1\n",
    "tool.py": "import socket, turtle\n",
    "deep/down/other.py": "import socket\nsocket.timeout\n",
}


class _Done:
    """What a process did: its exit code, what it printed, the files that it opened, and whether it linted."""

    def __init__(self, done: subprocess.CompletedProcess[str]) -> None:
        errors, _, rest = done.stderr.partition("opened:")
        opened, _, modules = rest.partition(" modules:")
        self.printed = done.returncode, done.stdout, errors
        self.opened = {path for path in opened.split() if not path.endswith((".pyc", ".so"))}
        self.modules = set(modules.split())

    @property
    def repeats(self) -> bool:
        return "usock_lint.cli.check" not in self.modules


def _process(
    folder: Path,
    *words: str,
    tick: int = 0,
    package: Path | None = None,
    variables: dict[str, str] | None = None,
    whole: bool = False,
) -> _Done:
    """Lint in a process: a `whole` one if it is asked for other modules than the package's."""
    settings = {**environment(), "PYTHONDONTWRITEBYTECODE": "1", **(variables or {})}
    if package:
        settings["PYTHONPATH"] = str(package)
    line = ["-c", _PROGRAM.format(tick=tick), *words]
    command = [sys.executable, *line] if whole or package else python(*line, needed="import libcst")
    return _Done(subprocess.run(command, cwd=folder, env=settings, capture_output=True, text=True, check=False))


@pytest.fixture(name="tree")
def _tree(tmp_path: Path) -> Path:
    """A project that was linted, so that the next run repeats what was printed."""
    return _linted(tmp_path)


@pytest.fixture(name="changing", scope="module")
def _changing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same for tests that leave it as it was, but for their change, and linted again."""
    return _linted(tmp_path_factory.mktemp("changing"))


def _linted(folder: Path) -> Path:
    write(folder / "project", _TREE)
    (folder / "project" / "circle").symlink_to("circle")
    for _ in range(2):  # the first one makes the folder of the cache
        _process(folder / "project", ".")
    return folder / "project"


def test_a_run_over_what_has_not_changed_opens_no_source_and_imports_next_to_nothing(tree: Path) -> None:
    anew, again = _process(tree, ".", "--no-cache"), _process(tree, ".", whole=True)
    assert anew.printed == again.printed
    assert anew.printed[0] == 1
    assert "tool.py" in anew.printed[2]
    assert not anew.repeats
    opened = {path for path in again.opened if path.startswith((str(tree), "."))}
    assert {Path(path).name for path in opened} == {"CACHEDIR.TAG", *_records(tree)}
    own = {name for name in again.modules if name.startswith("usock_lint")}
    assert own <= {
        "usock_lint", "usock_lint.cli", "usock_lint.cli.main", "usock_lint.digests", "usock_lint.observed",
        "usock_lint.running", "usock_lint.running.cache_folder", "usock_lint.running.unchanged",
    }  # fmt: skip
    assert not again.modules & {"json", "libcst", "argparse", "typing"}


def _records(folder: Path) -> set[str]:
    return {path.name for path in (folder / CACHE).iterdir() if path.suffix == ".run"}


def _same_size_and_time(path: Path, text: str) -> None:
    before = path.stat()
    assert before.st_size == len(text)
    path.write_text(text)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _replaced(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "inner.py").write_text(TIMEOUT)


_CHANGES: dict[str, Callable[[Path], object]] = {
    "a file of the same size and time": lambda tree: _same_size_and_time(tree / "net.py", "HOST = 'example.org'\n"),
    "a file that gets networks": lambda tree: (tree / "plain.py").write_text(TIMEOUT),
    "a file without findings": lambda tree: (tree / "deep/down/other.py").write_text("import socket\n"),
    "a program for computers that becomes one for boards": lambda tree: (tree / "tool.py").write_text(TIMEOUT),
    "a new file": lambda tree: (tree / "deep/new.py").write_text(TIMEOUT),
    "a new hidden file": lambda tree: (tree / ".hidden.py").write_text(TIMEOUT),
    "a new file beside a link in a circle": lambda tree: (tree / "new.py").write_text(TIMEOUT),
    "a file that becomes a folder": lambda tree: _replaced(tree / "plain.py"),
    "an imported file that is renamed": lambda tree: (tree / "net.py").rename(tree / "nets.py"),
    "a module in a folder that was not there": lambda tree: write(tree, {"lib/net.py": "HOST = '10.0.0.1'\n"}),
    "a module that was not in the project": lambda tree: write(tree, {"turtle.py": "Turtle = None\n"}),
    "settings above": lambda tree: write(tree.parent, {"pyproject.toml": "[tool.usock-lint]\nignore = ['USK1']\n"}),
    "settings in a folder": lambda tree: write(tree, {"pyproject.toml": "[tool.usock-lint]\nselect = ['USK1']\n"}),
    "settings further down": lambda tree: write(tree, {"deep/pyproject.toml": "[tool.usock-lint]\nlang = 'zh'\n"}),
    "what git ignores": lambda tree: write(tree, {"deep/.gitignore": "down\n"}),
    "what this repository ignores": lambda tree: write(tree, {".git/info/exclude": "deep\n"}),
    "no repository any more": lambda tree: shutil.rmtree(tree / ".git"),
    "stubs that are installed": lambda tree: (tree / "typings/micropython_rp2_stubs-1.24.1.dist-info").mkdir(
        parents=True
    ),
    "stubs that are required": lambda tree: write(tree, {"requirements.txt": "micropython-rp2-stubs==1.24.1\n"}),
    "a file that is gone": lambda tree: (tree / "main.py").unlink(),
    "packages that are installed": lambda tree: write(tree, {"Makefile": "\tmpremote mip install socket\n"}),
    "a manifest": lambda tree: write(tree, {"manifest.py": "module('net.py', base_path='deep')\n"}),
}


@pytest.mark.parametrize("change", _CHANGES)
def test_each_change_is_noticed(change: str, changing: Path) -> None:
    _CHANGES[change](changing)
    again, anew = _process(changing, "."), lint(".", "--no-cache", cwd=changing)
    assert not again.repeats
    assert again.printed == (anew.returncode, anew.stdout, anew.stderr)
    assert _process(changing, ".").repeats


@pytest.mark.parametrize("name", [".tools", "__pycache__"])
def test_a_new_folder_that_the_settings_take_in_is_noticed(name: str, tmp_path: Path) -> None:
    write(tmp_path, {"main.py": TIMEOUT, "pyproject.toml": f"[tool.usock-lint]\nexclude = ['!{name}/']\n"})
    assert [_process(tmp_path, ".").repeats for _ in range(3)] == [False, False, True]
    write(tmp_path, {f"{name}/new.py": TIMEOUT})
    assert f"{name}/new.py" in _process(tmp_path, ".").printed[1]


def test_a_file_above_the_target_of_a_link_is_noticed(tmp_path: Path) -> None:
    write(tmp_path, {"net.py": "", "deep/net.py": TIMEOUT, "deep/down/other.py": ""})
    (tmp_path / "link").symlink_to("deep/down")
    # The first run makes the folder of the cache in a folder that it lists.
    assert [_process(tmp_path, "link/../net.py").repeats for _ in range(3)] == [False, False, True]
    (tmp_path / "deep/net.py").write_text("import socket\n")
    assert _process(tmp_path, "link/../net.py").printed[:2] == (0, "")


def test_a_change_of_a_probed_board_is_noticed(tmp_path: Path) -> None:
    facts = {"usock-lint": 1, "platform": "rp2", "version": "1.25.0", "machine": "Raspberry Pi Pico W with RP2040"}
    modules = {"socket": {"socket": ["close"], "getaddrinfo": "f"}}
    board = {**facts, "build": "RPI_PICO_W", "modules": modules, "types": {}}
    write(tmp_path, {"main.py": "import socket\nsocket.getaddrinfo('a', 1)\n", "board.json": json.dumps(board)})
    words = ["main.py", "--target", "board.json"]
    _process(tmp_path, "main.py", "--target", "board.json", "--select", "ALL")
    runs = [_process(tmp_path, *words) for _ in range(3)]
    assert ([one.repeats for one in runs][-1], runs[-1].printed[:2]) == (True, (0, ""))
    del modules["socket"]["getaddrinfo"]
    write(tmp_path, {"board.json": json.dumps(board)})
    assert "socket.getaddrinfo" in _process(tmp_path, *words).printed[1]


def test_a_file_of_a_baseline_that_is_gone_is_noticed(tmp_path: Path) -> None:
    known = {"path": "venv/net.py", "code": "USK101", "line": "", "count": 1}
    write(tmp_path, {"main.py": TIMEOUT, "known.json": json.dumps({"version": 1, "findings": [known]})})
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv/net.py").symlink_to("nowhere")
    runs = [_process(tmp_path, ".", "--baseline", "known.json") for _ in range(3)]
    assert [one.repeats for one in runs] == [False, False, True]
    (tmp_path / "venv/net.py").unlink()
    assert _process(tmp_path, ".", "--baseline", "known.json").printed[2] != runs[-1].printed[2]


def test_other_options_another_language_and_another_folder_are_other_runs(tree: Path) -> None:
    for words, variables in (
        ([".", "--select", "USK401", "--output-format", "json"], {}),
        (["main.py"], {"LC_ALL": "zh_CN.UTF-8"}),
        (["main.py"], {"FORCE_COLOR": "1"}),
    ):
        anew, again = (_process(tree, *words, variables=variables) for _ in range(2))
        assert (anew.repeats, again.repeats) == (False, True)
        assert anew.printed == again.printed
    assert not _process(tree / "deep", ".").repeats


def test_an_edit_is_noticed_however_soon_it_comes(tmp_path: Path) -> None:
    file, texts = tmp_path / "net.py", (TIMEOUT, TIMEOUT.replace("socket.timeout", "OSError       "))
    for number in range(4):
        file.write_text(texts[number % 2])
        assert _process(tmp_path, ".", tick=unchanged._TICK).printed[0] == 1 - number % 2  # pyright: ignore[reportPrivateUsage]
        assert not (tmp_path / CACHE).exists() or not _records(tmp_path)


def test_a_checkout_that_touches_every_file_finds_what_was_kept(tree: Path) -> None:
    before = _process(tree, ".")
    for path in tree.rglob("*.py"):
        path.touch()
    touched = _process(tree, ".", whole=True)
    assert (before.repeats, touched.repeats, _process(tree, ".").repeats) == (True, False, True)
    assert touched.printed == before.printed
    assert "libcst" not in touched.modules


def test_what_only_other_processes_read_is_noticed(tmp_path: Path) -> None:
    app = {f"main{number}.py": _MAIN.replace("util", "time") for number in range(3)}
    write(tmp_path, {".git/HEAD": "", "net.py": "from deeper import HOST\n", "deeper.py": "HOST = 'example.com'\n"})
    write(tmp_path / "app", app)
    *_, linted = (_process(tmp_path, "app", "--jobs", "2") for _ in range(3))
    assert (linted.repeats, linted.printed[1].count("USK401")) == (True, 3)
    (tmp_path / "deeper.py").write_text("HOST = '10.10.10.1'\n")
    assert _process(tmp_path, "app", "--jobs", "2").printed[1] == ""


def test_a_change_of_the_package_is_noticed(tmp_path: Path) -> None:
    source, copy, project = Path(usock_lint.__file__).parent.parent, tmp_path / "copy", tmp_path / "project"
    for name in ("usock_lint", "rules"):
        shutil.copytree(source / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    write(project, _TREE)
    runs = [_process(project, ".", package=copy).repeats for _ in range(3)]
    with (copy / "rules" / "socket-timeout.md").open("a") as page:
        page.write("\n")
    assert [*runs, _process(project, ".", package=copy).repeats] == [False, False, True, False]


_OF_ANOTHER_RELEASE = digest(b"0\0output").encode() + b"\0000\0output"
_WITHOUT_QUESTIONS = b"\0".join([b"no number", b"output", b"errors", digest(b"").encode(), *[b""] * 5])
_FORGED = digest(_WITHOUT_QUESTIONS).encode() + b"\0" + _WITHOUT_QUESTIONS


@pytest.mark.parametrize(
    "damage",
    [b"", b"\0\0\0", b"x" * 99, _OF_ANOTHER_RELEASE, _FORGED, None],
    ids=["empty", "zeros", "noise", "another release", "no exit code", "a changed byte"],
)
def test_a_damaged_record_is_ignored(damage: bytes | None, tree: Path) -> None:
    before = _process(tree, ".")
    (record,) = _records(tree)
    path = tree / CACHE / record
    path.write_bytes(path.read_bytes().replace(b"USK", b"KSU") if damage is None else damage)
    again = _process(tree, ".")
    assert not again.repeats
    assert again.printed == before.printed
    assert _process(tree, ".").repeats


@pytest.mark.parametrize(
    "words",
    ["--diff .", "--output-file out.txt .", "--no-cache .", "nowhere.py net.py", "--show-files .", "--fix ."],
)
def test_a_run_that_does_more_than_print_is_not_repeated(words: str, changing: Path) -> None:
    records = _records(changing)
    for _ in range(2):
        assert not _process(changing, *words.split()).repeats
    assert _records(changing) == records


@pytest.mark.parametrize(("command", "notes"), [(["rules"], False), (["check", "."], True)])
def test_only_a_process_that_lints_once_takes_notes(command: list[str], notes: bool, tmp_path: Path) -> None:
    program = (
        f"import sys; sys.argv[1:] = {command}; from usock_lint.cli.main import main; main(); "
        "from usock_lint import observed; print(observed.is_noted(), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stderr.split()[-1] == str(notes)


def test_few_files_without_networks_leave_nothing_and_many_a_record(tmp_path: Path) -> None:
    write(tmp_path, {"plain.py": "x = 1\n"})
    _process(tmp_path, ".")
    assert not (tmp_path / CACHE).exists()
    write(tmp_path, {f"deep/plain{number}.py": "x = 1\n" for number in range(200)})
    assert [_process(tmp_path, "deep").repeats for _ in range(2)] == [False, True]
    assert lint("clean", cwd=tmp_path).stdout == f"Removed {CACHE}.\n"
    assert not (tmp_path / CACHE).exists()


def test_records_of_many_command_lines_are_bounded(tree: Path) -> None:
    from usock_lint.running import cache_folder

    _process(tree, ".")
    (tree / CACHE / "mine.run").write_text("")
    for number in range(60):
        cache_folder.put(str(tree / CACHE), f"{number:032}.run", b"")
    (tree / CACHE / "mine.run").unlink()
    assert len(_records(tree)) == 50
    assert f"{59:032}.run" in _records(tree)

"""Windows and macOS, as far as they can be played elsewhere; .github/workflows/tests.yml runs the tests on them."""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support.running import NAME, lint_here
from usock_lint.files.ignore import is_excluded
from usock_lint.i18n import from_environment
from usock_lint.output.terminal import coloured, paint_for, plain
from usock_lint.paths import relative
from usock_lint.running import workers
from usock_lint.running.workers import Item, how_many
from usock_lint.settings.config import Config
from usock_lint.settings.hierarchy import Hierarchy


class Terminal(StringIO):
    """A stream that leads to a terminal."""

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return 1


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes Python take this system for Windows, with these functions of its kernel."""

    def begin(**kernel: Callable[..., object]) -> None:
        monkeypatch.setattr(sys, "platform", "win32")
        library = SimpleNamespace(kernel32=SimpleNamespace(**kernel))
        monkeypatch.setattr(ctypes, "windll", library, raising=False)
        monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(get_osfhandle=(6).__add__))

    return begin


@pytest.mark.parametrize(("number", "lang"), [(0x0804, "zh"), (0x0404, "zh"), (0x0409, "en"), (0x0407, "en")])
def test_windows_tells_the_language_of_its_menus(number: int, lang: str, windows: Callable[..., None]) -> None:
    windows(GetUserDefaultUILanguage=lambda: number)
    assert from_environment({}) == lang
    assert from_environment({"LANG": "de_DE.UTF-8"}) == "en"
    assert from_environment({"LC_ALL": "zh_CN.UTF-8"}) == "zh"


@pytest.mark.parametrize(("reads", "sets", "painted"), [(1, 1, True), (0, 1, False), (1, 0, False)])
def test_a_console_of_windows_gets_colours_if_it_takes_them(
    reads: int, sets: int, painted: bool, windows: Callable[..., None]
) -> None:
    modes: list[int] = []

    def set_mode(handle: ctypes.c_void_p, mode: int) -> int:
        assert handle.value == 7
        modes.append(mode)
        return sets

    def get_mode(_handle: object, _mode: object) -> int:
        return reads

    windows(GetConsoleMode=get_mode, SetConsoleMode=set_mode)
    assert paint_for(Terminal(), {}) is (coloured if painted else plain)
    assert modes == ([4] if reads else [])
    assert paint_for(StringIO(), {}) is plain


def test_wildcards_are_expanded_where_no_shell_does(tmp_path: Path, windows: Callable[..., None]) -> None:
    for name in ("b.py", "a.py", "sub/c.py", "[x].py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(NAME)
    (tmp_path / "x.py").write_text("")
    elsewhere = lint_here("*.py", cwd=tmp_path)
    assert (elsewhere.returncode, elsewhere.stderr) == (2, "*.py: No such file or directory\n")
    windows()
    found = [
        lint_here(word, "--isolated", "--lang", "en", cwd=tmp_path) for word in ("*.py", "**/c.py", "[x].py", "no*.py")
    ]
    names = [[line.split(":")[0] for line in done.stdout.splitlines()] for done in found]
    assert names == [["[x].py", "a.py", "b.py"], [str(Path("sub", "c.py"))], ["[x].py"], []]
    assert [done.returncode for done in found] == [1, 1, 1, 2]


def test_two_drives_have_no_path_between_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def relpath(path: str, start: str) -> str:
        raise ValueError("path is on mount 'C:', start on mount 'D:'")

    (tmp_path / "sub").mkdir()
    monkeypatch.setattr(os.path, "relpath", relpath)
    assert relative("a.py", str(tmp_path)) == os.path.abspath("a.py")
    assert not is_excluded("/elsewhere/net.py", Hierarchy.of(Config(exclude=("net",), root=str(tmp_path))))
    (tmp_path / "sub" / "net.py").write_bytes(NAME)
    options = ("--exclude", "no", "--per-file-ignores", "no.py:USK1", "--baseline", "known.json", "--force-exclude")
    assert lint_here(tmp_path / "sub", *options, "--write-baseline", cwd=tmp_path).returncode == 0
    assert lint_here(tmp_path / "sub", *options, cwd=tmp_path).returncode == 0


def test_windows_waits_for_no_more_processes_than_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    items = [Item(place, "", 1_000_000) for place in range(200)]
    assert how_many(items, 100) == 100
    monkeypatch.setattr(workers, "_MOST", 61)
    assert how_many(items, 100) == 61
    assert how_many(items[:3], 100) == 3


def test_macos_tells_by_an_option_what_a_socket_has_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = pytest.importorskip("usock_lint.shim.boards.waiting")
    with socket.socket() as host:
        assert waiting.unsent(host) == 0
    asked: list[tuple[int, int]] = []

    class Host:
        def getsockopt(self, level: int, option: int) -> int:
            asked.append((level, option))
            return 12

    monkeypatch.setattr(sys, "platform", "darwin")
    assert waiting.unsent(Host()) == 12
    assert asked == [(socket.SOL_SOCKET, 0x1024)]

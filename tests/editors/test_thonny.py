"""The plug-in in Thonny itself, on a virtual screen, with a real MicroPython as what it is connected to."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.running import FIXED_TIMEOUT, NAME, ROOT, TIMEOUT
from tests.support.thonny import NEWEST, OLDER, PLUGIN, Thonny, installed, started
from tools.rulepages.interpreters import micropython_names, required

OPTIONS = """\
[general]
single_instance = False
language = {language}
[run]
backend_name = LocalMicroPython
[LocalMicroPython]
executable = {micropython}
[assistance]
use_pylint = False
use_mypy = False
"""
"""Thonny's configuration.ini. The linters that Thonny brings have no part in this."""

pytestmark = pytest.mark.slow

SCREENSHOT = ROOT / "docs/site/thonny.png"

CONNECTED = "checked for unix=="


def options(language: str = "en_US") -> str:
    return OPTIONS.format(language=language, micropython=required(micropython_names()[0]).path)


@pytest.fixture(scope="module", name="site")
def what_the_plugin_manager_installs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both packages, built and installed as Thonny does it."""
    return installed(tmp_path_factory.mktemp("site"), ROOT, PLUGIN)


@pytest.fixture(scope="module", name="one_thonny")
def a_thonny_for_all(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Thonny]:
    with started(NEWEST, tmp_path_factory.mktemp("thonny"), options(), site) as thonny:
        thonny.until(thonny.shell, "MicroPython v", ">>>")
        yield thonny


@pytest.fixture(name="thonny")
def with_nothing_open(one_thonny: Thonny) -> Thonny:
    one_thonny.do("""
for editor in get_workbench().get_editor_notebook().get_all_editors():
    editor.get_text_widget().edit_modified(False)  # else it asks whether to save
    get_workbench().get_editor_notebook().close_editor(editor)
get_workbench().get_view("AssistantView").text.clear()
""")
    for name, value in (("targets", ""), ("opt_in", ""), ("enabled", True)):
        one_thonny.option(f"usock_lint.{name}", value)
    return one_thonny


@pytest.fixture(name="command")
def what_thonny_starts(one_thonny: Thonny) -> Iterator[Path]:
    """The package that Thonny runs as a command, for a test to replace; it is put back."""
    package = one_thonny.site / "usock_lint"
    kept = package.rename(package.with_name("kept"))
    yield package
    shutil.rmtree(package, ignore_errors=True)
    kept.rename(package)


def stand_in(package: Path, code: str) -> None:
    """Put another command in place of usock-lint's."""
    package.mkdir()
    (package / "__main__.py").write_text(f"import sys, time\n{code}\n", encoding="utf-8")


# What the user sees


def test_saving_shows_findings_with_the_fix_and_the_page_for_the_interpreter(thonny: Thonny, tmp_path: Path) -> None:
    thonny.open(tmp_path / "net.py", TIMEOUT)
    thonny.save()
    seen = thonny.until(thonny.assistant, f"net.py: {CONNECTED}", "Line 6 : socket.timeout raises AttributeError")
    assert "fixes 1 of 1" in seen
    assert "an expired timeout" not in seen
    detail = thonny.detail()
    assert "Fix: Use OSError\nexcept OSError:\n" in detail
    assert "Why: an expired timeout is a plain OSError" in detail
    assert "Edge cases" not in detail


def test_a_click_on_a_line_goes_there(thonny: Thonny, tmp_path: Path) -> None:
    thonny.open(tmp_path / "net.py", TIMEOUT)
    thonny.save()
    thonny.until(thonny.assistant, "Line 6")
    thonny.do("""
text = get_workbench().show_view("AssistantView").text
get_workbench().update()
x, y, _, _ = text.bbox(text.tag_ranges("a")[0])
for event in ("<Motion>", "<ButtonPress-1>", "<ButtonRelease-1>"):
    text.event_generate(event, x=x + 2, y=y + 2)
    get_workbench().update()
""")
    editor = "get_workbench().get_editor_notebook().get_current_editor()"
    assert thonny.do(f"answer = {editor}.get_text_widget().index('insert')") == "6.7"


def test_the_menu_fixes_the_text_and_undo_takes_it_back(thonny: Thonny, tmp_path: Path) -> None:
    thonny.open(tmp_path / "net.py", TIMEOUT)
    thonny.choose("Fix for MicroPython")
    thonny.until(thonny.text, FIXED_TIMEOUT)
    thonny.until(thonny.assistant, "The file passes.")
    assert (tmp_path / "net.py").read_text() == TIMEOUT
    thonny.do("get_workbench().get_editor_notebook().get_current_editor().get_text_widget().edit_undo()")
    assert thonny.text() == TIMEOUT


def test_a_text_that_needs_no_fix_stays_as_it_is(thonny: Thonny, tmp_path: Path) -> None:
    thonny.open(tmp_path / "net.py", FIXED_TIMEOUT)
    thonny.choose("Fix for MicroPython")
    thonny.until(thonny.assistant, "There is nothing that can be fixed safely.")
    assert thonny.text() == FIXED_TIMEOUT


def test_a_text_without_a_file_is_checked_when_it_is_asked_for(thonny: Thonny) -> None:
    thonny.do(
        """
notebook = get_workbench().get_editor_notebook()
notebook.open_new_file()
notebook.get_current_editor().get_text_widget().insert("1.0", text)
""",
        text=TIMEOUT,
    )
    thonny.choose("Check for MicroPython")
    thonny.until(thonny.assistant, "<untitled>", "Line 6 : socket.timeout raises AttributeError")


def test_a_program_that_ran_on_the_interpreter_is_checked(thonny: Thonny, tmp_path: Path) -> None:
    thonny.open(tmp_path / "net.py", TIMEOUT)
    thonny.do("get_runner().cmd_run_current_script()")
    thonny.until(thonny.shell, "AttributeError")
    thonny.until(thonny.assistant, CONNECTED, "Line 6")


def test_the_options_change_targets_and_rules(thonny: Thonny, tmp_path: Path) -> None:
    thonny.open(tmp_path / "net.py", NAME.decode() + "s.recv(5)\n")
    thonny.option("usock_lint.targets", "esp32")
    thonny.save()
    thonny.until(thonny.assistant, "checked for esp32, as set in the options", "The file passes.")
    thonny.option("usock_lint.opt_in", "no-timeout")
    thonny.save()
    thonny.until(thonny.assistant, "Line 5 : recv may wait for ever")
    thonny.option("usock_lint.enabled", False)
    thonny.do("get_workbench().get_view('AssistantView').text.clear()")
    thonny.save()
    time.sleep(0.2)
    assert thonny.assistant().strip() == ""


def test_the_page_of_options_has_them_all(thonny: Thonny) -> None:
    shown = thonny.do("""
import tkinter
from thonnycontrib.usock_lint.plugin import Page
window = tkinter.Toplevel()
answer = [str(child.winfo_class()) for child in Page(window).winfo_children()]
window.destroy()
""")
    assert sorted(shown) == ["TCheckbutton", "TEntry", "TEntry", "TLabel", "TLabel"]


def test_a_release_that_is_not_known_yet_is_checked_as_the_newest_one(thonny: Thonny, tmp_path: Path) -> None:
    said = "MicroPython v1.99.0 on 2030-01-01; Raspberry Pi Pico W with RP2040"
    before = thonny.say_of_the_board(said)
    thonny.open(tmp_path / "net.py", NAME.decode())
    thonny.save()
    thonny.until(thonny.assistant, "checked for rp2, which is connected", "Line 4")
    thonny.say_of_the_board(before)


def test_circuitpython_is_left_alone(thonny: Thonny, tmp_path: Path) -> None:
    before = thonny.say_of_the_board("Adafruit CircuitPython 9.2.1 on 2024-11-20; Raspberry Pi Pico W with rp2040")
    thonny.open(tmp_path / "net.py", TIMEOUT)
    thonny.save()
    thonny.until(thonny.assistant, "CircuitPython is not checked")
    thonny.say_of_the_board(before)


def test_the_screenshot_of_the_manual(thonny: Thonny, tmp_path: Path) -> None:
    """It is kept with UPDATE_DOCS=1."""
    thonny.open(tmp_path / "net.py", TIMEOUT)
    thonny.do("get_workbench().show_view('AssistantView')")
    thonny.save()
    thonny.until(thonny.assistant, "Line 6")
    thonny.do("""
text = get_workbench().get_view("AssistantView").text
get_workbench().update()
text.nametowidget(text.window_names()[0]).event_generate("<1>")
""")
    thonny.until(thonny.assistant, "Fix: Use OSError")
    out = SCREENSHOT if os.environ.get("UPDATE_DOCS") else tmp_path / "thonny.png"
    thonny.screenshot(out)
    assert out.stat().st_size > 10_000


# What goes wrong


def test_without_the_command_a_line_says_how_to_get_it(thonny: Thonny, command: Path, tmp_path: Path) -> None:
    assert not command.exists()
    thonny.open(tmp_path / "net.py", TIMEOUT)
    thonny.save()
    thonny.until(thonny.assistant, "usock-lint is not installed: Tools > Manage plug-ins")
    assert thonny.assistant().strip().count("\n") == 0


def test_an_older_command_is_named(thonny: Thonny, command: Path, tmp_path: Path) -> None:
    stand_in(command, "sys.exit('usock-lint: error: unrecognized arguments: --lang')")
    thonny.open(tmp_path / "net.py", TIMEOUT)
    thonny.save()
    thonny.until(thonny.assistant, "usock-lint is older than this plug-in: update it")


def test_a_command_that_fails_is_one_line(thonny: Thonny, command: Path, tmp_path: Path) -> None:
    stand_in(command, "1 / 0")
    thonny.open(tmp_path / "net.py", TIMEOUT)
    thonny.choose("Fix for MicroPython")
    thonny.until(thonny.assistant, "usock-lint failed: ZeroDivisionError: division by zero")
    assert thonny.text() == TIMEOUT


def test_a_command_that_hangs_is_stopped_and_thonny_does_not_wait(
    thonny: Thonny, command: Path, tmp_path: Path
) -> None:
    stand_in(command, "time.sleep(100)")
    thonny.do("import thonnycontrib.usock_lint.command as command; command._SECONDS = 1")
    thonny.open(tmp_path / "net.py", TIMEOUT)
    thonny.save()
    assert "Checking ..." in thonny.assistant()
    thonny.until(thonny.assistant, "usock-lint took longer than 1 seconds and was stopped.")
    thonny.do("import thonnycontrib.usock_lint.command as command; command._SECONDS = 60")


def test_a_board_that_is_gone_leaves_the_targets_to_the_project(thonny: Thonny, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.usock-lint]\ntargets = ["rp2"]\n')
    thonny.open(tmp_path / "net.py", NAME.decode())
    thonny.kill_the_interpreter()
    thonny.until(thonny.shell, "Process ended")
    thonny.save()
    thonny.until(thonny.assistant, "no known board is connected", "Line 4 : connect takes no domain name on rp2")
    thonny.do("get_runner().restart_backend(clean=True)")
    thonny.until(thonny.assistant, CONNECTED)


def test_on_cpython_the_assistant_asks_the_plugin(thonny: Thonny, tmp_path: Path) -> None:
    thonny.option("run.backend_name", "LocalCPython")
    thonny.do("get_runner().restart_backend(clean=True)")
    thonny.until(thonny.shell, "Python 3")
    thonny.open(tmp_path / "net.py", TIMEOUT)
    thonny.do("get_runner().cmd_run_current_script()")
    seen = thonny.until(thonny.assistant, "Line 6 : socket.timeout raises AttributeError on any board")
    assert "OSError" in seen
    thonny.option("run.backend_name", "LocalMicroPython")
    thonny.do("get_runner().restart_backend(clean=True)")
    thonny.until(thonny.assistant, CONNECTED)


# The others


def test_an_older_thonny_in_chinese_shows_and_fixes_the_same_in_chinese(site: Path, tmp_path: Path) -> None:
    with started(OLDER, tmp_path, options("zh_CN"), site) as thonny:
        thonny.until(thonny.shell, "MicroPython v", ">>>")
        thonny.open(tmp_path / "net.py", TIMEOUT)
        thonny.save()
        seen = thonny.until(thonny.assistant, "第 6 行", "针对所连接的 unix==")
        assert "可以修复 1 个中的 1 个" in seen
        thonny.choose("修复 MicroPython 代码")
        thonny.until(thonny.text, FIXED_TIMEOUT)

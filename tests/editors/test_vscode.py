"""The extension in VS Code itself, with this usock-lint in the environment of the folder."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.running import FIXED_TIMEOUT, ROOT, TIMEOUT
from tests.support.vscode import EXTENSION, SECONDS, Editor, Window, package, started

INSTALL = 'pip install "usock-lint[lsp]"'
UPDATE = 'pip install --upgrade "usock-lint[lsp]"'

PROGRAM = f"""\
#!/bin/sh
if [ "$1" = server ]; then
    while [ -e held ]; do sleep 0.1; done
    echo $$ >> pids
fi
exec "{sys.executable}" -m usock_lint "$@"
"""
"""usock-lint in the environment of the folder. It notes each server that it becomes, none while `held` is there."""

NET = f'{TIMEOUT}s.connect(("example.com", 80))\n'
"""A module with two findings on rp2, of which esp32 has the first."""


@pytest.fixture(scope="module", name="vscode")
def an_editor_for_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    expect.set_options(timeout=SECONDS * 1000)
    places = [place for place in os.get_exec_path() if not Path(place, "usock-lint").exists()]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": os.pathsep.join(places)}
    with started(tmp_path_factory.mktemp("data"), environment) as editor:
        yield editor


@pytest.fixture(name="window")
def a_window_for_each(vscode: Editor, tmp_path: Path) -> Iterator[Window]:
    write(tmp_path)
    with vscode.window(tmp_path, "net.py") as window:
        expect(window.status).to_contain_text("rp2")  # a palette that is opened before lacks the extension's commands
        yield window


def write(folder: Path) -> None:
    (folder / "net.py").write_text(NET)
    (folder / ".vscode").mkdir(exist_ok=True)
    (folder / ".vscode/settings.json").write_text(
        json.dumps({"usock-lint.targets": ["rp2"], "workbench.startupEditor": "none", "files.autoSave": "off"})
    )
    command(folder, PROGRAM)


def command(folder: Path, text: str) -> Path:
    """Make the folder's environment, with this as the command."""
    program = folder / ".venv/bin/usock-lint"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(text)
    program.chmod(0o755)
    return program


@pytest.mark.slow
def test_findings_are_underlined_and_the_status_bar_has_the_targets(window: Window) -> None:
    expect(window.squiggles).to_have_count(2)
    expect(window.page.locator(".squiggly-error")).to_have_count(2)
    expect(window.status).to_contain_text("rp2")


@pytest.mark.slow
def test_hovering_tells_why(window: Window) -> None:
    expect(window.squiggles).to_have_count(2)
    window.page.locator(".view-line", has_text="socket.timeout").get_by_text("timeout").hover()
    shown = window.page.locator(".monaco-hover-content", has_text="an expired timeout is a plain")
    expect(shown).to_have_count(1)
    window.page.keyboard.press("Escape")


@pytest.mark.slow
def test_the_picker_changes_the_targets(window: Window) -> None:
    window.status.click()
    row = window.page.locator(".quick-input-list .monaco-list-row")
    row.filter(has_text="rp2").first.click()
    row.filter(has_text=re.compile("^esp32$")).first.click()
    window.page.locator(".quick-input-widget a", has_text="OK").click()
    expect(window.status).to_contain_text("esp32")
    expect(window.squiggles).to_have_count(1)
    assert json.loads((window.folder / ".vscode/settings.json").read_text())["usock-lint.targets"] == ["esp32"]


@pytest.mark.slow
def test_fix_all_applies_the_safe_fixes(window: Window) -> None:
    expect(window.squiggles).to_have_count(2)
    window.page.locator(".monaco-editor .view-lines").click()
    window.run("usock-lint: Apply All Safe Fixes")
    expect(window.squiggles).to_have_count(0)
    expect(window.unsaved).to_have_count(1)
    window.page.keyboard.press("Control+s")
    expect(window.unsaved).to_have_count(0)
    assert (window.folder / "net.py").read_text().startswith(FIXED_TIMEOUT)


@pytest.mark.slow
def test_a_server_that_dies_is_started_again_and_then_told_of(window: Window) -> None:
    expect(window.squiggles).to_have_count(2)
    before: list[int] = []
    held = window.folder / "held"
    for _ in range(2):
        held.touch()
        os.kill(new_server(window.folder, before), signal.SIGKILL)
        expect(window.squiggles).to_have_count(0)
        held.unlink()
        expect(window.squiggles).to_have_count(2)
    os.kill(new_server(window.folder, before), signal.SIGKILL)
    expect(window.messages).to_contain_text("usock-lint ended 3 times and is not started again")
    window.page.get_by_role("button", name="Try again").click()
    new_server(window.folder, before)
    expect(window.status).to_contain_text("rp2")
    expect(window.squiggles).to_have_count(2)


def new_server(folder: Path, before: list[int]) -> int:
    """The process of the newest server, once it is another one than those before."""
    until(lambda: newest(folder) not in before)
    before.append(newest(folder))
    return before[-1]


def newest(folder: Path) -> int:
    return int((folder / "pids").read_text().split()[-1])


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.slow
def test_a_command_that_cannot_be_used_is_one_line(window: Window) -> None:
    restart = partial(window.run, "usock-lint: Restart the Server")
    for text, said in {
        "": f"usock-lint is not installed (usock-lint is not there): {INSTALL}",
        "echo usock-lint 0.0.9": f"usock-lint 0.0.9 is too old for this extension: {UPDATE}",
        "echo hello": f".venv/bin/usock-lint is not usock-lint: {INSTALL}",
        "[ $1 = server ] || exec echo usock-lint 0.1.0; echo 'no pygls' >&2; exit 2": "no pygls",
    }.items():
        program = command(window.folder, f"#!/bin/sh\n{text}\n")
        if not text:
            program.unlink()
        restart()
        expect(window.messages).to_contain_text([said])
        expect(window.status).to_contain_text("usock-lint")
        restart = window.page.get_by_role("button", name="Try again").click
    command(window.folder, PROGRAM)
    restart()
    expect(window.squiggles).to_have_count(2)
    expect(window.messages).to_have_count(0)


@pytest.mark.slow
def test_the_walkthrough_is_there(window: Window) -> None:
    window.run("Welcome: Open Walkthrough...")
    window.page.locator(".quick-input-list .monaco-list-row", has_text="MicroPython sockets").first.click()
    expect(window.page.locator(".getting-started-step", has_text="Choose your boards")).to_have_count(1)


@pytest.mark.slow
def test_the_package_is_small_and_holds_what_is_needed() -> None:
    assert package().stat().st_size < 200_000
    with zipfile.ZipFile(package()) as archive:
        names = {name.removeprefix("extension/") for name in archive.namelist()}
    wanted = {"dist/extension.js", "package.json", "package.nls.zh-cn.json", "l10n/bundle.l10n.zh-cn.json"}
    assert wanted <= names
    assert not [name for name in names if name.startswith(("src/", "node_modules/"))]


def test_the_lock_names_no_address_of_a_registry() -> None:
    lock = json.loads((EXTENSION / "package-lock.json").read_text(encoding="utf-8"))
    assert not [name for name, one in lock["packages"].items() if "resolved" in one]


def test_every_text_is_there_in_chinese() -> None:
    texts = "\n".join(path.read_text(encoding="utf-8") for path in (EXTENSION / "src").glob("*.ts"))
    said = set(re.findall(r'l10n\.t\(\s*"([^"]*)"', texts))
    translated = json.loads((EXTENSION / "l10n/bundle.l10n.zh-cn.json").read_text(encoding="utf-8"))
    assert {*translated} == said
    keys = set(re.findall(r"%([\w.]+)%", (EXTENSION / "package.json").read_text(encoding="utf-8")))
    for name in ("package.nls.json", "package.nls.zh-cn.json"):
        assert {*json.loads((EXTENSION / name).read_text(encoding="utf-8"))} == keys

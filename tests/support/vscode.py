"""VS Code in a headless Chromium, with the extension installed from its package.

It is the part of code-server that is VS Code itself, started as such: no module of it has to be compiled.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import socket
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final, NoReturn
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.support import debian
from tests.support.browser import executable
from tests.support.running import ROOT

EXTENSION: Final = ROOT / "editors/vscode"
"""The extension's source."""

_RELEASE: Final = "4.100.3"
"""Of code-server: VS Code 1.100, which runs on the Node 20 of the machines that test."""

_NOT_SOURCE: Final = shutil.ignore_patterns("node_modules", "dist", "*.vsix")
SECONDS: Final = 60
"""How long anything may take on a machine that is busy."""

_LOCAL: Final = ("--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1")


class Window:
    """A window of VS Code on a folder: what a user does, and what they see."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page = page
        self.folder = folder

    @property
    def squiggles(self) -> Locator:
        """The underlined places, errors and warnings."""
        return self.page.locator(".squiggly-error, .squiggly-warning")

    @property
    def status(self) -> Locator:
        """The extension's entry in the status bar."""
        return self.page.locator("[id='usock-lint.usock-lint.usock-lint.targets']")

    @property
    def messages(self) -> Locator:
        """What the extension says in notifications."""
        return self.page.locator(".notification-list-item-message")

    @property
    def unsaved(self) -> Locator:
        """The tabs of files that differ from what is on the disk."""
        return self.page.locator(".tab.dirty")

    def run(self, title: str) -> None:
        """Run a command of the palette, which is gone before and after."""
        widget = self.page.locator(".quick-input-widget")
        expect(widget).to_be_hidden()
        self.page.keyboard.press("F1")
        box = widget.locator("input[type=text]")
        expect(box).to_have_value(">")
        box.fill(f">{title}")
        # A list that is filtered again uses its rows for other entries: a click can hit another one than was found.
        row = widget.locator(".monaco-list-row.focused", has_text=title)
        expect(row).to_be_visible()
        box.press("Enter")
        expect(row).to_be_hidden()


class Editor:
    """VS Code and a browser, for windows that have nothing in common."""

    def __init__(self, chromium: Browser, port: int) -> None:
        self._chromium = chromium
        self._port = port

    @contextmanager
    def window(self, folder: Path, name: str) -> Generator[Window]:
        """Open a file of a folder, with processes, settings and notifications of its own."""
        context = self._chromium.new_context(viewport={"width": 1100, "height": 640})
        page = context.new_page()
        page.set_default_timeout(SECONDS * 1000)
        file = f"vscode-remote://127.0.0.1:{self._port}{folder / name}"
        payload = quote(json.dumps([["openFile", file]]))
        page.goto(f"http://127.0.0.1:{self._port}/?folder={quote(str(folder))}&payload={payload}")
        page.locator(".monaco-editor .view-lines").wait_for()
        yield Window(page, folder)
        page.goto("about:blank")  # left, and not cut off, it ends its processes at once
        context.close()


@contextmanager
def started(data: Path, environment: dict[str, str]) -> Generator[Editor]:
    """VS Code. `data` is a folder for what it writes, `environment` that of its processes."""
    browser = executable()
    server = _server()
    extension = data / "extensions"
    words = ["--accept-server-license-terms", "--server-data-dir", data, "--extensions-dir", extension]
    _run(["node", server, *words, "--install-extension", package()])
    port = _free_port()
    serving = ["--host", "127.0.0.1", "--port", str(port), "--without-connection-token", "--disable-workspace-trust"]
    process = subprocess.Popen(
        ["node", server, *words, *serving, "--telemetry-level", "off"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=browser, args=_LOCAL)
            yield Editor(chromium, port)
            chromium.close()
    finally:
        process.terminate()
        process.wait()


@cache
def package() -> Path:
    """The extension as it is published: type-checked, bundled and packed."""
    lock = (EXTENSION / "package-lock.json").read_bytes()
    folder = _cache() / f"extension-{hashlib.sha256(lock).hexdigest()[:12]}"
    with _locked():
        shutil.copytree(EXTENSION, folder, ignore=_NOT_SOURCE, dirs_exist_ok=True)
        if not (folder / "node_modules/.package-lock.json").exists():
            _run(["npm", "ci", "--no-audit", "--no-fund"], folder)
        _run(["npm", "run", "package"], folder)
    return folder / "usock-lint.vsix"


def _server() -> Path:
    """What is run by node, got once and kept."""
    folder = _cache() / _RELEASE
    with _locked():
        if not folder.exists():
            with tempfile.TemporaryDirectory(dir=_cache()) as half:
                packed = _run(["npm", "pack", "--silent", f"code-server@{_RELEASE}"], Path(half)).strip()
                with tarfile.open(Path(half, packed)) as archive:
                    archive.extractall(half, filter="data")
                there = Path(half, "package/lib/vscode")
                _run(["npm", "install", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund"], there)
                there.rename(folder)
    return folder / "out/server-main.js"


def _cache() -> Path:
    for package, program in (("nodejs", "node"), ("npm", "npm")):
        if debian.program(package, program) is None:
            _missing(program, package)
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "usock-lint/vscode")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _missing(what: str, package: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"there is no {what}, and apt-get did not get it")
    pytest.skip(f"there is no {what} here: `apt-get install {package}` as root would get it")


@contextmanager
def _locked() -> Generator[None]:
    """Alone: the tests are in several processes."""
    with (_cache() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(words: list[Any], folder: Path | None = None) -> str:
    done = subprocess.run(
        [str(word) for word in words],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


def _wait_for(port: int) -> None:
    end = time.monotonic() + SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            assert time.monotonic() < end, "VS Code does not start"
            time.sleep(0.05)
        else:
            return

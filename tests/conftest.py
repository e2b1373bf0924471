"""Fixtures that every test module may use: real MicroPython interpreters, an editor, the site and a browser."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tools.rulepages.interpreters import UNPROVEN, Interpreter, micropython_names, required

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.support.browser import Tab
    from tests.support.editor import Edit, Editor

collect_ignore = ["shim", "cli/test_run_command.py"] if sys.platform == "win32" else []
"""What needs a Unix, as the shim does."""

# What a skipped test was to be run on, and what to say of it: a skip is easily overlooked.
_LOUD = {
    UNPROVEN: "NOT RUN ON REAL MICROPYTHON: {} tests; tools/micropython gets one or says how to",
    "real packages": "NOT RUN ON OTHER PEOPLE'S PACKAGES: {} tests; they are downloaded once",
}


_UNTRANSLATED = "not translated"
_RELEASE = "USOCK_LINT_RELEASE"
"""Set where a release is made: all has to be translated then."""


def pytest_configure(config: pytest.Config) -> None:
    """Prepare this process for those that tests start."""
    _keep_bytecode(config)
    # Of what collecting the tests makes nothing is garbage, and looking for some takes a tenth of the time.
    gc.set_threshold(100_000)
    # A shell that begins the tests in the background has interrupts ignored.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _keep_bytecode(config: pytest.Config) -> None:
    """Where Python is to write no bytecode beside its source, keep it in pytest's cache.

    Else each of the hundreds of processes compiles usock-lint anew, which is half of what a short one does.
    """
    cache: pytest.Cache | None = getattr(config, "cache", None)
    if sys.dont_write_bytecode and cache:
        sys.dont_write_bytecode, sys.pycache_prefix = False, str(cache.mkdir("bytecode"))
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that have slow tests, and end with the pages: a process that is idle takes one of those."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.path.name == "test_pages.py", item.path not in slow))


def pytest_collection_finish() -> None:
    """Collect garbage as before, but look less often through what stays to the end: the tests and what they import."""
    gc.set_threshold(10_000)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are processors: many a test waits for a socket or for another process."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """Cut the work of `--dist loadfile` finer where a file is too much for one process."""
    from tests.support.scheduling import ByFileAndPart

    return ByFileAndPart(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.fixture(name="translated")
def translated_for_a_release(record_property: Callable[[str, object], None]) -> Callable[[Iterable[str]], None]:
    """A function that takes lines on what is not translated, or was translated from other words than those of now.

    Where a release is made any such line fails the test, else they are printed at the end of the run: who mends an
    English text need not write Chinese.
    """

    def take(outdated: Iterable[str]) -> None:
        lines = list(outdated)
        assert not lines or os.environ.get(_RELEASE, "") in ("", "0"), "\n".join(lines)
        for line in lines:
            record_property(_UNTRANSLATED, line)

    return take


_FIRST, *_OTHERS = micropython_names()
_INTERPRETERS = [_FIRST, *(pytest.param(one, marks=pytest.mark.slow) for one in _OTHERS)]


@pytest.fixture(scope="session", params=_INTERPRETERS, name="micropython")
def real_micropython(request: pytest.FixtureRequest) -> Interpreter:
    """Each real MicroPython in turn; where there is none the test is skipped, but fails when CI=true.

    The quick tests ask the first.
    """
    return required(request.param)


@pytest.fixture(name="released")
def a_released_micropython(micropython: Interpreter) -> Interpreter:
    """As `micropython`, but of several none that is a preview: those are asked only what no release has."""
    if not micropython.judges(""):
        pytest.skip("a preview")
    return micropython


@pytest.fixture(name="no_ci")
def outside_of_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what the variables of a CI job would change in the output."""
    for name in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module", name="one_editor")
def an_editor_for_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[asyncio.AbstractEventLoop, Editor]]:
    """One server is enough for the tests that leave it as it was; starting one takes a second."""
    from tests.support.editor import editing  # slow to import, and few tests need it

    loop, context = asyncio.new_event_loop(), editing(tmp_path_factory.mktemp("editor"))
    yield loop, loop.run_until_complete(context.__aenter__())
    loop.run_until_complete(context.__aexit__(None, None, None))
    loop.close()


@pytest.fixture(name="edit")
def in_a_folder_of_its_own(one_editor: tuple[asyncio.AbstractEventLoop, Editor], tmp_path: Path) -> Edit:
    """Run what is done in an editor, in the test's own folder."""
    loop, editor = one_editor

    def run(scenario: Callable[[Editor], Awaitable[None]]) -> None:
        async def alone() -> None:
            editor.begin(tmp_path)
            try:
                await scenario(editor)
            finally:
                editor.close_all()

        loop.run_until_complete(alone())

    return run


@pytest.fixture(scope="session", name="site")
def the_built_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site, built once for all processes of this run."""
    from tests.support.browser import built

    base = tmp_path_factory.getbasetemp()
    return built((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "website")


@pytest.fixture(scope="module", name="browser")
def a_browser() -> Iterator[Browser]:
    """A browser for a module. While it runs there is no other event loop, which is why no more share it."""
    from tests.support.browser import chromium

    with chromium() as browser:
        yield browser


@pytest.fixture(name="tab")
def a_window(browser: Browser, site: Path) -> Iterator[Tab]:
    """A window on the site."""
    from tests.support.browser import tab

    with tab(browser, site) as window:
        yield window


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say aloud what was not run, and what is not translated."""
    skipped = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    for mark, text in _LOUD.items():
        if count := sum(mark in reason for reason in skipped):
            terminalreporter.write_line(text.format(count), red=True, bold=True)
    passed: list[pytest.TestReport] = terminalreporter.stats.get("passed", [])
    if lines := [line for report in passed for name, line in report.user_properties if name == _UNTRANSLATED]:
        terminalreporter.write_line(f"NOT TRANSLATED: {len(lines)} texts; {_RELEASE}=1 makes this fail", yellow=True)
        for line in lines:
            terminalreporter.write_line(f"  {line}")

"""Fixtures that every test module may use: real MicroPython interpreters."""

from __future__ import annotations

import signal

import pytest
from interpreters import UNPROVEN, Interpreter, micropython_names, required

# What a skipped test was to be run on, and what to say of it: a skip is easily overlooked.
_LOUD = {
    UNPROVEN: "NOT RUN ON REAL MICROPYTHON: {} tests; tools/micropython gets one or says how to",
    "real packages": "NOT RUN ON OTHER PEOPLE'S PACKAGES: {} tests; they are downloaded once",
}


def pytest_configure() -> None:
    """Let interrupts reach what tests start: a shell that begins the tests in the background ignores them."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", params=micropython_names(), name="micropython")
def real_micropython(request: pytest.FixtureRequest) -> Interpreter:
    """Each real MicroPython in turn; where there is none the test is skipped, but fails when CI=true."""
    return required(request.param)


@pytest.fixture(name="no_ci")
def outside_of_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what the variables of a CI job would change in the output."""
    for name in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say aloud what was not run."""
    skipped = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    for mark, text in _LOUD.items():
        if count := sum(mark in reason for reason in skipped):
            terminalreporter.write_line(text.format(count), red=True, bold=True)

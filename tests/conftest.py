"""Fixtures that every test module may use: real MicroPython interpreters."""

from __future__ import annotations

import os

import pytest
from interpreters import Interpreter, MissingError, micropython, micropython_names

_UNPROVEN = "real MicroPython"


@pytest.fixture(scope="session", params=micropython_names(), name="micropython")
def real_micropython(request: pytest.FixtureRequest) -> Interpreter:
    """Each real MicroPython in turn; where there is none the test is skipped, but fails when CI=true."""
    try:
        return micropython(request.param)
    except MissingError as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(str(missing))
        pytest.skip(f"{_UNPROVEN}: {missing}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say aloud that pages went unproven: a skip is easily overlooked."""
    skipped = terminalreporter.stats.get("skipped", [])
    unproven = sum(_UNPROVEN in str(report.longrepr) for report in skipped)
    if unproven:
        text = f"NOT RUN ON REAL MICROPYTHON: {unproven} tests; tools/micropython gets one or says how to"
        terminalreporter.write_line(text, red=True, bold=True)

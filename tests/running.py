"""Runs the front ends as users do: as processes. Every warning is an error, a traceback fails the test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import AnyStr

import usock_lint

ROOT = Path(__file__).parent.parent
"""The checkout."""

_PACKAGES = str(Path(usock_lint.__file__).parent.parent)

NAME = b'import socket\n\ns = socket.socket()\ns.connect(("example.com", 80))\n'
"""A module with one finding on rp2, domain-name-address, and none on esp32."""

TIMEOUT = """\
import socket

s = socket.socket()
try:
    s.recv(16)
except socket.timeout:
    print("timed out")
"""
"""A module with one finding, socket-timeout at 6:8, that has a safe fix."""

FIXED_TIMEOUT = TIMEOUT.replace("socket.timeout", "OSError")


def environment() -> dict[str, str]:
    """The environment of a process that imports this usock-lint and speaks English, wherever it runs.

    Unbuffered, CPython takes a pipe that breaks in the middle of a write for a success.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return {**kept, "PYTHONPATH": _PACKAGES, "PYTHONWARNINGS": "error", "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8"}


def lint(*arguments: str | Path, cwd: Path, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    """`usock-lint` with these arguments, in a folder that has no configuration above it."""
    return _run("usock_lint", arguments, cwd, stdin)


def flake8(*arguments: str | Path, cwd: Path, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    """`flake8 --select USK` with these arguments, which is told of the plugin where it is not installed."""
    if any(point.name == "USK" for point in entry_points(group="flake8.extension")):
        return _run("flake8", ("--select", "USK", *arguments), cwd, stdin)
    settings = cwd / "plugin.cfg"
    settings.write_text("[flake8:local-plugins]\nextension = USK = usock_lint.flake8:Plugin\n")
    return _run("flake8", ("--append-config", settings, "--select", "USK", *arguments), cwd, stdin)


def _run(module: str, arguments: tuple[str | Path, ...], cwd: Path, stdin: bytes) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(
        command, cwd=cwd, input=stdin, capture_output=True, timeout=60, env=environment(), check=False
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    texts = (stream.decode("utf-8", "surrogateescape") for stream in (done.stdout, done.stderr))
    return subprocess.CompletedProcess(command, done.returncode, *texts)


def interrupted(process: subprocess.Popen[AnyStr], seconds: float = 20) -> tuple[AnyStr, AnyStr]:
    """Both outputs of a process that Ctrl-C ends. One that it does not end is killed, and the test fails."""
    process.send_signal(signal.SIGINT)
    try:
        return process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        raise

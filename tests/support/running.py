"""Runs the front ends as users do: from the command line. Every warning is an error, a traceback fails the test."""

from __future__ import annotations

import linecache
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import entry_points
from io import TextIOWrapper
from pathlib import Path
from tempfile import TemporaryFile
from typing import AnyStr, Final, TypeAlias
from unittest import mock

from flake8.main.cli import main as flake8_main
from flake8.utils import stdin_get_value

import usock_lint
from tools.forking import ABLE, ForkServer
from usock_lint.cli.main import main

ROOT = Path(__file__).parent.parent.parent
"""The checkout."""

SCHEMAS = ROOT / "tests/support/schemas"
"""Forms that others publish, and that of the ports table."""

_PACKAGES = str(Path(usock_lint.__file__).parent.parent)
_Words: TypeAlias = tuple[str | Path, ...]
_CI: Final = os.environ.get("CI") == "true"

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


# pygls calls what Python 3.14 deprecates.
_WARNINGS = "error,ignore:'asyncio.iscoroutinefunction' is deprecated:DeprecationWarning"


def environment() -> dict[str, str]:
    """The environment of a process that imports this usock-lint and speaks English, wherever it runs.

    Unbuffered, CPython takes a pipe that breaks in the middle of a write for a success.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return {**kept, "PYTHONPATH": _PACKAGES, "PYTHONWARNINGS": _WARNINGS, "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8"}


def lint(*arguments: str | Path, cwd: Path, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    """`usock-lint` with these arguments, in a folder that has no configuration above it.

    With CI=true it is a process. In the quick run it is called in this one: most of a short process is its start.
    """
    return lint_process(*arguments, cwd=cwd, stdin=stdin) if _CI else lint_here(*arguments, cwd=cwd, stdin=stdin)


def lint_here(*arguments: str | Path, cwd: Path, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    """As `lint`, but always called in this process, for tests that patch what it uses."""
    return _call(main, arguments, cwd, stdin)


def lint_process(*arguments: str | Path, cwd: Path, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    """As `lint`, but always a process (see `python`), for what might end it, starts others or must not share it."""
    return _run("usock_lint", arguments, cwd, stdin)


_LINTING: Final = """
import usock_lint.cli.check, usock_lint.cli.main
usock_lint.lint_source("import socket\\ns = socket.socket()\\ns.nosuch\\n", "example.py")
"""
_NEEDED: Final = {
    "usock_lint.shim.run": "import usock_lint.shim.run",
    "run": "import usock_lint.cli.main, usock_lint.cli.run, usock_lint.shim.run",
    "flake8": f"import flake8.main.cli, usock_lint.flake8\n{_LINTING}",
    "pytest": "import pytest",
}
"""What a command line needs imported, by the word that tells; others lint."""


@cache
def _forking(options: tuple[str, ...], code: str) -> ForkServer:
    return ForkServer(*options, code=code, environment=environment())


def python(*words: str | Path, needed: str | None = None) -> list[str]:
    """A command that does what `python` with these words does, with `environment()`.

    With CI=true it is Python. In the quick run it is a fork of a Python that has imported what is needed, for most of a
    short process is its start. A fork does not show what is imported and what Python makes of variables at its start,
    and it does not get privileges and limits from its caller. Before the words there may be `-u`. `needed` is the code
    that imports what is needed, if the words do not tell.
    """
    line = [str(word) for word in words]
    if _CI or not ABLE:
        return [sys.executable, *line]
    options = tuple(line[:1]) if line[0] == "-u" else ()
    line = line[len(options) :]
    found = needed or next((_NEEDED[word] for word in line[:3] if word in _NEEDED), _LINTING)
    return _forking(options, found).command(*line)


@contextmanager
def _in_folder(folder: Path) -> Generator[None]:
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def _call(
    program: Callable[[list[str]], int], arguments: _Words, cwd: Path, stdin: bytes
) -> subprocess.CompletedProcess[str]:
    words = [str(argument) for argument in arguments]
    with (
        _standard("stdin") as given,
        _standard("stdout") as output,
        _standard("stderr") as errors,
        mock.patch.dict(os.environ, environment(), clear=True),
        _in_folder(cwd),
    ):
        given.buffer.write(stdin)
        given.seek(0)
        try:
            status = program(words)
        except SystemExit as end:  # argparse's
            if not isinstance(end.code, int):
                raise
            status = end.code
        return subprocess.CompletedProcess([program.__module__, *words], status, _written(output), _written(errors))


@contextmanager
def _standard(name: str) -> Generator[TextIOWrapper]:
    """A file as a standard stream, as CPython opens it in UTF-8 mode."""
    with (
        TemporaryFile() as file,
        TextIOWrapper(file, "utf-8", "backslashreplace" if name == "stderr" else "surrogateescape", "\n") as stream,
        mock.patch.object(sys, name, stream),
        mock.patch.object(sys, f"__{name}__", stream),
    ):
        yield stream


def _written(stream: TextIOWrapper) -> str:
    stream.flush()
    stream.reconfigure(errors="surrogateescape")
    stream.seek(0)
    return stream.read()


def flake8(*arguments: str | Path, cwd: Path, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    """`flake8 --select USK` with these arguments, which is told of the plugin where it is not installed.

    It is a process or not as `lint` is one, and where not, it begins none either.
    """
    if _CI:
        return flake8_process(*arguments, cwd=cwd, stdin=stdin)
    _forget_files()
    return _call(flake8_main, (*selecting(cwd), "--jobs", "1", *arguments), cwd, stdin)


def _forget_files() -> None:
    """A flake8 that is called keeps what it read from standard input, and the lines of files, for the next call."""
    forget: Callable[[], None] = getattr(stdin_get_value, "cache_clear")  # noqa: B009 (its type is not known)
    forget()
    linecache.clearcache()


def flake8_process(*arguments: str | Path, cwd: Path, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    """As `flake8`, but always a process."""
    return _run("flake8", (*selecting(cwd), *arguments), cwd, stdin)


def selecting(folder: Path) -> tuple[str, ...]:
    """The options by which flake8 runs the plugin alone, which it is told of where it is not installed."""
    if any(point.name == "USK" for point in entry_points(group="flake8.extension")):
        return ("--select", "USK")
    settings = folder / "plugin.cfg"
    settings.write_text("[flake8:local-plugins]\nextension = USK = usock_lint.flake8:Plugin\n")
    return ("--append-config", str(settings), "--select", "USK")


def _run(module: str, arguments: _Words, cwd: Path, stdin: bytes) -> subprocess.CompletedProcess[str]:
    command = python("-m", module, *arguments)
    done = subprocess.run(
        command, cwd=cwd, input=stdin, capture_output=True, timeout=60, env=environment(), check=False
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    texts = (stream.decode("utf-8", "surrogateescape") for stream in (done.stdout, done.stderr))
    return subprocess.CompletedProcess(command, done.returncode, *texts)


def wait_until_asleep(pid: int, seconds: float = 20) -> None:
    """Wait until a process waits in a system call, where there is /proc to see that in.

    A signal reaches a program between two of its instructions, or in a system call that it ends. One that comes after
    the last instruction and before the call has begun is heard of when the call ends, which may be never.
    """
    state, end = Path(f"/proc/{pid}/stat"), time.monotonic() + seconds
    while state.exists() and state.read_text().rpartition(")")[2].split()[0] != "S":
        assert time.monotonic() < end, f"{pid} does not wait"
        time.sleep(0.001)


def interrupted(process: subprocess.Popen[AnyStr], seconds: float = 20) -> tuple[AnyStr, AnyStr]:
    """Both outputs of a process that Ctrl-C ends. One that it does not end is killed, and the test fails."""
    process.send_signal(signal.SIGINT)
    try:
        return process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        raise

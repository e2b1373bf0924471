"""The Python implementations that the pages' programs run on."""

from __future__ import annotations

import io
import os
import re
import shutil
import signal
import subprocess
import sys
import traceback
from collections.abc import Generator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final, NamedTuple, NoReturn

import pytest

from tools.forking import ForkServer
from usock_lint.ports.releases import NEWEST, Release, known_release, read_release, release_name
from usock_lint.shim.run import run_source

ROOT: Final = Path(__file__).parent.parent.parent
SUITES: Final = ("trixie", "pypi", "sid")
"""What tools/micropython fetches where there is none: Debian's 1.25 and 1.26, without ssl, and a preview with it."""

UNPROVEN: Final = "real MicroPython"
"""What a test was skipped for want of."""

_RARE: Final = re.compile(r"\b(?:asyncio|ssl|tls)\b")
"""What not every build has."""

_DRIVER: Final = Path(__file__).parent / "driver.py"
_SECONDS: Final = 15


class MissingError(Exception):
    """There is no such interpreter here; the text says how to get one."""


class Run(NamedTuple):
    """What a script left."""

    output: str
    """What it printed, then the type of the exception that ended it, if any."""
    errors: str
    """The trace of that exception, and whatever else went to standard error."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A real MicroPython: it runs each script in a process of its own."""

    path: str

    def run(self, script: Path, names: Mapping[str, str]) -> Run:
        """Run `script` with free `names`; a value made of digits is an int.

        Raises AssertionError when the interpreter itself fails, subprocess.TimeoutExpired when it hangs.
        """
        words = [self.path, str(_DRIVER), script.name, *_definitions(names)]
        environment = {**os.environ, "MICROPYPATH": f":{script.parent}:.frozen"}
        done = subprocess.run(
            words, capture_output=True, encoding="utf-8", timeout=_SECONDS, cwd=script.parent, env=environment
        )
        assert done.returncode == 0, f"{words[0]} ended with {done.returncode}\n{done.stdout}{done.stderr}"
        return Run(done.stdout, done.stderr)

    @property
    def release(self) -> Release | None:
        """The release that a MicroPython is of, or the one before it that is known; None for a preview."""
        return _release(self.path)

    def judges(self, text: str) -> bool:
        """Whether a MicroPython is to run this: of several, a preview is asked only what no release has."""
        return self.release is not None or len(micropython_names()) == 1 or bool(_RARE.search(text))


@dataclass(frozen=True, slots=True)
class Forked:
    """This CPython, in a process for each script that is forked from one which is started once."""

    def run(self, script: Path, names: Mapping[str, str]) -> Run:
        """As Interpreter.run()."""
        words = ["-c", _driver(), script.name, *_definitions(names)]
        with open(os.devnull, "rb") as nothing, TemporaryFile() as output, TemporaryFile() as errors:
            streams = nothing, output, errors
            status = _forking().run(
                *words, folder=script.parent, environment=os.environ, streams=streams, seconds=_SECONDS
            )
            ended = Run(*(_written(stream) for stream in (output, errors)))
        assert status == 0, f"{sys.executable} ended with {status}\n{ended.output}{ended.errors}"
        return ended


def _written(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode()


@cache
def _driver() -> str:
    return _DRIVER.read_text(encoding="utf-8")


# What most scripts import, and none whose submodules a script would then find without importing them.
_COMMON: Final = "import errno, json, select, socket, time"


@cache
def _forking() -> ForkServer:
    return ForkServer(code=_COMMON, environment={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"})


def _definitions(names: Mapping[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in names.items()]


CPYTHON: Final = Forked()


@dataclass(frozen=True, slots=True)
class Shim:
    """The shim of a port, in this process: that costs a tenth of a process for each script."""

    port: str
    release: Release = NEWEST

    def run(self, script: Path, names: Mapping[str, str]) -> Run:
        """As Interpreter.run(), but that a script that hangs is an AssertionError."""
        values = {name: int(value) if value.isdigit() else value for name, value in names.items()}
        errors = io.StringIO()
        with redirect_stdout(io.StringIO()) as output, _limited():
            try:
                code, version = script.read_bytes(), release_name(self.release)
                run_source(code, self.port, version, globals=values, filename=str(script))
            except SystemExit:
                pass
            except AssertionError:
                raise
            except Exception as error:
                print(type(error).__name__)
                traceback.print_exception(error, file=errors)
        return Run(output.getvalue(), errors.getvalue())


@contextmanager
def _limited() -> Generator[None]:
    def stop(*_: object) -> NoReturn:
        raise AssertionError("it hangs")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, _SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def micropython_names(environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Those to test with: the ones MICROPYTHON lists, else the one on PATH, else one of each suite."""
    if listed := environ.get("MICROPYTHON"):
        return tuple(listed.split(os.pathsep))
    if found := shutil.which("micropython", path=environ.get("PATH")):
        return (found,)
    return SUITES


@cache
def micropython(name: str) -> Interpreter:
    """The interpreter of a name from `micropython_names`, fetched if it is a suite's. Raises MissingError."""
    if name not in SUITES:
        return _working(name)
    try:
        words = [str(ROOT / "tools/micropython"), name]
        fetched = subprocess.run(words, capture_output=True, text=True, timeout=300)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MissingError(f"MicroPython of {name} could not be fetched: {error}") from error
    if fetched.returncode:
        raise MissingError(fetched.stderr.strip())
    return _working(fetched.stdout.strip())


def required(name: str) -> Interpreter:
    """The interpreter of that name; where there is none the test is skipped, but fails when CI=true."""
    try:
        return micropython(name)
    except MissingError as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(str(missing))
        pytest.skip(f"{UNPROVEN}: {missing}")


@cache
def _release(path: str) -> Release | None:
    command = [path, "-c", "import sys; print(*sys.implementation.version)"]
    numbers = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=True).stdout.split()
    return known_release(read_release(".".join(numbers[:3]))) if len(numbers) <= 3 else None


def _working(path: str) -> Interpreter:
    try:
        subprocess.run([path, "-c", "import socket"], check=True, capture_output=True, timeout=_SECONDS)
    except (OSError, subprocess.SubprocessError) as error:
        raise MissingError(f"{path} is no MicroPython that has sockets: {error}") from error
    return Interpreter(path)

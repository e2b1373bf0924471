"""Libraries for boards from the package index, each with a small program: tests/shim/libraries."""

# usock-lint: skip-file  # the peers run on CPython

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.librarypeers import CALLERS, SERVERS, serving
from tests.support.probes import free_port
from tools.rulepages.interpreters import ROOT

FOLDER: Final = Path(__file__).parent.parent / "shim/libraries"
CACHE: Final = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "usock-lint/libraries")

_HEAD: Final = re.compile(r"# requires: (?P<requires>.+)\n# peer: (?P<peers>.+)\n")

ENDS_WITHIN: Final = 30
"""The seconds that a program has which calls its peer."""

_SHOWN: Final = (
    (r"0x[0-9a-f]+|\b[0-9a-f]{12}\b", "ADDRESS"),
    (r"\b\d{10}\.\d+\b", "SECONDS"),
    (r"\b\d+(kB|ms)\b", r"\1"),
    (r'^  File ".*\n(?:    .*\n)*', ""),  # the frames of asyncio are those of a file on the shim alone
)
"""What differs from run to run, and what stands for it."""


class NotFetchedError(Exception):
    """The package index did not give what is required."""


@dataclass(frozen=True)
class Library:
    """A program that uses a library, the packages that it needs, and the names of its peers."""

    name: str
    requires: tuple[str, ...]
    peers: tuple[str, ...]
    program: str

    def unpack(self, folder: Path) -> None:
        """Put the packages into a folder. Raises NotFetchedError."""
        for requirement in self.requires:
            shutil.copytree(fetched(requirement), folder, dirs_exist_ok=True, ignore_dangling_symlinks=True)

    def play(self, command: list[str], folder: Path) -> list[str]:
        """What the peers saw and the program printed, line by line."""
        self.unpack(folder)
        port = free_port()
        program = folder / "program.py"
        program.write_text(f"PORT = {port}\n{self.program}", encoding="utf-8")
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "MICROPYPATH": f".frozen:{folder}"}
        saw: list[object] = []
        with ExitStack() as stack:
            for peer in self.peers:
                if peer in SERVERS:
                    stack.enter_context(serving(SERVERS[peer], port, saw))
            process = subprocess.Popen(
                [*command, str(program)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="backslashreplace",
                cwd=folder,
                env=environment,
            )
            with process:
                printed = self.converse(process, port, saw)
        noted = "\n".join([*map(str, saw), printed]).replace(str(folder), "").replace(str(port), "PORT")
        for found, stands in _SHOWN:
            noted = re.sub(found, stands, noted, flags=re.M)
        return noted.splitlines()

    def converse(self, process: subprocess.Popen[str], port: int, saw: list[object]) -> str:
        """Call a program that listens, and end it; of another one wait for the end. What it printed is returned."""
        calls = [CALLERS[peer] for peer in self.peers if peer in CALLERS]
        for call in calls:
            call(port, saw)
        if calls:
            time.sleep(0.5)  # what it prints about the last call comes after its answer
            process.terminate()
        try:
            return process.communicate(timeout=ENDS_WITHIN)[0]
        except subprocess.TimeoutExpired:
            process.kill()
            return f"{process.communicate()[0]}HANG\n"
        finally:
            time.sleep(0.2)  # the peers read what it sent last


def read() -> list[Library]:
    """All of tests/shim/libraries."""
    found: list[Library] = []
    for path in sorted(FOLDER.glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        head = _HEAD.match(text)
        assert head, path
        program = text[head.end() :]
        found.append(Library(path.stem, (*head["requires"].split(),), (*head["peers"].split(),), program))
    return found


def fetched(requirement: str) -> Path:
    """A folder that has what a package has: it is fetched once. Raises NotFetchedError."""
    folder = CACHE / requirement
    if not folder.is_dir():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as draft:
            source = download(requirement, Path(draft))
            with suppress(OSError):  # another process was first
                os.rename(source, folder)
    return folder


def download(requirement: str, draft: Path) -> Path:
    """The folder in which pip has unpacked a wheel or a source archive.

    Many libraries for boards have no setup.py that runs: pip fails at them, when it has unpacked them.
    """
    unpacked, wheels = draft / "unpacked", draft / "wheels"
    unpacked.mkdir()
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-clean", "--no-build-isolation"]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "download", *options, "--dest", wheels, requirement],
        env={**os.environ, "TMPDIR": str(unpacked)},
        capture_output=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )
    for wheel in wheels.glob("*.whl"):
        zipfile.ZipFile(wheel).extractall(made := draft / "made")
        return made
    sources = [one for one in unpacked.glob("pip-*/*/") if any(one.iterdir())]
    if not sources:
        raise NotFetchedError(f"{requirement}: {done.stderr.strip().splitlines()[-1:]}")
    return sources[0]

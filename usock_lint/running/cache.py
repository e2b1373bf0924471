"""The cache: reports by path and bytes of files, kept from run to run in a folder of the project.

The folder has one file for each *fingerprint*, a hash of the version of usock-lint, the libraries and the settings. A
line of the file is a key (the digest of path and bytes), a checksum, and the report as JSON. The content is data and is
never executed; a damaged line is ignored. New lines are appended in one write, so that simultaneous runs lose nothing.
A folder that cannot be read or written leads to a run without a cache, and to no error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache

from usock_lint import observed
from usock_lint.digests import digest
from usock_lint.fast_dataclasses import NamedTuple
from usock_lint.running import cache_folder, serial

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from usock_lint.diagnostics import FileReport
    from usock_lint.linting.source import Source
    from usock_lint.settings.config import Config

_LARGEST = 64_000_000
"""The size in bytes at which a cache file is discarded: a tree of a hundred thousand files needs less."""

_LIBRARIES = ("libcst",)
"""Those that parse files: a finding may depend on their versions."""

_WITHOUT_EFFECT: dict[str, Any] = {
    "root": "",
    "baseline": None,
    "exclude": (),
    "extend_exclude": (),
    "force_exclude": False,
    "respect_gitignore": True,
}
"""Settings that do not change the findings in a file, with the values that the fingerprint has for them.

They choose the files to lint, or the findings to report.
"""


class Keys(NamedTuple):
    """Makes the keys of files. It is small, and apart from the cache, so that it can be sent to worker processes."""

    fingerprint: str
    root: str
    """The folder of the settings: what they say of a file depends on its path from there."""

    def key(self, path: str, data: bytes) -> bytes:
        """The digest of a file and of how it is linted, in hexadecimal."""
        place, root = os.path.abspath(path), os.path.join(os.path.abspath(self.root), "")
        place = place.removeprefix(root).replace(os.sep, "/")
        start = f"{self.fingerprint}\n{place}\n".encode("utf-8", "surrogateescape")
        return digest(start + data).encode()


class Cache:
    """The reports of earlier runs with these settings, and the place for new ones."""

    def __init__(self, folder: str, config: Config) -> None:
        self.folder = os.path.normpath(folder)
        self._config = config
        self._loaded: tuple[Keys, dict[bytes, bytes]] | None = None
        self._new: list[bytes] = []

    @property
    def keys(self) -> Keys:
        """The keys of this way to lint."""
        return self._load()[0]

    def get(self, source: Source) -> FileReport | None:
        """The report on a file; None without one, or if it depends on modules of the project that have changed."""
        line = self._load()[1].get(self.keys.key(source.path, source.data), b"")
        checksum, _, report = line.partition(b" ")
        kept = serial.loads(source.path, report) if report and checksum == _checksum(report) else None
        return kept if kept and still_holds(kept, source.folder) else None

    def report(self, source: Source, lint: Callable[[], FileReport]) -> FileReport:
        """The report on a file: the cached one, else that of `lint`, which is cached at once."""
        kept = self.get(source)
        if kept is None:
            kept = lint()
            self.put(self.keys.key(source.path, source.data), kept)
            self.save()
        return kept

    def put(self, key: bytes, report: FileReport) -> None:
        """Add a report, which `save` writes. A report that is incomplete is not added."""
        if report.errors or report.unchecked:
            return
        text = serial.dumps(report)
        self._new.append(b"%s %s %s\n" % (key, _checksum(text), text))

    def save(self) -> None:
        """Append the new reports to the file. If that fails they are dropped."""
        if not self._new:
            return
        # The first line end closes a line that an earlier run could not finish, for example on a full disk.
        data, self._new = b"\n" + b"".join(self._new), []
        path = self._path()
        with suppress(OSError):
            if not cache_folder.make(self.folder):
                return
            cache_folder.remove_unused(self.folder)
            if os.path.lexists(path) and not os.path.isfile(path):
                return
            too_large = os.path.exists(path) and os.path.getsize(path) > _LARGEST
            flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if too_large else os.O_APPEND)
            with open(path, "ab", buffering=0, opener=lambda name, _: os.open(name, flags, 0o666)) as file:
                file.write(data)

    def _path(self) -> str:
        return os.path.join(self.folder, self.keys.fingerprint)

    def _load(self) -> tuple[Keys, dict[bytes, bytes]]:
        if self._loaded is None:
            keys = Keys(_fingerprint(self._config), self._config.root)
            lines = cache_folder.get(self.folder, keys.fingerprint).split(b"\n")
            self._loaded = keys, {line[:32]: line[33:] for line in lines}
        return self._loaded


def still_holds(report: FileReport, folder: str | None) -> bool:
    """True if the project still has, and lacks, the modules that it had and lacked when the report was made.

    The files among them that were followed must be the same.
    """
    if not (report.looked_for or report.used):
        return True
    from usock_lint.files.sources import Project

    known = Project(report.path, folder)
    return all((name in known) == there for name, there in report.looked_for) and known.sources.still_answers(
        report.used
    )


def _fingerprint(config: Config) -> str:
    """The hash of all that findings depend on apart from the file: code, pages, table, libraries and settings."""
    parts = [sys.version, repr(config._replace(**_WITHOUT_EFFECT)), *code()]
    if config.compile:
        from usock_lint.linting import compiler

        parts.append(compiler.release())
    return digest("\n".join(parts).encode("utf-8", "surrogateescape"))


@cache
def code() -> tuple[str, ...]:
    """Texts that change when the package or a library changes. It notes their files as ones that the run reads."""
    return tuple(_code())


def _code() -> Iterator[str]:
    from importlib.machinery import PathFinder

    package = os.path.dirname(os.path.dirname(__file__))
    yield _installed("usock_lint", os.path.dirname(package)) or "\n".join(_states_of_checkout(package))
    for library in _LIBRARIES:
        spec = PathFinder.find_spec(library)
        if spec and spec.origin:
            above = os.path.dirname(os.path.dirname(spec.origin))
            yield _installed(library, above) or _state(spec.origin, os.stat(spec.origin))


def _installed(package: str, folder: str) -> str | None:
    """Version and digests of the files of a package that is installed in this folder: the same for each such install.

    None for a package that is not installed, as in a checkout: its files may change at any time.
    """
    with suppress(OSError):
        for name in os.listdir(folder):
            if name.endswith(".dist-info") and name.startswith(f"{package}-") and name[len(package) + 1].isdecimal():
                record = os.path.join(folder, name, "RECORD")
                observed.read(record)
                with open(record, encoding="utf-8") as file:
                    return "".join((name, *(line for line in file if line.startswith(f"{package}/") and "=" in line)))
    return None


def _states_of_checkout(package: str) -> Iterator[str]:
    """Size and time of each file of the package and of its pages."""
    yield from _states(package)
    with suppress(FileNotFoundError):
        yield from _states(os.path.join(os.path.dirname(package), "rules"))


def _states(folder: str) -> Iterator[str]:
    observed.listed(folder)
    with os.scandir(folder) as scan:
        entries = sorted(scan, key=lambda entry: entry.name)
    for entry in entries:
        if not entry.is_dir():
            yield _state(entry.path, entry.stat())
        elif entry.name != "__pycache__":
            yield from _states(entry.path)


def _state(path: str, found: os.stat_result) -> str:
    observed.read(path)
    return f"{path} {found.st_size} {found.st_mtime_ns}"


def _checksum(text: bytes) -> bytes:
    from zlib import crc32

    return b"%08x" % crc32(text)

"""Lints other people's code, and compares every finding with what a reader of that code judged to be right.

`real_input/` holds the records, a file for each package and one for CPython's own modules; the code itself is
downloaded by pip once, into a cache folder. A finding that no record has is either a wrong one, which is a bug of the
linter, or a right one, which wants its own entry with the reason why it is right.
"""

from __future__ import annotations

import ast
import importlib.util
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final, Literal, NamedTuple

import pytest

from usock_lint import Config, Finding, lint_paths, toml
from usock_lint.linting.gate import imports_networks
from usock_lint.ports import parse_targets

RECORDS: Final = Path(__file__).parent / "real_input"
CPYTHON: Final = "cpython.toml"
PACKAGES: Final = tuple(sorted(path.stem for path in RECORDS.glob("*.toml") if path.name != CPYTHON))
TARGETS: Final = ("portable", "unix", "zephyr")
RELEASE: Final = f"{sys.version_info.major}.{sys.version_info.minor}"

_SECONDS: Final = 300


class MissingError(Exception):
    """A package could not be downloaded; the text says which and what pip said."""


class Place(NamedTuple):
    """Where a finding stands: by line in a pinned package; by function and text in CPython, whose lines move."""

    file: str
    where: int | str
    code: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """What a file of `real_input/` says: what to lint, how, and each finding that was read and judged.

    An entry with `releases` is of the modules of these releases of CPython only.
    """

    requirement: str
    assume: Literal["auto", "device"]
    releases: tuple[str, ...]
    entries: tuple[dict[str, Any], ...]

    def expected(self, target: str) -> list[Place]:
        """The findings for this target, in order; one that is there twice is listed twice."""
        here = (entry for entry in self.entries if RELEASE in entry.get("releases", (RELEASE,)))
        entries = [entry for entry in here if target in entry["targets"]]
        return sorted(Place(one["file"], one["where"], one["code"], one.get("text", "")) for one in entries)


def read(name: str) -> Record:
    """One record."""
    content = toml.loads((RECORDS / name).read_text(encoding="utf-8"))
    return Record(
        requirement=content.get("requirement", ""),
        assume=content["assume"],
        releases=tuple(content.get("releases", ())),
        entries=tuple(content.get("finding", ())),
    )


# Other people's packages


def package(requirement: str) -> Path:
    """The folder with the Python files of a pinned package, downloaded if it is not there yet. Raises MissingError."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = home / "usock-lint" / "packages" / requirement
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".", dir=folder.parent) as work:
        unpacked = Path(work) / "unpacked"
        for name, data in python_files(_download(requirement, Path(work) / "download")):
            path = unpacked / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        try:
            unpacked.rename(folder)
        except OSError:  # another process was quicker
            if not folder.is_dir():
                raise
    return folder


def _download(requirement: str, folder: Path) -> Path:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--disable-pip-version-check"]
    try:
        done = subprocess.run(
            [*pip, "--dest", str(folder), requirement], capture_output=True, encoding="utf-8", timeout=_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise MissingError(f"pip download {requirement} took more than {_SECONDS} s") from None
    if done.returncode != 0:
        reason = done.stderr.strip().rpartition("\n")[2]
        raise MissingError(f"pip download {requirement}: {reason}")
    (archive,) = folder.iterdir()
    return archive


def python_files(archive: Path) -> Iterator[tuple[PurePosixPath, bytes]]:
    """The Python files of a wheel or sdist. Raises ValueError where one would land outside of its folder."""
    for name, data in _members(archive):
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name:
            raise ValueError(f"{archive.name} has a file at {name!r}")
        yield path, data


def _members(archive: Path) -> Iterator[tuple[str, bytes]]:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            for name in wheel.namelist():
                if name.endswith(".py"):
                    yield name, wheel.read(name)
        return
    with tarfile.open(archive) as sdist:
        for member in sdist:
            content = sdist.extractfile(member) if member.isfile() and member.name.endswith(".py") else None
            if content is not None:
                yield member.name, content.read()


@pytest.fixture(scope="module", params=PACKAGES)
def unpacked(request: pytest.FixtureRequest) -> tuple[Path, Record]:
    """Each package in turn, and its record. Without a network the test is skipped, but fails when CI=true."""
    record = read(f"{request.param}.toml")
    try:
        return package(record.requirement), record
    except MissingError as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(str(missing))
        pytest.skip(f"real packages: {missing}")


@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS)
def test_each_finding_in_a_package_is_one_that_was_judged_right(unpacked: tuple[Path, Record], target: str) -> None:
    folder, record = unpacked
    found = [
        Place(Path(one.path).relative_to(folder).as_posix(), one.location.row, one.code)
        for one in _findings([folder], record, target)
    ]
    assert sorted(found) == record.expected(target)


@pytest.mark.slow
def test_each_package_has_socket_code(unpacked: tuple[Path, Record]) -> None:
    folder, _ = unpacked
    assert any(imports_networks(path.read_bytes()) for path in folder.rglob("*.py"))


# CPython's own


@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS)
def test_each_finding_in_cpython_is_one_that_was_judged_right(target: str, tmp_path: Path) -> None:
    record = read(CPYTHON)
    if RELEASE not in record.releases:
        pytest.skip(f"no record of the modules of CPython {RELEASE}, only of {', '.join(record.releases)}")
    modules = {_copy(name, tmp_path / name): name for name in {entry["file"] for entry in record.entries}}
    found = [
        Place(modules[Path(one.path)], _function(Path(one.path), one), one.code, _text(Path(one.path), one))
        for one in _findings(list(modules), record, target)
    ]
    assert sorted(found) == record.expected(target)


def _copy(module: str, folder: Path) -> Path:
    """A copy in a folder of its own: beside CPython's other modules, `re` and `ssl` would be the project's."""
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    folder.mkdir()
    return Path(shutil.copy(spec.origin, folder))


def _function(path: Path, finding: Finding) -> str:
    """The function or class around a finding, with the classes around that; empty at the top of the module."""
    names: list[str] = []
    scope: ast.AST = ast.parse(path.read_bytes())
    while (inner := _scope_at(scope, finding.location.row)) is not None:
        names.append(inner.name)
        scope = inner
    return ".".join(names)


def _scope_at(scope: ast.AST, row: int) -> ast.ClassDef | ast.FunctionDef | None:
    inside = (node for node in ast.walk(scope) if node is not scope)
    named = (node for node in inside if isinstance(node, ast.ClassDef | ast.FunctionDef))
    return next((node for node in named if node.lineno <= row <= (node.end_lineno or row)), None)


def _text(path: Path, finding: Finding) -> str:
    """What the finding marks, which is on one line in all that is recorded."""
    line = path.read_text(encoding="utf-8").splitlines()[finding.location.row - 1]
    return line[finding.location.column - 1 : finding.end_location.column - 1]


def _findings(paths: list[Path], record: Record, target: str) -> Iterator[Finding]:
    config = Config(targets=parse_targets([target]), assume=record.assume)
    for report in lint_paths(paths, config):
        assert report.problem is None, f"{report.path}: {report.problem}"
        yield from report.findings


# The records themselves


@pytest.mark.parametrize("name", [*(f"{name}.toml" for name in PACKAGES), CPYTHON])
def test_each_recorded_finding_was_judged_right_for_a_reason(name: str) -> None:
    for entry in read(name).entries:
        assert entry["judgement"] == "right", entry
        assert len(entry["reason"].split()) >= 3, entry
        assert entry["targets"], entry
        assert set(entry["targets"]) <= set(TARGETS), entry


def test_there_are_packages_enough_and_each_is_pinned() -> None:
    assert len(PACKAGES) >= 3
    assert all("==" in read(f"{name}.toml").requirement for name in PACKAGES)


@pytest.mark.parametrize("name", ["../escaped.py", "/tmp/escaped.py", "a/../../escaped.py", "..\\escaped.py"])
def test_an_archive_that_would_write_outside_its_folder_is_refused(tmp_path: Path, name: str) -> None:
    archive = tmp_path / "evil-1.0.tar.gz"
    with tarfile.open(archive, "w:gz") as sdist:
        sdist.addfile(tarfile.TarInfo(name), io.BytesIO())
    with pytest.raises(ValueError, match="evil"):
        list(python_files(archive))


def test_a_link_in_an_archive_is_not_followed(tmp_path: Path) -> None:
    archive = tmp_path / "evil-1.0.tar.gz"
    link = tarfile.TarInfo("evil/link.py")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with tarfile.open(archive, "w:gz") as sdist:
        sdist.addfile(link)
    assert list(python_files(archive)) == []

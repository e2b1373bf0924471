#!/usr/bin/env python3
"""Lints folders of other people's projects and says how often each rule reports something, and where.

tools/survey.py [options] FOLDER...     each folder in a FOLDER is a project; a file of the same bytes counts once

--lines prints each finding with the lines around it instead, so that they can be read and judged one by one.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from usock_lint import Config, Finding, lint_paths  # noqa: E402 (found in the checkout, installed or not)
from usock_lint.catalog.pages import rules  # noqa: E402
from usock_lint.files.discovery import discover  # noqa: E402
from usock_lint.linting.gate import imports_networks  # noqa: E402
from usock_lint.settings.config import ConfigError, parse_selectors, parse_targets, split  # noqa: E402

_CONTEXT = 3


@dataclass(frozen=True, slots=True)
class Survey:
    """What was linted, and what was found in which project."""

    projects: int
    files: int
    """Those that differ."""
    sockets: int
    """Those that mention sockets."""
    skipped: int
    """Those that mention sockets, but run on no device."""
    findings: tuple[tuple[str, Finding], ...]
    """Each with its project."""


def main(argv: Sequence[str] | None = None) -> int:
    """Print the survey; the exit code is 2 when there is no such folder, target or rule."""
    options = _parser().parse_args(argv)
    try:
        done = survey(options.folders, _config(options))
    except (ConfigError, OSError) as error:
        print(f"survey.py: {error}", file=sys.stderr)
        return 2
    if options.lines:
        sys.stdout.writelines(f"{line}\n" for line in _lines(done))
    elif options.csv:
        csv.writer(sys.stdout).writerows(_rows(done))
    else:
        sys.stdout.writelines(f"{line}\n" for line in _markdown(done))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", metavar="FOLDER", nargs="+", type=Path)
    parser.add_argument("--target", action="append")
    parser.add_argument("--select", action="append")
    parser.add_argument("--opt-in", action="store_true", help="the opt-in rules as well")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--lines", action="store_true")
    shape.add_argument("--csv", action="store_true")
    return parser


def _config(options: argparse.Namespace) -> Config:
    return Config(
        assume="auto",
        targets=parse_targets(split(options.target)) if options.target else None,
        select=parse_selectors(split(options.select or ["USK"])),
        extend_select=tuple(rule.code for rule in rules().values() if rule.opt_in) if options.opt_in else (),
    )


def survey(folders: Iterable[Path], config: Config) -> Survey:
    """Lint each project in these folders. Raises OSError where a folder cannot be read."""
    homes = sorted(project for folder in folders for project in folder.iterdir() if project.is_dir())
    projects = {path: home.name for home in homes for path in _python_files(home)}
    contents: dict[bytes, str] = {}
    sockets: list[str] = []
    for path in projects:
        data = Path(path).read_bytes()
        if contents.setdefault(sha256(data).digest(), path) is path and imports_networks(data):
            sockets.append(path)
    # Each project as a folder: what a file may import from its own project depends on that.
    chosen = set(sockets)
    reports = [one for home in homes for one in lint_paths([home], config, jobs=None) if one.path in chosen]
    return Survey(
        projects=len(homes),
        files=len(contents),
        sockets=len(sockets),
        skipped=sum(bool(report.left_out) for report in reports),
        findings=tuple((projects[report.path], finding) for report in reports for finding in report.findings),
    )


def _python_files(home: Path) -> Iterator[str]:
    yield from (found.path for found in discover([home]) if Path(found.path).is_file())


def _markdown(done: Survey) -> Iterator[str]:
    yield f"{done.projects} projects, {done.files} different Python files, {done.sockets} of them mention sockets."
    yield f"{done.skipped} of those run on no device. {len(done.findings)} findings."
    yield ""
    yield "| rule | findings | files | projects |"
    yield "|---|---|---|---|"
    for code, name, count, files, projects in _rows(done):
        yield f"| {code} {name} | {count} | {files} | {projects} |"


def _rows(done: Survey) -> Iterator[tuple[str, str, int, int, str]]:
    for rule in rules().values():
        found = [(project, one) for project, one in done.findings if one.code == rule.code]
        projects = ", ".join(dict.fromkeys(project for project, _ in found))
        yield rule.code, rule.name, len(found), len({one.path for _, one in found}), projects


def _lines(done: Survey) -> Iterator[str]:
    for project, one in sorted(done.findings, key=lambda pair: (pair[1].code, pair[1].path, pair[1].location)):
        yield f"{one.code} {project} {one.path}:{one.location.row}:{one.location.column} {one.message}"
        text = Path(one.path).read_text(encoding="utf-8", errors="replace").splitlines()
        first = max(one.location.row - _CONTEXT - 1, 0)
        for row, line in enumerate(text[first : one.location.row + _CONTEXT], first + 1):
            yield f"{'>' if row == one.location.row else ' '} {row:5} {line}"
        yield ""


if __name__ == "__main__":
    raise SystemExit(main())

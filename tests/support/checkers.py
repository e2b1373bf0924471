"""Type checkers run as users run them: as processes, on a folder of samples."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import pytest

from tests.support.running import environment

Lines: TypeAlias = dict[str, set[int]]
"""By the name of a sample: the lines, from 1, that something is said about."""

_SECONDS: Final = 120


@dataclass(frozen=True)
class Checker:
    """What runs one, and what it prints as lines."""

    command: tuple[str, ...]
    lines: Callable[[str], Lines]

    def start(self, project: Path, words: Iterable[str]) -> subprocess.Popen[str]:
        """Check these files, after any options, in the folder, which has the configuration."""
        command = [sys.executable, "-m", *self.command, *words]
        return subprocess.Popen(
            command, cwd=project, env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def finish(self, process: subprocess.Popen[str]) -> Lines:
        """What it reports. Raises AssertionError when it could not do its work."""
        try:
            output, errors = process.communicate(timeout=_SECONDS)
        finally:
            process.kill()
        assert process.returncode in (0, 1), f"{process.args} ended with {process.returncode}\n{output}{errors}"
        return self.lines(output)


def _environment() -> dict[str, str]:
    """One in which mypy finds its plugin. Warnings of the checkers themselves are none of ours."""
    return {name: value for name, value in environment().items() if name != "PYTHONWARNINGS"}


def _pyright_lines(output: str) -> Lines:
    lines: Lines = defaultdict(set)
    for report in json.loads(output)["generalDiagnostics"]:
        if report["severity"] == "error":
            lines[Path(report["file"]).name].add(report["range"]["start"]["line"] + 1)
    return lines


def _mypy_lines(output: str) -> Lines:
    lines: Lines = defaultdict(set)
    # Where there is nothing to report a sentence says so.
    for report in (json.loads(line) for line in output.splitlines() if line.startswith("{")):
        if report["severity"] == "error":
            lines[Path(report["file"]).name].add(report["line"])
    return lines


PYRIGHT: Final = Checker(("pyright", "--outputjson"), _pyright_lines)
BASEDPYRIGHT: Final = Checker(("basedpyright", "--outputjson"), _pyright_lines)
MYPY: Final = Checker(("mypy", "--output=json"), _mypy_lines)


def check(project: Path, samples: Sequence[Path], checkers: Mapping[str, Checker], **options: str) -> dict[str, Lines]:
    """By checker: what it reports about copies of the samples in the project. They run side by side.

    Each can be given an option.
    """
    for sample in samples:
        shutil.copy(sample, project)
    files = [path.name for path in samples]
    started = {
        name: one.start(project, [options[name], *files] if name in options else files)
        for name, one in checkers.items()
    }
    return {name: checkers[name].finish(process) for name, process in started.items()}


def install_stubs(folder: Path, *requirements: str) -> None:
    """Other people's stubs in a folder, as their documentation says. Without a network the test is skipped.

    With CI=true it fails.
    """
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--upgrade", "--no-user", "--target", str(folder)]
    done = subprocess.run([*pip, *requirements], capture_output=True, text=True, timeout=300)
    if done.returncode:
        problem = done.stderr.strip().rpartition("\n")[2]
        if os.environ.get("CI") == "true":
            pytest.fail(problem)
        pytest.skip(f"real packages: {problem}")


def marked(sample: Path, mark: re.Pattern[str]) -> set[int]:
    """The lines of a sample that bear the mark."""
    return {row for row, line in enumerate(sample.read_text("utf-8").splitlines(), 1) if mark.search(line)}

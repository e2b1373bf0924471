"""The tutorial of CONTRIBUTING.md works as it stands: its files are written and its commands print what it shows."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.running import ROOT, environment

CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
TUTORIAL = CONTRIBUTING.partition("\n## A rule in ten minutes\n")[2].partition("\n## Set up and test\n")[0]
STEP = re.compile(
    r"^(?:<!-- file (?P<path>\S+) -->\n)?(?P<fence>`{3,})(?P<language>[\w-]+)\n(?P<text>.*?)^(?P=fence)$", re.M | re.S
)


def session(text: str) -> list[tuple[str, str]]:
    """The commands, and what each prints."""
    return [(command, printed) for command, printed in re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", text, re.M)]


def is_printed(expected: str, printed: str) -> bool:
    """Whether that was printed; a line of three dots is any lines, and three dots in a line are any text in it."""
    lines = [
        "(?:.*\n)*" if line == "..." else re.escape(line).replace(r"\.\.\.", ".*") + "\n"
        for line in expected.splitlines()
    ]
    return re.fullmatch("".join(lines), printed) is not None


@pytest.fixture(name="project")
def copy_of_the_checkout(tmp_path: Path) -> Path:
    """The checkout, with the commands that an environment for it has."""
    project, commands = tmp_path / "project", tmp_path / "bin"
    ignored = shutil.ignore_patterns(".*", "__pycache__", "build", "dist", "venv", "site", "benchmarks", "real_input")
    shutil.copytree(ROOT, project, ignore=ignored)
    commands.mkdir()
    for name, module in (("usock-lint", "usock_lint"), ("pytest", "pytest")):
        (commands / name).write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, "-m", module])} "$@"\n')
        (commands / name).chmod(0o755)
    return project


def run(command: str, project: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(project.parent / "bin"), os.environ["PATH"]])
    quick = {name: value for name, value in environment().items() if name != "CI"}
    own = {**quick, "PATH": path, "PYTHONPATH": str(project), "NO_COLOR": "1"}
    return subprocess.run(
        command,
        shell=True,
        cwd=project,
        env=own,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="its commands are for a POSIX shell")
def test_the_tutorial_works_as_it_stands(project: Path) -> None:
    ran = 0
    for step in STEP.finditer(TUTORIAL):
        if step["path"]:
            (project / step["path"]).write_text(step["text"], encoding="utf-8")
            continue
        assert step["language"] == "shell-session"
        for command, expected in session(step["text"]):
            done = run(command, project)
            assert is_printed(expected, done.stdout), f"$ {command}\n{done.stdout}"
            if command.startswith("pytest"):
                assert done.returncode == ("FAILED" in expected), done.stdout
            ran += 1
    assert ran == TUTORIAL.count("\n$ ") == 6


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        ("a\nb\n", "a\nb\n", True),
        ("a\n", "a\nb\n", False),
        ("...\nb\n...\n", "b\n", True),
        ("...\nb\n...\n", "a\na\nb\nc\n", True),
        ("...\nb\n...\n", "a\nab\n", False),
        ("... passed, ...\n", "3 passed, 9 deselected\n", True),
        ("... passed, ...\n", "1 failed\n", False),
    ],
)
def test_three_dots_are_any_text(expected: str, printed: str, same: bool) -> None:
    assert is_printed(expected, printed) == same

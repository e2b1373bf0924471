"""What pyright, basedpyright and mypy report with the stubs: the lines that are wrong, and no others."""

from __future__ import annotations

import re
import shutil
import sys
import sysconfig
import venv
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from tests.support.checkers import BASEDPYRIGHT, MYPY, PYRIGHT, Checker, Lines, check, marked
from tests.support.running import lint
from tools.rulepages.interpreters import ROOT

TYPING: Final = ROOT / "tests/stubs/typing"
SAMPLES: Final = sorted(TYPING.glob("*.py"))
INSTALLED: Final = [path for path in SAMPLES if "handed_out" not in path.stem]
HANDED_OUT: Final = [path for path in SAMPLES if "installed" not in path.stem]

COMPARED: Final = {"portable": "portable", "esp32": "esp32==1.24", "unix": "unix"}
"""By the beginning of a sample's name in tests/stubs/typing/compared: the target on which it is wrong, or right."""

CHECKERS: Final = {"pyright": PYRIGHT, "mypy": MYPY}

STRICT: Final = """
[tool.pyright]
typeCheckingMode = "strict"
reportMissingModuleSource = false

[tool.mypy]
strict = true
cache_dir = "../cache"
"""

PLUGIN: Final = 'plugins = ["usock_lint.mypy_plugin"]\n'


def errors_of(checker: str) -> re.Pattern[str]:
    """What marks a line that this checker reports."""
    return re.compile(rf"# type-error(?: \({checker}\))?$")


def python_with_the_stub(folder: Path) -> Path:
    """The interpreter of a new virtual environment that has the installed stub and nothing else."""
    venv.create(folder, symlinks=sys.platform != "win32")
    paths = sysconfig.get_paths("venv", {"base": str(folder), "platbase": str(folder)})
    stubs = Path(paths["purelib"]) / "usocket-stubs"
    stubs.mkdir()
    shutil.copy(ROOT / "stubs" / "usocket.pyi", stubs / "__init__.pyi")
    return Path(paths["scripts"]) / "python"


def handed_out(project: Path, target: str, settings: str) -> None:
    """A project into which the stubs were written, configured as the command says and with other settings."""
    project.mkdir()
    done = lint("stubs", "typings", "--target", target, cwd=project)
    assert done.returncode == 0, done.stderr
    pyright, mypy = done.stdout.split("\n\n")
    assert (pyright, mypy) == (
        '[tool.pyright]\nstubPath = "typings"',
        '[tool.mypy]\nmypy_path = "$MYPY_CONFIG_FILE_DIR/typings"\n',
    )
    text = settings.replace("[tool.pyright]", pyright).replace("[tool.mypy]\n", mypy + PLUGIN)
    (project / "pyproject.toml").write_text(text)


# Without configuration: usocket, as usock-lint installs it


@pytest.fixture(scope="module", name="installed")
def reported_about_the_installed_stub(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Lines]:
    folder = tmp_path_factory.mktemp("installed")
    python = python_with_the_stub(folder / "venv")
    (folder / "project").mkdir()
    (folder / "project" / "pyproject.toml").write_text(STRICT)
    options = {"pyright": f"--pythonpath={python}", "mypy": f"--python-executable={python}"}
    return check(folder / "project", INSTALLED, CHECKERS, **options)


@pytest.mark.slow
@pytest.mark.parametrize("sample", INSTALLED, ids=lambda path: path.stem)
@pytest.mark.parametrize("checker", ["pyright", "mypy"])
def test_with_the_installed_stub_the_marked_lines_are_reported(
    checker: str, sample: Path, installed: dict[str, Lines]
) -> None:
    assert installed[checker][sample.name] == marked(sample, errors_of(checker))


@pytest.mark.slow
def test_basedpyright_finds_the_installed_stub(tmp_path: Path) -> None:
    option = f"--pythonpath={python_with_the_stub(tmp_path / 'venv')}"
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "pyproject.toml").write_text("[tool.basedpyright]\nreportMissingModuleSource = false\n")
    sample = TYPING / "bad_names.py"
    found = check(tmp_path / "project", [sample], {"basedpyright": BASEDPYRIGHT}, basedpyright=option)
    assert found["basedpyright"][sample.name] == marked(sample, errors_of("basedpyright"))


# With `usock-lint stubs`


@pytest.fixture(scope="module", name="projects")
def folder_of_projects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Projects beside each other share what mypy knows of the standard library, which takes it longest."""
    return tmp_path_factory.mktemp("projects")


@pytest.fixture(scope="module", name="handed")
def reported_about_handed_out_stubs(projects: Path) -> dict[str, Lines]:
    handed_out(projects / "handed_out", "portable", STRICT)
    return check(projects / "handed_out", HANDED_OUT, CHECKERS)


@pytest.mark.slow
@pytest.mark.parametrize("sample", HANDED_OUT, ids=lambda path: path.stem)
@pytest.mark.parametrize("checker", CHECKERS)
def test_with_stubs_handed_out_the_marked_lines_are_reported(
    checker: str, sample: Path, handed: dict[str, Lines]
) -> None:
    assert handed[checker][sample.name] == marked(sample, errors_of(checker))


@pytest.mark.slow
def test_basedpyright_reports_the_marked_lines(tmp_path: Path) -> None:
    handed_out(tmp_path / "project", "portable", STRICT.replace('"strict"', '"standard"'))
    found = check(tmp_path / "project", HANDED_OUT, {"basedpyright": BASEDPYRIGHT})
    expected = {sample.name: marked(sample, errors_of("basedpyright")) for sample in HANDED_OUT}
    assert found["basedpyright"] == {name: lines for name, lines in expected.items() if lines}


@pytest.mark.slow
def test_whole_folders_are_checked_without_a_word_about_the_stubs(tmp_path: Path) -> None:
    handed_out(tmp_path / "project", "unix", STRICT)
    checkers: Mapping[str, Checker] = {**CHECKERS, "basedpyright": BASEDPYRIGHT}
    for name, checker in checkers.items():
        everything = ["."] if name == "mypy" else []
        assert checker.finish(checker.start(tmp_path / "project", everything)) == {}


# Targets


@pytest.fixture(scope="module", params=COMPARED, name="compared")
def reported_about_a_target(request: pytest.FixtureRequest, projects: Path) -> dict[str, Lines]:
    project = projects / request.param
    handed_out(project, COMPARED[request.param], STRICT.replace('"strict"', '"basic"'))
    samples = sorted((TYPING / "compared").glob(f"{request.param}_*.py"))
    found = check(project, samples, CHECKERS)
    return {checker: {sample.name: found[checker][sample.name] for sample in samples} for checker in found}


@pytest.mark.slow
@pytest.mark.parametrize("checker", CHECKERS)
def test_what_is_wrong_on_a_target_is_reported_and_what_is_right_is_not(
    checker: str, compared: dict[str, Lines]
) -> None:
    for name, lines in compared[checker].items():
        assert (name, lines) == (name, marked(TYPING / "compared" / name, re.compile("# wrong$")))


def test_what_no_type_can_tell_the_linter_tells(tmp_path: Path) -> None:
    sample = TYPING / "compared" / "portable_wrong.py"
    rows = enumerate(sample.read_text(encoding="utf-8").splitlines(), 1)
    unseen = {row: line.partition("# unseen: ")[2] for row, line in rows if "# unseen: " in line}
    rules = ",".join(unseen.values())
    found = [line.split(":")[1] for line in lint("--select", rules, sample, cwd=tmp_path).stdout.splitlines()]
    assert {int(row) for row in found} >= set(unseen)

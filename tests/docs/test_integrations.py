"""flake8, continuous integration and pre-commit do with usock-lint what docs/integrations.md says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.support.documents import snippet
from tests.support.running import NAME, ROOT, TIMEOUT, flake8, lint
from usock_lint import toml

INTEGRATIONS = ROOT / "docs/integrations.md"


def test_the_settings_shown_for_flake8_reach_the_plugin(tmp_path: Path) -> None:
    settings = snippet(INTEGRATIONS, "ini", "[flake8]")
    (tmp_path / "net.py").write_bytes(NAME)
    (tmp_path / ".flake8").write_text(settings, encoding="utf-8")
    narrowed = tmp_path / "narrowed.cfg"
    narrowed.write_text(settings.replace(", rp2", ""), encoding="utf-8")

    assert "USK401" in flake8("net.py", cwd=tmp_path).stdout
    assert flake8("--config", narrowed, "net.py", cwd=tmp_path).stdout == ""
    options = re.findall(r"--usock-[a-z-]+", flake8("--help", cwd=tmp_path).stdout)
    assert {option[2:] for option in options} == set(re.findall(r"^(usock-[a-z-]+)", settings, re.M))


# Continuous integration


@pytest.mark.parametrize(("name", "schema"), [("github", "github-workflows"), ("gitlab", "gitlab-ci")])
def test_an_example_for_ci_follows_its_schema_and_its_commands_run(name: str, schema: str, tmp_path: Path) -> None:
    path = ROOT / "docs/ci" / f"{name}.yml"
    checker = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", str(path)]
    checked = subprocess.run(checker, capture_output=True, text=True, timeout=60, check=False)
    assert checked.returncode == 0, checked.stdout
    (tmp_path / "net.py").write_text(TIMEOUT)
    commands: list[str] = re.findall(r"^ *- (?:run: )?usock-lint (.+)|^ *run: usock-lint (.+)", path.read_text(), re.M)
    done = [lint(*"".join(command).split(), cwd=tmp_path) for command in commands]
    assert sorted(run.returncode for run in done) == [0, 1]
    (report,) = re.findall(r"(?:sarif_file|codequality): (\S+)", path.read_text())
    assert "USK102" in (tmp_path / report).read_text()


def check_schema(schema: str, *paths: Path) -> None:
    checker = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *map(str, paths)]
    checked = subprocess.run(checker, capture_output=True, text=True, timeout=60, check=False)
    assert checked.returncode == 0, checked.stdout


def test_what_github_reads_follows_its_schemas() -> None:
    check_schema("github-workflows", *(ROOT / ".github/workflows").glob("*.yml"))
    check_schema("github-actions", ROOT / "action.yml")
    forms = (ROOT / ".github/ISSUE_TEMPLATE").glob("[!c]*.yml")
    check_schema("github-issue-forms", *forms)
    check_schema("github-issue-config", ROOT / ".github/ISSUE_TEMPLATE/config.yml")
    check_schema("citation-file-format", ROOT / "CITATION.cff")


_INPUT = re.compile(r"\$\{\{ inputs\.(\S+) \}\}")
ACTION: Final[Any] = yaml.safe_load((ROOT / "action.yml").read_text())


def run_action(name: str, folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run a step of the action with these inputs, and the defaults of the others."""
    (step,) = (one for one in ACTION["runs"]["steps"] if one.get("name") == name)
    given: dict[str, str] = {key: one["default"] for key, one in ACTION["inputs"].items()} | inputs
    filled = {key: _INPUT.sub(lambda found: given[found[1]], text) for key, text in step["env"].items()}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command, variables = ["bash", "-e", "-c", step["run"]], {**os.environ, **filled, "PATH": path}
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, timeout=60, check=False)


def test_the_action_lints_what_its_inputs_say(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    assert run_action("Lint", tmp_path).stdout.startswith("net.py:6:8: USK102")
    assert run_action("Lint", tmp_path, paths="net.py", args="--ignore USK1 --quiet").returncode == 0
    assert "on your targets" in run_action("Lint", tmp_path, target="rp2==1.24, rp2==1.20").stdout


def test_the_action_writes_the_report_that_it_uploads(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    assert run_action("Report", tmp_path, sarif="found.sarif").returncode == 0
    assert "USK102" in (tmp_path / "found.sarif").read_text()


def test_the_actions_matcher_reads_what_is_printed(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    matcher = json.loads((ROOT / ".github/usock-lint-matcher.json").read_text())["problemMatcher"][0]["pattern"][0]
    found = re.match(matcher["regexp"], lint("net.py", cwd=tmp_path).stdout.splitlines()[0])
    assert found
    assert [found[matcher[part]] for part in ("file", "line", "column", "code")] == ["net.py", "6", "8", "USK102"]


def test_the_workflow_names_every_python_and_system() -> None:
    path = ROOT / ".github/workflows/tests.yml"
    text = path.read_text()
    project = toml.loads((ROOT / "pyproject.toml").read_text())["project"]
    claimed = re.findall(r"Python :: (\d+\.\d+)", "\n".join(project["classifiers"]))
    assert re.findall(r'"(\d+\.\d+)"', text) == claimed
    assert set(re.findall(r"(\w+)-latest", text)) == {"ubuntu", "macos", "windows"}


# The hooks


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A command in an environment that knows nothing of the checkout, nor of the user's own git and pre-commit."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    names = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}
    own = {**kept, **names, "GIT_CONFIG_GLOBAL": os.devnull, "PRE_COMMIT_HOME": str(cwd.parent / "cache")}
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=cwd, env=own, capture_output=True, text=True, timeout=300, check=False)


def commit(folder: Path) -> str:
    """Make a folder a git repository with all of it committed; the name of the commit."""
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"]):
        done = run("git", *command, cwd=folder)
        assert done.returncode == 0, done.stderr
    return run("git", "rev-parse", "HEAD", cwd=folder).stdout.strip()


@pytest.fixture(scope="module", name="source")
def repository_of_usock_lint(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The checkout as a git repository of its own, and the name of its one commit."""
    source = tmp_path_factory.mktemp("usock-lint") / "source"
    ignored = shutil.ignore_patterns(".git", ".*_cache", ".venv*", "__pycache__", "build", "dist", "venv")
    shutil.copytree(ROOT, source, ignore=ignored)
    return source, commit(source)


HOOK = (sys.executable, "-m", "pre_commit", "run", "--all-files")


@pytest.mark.slow
def test_the_hooks_report_and_fix(source: tuple[Path, str], tmp_path: Path) -> None:
    repository, revision = source
    project = tmp_path / "project"
    project.mkdir()
    settings = snippet(INTEGRATIONS, "yaml", "id: usock-lint")
    settings = re.sub("(?<=repo: ).+", str(repository), settings)
    settings = settings.replace("v0.1.0", revision)
    assert revision in settings
    (project / ".pre-commit-config.yaml").write_text(f"{settings}      - id: usock-lint-fix\n")
    (project / "pyproject.toml").write_text('[tool.usock-lint]\nexclude = ["vendor"]\n')
    (project / "vendor").mkdir()
    for name in ("net.py", "vendor/net.py"):
        (project / name).write_text(TIMEOUT)
    commit(project)

    reported = run(*HOOK, "usock-lint", cwd=project)
    fixing = run(*HOOK, "usock-lint-fix", cwd=project)
    fixed = run(*HOOK, cwd=project)

    assert (reported.returncode, fixing.returncode, fixed.returncode) == (1, 1, 0), reported.stderr
    assert "net.py:6:8: USK102 `socket.timeout` raises AttributeError on your targets when an" in reported.stdout
    assert "vendor/net.py:" not in reported.stdout
    assert "files were modified by this hook" in fixing.stdout
    assert "except OSError:" in (project / "net.py").read_text()


# Stands for flake8's own repository, which is not at hand: its hook, of a package that brings flake8.
FLAKE8 = {
    ".pre-commit-hooks.yaml": "- {id: flake8, name: flake8, entry: flake8, language: python, types: [python]}\n",
    "pyproject.toml": '[project]\nname = "hook"\nversion = "1"\ndependencies = ["flake8"]\n',
}


@pytest.mark.slow
def test_the_plugin_reports_as_a_hook_of_flake8(source: tuple[Path, str], tmp_path: Path) -> None:
    project, hook = tmp_path / "project", tmp_path / "flake8"
    for folder in (project, hook):
        folder.mkdir()
    for name, text in FLAKE8.items():
        (hook / name).write_text(text)
    settings = snippet(INTEGRATIONS, "yaml", "id: flake8")
    settings = settings.replace("https://github.com/PyCQA/flake8", str(hook))
    settings = settings.replace("7.3.0", commit(hook))
    settings = re.sub('"usock-lint.*"', f'"usock-lint @ git+file://{source[0]}@{source[1]}"', settings)
    (project / ".pre-commit-config.yaml").write_text(settings)
    (project / ".flake8").write_text("[flake8]\nusock-targets = rp2\n")
    (project / "net.py").write_text(TIMEOUT)
    commit(project)

    reported = run(*HOOK, cwd=project)

    assert reported.returncode == 1, reported.stderr
    assert "net.py:6:8: USK102 `socket.timeout` raises AttributeError on rp2 when an error" in reported.stdout

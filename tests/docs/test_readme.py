"""What the documents say is so: their sessions, settings, options, links and snippets are tried."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.support.running import NAME, ROOT, TIMEOUT, flake8, lint
from usock_lint import __version__
from usock_lint.catalog.pages import rules
from usock_lint.ports import PORTS
from usock_lint.settings.hierarchy import Hierarchy
from usock_lint.settings.pyproject import KEYS
from usock_lint.shim import PLAYED

DOCUMENTS = [ROOT / name for name in ("README.md", "README.zh.md", "CONTRIBUTING.md", "CHANGELOG.md")]
README = DOCUMENTS[0].read_text(encoding="utf-8")
GITIGNORE = (ROOT / ".gitignore").read_text(encoding="utf-8")
GITIGNORE_TOP = GITIGNORE.partition("build/")[0]


def snippet(language: str, holding: str, text: str = README) -> str:
    """The block of this language with these words in it."""
    blocks: list[str] = re.findall(rf"^```{language}\n(.*?)^```$", text, re.S | re.M)
    (found,) = (block for block in blocks if holding in block)
    return found


def docs(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "tools/docs.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_the_generated_parts_are_up_to_date() -> None:
    done = docs("--check")

    assert done.returncode == 0, f"`make docs` mends this:\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize(
    ("block", "text"),
    [
        pytest.param("```console\n$ echo new; ls >&2\n{}```\n", "new\nexamples\n", id="session"),
        pytest.param("<!-- from .gitignore -->\n```text\n{}```\n", GITIGNORE, id="file"),
        pytest.param("<!-- from .gitignore up to build/ -->\n````md\n{}````\n", GITIGNORE_TOP, id="top of a file"),
    ],
)
def test_a_stale_part_is_shown_and_mended(block: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text(block.format("old\n"))

    checked = docs("--check", path)
    mended = docs(path)

    assert (checked.returncode, mended.returncode) == (1, 0)
    assert "\n-old\n" in checked.stdout
    assert path.read_text() == block.format(text)


def test_the_table_has_every_rule_and_its_fix() -> None:
    rows = re.findall(r"^\| (USK\d+) \| \[([\w-]+)\]\(rules/\2\.md\) \| .+ \| (.+) \|$", README, re.M)

    assert [(code, name) for code, name, _ in rows] == [(rule.code, rule.name) for rule in rules().values()]
    assert {"socket-timeout": "safe", "makefile-text-mode": "unsafe", "missing-method": "-"}.items() <= {
        name: fix for _, name, fix in rows
    }.items()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_link_within_the_project_leads_somewhere(path: Path) -> None:
    targets: list[str] = re.findall(r"\]\((?!https?:)([^)#]*)", path.read_text(encoding="utf-8"))

    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_every_option_of_the_command_line_is_explained(tmp_path: Path) -> None:
    options = set(re.findall(r"(?<![\w-])--[a-z-]+", lint("--help", cwd=tmp_path).stdout))
    rows = "".join(line for line in README.splitlines() if line.startswith("| `--"))

    assert options == set(re.findall(r"`(--[a-z-]+)[^`|]*`(?=[^|]*\|[^|]*\|)", rows))


def test_every_port_is_named() -> None:
    section = README.partition("### Targets")[2].partition("###")[0]

    assert set(PORTS) <= set(re.findall(r"`([\w-]+)`", section))


def test_the_shim_plays_the_ports_that_are_said() -> None:
    assert set(PORTS) - set(PLAYED) == {"docs", "cc3200"}
    assert "every port but cc3200" in README


def test_the_settings_shown_are_valid_and_all_there_are(tmp_path: Path) -> None:
    table = snippet("toml", "[tool.usock-lint]")
    (tmp_path / "pyproject.toml").write_text(table, encoding="utf-8")

    loaded = Hierarchy().inside(str(tmp_path)).config

    assert loaded.targets
    keys = set(re.findall(r"^([\w-]+) =", table, re.M))
    assert keys == set(KEYS)


def test_the_settings_shown_for_flake8_reach_the_plugin(tmp_path: Path) -> None:
    settings = snippet("ini", "[flake8]")
    (tmp_path / "net.py").write_bytes(NAME)
    (tmp_path / ".flake8").write_text(settings, encoding="utf-8")
    narrowed = tmp_path / "narrowed.cfg"
    narrowed.write_text(settings.replace(", rp2", ""), encoding="utf-8")

    assert "USK401" in flake8("net.py", cwd=tmp_path).stdout
    assert flake8("--config", narrowed, "net.py", cwd=tmp_path).stdout == ""
    options = re.findall(r"--usock-[a-z-]+", flake8("--help", cwd=tmp_path).stdout)
    assert {option[2:] for option in options} == set(re.findall(r"^(usock-[a-z-]+)", settings, re.M))


def test_the_program_that_imports_usock_lint_runs() -> None:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(snippet("py", "lint_source"), {})

    assert printed.getvalue().startswith("USK102 socket-timeout 2 (")


def test_the_changelog_knows_the_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert f"\n## [{__version__}] - " in text


def test_a_rule_is_two_files_and_nothing_else_knows_it(tmp_path: Path) -> None:
    project = tmp_path / "project"
    for name in ("usock_lint", "rules"):
        shutil.copytree(ROOT / name, project / name, ignore=shutil.ignore_patterns("__pycache__"))
    net = tmp_path / "net.py"
    net.write_text(TIMEOUT)
    pair = [project / "rules/socket-timeout.md", project / "usock_lint/checks/socket_timeout.py"]
    texts = [path.read_text(encoding="utf-8") for path in pair]

    def reported() -> str:
        command = [sys.executable, "-m", "usock_lint", str(net)]
        done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=60, check=False)
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout

    for path in pair:
        path.unlink()
    without = reported()
    for path, text in zip(pair, texts, strict=True):
        path.write_text(text, encoding="utf-8")

    assert without == ""
    assert "USK102" in reported()


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


def test_the_workflow_follows_its_schema_and_names_every_python_and_system() -> None:
    path = ROOT / ".github/workflows/tests.yml"
    checker = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(path)]
    checked = subprocess.run(checker, capture_output=True, text=True, timeout=60, check=False)
    assert checked.returncode == 0, checked.stdout
    text = path.read_text()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
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
    settings = snippet("yaml", "id: usock-lint").replace("URL", str(repository)).replace("v0.1.0", revision)
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
    assert "net.py:6:8: USK102 `socket.timeout` does not exist on your targets;" in reported.stdout
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
    settings = snippet("yaml", "id: flake8").replace("https://github.com/PyCQA/flake8", str(hook))
    settings = settings.replace("7.3.0", commit(hook)).replace("URL", f"file://{source[0]}@{source[1]}")
    (project / ".pre-commit-config.yaml").write_text(settings)
    (project / ".flake8").write_text("[flake8]\nusock-targets = rp2\n")
    (project / "net.py").write_text(TIMEOUT)
    commit(project)

    reported = run(*HOOK, cwd=project)

    assert reported.returncode == 1, reported.stderr
    assert "net.py:6:8: USK102 `socket.timeout` does not exist on rp2;" in reported.stdout

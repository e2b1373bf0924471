"""`usock-lint init` writes settings that the next run uses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.support.running import TIMEOUT, lint, lint_here
from usock_lint import __version__, toml
from usock_lint.cli import init


def table(folder: Path) -> dict[str, object]:
    return toml.loads((folder / "pyproject.toml").read_text())["tool"]["usock-lint"]


def test_the_targets_that_are_named_are_written_and_used(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    assert lint("init", "--target", "rp2>=1.24", cwd=tmp_path).stdout.startswith("Wrote pyproject.toml.\n")
    assert table(tmp_path) == {"targets": ["rp2>=1.24"]}
    assert "net.py:6:8: USK102" in lint(cwd=tmp_path).stdout


def test_without_a_word_the_targets_are_those_of_the_stubs_in_use(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("micropython-esp32-stubs==1.24.*\n")
    done = lint("init", cwd=tmp_path)
    assert done.stdout.startswith("Found micropython-esp32-stubs==1.24.* in requirements.txt.\n")
    assert table(tmp_path) == {"targets": ["esp32==1.24"]}


def test_what_pyproject_has_already_stays(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "clock"')
    lint("init", "--target", "picow", cwd=tmp_path)
    text = (tmp_path / "pyproject.toml").read_text()
    assert text == '[project]\nname = "clock"\n\n[tool.usock-lint]\ntargets = ["picow"]\n'


def test_what_is_added_has_the_line_ends_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"[project]\r\n")
    lint("init", "--target", "picow", cwd=tmp_path)
    text = (tmp_path / "pyproject.toml").read_bytes()
    assert text == b'[project]\r\n\r\n[tool.usock-lint]\r\ntargets = ["picow"]\r\n'


@pytest.mark.parametrize(
    ("content", "words", "said"),
    [
        ("[tool.usock-lint]\n", (), "has settings already"),
        ("[tool", (), "pyproject.toml: "),
        ("tool = 3\n", (), "pyproject.toml: tool: expected a table"),
        ("", ("--target", "esp23"), "did you mean"),
        ("", ("--target", ","), "expected at least one target"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_changes_nothing(
    content: str, words: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    (tmp_path / "pyproject.toml").write_text(content)
    done = lint("init", *words, cwd=tmp_path)
    assert said in done.stderr
    assert (done.stderr.count("\n"), done.returncode) == (1, 2)
    assert (tmp_path / "pyproject.toml").read_text() == content


def test_the_hook_and_the_workflow_are_written_when_asked_for(tmp_path: Path) -> None:
    lint("init", "--target", "esp32", "--pre-commit", "--github", cwd=tmp_path)
    (repo,) = yaml.safe_load((tmp_path / ".pre-commit-config.yaml").read_text())["repos"]
    assert repo["hooks"][0]["id"] == "usock-lint"
    workflow = (tmp_path / ".github/workflows/usock-lint.yml").read_text()
    assert "usock-lint --output-format github ." in workflow


@pytest.mark.parametrize(
    ("origin", "wanted", "is_told"),
    [
        (None, f"usock-lint=={__version__}", False),
        (
            {"url": "https://example.org/u.git", "vcs_info": {"vcs": "git", "commit_id": "abc123"}},
            "usock-lint @ git+https://example.org/u.git@abc123",
            False,
        ),
        ({"url": "file:///home/me/u", "dir_info": {"editable": True}}, f"usock-lint=={__version__}", True),
    ],
)
def test_what_is_pinned_is_what_is_installed(
    origin: object, wanted: str, is_told: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Installed:
        def read_text(self, _name: str) -> str | None:
            return json.dumps(origin) if origin else None

    def installed(_name: str) -> Installed:
        return Installed()

    monkeypatch.setattr("importlib.metadata.distribution", installed)
    done = lint_here("init", "--target", "esp32", "--pre-commit", "--github", cwd=tmp_path)
    (repo,) = yaml.safe_load((tmp_path / ".pre-commit-config.yaml").read_text())["repos"]
    assert repo["hooks"][0]["additional_dependencies"] == [wanted]
    job = yaml.safe_load((tmp_path / ".github/workflows/usock-lint.yml").read_text())["jobs"]["usock-lint"]
    assert f'pip install "{wanted}"' in [step.get("run") for step in job["steps"]]
    assert ("was not installed from an index" in done.stdout) == is_told


def test_a_configuration_of_pre_commit_that_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / ".pre-commit-config.yaml").write_text("repos: []\n")
    done = lint("init", "--target", "esp32", "--pre-commit", cwd=tmp_path)
    assert ".pre-commit-config.yaml exists; add this to its `repos`:\n\n  - repo: local\n" in done.stdout
    assert (tmp_path / ".pre-commit-config.yaml").read_text() == "repos: []\n"


def test_on_a_terminal_it_asks_again_until_the_answer_is_a_target(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = iter(["esp23", "esp32, picow", "y", ""])

    def answer(_question: str) -> str:
        return next(answers)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", answer)
    assert init.main([]) == 0
    assert table(tmp_path) == {"targets": ["esp32", "picow"]}
    assert (tmp_path / ".pre-commit-config.yaml").exists()
    assert not (tmp_path / ".github").exists()
    assert "did you mean `esp32`" in capsys.readouterr().out.replace("'", "`")

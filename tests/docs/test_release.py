"""What a release is made of agrees: one address in all files or none in any, one version, one list of dependencies."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.test_integrations import check_schema
from tests.support.running import ROOT
from tools import address
from tools.address import PLACES, Address
from usock_lint import __version__, toml

EXAMPLE = Address("https://example.org/someone/usock-lint", "https://someone.example.org/usock-lint")
OTHER = Address(
    "https://example.net/others/lint-of-sockets", "https://example.net/others/lint-of-sockets/tree/main/docs"
)


@pytest.fixture(name="files")
def the_files_that_have_the_address(tmp_path: Path) -> Path:
    for path in {place.path for place in PLACES}:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path)
    address.write(None, tmp_path)
    return tmp_path


def texts(folder: Path) -> dict[str, str]:
    return {place.path: (folder / place.path).read_text(encoding="utf-8") for place in PLACES}


def test_the_address_can_be_written_wherever_it_belongs() -> None:
    assert address.missing() == []


def test_a_wrong_word_is_no_address(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        address.main(["usock-lint"])
    assert ended.value.code == 2
    assert "'usock-lint' is no address such as https://HOST/OWNER/usock-lint" in capsys.readouterr().err


EXAMPLES = tuple(f"https://{name}" for name in ("example.", "someone.example."))

_PLACEHOLDER = re.compile(r"\bURL\b|\bOWNER\b")


def test_one_command_puts_the_address_into_all_files(files: Path) -> None:
    address.write(EXAMPLE, files)

    assert not [path for path, text in texts(files).items() if _PLACEHOLDER.search(text)]
    assert address.current(files) == EXAMPLE
    assert address.missing(files) == []


def test_another_address_takes_the_place_of_the_first(files: Path) -> None:
    address.write(EXAMPLE, files)
    address.write(OTHER, files)

    assert not [path for path, text in texts(files).items() if re.search(r"example\.org|someone", text)]
    assert address.current(files) == OTHER


def test_taking_the_address_out_leaves_the_files_as_they_were(files: Path) -> None:
    before = texts(files)
    address.write(EXAMPLE, files)
    address.write(None, files)
    assert texts(files) == before


def test_what_others_read_is_of_the_right_form_with_the_address(files: Path) -> None:
    address.write(EXAMPLE, files)

    urls: dict[str, Any] = {
        name: toml.loads((files / name).read_text())["project"]["urls"]
        for name in ("pyproject.toml", "editors/thonny/pyproject.toml")
    }
    assert {**urls["pyproject.toml"]} == {
        "Repository": EXAMPLE.repository,
        "Documentation": EXAMPLE.site,
        "Changelog": f"{EXAMPLE.repository}/blob/main/CHANGELOG.md",
        "Issues": f"{EXAMPLE.repository}/issues",
    }
    assert urls["editors/thonny/pyproject.toml"] == urls["pyproject.toml"]
    extension = json.loads((files / "editors/vscode/package.json").read_text(encoding="utf-8"))
    assert [extension["homepage"], extension["repository"]["url"], extension["bugs"]["url"]] == [
        EXAMPLE.site,
        EXAMPLE.repository,
        f"{EXAMPLE.repository}/issues",
    ]
    check_schema("github-issue-config", files / ".github/ISSUE_TEMPLATE/config.yml")
    check_schema("github-actions", files / "action.yml")
    check_schema("citation-file-format", files / "CITATION.cff")
    check_schema("github-workflows", files / "docs/ci/github.yml")
    check_schema("gitlab-ci", files / "docs/ci/gitlab.yml")
    recipe = yaml.safe_load((files / "packaging/conda-forge/recipe.yaml").read_text())
    assert recipe["source"]["url"].startswith(f"{EXAMPLE.repository}/archive/")
    assert recipe["about"]["repository"] == EXAMPLE.repository


_OWN = re.compile(r"https?://[^\s\"'`)>]*/(?:thonny-)?usock-lint\b[^\s\"'`)>]*")
"""An address of a project of this name. That of a server on this machine, or with a name for examples, is none."""


def tracked() -> Iterator[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    yield from (ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file())


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="no checkout: git tells which files are the project's")
def test_no_file_names_another_address_of_the_project() -> None:
    now = address.current()
    allowed = (*(now or ()), *EXAMPLES)
    found = [
        (str(path.relative_to(ROOT)), match)
        for path in tracked()
        for match in _OWN.findall(path.read_text(encoding="utf-8", errors="replace"))
        if not match.startswith(allowed) and "OWNER" not in match
    ]
    assert found == []


# The version


VERSIONED = {
    "CITATION.cff": r"^version: (.+)$",
    "editors/thonny/pyproject.toml": r'^version = "(.+)"$',
    "editors/vscode/package.json": r'^  "version": "(.+)",$',
    "packaging/conda-forge/recipe.yaml": r"^  version: (\d.+)$",
    "action.yml": r"usock-lint@v(\S+)$",
    "docs/integrations.md": r"(?:rev: |usock-lint@)v(\S+)",
    "CHANGELOG.md": r"\A(?s:.*?)^## \[(.+?)\] - ",
}


@pytest.mark.parametrize("path", VERSIONED)
def test_the_version_is_the_same_everywhere(path: str) -> None:
    found = re.findall(VERSIONED[path], (ROOT / path).read_text(encoding="utf-8"), re.M)
    assert {*found} == {__version__}


# conda-forge


RENDER = """
import json, sys
from rattler_build import Stage0Recipe
(variant,) = Stage0Recipe.from_file(sys.argv[1]).render()
print(json.dumps(variant.recipe.to_dict()))
"""


def test_conda_asks_for_the_packages_that_pip_asks_for(files: Path) -> None:
    recipe = yaml.safe_load((files / "packaging/conda-forge/recipe.yaml").read_text())
    project = toml.loads((ROOT / "pyproject.toml").read_text())["project"]
    pip = {re.sub(r"\s|;.*", "", one) for one in project["dependencies"]}
    conda = {one.replace(" ", "") for one in recipe["requirements"]["run"]}
    assert conda == {*pip, "python>=${{python_min}}"}
    assert project["requires-python"] == f">={recipe['context']['python_min']}"


@pytest.mark.slow
def test_the_recipe_is_one_for_rattler_build(files: Path, tmp_path: Path) -> None:
    """It is read and filled in as conda-forge does. Building it takes conda's own packages."""
    pytest.importorskip("rattler_build", reason="no rattler-build for this Python")
    address.write(EXAMPLE, files)
    script = tmp_path / "render.py"
    script.write_text(RENDER)
    command = [sys.executable, str(script), str(files / "packaging/conda-forge/recipe.yaml")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    recipe = json.loads(done.stdout)
    assert recipe["package"] == {"name": "usock-lint", "version": __version__}

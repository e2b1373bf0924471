"""What users install: an sdist, the wheel built from it, `pip install .` and `pip install -e .`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.running import ROOT, TIMEOUT
from tools import address
from tools.address import Address
from usock_lint import __version__, toml
from usock_lint.catalog.pages import rules
from usock_lint.ports import PORTABLE
from usock_lint.stubgen.folder import stubs

TYPED = """\
import usocket

s = usocket.socket()
s.makefile("r")
s.accept()[0].close()
"""
"""A module that type checkers find fault with in line 4, if they find the stubs."""

_NOT_SOURCE = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "dist", "venv", "node_modules")

pytestmark = pytest.mark.slow


def _run(*command: str | Path, cwd: Path) -> str:
    """Standard output of a command that succeeds, in an environment that knows nothing of the checkout."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=kept,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module", name="checkout")
def copy_of_the_checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's files, without an address, in a folder of their own, since building leaves things behind."""
    folder = tmp_path_factory.mktemp("checkout") / "usock-lint"
    shutil.copytree(ROOT, folder, ignore=_NOT_SOURCE)
    shutil.copytree(ROOT / ".github", folder / ".github")
    shutil.copy(ROOT / ".gitignore", folder)
    address.write(None, folder)
    return folder


@pytest.fixture(scope="module", name="built")
def sdist_and_wheel_from_it(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    _run(sys.executable, "-m", "build", "--outdir", folder, checkout, cwd=folder)
    return folder


Install = Callable[[Path, Path], tuple[str | Path, ...]]
"""From the checkout and the folder of built things, what `pip install` is given."""

INSTALLS: dict[str, Install] = {
    "wheel": lambda _, built: (f"{next(built.glob('*.whl'))}[flake8]",),
    "checkout": lambda checkout, _: (f"{checkout}[flake8]",),
    "editable": lambda checkout, _: ("-e", f"{checkout}[flake8]"),
}


@pytest.fixture(scope="module", params=INSTALLS, name="python")
def python_with_usock_lint(
    request: pytest.FixtureRequest, checkout: Path, built: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The interpreter of a fresh environment in which usock-lint is installed."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    _run(python, "-m", "pip", "install", "-q", *INSTALLS[request.param](checkout, built), cwd=folder)
    return python


def test_the_wheel_holds_rules_stubs_and_licence(built: Path) -> None:
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
    assert {f"usock_lint/rules/{name}.md" for name in rules()} <= names
    assert {f"usock_lint/{path.relative_to(ROOT)}" for path in (ROOT / "stubs").rglob("*.pyi")} <= names
    assert {"usocket-stubs/__init__.pyi", "usock_lint/py.typed"} <= names
    assert any(name.endswith("/LICENSE") for name in names)
    tops = {name.split("/")[0].partition("-0")[0] for name in names}
    assert tops == {"usock_lint", "usocket-stubs"}


LINK = re.compile(r"\]\(([^)]+)\)")


def metadata(wheel: Path) -> tuple[str, str]:
    """The fields of its metadata, and the readme as the package index shows it."""
    with zipfile.ZipFile(wheel) as files:
        (name,) = (name for name in files.namelist() if name.endswith(".dist-info/METADATA"))
        fields, _, readme = files.read(name).decode().partition("\n\n")
        return fields, readme


def test_the_readme_on_the_index_has_no_link_that_leads_nowhere(checkout: Path, built: Path) -> None:
    fields, shown = metadata(next(built.glob("*.whl")))

    assert "Project-URL" not in fields
    assert LINK.findall(shown) == []
    assert LINK.sub("", (checkout / "README.md").read_text(encoding="utf-8")).replace("[", "") == shown.replace("[", "")


def test_the_wheel_and_its_readme_lead_to_the_repository_where_its_address_is_known(
    checkout: Path, tmp_path: Path
) -> None:
    project = tmp_path / "project"
    shutil.copytree(checkout, project)
    there = "https://example.org/someone/usock-lint"
    address.write(Address(there, "https://example.org/manual"), project)

    _run(sys.executable, "-m", "build", "--wheel", "--outdir", tmp_path, project, cwd=tmp_path)

    fields, shown = metadata(next(tmp_path.glob("*.whl")))
    assert re.findall("^Project-URL: (.+)$", fields, re.M) == [
        f"Repository, {there}",
        "Documentation, https://example.org/manual",
        f"Changelog, {there}/blob/main/CHANGELOG.md",
        f"Issues, {there}/issues",
    ]
    paths = LINK.findall((project / "README.md").read_text(encoding="utf-8"))
    assert LINK.findall(shown) == [
        path if path.startswith("https:") else f"{there}/blob/v{__version__}/{path}" for path in paths
    ]
    assert any(path.startswith(f"{there}/actions/") for path in paths)


def test_the_sdist_holds_the_tests_and_no_rubbish(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    assert {"tests/docs/test_packaging.py", "rules/socket-timeout.md", "stubs/usocket.pyi", "LICENSE"} <= names
    assert not any("__pycache__" in name for name in names)


def test_the_commands_work_where_it_is_installed(python: Path, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    command = python.with_name("usock-lint")
    assert len(_run(command, "rules", cwd=tmp_path).splitlines()) == len(rules())
    assert _run(command, "explain", "USK102", cwd=tmp_path).startswith("# `socket-timeout`")
    assert "net.py:6:8: USK102" in _run(command, "net.py", "--exit-zero", cwd=tmp_path)
    assert "所有开发板" in _run(command, "net.py", "--exit-zero", "--lang", "zh", cwd=tmp_path)
    assert "net.py:6:8: USK102" in _run(
        python, "-m", "flake8", "--exit-zero", "--select", "USK", "net.py", cwd=tmp_path
    )


def test_stubs_are_handed_out_where_it_is_installed(python: Path, tmp_path: Path) -> None:
    _run(python.with_name("usock-lint"), "stubs", "typings", cwd=tmp_path)
    assert {path.name: path.read_text() for path in (tmp_path / "typings").iterdir()} == stubs(PORTABLE)


@pytest.mark.parametrize(
    "checker",
    [
        pytest.param(("pyright", "--pythonpath"), id="pyright"),
        pytest.param(("mypy", "--python-executable"), id="mypy"),
    ],
)
def test_type_checkers_find_usocket_without_configuration(
    checker: tuple[str, str], python: Path, tmp_path: Path
) -> None:
    (tmp_path / "app.py").write_text(TYPED)
    tool, option = checker
    command = [sys.executable, "-m", tool, option, str(python), "app.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    errors = [line for line in done.stdout.splitlines() if "error:" in line or " - error" in line]
    assert [line.split("app.py:")[1].split(":")[0] for line in errors] == ["4"]


def test_a_plain_install_brings_the_parser_and_one_small_package() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    needed = toml.loads(text)["project"]["dependencies"]
    assert [one.partition(" ")[0] for one in needed if "python_version" not in one] == ["libcst", "packaging"]


def test_every_dependency_has_its_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    for dependency in toml.loads(text)["project"]["dependencies"]:
        assert f'"{dependency}", # ' in text

"""`usock-lint dev`: what helps to add a rule. CONTRIBUTING.md's tutorial shows it; here is what it refuses."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.running import ROOT, TIMEOUT, environment, lint
from usock_lint.cli.dev import free_code
from usock_lint.settings.config import ConfigError


@pytest.fixture(scope="module", name="checkout")
def copy_of_package_and_pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("usock_lint", "rules"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def dev(checkout: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "usock_lint", "dev", *words]
    own = {**environment(), "PYTHONPATH": str(checkout)}
    return subprocess.run(command, cwd=checkout, env=own, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("asked", "free"),
    [("USK1", "USK103"), ("USK10", "USK103"), ("USK7", "USK701"), ("USK104", "USK104"), ("USK101", "USK101")],
)
def test_a_code_is_the_next_one_and_fills_no_gap(asked: str, free: str) -> None:
    assert free_code(asked, {"USK100", "USK102", "USK201"}) == free


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        ("USK102", "USK102 is taken"),
        ("USK199", "USK199 is taken"),
        ("USK1", "no code is left for USK1"),
        ("E501", "'E501' is no code"),
        ("USK1234", "'USK1234' is no code"),
    ],
)
def test_a_code_that_cannot_be_had_is_refused(asked: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        free_code(asked, {"USK102", "USK199"})


def test_a_new_rule_is_a_page_and_a_check_that_find_nothing_yet(checkout: Path) -> None:
    written = dev(checkout, "new-rule", "fresh-thing", "--code", "USK998")
    listed = subprocess.run(
        [sys.executable, "-m", "usock_lint", "rules"],
        cwd=checkout,
        env={**environment(), "PYTHONPATH": str(checkout)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    again = dev(checkout, "new-rule", "fresh-thing", "--code", "USK9")

    assert written.returncode == 0, written.stderr
    assert written.stdout.startswith("USK998: fill in rules/fresh-thing.md and usock_lint/checks/fresh_thing.py")
    assert "USK998  fresh-thing" in listed.stdout
    assert "# error: [fresh-thing]" in (checkout / "rules/fresh-thing.md").read_text(encoding="utf-8")
    assert again.returncode == 2
    assert again.stderr.endswith("fresh-thing.md is there already\n")


@pytest.mark.parametrize("name", ["Upper", "under_score", "-dash", "two--dashes", "../away", ""])
def test_a_name_that_no_rule_can_have_is_refused(name: str, checkout: Path) -> None:
    done = dev(checkout, "new-rule", "--code", "USK9", "--", name)

    assert done.returncode == 2
    assert (
        done.stderr == f"usock-lint: {name!r} is no name for a rule: words of lower-case letters with - between them\n"
    )


def test_rules_are_not_added_to_an_installed_package(tmp_path: Path) -> None:
    installed = tmp_path / "site-packages"
    shutil.copytree(ROOT / "usock_lint", installed / "usock_lint", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "rules", installed / "usock_lint/rules")

    done = dev(installed, "new-rule", "fresh-thing", "--code", "USK9")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "usock-lint: rules are added in a checkout of usock-lint: pip install -e .\n"


def test_the_trace_is_that_of_the_analysis(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)

    traced = lint("dev", "trace", "net.py", cwd=tmp_path)
    bad = lint("dev", "trace", "nosuch.py", cwd=tmp_path)

    assert "ModuleName  .timeout" in traced.stdout
    assert (bad.returncode, len(bad.stderr.splitlines())) == (2, 1)


def test_a_folder_called_dev_is_linted(tmp_path: Path) -> None:
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev/net.py").write_text(TIMEOUT)

    assert "USK102" in lint("dev", cwd=tmp_path).stdout
    assert "USK102" in lint("dev", "--isolated", cwd=tmp_path).stdout

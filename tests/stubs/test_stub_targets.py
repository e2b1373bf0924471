"""Targets of a project that names none, taken from the stubs it stands on."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.running import NAME, flake8, lint
from usock_lint.settings import stub_targets


def found(folder: Path) -> list[str] | None:
    stubs = stub_targets.find(str(folder))
    return [str(target) for target in stubs.targets] if stubs else None


def project(folder: Path, *requirements: str) -> None:
    (folder / "pyproject.toml").write_text(f'[project]\nname = "x"\ndependencies = {list(requirements)!r}\n')


@pytest.mark.parametrize(
    ("requirement", "target"),
    [
        ("micropython-esp32-stubs", "esp32"),
        ("micropython-esp32-stubs==1.24.*", "esp32==1.24"),
        ("micropython-esp32-stubs == 1.24.1.post3", "esp32==1.24.1"),
        ("micropython_ESP32.stubs~=1.24.0", "esp32==1.24"),
        ("micropython-esp32-stubs~=1.24", "esp32>=1.24"),
        ("micropython-esp32-stubs>=1.22,<1.25", "esp32>=1.22"),
        ("micropython-esp32-stubs>=1.22,==1.23.*", "esp32==1.23"),
        ("micropython-esp32-stubs<1.25", "esp32"),
        ("micropython-esp32-stubs==9.9", "esp32"),
        ("micropython-esp32-esp32_generic_c3-stubs==1.22.2", "esp32==1.22.2"),
        ("micropython-esp8266-stubs; python_version > '3'", "esp8266"),
        ("micropython-rp2-rpi_pico_w-stubs", "rp2"),
        ("micropython-rp2-rpi_pico-stubs", "rp2"),
        ("micropython-rp2-arduino_nano_rp2040_connect-stubs", "rp2:arduino-nano-rp2040-connect"),
        ("micropython-stm32-pybv11-stubs==1.24.*", "stm32:pybv11==1.24"),
        ("micropython-renesas-ra-stubs", "renesas-ra"),
        ("micropython-unix-stubs", "unix"),
    ],
)
def test_a_package_tells_the_port_and_its_pin_the_release(requirement: str, target: str, tmp_path: Path) -> None:
    project(tmp_path, "requests", requirement, "micropython-stdlib-stubs")
    assert found(tmp_path) == [target]


@pytest.mark.parametrize(
    "requirement",
    [
        "micropython-stdlib-stubs",
        "micropython-docs-stubs",
        "micropython-windows-stubs",
        "micropython-stubs",
        "esp32-stubs",
        "micropython-esp32-stubs @",
    ],
)
def test_other_packages_tell_nothing(requirement: str, tmp_path: Path) -> None:
    project(tmp_path, requirement)
    assert found(tmp_path) is None


PLACES = {
    "dependencies": ("pyproject.toml", '[project]\nname = "x"\ndependencies = ["micropython-rp2-stubs"]'),
    "an extra": ("pyproject.toml", '[project.optional-dependencies]\ndev = ["micropython-rp2-stubs"]'),
    "a group": ("pyproject.toml", '[dependency-groups]\ndev = ["micropython-rp2-stubs", {include-group = "x"}]'),
    "requirements": ("requirements.txt", "# stubs\nrequests\nmicropython-rp2-stubs  # why\n-r other.txt"),
    "requirements for development": ("requirements-dev.txt", "micropython-rp2-stubs --hash=sha256:0 \\\n  --hash=x"),
    "other requirements": ("dev-requirements.txt", "micropython-rp2-stubs"),
    "typings": ("typings/micropython_rp2_stubs-1.24.1.post2.dist-info/METADATA", ""),
}


@pytest.mark.parametrize(("name", "text"), PLACES.values(), ids=PLACES)
def test_stubs_are_found_in(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(text)
    assert found(tmp_path) == ["rp2==1.24.1" if name.startswith("typings") else "rp2"]


def test_stubs_installed_beside_usock_lint_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "site" / "micropython_rp2_stubs-1.24.0.dist-info").mkdir(parents=True)
    monkeypatch.setattr(sys, "path", [str(tmp_path / "site"), *sys.path])
    assert stub_targets.find(str(tmp_path)) == (
        stub_targets.parse_targets(("rp2==1.24",)),
        "micropython-rp2-stubs==1.24.0, which is installed",
    )


def test_what_is_listed_wins_over_what_is_installed(tmp_path: Path) -> None:
    (tmp_path / "typings" / "micropython_rp2_stubs-1.24.0.dist-info").mkdir(parents=True)
    (tmp_path / "requirements.txt").write_text("micropython-rp2-stubs~=1.24.0\nmicropython-esp32-stubs\n")
    assert found(tmp_path) == ["rp2==1.24", "esp32"]


def test_the_project_is_the_nearest_folder_with_a_pyproject(tmp_path: Path) -> None:
    project(tmp_path, "micropython-rp2-stubs")
    (tmp_path / "src").mkdir()
    assert found(tmp_path / "src") == ["rp2"]


@pytest.mark.parametrize(
    "text",
    ["[", "project = 1", "[project]\ndependencies = 1", "[project]\ndependencies = [1]", "[dependency-groups]\nx = 1"],
)
def test_a_pyproject_of_another_shape_tells_nothing(text: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(f"# micropython-rp2-stubs\n{text}\n")
    assert found(tmp_path) is None


def test_a_run_says_which_targets_it_took_and_from_where(tmp_path: Path) -> None:
    project(tmp_path, "micropython-esp32-stubs~=1.24.0")
    done = lint("-", cwd=tmp_path, stdin=NAME)
    assert done.stdout == ""
    targets = "Targets: esp32==1.24, by micropython-esp32-stubs~=1.24.0 in pyproject.toml.\n"
    assert done.stderr == f"{targets}The file passes.\n"
    line = lint("config", cwd=tmp_path).stdout.splitlines()[1]
    assert line == 'targets = ["esp32==1.24"]  # micropython-esp32-stubs~=1.24.0 in pyproject.toml'


def test_targets_that_are_configured_are_not_second_guessed(tmp_path: Path) -> None:
    project(tmp_path, "micropython-esp32-stubs")
    with open(tmp_path / "pyproject.toml", "a") as file:
        file.write('[tool.usock-lint]\ntargets = ["rp2"]\n')
    assert lint("-", cwd=tmp_path, stdin=NAME).returncode == 1
    assert lint("-", "--target", "esp8266", cwd=tmp_path, stdin=NAME).returncode == 1


def test_flake8_takes_the_same_targets(tmp_path: Path) -> None:
    project(tmp_path, "micropython-esp32-stubs")
    assert flake8("-", cwd=tmp_path, stdin=NAME).stdout == ""
    assert "USK401" in flake8("-", "--usock-targets", "rp2", cwd=tmp_path, stdin=NAME).stdout

"""`usock-lint stubs`: what it writes, what it leaves alone, and what it says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.checkers import MYPY, PYRIGHT, install_stubs
from tests.support.running import lint
from usock_lint.ports import PORTABLE
from usock_lint.stubgen.folder import stubs

NAMES = {"__builtins__", "asyncio", "errno", "select", "socket", "ssl", "tls", "uerrno", "uselect", "usocket"}

SETTINGS = """\
[tool.pyright]
stubPath = "{path}"

[tool.mypy]
mypy_path = "$MYPY_CONFIG_FILE_DIR/{path}"
"""

OTHERS = "micropython-esp32-stubs==1.29.0.post1"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_writes_the_stubs_and_prints_the_two_settings(tmp_path: Path) -> None:
    done = lint("stubs", "typings", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, SETTINGS.format(path="typings"))
    assert done.stderr == "Wrote 10 files to typings.\nIn pyproject.toml:\n"
    assert {path.stem for path in (tmp_path / "typings").iterdir()} == NAMES
    assert (tmp_path / "typings" / "socket.pyi").read_text().startswith("# Written by usock-lint for portable; ")


def test_folders_are_made_and_settings_are_seen_from_the_project(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "src").mkdir()
    done = lint("stubs", "../types/device", cwd=tmp_path / "src")
    assert done.stdout == SETTINGS.format(path="types/device")
    assert (tmp_path / "types" / "device" / "socket.pyi").is_file()


def test_a_folder_outside_the_project_is_named_in_full(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    done = lint("stubs", tmp_path / "typings", cwd=tmp_path / "project")
    path = (tmp_path / "typings").as_posix()
    assert done.stdout == f'[tool.pyright]\nstubPath = "{path}"\n\n[tool.mypy]\nmypy_path = "{path}"\n'


def test_what_was_written_is_not_written_again(tmp_path: Path) -> None:
    lint("stubs", "typings", cwd=tmp_path)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "typings").iterdir()}
    done = lint("stubs", "typings", cwd=tmp_path)
    assert done.stderr.startswith("typings is up to date.\n")
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "typings").iterdir()} == before


# Targets


def test_targets_come_from_the_project_unless_given(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.usock-lint]\ntargets = ["esp32>=1.24"]\n')
    lint("stubs", "typings", cwd=tmp_path)
    assert (tmp_path / "typings" / "socket.pyi").read_text().startswith("# Written by usock-lint for esp32>=1.24;")
    lint("stubs", "typings", "--target", "rp2,unix==1.20", "--target", "esp32", cwd=tmp_path)
    first, _, _ = (tmp_path / "typings" / "socket.pyi").read_text().partition(";")
    assert first == "# Written by usock-lint for rp2, unix==1.20, esp32"


def test_a_stub_that_is_needed_no_more_is_deleted(tmp_path: Path) -> None:
    lint("stubs", "typings", cwd=tmp_path)
    (tmp_path / "typings" / "machine.pyi").write_text("# mine\n")
    assert lint("stubs", "typings", "--target", "cc3200", cwd=tmp_path).returncode == 0
    left = {path.stem for path in (tmp_path / "typings").iterdir()}
    assert left == NAMES - {"asyncio", "ssl", "tls"} | {"machine"}


def test_a_module_that_a_target_lacks_gets_no_stub(tmp_path: Path) -> None:
    lint("stubs", "typings", "--target", "esp8266==1.9.4", cwd=tmp_path)
    assert {path.stem for path in (tmp_path / "typings").iterdir()} == NAMES - {"asyncio", "tls"} | {"ussl"}


# --check


def test_check_is_content_with_what_was_written(tmp_path: Path) -> None:
    lint("stubs", "typings", cwd=tmp_path)
    done = lint("stubs", "typings", "--check", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_stubs_of_a_folder_stay_for_the_targets_that_they_were_written_for(tmp_path: Path) -> None:
    lint("stubs", "typings", "--target", "esp32>=1.24, picow", cwd=tmp_path)
    assert lint("stubs", "typings", "--check", cwd=tmp_path).returncode == 0
    before = contents(tmp_path)
    assert lint("stubs", "typings", cwd=tmp_path).stderr.startswith("typings is up to date.\n")
    assert contents(tmp_path) == before


def test_settings_come_before_what_the_stubs_of_a_folder_were_written_for(tmp_path: Path) -> None:
    lint("stubs", "typings", "--target", "unix", cwd=tmp_path)
    (tmp_path / "pyproject.toml").write_text('[tool.usock-lint]\ntargets = ["rp2"]\n')
    done = lint("stubs", "typings", "--check", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "typings is for unix, and not for rp2\n")
    assert "socket.pyi is stale\n" in done.stdout


def test_stubs_for_a_target_that_is_gone_need_another(tmp_path: Path) -> None:
    lint("stubs", "typings", cwd=tmp_path)
    path = tmp_path / "typings" / "socket.pyi"
    path.write_text(path.read_text().replace(" for portable;", " for gone.json;", 1))
    done = lint("stubs", "typings", "--check", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.replace(os.sep, "/") == (
        "usock-lint: typings/socket.pyi, without --target: gone.json: No such file or directory\n"
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_in_place_of_a_stub_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "typings").mkdir()
    os.mkfifo(tmp_path / "typings" / "socket.pyi")
    assert "socket.pyi is stale\n" in lint("stubs", "typings", "--check", cwd=tmp_path).stdout
    assert lint("stubs", "typings", "--force", cwd=tmp_path).stderr.endswith("socket.pyi: Not a regular file\n")


def test_check_does_not_mind_the_ends_of_lines(tmp_path: Path) -> None:
    lint("stubs", "typings", cwd=tmp_path)
    path = tmp_path / "typings" / "socket.pyi"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert lint("stubs", "typings", "--check", cwd=tmp_path).returncode == 0


def test_check_names_what_is_stale_missing_or_superfluous_and_writes_nothing(tmp_path: Path) -> None:
    lint("stubs", "typings", cwd=tmp_path)
    folder = tmp_path / "typings"
    (folder / "usocket.pyi").unlink()
    (folder / "old.pyi").write_text("# Written by usock-lint for portable; ...\n")
    with (folder / "socket.pyi").open("a") as file:
        file.write("timeout: type[OSError]\n")
    before = contents(folder)
    done = lint("stubs", "typings", "--check", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.replace(os.sep, "/") == (
        "typings/socket.pyi is stale\ntypings/usocket.pyi is missing\ntypings/old.pyi is not needed any more\n"
    )
    assert contents(folder) == before


def test_check_of_a_folder_that_is_not_there_misses_everything(tmp_path: Path) -> None:
    done = lint("stubs", "typings", "--check", cwd=tmp_path)
    assert (done.returncode, len(done.stdout.splitlines())) == (1, len(NAMES))
    assert not (tmp_path / "typings").exists()


def test_other_targets_make_a_folder_stale(tmp_path: Path) -> None:
    lint("stubs", "typings", cwd=tmp_path)
    assert lint("stubs", "typings", "--check", "--target", "rp2", cwd=tmp_path).returncode == 1


# What others wrote


def test_nothing_is_written_over_what_usock_lint_did_not_write(tmp_path: Path) -> None:
    (tmp_path / "typings").mkdir()
    (tmp_path / "typings" / "socket.pyi").write_text("# mine\n")
    done = lint("stubs", "typings", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    problem = "usock-lint did not write socket.pyi; --force overwrites, another DIR does not"
    assert done.stderr == f"usock-lint: typings: {problem}\n"
    assert contents(tmp_path) == {str(Path("typings/socket.pyi")): b"# mine\n"}
    assert lint("stubs", "typings", "--check", cwd=tmp_path).returncode == 1


def test_force_writes_over_it_but_for_builtins_that_others_add(tmp_path: Path) -> None:
    (tmp_path / "typings").mkdir()
    for name in ("socket", "__builtins__", "machine"):
        (tmp_path / "typings" / f"{name}.pyi").write_text("# mine\n")
    done = lint("stubs", "typings", "--force", cwd=tmp_path)
    assert done.returncode == 0
    assert "Kept " in done.stderr
    found = contents(tmp_path / "typings")
    mine = {name for name, text in found.items() if text == b"# mine\n"}
    assert mine == {"__builtins__.pyi", "machine.pyi"}
    assert lint("stubs", "typings", "--check", cwd=tmp_path).returncode == 0


@pytest.mark.slow
def test_it_lives_in_one_folder_with_micropython_stubs(tmp_path: Path) -> None:
    folder = tmp_path / "typings"
    install_stubs(folder, OTHERS)
    before = contents(folder)
    refused = lint("stubs", "typings", cwd=tmp_path)
    assert refused.returncode == 2
    assert "socket.pyi" in refused.stderr
    assert contents(folder) == before
    assert lint("stubs", "typings", "--force", cwd=tmp_path).returncode == 0
    ours = {name for name, text in contents(folder).items() if before.get(name) != text}
    assert ours == set(stubs(PORTABLE)) - {"__builtins__.pyi"}
    settings = SETTINGS.format(path="typings").replace("[tool.mypy]", 'typeshedPath = "typings"\n\n[tool.mypy]')
    (tmp_path / "pyproject.toml").write_text(settings + 'custom_typeshed_dir = "typings"\n')
    code = "import machine\nimport socket\n\nmachine.Pin(2)\nmachine.Pi\nsocket.socket().shutdown(2)\n"
    (tmp_path / "app.py").write_text(code)
    for checker in (PYRIGHT, MYPY):
        assert checker.finish(checker.start(tmp_path, ["app.py"]))["app.py"] == {5, 6}


# What goes wrong


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("typings", "--target", "esp33"), "usock-lint: --target: unknown port 'esp33'"),
        (("typings", "--target", "esp32>=9"), "usock-lint: --target: unknown release"),
        (("file",), "usock-lint: file is not a folder"),
        (("file/typings",), "usock-lint: file/typings: Not a directory"),
        ((), "usock-lint stubs: error: the following arguments are required: DIR"),
    ],
)
def test_bad_input_is_one_line(words: tuple[str, ...], problem: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = lint("stubs", *words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1].startswith(problem)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "typings").mkdir(mode=0o500)
    done = lint("stubs", "typings", cwd=tmp_path)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


def test_a_folder_called_like_a_stub_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "typings" / "socket.pyi").mkdir(parents=True)
    done = lint("stubs", "typings", cwd=tmp_path)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)

"""Which settings hold for which file: those of the nearest pyproject.toml above it, in every front end."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.support.running import NAME, TIMEOUT, flake8, lint, lint_here
from usock_lint.settings import pyproject
from usock_lint.settings.config import Settings


def settings(folder: Path, *lines: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text("\n".join(("[tool.usock-lint]", *lines, "")))


def write(path: Path, data: bytes = NAME) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def places(done: subprocess.CompletedProcess[str]) -> list[tuple[str, str]]:
    """File and rule of each finding, with `/`."""
    lines = [line for line in done.stdout.splitlines() if "USK" in line]
    return [(line.split(":")[0].removeprefix("./"), line.split("USK")[1][:3]) for line in lines]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Two projects side by side that disagree, one of them with a third inside, and a folder without settings."""
    for folder, target in (("esp", "esp32"), ("rp", "rp2"), ("rp/inner", "esp32")):
        settings(tmp_path / folder, f'targets = ["{target}"]')
        write(tmp_path / folder / "src" / "net.py")
    write(tmp_path / "bare" / "net.py")
    return tmp_path


IN_TREE = [("bare/net.py", "401"), ("rp/src/net.py", "401")]


def test_every_file_is_linted_by_the_settings_nearest_above_it(tree: Path) -> None:
    assert places(lint(".", cwd=tree)) == IN_TREE
    files = [path.relative_to(tree) for path in sorted(tree.rglob("net.py"))]
    assert places(lint(*files, cwd=tree)) == IN_TREE


def test_flake8_takes_the_same_settings(tree: Path) -> None:
    assert places(flake8(".", cwd=tree)) == IN_TREE


@pytest.mark.parametrize("folder", ["esp", "rp", "rp/inner", "bare"])
@pytest.mark.parametrize("inside", [True, False])
def test_where_a_run_begins_does_not_matter(inside: bool, folder: str, tree: Path) -> None:
    path = next((tree / folder).rglob("net.py"))
    found = lint(path, cwd=tree / folder if inside else tree / "esp").returncode
    assert found == (folder in ("rp", "bare"))


def test_standard_input_has_the_settings_of_the_file_it_is_called(tree: Path) -> None:
    assert lint("-", "--stdin-filename", "rp/src/new.py", cwd=tree, stdin=NAME).returncode == 1
    assert lint("-", "--stdin-filename", "rp/inner/src/new.py", cwd=tree, stdin=NAME).returncode == 0
    assert lint("-", cwd=tree / "esp", stdin=NAME).returncode == 0


def test_options_override_the_settings_of_each_file(tree: Path) -> None:
    assert lint(".", "--target", "esp32", cwd=tree).returncode == 0
    assert len(places(lint(".", "--target", "rp2", cwd=tree))) == 4


def test_one_file_for_all_or_none(tree: Path) -> None:
    (tree / "all.toml").write_text('[tool.usock-lint]\ntargets = ["rp2"]\n')
    assert len(places(lint(".", "--config", "all.toml", cwd=tree))) == 4
    assert len(places(lint(".", "--isolated", cwd=tree))) == 4
    assert len(places(flake8("--usock-isolated", ".", cwd=tree))) == 4
    assert len(places(flake8("--usock-config", "all.toml", ".", cwd=tree))) == 4


def test_flake8s_own_options_win(tree: Path) -> None:
    assert places(flake8("--usock-targets", "esp32", ".", cwd=tree)) == []
    assert len(places(flake8("--usock-targets", "rp2", ".", cwd=tree))) == 4


def test_inner_settings_are_relative_to_their_folder_and_outer_ones_do_not_hold_there(tmp_path: Path) -> None:
    settings(tmp_path, 'exclude = ["vendor", "/inner/gone"]', 'per-file-ignores = { "a.py" = ["USK401"] }')
    settings(tmp_path / "inner", 'exclude = ["/tools"]', 'per-file-ignores = { "/b.py" = ["USK401"] }')
    settings(tmp_path / "vendor" / "lib", 'targets = ["rp2"]')
    settings(tmp_path / "inner" / "gone", 'targets = ["rp2"]')
    for name in ("a.py", "tools/c.py", "vendor/c.py", "vendor/lib/c.py", "inner/gone/c.py"):
        write(tmp_path / name)
    for name in ("a.py", "b.py", "sub/b.py", "tools/c.py", "vendor/c.py"):
        write(tmp_path / "inner" / name)
    expected = ["inner/a.py", "inner/gone/c.py", "inner/sub/b.py", "inner/vendor/c.py", "tools/c.py"]
    assert [path for path, _ in places(lint(".", cwd=tmp_path))] == expected
    assert [path for path, _ in places(flake8(".", cwd=tmp_path))] == expected


def test_patterns_of_options_are_relative_to_the_current_folder_whatever_settings_hold(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "inner"):
        settings(folder, "ignore = []")
        write(folder / "tools" / "net.py")
        write(folder / "net.py")
    run = lint(".", "--exclude", "/inner/tools", "--per-file-ignores", "/inner/net.py:USK401", cwd=tmp_path)
    assert [path for path, _ in places(run)] == ["net.py", "tools/net.py"]
    run = lint(".", "--extend-exclude", "tools/", cwd=tmp_path)
    assert [path for path, _ in places(run)] == ["inner/net.py", "net.py"]
    forced = lint("inner/net.py", "--exclude", "inner", "--force-exclude", cwd=tmp_path)
    assert forced.returncode == 0


def test_each_project_has_its_own_baseline(tmp_path: Path) -> None:
    for name in ("one", "two"):
        settings(tmp_path / name, 'baseline = "known.json"')
        write(tmp_path / name / "net.py")
    write(tmp_path / "net.py")
    written = lint(".", "--write-baseline", cwd=tmp_path)
    assert "Wrote 1 finding to one/known.json.\nWrote 1 finding to two/known.json.\n" in written.stderr
    assert places(lint(".", cwd=tmp_path)) == places(flake8(".", cwd=tmp_path)) == [("net.py", "401")]
    (tmp_path / "one" / "net.py").unlink()
    assert "1 finding of one/known.json no longer found" in lint("one", cwd=tmp_path).stderr
    assert len(places(lint(".", "--baseline", "none.json", "--write-baseline", cwd=tmp_path))) == 0
    assert [path for path, _ in places(lint("two", "--baseline", "one/known.json", cwd=tmp_path))] == ["two/net.py"]


def test_a_mistake_in_any_settings_stops_the_run(tree: Path) -> None:
    settings(tree / "rp" / "inner", 'target = "rp2"')
    done = lint(".", cwd=tree)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    place = tree / "rp" / "inner" / "pyproject.toml"
    assert done.stderr.startswith(f"usock-lint: {place}: tool.usock-lint.target: unknown key")
    assert "tool.usock-lint.target: unknown key" in flake8(".", cwd=tree).stdout
    assert "tool.usock-lint.target: unknown key" in flake8(".", cwd=tree / "rp" / "inner").stderr


def test_every_file_of_settings_is_read_once(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: Counter[str] = Counter()
    of_folder = pyproject.of_folder

    def counting(folder: str) -> Settings | None:
        read[Path(folder).name] += 1
        return of_folder(folder)

    monkeypatch.setattr(pyproject, "of_folder", counting)
    lint_here(".", cwd=tree)
    assert read == {"esp": 1, "rp": 1, "inner": 1}


def test_settings_are_shown_for_a_file_or_a_folder(tree: Path) -> None:
    for path, target in (("rp", "rp2"), ("rp/inner/src/net.py", "esp32"), ("rp/new.py", "rp2")):
        line = lint("config", path, cwd=tree).stdout.splitlines()[1]
        assert line.startswith(f'targets = ["{target}"]  # {Path(path).parts[0]}')
    assert "default" in lint("config", cwd=tree).stdout.splitlines()[1]


def test_a_folder_in_which_git_is_not_asked_may_have_one_inside_in_which_it_is(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("made.py\n")
    settings(tmp_path, "respect-gitignore = false")
    settings(tmp_path / "inner")
    settings(tmp_path / "inner" / "deep", "respect-gitignore = false")
    for folder in (tmp_path, tmp_path / "inner", tmp_path / "inner" / "deep"):
        write(folder / "made.py")
    assert [path for path, _ in places(lint(".", cwd=tmp_path))] == ["inner/deep/made.py", "made.py"]


def test_stubs_of_the_project_around_a_file_tell_its_targets(tmp_path: Path) -> None:
    for name, port in (("one", "esp32"), ("two", "rp2")):
        write(tmp_path / name / "src" / "net.py")
        (tmp_path / name / "requirements.txt").write_text(f"micropython-{port}-stubs\n")
    done = lint(".", cwd=tmp_path)
    assert places(done) == [("two/src/net.py", "401")]
    assert "Targets: esp32, by micropython-esp32-stubs in one/requirements.txt.\n" in done.stderr
    assert "Targets: rp2, by micropython-rp2-stubs in two/requirements.txt.\n" in done.stderr


def test_a_file_in_a_hidden_folder_is_looked_at_where_no_settings_leave_it_out(tmp_path: Path) -> None:
    write(tmp_path / ".hidden" / "build" / "net.py", TIMEOUT.encode())
    assert places(flake8(".hidden/build/net.py", cwd=tmp_path)) == [(".hidden/build/net.py", "102")]


def test_folders_can_be_as_deep_as_a_path_is_long(tree: Path) -> None:
    top = tree / "rp" / "a"
    deep = top / Path(*["b"] * 1500)
    subprocess.run(["mkdir", "-p", deep], check=True)
    try:
        write(deep / "net.py")
        assert [rule for _, rule in places(lint("rp/a", cwd=tree))] == ["401"]
        assert lint(deep / "gone.py", cwd=tree).returncode == 2
    finally:  # pytest removes what tests leave with Python's rmtree, which goes no deeper than about 1,000 folders
        subprocess.run(["rm", "-r", top], check=True)

"""What is left out: by git's own lists, as git itself reads them, and by the patterns of the settings."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.running import TIMEOUT, lint
from usock_lint import Config, lint_source
from usock_lint.files.discovery import Found, Unreadable, discover

TREE = [
    "a.py",
    "b.py",
    "gen/a.py",
    "gen/deep/b.py",
    "lib/a.py",
    "lib/gen/a.py",
    "lib/keep.py",
    "lib/é_x.py",
    "x/lib/a.py",
]

LISTS: dict[str, dict[str, str]] = {
    "names": {".gitignore": "gen\nb.py\n"},
    "folders only": {".gitignore": "a.py/\ngen/\n"},
    "anchored": {".gitignore": "/gen\nlib/a.py\n"},
    "a pattern with a slash is anchored": {".gitignore": "lib/gen\n"},
    "wildcards": {".gitignore": "**/gen/**\nlib/*.py\n!keep.py\n"},
    "character classes": {".gitignore": "[!b].py\n*.py[cod]\n"},
    "all but one": {".gitignore": "*\n!*/\n!keep.py\n"},
    "a folder taken in again": {".gitignore": "*.py\n!lib/\n"},
    "a file in a folder that is left out stays out": {".gitignore": "lib/\n!lib/keep.py\n"},
    "a list further down": {"lib/.gitignore": "a.py\n/gen\n"},
    "a list further down that takes in again": {".gitignore": "a.py\n", "lib/.gitignore": "!a.py\n"},
    "comments, blanks and nonsense": {".gitignore": "# gen\n\n  \n!\nb.py   \n\\#a\n"},
    "line ends of Windows": {".gitignore": "gen\r\nb.py\r\n"},
    "a carriage return in a name": {".gitignore": "lib\r\r\n"},
    "not UTF-8": {".gitignore": "\udce9\nb.py\n"},
    "other characters": {".gitignore": "é*.py\n"},
    "the list of the clone": {".git/info/exclude": "gen\n"},
    "the list of the clone is overruled": {".git/info/exclude": "a.py\n", ".gitignore": "!/a.py\n"},
    "a folder as list": {".gitignore/x": ""},
}


def git(*arguments: str, cwd: Path) -> bytes:
    variables = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "XDG_CONFIG_HOME": os.devnull}
    return subprocess.run(["git", *arguments], cwd=cwd, env=variables, capture_output=True, check=True).stdout


def make(folder: Path, lists: dict[str, str]) -> None:
    git("init", "-q", cwd=folder)
    for name in TREE:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    for name, text in lists.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode("utf-8", "surrogateescape"))


def files(discovered: Iterable[Found | Unreadable]) -> list[Found]:
    return [one for one in discovered if isinstance(one, Found) and not one.excluded]


def found(folder: Path, config: Config = Config()) -> list[str]:  # noqa: B008
    return sorted(Path(one.path).relative_to(folder).as_posix() for one in files(discover([folder], config)))


def found_by_git(folder: Path, below: Path) -> list[str]:
    listed = git("-C", str(below), "ls-files", "-oz", "--exclude-standard", cwd=folder).split(b"\0")
    return sorted(os.fsdecode(name) for name in listed if name.endswith(b".py"))


@pytest.mark.parametrize("start", ["", "lib"])
@pytest.mark.parametrize("lists", LISTS.values(), ids=LISTS)
def test_what_git_ignores_is_not_linted(lists: dict[str, str], start: str, tmp_path: Path) -> None:
    make(tmp_path, lists)
    assert found(tmp_path) == found_by_git(tmp_path, tmp_path)
    listed = found_by_git(tmp_path, tmp_path / start)
    assert found(tmp_path / start) == listed or not listed  # a folder that is named is looked into even if ignored


def test_an_ignored_folder_that_is_named_is_linted(tmp_path: Path) -> None:
    make(tmp_path, {".gitignore": "lib/\nkeep.py\n"})
    assert found(tmp_path / "lib") == ["a.py", "gen/a.py", "é_x.py"]


def test_a_repository_in_a_repository_is_a_world_of_its_own(tmp_path: Path) -> None:
    make(tmp_path, {".gitignore": "a.py\n"})
    git("init", "-q", cwd=tmp_path / "lib")
    (tmp_path / "lib" / ".gitignore").write_text("keep.py\n")
    assert "lib/a.py" in found(tmp_path)
    assert "lib/keep.py" not in found(tmp_path)


def test_a_list_counts_without_a_repository_too(tmp_path: Path) -> None:
    (tmp_path / "gen.py").touch()
    (tmp_path / ".gitignore").write_text("gen.py\n")
    assert found(tmp_path) == []


def test_git_is_not_asked_when_nobody_wants_it(tmp_path: Path) -> None:
    make(tmp_path, {".gitignore": "*\n"})
    assert found(tmp_path, Config(respect_gitignore=False)) == sorted(TREE)


def test_a_list_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    make(tmp_path, {})
    (tmp_path / ".gitignore").symlink_to(".gitignore")
    assert found(tmp_path) == sorted(TREE)


ALPHABET = [
    "*",
    "**",
    "?",
    "/",
    "!",
    "a",
    "b",
    "lib",
    "gen",
    ".py",
    "[ab]",
    "[!a]",
    "[a-b]",
    "[",
    "]",
    "\\",
    " ",
    "#",
    "-",
]


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(st.lists(st.lists(st.sampled_from(ALPHABET), max_size=6).map("".join), min_size=1, max_size=4))
def test_any_list_is_read_as_git_reads_it(repository: Path, lines: list[str]) -> None:
    (repository / ".gitignore").write_text("\n".join(lines))
    assert found(repository) == found_by_git(repository, repository)


@pytest.fixture(scope="session", name="repository")
def tree_in_a_repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("repository")
    make(folder, {})
    return folder


@pytest.mark.parametrize(
    "line",
    [
        "[]ab].py",
        "[!]a].py",
        "[^a].py",
        "[\\a].py",
        "[[:none:]].py",
        "[z-a].py",
        "[/]",
        "li[[b]",
        "lib[!x]*.py",
        "*[!b]",
        "[[:alpha:]].py",
        "[[:alnum:][:punct:]].py",
        "[[:digit:]-a].py",
        "[[:alpha].py",
        "[[:alpha:].py",
        "[\\]a].py",
        "[\\a-\\b].py",
        "[a-].py",
        "[--b].py",
        "[!a-a]*",
        "lib/[a/]*",
    ],
)
def test_a_set_of_characters_is_gits(line: str, repository: Path) -> None:
    (repository / ".gitignore").write_text(line)
    assert found(repository) == found_by_git(repository, repository)


@pytest.mark.parametrize(
    "line",
    [
        "!/",
        "lib/**",
        "lib/**/",
        "**/",
        "lib/***/*.py",
        "a\\  ",
        "li**/a.py",
        "**/lib",
        "x/**/a.py",
        "lib/*",
        "li?/**",
        "**\\/a.py",
        "lib//",
        "\\!",
        "a.py\\",
        "a.p\\y",
        "b.py \\ ",
        "b.py\\\\ ",
    ],
)
def test_what_is_rare_is_gits_too(line: str, repository: Path) -> None:
    (repository / ".gitignore").write_text(f"lib/keep.py\nx\n{line}\n")
    assert found(repository) == found_by_git(repository, repository)


def test_many_stars_end(repository: Path) -> None:
    (repository / ".gitignore").write_text("*" * 1000 + "!")
    assert found(repository) == found_by_git(repository, repository)


# Patterns of the settings


@pytest.mark.parametrize(
    ("patterns", "kept"),
    [
        (("gen", "lib"), ["a.py", "b.py"]),
        (("/lib", "gen/"), ["a.py", "b.py", "x/lib/a.py"]),
        (("*.py", "!/a.py"), ["a.py"]),
        (("x", "lib/*", "!lib/keep.py", "gen"), ["a.py", "b.py", "lib/keep.py"]),
    ],
    ids=str,
)
def test_patterns_are_those_of_gitignore(patterns: tuple[str, ...], kept: list[str], tmp_path: Path) -> None:
    make(tmp_path, {})
    assert found(tmp_path, Config(exclude=patterns, root=str(tmp_path))) == kept
    assert found(tmp_path, Config(exclude=patterns[:1], extend_exclude=patterns[1:], root=str(tmp_path))) == kept


def test_a_pattern_decides_before_git_and_before_what_is_always_left_out(tmp_path: Path) -> None:
    make(tmp_path, {".gitignore": "gen\n", "build/a.py": ""})
    config = Config(exclude=("!/gen", "!build", "lib", "x"), root=str(tmp_path))
    assert found(tmp_path, config) == ["a.py", "b.py", "build/a.py", "gen/a.py", "gen/deep/b.py"]


def test_patterns_are_relative_to_their_root_wherever_the_run_starts(tmp_path: Path) -> None:
    make(tmp_path, {})
    config = Config(exclude=("/lib/gen", "/keep.py"), root=str(tmp_path))
    assert found(tmp_path / "lib", config) == ["a.py", "keep.py", "é_x.py"]


def test_what_is_named_is_linted_unless_exclusion_is_forced(tmp_path: Path) -> None:
    make(tmp_path, {})
    named = [tmp_path / "lib" / "a.py", tmp_path / "lib" / "gen", tmp_path / "b.py"]
    config = Config(exclude=("lib",), root=str(tmp_path))
    assert len(list(discover(named, config))) == 3
    forced = Config(exclude=("lib",), force_exclude=True, root=str(tmp_path))
    assert [Path(one.path).name for one in files(discover(named, forced))] == ["b.py"]


def test_forced_exclusion_leaves_out_files_of_folders_that_are_never_entered(tmp_path: Path) -> None:
    forced = Config(force_exclude=True, root=str(tmp_path))
    named = [tmp_path / name for name in ("venv/lib/a.py", ".hidden/a.py", "venv.py", ".hidden.py", "../up.py")]
    assert [Path(one.path).name for one in files(discover(named, forced))] == ["venv.py", ".hidden.py", "up.py"]


def test_the_options_exclude_what_the_settings_would(tmp_path: Path) -> None:
    for name in ("a.py", "b.py", "sub/a.py", "sub/b.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(TIMEOUT)
    (tmp_path / "pyproject.toml").write_text('[tool.usock-lint]\nexclude = ["/a.py", "/sub/a.py"]\n')

    def linted(*arguments: str, folder: Path = tmp_path) -> list[str]:
        return [line.split(":")[0] for line in lint(".", *arguments, cwd=folder).stdout.splitlines()]

    assert linted() == ["b.py", "sub/b.py"]
    assert linted("--exclude", "/b.py,sub") == ["a.py"]
    assert linted("--extend-exclude", "/b.py") == ["sub/b.py"]
    assert linted("--extend-exclude", "/b.py", folder=tmp_path / "sub") == []
    assert linted("--exclude", "/b.py", folder=tmp_path / "sub") == ["a.py"]
    assert lint("a.py", "--force-exclude", cwd=tmp_path).returncode == 0
    assert lint("a.py", cwd=tmp_path).returncode == 1


# Rules that are off in some files


@pytest.mark.parametrize(
    ("pattern", "path", "off"),
    [
        ("tests", "tests/a.py", True),
        ("tests/", "tests/deep/a.py", True),
        ("tests/*.py", "tests/a.py", True),
        ("/tests", "lib/tests/a.py", False),
        ("a.py", "lib/a.py", True),
        ("!tests", "tests/a.py", False),
        ("!tests", "lib/a.py", True),
    ],
)
def test_a_rule_is_off_in_the_files_of_a_pattern(pattern: str, path: str, off: bool, tmp_path: Path) -> None:
    config = Config(per_file_ignores=((pattern, ("USK1",)),), root=str(tmp_path))
    assert bool(lint_source(TIMEOUT, str(tmp_path / path), config)) is not off


@pytest.mark.parametrize("value", ["net.py:USK102", "x:USK2,net.py:USK3,USK102", "net.py: USK2 socket-timeout"])
def test_the_option_takes_what_ruff_and_flake8_take(value: str, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    assert lint(".", "--per-file-ignores", value, cwd=tmp_path).returncode == 0
    assert lint(".", "--select", "socket-timeout", "--per-file-ignores", value, cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("value", ["USK102", "net.py:USK999", "#:USK1"])
def test_an_option_that_is_no_pattern_with_rules_is_one_line(value: str, tmp_path: Path) -> None:
    done = lint(".", "--per-file-ignores", value, cwd=tmp_path)
    assert done.stderr.startswith("usock-lint: --per-file-ignores: ")
    assert (done.stderr.count("\n"), done.returncode) == (1, 2)

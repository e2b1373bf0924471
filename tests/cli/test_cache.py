"""What earlier runs found: used when nothing has changed, never when something has, and never in the way."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import usock_lint
from tests.support.running import FIXED_TIMEOUT, TIMEOUT, environment, lint, lint_process, python
from usock_lint import Config, lint_paths
from usock_lint.diagnostics import FileReport
from usock_lint.linting.file import lint as report_on
from usock_lint.linting.source import Source
from usock_lint.running.cache_folder import CACHE, is_ours
from usock_lint.running.runner import fix_paths


def _parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that are parsed from now on."""
    import libcst

    texts: list[str] = []
    parse = libcst.parse_module

    def counting(text: str) -> libcst.Module:
        texts.append(text)
        return parse(text)

    monkeypatch.setattr(libcst, "parse_module", counting)
    return texts


def _lint(folder: Path, config: Config | None = None) -> list[FileReport]:
    return list(lint_paths([folder / "net.py"], config or Config(), cache=str(folder / "cache")))


@pytest.fixture(name="folder")
def folder_with_a_file(tmp_path: Path) -> Path:
    (tmp_path / "net.py").write_text(TIMEOUT)
    return tmp_path


def test_a_second_run_parses_nothing_and_says_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = _lint(folder)
    texts = _parsed(monkeypatch)
    assert _lint(folder) == first
    assert first[0].findings
    assert not texts


@pytest.mark.parametrize(
    "config", [Config(ignore=("USK102",)), Config(assume="device"), Config(extend_select=("USK8",))], ids=str
)
def test_other_settings_find_anew(config: Config, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _lint(folder)
    texts = _parsed(monkeypatch)
    _lint(folder, config)
    assert len(texts) == 1


def test_targets_that_mean_the_same_but_are_called_differently_find_anew(folder: Path) -> None:
    from usock_lint.ports import parse_targets

    named = [_lint(folder, Config(parse_targets(word)))[0].findings[0].targets for word in ("rp2", "rp2==1.28")]
    assert named == [("rp2",), ("rp2==1.28",)]


def test_other_bytes_and_other_names_find_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _lint(folder)
    texts = _parsed(monkeypatch)
    (folder / "net.py").write_text(TIMEOUT + "\n")
    _lint(folder)
    (folder / "net2.py").write_text(TIMEOUT)
    (report,) = lint_paths([folder / "net2.py"], cache=str(folder / "cache"))
    assert (report.findings[0].path, len(texts)) == (str(folder / "net2.py"), 2)


_CONNECTS = "import socket\nfrom net import HOST\nsocket.socket().connect((HOST, 80))\n"


def _rules(path: Path, cache: Path) -> list[str]:
    (report,) = lint_paths([path], cache=str(cache))
    return [one.code for one in report.findings]


def test_a_change_in_a_file_that_is_imported_finds_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {name: tmp_path / "one" / f"{name}.py" for name in ("main", "net", "config")}
    files["main"].parent.mkdir()
    files["main"].write_text(_CONNECTS)
    files["net"].write_text("from config import HOST\n")
    files["config"].write_text("HOST = 'example.com'\n")

    def again() -> list[str]:
        return _rules(files["main"], tmp_path / "cache")

    assert again() == again() == ["USK401"]
    files["config"].write_text("HOST = '10.10.10.1'\n")
    assert again() == []
    files["net"].write_text("HOST = 'example.org'\n")
    assert again() == ["USK401"]
    files["net"].rename(tmp_path / "one" / "later.py")
    assert again() == []
    (tmp_path / "one" / "lib").mkdir()
    (tmp_path / "one" / "lib" / "net.py").write_text("HOST = 'example.net'\n")
    assert again() == ["USK401"]
    texts = _parsed(monkeypatch)
    assert again() == ["USK401"]
    assert not texts
    (tmp_path / "one").rename(tmp_path / "two")
    assert _rules(tmp_path / "two" / "main.py", tmp_path / "cache") == ["USK401"]


def _copied(folder: Path) -> Path:
    """A copy of the package and its pages in a folder."""
    for name in ("usock_lint", "rules"):
        shutil.copytree(Path(usock_lint.__file__).parent.parent / name, folder / name, copy_function=shutil.copyfile)
    return folder


def _fingerprint(copy: Path) -> bytes:
    """That of the package in this folder."""
    program = (
        "import usock_lint, usock_lint.running.cache as cache\n"
        "print(cache.Cache('', usock_lint.Config()).keys.fingerprint)"
    )
    settings = {**environment(), "PYTHONPATH": str(copy)}
    return subprocess.check_output([sys.executable, "-c", program], env=settings, cwd=copy)


def test_an_edit_of_the_package_finds_anew(folder: Path) -> None:
    copy = _copied(folder / "copy")
    before = _fingerprint(copy)
    assert _fingerprint(copy) == before
    with (copy / "rules" / "socket-timeout.md").open("a") as page:
        page.write("\n")
    assert _fingerprint(copy) != before


def test_each_fresh_install_of_the_same_files_finds_what_another_one_kept(tmp_path: Path) -> None:
    copies = [_copied(tmp_path / name) for name in ("one", "two", "other")]
    for copy, digest, script in zip(copies, ("AbC", "AbC", "DeF"), ("x", "y", "x"), strict=True):
        info = copy / "usock_lint-0.1.0.dist-info"
        info.mkdir()
        record = f"../bin/usock-lint,sha256={script},9\nusock_lint/a.py,sha256={digest},7\nusock_lint/a.pyc,,\n"
        (info / "RECORD").write_text(record)
        os.utime(copy / "usock_lint" / "i18n.py", (len(digest + script), 1))
    one, two, other = map(_fingerprint, copies)
    assert one == two
    assert one != other


def test_equal_files_for_which_different_rules_are_off_do_not_share_what_was_found(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.usock-lint]\nper-file-ignores = { "tests/" = ["USK102"] }\n')
    for name in ("src", "tests"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "net.py").write_text(TIMEOUT)
    for _ in range(2):
        for name, found in (("tests", 0), ("src", 1)):
            done = lint("net.py", "--cache-dir", "../cache", cwd=tmp_path / name)
            assert done.returncode == found


def test_what_was_found_is_used_wherever_a_run_begins_and_the_project_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for project in ("one", "two"):
        (tmp_path / project / "src").mkdir(parents=True)
        (tmp_path / project / "pyproject.toml").write_text('[tool.usock-lint]\nexclude = ["x"]\n')
        (tmp_path / project / "src" / "net.py").write_text(TIMEOUT)
    cache = ("--cache-dir", tmp_path / "cache")
    texts = _parsed(monkeypatch)
    for folder, path in (("one", "src"), ("one/src", "net.py"), ("", "one"), ("two", "."), ("two", "./src/net.py")):
        assert "net.py:6:8" in lint(path, *cache, cwd=tmp_path / folder).stdout
    assert len(texts) <= 1


_DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "emptied": lambda data: b"",
    "cut off": lambda data: data[:-20],
    "changed": lambda data: data.replace(b"USK102", b"USK103"),
    "followed by noise": lambda data: data + b"\xff\0" * 1_000,
    "preceded by noise": lambda data: b"{}\n" + data,
}


@pytest.mark.parametrize("damage", _DAMAGE)
def test_a_damaged_cache_is_no_harm_and_is_mended(damage: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = _lint(folder)
    (file,) = (path for path in (folder / "cache").iterdir() if len(path.name) == 32)
    file.write_bytes(_DAMAGE[damage](file.read_bytes()))
    assert _lint(folder) == first
    texts = _parsed(monkeypatch)
    assert _lint(folder) == first
    assert not texts


@pytest.mark.parametrize(
    "report", ["[]", "[null,false,[[1]]]", "[null,false,[[1,2,3,4,5,6,7,[],0]]]", "[null,[],[1],[]]", "[" * 9_999]
)
def test_a_forged_report_is_none(report: str, tmp_path: Path) -> None:
    from usock_lint.running.serial import loads

    assert loads("net.py", report.encode()) is None


def test_a_report_is_the_same_after_it_was_kept(tmp_path: Path) -> None:
    from usock_lint.running.serial import dumps, loads

    report = report_on(Source("net.py", TIMEOUT.encode()), Config())
    assert report.findings[0].fix
    assert loads("net.py", dumps(report)) == report


def test_runs_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    for number in range(4):
        (tmp_path / f"net{number}.py").write_text(TIMEOUT + "\n" * number)
    with ThreadPoolExecutor(4) as executor:
        for number in range(4):
            executor.submit(lint_process, f"net{number}.py", cwd=tmp_path)
    (file,) = (path for path in (tmp_path / CACHE).iterdir() if len(path.name) == 32)
    assert file.read_bytes().count(b"USK102") == 4


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a place nobody writes to")
def test_a_cache_that_cannot_be_written_is_done_without(folder: Path) -> None:
    done = lint("net.py", "--cache-dir", "/proc/self/usock", cwd=folder)
    assert (done.returncode, done.stdout.count("USK102")) == (1, 1)
    assert done.stderr.splitlines() == ["Found 1 finding.", "1 can be fixed with --fix."]


def test_a_file_that_is_named_as_the_cache_is_refused_and_stays(folder: Path) -> None:
    done = lint("net.py", "--cache-dir", "net.py", cwd=folder)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "usock-lint: --cache-dir: net.py: not a folder\n")
    assert [path.name for path in folder.iterdir()] == ["net.py"]


def test_a_folder_that_is_empty_becomes_the_cache(folder: Path) -> None:
    (folder / "kept").mkdir()
    assert lint("net.py", "--cache-dir", "kept", cwd=folder).returncode == 1
    assert (folder / "kept/CACHEDIR.TAG").exists()
    assert lint("net.py", "--cache-dir", "kept", cwd=folder).returncode == 1


@pytest.mark.parametrize("room", [0, 50, 110, 200])
def test_a_full_disk_is_done_without_and_mended_later(room: int, folder: Path) -> None:
    pytest.importorskip("resource")
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room})); "
    program = limited + "from usock_lint.cli.main import main; raise SystemExit(main(['net.py']))"
    done = subprocess.run(python("-c", program), cwd=folder, env=environment(), capture_output=True)
    assert (done.returncode, done.stdout.count(b"USK102")) == (1, 1)
    assert done.stderr.count(b"\n") == 2
    lint("net.py", cwd=folder)
    (file,) = (path for path in (folder / CACHE).iterdir() if len(path.name) == 32)
    assert file.read_bytes().endswith(b"\n")


def test_folders_of_other_people_are_left_alone(folder: Path) -> None:
    done = lint("net.py", "--cache-dir", ".", cwd=folder)
    assert (done.returncode, done.stderr) == (2, "usock-lint: --cache-dir: .: a folder with other files in it\n")
    assert [path.name for path in folder.iterdir()] == ["net.py"]
    assert "no cache" in lint("clean", "--cache-dir", ".", cwd=folder).stdout
    assert (folder / "net.py").exists()


def test_clean_removes_the_cache_and_nothing_else(folder: Path) -> None:
    assert lint("net.py", cwd=folder).returncode == 1
    assert is_ours(str(folder / CACHE))
    assert (folder / CACHE / ".gitignore").read_text() == "*\n"
    assert lint("clean", cwd=folder).stdout == f"Removed {CACHE}.\n"
    assert [path.name for path in folder.iterdir()] == ["net.py"]


def test_clean_keeps_what_it_did_not_make(folder: Path) -> None:
    lint("net.py", cwd=folder)
    (folder / CACHE / "notes.txt").write_text("mine")
    done = lint("clean", cwd=folder)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert (folder / CACHE / "notes.txt").exists()


def test_only_what_a_run_made_is_removed_when_it_is_old(folder: Path) -> None:
    lint("net.py", cwd=folder)
    (made,) = (path for path in (folder / CACHE).iterdir() if len(path.name) == 32)
    notes, inner, unused = (folder / CACHE / name for name in ("notes.txt", "inner", "0" * 32))
    inner.mkdir()
    for path in (notes, unused):
        path.write_text("")
    for path in (notes, inner, unused):
        os.utime(path, (0, 0))
    size = made.stat().st_size
    (folder / "net.py").write_text(TIMEOUT + "\n")

    lint("net.py", cwd=folder)

    assert notes.exists()
    assert inner.exists()
    assert not unused.exists()
    assert made.stat().st_size > size


def test_a_run_without_cache_leaves_nothing(folder: Path) -> None:
    lint("net.py", "--no-cache", cwd=folder)
    (folder / "plain.py").write_text("x = 1\n")
    (folder / "net.py").unlink()
    lint(".", cwd=folder)
    assert not (folder / CACHE).exists()


def test_what_is_fixed_is_not_looked_at_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fix() -> list[FileReport]:
        return list(fix_paths([folder / "net.py"], cache=str(folder / "cache")))

    assert fix()[0].fixed == 1
    assert (folder / "net.py").read_text() == FIXED_TIMEOUT
    texts = _parsed(monkeypatch)
    assert (fix()[0].fixed, fix()[0].findings) == (0, ())
    assert not texts


def test_findings_that_can_be_fixed_are_fixed_although_they_were_kept(folder: Path) -> None:
    _lint(folder)
    assert next(fix_paths([folder / "net.py"], cache=str(folder / "cache"))).fixed == 1

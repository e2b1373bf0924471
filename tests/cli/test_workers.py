"""Processes that share the work, one of which may die, and runs that are interrupted: real ones, with real signals."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from tests.support.running import TIMEOUT, environment, lint
from usock_lint import lint_paths
from usock_lint.running import workers
from usock_lint.running.workers import Item, WorkerDiedError, by_executor, by_processes, how_many


def _read(item: Item) -> str:
    return Path(item.path).read_text()


def _die(item: Item) -> str:
    if Path(item.path).name == "fatal":
        os.kill(os.getpid(), signal.SIGKILL)
    return _read(item)


def _die_once(item: Item) -> str:
    if Path(item.path).exists():
        Path(item.path).unlink()
        os.kill(os.getpid(), signal.SIGKILL)
    return "survived"


def _items(folder: Path, *names: str) -> list[Item]:
    for name in names:
        (folder / name).write_text(name)
    return [Item(place, str(folder / name), len(name)) for place, name in enumerate(names)]


def _all_but_one_sleep(path: Path) -> None:
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        time.sleep(0.5)


def test_a_process_that_dies_loses_its_file_and_no_other(tmp_path: Path) -> None:
    items = _items(tmp_path, "a", "b", "fatal", "c", "d")
    done = {item.path: result for item, result in by_processes(2, _die, items)}
    assert isinstance(done.pop(str(tmp_path / "fatal")), WorkerDiedError)
    assert sorted(map(str, done.values())) == ["a", "b", "c", "d"]


def test_a_file_whose_process_died_is_tried_again(tmp_path: Path) -> None:
    (item,) = _items(tmp_path, "a")
    assert list(by_processes(1, _die_once, [item])) == [(item, "survived")]


def test_what_the_work_raises_is_raised(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(by_processes(2, _read, [Item(0, str(tmp_path / "missing"), 1)]))


def test_a_process_that_has_not_begun_when_the_work_fails_ends_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "_begin", partial(_all_but_one_sleep, tmp_path / "first"))
    with pytest.raises(FileNotFoundError):
        list(by_processes(2, _read, [Item(0, str(tmp_path / "missing"), 1)]))


@pytest.mark.skipif(not workers.FORKS, reason="processes are forked on Linux only")
@pytest.mark.parametrize("room", [0, 1])
def test_where_no_more_processes_can_be_started_this_one_does_the_work(
    room: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [os.fork] * room

    def fork() -> int:
        if not left:
            raise BlockingIOError
        return left.pop()()

    items = _items(tmp_path, "a", "b", "c")
    monkeypatch.setattr(os, "fork", fork)
    assert sorted(by_processes(2, _read, items)) == [(item, Path(item.path).name) for item in items]
    for child in multiprocessing.active_children():
        child.join(60)
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("kind", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_any_executor_does_the_work(kind: Callable[[int], Executor], tmp_path: Path) -> None:
    items = _items(tmp_path, "a", "b", "c")
    with kind(2) as executor:
        assert sorted(by_executor(executor, _read, items)) == [(item, Path(item.path).name) for item in items]


def test_processes_are_started_for_much_source_and_not_for_many_files() -> None:
    assert how_many([Item(place, "", 100) for place in range(100)], None) < 2
    assert how_many([Item(place, "", 100) for place in range(100)], 3) == 3
    assert how_many([Item(0, "", 100_000_000)], None) == 1


def _start(folder: Path, *arguments: str, stderr: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "usock_lint", "--no-cache", *arguments, "."]
    return subprocess.Popen(command, cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=stderr)


def _slow_tree(folder: Path, count: int) -> None:
    """Files with a finding each that take a while."""
    for number in range(count):
        (folder / f"slow{number:03}.py").write_text(TIMEOUT + "s.read(1 + 1)\n" * 300)


def _wait_for_a_child(pid: int) -> int:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    for _ in range(3_000):
        if words := children.read_text().split():
            return int(words[0])
        time.sleep(0.01)
    raise TimeoutError("no process was started")


def _read_until(terminal: int, wanted: bytes) -> bytes:
    shown = b""
    while wanted not in shown:
        shown += os.read(terminal, 1_000)
    return shown


@pytest.mark.skipif(sys.platform != "linux", reason="finds the processes in /proc")
def test_a_run_outlives_a_process_of_its_own(tmp_path: Path) -> None:
    _slow_tree(tmp_path, 12)
    run = _start(tmp_path, "--jobs", "2")
    os.kill(_wait_for_a_child(run.pid), signal.SIGKILL)
    output, errors = run.communicate(timeout=60)
    assert [line.split(b":")[0] for line in output.splitlines()] == [b"slow%03d.py" % number for number in range(12)]
    assert errors.splitlines()[0] == b"Found 12 findings."
    assert run.returncode == 1


@pytest.mark.skipif(sys.platform != "linux", reason="finds the processes in /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_processes_end_with_the_run_that_is_killed(number: int, tmp_path: Path) -> None:
    _slow_tree(tmp_path, 40)
    run = _start(tmp_path, "--jobs", "3")
    _wait_for_a_child(run.pid)
    run.send_signal(number)
    run.communicate(timeout=30)  # returns when no process has the output open
    assert run.returncode == -number


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_interrupt_prints_what_was_found_and_ends_the_processes(jobs: str, tmp_path: Path) -> None:
    _slow_tree(tmp_path, 400)
    pty = pytest.importorskip("pty")
    terminal, theirs = pty.openpty()
    run = _start(tmp_path, "--jobs", jobs, stderr=theirs)
    os.close(theirs)
    _read_until(terminal, b" of 400 files")
    run.send_signal(signal.SIGINT)
    output, _ = run.communicate(timeout=30)
    assert 0 < output.count(b"USK102") < 400
    assert b"Interrupted" in _read_until(terminal, b"Interrupted")
    assert run.returncode == 130
    os.close(terminal)


def test_reports_come_one_by_one_in_the_order_of_the_paths(tmp_path: Path) -> None:
    for number, size in enumerate((0, 900, 300)):
        (tmp_path / f"net{number}.py").write_text("# \n" * size + TIMEOUT)
    reports = lint_paths([tmp_path])
    assert [Path(next(reports).path).name for _ in range(3)] == ["net0.py", "net1.py", "net2.py"]


def test_how_far_a_run_is_goes_to_who_asks(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    (tmp_path / "other.py").write_text("x = 1\n")
    calls: list[tuple[int, int]] = []
    list(lint_paths([tmp_path], progress=lambda done, known: calls.append((done, known))))
    assert calls[-1] == (2, 2)


def test_a_short_run_shows_no_progress(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    assert "\r" not in lint(".", cwd=tmp_path).stderr

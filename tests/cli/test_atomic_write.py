"""A file is written whole or not at all, beside whatever else is in its folder."""

from __future__ import annotations

import os
import stat
from functools import partial
from pathlib import Path

import pytest

from tests.support.running import TIMEOUT, lint_here
from usock_lint.files.atomic_write import replace, rewrite
from usock_lint.files.discovery import Unreadable, read


def test_what_is_replaced_keeps_its_mode_and_what_is_new_has_that_of_the_umask(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text("before")
    old.chmod(0o750)
    mask = os.umask(0o027)
    try:
        for path in (old, new):
            replace(str(path), b"after")
    finally:
        os.umask(mask)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (old, new)] == [0o750, 0o640]
    assert [path.read_bytes() for path in (old, new)] == [b"after"] * 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "old"]


def test_files_of_other_people_are_left_alone(tmp_path: Path) -> None:
    theirs = [tmp_path / name for name in (f".usock-lint-{os.getpid()}", "net.py.tmp")]
    for path in theirs:
        path.write_text("theirs")
    replace(str(tmp_path / "net.py"), b"ours")
    assert (tmp_path / "net.py").read_bytes() == b"ours"
    assert [path.read_text() for path in theirs] == ["theirs"] * 2


def test_a_write_that_fails_leaves_all_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_number: int) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "net.py").write_text(TIMEOUT)
    monkeypatch.setattr(os, "fsync", fail)
    done = lint_here("--fix", "--no-cache", "net.py", cwd=tmp_path)
    assert (done.returncode, "net.py: not written: No space left on device\n" in done.stderr) == (1, True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["net.py"]
    assert (tmp_path / "net.py").read_text() == TIMEOUT


def test_a_run_does_not_find_what_is_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[str] = []

    def look(_number: int) -> None:
        found.append(lint_here(".", "--no-cache", "--verbose", cwd=tmp_path).stderr)

    (tmp_path / "net.py").write_text("x = 1\n")
    monkeypatch.setattr(os, "fsync", look)
    replace(str(tmp_path / "net.py"), TIMEOUT.encode())
    assert found == ["1 file: 0 linted for sockets, 0 left out.\nThe file passes.\nIt uses no sockets.\n"]


def test_a_file_that_changed_since_it_was_read_is_not_rewritten(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_bytes(b"edited")
    with pytest.raises(OSError, match="It has changed since it was read"):
        rewrite(str(path), b"before", b"after")
    assert path.read_bytes() == b"edited"
    path.unlink()
    with pytest.raises(OSError, match="No such file or directory"):
        rewrite(str(path), b"before", b"after")
    assert not path.exists()


def _as(other: os.stat_result, _path: str) -> os.stat_result:
    return other


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_that_took_the_place_of_a_file_is_neither_waited_for_nor_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "net.py")
    os.mkfifo(path)
    for write in (lambda: rewrite(path, b"before", b"after"), lambda: replace(path, b"after")):
        with pytest.raises(OSError, match="Not a regular file"):
            write()
    regular = os.stat(__file__)
    monkeypatch.setattr(os, "stat", partial(_as, regular))
    assert read(path) == Unreadable(path, "Not a regular file")
    monkeypatch.undo()
    assert stat.S_ISFIFO(os.stat(path).st_mode)

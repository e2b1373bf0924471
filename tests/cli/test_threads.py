"""Several threads lint at once: each finds what it would alone, and the interpreter is left as it was."""

from __future__ import annotations

import gc
import sys
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import libcst as cst
import pytest

from tests.support.programs import SOURCES
from tests.support.running import TIMEOUT
from usock_lint import lint_paths, lint_source
from usock_lint.threads import Shared, with_deep_recursion, without_collector, without_warnings

_DEEP = f"import socket\nx = {'(' * 900}{'+'.join('1' * 90)}{')' * 900}\nb = s.send('\\q')\nsocket.timeout\n"


def _state() -> tuple[object, ...]:
    return gc.isenabled(), sys.getrecursionlimit(), list(warnings.filters), cst.CSTNode.__post_init__


def test_threads_find_what_one_finds_alone(tmp_path: Path) -> None:
    before = _state()
    for number, text in enumerate([*SOURCES[::25], *[_DEEP] * 8]):
        (tmp_path / f"{number}.py").write_text(text, encoding="utf-8")
    alone = list(lint_paths([tmp_path]))
    with ThreadPoolExecutor(8) as executor:
        assert list(lint_paths([tmp_path], executor=executor)) == alone
    assert _state() == before
    assert sum(len(report.findings) for report in alone) > 10
    assert all(not report.errors for report in alone)


@pytest.mark.parametrize(
    ("shared", "is_set"),
    [
        (without_collector, lambda: not gc.isenabled()),
        (with_deep_recursion, lambda: sys.getrecursionlimit() >= 8000),
        (without_warnings, lambda: ("ignore", None, Warning, None, 0) in warnings.filters),
    ],
    ids=["the collector", "the recursion limit", "the filters of warnings"],
)
def test_one_thread_undoes_no_state_that_another_needs(shared: Shared, is_set: Callable[[], bool]) -> None:
    before = _state()
    one, other = ThreadPoolExecutor(1), ThreadPoolExecutor(1)
    one.submit(shared.__enter__).result()
    other.submit(shared.__enter__).result()
    one.submit(shared.__exit__).result()
    assert is_set()
    other.submit(shared.__exit__).result()
    assert _state() == before


def test_a_state_that_cannot_be_set_is_not_set() -> None:
    def fail() -> Shared:
        raise OSError

    shared = Shared(fail)
    for _ in range(2):
        with pytest.raises(OSError), shared:  # noqa: PT011 (it has no text)
            pass


def test_nodes_of_other_threads_are_checked_while_one_parses(monkeypatch: pytest.MonkeyPatch) -> None:
    parsing, checked = threading.Event(), threading.Event()
    parse = cst.parse_module

    def waiting(text: str) -> cst.Module:
        parsing.set()
        assert checked.wait(20)
        return parse(text)

    monkeypatch.setattr(cst, "parse_module", waiting)
    with ThreadPoolExecutor(1) as executor:
        found = executor.submit(lint_source, TIMEOUT)
        assert parsing.wait(20)
        with pytest.raises(cst.CSTValidationError):
            cst.Name("")
        checked.set()
        assert [one.code for one in found.result()] == ["USK102"]

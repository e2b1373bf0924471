"""Nesting of every kind ends no process, takes no time to speak of, and is told before libcst parses it."""

from __future__ import annotations

import ast
import os
import sys
import threading
import tracemalloc
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.support.each import check_each
from tests.support.running import TIMEOUT, lint_here, lint_process
from usock_lint import lint_paths, lint_source
from usock_lint.syntax import nesting
from usock_lint.threads import on_large_stack, on_this_stack, one_large_stack

NESTED: Final[dict[str, Callable[[int], str]]] = {
    "defaults of lambdas": lambda n: "def f(a=" + "lambda b=\n" * n + "1" + ": 1\n" * n + "): pass\n",
    "lambdas": lambda n: "x = (" + "lambda:\n" * n + "1)\n",
    "lambdas with commas": lambda n: "x = (" + "lambda a, b=\n" * n + "1" + ":\n1" * n + ")\n",
    "not": lambda n: "x = (" + "not\n" * n + "1)\n",
    "signs": lambda n: "x = (" + "-\n" * n + "1)\n",
    "powers": lambda n: "x = (" + "2 **\n" * n + "1)\n",
    "sums": lambda n: "x = (" + "2 +\n" * n + "1)\n",
    "conditions": lambda n: "x = (" + "1 if 2 else\n" * n + "1)\n",
    "attributes": lambda n: "x = (a" + ".b\n" * n + ")\n",
    "methods": lambda n: "x = (a" + ".b(1, 2)\n" * n + ")\n",
    "calls": lambda n: "x = (a" + "()\n" * n + ")\n",
    "elif": lambda n: "if 1: pass\n" + "elif 1: pass\n" * n,
    "elif in a function": lambda n: "def f():\n if 1: pass\n" + " elif 1:\n  pass\n" * n,
    "strings": lambda n: "x = (" + "'a'\n" * n + ")\n",
    "loops of a comprehension": lambda n: "x = [1" + " for a, b in c\n" * n + "]\n",
    "parentheses": lambda n: "x = " + "(\n" * n + "1" + ")" * n + "\n",
    "brackets": lambda n: "x = " + "[1,\n" * n + "1" + "]" * n + "\n",
    "dicts": lambda n: "x = " + "{1:\n" * n + "1" + "}" * n + "\n",
    "arguments": lambda n: "x = " + "f(1, a=\n" * n + "1" + ")" * n + "\n",
    "subscripts": lambda n: "x: " + "a[1,\n" * n + "1" + "]" * n + "\n",
    "walrus": lambda n: "x = " + "(a :=\n" * n + "1" + ")" * n + "\n",
    "brackets with strings of brackets": lambda n: "x = " + "f(')', '''\n)''' # )\n,\n" * n + "1" + ")" * n + "\n",
    "brackets in an f-string": lambda n: 'x = f"""{' + "(" * n + "1" + ")" * n + '}"""\n',
    "brackets in a string in an f-string": lambda n: 'x = f"""{f\'{' + "(" * n + "1" + ")" * n + '}\'}"""\n',
    "brackets behind a comment in an f-string": lambda n: 'x = f"""{2 + # }\n' + "(" * n + "1" + ")" * n + '}"""\n',
    "brackets behind a comment in a subscript": lambda n: 'x = f"""{y[1:# }\n' + "(" * n + "1" + ")" * n + ']}"""\n',
    "brackets behind a long string in an f-string": lambda n: (
        "x = f\"\"\"{'''\n}''' + " + "(" * n + "1" + ")" * n + '}"""\n'
    ),
    "brackets in a format": lambda n: 'x = f"{y:#0{' + "(" * n + "1" + ")" * n + '}x}"\n',
    "brackets never closed": lambda n: "x = " + "f(\n" * n + "\n",
    "patterns": lambda n: "match x:\n  case " + "[" * n + "1" + "]" * n + ": pass\n",
    "patterns of tuples": lambda n: "match x:\n  case " + "(\n" * n + "1" + ",)" * n + ": pass\n",
    "patterns of classes": lambda n: "match x:\n  case (1 |\n" + "A(\n" * n + "1" + ")" * n + "): pass\n",
    "blocks": lambda n: "".join(" " * i + "if 1:\n" for i in range(min(n, 300))) + " " * n + "pass\n",
}


@pytest.mark.parametrize("depth", [7, *(pytest.param(depth, marks=pytest.mark.slow) for depth in (150, 600)), 4000])
def test_nesting_of_any_kind_ends_no_process(depth: int) -> None:
    def is_linted(kind: str) -> None:
        found = lint_source(f"import socket\n{NESTED[kind](depth)}socket.timeout\n")
        assert {one.code for one in found} <= {"USK001", "USK102", "USK115"}
        assert found

    check_each(is_linted, NESTED)


def test_what_is_too_deep_is_told_whatever_the_length_of_its_lines() -> None:
    def is_told(kind: str) -> None:
        found = lint_source(f"import socket\n{NESTED[kind](4000)}")
        assert [one.code for one in found] == ["USK001"]

    check_each(is_told, [kind for kind in NESTED if kind != "strings"])


@pytest.mark.parametrize(
    "strings",
    [
        "(\n" + "'a'\n" * 6000 + ")",
        "\\\n" + "b'\\x41\"'\\\n" * 6000 + "b''",
        "[1, (\n" + "  rb'a'  # it's\n" * 6000 + "), 'b' f'{x}']",
    ],
)
def test_adjacent_strings_are_flat_however_many_they_are(strings: str) -> None:
    found = lint_source(f"import socket\nDATA = {strings}\nsocket.timeout\nsocket.gaierror\n")
    rows = strings.count("\n") + 1
    assert [(one.location.row, one.code) for one in found] == [(rows + 2, "USK102"), (rows + 3, "USK101")]


@pytest.mark.parametrize(
    "page",
    [
        'f"""' + ".a {{ color: rgb(1, 2, 3); }}\n" * 3000 + '"""',
        'f"""' + "if (x) {{ y(z[0], function() {{ return {value}; }}); }}\n" * 3000 + '"""',
        'f"""'
        + "<p>{value['a']} {', \\n'.join(value)} {value:#04x} {value:>{width}} {{}} :( it's - and in for</p>\n" * 3000
        + '"""',
        '(f"body {{"\n' + 'f"{a.b + a.c}"\n' * 3 + 'f"}}")\n' + "page += a.b + a.c * 2\n" * 1500,
    ],
    ids=["style sheets", "scripts", "fields", "braces in two strings"],
)
def test_a_page_in_an_f_string_is_flat(page: str) -> None:
    found = lint_source(f"import socket\npage = {page}\nsocket.timeout\n")
    assert [one.code for one in found] == ["USK102"]


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_file_that_is_too_deep_costs_no_other_file(jobs: int, tmp_path: Path) -> None:
    for number, kind in enumerate(NESTED):
        (tmp_path / f"{number}.py").write_text(f"import socket\n{NESTED[kind](900)}")
    (tmp_path / "zz.py").write_text(TIMEOUT)
    done = lint_process(".", "--jobs", str(jobs), "--no-cache", cwd=tmp_path)

    assert "zz.py:6:8: USK102" in done.stdout
    assert done.returncode == 1


SMALL: Final = 256 << 10
"""Bytes of stack that are too few to parse with."""


class Kept:
    pass


def on_small_stack(function: Callable[[], object]) -> object:
    """Call a function in a thread with a small stack, as some systems start all of them."""
    results: list[object] = []
    before = threading.stack_size(SMALL)
    try:
        thread = threading.Thread(target=lambda: results.append(function()))
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    return results[0]


@pytest.mark.slow
def test_the_stack_of_the_thread_that_asks_does_not_matter() -> None:
    def is_linted_alike(kind: str) -> None:
        text = f"import socket\n{NESTED[kind](150)}"
        assert on_small_stack(lambda: lint_source(text)) == lint_source(text)

    check_each(is_linted_alike, NESTED)


def test_a_debugger_sees_all_that_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    here = threading.get_ident()
    seen: list[int] = []
    assert on_large_stack(threading.get_ident) != here
    monkeypatch.setattr(sys, "gettrace", lambda: print)
    on_large_stack(lambda: seen.append(threading.get_ident()))

    assert seen == [here]


def test_a_thread_with_a_large_stack_starts_no_other_one() -> None:
    def both() -> tuple[int, int]:
        return threading.get_ident(), on_large_stack(threading.get_ident)

    one, other = on_large_stack(both)
    assert one == other
    with on_this_stack():
        assert on_large_stack(threading.get_ident) == threading.get_ident()
    assert on_large_stack(threading.get_ident) != threading.get_ident()


def test_an_exception_comes_out_of_the_thread() -> None:
    with pytest.raises(ZeroDivisionError):
        on_large_stack(lambda: 1 // 0)


def test_one_thread_does_all_that_is_asked_for_inside() -> None:
    with one_large_stack():
        first = on_large_stack(threading.get_ident)
        with pytest.raises(ZeroDivisionError):
            on_large_stack(lambda: 1 // 0)
        assert on_large_stack(threading.get_ident) == first != threading.get_ident()


def test_the_thread_ends_with_what_it_was_asked_for() -> None:
    local, ended = threading.local(), threading.Event()

    def keep() -> None:
        local.kept = kept = Kept()
        weakref.finalize(kept, ended.set)

    with one_large_stack():
        on_large_stack(keep)
        assert not ended.is_set()
    assert ended.wait(10)


def test_what_is_linted_between_two_files_of_a_run_has_its_findings(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / f"{name}.py").write_text(TIMEOUT)
    reports = lint_paths([tmp_path])
    assert next(reports).findings
    assert lint_source(TIMEOUT)
    assert next(reports).findings


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_fork_between_two_files_of_a_run_lints_by_itself(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / f"{name}.py").write_text(TIMEOUT)
    reports = lint_paths([tmp_path])
    next(reports)
    child = os.fork()
    if not child:
        os._exit(len(lint_source(TIMEOUT)))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == len(lint_source(TIMEOUT)) > 0


@pytest.mark.parametrize("error", [RuntimeError("can't start new thread"), ValueError("size not valid")])
def test_where_no_thread_can_be_started_the_work_is_done_all_the_same(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> int:
        raise error

    monkeypatch.setattr("usock_lint.threads." + ("stack_size" if "size" in str(error) else "start_new_thread"), fail)
    (tmp_path / "net.py").write_text(TIMEOUT)

    assert lint_here("net.py", cwd=tmp_path).stdout.startswith("net.py:6:8: USK102")
    assert threading.stack_size() == 0


ROOM: Final = 60
"""Levels of a syntax tree that blocks and the parts of a statement have on top of what is counted."""


def levels(node: ast.AST) -> int:
    return 1 + max(map(levels, ast.iter_child_nodes(node)), default=0)


@pytest.mark.parametrize("depth", [5, 30, 100, 150])
def test_the_depth_is_never_underestimated(depth: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def is_at_least_what_python_counts(kind: str) -> None:
        text = NESTED[kind](depth)
        try:
            tree = ast.parse(text)
        except SyntaxError:
            return
        monkeypatch.setattr(nesting, "_FEW", ((0 if "elif" in kind else levels(tree)) - ROOM) // 2 - 1)
        assert nesting.may_be_deep(text) or kind == "blocks"

    check_each(is_at_least_what_python_counts, NESTED)


def test_real_code_is_not_deep() -> None:
    entries = ",\n".join(f"    '{number}': (a.b.c, -1, [f(x=1, y=lambda q, r: q)], 'a' 'b')" for number in range(3000))
    methods = "\n".join(f"    def f{number}(self):\n        return self.a.b(1)[2].c + 3" for number in range(3000))

    assert not nesting.may_be_deep(f"TABLE = {{\n{entries}\n}}\nclass A:\n{methods}\n")


def test_a_module_in_a_hundred_thousand_packages_takes_no_memory() -> None:
    tracemalloc.start()
    try:
        (found,) = lint_source("import socket\nimport a" + ".a" * 100_000 + "\n")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (found.code, found.location.row) == ("USK001", 2)
    assert peak < 50 << 20

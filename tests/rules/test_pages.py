"""Every rule page keeps the four laws: its blocks lint, fix and print as the page says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest

from tests.support.alone import alone
from tests.support.each import check_each
from tests.support.fixing import fix_text
from tools.rulepages.interpreters import CPYTHON, Forked, Interpreter, Run, Shim
from tools.rulepages.pages import BLOCKS, PAGES, PATHS, RARE, SHIMS, Block, Page, PageError, config, read_page
from tools.rulepages.peer import ABSENT, Address, absent, playing
from usock_lint import lint_source
from usock_lint.catalog.pages import rules
from usock_lint.cli import device_errors
from usock_lint.ports import parse_targets, release_name
from usock_lint.ports.targets import FIRST

FIXED = [block for block in BLOCKS if block.fixes]
SIMULATED = {**SHIMS, **RARE}
OFTEN = ("unix", "lwip")
"""The implementations whose shims run all that they can before every commit; the others do so with the slow tests."""


class Played(NamedTuple):
    """A block, and the implementation whose shim plays it."""

    block: Block
    name: str

    def __str__(self) -> str:
        return f"{self.block} on {self.name}"

    @property
    def page(self) -> str:
        return self.block.page

    @property
    def shim(self) -> Shim:
        return Shim(SIMULATED[self.name], self.block.played(SIMULATED[self.name]))


def of_a_page(name: str, cases: Iterable[Block] | Iterable[Played]) -> pytest.MarkDecorator:
    """The parameter `name`: the cases of one page, for each page that has any; those that are slow by themselves."""
    pages: dict[tuple[str, bool], list[Block | Played]] = {}
    for case in cases:
        pages.setdefault((case.page, isinstance(case, Played) and case.name not in OFTEN), []).append(case)
    marked = [
        pytest.param(of_page, marks=[pytest.mark.slow] * slow, id=f"{page}-others" if slow else page)
        for (page, slow), of_page in pages.items()
    ]
    return pytest.mark.parametrize(name, marked)


def printing_on(runner: str) -> list[Block]:
    """The blocks with an output there; none of a page whose toml says why no shim can play it."""
    pages = [page for page in PAGES if runner not in SIMULATED or "shim" not in page.header]
    return [block for page in pages for block in page.blocks if block.expected(runner) is not None]


def judged(blocks: Iterable[Block], micropython: Interpreter) -> list[Block]:
    """Those of the blocks that this interpreter is to run; if there is none the test is skipped."""
    found = [one for one in blocks if micropython.judges(one.code) and one.judged_by("unix", micropython.release)]
    if not found:
        pytest.skip("another interpreter is to run it")
    return found


def fix(block: Block, *, unsafe: bool) -> str:
    return fix_text(block.code, "example.py", config(block), unsafe=unsafe)[0]


Runner = Callable[[Block, Forked | Interpreter | Shim], Run]
"""What the fixture `run` is: it runs a block and says what that left."""


@pytest.fixture(scope="module", name="run")
def running_each_block_once() -> Iterator[Runner]:
    """A block is run once by each interpreter, for all that is asked of it. Peers play on; a program is alone."""
    blocks = {str(block): block for block in BLOCKS}

    with ExitStack() as peers:

        @cache
        def peer(part: str) -> Address:
            return peers.enter_context(playing(part))

        def names(part: str) -> Mapping[str, str]:
            address = absent() if part == ABSENT else peer(part)
            return {"HOST": address.host, "PORT": str(address.port)}

        @cache
        def ended(name: str, interpreter: Forked | Interpreter | Shim) -> Run:
            with TemporaryDirectory() as folder, alone(blocks[name].code):
                script = blocks[name].written(Path(folder))
                part = blocks[name].options.get("peer")
                return interpreter.run(script, names(part) if part else {})

        yield lambda block, interpreter: ended(str(block), interpreter)


def has_the_form_of_a_page(path: Path) -> None:
    page = read_page(path)

    assert re.fullmatch(rf"`{path.stem}` \(USK\d{{3}}\)", page.title)
    assert {"since", "reference"} <= page.header.keys()
    assert any(text.startswith("Why") for text in page.paragraphs)
    assert "Edge cases" in page.headings
    assert ("Fix safety" in page.headings) == any(block.fixes for block in page.blocks)
    assert "TODO" not in path.read_text(encoding="utf-8"), "what `usock-lint dev new-rule` wrote is not filled in"
    assert any(block.marks for block in page.blocks), "no block fails"
    assert any(not block.marks and not block.fixes for block in page.blocks), "no block is clean"
    assert not [str(block) for block in page.blocks if not block.introduced], "no sentence introduces these"


def test_a_page_has_the_form_of_a_page() -> None:
    check_each(has_the_form_of_a_page, PATHS)


def runs_or_says_why_it_cannot(path: Path) -> None:
    page = read_page(path)

    reason = page.header.get("runs", "")

    assert bool(re.match("no: .", reason)) != any(block.outputs for block in page.blocks)
    assert re.match("no: .", page.header.get("shim", "no: not said"))


def test_a_page_runs_or_says_why_it_cannot() -> None:
    check_each(runs_or_says_why_it_cannot, PATHS)


@of_a_page("blocks", BLOCKS)
def test_a_block_has_the_findings_it_marks_and_no_others(blocks: list[Block], tmp_path: Path) -> None:
    def has_those(block: Block) -> None:
        path = str(block.written(tmp_path / str(block.row))) if block.files else "example.py"
        findings = lint_source(block.code, path, config(block))

        found = sorted((finding.location.row, finding.name) for finding in findings)
        assert found == sorted(block.marks), findings

    check_each(has_those, blocks)


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path.name)
def test_every_block_can_be_linted_for_each_release_of_each_port(page: Page) -> None:
    ever = parse_targets(f"{port}>={release_name(first)}" for port, first in FIRST.items() if port != "docs")

    for block in page.blocks:
        lint_source(block.code, "example.py", config(block)._replace(targets=ever))


@of_a_page("blocks", FIXED)
def test_a_fixed_block_is_what_the_fix_makes_of_the_block_above(blocks: list[Block]) -> None:
    def is_made(block: Block) -> None:
        assert block.fixes

        assert fix(block.fixes, unsafe=block.unsafe) == block.code

    check_each(is_made, blocks)


@of_a_page("blocks", [block for block in FIXED if block.unsafe])
def test_an_unsafe_fix_is_not_made_unasked(blocks: list[Block]) -> None:
    def is_left_alone(block: Block) -> None:
        assert block.fixes
        safe = [other.code for other in FIXED if str(other.fixes) == str(block.fixes) and not other.unsafe]

        assert fix(block.fixes, unsafe=False) == (safe[0] if safe else block.fixes.code)

    check_each(is_left_alone, blocks)


@pytest.mark.slow  # nothing here but the page has a part in it
@of_a_page("blocks", printing_on("cpython"))
def test_cpython_prints_what_the_page_says(blocks: list[Block], run: Runner) -> None:
    def prints_that(block: Block) -> None:
        ended = run(block, CPYTHON)

        assert ended.output == block.expected("cpython"), ended.errors

    check_each(prints_that, blocks)


@of_a_page("played", [Played(block, name) for name in SIMULATED for block in printing_on(name)])
def test_the_shim_of_a_port_prints_what_the_page_says(played: list[Played], run: Runner) -> None:
    def prints_that(one: Played) -> None:
        ended = run(one.block, one.shim)

        assert ended.output == one.block.expected(one.name), ended.errors

    check_each(prints_that, played)


@of_a_page("blocks", printing_on("micropython"))
def test_micropython_prints_what_the_page_says(blocks: list[Block], micropython: Interpreter, run: Runner) -> None:
    def prints_that(block: Block) -> None:
        ended = run(block, micropython)

        assert ended.output == block.expected("micropython"), ended.errors

    check_each(prints_that, judged(blocks, micropython))


CROWDED = re.compile(
    r"OSError: .*-\d+\]?|OSError: \[Errno 22\] EINVAL|TypeError: object with buffer protocol required"
    r"|TypeError: (?:function|\w+\(\)) (?:doesn't take|takes no) keyword arguments"
)
"""What more than three rules explain, so that not all of them can be among the first three."""


def ending_with_an_error_on(runner: str) -> list[Block]:
    """The failing blocks that an exception ends there. What CPython lacks (USK9) is not what a device complains of."""
    return [
        block
        for block in printing_on(runner)
        if re.search(r"Error\n\Z", block.expected(runner) or "")
        and any(not rules()[mark.name].code.startswith("USK9") for mark in block.marks)
    ]


@cache
def explaining(error: str) -> list[str]:
    return [match.rule.name for match in device_errors.matches(error)]


def assert_explained(block: Block, ended: Run) -> None:
    error = device_errors.last_error(ended.errors)
    found = explaining(error)
    first = found if CROWDED.fullmatch(error) else found[:3]
    assert not {mark.name for mark in block.marks}.isdisjoint(first), (error, found)


@of_a_page("played", [Played(block, name) for name in SIMULATED for block in ending_with_an_error_on(name)])
def test_the_error_that_the_shim_ends_with_leads_to_the_rule(played: list[Played], run: Runner) -> None:
    check_each(lambda one: assert_explained(one.block, run(one.block, one.shim)), played)


@of_a_page("blocks", ending_with_an_error_on("micropython"))
def test_the_error_that_micropython_ends_with_leads_to_the_rule(
    blocks: list[Block], micropython: Interpreter, run: Runner
) -> None:
    check_each(
        lambda block: assert_explained(block, run(block, micropython)),
        judged(blocks, micropython),
    )


HEAD = '# `a` (USK999)\n\n```toml\nsince = "0.1"\n```\n\n'


def read(text: str, folder: Path) -> Page:
    path = folder / "a.md"
    path.write_text(HEAD + text, encoding="utf-8")
    return read_page(path)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("```python\n```", r"a\.md:7: a block of 'python'"),
        ("```py speed=high\n```", "unknown option speed=high"),
        ("```py peer=rude\n```", "unknown option peer=rude"),
        ("    print()", "an indented block"),
        ("```output\n```", "an output block follows"),
        ("```py\n```\n```output pypy\n```", r"a\.md:9: no runner is called 'pypy'"),
        ("```py\n```\n```output\n```\n```output cpython\n```", "given above"),
        ("```py\n```\n```output\nx\n```\n```output esp32 lwip\nx\n```", "esp32 and .* print the same"),
        ("```py\n```\n```output cpython\nx\n```\n```output micropython\nx\n```", "print the same"),
        ("```py fixed\n```", "follows the block that it fixes"),
        ("```py\nx\n```\n```py fixed\n```", "follows the block that it fixes"),
        ("```py\nx # error: [a]\n```\n```py fixed peer=echo\n```", "`py fixed` or `py fixed unsafe`"),
        ("```\n```", "a block of ''"),
    ],
)
def test_a_page_that_would_prove_nothing_is_refused(text: str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(PageError, match=complaint):
        read(text, tmp_path)


def test_marks_are_promises_and_no_part_of_the_program(tmp_path: Path) -> None:
    (block,) = read("```py\nx\ny()  # error: [a, b]\n```", tmp_path).blocks

    assert block.code == "x\ny()\n"
    assert block.marks == ((2, "a"), (2, "b"))
    assert str(block) == "a.md:7"


def test_the_files_of_a_project_are_beside_the_block_below_them(tmp_path: Path) -> None:
    text = "```py file=net/a.py\nx\n```\n```py file=b.py\ny\n```\n```py\nz\n```\n```py\n```"

    *_, block, last = read(text, tmp_path).blocks

    assert last.files == {}
    assert block.files == {"net/a.py": "x\n", "b.py": "y\n"}
    assert block.written(tmp_path / "new").read_text() == "z\n"
    assert (tmp_path / "new/net/a.py").read_text() == "x\n"


def test_what_micropython_prints_is_expected_of_the_ports_that_a_block_is_meant_for(tmp_path: Path) -> None:
    (block,) = read("```py target=esp32>=1.22,unix\n```\n```output micropython\nx\n```", tmp_path).blocks

    assert [block.expected(name) for name in SIMULATED] == ["x\n", None, "x\n", None, None]


def test_a_fixed_block_meets_the_peer_and_targets_of_the_block_above(tmp_path: Path) -> None:
    page = read("```py peer=echo target=unix\nx # error: [a]\n```\n```py fixed unsafe\n```", tmp_path)

    above, fixed = page.blocks
    assert fixed.fixes == above
    assert fixed.options == {"peer": "echo", "target": "unix"}
    assert fixed.unsafe


@pytest.mark.parametrize(
    ("outputs", "runner", "text"),
    [
        ("```output\nx\n```", "cpython", "x\n"),
        ("```output\nx\n```", "unix", "x\n"),
        ("```output cpython\nx\n```", "micropython", None),
        ("```output micropython\nx\n```", "unix", "x\n"),
        ("```output micropython\nx\n```", "cpython", None),
        ("```output unix\nx\n```", "micropython", None),
        ("```output\nx\n```\n```output lwip esp32\ny\n```", "esp32", "y\n"),
        ("```output micropython\nx\n```", "lwip", "x\n"),
        ("```output micropython\nx\n```", "zephyr", None),
    ],
)
def test_an_output_block_speaks_for_the_runners_it_names(
    outputs: str, runner: str, text: str | None, tmp_path: Path
) -> None:
    (block,) = read(f"```py\n```\n{outputs}", tmp_path).blocks

    assert block.expected(runner) == text

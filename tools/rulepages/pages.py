"""The rule pages as the tests read them: what each block promises, and to whom."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tools.rulepages.interpreters import ROOT
from tools.rulepages.peer import ABSENT, PARTS
from usock_lint import Config, toml
from usock_lint.catalog.pages import rules
from usock_lint.ports import NEWEST, Release, Target, parse_targets

SHIMS: Final = {"unix": "unix", "lwip": "rp2", "esp32": "esp32"}
"""The implementations on whose shim every program runs that is meant for them, and the port that is played."""

RARE: Final = {"nic": "samd", "zephyr": "zephyr"}
"""The same of those on which a program runs only if the page says what it prints there."""

_MARK: Final = re.compile(r"[ \t]*# error: \[([a-z0-9, -]+)\]$", re.M)
_HEADER: Final = ("since", "reference", "opt-in", "errors", "runs", "shim")
_PROSE: Final = ("text", "console", "toml", "ini")
_OPTIONS: Final = {"peer": (*PARTS, ABSENT), "target": None, "assume": ("device",), "file": None}
_RUNNERS: Final = ("", "cpython", "micropython", *SHIMS, *RARE)


class PageError(ValueError):
    """A page breaks the form; the text begins with the page and the line."""


class Mark(NamedTuple):
    """A finding that a block promises: its row within the block, from 1, and the name of the rule."""

    row: int
    name: str


@dataclass(frozen=True, slots=True)
class Block:
    """One `py` fence: a program, less its marks."""

    page: str
    row: int
    code: str
    marks: tuple[Mark, ...]
    options: Mapping[str, str]
    introduced: bool
    outputs: Mapping[str, str] = field(default_factory=dict[str, str])
    """What the program prints by runner: cpython, micropython, an implementation, or "" for all of them."""
    fixes: Block | None = None
    """The block above, of which this one is the fixed form."""
    unsafe: bool = False
    """The fix is one that only --unsafe-fixes makes."""
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    """The other files of its project by name: the `py file=NAME` blocks above it."""

    def __str__(self) -> str:
        return f"{self.page}:{self.row}"

    def written(self, folder: Path) -> Path:
        """The path of the program, after it and the other files of its project were written below a folder."""
        for name, code in {**self.files, "example.py": self.code}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(code, encoding="utf-8")
        return folder / "example.py"

    def expected(self, runner: str) -> str | None:
        """What the program prints on cpython, micropython (a real one) or an implementation's shim, if known.

        What is said of all, or of micropython, holds for the shims of those ports that the block is meant for.
        """
        if runner in RARE or (runner in SHIMS and not self.meant_for(SHIMS[runner])):
            return self.outputs.get(runner)
        names = ("cpython",) if runner == "cpython" else (runner, "micropython")
        return next((self.outputs[name] for name in (*names, "") if name in self.outputs), None)

    def meant_for(self, port: str) -> bool:
        """Whether the port is among the block's targets, or it has none."""
        return "target" not in self.options or any(self._targets(port))

    def played(self, port: str) -> Release:
        """The release that the shim of the port plays: the newest that the block is meant for."""
        return max((target.until for target in self._targets(port)), default=NEWEST)

    def judged_by(self, port: str, release: Release | None) -> bool:
        """Whether a real interpreter of that release, None for a preview, is to print what the page says.

        A block that names a release of the port is for that one alone; the others print the same on every release.
        """
        ranges = [one for one in self._targets(port) if "=" in str(one)]
        return not ranges or (release is not None and any(one.since <= release <= one.until for one in ranges))

    def _targets(self, port: str) -> list[Target]:
        written = self.options.get("target")
        return [target for target in parse_targets([written]) if target.port == port] if written else []


@dataclass(frozen=True, slots=True)
class Page:
    """One rule's page."""

    path: Path
    header: Mapping[str, Any]
    title: str
    headings: tuple[str, ...]
    paragraphs: tuple[str, ...]
    blocks: tuple[Block, ...]


def config(block: Block) -> Config:
    """How a block is linted. Opt-in rules are on in their own page only; other pages share what is selected."""
    targets, name = block.options.get("target"), Path(block.page).stem
    return Config(
        targets=parse_targets([targets]) if targets else None,
        extend_select=(name,) if rules()[name].opt_in else (),
        assume="device" if "assume" in block.options else "auto",
    )


def read_page(path: Path) -> Page:
    """The page at `path`. Raises PageError."""
    tokens = MarkdownIt("commonmark").parse(path.read_text(encoding="utf-8"))
    blocks = _Reader(path.name).read(tokens)
    tables = [token.content for token in tokens if token.info == "toml"]
    texts = _inline(tokens)
    return Page(
        path=path,
        header=_header(path.name, tables),
        title=next((text for kind, text in texts if kind == "h1"), ""),
        headings=tuple(text for kind, text in texts if kind == "h2"),
        paragraphs=tuple(text for kind, text in texts if kind == "p"),
        blocks=tuple(blocks),
    )


def _inline(tokens: list[Token]) -> list[tuple[str, str]]:
    return [(opening.tag, token.content) for opening, token in pairwise(tokens) if token.type == "inline"]


def _header(page: str, tables: list[str]) -> dict[str, Any]:
    if not tables:
        raise PageError(f"{page}:1: no toml block")
    header = toml.loads(tables[0])
    if unknown := [key for key in header if key not in _HEADER]:
        raise PageError(f"{page}:1: unknown key {unknown[0]}; known are {', '.join(_HEADER)}")
    return header


class _Reader:
    """Takes the fences of one page in order; what a fence means depends on the block above it."""

    def __init__(self, page: str) -> None:
        self._page = page
        self._blocks: list[Block] = []
        self._files: dict[str, str] = {}

    def read(self, tokens: list[Token]) -> list[Block]:
        for before, token in zip([None, *tokens], tokens, strict=False):
            if token.type == "code_block":
                raise self._error(token, "an indented block: nothing would test it, use a fence")
            if token.type == "fence":
                self._take(token, introduced=before is not None and before.type == "paragraph_close")
        return self._blocks

    def _take(self, token: Token, introduced: bool) -> None:
        language, *words = token.info.split() or [""]
        if language == "py" and words[:1] == ["fixed"]:
            self._take_fixed(token, words[1:], introduced)
        elif language == "py":
            marks = tuple(_marks(token.content))
            options = self._options(token, words)
            code = _MARK.sub("", token.content)
            block = Block(self._page, _row(token), code, marks, options, introduced)
            if "file" in options:
                self._files[options["file"]] = code
            else:
                block, self._files = replace(block, files=self._files), {}
            self._blocks.append(block)
        elif language == "output":
            self._take_output(token, words)
        elif language not in _PROSE:
            raise self._error(token, f"a block of {language!r}: known are py, output, {', '.join(_PROSE)}")

    def _take_fixed(self, token: Token, words: list[str], introduced: bool) -> None:
        if words not in ([], ["unsafe"]):
            raise self._error(token, "a fixed block is `py fixed` or `py fixed unsafe`")
        above = next((block for block in reversed(self._blocks) if block.fixes is None), None)
        if above is None or not above.marks:
            raise self._error(token, "a fixed block follows the block that it fixes")
        fixed = replace(above, row=_row(token), code=token.content, marks=(), introduced=introduced, outputs={})
        self._blocks.append(replace(fixed, fixes=above, unsafe=bool(words)))

    def _take_output(self, token: Token, runners: list[str]) -> None:
        if not self._blocks:
            raise self._error(token, "an output block follows the block that prints it")
        for runner in runners or [""]:
            self._blocks[-1] = self._with_output(token, runner)

    def _with_output(self, token: Token, runner: str) -> Block:
        block = self._blocks[-1]
        if runner not in _RUNNERS:
            raise self._error(token, f"no runner is called {runner!r}; known are {', '.join(_RUNNERS[1:])}")
        general = {"", "cpython", "micropython"} & {runner, *block.outputs}
        if runner in block.outputs or ("" in general and len(general) > 1):
            raise self._error(token, "this output was given above")
        if token.content == block.expected("cpython" if runner == "micropython" else runner):
            raise self._error(token, f"{runner or 'all'} and what was given above print the same: say it once")
        return replace(block, outputs={**block.outputs, runner: token.content})

    def _options(self, token: Token, words: list[str]) -> dict[str, str]:
        options = {key: value for key, _, value in (word.partition("=") for word in words)}
        for key, value in options.items():
            if key not in _OPTIONS or value not in (_OPTIONS[key] or (value,)):
                raise self._error(token, f"unknown option {key}={value}")
        return options

    def _error(self, token: Token, text: str) -> PageError:
        return PageError(f"{self._page}:{_row(token)}: {text}")


def _row(token: Token) -> int:
    return token.map[0] + 1 if token.map else 0


def _marks(code: str) -> Iterator[Mark]:
    for row, line in enumerate(code.splitlines(), 1):
        if mark := _MARK.search(line):
            yield from (Mark(row, name.strip()) for name in mark[1].split(","))


def _readable(paths: list[Path]) -> Iterator[Page]:
    for path in paths:
        with suppress(PageError):
            yield read_page(path)


PATHS: Final = sorted((ROOT / "rules").glob("*.md"))
PAGES: Final = list(_readable(PATHS))
"""The pages that can be read; one that cannot be is the failure of a single test."""

BLOCKS: Final = [block for page in PAGES for block in page.blocks]

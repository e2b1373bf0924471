"""The programs of a rule's page as a reader wants them: what usock-lint says of each, and what printed what."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from markdown_it.token import Token

from tools.rulepages.interpreters import SUITES, micropython_names
from tools.rulepages.pages import RARE, SHIMS, Block, Page, config
from tools.website.words import word
from usock_lint import lint_source
from usock_lint.i18n import Lang
from usock_lint.ports import PORTS, Target, parse_targets
from usock_lint.ports.releases import release_name
from usock_lint.ports.targets import FIRST

_PLAYED = {**SHIMS, **RARE}
_SHIMS = ("shim of {ports}", "shims of {ports}")
_PEERS = {
    "echo": "the other end echoes",
    "silent": "the other end is silent",
    "drip": "the other end sends byte by byte",
    "close": "the other end closes",
    "reset": "the other end resets the connection",
    "http": "the other end speaks HTTP",
    "absent": "it is its own other end",
}


class Reader:
    """Takes the blocks of one page in order, as they come."""

    def __init__(self, page: Page, lang: Lang) -> None:
        self._page = page
        self._lang: Lang = lang
        self._blocks = {block.row: block for block in page.blocks}
        self._last: Block | None = None
        self._told = False

    def take(self, token: Token, row: int) -> str:
        """The Markdown for a block of the page that begins in this row."""
        if row in self._blocks:
            self._last, self._told = self._blocks[row], False
            return _program(self._last, self._lang)
        if self._told or self._last is None:
            return ""
        self._told = True
        return _outputs(self._last, self._page, self._lang)


class Where(NamedTuple):
    """The ports on whose newest release an example of a page is reported by its rule, and those on older ones only."""

    now: set[str]
    before: set[str]


def ports_reported(page: Page) -> Where:
    """Where the rule of a page is about something."""
    everywhere = parse_targets("docs" if port == "docs" else f"{port}>={release_name(FIRST[port])}" for port in PORTS)
    marked = [block for block in page.blocks if block.marks]
    now = {target for block in marked for target in _reported(block, parse_targets("all"))}
    ever = {target for block in marked for target in _reported(block, everywhere)}
    return Where(now, ever - now)


def _reported(block: Block, targets: tuple[Target, ...]) -> set[str]:
    settings = config(block)._replace(targets=targets)
    found = [one for one in lint_source(block.code, "example.py", settings) if one.name == Path(block.page).stem]
    return {target.partition(">=")[0] for one in found for target in one.targets}


def _program(block: Block, lang: Lang) -> str:
    found = lint_source(block.code, "example.py", config(block)._replace(lang=lang))
    kind = "fixed" if block.fixes else "reported" if found else "silent"
    rows = " ".join(str(row) for row in sorted({one.location.row for one in found}))
    marked = f' hl_lines="{rows}"' if rows else ""
    parts = [_fence("py", _title(block, kind, lang), block.code, marked)]
    if found:
        said = "\n".join(
            f"{one.path}:{one.location.row}:{one.location.column}: {one.code} {one.message}" for one in found
        )
        parts.append(_fence("{ .text .said", word("usock-lint prints", lang), said, " }"))
    return _block(f"example {kind}", parts)


def _title(block: Block, kind: str, lang: Lang) -> str:
    """What becomes of the example, and under which conditions."""
    option = " --unsafe-fixes" if block.unsafe else ""
    verdict = f"Fixed by `--fix{option}`" if kind == "fixed" else kind.capitalize()
    parts = [word(verdict, lang).replace("`", "")]
    if "target" in block.options:
        parts.append(word("for {targets}", lang, targets=block.options["target"].replace(",", ", ")))
    if "assume" in block.options:
        parts.append(word("linted as device code", lang))
    if "peer" in block.options:
        parts.append(word(_PEERS[block.options["peer"]], lang))
    return " · ".join(parts)


def _outputs(block: Block, page: Page, lang: Lang) -> str:
    """What the program printed, once for all that printed the same."""
    seen: dict[str, list[str]] = {}
    played = {} if "shim" in page.header else _PLAYED
    for runner in ("cpython", "micropython", *played):
        if (text := block.expected(runner)) is not None:
            seen.setdefault(text, []).append(runner)
    parts = [
        _fence("{ .text .printed", word("Printed by {runners}", lang, runners=_names(runners, lang)), shown, " }")
        for text, runners in seen.items()
        for shown in [text.rstrip("\n") or word("(nothing)", lang)]
    ]
    return _block("outputs", parts)


def _names(runners: Iterable[str], lang: Lang) -> str:
    """CPython, MicroPython with its releases, and the shims by the ports that they play."""
    runners = list(runners)
    shims = [_PLAYED[runner] for runner in runners if runner in _PLAYED]
    named = {"cpython": "CPython", "micropython": f"MicroPython {_releases() or word('unix port', lang)}"}
    parts = [named[runner] for runner in runners if runner in named]
    return " · ".join([*parts, *([word(_SHIMS[len(shims) > 1], lang, ports=", ".join(shims))] if shims else [])])


@cache
def _releases() -> str:
    """The releases of the interpreters that the tests use here; empty where they are yet to be fetched."""
    paths = [name for name in micropython_names() if name not in SUITES]
    return ", ".join(sorted({one for path in paths for one in _release(path)}))


def _release(path: str) -> Iterator[str]:
    command = [path, "-c", "import sys; print(sys.version)"]
    try:
        printed = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False).stdout
    except OSError:
        return
    yield from re.findall(r"MicroPython v([\d.]+)", printed)


def _block(kind: str, parts: Iterable[str]) -> str:
    return "\n".join([f'<div class="{kind}" markdown>\n', *parts, "</div>\n"])


def _fence(language: str, title: str, text: str, more: str) -> str:
    fence = "`" * (3 + max((len(run) for run in re.findall(r"`{3,}", text)), default=0))
    return f'{fence}{language} title="{title}"{more}\n{text.rstrip()}\n{fence}\n'

"""Markdown as the site's generator wants it, and the links of the repository's files."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, TypeAlias

from markdown_it import MarkdownIt

ROOT: Final = Path(__file__).parent.parent.parent
"""The checkout."""

ASSETS: Final = ROOT / "docs/site"
"""The generator's settings, styles and scripts, and the pictures of the pages."""

REPOSITORY: Final = "https://github.com/micropython/micropython/blob"

Entry: TypeAlias = "dict[str, str | list[Entry]]"
"""A line of the navigation: a title with a page, or with what is below it."""

_LINK = re.compile(r"\]\((?!https?:|#)(?P<path>[^)#\s]+)(?P<anchor>#[^)\s]*)?\)")
_SOURCE = re.compile(r"(?<![\w/`])(?P<path>[\w./-]+\.[a-z]+):(?P<line>\d+)@(?P<tag>v[\d.]+\d|[0-9a-f]{10})")
_HEADING = re.compile(r"^##+ .*$", re.M)
_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+")
_LANGUAGES = {".py": "py", ".yml": "yaml", ".toml": "toml"}


class Documents:
    """Markdown of the repository on its way to the site: its links lead to pages of the site, by `rules/name.md`.

    `where` says on which page a file of the repository is. What it gives None for has a page of its own, which shows
    the file.
    """

    def __init__(self, where: Callable[[str], str | None]) -> None:
        self._where = where
        self.pages: dict[str, str] = {}
        """What was added, and the files that it leads to."""

    def add(self, page: str, text: str, source: str) -> None:
        """Add what a file of the repository says, under its path there."""
        folder = posixpath.dirname(source)
        self.pages[page] = prose(indented(text), lambda line: with_sources(self._linked(line, page, folder)))

    def _linked(self, text: str, page: str, folder: str) -> str:
        def link(found: re.Match[str]) -> str:
            anchor = found["anchor"] or ""
            target = self._page_of(posixpath.normpath(posixpath.join(folder, found["path"])))
            return f"]({posixpath.relpath(target, posixpath.dirname(page) or '.')}{anchor})"

        return _LINK.sub(link, text)

    def _page_of(self, path: str) -> str:
        if known := self._where(path):
            return known
        page = f"files/{path}.md"
        if page not in self.pages:
            self.pages[page] = _listing(path)
        return page


def _listing(path: str) -> str:
    """A page that shows a file of the repository, or the files of a folder."""
    here = ROOT / path
    files = sorted(here.glob("*.*")) if here.is_dir() else [here]
    shown = (_fenced(one.read_text(encoding="utf-8"), _LANGUAGES.get(one.suffix, "text"), one.name) for one in files)
    return "\n".join([f"# `{path}`\n", *shown])


def _fenced(text: str, language: str, title: str) -> str:
    return f'````{language} title="{title}"\n{text.strip()}\n````\n'


def fence_rows(text: str) -> list[range]:
    """The rows of each block of code, from 0, its fences included."""
    tokens = MarkdownIt("commonmark").parse(text)
    return [range(*token.map) for token in tokens if token.type == "fence" and token.map]


def prose(text: str, change: Callable[[str], str]) -> str:
    """The text with something done to each of its lines that is not in a block of code."""
    fenced = {row for rows in fence_rows(text) for row in rows}
    return "".join(line if row in fenced else change(line) for row, line in enumerate(text.splitlines(True)))


def with_sources(text: str) -> str:
    """Prose in which a place in MicroPython's tree, `path:line@tag`, is a link to it."""
    return _SOURCE.sub(
        lambda found: f"[{found[0]}]({REPOSITORY}/{found['tag']}/{found['path']}#L{found['line']})", text
    )


def unsearched(text: str) -> str:
    """Markdown that the search of the site leaves out, headings included."""
    headed = _HEADING.sub(r"\g<0> { data-search-exclude }", text)
    return f"<div data-search-exclude markdown>\n\n{headed}\n</div>\n"


def indented(text: str) -> str:
    """Markdown whose lists are indented by four columns a level, as the generator wants them."""
    lines = text.splitlines(True)
    more = [0] * len(lines)
    for token in MarkdownIt("commonmark").parse(text):
        if token.type == "list_item_open" and token.map:
            first, end = token.map
            marker = _ITEM.match(lines[first])
            for row in range(first + 1, end) if marker else ():
                more[row] += max(0, 4 - len(marker[0].lstrip())) if marker else 0
    return "".join(" " * count + line if line.strip() else line for count, line in zip(more, lines, strict=True))


def section(title: str, lines: Iterable[str]) -> str:
    """A second-level section."""
    return "\n".join([f"\n## {title}\n", *lines, ""])

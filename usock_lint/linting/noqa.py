"""Comments that suppress: `# noqa`, `# noqa: USK102` and `# flake8: noqa`, read as flake8 reads them."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from usock_lint.diagnostics import Edit, Finding, Location
from usock_lint.syntax.lines import split_lines
from usock_lint.syntax.text import comments

INLINE = re.compile(r"# noqa(?::\s?(?P<codes>(?:[A-Z]+[0-9]+[,\s]*)+))?", re.IGNORECASE)
"""A comment for one line, as flake8 reads it: `# noqa`, or `# noqa:` and codes."""

WHOLE_FILE = re.compile(r"\s*# flake8[:=]\s*noqa", re.IGNORECASE)
"""The beginning of a line that suppresses everything in the file."""


def unsuppressed(findings: Iterable[Finding], text: str) -> list[Finding]:
    """The findings that no comment in the text suppresses."""
    found, lines = list(findings), split_lines(text)
    if not found or any(WHOLE_FILE.match(line) for line in lines):
        return []
    joined = _joined(text)
    return [one for one in found if not _suppresses(joined.get(one.location.row, ""), one.code)]


class Unused(NamedTuple):
    """A comment that names these codes in vain, its place, and the edit that removes them."""

    location: Location
    end_location: Location
    codes: tuple[str, ...]
    edit: Edit


def unused(findings: Iterable[Finding], text: str, in_vain: Callable[[str], bool]) -> Iterator[Unused]:
    """The comments with codes that match none of these findings on their lines.

    `in_vain` tells if a code without findings is unused for certain: it may belong to a rule that is off.
    """
    lines = split_lines(text)
    if any(WHOLE_FILE.match(line) for line in lines):
        return
    found, joined = list(findings), _rows(text)
    for row, column, _ in comments(lines):
        comment = INLINE.search(lines[row - 1])
        if comment is None or comment["codes"] is None or comment.start() < column:
            continue
        codes = comment["codes"].replace(",", " ").split()
        first, last = joined[row]
        there = [one.code for one in found if first <= one.location.row <= last]
        vain = [code for code in codes if in_vain(code) and not any(one.startswith(code) for one in there)]
        if vain:
            kept = [code for code in codes if code not in vain]
            yield _unused(row, lines[row - 1], comment, vain, kept)


def _unused(row: int, line: str, comment: re.Match[str], vain: list[str], kept: list[str]) -> Unused:
    """A comment with codes in vain. Without codes to keep, the edit removes it, but not a remark behind it."""
    start, end = comment.start(), comment.end("codes")
    while line[end - 1] in ", \t":
        end -= 1
    first, last, content = comment.start("codes"), end, ", ".join(kept)
    if not kept:
        rest = line[end:].lstrip(", \t")
        first, last = start, len(line) - len(rest)
        content = "# " if rest and not rest.startswith("#") else ""
        if not rest:
            first = len(line[:start].rstrip())
    edit = Edit(Location(row, first + 1), Location(row, last + 1), content)
    return Unused(Location(row, start + 1), Location(row, end + 1), tuple(vain), edit)


def _suppresses(line: str, code: str) -> bool:
    """True if the comment in a line, if there is one, is for findings of this code."""
    comment = INLINE.search(line)
    if comment is None or comment["codes"] is None:
        return comment is not None
    return code.startswith(tuple(comment["codes"].replace(",", " ").split()))


def _joined(text: str) -> dict[int, str]:
    """The text in which to look for a comment, by row."""
    lines = split_lines(text)
    return {row: "\n".join(lines[first - 1 : last]) for row, (first, last) in _rows(text).items()}


@lru_cache(1)
def _rows(text: str) -> dict[int, tuple[int, int]]:
    """As `rows_joined`, kept for the second question about a text."""
    return rows_joined(split_lines(text))


def rows_joined(lines: list[str]) -> dict[int, tuple[int, int]]:
    """The first and last of the rows that a comment is for, by row: a string or a backslash joins several."""
    alone = {row: (row, row) for row in range(1, len(lines) + 1)}
    whole = dict(alone)
    first = last = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO("\n".join(lines)).readline):
            if token.type in (tokenize.ENDMARKER, tokenize.DEDENT):
                continue
            first, last = min(first or token.start[0], token.start[0]), max(last, token.end[0])
            if token.type in (tokenize.NL, tokenize.NEWLINE):
                whole.update(dict.fromkeys(range(first, last + 1), (first, last)))
                first = last = 0
    except (tokenize.TokenError, SyntaxError):
        return alone
    return whole

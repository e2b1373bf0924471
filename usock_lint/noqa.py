"""Comments that suppress: `# noqa`, `# noqa: USK102` and `# flake8: noqa`, read as flake8 reads them."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterable

from flake8.defaults import NOQA_FILE, NOQA_INLINE_REGEXP

from usock_lint.findings import Finding
from usock_lint.positions import split_lines


def unsuppressed(findings: Iterable[Finding], text: str) -> list[Finding]:
    """The findings that no comment in the text suppresses."""
    lines = split_lines(text)
    if any(NOQA_FILE.match(line) for line in lines):
        return []
    joined = _joined(lines)
    return [one for one in findings if not _names(joined.get(one.location.row, ""), one.code)]


def _names(line: str, code: str) -> bool:
    comment = NOQA_INLINE_REGEXP.search(line)
    if comment is None or comment["codes"] is None:
        return comment is not None
    return code.startswith(tuple(comment["codes"].replace(",", " ").split()))


def _joined(lines: list[str]) -> dict[int, str]:
    """The text in which to look for a comment, by row: a string or a backslash makes one of several rows."""
    whole = dict(enumerate(lines, 1))
    first = last = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO("\n".join(lines)).readline):
            if token.type in (tokenize.ENDMARKER, tokenize.DEDENT):
                continue
            first, last = min(first or token.start[0], token.start[0]), max(last, token.end[0])
            if token.type in (tokenize.NL, tokenize.NEWLINE):
                whole.update(dict.fromkeys(range(first, last + 1), "\n".join(lines[first - 1 : last])))
                first = last = 0
    except (tokenize.TokenError, SyntaxError):
        return dict(enumerate(lines, 1))
    return whole

"""`--add-noqa`: writes `# noqa: USK102` comments that suppress the present findings of a code base."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from usock_lint.diagnostics import FileReport, Finding, Location
from usock_lint.files import atomic_write, discovery
from usock_lint.linting.file import lint
from usock_lint.linting.noqa import INLINE, rows_joined
from usock_lint.linting.source import Source
from usock_lint.settings.config import Config
from usock_lint.syntax.lines import Lines, split_lines
from usock_lint.syntax.text import BYTE_ORDER_MARK, comments
from usock_lint.threads import without_warnings

_LEFT = "is left as it is: comments would break it"
_CHANGED = "is left as it is: it was changed after it was linted"


def suppress(report: FileReport, config: Config) -> FileReport:
    """Write comments that suppress these findings into a file; return the report on the remaining ones.

    A file that does not parse is left alone, and so is one whose code the comments would change, or that is no longer
    what was linted.
    """
    data = discovery.read(report.path)
    if isinstance(data, discovery.Unreadable):
        return report._replace(problem=data.reason)
    before = Source(report.path, data).decoded
    if not _has_lines(before.text, report.findings):
        return report._replace(problem=_CHANGED)
    text = with_comments(before.text, report.findings)
    if text == before.text:
        return report
    if before.encode(before.text) != data or not _same_code(before.text, text):
        return report._replace(problem=_LEFT)
    try:
        changed = before.encode(text)
        atomic_write.rewrite(report.path, data, changed)
    except OSError as error:
        return report._replace(problem=f"not written: {discovery.reason(error)}")
    return lint(Source(report.path, changed), config._replace(networked=config.networked and not report.reached))


def _has_lines(text: str, findings: Iterable[Finding]) -> bool:
    """True if each finding's line is where it was."""
    lines = split_lines(text.removeprefix(BYTE_ORDER_MARK))
    rows = ((one.location.row, one.line.removeprefix(BYTE_ORDER_MARK)) for one in findings)
    return all(row <= len(lines) and lines[row - 1] == line for row, line in rows)


def with_comments(text: str, findings: Iterable[Finding]) -> str:
    """The text with a comment for each finding; a `noqa` comment that is in the line gets its code added."""
    lines, starts = split_lines(text), Lines(text)
    for place, old_end, added in sorted(_insertions(lines, findings), reverse=True):
        start, end = starts.offset(place), starts.offset(old_end)
        text = text[:start] + added + text[end:]
    return text


def _insertions(lines: list[str], findings: Iterable[Finding]) -> Iterator[tuple[Location, Location, str]]:
    """The edits that add the comments: where each begins, where the text ends that it replaces, and the new text."""
    joined = rows_joined(lines)
    begun = {row: column for row, column, _ in comments(lines)}
    wanted: dict[tuple[int, int], set[str]] = {}
    for finding in findings:
        if finding.name != "syntax-error":
            wanted.setdefault(joined[finding.location.row], set()).add(finding.code)
    for (first, last), codes in wanted.items():
        line, whole = lines[last - 1], "\n".join(lines[first - 1 : last])
        found = INLINE.search(whole)
        if found is None:
            behind = Location(last, len(line.rstrip()) + 1), Location(last, len(line) + 1)
            yield *behind, f"  # noqa: {', '.join(sorted(codes))}"
        elif found["codes"] is not None and found.start() >= len(whole) - len(line) + begun.get(last, len(line)):
            # Otherwise the match is text in a string. Only the first match in a line counts, so no comment helps.
            written = found["codes"].rstrip(", \t")
            place = Location(last, found.start("codes") + len(written) - (len(whole) - len(line)) + 1)
            yield place, place, "".join(f", {code}" for code in sorted(codes))


def _same_code(one: str, two: str) -> bool:
    try:
        with without_warnings:
            first, second = (ast.parse(text.removeprefix(BYTE_ORDER_MARK)) for text in (one, two))
            return ast.dump(first) == ast.dump(second)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return False

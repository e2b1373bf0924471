"""The format `full`: each finding with its source lines, the offence marked, the advice, and the diff of a fix.

The source lines and the diff are read from the file again. They are omitted if it is missing or has changed since.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from functools import cache
from unicodedata import combining, east_asian_width

from usock_lint.catalog.pages import rules
from usock_lint.diagnostics import Finding, Fix
from usock_lint.files.discovery import read
from usock_lint.i18n import Lang, say
from usock_lint.linting.edits import apply
from usock_lint.output.findings.text import headline
from usock_lint.output.terminal import Paint, plain
from usock_lint.syntax.lines import split_lines
from usock_lint.syntax.text import BYTE_ORDER_MARK, decode

_SHOWN = 120
"""Characters of a line that are shown at most."""
_BEFORE = 40
"""As many of them may stand before the offence when a line is cut."""
_AROUND = 2
"""Lines that are shown before the offence, and after."""
_TAB = "    "

_Numbered = tuple[int, str]


def render(findings: Iterable[Finding], paint: Paint = plain, lang: Lang = "en") -> str:
    """A few lines for each finding, with a blank one between two."""
    texts = cache(_text)
    return "\n".join(
        "".join(f"{line}\n" for line in _lines(found, texts(found.path), paint, lang)) for found in findings
    )


def _text(path: str) -> str:
    """The text of a file, "" where it cannot be read."""
    data = read(path)
    return decode(data).text.removeprefix(BYTE_ORDER_MARK) if isinstance(data, bytes) else ""


def _lines(finding: Finding, text: str, paint: Paint, lang: Lang) -> Iterator[str]:
    row, rows = finding.location.row, split_lines(text)
    is_there = rows[row - 1 : row] == [finding.line]
    before, after = _around(rows, row) if is_there else ((), ())
    change = _change(text, finding.fix) if is_there and finding.fix else ()
    width = len(str(max(row, *(number for number, _ in after), *(number for _, number, _ in change), 0)))
    source, mark = _excerpt(finding)
    margin, edge = " " * width, paint("gutter", "|")

    def shown(number: int, line: str) -> str:
        return f"{paint('gutter', str(number).rjust(width))} {edge} {line}".rstrip()

    yield headline(finding, paint, " [*]" if finding.fix and finding.fix.applicability == "safe" else "")
    yield f"{margin} {edge}"
    yield from (shown(number, _visible(line[:_SHOWN])) for number, line in before)
    yield shown(row, source)
    yield f"{margin} {edge} {' ' * (len(mark) - len(mark.lstrip()))}{paint('mark', mark.lstrip())}"
    yield from (shown(number, _visible(line[:_SHOWN])) for number, line in after)
    yield f"{margin} {edge}"
    for label, note in _notes(finding, lang):
        yield f"{margin} {paint('gutter', '=')} {paint('note', f'{label}:')} {note}"
    for sign, number, line in change:
        changed = f"{sign} {_visible(line[:_SHOWN])}"
        shown_change = paint("removed", changed) if sign == "-" else paint("added", changed)
        yield f"{paint('gutter', str(number).rjust(width))} {shown_change}"


def _around(rows: Sequence[str], row: int) -> tuple[Sequence[_Numbered], Sequence[_Numbered]]:
    """The lines before and after a row, without those that are empty at either end."""
    numbered = list(enumerate(rows, 1))
    before, after = numbered[max(row - 1 - _AROUND, 0) : row - 1], numbered[row : row + _AROUND]
    while before and not before[0][1].strip():
        before.pop(0)
    while after and not after[-1][1].strip():
        after.pop()
    return before, after


def _change(text: str, fix: Fix) -> Sequence[tuple[str, int, str]]:
    """The lines that a fix takes out (`-`, with their numbers in the old text) and puts in (`+`, in the new one)."""
    old, new = split_lines(text), split_lines(apply(text, [fix])[0])
    found: list[tuple[str, int, str]] = []
    for kind, start, end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            found += [("-", number + 1, old[number]) for number in range(start, end)]
            found += [("+", number + 1, new[number]) for number in range(new_start, new_end)]
    return found


def _notes(finding: Finding, lang: Lang) -> Iterator[tuple[str, str]]:
    yield say("help").in_(lang), rules()[finding.name].summary_in(lang)
    if finding.fix:
        unsafe = say(" (unsafe)").in_(lang) if finding.fix.applicability == "unsafe" else ""
        yield say("fix").in_(lang), finding.fix.message + unsafe


def _excerpt(finding: Finding) -> tuple[str, str]:
    """The source line, cut if it is long, and a line with carets under the offence as far as it goes."""
    line, (row, column) = finding.line, finding.location
    end = finding.end_location.column if finding.end_location.row == row else len(line) + 1
    first = max(0, column - 1 - _BEFORE) if len(line) > _SHOWN else 0
    shown = line[first : first + _SHOWN]
    ahead, after = "…" if first else "", "…" if first + _SHOWN < len(line) else ""
    offence = _visible(line[column - 1 : min(end - 1, first + _SHOWN)])
    before = ahead + _visible(line[first : column - 1])
    return ahead + _visible(shown) + after, " " * _width(before) + "^" * max(_width(offence), 1)


def _visible(text: str) -> str:
    """The text with spaces in place of tabs, and a replacement character in place of what cannot be printed."""
    spaced = text.replace("\t", _TAB)
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in spaced)


def _width(text: str) -> int:
    """The columns that a text takes in a terminal."""
    return sum(0 if combining(one) else 2 if east_asian_width(one) in "WF" else 1 for one in text)

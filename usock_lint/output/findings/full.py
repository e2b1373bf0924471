"""The format `full`, for people: each finding with its source line, the offence marked, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from unicodedata import combining, east_asian_width

from usock_lint.catalog.pages import rules
from usock_lint.diagnostics import Finding
from usock_lint.i18n import Lang, say
from usock_lint.output.findings.text import headline
from usock_lint.output.terminal import Paint, plain

_SHOWN = 120
"""Characters of a line that are shown at most."""
_BEFORE = 40
"""As many of them may stand before the offence when a line is cut."""
_TAB = "    "


def render(findings: Iterable[Finding], paint: Paint = plain, lang: Lang = "en") -> str:
    """A few lines for each finding, with a blank one between two."""
    return "\n".join("".join(f"{line}\n" for line in _lines(found, paint, lang)) for found in findings)


def _lines(finding: Finding, paint: Paint, lang: Lang) -> Iterator[str]:
    number = str(finding.location.row)
    source, mark = _excerpt(finding)
    margin, edge = " " * len(number), paint("gutter", "|")
    yield headline(finding, paint)
    yield f"{margin} {edge}"
    yield f"{paint('gutter', number)} {edge} {source}".rstrip()
    yield f"{margin} {edge} {' ' * (len(mark) - len(mark.lstrip()))}{paint('mark', mark.lstrip())}"
    yield f"{margin} {edge}"
    for label, text in _notes(finding, lang):
        yield f"{margin} {paint('gutter', '=')} {paint('note', f'{label}:')} {text}"


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
    """The text with escapes in place of control characters."""
    spaced = text.replace("\t", _TAB)
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in spaced)


def _width(text: str) -> int:
    """The columns that a text takes in a terminal."""
    return sum(0 if combining(one) else 2 if east_asian_width(one) in "WF" else 1 for one in text)

"""One file: source to findings, and findings to a fixed source."""

from __future__ import annotations

import gc
import sys
from bisect import bisect_left
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from usock_lint import analysis, ports
from usock_lint.analysis.handlers import rescued
from usock_lint.analysis.uses import AnyUse
from usock_lint.catalog import pages
from usock_lint.checks import Report
from usock_lint.checks._repairs import Edge
from usock_lint.diagnostics import Edit, Finding, Fix, Location
from usock_lint.fast_dataclasses import replace
from usock_lint.files.ignore import rules_ignored
from usock_lint.i18n import Said, say
from usock_lint.linting import target_inference
from usock_lint.linting.selection import selected
from usock_lint.linting.target_wording import where
from usock_lint.settings.config import Config, covers
from usock_lint.syntax.parsing import Parsed, ParseError, parse
from usock_lint.syntax.positions import Lines, Locator, split_lines
from usock_lint.syntax.text import BYTE_ORDER_MARK

if TYPE_CHECKING:
    from usock_lint.i18n import Lang
    from usock_lint.linting.directives import Asked

_SYNTAX = "syntax-error"
_UNSUPPORTED = "unsupported-syntax"
_UNUSED_NOQA = "unused-noqa"
_INVALID_COMMENT = "invalid-comment"

_RECURSION = 8_000

# A fix may lead to another one; this many in a row would be two that undo each other.
_ROUNDS = 20


class Linted(NamedTuple):
    """The findings in a text, in order; whether it could be parsed; and why not, where that is no finding."""

    findings: list[Finding]
    parsed: bool = True
    warning: str | None = None


def lint_text(text: str, path: str, config: Config, *, noqa: bool = True) -> list[Finding]:
    """The findings in a source text, in order. What cannot be parsed is one finding; nothing is raised."""
    return lint(text, path, config, noqa=noqa).findings


def lint(text: str, path: str, config: Config, *, noqa: bool = True) -> Linted:
    """What there is to say of a source text. Only where there is no compiler to ask, ConfigError is raised."""
    marked, text = text.startswith(BYTE_ORDER_MARK), text.removeprefix(BYTE_ORDER_MARK)
    asked = _asked(text)
    if asked and asked.skip:
        return Linted([])
    config = asked.applied_to(config) if asked else config
    found, error = _found(text, path, config)
    warning = None
    if config.compile:
        found, error = _compiled(text, found, error, path, config)
    if error is None:
        found.update(_invalid_comments(asked, path, config) if asked else ())
    elif error.unread:
        warning = f"is not checked: line {error.row} may be right for MicroPython, but cannot be read: {error.message}"
    else:
        message = say("cannot be parsed: {error}", error=error.message)
        found.update(_of_the_file(message, Location(error.row, error.column), path, config))
    found.update(_byte_order_mark(path, config) if marked else ())
    placed = _placed(found, text, path, config, parsed=error is None, noqa=noqa)
    return Linted(sorted(placed, key=lambda one: (one.location, one.code, one.message)), error is None, warning)


def _found(text: str, path: str, config: Config) -> tuple[set[Finding], ParseError | None]:
    """What the checks find, or the error for which there is nothing to check."""
    try:
        with _at_ease():
            return set(_File(parse(text, _takes(config)), path, config).findings()), None
    except ParseError as error:
        return set(), error
    except RecursionError:
        return set(), ParseError(1, 1, "nested too deeply to be analysed")


def _takes(config: Config) -> Callable[[str], bool]:
    """Whether the compilers of all the targets take a form."""
    return lambda form: all(ports.has(cell, "syntax", form) for cell in ports.cells(config.targets or ports.PORTABLE))


def _compiled(
    text: str, found: set[Finding], error: ParseError | None, path: str, config: Config
) -> tuple[set[Finding], ParseError | None]:
    """The same by what MicroPython's own compiler says: of two that name a line, the first word counts."""
    from usock_lint.linting import compiler

    if not compiler.can_judge(text):
        return found, error
    refusal = compiler.refusal(text)
    if refusal is None:
        return found, None if error is None else ParseError(error.row, error.column, error.message, unread=True)
    if error is not None:
        return found, ParseError(error.row, error.column, error.message)
    rule = pages.rules()[_UNSUPPORTED]
    known = [one for one in found if one.name == rule.name]
    if any(refusal.row is None or one.location.row <= refusal.row <= one.end_location.row for one in known):
        return found, None
    place = Location(min(refusal.row or 1, len(split_lines(text))), 1)
    message = say("mpy-cross {release} refuses it: {error}", release=compiler.release(), error=refusal.error)
    return found | set(_of_rule(rule, message, (place, place), path, config)), None


def _placed(
    found: Iterable[Finding], text: str, path: str, config: Config, *, parsed: bool, noqa: bool
) -> Iterator[Finding]:
    """The findings that no comment and no setting suppresses, with the lines that they are in."""
    if noqa and "noqa" in text.lower():
        from usock_lint.linting.noqa import unsuppressed  # few files have such a comment

        vain = _unused_noqa(found, text, path, config) if parsed else ()
        found = unsuppressed([*found, *vain], text)
    if config.per_file_ignores:
        off = rules_ignored(path, config)
        found = [one for one in found if not any(covers(word, one.code, one.name) for word in off)]
    lines = split_lines(text) if found else []
    return (replace(one, line=lines[one.location.row - 1]) for one in found)


def _asked(text: str) -> Asked | None:
    """What the comments of a file ask for, if it has any."""
    if "usock-lint" not in text:
        return None
    from usock_lint.linting import directives  # few files need it

    return directives.read(text)


def fix_text(text: str, path: str, config: Config, *, unsafe: bool) -> tuple[str, int]:
    """The text with its fixes applied until none is left, and how many that were."""
    fixed, count, _ = fix_findings(text, lint_text(text, path, config), path, config, unsafe=unsafe)
    return fixed, count


def fix_findings(
    text: str, found: list[Finding], path: str, config: Config, *, unsafe: bool
) -> tuple[str, int, list[Finding]]:
    """What `fix_text` returns, and the findings that are left, for a text whose findings are known."""
    applied = 0
    for _ in range(_ROUNDS):
        fixes = [one.fix for one in found if one.fix and (unsafe or one.fix.applicability == "safe")]
        fixed, count = apply(text, fixes)
        if not count:
            break
        left = lint(fixed, path, config)
        if not left.parsed and fixed != text.removeprefix(BYTE_ORDER_MARK):
            break
        text, applied, found = fixed, applied + count, left.findings
    return text, applied, found


def prepare(config: Config) -> None:
    """Load what linting needs: processes that are begun as copies of this one share it."""
    lint('import socket\ns = socket.socket()\ns.connect(("x.org", 80))\n', "", config)


@contextmanager
def _at_ease() -> Generator[None]:
    """Without the collector, and with room to recurse.

    A file's tree is all new and all alive: looking for garbage in it doubles the time. It is as deep as the longest
    chain of strings, operators or elifs, with a few calls a level.
    """
    collecting, limit = gc.isenabled(), sys.getrecursionlimit()
    gc.disable()
    sys.setrecursionlimit(max(limit, _RECURSION))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
        if collecting:
            gc.enable()


class _File:
    """One parsed file, and the checks to run on it."""

    def __init__(self, parsed: Parsed, path: str, config: Config) -> None:
        self._path = path
        self._targets = target_inference.targets(parsed.module) if config.targets is None else config.targets
        self._parsed = parsed
        self._selection = selected(config)
        self._lang: Lang = config.lang or "en"

    @cached_property
    def _locator(self) -> Locator:
        return Locator(self._parsed.module, self._parsed.text, self._parsed.origin)

    def findings(self) -> Iterator[Finding]:
        for use in analysis.uses(self._parsed.module, ports.cells(self._targets), self._selection.kinds):
            for rule, check, _ in self._selection.about(use):
                for report in check(use):
                    if _stands(use, report):
                        yield self._finding(rule, use, report)

    def _finding(self, rule: pages.Rule, use: AnyUse, report: Report) -> Finding:
        cells = report.cells & use.site.live
        span = self._locator.span(report.node, use.site.path)
        place = where(cells, use.site.live, self._targets, report.lacking, self._lang)
        return Finding(
            path=self._path,
            location=self._locator.location(span.start),
            end_location=self._locator.location(span.end),
            code=rule.code,
            name=rule.name,
            message=report.message.text(rule.said(self._lang), where=place),
            targets=ports.describe(cells, self._targets),
            fix=self._fix(rule, use, report),
        )

    def _fix(self, rule: pages.Rule, use: AnyUse, report: Report) -> Fix | None:
        if report.repair is None:
            return None
        edits = tuple(
            Edit(self._edge(use, change.first), self._edge(use, change.last), change.content)
            for change in report.repair.changes
        )
        if not all(self._locator.is_verbatim(edit.location, edit.end_location) for edit in edits):
            return None
        return Fix(report.repair.applicability, report.repair.message.text(rule.said(self._lang)), edits)

    def _edge(self, use: AnyUse, edge: Edge) -> Location:
        span = self._locator.span(edge.node, use.site.path)
        offset: int = self._locator.line_end(span.end) if edge.side == "line_end" else getattr(span, edge.side)
        return self._locator.location(offset)


def _stands(use: AnyUse, report: Report) -> bool:
    """Whether an offence can happen: on some cell, and with no handler that does the job another way."""
    guarded = report.raises != "" and rescued(use.site.attempts, report.raises)
    return bool(report.cells & use.site.live) and not guarded


def _byte_order_mark(path: str, config: Config) -> Iterator[Finding]:
    message = say("begins with a byte order mark, which MicroPython takes for a letter; save the file without it")
    for one in _of_the_file(message, Location(1, 1), path, config):
        title = say("Leave it out").text(pages.rules()[_SYNTAX].said(config.lang or "en"))
        yield replace(one, fix=Fix("safe", title, ()))


def _of_the_file(message: Said, place: Location, path: str, config: Config) -> Iterator[Finding]:
    """A finding on a file that no device runs, whatever is selected."""
    yield from _of_rule(pages.rules()[_SYNTAX], message, (place, place), path, config._replace(select=("USK",)))


def _of_rule(
    rule: pages.Rule, message: Said, span: tuple[Location, Location], path: str, config: Config
) -> Iterator[Finding]:
    if config.selects(rule.code, rule.name, rule.opt_in):
        yield _told(rule, message, span, path, config)


def _invalid_comments(asked: Asked, path: str, config: Config) -> Iterator[Finding]:
    rule = pages.rules()[_INVALID_COMMENT]
    if config.selects(rule.code, rule.name, rule.opt_in):
        for place, end, message in asked.problems:
            yield _told(rule, message, (place, end), path, config)


def _unused_noqa(found: Iterable[Finding], text: str, path: str, config: Config) -> Iterator[Finding]:
    from usock_lint.linting.noqa import unused

    rule, every = pages.rules()[_UNUSED_NOQA], pages.rules().values()
    if not config.selects(rule.code, rule.name, rule.opt_in):
        return

    def in_vain(code: str) -> bool:
        meant = [one for one in every if one.code.startswith(code)]
        on = all(config.selects(one.code, one.name, one.opt_in) for one in meant)
        return code.startswith("USK") and on and rule not in meant

    for one in unused(found, text, in_vain):
        message = say("`noqa: {codes}` suppresses nothing; leave it out", codes=", ".join(one.codes))
        fix = Fix("safe", say("Leave it out").text(rule.said(config.lang or "en")), (one.edit,))
        yield replace(_told(rule, message, (one.location, one.end_location), path, config), fix=fix)


def _told(rule: pages.Rule, message: Said, span: tuple[Location, Location], path: str, config: Config) -> Finding:
    """A finding on the file as such, whatever the targets."""
    return Finding(path, *span, rule.code, rule.name, message.text(rule.said(config.lang or "en")), (), None)


# Fixes


def apply(text: str, fixes: Iterable[Fix]) -> tuple[str, int]:
    """Apply the fixes that do not overlap an earlier one; two that make the same edit are both done by it.

    Edits are about the text behind its byte order mark; a fix without any leaves that out.
    """
    fixes, mark = [*fixes], text[: text.startswith(BYTE_ORDER_MARK)]
    text = text.removeprefix(mark)
    offset = Lines(text).offset
    done: list[_Replacement] = []
    count = 0
    for fix in fixes:
        edits = [_Replacement(offset(one.location), offset(one.end_location), one.content) for one in fix.edits]
        if not any(_meets_another(edit, done) for edit in edits):
            for edit in edits:
                at = bisect_left(done, edit)
                if done[at : at + 1] != [edit]:
                    done.insert(at, edit)
            count += 1
    ends = [0, *(edit.end for edit in done)]
    starts = [*(edit.start for edit in done), len(text)]
    kept = [text[end:start] for end, start in zip(ends, starts, strict=True)]
    if all(fix.edits for fix in fixes):
        kept[0] = mark + kept[0]
    return "".join(chain(*zip(kept, [*(edit.content for edit in done), ""], strict=True))), count


class _Replacement(NamedTuple):
    """An edit by offsets. Those that are done are sorted and apart from each other."""

    start: int
    end: int
    content: str


def _meets_another(edit: _Replacement, done: list[_Replacement]) -> bool:
    """Whether an edit overlaps one that is done, or replaces the same text by another one."""
    at = bisect_left(done, edit)
    return any(
        (edit.start < other.end and other.start < edit.end) or edit[:2] == other[:2]
        for other in done[max(at - 1, 0) : at + 1]
        if other != edit
    )

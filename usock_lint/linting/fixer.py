"""Applies the fixes of a file's findings: lints the fixed text again, and leaves out fixes that break it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from usock_lint.diagnostics import Finding
from usock_lint.linting.edits import apply
from usock_lint.linting.engine import Linted, lint
from usock_lint.linting.source import Source
from usock_lint.settings.config import Config
from usock_lint.syntax.parsing import ParseError, parse
from usock_lint.syntax.text import BYTE_ORDER_MARK
from usock_lint.threads import on_large_stack

# How many times a text is fixed and linted again. A fix may lead to another one; more in a row undo each other.
_ROUNDS = 20


class Fixed(NamedTuple):
    """A text with fixes applied: their number, the findings left, and those whose fixes would make it unparsable."""

    text: str
    applied: int
    left: Linted
    unfixable: tuple[Finding, ...] = ()


def fix_findings(source: Source, found: Linted, config: Config, *, unsafe: bool) -> Fixed:
    """Apply the fixes of known findings, lint the result, and apply its fixes, until there are none."""
    done = Fixed(source.decoded.text, 0, found)
    for _ in range(_ROUNDS):
        fixable = [one for one in done.left.findings if one.fix and (unsafe or one.fix.applicability == "safe")]
        more = _fixed_once(done.text, fixable, source, config)
        done = done._replace(unfixable=more.unfixable)
        if not more.applied:
            break
        done = more._replace(applied=done.applied + more.applied)
    return done


def _fixed_once(text: str, fixable: Sequence[Finding], source: Source, config: Config) -> Fixed:
    """Apply these fixes once. Those that make the text unparsable are found by bisection and skipped."""

    def left_in(fixed: str) -> Linted:
        return lint(Source.of(fixed, source.path, source.folder), config)

    fixed, count = _applied(text, fixable)
    if not count:
        return Fixed(text, 0, Linted())
    left = left_in(fixed)
    # The only fix of a text that could not be parsed before removes its byte order mark.
    if left.parsed or fixed == text.removeprefix(BYTE_ORDER_MARK):
        return Fixed(fixed, count, left)
    sound = _sound(text, fixable)
    fixed, count = _applied(text, sound)
    broken = tuple(one for one in fixable if one not in sound)
    return Fixed(fixed, count, left_in(fixed) if count else Linted(), broken)


def _sound(text: str, fixable: Sequence[Finding]) -> list[Finding]:
    """The findings whose fixes together leave a text that can be parsed."""
    sound: list[Finding] = []
    pending = [fixable]
    while pending:
        some = pending.pop()
        if _parses(_applied(text, [*sound, *some])[0]):
            sound += some
        elif len(some) > 1:
            half = len(some) // 2
            pending += [some[half:], some[:half]]
    return sound


def _applied(text: str, fixable: Sequence[Finding]) -> tuple[str, int]:
    return apply(text, [one.fix for one in fixable if one.fix])


def _parses(text: str) -> bool:
    try:
        on_large_stack(lambda: parse(text))
    except (ParseError, RecursionError):
        return False
    return True

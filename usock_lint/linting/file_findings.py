"""Findings about a file itself, which no check yields: syntax errors, the byte order mark, and comments in vain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from usock_lint.catalog import pages
from usock_lint.diagnostics import Finding, Fix, Location
from usock_lint.fast_dataclasses import replace
from usock_lint.i18n import Said, say
from usock_lint.settings.config import Config
from usock_lint.syntax.lines import split_lines
from usock_lint.syntax.parsing import ParseError

if TYPE_CHECKING:
    from usock_lint.linting.directives import Directives

_SYNTAX = "syntax-error"
_UNSUPPORTED = "unsupported-syntax"
_UNUSED_NOQA = "unused-noqa"
_INVALID_COMMENT = "invalid-comment"


def byte_order_mark(path: str, config: Config) -> Iterator[Finding]:
    """The finding for a byte order mark, with a fix without edits, which removes it (`usock_lint.linting.edits`)."""
    message = say("begins with a byte order mark, which MicroPython takes for a letter; save the file without it")
    for one in _of_the_file(message, Location(1, 1), path, config):
        title = say("Leave it out").text(pages.rules()[_SYNTAX].said(config.lang or "en"))
        yield replace(one, fix=Fix("safe", title, ()))


def syntax_error(error: ParseError, path: str, config: Config) -> Iterator[Finding]:
    """The finding for a text that cannot be parsed."""
    message = say("cannot be parsed: {error}", error=error.message)
    return _of_the_file(message, Location(error.row, error.column), path, config)


def _of_the_file(message: Said, place: Location, path: str, config: Config) -> Iterator[Finding]:
    """A finding of syntax-error, which is reported whatever rules are selected."""
    rule, every = pages.rules()[_SYNTAX], config._replace(select=("USK",))
    for one in _of_rule(rule, message, (place, place), path, every):
        yield replace(one, raises="SyntaxError", on_import=True)


def _of_rule(
    rule: pages.Rule, message: Said, span: tuple[Location, Location], path: str, config: Config
) -> Iterator[Finding]:
    """A finding of a rule, if the rule is on."""
    if config.selects(rule.code, rule.name, rule.opt_in):
        yield _untargeted(rule, message, span, path, config)


def invalid_comments(directives: Directives, path: str, config: Config) -> Iterator[Finding]:
    """The findings for directives without effect."""
    rule = pages.rules()[_INVALID_COMMENT]
    for place, end, message in directives.problems:
        yield from _of_rule(rule, message, (place, end), path, config)


def unused_noqa(found: Iterable[Finding], text: str, path: str, config: Config) -> Iterator[Finding]:
    """The findings for `# noqa` comments with codes that match none of these findings."""
    from usock_lint.linting.noqa import unused

    rule, every = pages.rules()[_UNUSED_NOQA], pages.rules().values()
    if not config.selects(rule.code, rule.name, rule.opt_in):
        return

    def in_vain(code: str) -> bool:
        # A prefix such as USK1 means several rules. If one of them is off, the comment may be for a run with that rule.
        meant = [one for one in every if one.code.startswith(code)]
        on = all(config.selects(one.code, one.name, one.opt_in) for one in meant)
        return code.startswith("USK") and on and rule not in meant

    for one in unused(found, text, in_vain):
        message = say("`noqa: {codes}` suppresses nothing; leave it out", codes=", ".join(one.codes))
        fix = Fix("safe", say("Leave it out").text(rule.said(config.lang or "en")), (one.edit,))
        yield replace(_untargeted(rule, message, (one.location, one.end_location), path, config), fix=fix)


def _untargeted(rule: pages.Rule, message: Said, span: tuple[Location, Location], path: str, config: Config) -> Finding:
    """A finding that does not depend on the targets."""
    said = message.text(rule.said(config.lang or "en"))
    return Finding(path, *span, rule.code, rule.name, said, (), None, severity=rule.severity)


def compiled(
    text: str, found: set[Finding], error: ParseError | None, path: str, config: Config
) -> tuple[set[Finding], ParseError | None]:
    """The findings and the syntax error of a text, if mpy-cross decides whether it compiles and not the parser.

    Where it refuses what the parser accepts, there is a finding of unsupported-syntax, unless `found` has one there.
    """
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

"""`usock-lint explain`: print the page of a rule, or find the rules that explain what a device printed."""

from __future__ import annotations

import argparse
import builtins
from collections.abc import Sequence

from usock_lint.catalog import pages
from usock_lint.cli import standard_input
from usock_lint.cli.in_force import lang, project_targets
from usock_lint.cli.options import Parser, add_lang
from usock_lint.i18n import Lang, say, shortened
from usock_lint.output.rule_page import show
from usock_lint.ports.nearest import closest
from usock_lint.settings.config import ConfigError, unknown_rule

_EXAMPLES = """\
examples:
  usock-lint explain USK102
  usock-lint explain socket-timeout --full
  usock-lint explain socket.timeout
  usock-lint explain "AttributeError: 'socket' object has no attribute 'shutdown'"
  usock-lint explain OSError: -202
  usock-lint explain - < traceback.txt
"""

_TYPO = 0.9
"""How alike two errors are if one is the other, misspelt. Errors of the same form are as alike as 0.8."""


def main(words: Sequence[str]) -> int:
    """Print a rule's page, or the explanation of an error. Raises ConfigError if the words are neither."""
    parser = Parser(
        prog="usock-lint explain",
        description="Say what a rule is about, or find the rules that explain a name or what a device printed.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("words", metavar="CODE|NAME|ERROR", nargs="+", help="- reads standard input")
    parser.add_argument("--full", action="store_true", help="print all of a rule's page: its examples and proofs too")
    add_lang(parser)
    options = parser.parse_args(words)
    text, chosen = " ".join(options.words), lang(options.lang)
    if text == "-":
        text = standard_input.read().decode("utf-8", "replace")
    if not text.strip():
        raise ConfigError("there is nothing to explain: the text is empty")
    try:
        show(pages.find(text.strip()), chosen, full=options.full)
    except KeyError:
        _explain(text, chosen, full=options.full)
    return 0


def _explain(text: str, lang: Lang, *, full: bool) -> None:
    """Print the meanings of a number, the rules that explain the error, and the page of a single one."""
    from usock_lint.cli import device_errors, error_numbers

    error, targets = device_errors.last_error(text), project_targets()
    meanings = error_numbers.meanings(error, lang, targets)
    found = device_errors.of_name(error, lang, targets) or device_errors.matches(error, lang, targets)
    if not found and not meanings:
        raise _unknown(error)
    for line in meanings:
        print(line)
    for match in found:
        print(f"{match.rule.code}  {match.rule.name}  {match.rule.summary_in(lang)}\n        {match.text}")
    if len(found) == 1:
        print()
        show(found[0].rule, lang, full=full)
    elif found:
        print(say("`usock-lint explain {code}` prints the page.", code=found[0].rule.code).in_(lang))


def _unknown(error: str) -> ConfigError:
    """The error for words that nothing explains. A single word is more likely a misspelt rule than an error."""
    error = error.removesuffix(":")
    if len(error.split()) == 1 and not hasattr(builtins, error) and not error.endswith(("Error", "Exception")):
        return unknown_rule(shortened(error))
    texts = (text.replace("{}", "...") for rule in pages.rules().values() for text in rule.errors)
    near = closest(error, texts, _TYPO) if _has_words(error) else None
    return ConfigError(f"no rule explains `{shortened(error)}`{f' (did you mean `{near}`?)' if near else ''}")


def _has_words(error: str) -> bool:
    """True if an error is more than a number. No number is suggested for another, because it means another error."""
    message = error.partition(":")[2] or error
    return any(word.isascii() and word.isalpha() and word != "Errno" for word in message.strip(" []").split())

"""`usock-lint rules`: list the rules."""

from __future__ import annotations

from collections.abc import Sequence

from usock_lint.catalog import pages
from usock_lint.cli.in_force import lang
from usock_lint.cli.options import Parser, add_lang
from usock_lint.i18n import say


def main(words: Sequence[str]) -> int:
    """Print a line for each rule."""
    parser = Parser(prog="usock-lint rules", description="List the rules.")
    add_lang(parser)
    chosen = lang(parser.parse_args(words).lang)
    opt_in = say(" (opt-in)").in_(chosen)
    rules = pages.rules().values()
    width = max(len(rule.name) for rule in rules)
    for rule in rules:
        print(f"{rule.code}  {rule.name:{width}}  {rule.summary_in(chosen)}{opt_in if rule.opt_in else ''}")
    return 0

"""`usock-lint explain`: print the page of a rule, or find the rules that explain what a device printed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from usock_lint import catalog
from usock_lint.config import ConfigError, did_you_mean, unknown_rule

_EXAMPLES = """\
examples:
  usock-lint explain USK102
  usock-lint explain socket-timeout
  usock-lint explain "AttributeError: 'socket' object has no attribute 'shutdown'"
  usock-lint explain OSError: -202
  usock-lint explain - < traceback.txt
"""


def main(words: Sequence[str]) -> int:
    """Print the page, or what explains an error. Raises ConfigError for what is neither a rule nor a known error."""
    parser = argparse.ArgumentParser(
        prog="usock-lint explain",
        description="Print the page of a rule, or find the rules that explain an error that a device printed.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("words", metavar="CODE|NAME|ERROR", nargs="+", help="- reads standard input")
    text = " ".join(parser.parse_args(words).words)
    if text == "-":
        text = sys.stdin.buffer.read().decode("utf-8", "replace")
    try:
        print(catalog.find(text.strip()).text(), end="")
    except KeyError:
        _explain(text)
    return 0


def _explain(text: str) -> None:
    """Print what numbers mean, the rules, and the page if there is one rule only."""
    from usock_lint import errors

    error = errors.last_error(text)
    found, numbers = errors.matches(error), errors.numbers(error)
    if not found and not numbers:
        raise _unknown(error)
    for line in numbers:
        print(line)
    for match in found:
        print(f"{match.rule.code}  {match.rule.name}  {match.rule.summary}\n        {match.text}")
    if len(found) == 1:
        print(f"\n{found[0].rule.text()}", end="")
    elif found:
        print(f"`usock-lint explain {found[0].rule.code}` prints the page.")


def _unknown(error: str) -> ConfigError:
    """A single word is more likely a rule that is misspelt than an error."""
    if len(error.split()) == 1 and not error.endswith("Error"):
        return unknown_rule(error)
    near = did_you_mean(error, (text.replace("{}", "...") for rule in catalog.rules().values() for text in rule.errors))
    return ConfigError(f"no rule explains `{error}`{near}")

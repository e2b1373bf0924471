"""`usock-lint explain`: print the page of a rule."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from usock_lint import catalog
from usock_lint.config import unknown_rule


def main(words: Sequence[str]) -> int:
    """Print the page. Raises ConfigError for what is no rule's code or name."""
    parser = argparse.ArgumentParser(prog="usock-lint explain", description="Print the page of a rule.")
    parser.add_argument("rule", metavar="CODE|NAME")
    word: str = parser.parse_args(words).rule
    try:
        rule = catalog.find(word)
    except KeyError:
        raise unknown_rule(word) from None
    print(rule.text(), end="")
    return 0

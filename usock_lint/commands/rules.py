"""`usock-lint rules`: list the rules."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from usock_lint import catalog


def main(words: Sequence[str]) -> int:
    """Print a line for each rule."""
    argparse.ArgumentParser(prog="usock-lint rules", description="List the rules.").parse_args(words)
    rules = catalog.rules().values()
    width = max(len(rule.name) for rule in rules)
    for rule in rules:
        print(f"{rule.code}  {rule.name:{width}}  {rule.summary}{' (opt-in)' if rule.opt_in else ''}")
    return 0

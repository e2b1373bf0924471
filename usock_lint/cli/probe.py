"""`usock-lint probe`: the program that asks a board what it has."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from usock_lint.cli.options import Parser
from usock_lint.ports import probed

_EXAMPLES = """\
examples:
  usock-lint probe >probe.py
  mpremote run probe.py >board.json       also in Thonny, or with `micropython probe.py`
  usock-lint --target board.json net.py   lints for this very firmware
  usock-lint ports sendall board.json     what it has
"""


def main(words: Sequence[str]) -> int:
    """Print the program."""
    parser = Parser(
        prog="usock-lint probe",
        description="Print a MicroPython program that prints what its board has, as JSON: "
        "a file with that is a target. The program needs no network and changes nothing.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.parse_args(words)
    print(probed.program(), end="")
    return 0

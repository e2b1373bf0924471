"""Print what the analysis knows of a file: `python -m usock_lint.analysis FILE`, or `usock-lint dev trace FILE`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from usock_lint import ports
from usock_lint.analysis.trace import trace
from usock_lint.syntax.parsing import ParseError
from usock_lint.syntax.text import decode


def main(argv: Sequence[str] | None = None, *, prog: str = "python -m usock_lint.analysis") -> int:
    """Print the trace; the exit code, 2 when the file cannot be read or parsed."""
    parser = argparse.ArgumentParser(prog=prog, description="Print what the analysis knows of a file.")
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("--target", default="portable", help="the ports and releases to analyse for")
    options = parser.parse_args(argv)
    try:
        universe = ports.cells(ports.parse_targets(options.target))
        with open(options.file, "rb") as file:
            print(trace(decode(file.read()).text, universe), end="")
    except ParseError as error:
        print(f"{options.file}:{error.row}:{error.column}: {error.message}", file=sys.stderr)
        return 2
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

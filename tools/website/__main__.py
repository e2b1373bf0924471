"""Builds the documentation as a site that also works from a file, without a server or a network.

python -m tools.website [OUT]     OUT: the folder to write, `site` by default; one that holds anything else is refused
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
# The package as it is in this checkout, installed or not.
sys.path.insert(0, str(ROOT))

from tools.website.build import BuildError, build  # noqa: E402


def main(argv: Sequence[str] | None = None) -> int:
    """Build the site; the exit code: 2 when that is not possible."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.website", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", metavar="OUT", nargs="?", type=Path, default=ROOT / "site")
    options = parser.parse_args(argv)
    logging.getLogger("usock_lint").setLevel(logging.ERROR)  # pages show what cannot be checked, which is logged
    try:
        build(options.out)
    except BuildError as error:
        print(f"website: {error}", file=sys.stderr)
        return 2
    print(f"Wrote {options.out / 'index.html'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

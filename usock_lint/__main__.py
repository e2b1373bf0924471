"""`python -m usock_lint`."""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":
    # `-m` looks for modules in the current folder first: a project's `token.py` would run in place of the library's.
    first, own = sys.path[0], os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if first != own and os.path.isdir(first) and os.path.samefile(first, os.curdir):
        del sys.path[0]
    from usock_lint.cli.main import main

    raise SystemExit(main())

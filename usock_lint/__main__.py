"""`python -m usock_lint`."""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":
    # `-m` looks for modules in the current folder first: a project's `token.py` would run in place of the library's.
    first, own = sys.path[0], os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    try:
        is_here = os.path.samefile(first, os.curdir)
    except OSError:  # a current folder that is gone, or that may not be entered
        is_here = False
    if first != own and is_here:
        del sys.path[0]
        # What `-m` itself imports, as `warnings`, has been found there already.
        for name, module in [*sys.modules.items()]:
            if name != "__main__" and os.path.dirname(getattr(module, "__file__", None) or "") == first:
                del sys.modules[name]
    from usock_lint.cli.main import main

    raise SystemExit(main())

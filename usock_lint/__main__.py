"""`python -m usock_lint`."""

from __future__ import annotations

from usock_lint.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())

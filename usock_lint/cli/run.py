"""`usock-lint run`: run a script with a board's socket module."""

from __future__ import annotations

from usock_lint.shim.run import main as main

"""`usock-lint --show-files` and `--show-settings`: what a run would look at, and by which settings."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

from usock_lint.cli import config
from usock_lint.files.discovery import Found, discover, reason
from usock_lint.output.terminal import visible
from usock_lint.settings.hierarchy import Hierarchy


def files(paths: Iterable[str], settings: Hierarchy) -> int:
    """Print the files that are not excluded, one a line; what cannot be read goes to standard error, and gives 2."""
    status = 0
    for found in discover(paths, settings):
        why = _obstacle(found.path) if isinstance(found, Found) else found.reason
        if why:
            print(f"{visible(found.path)}: {why}", file=sys.stderr)
            status = 2
        elif isinstance(found, Found) and not found.excluded:
            print(visible(found.path))
    return status


def _obstacle(path: str) -> str:
    """Why there is no such file, "" if there is one; `-` is standard input."""
    try:
        if path != "-":
            os.stat(path)
    except (OSError, ValueError) as error:
        return reason(error)
    return ""


def settings(paths: Iterable[str], settings: Hierarchy) -> int:
    """Print the table of each path, as `usock-lint config` does."""
    for path in paths:
        print(f"# {path}")
        config.show(path, settings)
    return 0

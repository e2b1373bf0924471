"""`usock-lint --watch`: lint again whenever a file changes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence

from usock_lint.settings.config import ConfigError

_TIMEOUT = 200
"""Milliseconds after which the watcher yields nothing if nothing has changed, as it does before the first run."""


def watch(paths: Sequence[str], run: Callable[[], object]) -> int:
    """Run now, and after each change of a Python file or of settings below the paths, until interrupted.

    A mistake in the settings is printed, and the next change is waited for. For a file its folder is watched, because
    an editor that saves by renaming makes another file. Raises ConfigError if watchfiles is not installed, or if a path
    does not exist.
    """
    try:
        from watchfiles import PythonFilter
        from watchfiles import watch as changes
    except ModuleNotFoundError:
        raise ConfigError('--watch needs watchfiles: pip install "usock-lint[watch]"') from None
    for path in paths:
        if not os.path.exists(path):
            raise ConfigError(f"{path}: No such file or directory")
    folders = {path if os.path.isdir(path) else os.path.dirname(path) or os.curdir for path in paths}
    # The first run begins after the first timeout of the watcher, so that no change during it is missed.
    wanted, first = PythonFilter(extra_extensions=(".toml",)), True
    below = any(map(os.path.isdir, paths))
    try:
        for changed in changes(
            *folders, watch_filter=wanted, yield_on_timeout=True, rust_timeout=_TIMEOUT, recursive=below
        ):
            if first or changed:
                _run(run, clear=not first)
            first = False
    except KeyboardInterrupt:  # left to itself, watchfiles tells of it
        pass
    return 0


def _run(run: Callable[[], object], *, clear: bool) -> None:
    if clear and sys.stdout.isatty():
        sys.stdout.write("\x1b[2J\x1b[H")
    try:
        run()
    except ConfigError as error:
        print(f"usock-lint: {error}", file=sys.stderr)
    print("Waiting for changes; Ctrl+C ends.", file=sys.stderr, flush=True)
    sys.stdout.flush()

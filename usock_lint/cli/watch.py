"""`usock-lint --watch`: lint again whenever a file changes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable

from usock_lint.settings.config import ConfigError

_TIMEOUT = 200
"""Milliseconds after which it is looked whether there is anything to do."""


def watch(paths: Iterable[str], run: Callable[[], object]) -> int:
    """Run now, and after each change of a Python file or of settings below the paths, until interrupted.

    A setting with a mistake is printed, and the next change is waited for. Raises ConfigError without watchfiles.
    """
    try:
        from watchfiles import PythonFilter
        from watchfiles import watch as changes
    except ModuleNotFoundError:
        raise ConfigError('--watch needs watchfiles: pip install "usock-lint[watch]"') from None
    # The first time it is called back for nothing: what changes from then on, in the first run too, is not missed.
    wanted, first = PythonFilter(extra_extensions=(".toml",)), True
    for changed in changes(
        *paths, watch_filter=wanted, raise_interrupt=False, yield_on_timeout=True, rust_timeout=_TIMEOUT
    ):
        if first or changed:
            _run(run, clear=not first)
        first = False
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

"""Programs that tests need and Debian has: installed where they are missing and this is root's machine."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from tempfile import gettempdir


def program(package: str, *names: str) -> str | None:
    """The path of the first of these programs that is there; None where the package cannot be had."""
    install(package, lambda: _found(names) is not None)
    return _found(names)


def install(package: str, is_there: Callable[[], bool]) -> bool:
    """Install a package if what it brings is not there; False where it cannot be had."""
    if is_there() or not shutil.which("apt-get") or os.geteuid() != 0:
        return is_there()
    with (Path(gettempdir()) / "usock-lint-apt.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # apt refuses to run twice, and the tests are in several processes
        if not is_there():
            for words in (["update"], ["install", "--yes", "--no-install-recommends", package]):
                subprocess.run(["apt-get", "-qq", *words], capture_output=True, timeout=600, check=False)
    return is_there()


def _found(names: tuple[str, ...]) -> str | None:
    return next(filter(None, map(shutil.which, names)), None)

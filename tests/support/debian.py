"""Programs that tests need and Debian has: installed where they are missing and this is root's machine."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path
from tempfile import gettempdir


def program(package: str, *names: str) -> str | None:
    """The path of the first of these programs that is there; None where the package cannot be had."""
    if _found(names) is None and shutil.which("apt-get") and os.geteuid() == 0:
        with (Path(gettempdir()) / "usock-lint-apt.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # apt refuses to run twice, and the tests are in several processes
            if _found(names) is None:
                for words in (["update"], ["install", "--yes", "--no-install-recommends", package]):
                    subprocess.run(["apt-get", "-qq", *words], capture_output=True, timeout=600, check=False)
    return _found(names)


def _found(names: tuple[str, ...]) -> str | None:
    return next(filter(None, map(shutil.which, names)), None)

"""Programs with ports of their own choice run one after the other, whichever process of this machine starts them."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import gettempdir
from typing import Final

_PORT: Final = re.compile(r"\b\d{4,5}\b")
"""A number that may be a port which a program binds; those of less digits are for root."""


@contextmanager
def alone(program: str) -> Generator[None]:
    """Hold all ports that a program names until the block ends."""
    folder = Path(gettempdir(), f"usock-lint-ports-{os.getuid()}")
    folder.mkdir(exist_ok=True)
    with ExitStack() as held:
        for port in sorted(set(_PORT.findall(program))):
            fcntl.flock(held.enter_context(open(folder / port, "wb")), fcntl.LOCK_EX)
        yield

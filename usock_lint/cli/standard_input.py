"""Standard input, for the commands that take `-` for it."""

from __future__ import annotations

import os
import sys

from usock_lint.settings.config import ConfigError


def read() -> bytes:
    """All of its bytes. Raises ConfigError if they cannot be read, as from an input that is closed (`<&-`)."""
    try:
        if sys.__stdin__ is None:  # the command line has opened the null device in its place
            raise OSError(9, os.strerror(9))
        return sys.stdin.buffer.read()
    except OSError as error:
        raise ConfigError(f"standard input: {error.strerror}") from None

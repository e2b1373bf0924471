"""Paths, on every system."""

from __future__ import annotations

import os
from collections.abc import Iterator


def relative(path: str, folder: str = os.curdir) -> str:
    """A path as seen from a folder; whole where there is no way from one to the other, as between drives of Windows."""
    try:
        return os.path.relpath(path, folder)
    except ValueError:
        return os.path.abspath(path)


def upwards(folder: str) -> Iterator[str]:
    """A folder, given by its absolute path, and those above it, the nearest first."""
    yield folder
    while (parent := os.path.dirname(folder)) != folder:
        yield (folder := parent)

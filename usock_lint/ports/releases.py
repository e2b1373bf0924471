"""MicroPython's releases, oldest first."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

Release: TypeAlias = tuple[int, int, int]

_FORM = r"[vV]?([0-9]{1,9})\.([0-9]{1,9})(?:\.([0-9]{1,9}))?"

RELEASES: tuple[Release, ...] = (
    (1, 9, 4),
    *((1, minor, 0) for minor in range(10, 20)),
    (1, 19, 1),
    *((1, minor, 0) for minor in range(20, 30)),
)
"""Every release the table knows."""

NEWEST: Release = RELEASES[-1]


@cache
def read_release(text: str) -> Release:
    """The number as written: "1.22", "v1.22" and "1.22.0" are one. Raises ValueError."""
    form = re.fullmatch(_FORM, text)
    if form is None:
        raise ValueError(f"not a release: {text!r}")
    return int(form[1]), int(form[2]), int(form[3] or 0)


def known_release(release: Release) -> Release:
    """The last known release that is not after this one. Raises ValueError outside the table's range."""
    if not RELEASES[0] <= release < (RELEASES[-1][0], RELEASES[-1][1] + 1, 0):
        raise ValueError(f"not a known release: {release_name(release)}")
    return RELEASES[bisect_right(RELEASES, release) - 1]


def release_name(release: Release) -> str:
    """As MicroPython's users write it: "1.29", "1.19.1", "1.9.4"."""
    return ".".join(map(str, release if release[2] else release[:2]))

"""Regular expressions of CPython that MicroPython's `re` does not take, on every port and release.

The engine is lib/re1.5 (compilecode.c:55@v1.28.0, charclass.c:5): it has `. [] ^ $ | * + ? *? +? ?? () (?:)` and the
classes of `_CLASSES`, and takes any other character behind a backslash for that character. All of this was run on unix
at 1.25, 1.26 and 1.29.
"""

from __future__ import annotations

import re
from typing import Final

from usock_lint.fast_dataclasses import NamedTuple

_CLASSES: Final = frozenset("dDsSwW")
_COUNT: Final = re.compile(r"\{(?:\d+(?:,\d*)?|,\d+)\}")


class Refused(NamedTuple):
    """A part of a pattern; `raises`: compiling it raises ValueError, else it matches other texts than on CPython."""

    part: str
    raises: bool


def refused_in_pattern(pattern: str) -> Refused | None:
    """The first part of a pattern that MicroPython does not know; None if it takes the pattern as CPython does."""
    place, in_class, found = 0, False, None
    while place < len(pattern):
        rest = pattern[place:]
        if rest[0] == "\\":
            # Letters and digits have a meaning of their own on CPython, if they have any.
            if rest[1:2].isalnum() and rest[1] not in _CLASSES:
                found = found or Refused(rest[:2], raises=False)
            place += 2
            continue
        if in_class:
            in_class = rest[0] != "]"
        elif rest[0] == "[":
            in_class = True
            # A bracket that comes first belongs to the class.
            place += len("[^") - 1 if rest[1:2] == "^" else 0
        elif rest.startswith("(?") and rest[2:3] != ":":
            end = rest.find(">") if rest.startswith(("(?P<", "(?<")) else 2
            return Refused(rest[: max(end, 2) + 1], raises=True)
        elif place and (counted := _COUNT.match(rest)):
            found = found or Refused(counted[0], raises=False)
        place += 1
    return found

"""The rows and columns of a text: offsets to places and back, and the lines that differ in their margins."""

from __future__ import annotations

import re
from bisect import bisect_right

from usock_lint.diagnostics import Location

NEWLINE = re.compile(r"\r\n|\r|\n")


def split_lines(text: str) -> list[str]:
    """The rows of a text, without their ends."""
    return NEWLINE.split(text)


class Lines:
    """The places in a text: offsets to rows and columns, and back."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(found.end() for found in NEWLINE.finditer(text))]

    def location(self, offset: int) -> Location:
        """The row and column of an offset."""
        row = bisect_right(self._starts, offset)
        return Location(row, offset - self._starts[row - 1] + 1)

    def offset(self, location: Location) -> int:
        """The offset of a row and column."""
        return self._starts[location.row - 1] + location.column - 1


class Margins:
    """Maps places in a text to places in the source, from which the text differs in what its lines begin with.

    That is white space, and in the first line a byte order mark.
    """

    def __init__(self, text: str, source: str) -> None:
        pairs = zip(split_lines(text), split_lines(source), strict=True) if text != source else ()
        self._widths = {
            row: (_margin(one), _margin(other)) for row, (one, other) in enumerate(pairs, 1) if one != other
        }

    def place(self, place: Location) -> Location:
        """A place in the text, in the source."""
        width, original = self._widths.get(place.row, (0, 0))
        column = place.column + original - width if place.column > width else min(place.column, original + 1)
        return Location(place.row, column)

    def differ(self, first: int, last: int) -> bool:
        """True if a row from `first` to `last` has another margin in the source."""
        return any(first <= row <= last for row in self._widths)


def _margin(line: str) -> int:
    return len(line) - len(line.lstrip(" \t\f\v\ufeff"))

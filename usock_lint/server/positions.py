"""Places in a text as an editor counts them: rows and columns from 0, columns in units of the encoding agreed on."""

from __future__ import annotations

from lsprotocol import types

from usock_lint.diagnostics import Location
from usock_lint.syntax.lines import split_lines

_UTF8 = ((0x80, 1), (0x800, 2), (0x10000, 3), (0x110000, 4))


class Positions:
    """Converts places in one text. Editors may send a place beyond the end of a line or of the text: it is that end."""

    def __init__(self, text: str, encoding: str) -> None:
        self._lines = split_lines(text)
        self._encoding = encoding

    def position(self, place: Location) -> types.Position:
        """A row and column as the editor's."""
        line = self._lines[place.row - 1]
        units = sum(map(self._units, line[: place.column - 1]))
        return types.Position(place.row - 1, units)

    def range(self, first: Location, last: Location) -> types.Range:
        """Two places as the editor's."""
        return types.Range(self.position(first), self.position(last))

    def location(self, position: types.Position) -> Location:
        """The editor's position as a row and column; in the middle of a character it is the one after it."""
        if position.line >= len(self._lines):
            return self.end
        column = units = 0
        line = self._lines[position.line]
        while units < position.character and column < len(line):
            units += self._units(line[column])
            column += 1
        return Location(position.line + 1, column + 1)

    @property
    def end(self) -> Location:
        """The end of the text."""
        return Location(len(self._lines), len(self._lines[-1]) + 1)

    def _units(self, character: str) -> int:
        """The number of units that a character has in the encoding: bytes in UTF-8, code units in UTF-16."""
        code = ord(character)
        match self._encoding:
            case "utf-8":
                return next(units for bound, units in _UTF8 if code < bound)
            case "utf-16":
                return 1 + (code > 0xFFFF)
            case _:
                return 1

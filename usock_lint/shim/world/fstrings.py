"""F-strings for CPython before 3.12, whose parser takes no backslash in a field, nor the quote around the f-string.

MicroPython takes both: `f"{'\\n'.join(lines)}"`. A string in such a field is replaced by calls of `chr`.
"""

from __future__ import annotations

import ast
import re
import sys

NEEDED = sys.version_info < (3, 12)
"""True if this CPython's parser refuses such f-strings."""

_BEGIN = re.compile(r"#[^\n]*|(?<!\w)(?P<prefix>[rRbBuUfF]{0,2})(?P<quote>'''|\"\"\"|'|\")")


class _UnfinishedError(Exception):
    """A string without an end."""


def parsable(source: str) -> str:
    """The source, with strings replaced in the fields of f-strings that CPython cannot parse."""
    pieces: list[str] = []
    place = 0
    try:
        while found := _BEGIN.search(source, place):
            pieces.append(source[place : found.start()])
            place = found.end()
            if found["quote"]:
                text, place = _string(source, found)
                pieces.append(text)
            else:
                pieces.append(found[0])
    except _UnfinishedError:
        return source
    return "".join([*pieces, source[place:]])


def _string(source: str, begin: re.Match[str]) -> tuple[str, int]:
    """A string literal, changed if CPython cannot parse it, and the position of its end."""
    is_formatted = "f" in begin["prefix"].lower()
    text, end = _until(source, begin.end(), begin["quote"], begin["quote"] if is_formatted else None)
    original = source[begin.start() : end]
    return (begin[0] + text if is_formatted and not _parses(original) else original), end


def _until(source: str, place: int, stop: str, outer: str | None) -> tuple[str, int]:
    """The text through `stop`, and the position of its end. `outer` is the quote of an f-string; None: no fields."""
    pieces: list[str] = []
    while not source.startswith(stop, place):
        if place >= len(source):
            raise _UnfinishedError
        doubled = source[place : place + 2] in ("{{", "}}") and stop != "}"
        if (source[place] == "\\" and stop != "}") or doubled:
            pieces.append(source[place : place + 2])
            place += 2
        elif outer and source[place] == "{":
            text, place = _field(source, place + 1, outer)
            pieces.append("{" + text)
        else:
            pieces.append(source[place])
            place += 1
    return "".join([*pieces, stop]), place + len(stop)


def _field(source: str, place: int, outer: str) -> tuple[str, int]:
    """A field from behind its opening bracket, and the position of its end."""
    pieces: list[str] = []
    depth = 0
    while place < len(source):
        sign = source[place]
        found = _BEGIN.match(source, place)
        if found and found["quote"]:
            text, place = _string(source, found)
            pieces.append(_as_calls(text, outer))
            continue
        if not depth and sign == "}":
            return "".join([*pieces, "}"]), place + 1
        if not depth and sign == ":":
            text, place = _until(source, place + 1, "}", outer)
            return "".join([*pieces, ":", text]), place
        depth += (sign in "([{") - (sign in ")]}")
        pieces.append(sign)
        place += 1
    raise _UnfinishedError


def _as_calls(text: str, outer: str) -> str:
    """A string in a field, as calls of `chr` if it has a backslash or the quote around the f-string."""
    if "\\" not in text and outer[0] not in text:
        return text
    try:
        value: object = ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return text
    if isinstance(value, bytes):
        return f"bytes(({''.join(f'{byte},' for byte in value)}))"
    return f"({'+'.join(f'chr({ord(sign)})' for sign in str(value)) or 'str()'})"


def _parses(text: str) -> bool:
    try:
        ast.parse(f"({text})")
    except SyntaxError:
        return False
    return True

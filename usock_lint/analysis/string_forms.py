"""Syntax forms in string literals, by their names in `usock_lint/ports/data/syntax.json`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import libcst as cst

from usock_lint.syntax.nodes import of_type

# Escapes behind an even number of backslashes: names of characters, and escapes with too few or other digits, or with a
# number that is too large for a character or a byte.
_NAMED_ESCAPE: Final = re.compile(r"(?<!\\)(?:\\\\)*\\N")
_SHORT_ESCAPE: Final = re.compile(
    r"(?<!\\)(?:\\\\)*\\(?:x(?![0-9a-fA-F]{2})|u(?![0-9a-fA-F]{4})|U(?!00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4}))"
)
_SHORT_BYTES_ESCAPE: Final = re.compile(r"(?<!\\)(?:\\\\)*\\(?:x(?![0-9a-fA-F]{2})|[4-7][0-7]{2})")

Formatted = cst.FormattedString | cst.TemplatedString

_Expression = cst.FormattedStringExpression | cst.TemplatedStringExpression

_Code = Callable[[cst.CSTNode], str]
"""A function that returns the text of a node."""


def concatenated(node: cst.BaseString) -> Iterator[cst.BaseString]:
    """The literals of adjacent strings, of which there may be thousands."""
    pending = [node]
    while pending:
        one = pending.pop()
        if isinstance(one, cst.ConcatenatedString):
            pending += (one.right, one.left)
        else:
            yield one


def plain(node: cst.SimpleString) -> list[str]:
    """The forms of a literal without replacement fields. libcst's own `prefix` is in lower case."""
    prefix = node.value[: node.value.index(node.quote)]
    names = ["prefix-case"] if prefix != prefix.lower() else []
    if "\\" in node.value and "r" not in prefix.lower():
        if _NAMED_ESCAPE.search(node.value):
            names.append("named-escape")
        elif (_SHORT_BYTES_ESCAPE if "b" in prefix.lower() else _SHORT_ESCAPE).search(node.value):
            names.append("bad-escape")
    return names


def formatted(parts: Sequence[cst.BaseString], code: _Code) -> set[str]:
    """The forms of adjacent literals with f-strings or t-strings among them."""
    names = {name for part in parts for name in _forms(part, code)}
    if sum(not isinstance(one, cst.SimpleString) for one in parts) > 1:
        names.add("f-string-beside")
    if len(parts) > 1 and any(isinstance(one, cst.TemplatedString) for one in parts):
        names.add("t-string-beside")
    return names


def _forms(node: cst.BaseString, code: _Code) -> Iterator[str]:
    """The forms of one literal."""
    if isinstance(node, cst.SimpleString):
        yield from plain(node)
    if not isinstance(node, Formatted):
        return
    yield "t-string" if isinstance(node, cst.TemplatedString) else "f-string"
    if node.start != node.start.lower():
        yield "prefix-case"
    is_raw = "r" in node.start.lower()
    if is_raw:
        yield "f-string-raw"
    yield from _forms_of_parts(node.parts, code, is_raw=is_raw)


def _forms_of_parts(parts: Iterable[cst.CSTNode], code: _Code, *, is_raw: bool) -> Iterator[str]:
    for part in parts:
        if isinstance(part, _Expression):
            yield from _replaced(part, code)
            yield from _forms_of_parts(part.format_spec or (), code, is_raw=is_raw)
        elif not is_raw and _NAMED_ESCAPE.search(getattr(part, "value", "")):
            yield "named-escape"


def _replaced(part: _Expression, code: _Code) -> Iterator[str]:
    """The forms of a replacement field."""
    if part.conversion is not None:
        yield "f-string-ascii" if part.conversion == "a" else "f-string-conversion"
    if part.equal is not None and not is_empty(part.equal.whitespace_after):
        yield "f-string-spaces"
    yield from _scanned(code(part.expression))
    for one in of_type(part.expression, cst.FormattedString, cst.TemplatedString):
        yield "f-string-nested" if isinstance(one, cst.FormattedString) else "t-string"


def _scanned(text: str) -> Iterator[str]:
    """The forms in the text of an expression.

    MicroPython's lexer copies the text up to the first `:` or `}` outside of brackets, before 1.18 also in brackets. It
    counts quoted brackets too, and no parentheses.
    """
    depth = 0
    is_in_brackets = False
    for character in text:
        if character in ":}":
            if depth == 0:
                yield "f-string-delimiter"
                return
            is_in_brackets = True
        depth += (character in "[{") - (character in "]}")
    if depth:
        yield "f-string-delimiter"
    elif is_in_brackets:
        yield "f-string-brackets"


def is_empty(space: cst.CSTNode) -> bool:
    """True if there is no white space, and no line end or comment."""
    return isinstance(space, cst.SimpleWhitespace) and not space.value

"""Source text to a concrete syntax tree, whatever the text is."""

from __future__ import annotations

import ast
import re
import warnings

import libcst as cst

# libcst's parser recurses once for each operand and bracket, on the C stack, in time that grows with the square of the
# depth: some six thousand end the process. Real code stays below thirty.
_DEEPEST = 1000
_LONG_LINE = 500

_BRACKET = re.compile(r"[][(){}]")
_PLACE = re.compile(r"error at (\d+):(\d+)")


class ParseError(ValueError):
    """A text that cannot be parsed: the row and column (from 1) of the error, and what it is."""

    def __init__(self, row: int, column: int, message: str) -> None:
        super().__init__(message)
        self.row, self.column, self.message = row, column, message


def parse(text: str) -> cst.Module:
    """The tree of a text. Raises ParseError."""
    if _may_be_deep(text):
        _refuse_deep(text)
    try:
        return cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        raise _located(text, error) from None
    except UnicodeEncodeError as error:  # half a surrogate pair, which no UTF-8 file holds
        row = text.count("\n", 0, error.start) + 1
        raise ParseError(row, 1, "half of a surrogate pair is no character") from None


def _may_be_deep(text: str) -> bool:
    return any(len(line) > _LONG_LINE for line in text.splitlines()) or _brackets(text) > _DEEPEST


def _brackets(text: str) -> int:
    """How deep the brackets go at most, those in strings and comments counted too."""
    depth = deepest = 0
    for found in _BRACKET.finditer(text):
        depth = depth + 1 if found[0] in "([{" else max(depth - 1, 0)
        deepest = max(depth, deepest)
    return deepest


def _refuse_deep(text: str) -> None:
    try:
        tree = _ast(text)
    except (RecursionError, MemoryError):
        raise ParseError(1, 1, "nested too deeply to be analysed") from None
    except SyntaxError as error:
        raise _said(error) from None
    except ValueError:
        return
    nodes: list[tuple[ast.AST, int, int]] = [(tree, 0, 1)]
    while nodes:
        node, depth, row = nodes.pop()
        row = getattr(node, "lineno", row)
        if depth > _DEEPEST:
            raise ParseError(row, 1, "nested too deeply to be analysed")
        nodes.extend((child, depth + 1, row) for child in ast.iter_child_nodes(node))


def _located(text: str, error: cst.ParserSyntaxError) -> ParseError:
    """The place as Python's own parser gives it: libcst's is a line off, or the file's first."""
    try:
        _ast(text)
    except SyntaxError as known:
        return _said(known)
    except (ValueError, RecursionError, MemoryError) as known:
        return ParseError(1, 1, str(known))
    place = _PLACE.search(str(error))
    row, column = (int(place[1]), int(place[2]) + 1) if place else (1, 1)
    return ParseError(row, column, "the parser does not know this syntax")


def _said(error: SyntaxError) -> ParseError:
    return ParseError(error.lineno or 1, max(error.offset or 1, 1), error.msg)


def _ast(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an invalid escape is the author's business
        return ast.parse(text)

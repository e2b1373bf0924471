"""Source text to a concrete syntax tree, whatever the text is."""

from __future__ import annotations

import ast
import re
from _thread import get_ident
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import NamedTuple

import libcst as cst

from usock_lint.diagnostics import Location
from usock_lint.syntax.nodes import within
from usock_lint.syntax.positions import Locator, Margins, split_lines
from usock_lint.threads import Shared, without_warnings

# libcst's parser recurses once for each operand and bracket, on the C stack, in time that grows with the square of the
# depth: some six thousand end the process. Real code stays below thirty.
_DEEPEST = 1000
_LONG_LINE = 500

# libcst drops form feeds there, and MicroPython's tabs go to the next multiple of eight.
_FEEDS = re.compile(r"(?<![^\r\n])\f+")
_MARGIN = re.compile(r"(?<![^\r\n])[ \t]+")

_RUNS_ANYHOW = "Generator expression must be parenthesized"

# Where `except A, B:` may be, which libcst takes since 1.9: clauses of more than a name or one pair of parentheses.
_MAY_BE_BARE = re.compile(r"^[ \t]*except\b(?![ \t]*\([^()]*\)[ \t]*(?:as\b|:))[^\r\n:]*[,([\\]", re.MULTILINE)

# What a node is checked with when it is made. The parser lets but one thing pass, `"a" b"b"`, so that is checked still.
_CHECK = cst.CSTNode.__post_init__
setattr(cst.ConcatenatedString, _CHECK.__name__, _CHECK)

_BRACKET = re.compile(r"[][(){}]")
_PLACE = re.compile(r"error at (\d+):(\d+)")


class ParseError(ValueError):
    """A text that cannot be parsed: the row and column (from 1) of the error, and what it is."""

    def __init__(self, row: int, column: int, message: str) -> None:
        super().__init__(message)
        self.row, self.column, self.message = row, column, message


class Parsed(NamedTuple):
    """The tree of a text, and the text that it stands for: the same but for margins and a byte order mark."""

    module: cst.Module
    text: str


def parse(text: str) -> Parsed:
    """The tree of a text. Mixed tabs and spaces are taken as MicroPython takes them. Raises ParseError."""
    if _may_be_deep(text):
        _refuse_deep(text)
    plain = text.removeprefix("\ufeff")
    plain = _FEEDS.sub("", plain) if "\f" in plain else plain
    try:
        with _trusted():
            tree = cst.parse_module(plain)
    except (cst.ParserSyntaxError, cst.CSTValidationError) as error:
        spaced = _MARGIN.sub(lambda margin: margin[0].expandtabs(8), plain)
        if spaced == plain or not _mixes_tabs(plain):
            raise _located(plain, error) from None
        return _parse_again(spaced, text)
    except UnicodeEncodeError as error:  # half a surrogate pair, which no UTF-8 file holds
        row = text.count("\n", 0, error.start) + 1
        raise ParseError(row, 1, "half of a surrogate pair is no character") from None
    _refuse_bare_exceptions(tree, plain)
    return Parsed(tree, plain)


@contextmanager
def _trusted() -> Generator[None]:
    """Have nodes made without each checking itself: the parser makes valid ones. That is a sixth of its time."""
    with _trusting:
        _trusted_threads.add(get_ident())
        try:
            yield
        finally:
            _trusted_threads.remove(get_ident())


@contextmanager
def _with_trust() -> Generator[None]:
    _set_check(_check)
    yield
    _set_check(_CHECK)


_trusting = Shared(_with_trust)
_trusted_threads: set[int] = set()


def _check(node: cst.CSTNode) -> None:
    """Check the nodes of threads that make them themselves."""
    if get_ident() not in _trusted_threads:
        _CHECK(node)


def _set_check(check: Callable[[cst.CSTNode], None]) -> None:
    setattr(cst.CSTNode, _CHECK.__name__, check)


def _parse_again(spaced: str, text: str) -> Parsed:
    try:
        return parse(spaced)
    except ParseError as error:
        row, column = Margins(spaced, text).place(Location(error.row, error.column))
        raise ParseError(row, column, error.message) from None


def _mixes_tabs(text: str) -> bool:
    try:
        _ast(text)
    except TabError:
        return True
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        pass
    return False


def _may_be_deep(text: str) -> bool:
    if sum(map(text.count, "([{")) > _DEEPEST and _brackets(text) > _DEEPEST:
        return True
    return max(map(len, text.splitlines()), default=0) > _LONG_LINE


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


def _refuse_bare_exceptions(tree: cst.Module, text: str) -> None:
    """MicroPython wants several exceptions in parentheses (run on unix 1.25 and 1.26), as CPython did up to 3.13."""
    if not _MAY_BE_BARE.search(text):
        return
    for node in within(tree):
        if isinstance(node, cst.ExceptHandler | cst.ExceptStarHandler):
            kinds = node.type
            if isinstance(kinds, cst.Tuple) and not kinds.lpar:
                locator = Locator(tree, text, text)
                row, column = locator.location(locator.span(kinds, ()).start)
                raise ParseError(row, column, "multiple exception types must be parenthesized")


def _located(text: str, error: Exception) -> ParseError:
    """The place as Python's own parser gives it: libcst's is a line off, or the file's first."""
    before, zero, _ = text.partition("\0")
    if zero:
        rows = split_lines(before)
        return ParseError(len(rows), len(rows[-1]) + 1, "a NUL character is no part of a program")
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
    more = "; MicroPython runs it, but nothing else in this file was looked at" if error.msg == _RUNS_ANYHOW else ""
    return ParseError(error.lineno or 1, max(error.offset or 1, 1), error.msg + more)


def _ast(text: str, release: tuple[int, int] | None = None) -> ast.Module:
    with without_warnings:
        return ast.parse(text, feature_version=release)

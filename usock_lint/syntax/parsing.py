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
from usock_lint.syntax.leniency import Text, is_unread, rewritten
from usock_lint.syntax.positions import Lines, Origin, split_lines
from usock_lint.threads import Shared, without_warnings

# libcst's parser recurses once for each operand and bracket, on the C stack, in time that grows with the square of the
# depth: some six thousand end the process. Real code stays below thirty.
_DEEPEST = 1000
_LONG_LINE = 500

# libcst drops form feeds there, and MicroPython's tabs go to the next multiple of eight.
_FEEDS = re.compile(r"(?<![^\r\n])\f+")
_MARGIN = re.compile(r"(?<![^\r\n])[ \t]+")

# What a node is checked with when it is made. The parser lets but one thing pass, `"a" b"b"`, so that is checked still.
_CHECK = cst.CSTNode.__post_init__
setattr(cst.ConcatenatedString, _CHECK.__name__, _CHECK)

_OLDEST = (3, 8)

_REFUSED = (cst.ParserSyntaxError, cst.CSTValidationError, cst.CSTLogicError)

# Real files have one or two of these forms; each costs a reading.
_REWRITES = 100

# What may make a tree deeper, brackets, and where a statement at top level may begin.
_STEP = re.compile(r"[][(){}]|(?<!\\)[\r\n](?=[^\s)\]}])|[-+~*/%&|^<>=.@'\"]|\b(?:and|await|if|in|is|lambda|not|or)\b")
_MOST = 3 * _DEEPEST
_BRACKET = re.compile(r"[][(){}]")
_PLACE = re.compile(r"error at (\d+):(\d+)")


class ParseError(ValueError):
    """A text that cannot be parsed: the row and column (from 1) of the error, and what it is.

    `unread` tells that MicroPython may well take it, and only nobody here can read it.
    """

    def __init__(self, row: int, column: int, message: str, *, unread: bool = False) -> None:
        super().__init__(message)
        self.row, self.column, self.message, self.unread = row, column, message, unread


class Parsed(NamedTuple):
    """The tree of a text, the text that it stands for, and where places in that are in the source."""

    module: cst.Module
    text: str
    origin: Origin


def parse(text: str, takes: Callable[[str], bool] = lambda form: True) -> Parsed:
    """The tree of a text. What only MicroPython takes is rewritten to what CPython does. Raises ParseError.

    `takes` tells of a form in `usock_lint/ports/data/syntax.json` whether all of the targets take it.
    """
    if _may_be_deep(text):
        _refuse_deep(text)
    plain = text.removeprefix("\ufeff")
    plain = _FEEDS.sub("", plain) if "\f" in plain else plain
    try:
        return Parsed(_tree(plain), plain, Origin(plain, text))
    except _REFUSED as error:
        return _reread(plain, text, error, takes)
    except UnicodeEncodeError as error:  # half a surrogate pair, which no UTF-8 file holds
        row = text.count("\n", 0, error.start) + 1
        raise ParseError(row, 1, "half of a surrogate pair is no character") from None


def _tree(text: str) -> cst.Module:
    with _trusted():
        return cst.parse_module(text)


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


def _reread(plain: str, source: str, error: Exception, takes: Callable[[str], bool]) -> Parsed:
    """The tree of a text after what MicroPython takes in it was rewritten. The error tells the place where it fails.

    That of Python's own parser is preferred: libcst's is a line off, or the file's first.
    """
    _refuse_zero(plain)
    text = Text(plain)
    for _ in range(_REWRITES):
        try:
            _ast(text.text)
        except TabError as known:
            spaced = _MARGIN.sub(lambda margin: margin[0].expandtabs(8), plain)
            if spaced == plain:
                raise _said(known, text, source, takes) from None
            plain, text = spaced, Text(spaced)
        except SyntaxError as known:
            changed = rewritten(text, known, takes)
            if changed is None:
                raise _said(known, text, source, takes) from None
            text = changed
        except (ValueError, RecursionError, MemoryError) as known:
            raise ParseError(1, 1, str(known)) from None
        else:
            break
    try:
        return Parsed(_tree(text.text), text.text, Origin(text.text, source, text.inserted))
    except _REFUSED as again:
        place = _PLACE.search(str(again or error))
        row, column = (int(place[1]), int(place[2]) + 1) if place else (1, 1)
        unread = _is_old(text.text)
        raise ParseError(row, column, "the parser does not know this syntax", unread=unread) from None


def _is_old(text: str) -> bool:
    """Whether the text is right for all Pythons, so that libcst is wrong."""
    try:
        _ast(text, _OLDEST)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


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


def _operators(text: str) -> int:
    """How many a statement at top level has at most of what makes a tree deeper, that in strings and comments too."""
    most = count = depth = 0
    for found in _STEP.finditer(text):
        if found[0] in "([{":
            depth += 1
        elif found[0] in ")]}":
            depth = max(depth - 1, 0)
        elif found[0] not in "\r\n":
            count += 1
            most = max(count, most)
        elif depth == 0:
            count = 0
    return most


def _refuse_deep(text: str) -> None:
    try:
        tree = _ast(text)
    except (RecursionError, MemoryError):
        raise ParseError(1, 1, "nested too deeply to be analysed") from None
    except SyntaxError as error:  # be it what MicroPython takes, or what only later Pythons do
        if _brackets(text) > _DEEPEST or _operators(text) > _MOST:
            raise _said(error, Text(text), text, lambda form: False) from None
        return
    except ValueError:
        return
    nodes: list[tuple[ast.AST, int, int]] = [(tree, 0, 1)]
    while nodes:
        node, depth, row = nodes.pop()
        row = getattr(node, "lineno", row)
        if depth > _DEEPEST:
            raise ParseError(row, 1, "nested too deeply to be analysed")
        nodes.extend((child, depth + 1, row) for child in ast.iter_child_nodes(node))


def _said(error: SyntaxError, text: Text, source: str, takes: Callable[[str], bool]) -> ParseError:
    """The error of Python's own parser, which tells a place in the text that it was given."""
    lines = split_lines(text.text)
    row = min(max(error.lineno or 1, 1), len(lines))
    column = min(max(error.offset or 1, 1), len(lines[row - 1]) + 1)
    place = Origin(text.text, source, text.inserted).location(Lines(text.text).offset(Location(row, column)))
    return ParseError(place.row, place.column, error.msg, unread=is_unread(error, takes))


def _refuse_zero(text: str) -> None:
    before, zero, _ = text.partition("\0")
    if zero:
        rows = split_lines(before)
        raise ParseError(len(rows), len(rows[-1]) + 1, "a NUL character is no part of a program")


def _ast(text: str, release: tuple[int, int] | None = None) -> ast.Module:
    with without_warnings:
        return ast.parse(text, feature_version=release)

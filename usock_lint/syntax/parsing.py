"""Source text to a concrete syntax tree, whatever the text is."""

from __future__ import annotations

import ast
import re
from _thread import get_ident
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, nullcontext
from types import MappingProxyType
from typing import NamedTuple

import libcst as cst

from usock_lint.diagnostics import Location
from usock_lint.syntax import nesting, quick_nodes
from usock_lint.syntax.leniency import Text, is_unread, rewritten, without_annotations
from usock_lint.syntax.lines import Lines, split_lines
from usock_lint.syntax.positions import Locator, Origin
from usock_lint.syntax.quick_nodes import CHECKED, TRUSTED
from usock_lint.threads import Shared, without_warnings

# MicroPython's compiler takes form feeds and vertical tabs for spaces, also where they are the indentation of a line.
_SPACES = str.maketrans("\f\v", "  ")

# The indentation of a line, in which MicroPython's tabs go to the next multiple of eight.
_MARGIN = re.compile(r"(?<![^\r\n])[ \t]+")

# libcst validates each node in `__post_init__`. Of the nodes that its parser makes only those of `"a" b"b"` may be
# invalid, so the others are not validated while it parses (`_trusted`). Nodes of `quick_nodes` ask for that in their
# `__init__`; if libcst was imported before these, all nodes get another `__post_init__` while it parses.
_CHECK = cst.CSTNode.__post_init__
setattr(getattr(cst, CHECKED), _CHECK.__name__, _CHECK)

_OLDEST = (3, 8)
"""The oldest grammar that is asked (`_is_old`)."""

REFUSED = (cst.ParserSyntaxError, cst.CSTValidationError, cst.CSTLogicError)
"""The exceptions of libcst for a text that it cannot parse."""

# How many forms of `leniency` are rewritten in one file. Real files have one or two; each costs a parse.
_REWRITES = 100

_TOO_DEEP = "nested too deeply to be analysed"

# For each dot in the name of a module, Python's own parser makes another string of all that is before it.
_LONG_NAME = re.compile(r"(?:\b\w+\s*\.\s*){1000}")

_PLACE = re.compile(r"error at (\d+):(\d+)")


class ParseError(ValueError):
    """A text that cannot be parsed: the row and column (from 1) of the error, and its message.

    `unread`: MicroPython may accept the text, and only the parsers here do not, so it is not reported as a finding.
    """

    def __init__(self, row: int, column: int, message: str, *, unread: bool = False) -> None:
        super().__init__(message)
        self.row, self.column, self.message, self.unread = row, column, message, unread


class Parsed(NamedTuple):
    """A tree, the text that it was parsed from, and the map from places in that text to places in the source.

    `places` are the known offsets of statements of the module, each with the comments above it, `members` those of
    members of its classes.
    """

    module: cst.Module
    text: str
    origin: Origin
    places: Mapping[cst.CSTNode, int] = MappingProxyType({})
    members: Mapping[cst.CSTNode, int] = MappingProxyType({})

    def locator(self) -> Locator:
        """Finds the places of the nodes."""
        return Locator(self.module, self.text, self.origin, self.places, self.members)


def parse(text: str, takes: Callable[[str], bool] = lambda form: True) -> Parsed:
    """Parse a text. Forms that only MicroPython accepts are rewritten to what CPython accepts. Raises ParseError.

    `takes` says whether the compilers of all targets accept a form, by its name in `usock_lint/ports/data/syntax.json`.
    """
    plain = text.removeprefix("\ufeff")
    plain = plain.translate(_SPACES) if "\f" in plain or "\v" in plain else plain
    if nesting.may_be_deep(plain):
        plain = nesting.with_few_adjacent_strings(plain)
        if nesting.may_be_deep(plain):
            _refuse_deep(plain)
    try:
        return Parsed(tree(plain), plain, Origin(plain, text))
    except REFUSED:
        return _reread(plain, text, takes)
    except UnicodeEncodeError as error:  # half a surrogate pair, which no UTF-8 file holds
        row = text.count("\n", 0, error.start) + 1
        raise ParseError(row, 1, "half of a surrogate pair is no character") from None


def tree(text: str) -> cst.Module:
    """The tree of a text whose nesting was checked. Raises one of REFUSED if libcst cannot parse it."""
    with _trusted():
        return cst.parse_module(text)


@contextmanager
def _trusted() -> Generator[None]:
    """Switch off the validation of nodes that this thread makes, which takes a sixth of the parser's time."""
    with nullcontext() if quick_nodes.are_loaded() else _trusting:
        TRUSTED.add(get_ident())
        try:
            yield
        finally:
            TRUSTED.remove(get_ident())


@contextmanager
def _with_trust() -> Generator[None]:
    _set_check(_check)
    yield
    _set_check(_CHECK)


_trusting = Shared(_with_trust)


def _check(node: cst.CSTNode) -> None:
    """Validate a node, unless this thread is parsing."""
    if get_ident() not in TRUSTED:
        _CHECK(node)


def _set_check(check: Callable[[cst.CSTNode], None]) -> None:
    setattr(cst.CSTNode, _CHECK.__name__, check)


def _reread(plain: str, source: str, takes: Callable[[str], bool]) -> Parsed:
    """Parse a text that libcst refused, after rewriting the forms in it that MicroPython accepts.

    Where it still cannot be parsed, the place that Python's own parser names is reported if there is one: libcst's is
    often a line off, or the first of the file.
    """
    _refuse_zero(plain)
    text, rewrites = Text(plain), 0
    while True:
        try:
            _ast(text.text)
        except TabError as known:
            if (spaced := _spaced(plain)) == plain:
                raise _as_parse_error(known, text, source, takes) from None
            plain, text = spaced, Text(spaced)
        except SyntaxError as known:
            changed = rewritten(text, known, takes) if rewrites < _REWRITES else None
            if changed is None:
                raise _as_parse_error(known, text, source, takes) from None
            text, rewrites = changed, rewrites + 1
        except (ValueError, RecursionError, MemoryError) as known:
            raise ParseError(1, 1, str(known)) from None
        else:
            break
    if takes("annotation"):
        text = without_annotations(text, _ast(text.text))
    try:
        return Parsed(tree(text.text), text.text, Origin(text.text, source, text.inserted))
    except REFUSED as error:
        # libcst counts the columns of a tab in another way than Python: `\t    x` need not be deeper than four spaces.
        if (spaced := _spaced(plain)) != plain:
            return _reread(spaced, source, takes)
        place = _PLACE.search(str(error))
        row, column = (int(place[1]), int(place[2]) + 1) if place else (1, 1)
        unread = _is_old(text.text)
        raise ParseError(row, column, "the parser does not know this syntax", unread=unread) from None


def _spaced(text: str) -> str:
    return _MARGIN.sub(lambda margin: margin[0].expandtabs(8), text)


def _is_old(text: str) -> bool:
    """True if even the oldest grammar accepts the text, so that only libcst does not."""
    try:
        _ast(text, _OLDEST)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _refuse_deep(text: str) -> None:
    """Raise ParseError if the text is nested too deeply for libcst."""
    row = 1 if nesting.is_too_deep(text) else None
    if row and (name := _LONG_NAME.search(text)):
        raise ParseError(text.count("\n", 0, name.start()) + 1, 1, _TOO_DEEP)
    try:
        row = nesting.deep_row(_ast(text)) or row
    except (RecursionError, MemoryError):
        row = 1
    except (SyntaxError, ValueError) as error:  # or a form that MicroPython or a later Python accepts
        if row and isinstance(error, SyntaxError):
            raise _as_parse_error(error, Text(text), text, lambda form: False) from None
    if row:
        raise ParseError(row, 1, _TOO_DEEP)


def _as_parse_error(error: SyntaxError, text: Text, source: str, takes: Callable[[str], bool]) -> ParseError:
    """The error of Python's own parser, whose place is in `text`, as one with a place in `source`."""
    lines = split_lines(text.text)
    row = min(max(error.lineno or 1, 1), len(lines))
    column = min(max(error.offset or 1, 1), len(lines[row - 1]) + 1)
    place = Origin(text.text, source, text.inserted).location(Lines(text.text).offset(Location(row, column)))
    return ParseError(place.row, place.column, error.msg, unread=is_unread(error, takes))


def _refuse_zero(text: str) -> None:
    """Raise ParseError if the text has a NUL character."""
    before, zero, _ = text.partition("\0")
    if zero:
        rows = split_lines(before)
        error = "a NUL character is no part of a program"
        inner = text.strip("\0")  # a file that a crash cut off may end with many
        if inner.count("\0") * 3 > len(inner):
            error = "the file is in UTF-16 or UTF-32, which MicroPython cannot read; save it in UTF-8"
        raise ParseError(len(rows), len(rows[-1]) + 1, error)


def _ast(text: str, release: tuple[int, int] | None = None) -> ast.Module:
    with without_warnings:
        return ast.parse(text, feature_version=release)

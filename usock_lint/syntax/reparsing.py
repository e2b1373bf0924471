"""Parses a text by the statements of its module: a long one, and a document again after each edit.

A document keeps the nodes of the statements that are unchanged. While libcst parses a text it takes 500 times as much
memory as the text, so that pieces of a long text are parsed in a part of the memory.

The text is cut into pieces where a line begins with a word. There a statement of the module begins, unless the line is
in brackets or a string: then the piece before it cannot be parsed, and the text is parsed as a whole.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import libcst as cst

from usock_lint.syntax import nesting
from usock_lint.syntax.parsing import REFUSED, Parsed, parse, tree
from usock_lint.syntax.positions import Origin

# Strings and comments are matched so that no piece begins in them.
_TOKEN = re.compile(
    r"""\#[^\n]* | "{3}.*?(?:"{3}|\Z) | '{3}.*?(?:'{3}|\Z)
    | "[^"\\\n]*(?:\\.[^"\\\n]*)*"? | '[^'\\\n]*(?:\\.[^'\\\n]*)*'?
    | (?<![^\n])(?P<first>@|[^\W\d]\w*)""",
    re.DOTALL | re.VERBOSE,
)
_CONTINUED = frozenset(("elif", "else", "except", "finally"))

# Characters that change where lines end or begin.
_ODD = re.compile(r"[\f\v\0\ufeff]")
_INDENTED = re.compile(r"\n[ \t]+\S")

_NEXT = "pass"
"""A statement put behind a piece, so that libcst attaches the comments at its end to the next statement."""


_LONG = 50_000
"""The characters from which a text is parsed by its statements. There are more than a thousand lines in so many."""

_Statement = cst.SimpleStatementLine | cst.BaseCompoundStatement


class _Piece(NamedTuple):
    """Some statements of a module; `after` are the lines that stand before the next statement.

    `indent` is what the first block in it is indented by, if there is one.
    """

    module: cst.Module
    body: Sequence[_Statement]
    after: Sequence[cst.EmptyLine]
    width: int
    """The length of the lines after it."""
    indent: str | None


class Reparser:
    """Parses the versions of a document, each as `parsing.parse` does."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], _Piece] = {}
        self._heads: dict[cst.CSTNode, _Statement] = {}

    def parse(self, text: str, takes: Callable[[str], bool] = lambda form: True) -> Parsed:
        """Parse a version. Raises ParseError."""
        return self._in_pieces(text) or parse(text, takes)

    def _in_pieces(self, text: str) -> Parsed | None:
        """The tree made of the pieces; None if it cannot be made of them, as while a statement is being typed."""
        starts = [*_starts(text)]
        newline = "\r\n" if "\r" in text else "\n"
        if not starts or _ODD.search(text) or not text.count("\n") == text.count(newline) >= text.count("\r"):
            return None
        starts[0] = 0
        ends = [*starts[1:], len(text)]
        count: Counter[str] = Counter()
        pieces: dict[tuple[str, int], _Piece] = {}
        for start, end in zip(starts, ends, strict=True):
            code = text[start:end] + (_NEXT + newline if end < len(text) else "")
            count[code] += 1
            key = code, count[code]
            piece = self._known.get(key) or _piece(code, is_last=end == len(text))
            if piece is None:
                return None
            pieces[key] = piece
        self._known = pieces
        indents = {piece.indent for piece in pieces.values() if piece.indent is not None}
        return self._joined([*pieces.values()], starts, text) if len(indents) <= 1 else None

    def _joined(self, pieces: Sequence[_Piece], starts: Sequence[int], text: str) -> Parsed:
        """The tree, with the places of its statements: a piece begins with the lines that the one before left to it."""
        first, last = pieces[0].module, pieces[-1].module
        body: list[_Statement] = []
        places: dict[cst.CSTNode, int] = {}
        heads: dict[cst.CSTNode, _Statement] = {}
        after: Sequence[cst.EmptyLine] = ()
        width = -sum(len(first.code_for_node(line)) for line in first.header)
        for piece, start in zip(pieces, starts, strict=True):
            bare, *others = piece.body
            head = heads[bare] = self._headed(bare, after)
            places[head] = start - width
            body += (head, *others)
            after, width = piece.after, piece.width
        self._heads = heads
        indents = [piece.indent for piece in pieces if piece.indent is not None]
        module = cst.Module(
            body,
            first.header,
            last.footer,
            default_newline=first.default_newline,
            default_indent=indents[0] if indents else first.default_indent,
            has_trailing_newline=last.has_trailing_newline,
        )
        return Parsed(module, text, Origin(text, text), places)

    def _headed(self, bare: _Statement, lines: Sequence[cst.EmptyLine]) -> _Statement:
        """The first statement of a piece with the lines above it: that of the version before if they are the same."""
        known = self._heads.get(bare, bare)
        above = known.leading_lines
        if len(above) == len(lines) and all(map(cst.CSTNode.deep_equals, above, lines)):
            return known
        return bare.with_changes(leading_lines=lines)


def parse_sparingly(text: str, takes: Callable[[str], bool]) -> Parsed:
    """The tree of a text, as that of `usock_lint.syntax.parsing.parse`, made in little memory."""
    return Reparser().parse(text, takes) if len(text) >= _LONG else parse(text, takes)


def _starts(text: str) -> Iterator[int]:
    """The offsets at which pieces begin."""
    is_decorated = False
    for found in _TOKEN.finditer(text):
        first = found["first"]
        if first is None or first in _CONTINUED or text.endswith(("\\\n", "\\\r\n"), 0, found.start()):
            continue
        if not is_decorated:
            yield found.start()
        is_decorated = first == "@"


def _piece(code: str, *, is_last: bool) -> _Piece | None:
    """A piece, which with all but the last one ends in `_NEXT`; None if it cannot be parsed by itself."""
    if nesting.may_be_deep(code):
        return None
    try:
        module = tree(code)
    except (*REFUSED, UnicodeEncodeError):
        return None
    indent = module.default_indent if _INDENTED.search(code) else None
    if is_last:
        return _Piece(module, module.body, (), 0, indent)
    *body, following = module.body
    after = following.leading_lines if isinstance(following, cst.SimpleStatementLine) else ()
    return _Piece(module, body, after, sum(len(module.code_for_node(line)) for line in after), indent)

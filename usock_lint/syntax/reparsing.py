"""Parses a text by the statements of its module: a long one, and a document again after each edit.

A document keeps the nodes of the statements that are unchanged. While libcst parses a text it takes 500 times as much
memory as the text, so that pieces of a long text are parsed in a part of the memory.

The text is cut into pieces where a line begins with a word. There a statement of the module begins, unless the line is
in brackets or a string: then the piece before it cannot be parsed, and the text is parsed as a whole.

Classes of a document are cut into members in the same way (`class_members.py`). A class whose members change keeps its
node, so the tree of a version is right until the next version is parsed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

import libcst as cst

from usock_lint.syntax import nesting
from usock_lint.syntax.class_members import NEXT, Class, Statement, headed, parse_class
from usock_lint.syntax.class_members import starts as statement_starts
from usock_lint.syntax.parsing import REFUSED, Parsed, parse, tree
from usock_lint.syntax.positions import Origin

# Characters that change where lines end or begin.
_ODD = re.compile(r"[\f\v\0\ufeff]")
_INDENTED = re.compile(r"\n[ \t]+\S")

_LONG = 50_000
"""The characters from which a text is parsed by its statements. There are more than a thousand lines in so many."""


class _Piece(NamedTuple):
    """Some statements of a module; `after` are the lines that stand above the next statement.

    `indent` is the indentation of the first block in the piece; None if it has no block.
    """

    module: cst.Module
    body: Sequence[Statement]
    after: Sequence[cst.EmptyLine]
    width: int
    """The length of the lines after it."""
    indent: str | None
    made: Class | None = None
    """The class that the piece is, if it was made of its members."""


class Reparser:
    """Parses the versions of a document, each as `parsing.parse` does, and a class by its members if `by_members`.

    `changed` are the classes that kept their nodes in the last version although their members have changed.
    """

    def __init__(self, *, by_members: bool = True) -> None:
        self._by_members = by_members
        self._known: dict[tuple[str, int], _Piece] = {}
        self._heads: dict[cst.CSTNode, Statement] = {}
        """The first statement of each piece, with the lines above it, by the same statement without these."""
        self.changed: list[cst.CSTNode] = []

    def parse(self, text: str, takes: Callable[[str], bool] = lambda form: True) -> Parsed:
        """Parse a version. Raises ParseError."""
        return self._in_pieces(text) or parse(text, takes)

    def _in_pieces(self, text: str) -> Parsed | None:
        """The tree made of the pieces; None if it cannot be made of them, as while a statement is being typed."""
        starts = [*statement_starts(text)]
        newline = "\r\n" if "\r" in text else "\n"
        # A text with several kinds of line ends, or with a lone "\r", is parsed as a whole: a piece has one kind.
        if not starts or _ODD.search(text) or not text.count("\n") == text.count(newline) >= text.count("\r"):
            return None
        starts[0] = 0
        ends = [*starts[1:], len(text)]
        count: Counter[str] = Counter()
        keys: list[tuple[str, int]] = []
        for start, end in zip(starts, ends, strict=True):
            code = text[start:end] + (NEXT + newline if end < len(text) else "")
            count[code] += 1
            keys.append((code, count[code]))
        gone = [self._known[key].made for key in self._known.keys() - set(keys)]
        classes = {one.header: one for one in gone if one is not None}
        pieces: dict[tuple[str, int], _Piece] = {}
        for key in keys:
            piece = self._known.get(key) or self._piece(key[0], classes, is_last=key is keys[-1])
            if piece is None:
                return None
            pieces[key] = piece
        self._known = pieces
        indents = {piece.indent for piece in pieces.values() if piece.indent is not None}
        return self._joined([*pieces.values()], starts, text) if len(indents) <= 1 else None

    def _piece(self, code: str, classes: dict[str, Class], *, is_last: bool) -> _Piece | None:
        """A piece; None if it cannot be parsed by itself. `classes` are those of which the members may have changed."""
        if nesting.may_be_deep(code):
            return None
        made = parse_class(code, classes, is_last=is_last) if self._by_members else None
        if made is None:
            return _piece(code, is_last=is_last)
        indent = made.module.default_indent
        return _Piece(made.module, [made.node], made.after, _width(made.module, made.after), indent, made)

    def _joined(self, pieces: Sequence[_Piece], starts: Sequence[int], text: str) -> Parsed:
        """The tree, with the places of its statements: a piece begins with the lines that the one before left to it."""
        first, last = pieces[0].module, pieces[-1].module
        body: list[Statement] = []
        places: dict[cst.CSTNode, int] = {}
        members: dict[cst.CSTNode, int] = {}
        heads: dict[cst.CSTNode, Statement] = {}
        after: Sequence[cst.EmptyLine] = ()
        width = -_width(first, first.header)
        self.changed = []
        for piece, start in zip(pieces, starts, strict=True):
            bare, *others = piece.body
            head = heads[bare] = headed(self._heads.get(bare, bare), after)
            if piece.made is not None and piece.made.fill():
                self.changed.append(head)
            if piece.made is not None:
                members.update((member, start + place) for member, place in piece.made.places.items())
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
        return Parsed(module, text, Origin(text, text), places, members)


def parse_sparingly(text: str, takes: Callable[[str], bool]) -> Parsed:
    """The tree of a text, as that of `usock_lint.syntax.parsing.parse`, made in little memory."""
    return Reparser(by_members=False).parse(text, takes) if len(text) >= _LONG else parse(text, takes)


def _piece(code: str, *, is_last: bool) -> _Piece | None:
    """A piece, which with all but the last one ends in `NEXT`; None if it cannot be parsed by itself."""
    try:
        module = tree(code)
    except (*REFUSED, UnicodeEncodeError):
        return None
    indent = module.default_indent if _INDENTED.search(code) else None
    if is_last:
        return _Piece(module, module.body, (), 0, indent)
    *body, following = module.body
    after = following.leading_lines if isinstance(following, cst.SimpleStatementLine) else ()
    return _Piece(module, body, after, _width(module, after), indent)


def _width(module: cst.Module, lines: Sequence[cst.EmptyLine]) -> int:
    return sum(len(module.code_for_node(line)) for line in lines)

"""Classes of a document that is parsed by its statements, each made of its members.

A class is cut where a line begins with a word after the indentation of its suite. If members change, the class and its
suite stay the nodes that they are, and the suite gets other members: what identifies the class by its node still does.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import cast

import libcst as cst

from usock_lint.fast_dataclasses import NamedTuple
from usock_lint.syntax.parsing import REFUSED, tree

Statement = cst.SimpleStatementLine | cst.BaseCompoundStatement

NEXT = "pass"
"""A statement put behind a piece, so that libcst attaches the comments at its end to the next statement."""

SHORTEST: int = 2_000
"""The characters from which a class is cut. The members of a shorter one take longer to parse than the whole class."""

# Strings and comments are matched so that no piece begins in them.
_TOKEN = r"""\#[^\n]* | "{3}.*?(?:"{3}|\Z) | '{3}.*?(?:'{3}|\Z)
    | "[^"\\\n]*(?:\\.[^"\\\n]*)*"? | '[^'\\\n]*(?:\\.[^'\\\n]*)*'?
    | (?<![^\n])%s(?P<first>@|[^\W\d]\w*)"""
# Words that begin a line, but not a statement.
_CONTINUED = frozenset(("elif", "else", "except", "finally"))

# What a piece that may be a class begins with: comments and empty lines, then a decorator or the class.
_CLASS = r"(?:[ \t]*\#[^\n]*\n|\s*\n)*(?:@|class\b)"


def starts(text: str, indent: str = "") -> Iterator[int]:
    """The offsets at which statements begin that are indented so."""
    is_decorated = False
    for found in _tokens(text, re.escape(indent)):
        first = found["first"]
        if first is None or first in _CONTINUED or text.endswith(("\\\n", "\\\r\n"), 0, found.start()):
            continue
        if not is_decorated:
            yield found.start()
        is_decorated = first == "@"


def _tokens(text: str, margin: str) -> Iterator[re.Match[str]]:
    return re.finditer(_TOKEN % margin, text, re.DOTALL | re.VERBOSE)


def headed(statement: Statement, lines: Sequence[cst.EmptyLine]) -> Statement:
    """The statement with these lines above it: itself, if it has them."""
    above = statement.leading_lines
    if len(above) == len(lines) and all(map(cst.CSTNode.deep_equals, above, lines)):
        return statement
    return statement.with_changes(leading_lines=lines)


class _Part(NamedTuple):
    """Some statements of a class. `after` are the lines that stand above the next statement.

    Behind the last part this is a statement of the module. The lines that belong to the class then are its `footer`.
    `module` is the tree that the part was parsed to.
    """

    body: Sequence[Statement]
    after: Sequence[cst.EmptyLine]
    footer: Sequence[cst.EmptyLine]
    module: cst.Module


class Class(NamedTuple):
    """A class that is a piece of a text: its nodes, and what its suite holds in this version.

    `header` is the text above the first member. `parts` are the parts of the suite in order, each by its text and its
    number among equal ones. `heads` has the first statement of each part, with the lines above it, by the same
    statement without these. `module` is the tree of the piece, in which the suite may hold other members. `after` are
    the lines above the statement that follows the class.
    """

    header: str
    module: cst.Module
    node: cst.ClassDef
    suite: cst.IndentedBlock
    parts: dict[tuple[str, int], _Part]
    heads: dict[cst.CSTNode, Statement]
    body: Sequence[Statement]
    places: dict[cst.CSTNode, int]
    """The offsets of members in the piece, with the lines above them."""
    footer: Sequence[cst.EmptyLine]
    after: Sequence[cst.EmptyLine]

    def fill(self) -> bool:
        """Give the suite the members of this version; True if it had others."""
        if [*map(id, self.suite.body)] == [*map(id, self.body)] and self.suite.footer is self.footer:
            return False
        object.__setattr__(self.suite, "body", self.body)
        object.__setattr__(self.suite, "footer", self.footer)
        return True


def parse_class(code: str, classes: dict[str, Class], *, is_last: bool) -> Class | None:
    """The class that a piece consists of; None for another piece, and if the class has to be parsed as a whole.

    `classes` are those of the version before, by header. The class whose nodes stay is removed from them.
    """
    if len(code) < SHORTEST or not re.match(_CLASS, code):
        return None
    newline = "\r\n" if "\r" in code else "\n"
    indent = next((one["indent"] for one in _tokens(code, r"(?P<indent>[ \t]+)") if one["first"]), "")
    places = [*starts(code, indent)]
    texts = [code[start:end] for start, end in zip(places, [*places[1:], len(code)], strict=True)]
    if not indent or len(texts) < 2:
        return None
    try:
        made = _made(code[: places[0]], texts, indent, newline, classes, is_last=is_last)
    except (*REFUSED, _NoPartError):
        return None
    classes.pop(made.header, None)
    return made


class _NoPartError(Exception):
    """A text is no part of a class by itself."""


def _made(
    header: str, texts: Sequence[str], indent: str, newline: str, classes: dict[str, Class], *, is_last: bool
) -> Class:
    """The class made of its header and of the texts of its members, with what can be kept of the version before."""
    following = f"{indent}{NEXT}{newline}"
    before = classes.get(header)
    if before is None:
        module = tree(header + following)
        node, suite = _class(module)
        known, heads_before = {(header, 0): _before_next(suite, module)}, {}
    else:
        module, node, suite, known, heads_before = before.module, before.node, before.suite, before.parts, before.heads
    # Each part is parsed as the body of a class, since it is indented.
    around = f"class _:{newline}"
    count: Counter[str] = Counter()
    parts = {(header, 0): known[header, 0]}
    for text in texts[:-1]:
        count[text] += 1
        key = text, count[text]
        parts[key] = known.get(key) or _part(around + text + following)
    # Numbers that no other part has: the last part of a class, which may also be the last one of the text, is parsed
    # without a statement behind it.
    key = texts[-1], -1 - is_last
    last = parts[key] = known.get(key) or _last_part(around + texts[-1], is_last=is_last)
    heads: dict[cst.CSTNode, Statement] = {}
    body: list[Statement] = []
    places: dict[cst.CSTNode, int] = {}
    place = 0
    # The lines above a part were parsed with the part before it.
    lines: Sequence[cst.EmptyLine] = ()
    for (text, _), part in parts.items():
        for bare in part.body[:1]:
            heads[bare] = headed(heads_before.get(bare, bare), lines)
            if place:  # else it is the docstring, below the head of the class
                above = sum(len(module.code_for_node(one)) + one.indent * len(indent) for one in lines)
                places[heads[bare]] = place - above
        place += len(text)
        body += [heads.get(one, one) for one in part.body]
        lines = part.after if part.body else (*lines, *part.after)
    if is_last:
        ends = last.module
        module = module.with_changes(footer=ends.footer, has_trailing_newline=ends.has_trailing_newline)
    return Class(header, module, node, suite, parts, heads, tuple(body), places, last.footer, last.after)


def _class(module: cst.Module) -> tuple[cst.ClassDef, cst.IndentedBlock]:
    """The class that a text begins with, and its suite."""
    node = module.body[0] if module.body else None
    if isinstance(node, cst.ClassDef) and isinstance(node.body, cst.IndentedBlock):
        return node, node.body
    raise _NoPartError


def _part(text: str) -> _Part:
    """A part of a class that is not the last. Its text ends in `NEXT`, which stands for the part that follows."""
    module = tree(text)
    return _before_next(_class(module)[1], module)


def _before_next(suite: cst.IndentedBlock, module: cst.Module) -> _Part:
    """The statements before `NEXT`, which ends the suite and the module."""
    *body, following = suite.body
    if len(module.body) == 1 and isinstance(following, cst.SimpleStatementLine) and not suite.footer:
        return _Part(cast("Sequence[Statement]", body), following.leading_lines, (), module)
    raise _NoPartError


def _last_part(text: str, *, is_last: bool) -> _Part:
    """The last part of a class. Behind it is the next statement of the module, unless it is the last of the text."""
    module = tree(text)
    body = cast("Sequence[Statement]", _class(module)[1].body)
    following = module.body[1] if len(module.body) > 1 else None
    if len(module.body) != (1 if is_last else 2):
        raise _NoPartError
    after = following.leading_lines if isinstance(following, cst.SimpleStatementLine) else ()
    return _Part(body, after, _class(module)[1].footer, module)

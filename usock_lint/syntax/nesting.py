"""The nesting depth of a text, measured before it is parsed.

libcst's parser recurses on the C stack, once for each bracket and operator, and an overflow of that stack kills the
process. The time of the parser grows with the square of the depth. Real code stays below thirty.
"""

from __future__ import annotations

import ast
import re
from typing import Final, NamedTuple

DEEPEST: Final = 1000
"""The depth of the deepest syntax tree that is analysed."""

_BRACKETS: Final = 200
"""The depth of brackets that CPython's tokenizer takes."""

_PATTERN: Final = 6
"""The depth of brackets in a `case`: eight of some kinds take libcst 0.1 seconds, ten of them two, and so on."""

_FEW: Final = DEEPEST // 2
"""Steps of nesting that make a tree of at most DEEPEST levels: a step makes at most two."""

_MOST: Final = 3 * DEEPEST
"""Steps that the stack has room for (`usock_lint.threads`)."""

_WORDS: Final = r"\b(?:and|as|await|elif|else|for|from|if|in|is|lambda|not|or|yield)\b"
_STEP: Final = rf"[-+~*/%&|^<>.@] | {_WORDS}"
_STEPS: Final = re.compile(rf"[\[({{] | {_STEP}", re.VERBOSE)

# A string that is not closed is a token too: looking for its end once more from each quote in it would take very long.
_TOKEN: Final = re.compile(
    rf"""\#[^\r\n]*
    | (?:[fFtT][rR]?|[rR][fFtT])? (?:
        "{{3}}[^\\"]*(?:(?:\\.|"(?!""))[^\\"]*)*(?:"{{3}})? | '{{3}}[^\\']*(?:(?:\\.|'(?!''))[^\\']*)*(?:'{{3}})?
        | "[^\\"\r\n]*(?:\\.[^\\"\r\n]*)*"? | '[^\\'\r\n]*(?:\\.[^\\'\r\n]*)*'? )
    | (?<!\\)[\r\n]\s* | [][(){{}},] | {_STEP}""",
    re.VERBOSE | re.DOTALL,
)

# Lines that are neither deep, being short, nor end within brackets or strings, and the indentation of the next line.
# They are most lines, and looking for their tokens takes ten times as long.
_PLAIN: Final = re.compile(
    r"""(?: (?=[^"'\\\#\r\n]{0,150}\n) (?![ \t]*(?:case|elif|else)\b)
        [^\[\](){}\n]*
        (?: [\[({] [^\[\](){}\n]* (?: [\[({] [^\[\](){}\n]* [\])}] [^\[\](){}\n]* )* [\])}] [^\[\](){}\n]* )* \n
    )+ [ \t]*""",
    re.VERBOSE,
)
_AT_MARGIN: Final = re.compile(r"^\S", re.MULTILINE)
_CASE: Final = re.compile(r"case\b(?!\s*[=.,)])")


class _Nesting(NamedTuple):
    """Upper bounds of the nesting in a text.

    `steps` is the depth of the deepest line, `elifs` the most of `elif` from one statement at the margin to the next,
    `brackets` the most brackets around one place, and `pattern` the same within a `case`.
    """

    steps: int
    elifs: int
    brackets: int
    pattern: int


class _Level:
    """The text in a pair of brackets, or a line outside of all, as far as it was read.

    `links` are the operators and the like in its current item, each of which may be a level of the tree. `held` is the
    depth of the deepest brackets in this item, `before` that of the items before. `goes_on`: a comma ends no item.
    """

    def __init__(self) -> None:
        self.links = self.held = self.before = 0
        self.goes_on = False

    @property
    def depth(self) -> int:
        return max(self.before, self.links + self.held)

    def end_item(self) -> None:
        """End an item at a comma: the next item starts a new chain, except within a lambda or a comprehension."""
        if not self.goes_on:
            self.before, self.links, self.held = self.depth, 0, 0


def may_be_deep(text: str) -> bool:
    """True if the depth of the text has to be measured (`deep_row`) before libcst may parse it."""
    found = _nesting(text)
    return found.steps > _FEW or found.elifs > _MOST or found.brackets > _BRACKETS or found.pattern > _PATTERN


def is_too_deep(text: str) -> bool:
    """True if libcst may not parse the text, whatever tree Python's own parser makes of it.

    Adjacent strings are flat in Python's tree, but not for libcst's parser. Each further bracket in a pattern takes
    libcst up to four times as long.
    """
    found = _nesting(text)
    return max(found.steps, found.elifs) > _MOST or found.brackets > _BRACKETS or found.pattern > _PATTERN


def deep_row(tree: ast.Module) -> int | None:
    """The row from which on a tree is too deep; None if it is not. An `elif` is as deep as its `if`."""
    nodes: list[tuple[ast.AST, int, int]] = [(tree, 0, 1)]
    while nodes:
        node, depth, row = nodes.pop()
        row = getattr(node, "lineno", row)
        if depth > DEEPEST:
            return row
        beside = node.orelse if isinstance(node, ast.If) else ()
        nodes.extend((child, depth + (child not in beside), row) for child in ast.iter_child_nodes(node))
    return None


def _opened(text: str) -> int:
    return sum(map(text.count, "([{"))


def _nesting(text: str) -> _Nesting:
    """Measure a text, token by token; plain lines (`_PLAIN`) are passed over.

    `levels` are the line and the brackets around a token. Each line outside of brackets is measured by itself. Once the
    end of a string is not certain (`knows_strings`), all that follows counts as one line.
    """
    levels = [_Level()]
    steps = brackets = pattern = elifs = most_elifs = 0
    knows_strings = True
    plain = _PLAIN.match(text)
    place = plain.end() if plain else 0
    is_pattern = _CASE.match(text, place) is not None
    while True:
        for found in _TOKEN.finditer(text, place):
            token, level = found[0], levels[-1]
            first = token[0]
            if first in "([{":
                levels.append(_Level())
                brackets = max(brackets, len(levels) - 1)
                pattern = max(pattern, len(levels) - 1) if is_pattern else pattern
            elif first in ")]}":
                if len(levels) > 1:
                    inner = levels.pop()
                    levels[-1].held = max(levels[-1].held, inner.depth)
                    levels[-1].links += 1
            elif first == ",":
                level.end_item()
            elif first in "\r\n":
                if len(levels) == 1 and knows_strings:
                    steps = max(steps, level.depth)
                    levels = [_Level()]
                    place = found.end()
                    plain = _PLAIN.match(text, place)
                    if plain:
                        elifs = 0 if elifs and _AT_MARGIN.search(text, place, plain.end()) else elifs
                        place = plain.end()
                    is_pattern = _CASE.match(text, place) is not None
                    at_margin = text[place - 1] in "\r\n"
                    if at_margin and not text.startswith(("elif", "else"), place):
                        elifs = 0
                    if plain:
                        break  # search on behind the plain lines
            elif first in "\"'" or token[-1] in "\"'":
                level.links += 1
                if token[0] in "fFtTrR":
                    level.held = max(level.held, len(_STEPS.findall(token)))
                    brackets = max(brackets, len(levels) + _opened(token))
                    # An f-string of Python 3.12 may hold its own quotes, and then what ends here is not the string.
                    knows_strings = knows_strings and token.count("{") == token.count("}")
            elif first != "#":
                level.links += 1
                elifs += token == "elif"
                most_elifs = max(most_elifs, elifs)
                level.goes_on = level.goes_on or token in ("for", "lambda")
        else:
            return _Nesting(max(steps, sum(level.depth + 1 for level in levels)), most_elifs, brackets, pattern)

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

# The beginning of a replacement field in an f-string, where a doubled brace is text, and what matters within a field.
_OPENING: Final = re.compile(r"\{\{?")
_HIDING: Final = ("#", "\\", "'", '"', "'''", '"""')
_IN_FIELD: Final = re.compile(
    r"""'{3} | "{3} | '(?:[^'\\\r\n]|\\[^\r\n])*' | "(?:[^"\\\r\n]|\\[^\r\n])*" | [][(){}:\\\#'"]""", re.VERBOSE
)

# What stands between two adjacent strings.
_BETWEEN: Final = re.compile(r"(?:\\\r?\n|\s|\#[^\r\n]*)*(?P<prefix>[bBrRuU]{0,2})")

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


def with_few_adjacent_strings(text: str) -> str:
    """The text, with blanks for the strings of a long row but the first.

    Tools write the bytes of a file as such a row, a string for each line, which is flat for MicroPython but as deep for
    libcst as it is long. All that is left of the text stays in its place.
    """
    kept: list[str] = []
    place = brackets = 0
    row: list[tuple[int, int]] = []

    def end_row() -> None:
        nonlocal place
        for start, end in row[1:] if len(row) > _FEW else ():
            kept.extend((text[place:start], " " * (end - start)))
            place = end
        row.clear()

    for found in _TOKEN.finditer(text):
        token = found[0]
        if token[0] == "#":
            continue
        brackets += (token in "([{") - (token in ")]}")
        if token[0] in "\r\n" and brackets > 0:
            continue
        is_string = token[0] in "\"'" and "\n" not in token and "\r" not in token
        # The prefix of a string is no part of the token, unless it is an f-string.
        between = _BETWEEN.fullmatch(text, row[-1][1] if row else found.start(), found.start()) if is_string else None
        if between is None:
            end_row()
        if is_string:
            row.append((found.start() - len(between["prefix"]) if between else found.start(), found.end()))
    end_row()
    return "".join((*kept, text[place:]))


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


def _fields(string: str) -> tuple[list[str], bool]:
    """The replacement fields of an f-string, and whether the string is certain to end where it seems to.

    All around them is text, such as a page with the braces of its style sheet doubled, which is flat. If it is not
    certain where a field ends, the whole string counts as one.
    """
    found: list[str] = []
    place = 0
    while opening := _OPENING.search(string, place):
        start, place = opening.span()
        if opening[0] == "{{":
            continue
        depth, is_format = 1, False
        for one in _IN_FIELD.finditer(string, place):
            token = one[0]
            depth += (token in "([{") - (token in ")]}")
            is_format = is_format or (token == ":" and depth == 1)
            if not depth:
                place = one.end()
                found.append(string[start:place])
                break
            # A comment, or a string with an end of line or a quote of its own in it, may hide the end of the field.
            if not is_format and token in _HIDING:
                return [string], string.count("{") == string.count("}")
        else:
            return [string], False
    return found, True


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
            elif first != "#" and (first in "\"'" or token[-1] in "\"'"):
                level.links += 1
                if token[0] in "fFtTrR":
                    fields, is_closed = _fields(token)
                    level.held = max(level.held, *(len(_STEPS.findall(field)) for field in fields), 0)
                    brackets = max(brackets, *(len(levels) + _opened(field) for field in fields), 0)
                    # An f-string of Python 3.12 may hold its own quotes, and then what ends here is not the string.
                    knows_strings = knows_strings and is_closed
            elif first != "#":
                level.links += 1
                elifs += token == "elif"
                most_elifs = max(most_elifs, elifs)
                level.goes_on = level.goes_on or token in ("for", "lambda")
        else:
            return _Nesting(max(steps, sum(level.depth + 1 for level in levels)), most_elifs, brackets, pattern)

"""Rewrites forms that MicroPython's compiler accepts and CPython's refuses to forms that both accept.

CPython's error says which form it is and where; the form is rewritten, and the text is parsed again. Lines stay the
same, and so do columns, apart from parentheses that are inserted. `tests/rules/test_syntax.py` asks the compiler.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Final, NamedTuple

from usock_lint.diagnostics import Location
from usock_lint.syntax.lines import Lines, split_lines

# A token as far as brackets and commas matter: a string or a comment is one.
_OPAQUE: Final = r"""\#[^\r\n]* | "{3}.*?"{3} | '{3}.*?'{3} | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'"""
_TOKEN: Final = re.compile(rf"{_OPAQUE} | \w+ | [][(){{}},]", re.VERBOSE | re.DOTALL)
_LONGEST_NUMBER: Final = 100
_NUMBER: Final = re.compile(r"[\w.]+")


class Text(NamedTuple):
    """A rewritten text, and the offsets in it of the characters that were inserted."""

    text: str
    inserted: tuple[int, ...] = ()

    def replaced(self, start: int, end: int, content: str) -> Text:
        """The text with something else of the same length at these offsets."""
        return self._replace(text=self.text[:start] + content + self.text[end:])

    def blanked(self, start: int, end: int) -> Text:
        """The text with spaces at these offsets; line ends stay."""
        return self.replaced(start, end, re.sub(r"[^\r\n]", " ", self.text[start:end]))

    def with_inserted(self, offset: int, character: str) -> Text:
        """The text with one more character before this offset."""
        later = tuple(one + (one >= offset) for one in self.inserted)
        return Text(self.text[:offset] + character + self.text[offset:], tuple(sorted((*later, offset))))


def rewritten(text: Text, error: SyntaxError, takes: Callable[[str], bool]) -> Text | None:
    """The text with the form that `error` is about rewritten; None for an unknown form, or one that a target refuses.

    `takes` says whether all targets accept a form, by its name.
    """
    found = next((one for one in _FORMS if re.search(one.message, error.msg)), None)
    if found is None or error.lineno is None or (found.form and not takes(found.form)):
        return None
    return found.rewrite(text, Lines(text.text).offset(Location(error.lineno, max(error.offset or 1, 1))))


def without_annotations(text: Text, tree: ast.Module) -> Text:
    """The text without the annotations of targets in parentheses, `(x): int = 1`, which libcst refuses.

    `tree` is Python's own of the text. What has no value is no code at all on MicroPython.
    """
    lines = Lines(text.text)
    rows = split_lines(text.text)
    for node in ast.walk(tree):
        if not isinstance(node, ast.AnnAssign) or node.end_lineno != node.lineno:
            continue
        row = rows[node.lineno - 1].encode()
        start, target, meant, end = (
            lines.offset(Location(node.lineno, len(row[:column].decode()) + 1))
            for column in (
                node.col_offset,
                node.target.end_col_offset or 0,
                node.annotation.end_col_offset or 0,
                node.end_col_offset or 0,
            )
        )
        if text.text[start] != "(" or ")" not in text.text[target : text.text.index(":", target)]:
            continue
        if node.value is None:
            text = text.blanked(start, end).replaced(start, start + 4, "pass")
        else:
            text = text.blanked(text.text.index(":", target), text.text.index("=", meant))
    return text


def is_unread(error: SyntaxError, takes: Callable[[str], bool]) -> bool:
    """True if the error is about a form that MicroPython accepts and that is not rewritten here."""
    form = next((form for message, form in _UNREAD.items() if message in error.msg), None)
    return form is not None and takes(form)


def _parenthesised(text: Text, start: int) -> Text | None:
    """The text with a generator expression among other arguments in parentheses. CPython's error is at its start."""
    end = _end_of_argument(text.text, start)
    return None if end is None else text.with_inserted(end, ")").with_inserted(start, "(")


def _end_of_argument(text: str, start: int) -> int | None:
    """The offset where the argument that begins here ends. Commas in the targets of its `for` do not end it."""
    depth = 0
    in_targets = False
    for token in _TOKEN.finditer(text, start):
        word = token[0]
        if depth == 0 and word in ("for", "in"):
            in_targets = word == "for"
        elif depth == 0 and (word in ")]}" or (word == "," and not in_targets)):
            return len(text[: token.start()].rstrip())
        depth += (word in "([{") - (word in ")]}")
    return None


def _without_star(text: Text, start: int) -> Text | None:
    """The text without a bare `*` that no parameter follows."""
    star = text.text.rfind("*", 0, start + 1)
    found = re.compile(r"\*\s*,?").match(text.text, star)
    return None if found is None else text.blanked(*found.span())


def _without_comma(text: Text, end: int) -> Text | None:
    """The text without the last comma of `from a import b,`. CPython's error is at its end."""
    comma = text.text.rfind(",", 0, end)
    return None if comma < 0 else text.blanked(comma, comma + 1)


def _with_letter(text: Text, start: int) -> Text | None:
    """The text with `_` for a character that CPython allows in no name. MicroPython allows all beyond ASCII.

    All of these characters are replaced but those in strings and comments: in a file whose indentation has no-break
    spaces they are many.
    """
    odd = text.text[start : start + 1]
    if odd <= "\x7f" or _is_behind_number(text.text, start):
        return None

    def letter(token: re.Match[str]) -> str:
        return "_" if token[0] == odd and not _is_behind_number(text.text, token.start()) else token[0]

    return text._replace(text=re.sub(f"{_OPAQUE}|{re.escape(odd)}", letter, text.text, flags=re.VERBOSE | re.DOTALL))


def _is_behind_number(text: str, place: int) -> bool:
    return re.search(r"(?<!\w)\d[\w.]*$", text[max(place - _LONGEST_NUMBER, 0) : place]) is not None


def _without_zeros(text: Text, place: int) -> Text | None:
    """The text without the zeros at the beginning of a number. CPython's error is in or behind them."""
    start = place
    while start and text.text[start - 1] in "0_":
        start -= 1
    number = _NUMBER.match(text.text, start)
    return None if number is None else _shortened(text, number, number[0].lstrip("0_"))


def _without_underscores(text: Text, place: int) -> Text | None:
    """The text without the underscores of a number that has two in a row, or one at its end."""
    number = next((one for one in _NUMBER.finditer(text.text) if one.start() <= place <= one.end()), None)
    if number is None or "_" not in number[0] or not number[0][0].isdecimal():
        return None
    return _shortened(text, number, number[0].replace("_", ""))


def _shortened(text: Text, number: re.Match[str], digits: str) -> Text:
    """The text with a number replaced by fewer digits, and spaces behind them."""
    return text.replaced(*number.span(), digits.ljust(len(number[0])))


class _Form(NamedTuple):
    """CPython's message about a form, and the function that rewrites it.

    `form` is the name in the table of one that not all releases accept.
    """

    message: str
    rewrite: Callable[[Text, int], Text | None]
    form: str = ""


_FORMS: Final = (
    _Form("Generator expression must be parenthesized", _parenthesised),
    _Form(r"must follow bare \*", _without_star),
    _Form("trailing comma not allowed without", _without_comma),
    _Form("invalid (?:non-printable )?character", _with_letter),
    _Form("leading zeros in decimal integer", _without_zeros, "leading-zero"),
    _Form("invalid (?:decimal|hexadecimal|octal|binary) literal", _without_underscores, "number-underscore"),
)

# Forms that are not rewritten, by CPython's messages about them.
_UNREAD: Final = {
    "only single target (not": "annotation",
    "illegal target for annotation": "annotation",
    "single '}' is not allowed": "f-string",
    "iterable argument unpacking follows keyword argument unpacking": "star-after-double-star",
}

"""The size of what a function makes of constants, found before it is computed: `b"x" * 10**9` would fill the memory.

The size of a constant is the number of its characters, bytes or bits; that of a tuple or list is the number of its
items and the sum of their sizes.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from math import inf
from typing import Any, Final, TypeGuard

from usock_lint.fast_dataclasses import NamedTuple

LARGEST: Final = 4096
"""The size of the largest constants that are computed, and of the largest that others are computed from."""


class Method(NamedTuple):
    """The function that calls this method of its first argument with the other ones."""

    name: str

    def __call__(self, owner: Any, *given: Any) -> Any:
        return getattr(owner, self.name)(*given)


class Shape(NamedTuple):
    """The type and the length of a constant. Of one with length None it is known only that it is not empty or zero."""

    type: type
    length: int | None


def shifted(left: Any, right: Any) -> Any:
    """The function of `<<`."""
    return left << right


def sliced(items: Any, low: Any, high: Any) -> Any:
    """The function of a slice."""
    return items[low:high]


_BYTES: Final = (bytearray, bytes)
_TEXTS: Final = (*_BYTES, str)

# Functions and methods whose result is a number, or a part of what there was.
_SMALL: Final = frozenset({bool, float, len, operator.getitem, operator.not_, ord})
_SMALL_METHODS: Final = frozenset(
    (
        "count endswith find index isalnum isalpha isascii isdecimal isdigit isidentifier islower isnumeric "
        "isprintable isspace istitle isupper rfind rindex startswith"
    ).split()
)
# Methods whose result is at most a few times as large as the text and the arguments.
_PROPORTIONAL: Final = frozenset(
    (
        "capitalize casefold fromhex hex lower lstrip partition removeprefix removesuffix rpartition rsplit rstrip "
        "split splitlines strip swapcase title upper"
    ).split()
)
# Methods that keep each character, or make others of it.
_KEEPING: Final = frozenset({"capitalize", "casefold", "lower", "swapcase", "title", "upper"})
_PADDING: Final = frozenset({"center", "ljust", "rjust", "zfill"})

# Encodings whose time is proportional to the text. That of others, such as punycode, grows with its square.
_ENCODINGS: Final = frozenset({"ascii", "latin-1", "utf-8", "utf8"})

# A conversion of `%`, and a field of `format`: what is before the width, the width, and what is behind it.
_CONVERSION: Final = re.compile(r"(%(?:\([^)]*\))?[#0 +-]*)(\d*)([^a-zA-Z%]*)")
_FIELD: Final = re.compile(r"(\{[^{}:]*:?(?:[^{}]?[<>=^])?[ +-]?#?0?)(\d*)([^{}]*)")
_NUMBER: Final = re.compile(r"\d+")
_GIVEN_WIDTH: Final = re.compile(r"%[^a-zA-Z%]*\*|\{[^{}:]*:[^{}]*\{")
"""A field whose width or precision is an argument: `%*d`, `{:{}}`."""


def size(constant: Any) -> int:
    """The size of a constant."""
    if isinstance(constant, int):
        return constant.bit_length()
    if not _is_sequence(constant):
        return 1
    return len(constant) if isinstance(constant, _TEXTS) else len(constant) + sum(map(size, constant))


def _is_sequence(constant: Any) -> TypeGuard[Sequence[Any]]:
    return isinstance(constant, (*_TEXTS, list, tuple))


def bound(function: Callable[..., Any], given: Sequence[Any]) -> float:
    """An upper bound, but for a small factor, of the size of what a function makes of these constants."""
    match given:
        case [owner, *rest] if isinstance(function, Method):
            return _bound_of_method(function.name, owner, rest)
        case [str() | bytes() | bytearray() as template, operands] if function is operator.mod:
            return _bound_of_format(template, _CONVERSION, given[1] if isinstance(operands, tuple) else (operands,))
        case [int() as times, items] | [items, int() as times] if function is operator.mul and _is_sequence(items):
            return size(items) * max(times, 0)
        case [int() as left, int() as right] if function is shifted:
            return size(left) + max(right, 0)
        case [int() as length] if function in _BYTES:
            return length
        case [text, str() as encoding, *_] if function in _TEXTS:
            return _bound_of_codec(text, encoding)
        case _:
            return 0 if function in _SMALL else size(given)


def _bound_of_method(name: str, owner: Any, given: Sequence[Any]) -> float:
    match given:
        case _ if name in _SMALL_METHODS:
            return 0
        case _ if name in ("encode", "decode"):
            return _bound_of_codec(owner, *given[:1])
        case _ if name == "format":
            return _bound_of_format(owner, _FIELD, given)
        case _ if name in ("join", "replace"):
            found = _shape_of_method(name, owner, given)
            return size(given) if found is None else found.length or 0
        case [int() as width, *_] if name in _PADDING:
            return max(width, size(owner))
        case _ if name == "expandtabs":
            return size(owner) * max([8, *(one for one in given if isinstance(one, int))])
        # A method that there is not raises.
        case _ if name in _PROPORTIONAL or name in _PADDING or not hasattr(owner, name):
            return size(owner) + size(given)
        case _:
            return inf


def _bound_of_codec(text: Any, encoding: Any = "utf-8") -> int:
    return size(text) if isinstance(encoding, str) and encoding.lower() in _ENCODINGS else size(text) ** 2


def _bound_of_format(template: Any, field: re.Pattern[str], given: Sequence[Any]) -> float:
    text = _decoded(template)
    fields = field.findall(text)
    # Nine digits tell that a number is too large; Python refuses to convert thousands.
    numbers = [int(one[:9]) for _, width, rest in fields for one in (width, *_NUMBER.findall(rest)) if one]
    if _GIVEN_WIDTH.search(text):
        numbers += [abs(one) for one in given if isinstance(one, int)]
    return size(template) + sum(numbers) + len(fields) * max(map(size, given), default=0)


def _decoded(template: Any) -> str:
    return template if isinstance(template, str) else template.decode("latin-1")


def shape(function: Callable[..., Any], given: Sequence[Any]) -> Shape | None:
    """What is known of the result of a function of constants, some of which may be shapes, without computing it.

    A template whose other parts cannot be formatted raises what formatting raises.
    """
    match given:
        case [owner, *rest] if isinstance(function, Method):
            return _shape_of_method(function.name, owner, rest)
        case [str() | bytes() | bytearray() as template, operands] if function is operator.mod:
            return _shape_of_format(template, _CONVERSION, function, operands)
        case [left, right] if (function is operator.mul or function is shifted) and _is_int(left) and _is_int(right):
            return Shape(int, None) if left and right else None
        case [left, right] if function is operator.add:
            return _shape_of_sum(_shape_of(left), _shape_of(right))
        case [int() as times, items] | [items, int() as times] if function is operator.mul:
            return _times(_shape_of(items), max(times, 0))
        case [int() as length] if isinstance(function, type) and function in _BYTES:
            return Shape(function, length)
        case [items] if isinstance(function, type) and function in (*_BYTES, list, tuple):
            found = _shape_of(items)
            # Bytes are made of numbers, which a list need not have in it.
            return Shape(function, found.length) if found and (found.type in _BYTES or function not in _BYTES) else None
        case [items, None | int() as low, None | int() as high] if function is sliced:
            found = _shape_of(items)
            if found is None or found.length is None:
                return None
            return Shape(found.type, len(range(found.length)[low:high]))
        case [_] if function in (repr, hex):
            return Shape(str, None)
        case _:
            return None


def _is_int(constant: Any) -> bool:
    return constant.type is int if isinstance(constant, Shape) else isinstance(constant, int)


def _shape_of(constant: Any) -> Shape | None:
    """The shape of a text, a tuple or a list; None for another constant."""
    if isinstance(constant, Shape):
        return None if constant.type is int else constant
    return Shape(type(constant), len(constant)) if _is_sequence(constant) else None


def _shape_of_sum(left: Shape | None, right: Shape | None) -> Shape | None:
    if left is None or right is None:
        return None
    if left.type is not right.type and not (left.type in _BYTES and right.type in _BYTES):
        return None
    known = left.length is not None and right.length is not None
    return Shape(left.type, (left.length or 0) + (right.length or 0) if known else None)


def _times(items: Shape | None, times: int) -> Shape | None:
    if items is None or times == 0:
        return items and Shape(items.type, 0)
    return Shape(items.type, None if items.length is None else items.length * times)


def _shape_of_method(name: str, owner: Any, given: Sequence[Any]) -> Shape | None:
    match given:
        case [int() as width, *_] if name in _PADDING and (text := _shape_of(owner)) is not None:
            return Shape(text.type, None if text.length is None else max(width, text.length))
        case [parts] if name == "join" and _is_sequence(parts):
            kinds = str if isinstance(owner, str) else _BYTES
            if isinstance(owner, Shape) or not all(isinstance(one, kinds) for one in parts):
                return None
            return Shape(type(owner), sum(map(len, parts)) + len(owner) * max(len(parts) - 1, 0))
        case [old, new, *rest] if name == "replace" and all(isinstance(one, type(owner)) for one in (old, new)):
            if isinstance(owner, Shape):
                return None
            limits = [one for one in rest if isinstance(one, int) and one >= 0]
            return Shape(type(owner), len(owner) + min([owner.count(old), *limits]) * (len(new) - len(old)))
        case [] if name in _KEEPING and (text := _shape_of(owner)) is not None and text.length != 0:
            return Shape(text.type, None)
        case _ if name == "format" and not isinstance(owner, Shape):
            return _shape_of_format(owner, _FIELD, Method(name), *given)
        case _:
            return None


def _shape_of_format(template: Any, field: re.Pattern[str], function: Callable[..., Any], *given: Any) -> Shape | None:
    """The shape of a text with wide fields, which is formatted without their widths."""
    text = _decoded(template)
    narrow = field.sub(r"\1\3", text)
    without = narrow if isinstance(template, str) else type(template)(narrow, "latin-1")
    if narrow == text or any(isinstance(one, Shape) for one in given) or bound(function, [without, *given]) > LARGEST:
        return None
    function(without, *given)
    return Shape(type(template), None)


def differ(left: Any, right: Any) -> bool:
    """True if two constants, each of which may be a shape, are certainly not equal."""
    kinds = [one.type if isinstance(one, Shape) else type(one) for one in (left, right)]
    if kinds[0] is not kinds[1] and not all(issubclass(kind, _BYTES) for kind in kinds):
        return not all(issubclass(kind, (float, int)) for kind in kinds)
    lengths = [one.length if isinstance(one, Shape) else _length(one) for one in (left, right)]
    return lengths[0] != lengths[1] and (None not in lengths or 0 in lengths)


def _length(constant: Any) -> int:
    return len(constant) if _is_sequence(constant) else size(constant)

"""Numbers in texts that anybody may have written."""

from __future__ import annotations

_MOST_DIGITS = 18


def read_int(text: str) -> int | None:
    """The number that ASCII digits stand for; None for any other text, and for one with absurdly many digits.

    `str.isdigit` is true for "²", which `int` refuses; `int` takes the digits of every script, and refuses thousands.
    """
    digits = text.lstrip("0") or text[-1:]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS else None

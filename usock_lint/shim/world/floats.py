"""Floats as text, digit for digit as a release prints them."""

from __future__ import annotations

import math

from usock_lint.ports import Release

EXACT_SINCE: Release = (1, 26, 0)
"""From then on repr() has as many digits as distinguish a float from others, and digits are exactly rounded."""

REPR_DIGITS = 16
"""The number of digits of repr() before EXACT_SINCE; from then on the least that is tried (SAFE_MANTISSA_DIGITS)."""

BUFFER = 32
"""The size of the buffer for a number before EXACT_SINCE, in characters."""

ROOM = 33
"""The room for a number since EXACT_SINCE, in characters (py/mpprint.c:352@v1.26.0)."""

LONGEST = 19
"""The most digits that are computed since EXACT_SINCE (MAX_MANTISSA_DIGITS); further ones are zeros."""

EXPONENT = 7
"""The longest float with one digit and an exponent, +9e+199 (FPMIN_BUF_SIZE)."""

NO_POINT = 255
"""An index of the decimal point that no number reaches: the point is among the zeros before the digits."""


def digits(release: Release, value: float, form: str, precision: int, sign: str = "") -> str:
    """A float as `%e`, `%f` or `%g`. A negative precision is 6; `sign` stands before a float that has no minus."""
    if math.copysign(1, value) < 0 and value == value:
        value, sign = -value, "-"
    if value - value != 0:
        word = "nan" if value != value else "inf"
        return sign + (word.upper() if form.isupper() else word)
    write = exact if release >= EXACT_SINCE else approximate
    return sign + write(value, form, 6 if precision < 0 else precision, 1 if sign else 0)


def without_zero(release: Release, value: float) -> str:
    """A float as repr() has it, but without `.0` after an integer."""
    if release < EXACT_SINCE:
        return digits(release, value, "g", REPR_DIGITS)
    if value - value != 0:
        return digits(release, value, "g", 0)
    return f"{'-' if math.copysign(1, value) < 0 else ''}{exact(abs(value), 'g', LONGEST, 0, limit=REPR_DIGITS)}"


def float_repr(release: Release, value: float) -> str:
    """A float as repr() has it."""
    found = without_zero(release, value)
    return found if set(found) & set(".en") else f"{found}.0"


def complex_repr(release: Release, value: complex) -> str:
    """A complex as repr() has it; without a real part if that is 0 (py/objcomplex.c:44@v1.28.0)."""
    first, second = (without_zero(release, part) for part in (value.real, value.imag))
    if not value.real:
        return f"{second}j"
    minus = second[0] == "-" and release >= EXACT_SINCE
    sign = "+" if (value.imag >= 0 and not minus) or value.imag != value.imag else ""
    return f"({first}{sign}{second}j)"


def ten(exponent: int) -> float:
    """The float that is nearest to a power of ten."""
    return float(f"1e{exponent}")


def power(exponent: int) -> float:
    """C's pow(10, exponent)."""
    try:
        return math.pow(10, exponent)
    except OverflowError:
        return math.inf


def exponent_of(value: float) -> int:
    """The largest decimal exponent whose power of ten, as a float, is not larger than the value."""
    found = int(f"{value:e}".partition("e")[2])
    while value >= ten(found + 1):
        found += 1
    while value < ten(found):
        found -= 1
    return found


def exact(value: float, form: str, precision: int, signs: int, limit: int | None = None) -> str:
    """A positive float as since 1.26, step by step as in C (py/formatfloat.c:250@v1.26.0).

    `signs` is the number of characters of its sign, 0 or 1, which the buffer has to hold, too. From 10 ** `limit` on
    `%g` has an exponent. In the code `e` is the decimal exponent, `most` the largest number of digits to compute; for
    the others see `_written`.
    """
    room = ROOM - signs
    low = form.lower()
    mode = low if low in "fg" else "e"
    plain = min(precision, room - 3) if limit is None else limit
    e = exponent_of(value) if value else 0
    if mode == "f" and e > 0 and e + precision + 2 > room:
        mode, precision = "g", precision + 1
    most, leading = precision, 0
    if mode == "f":
        most = min(most, room - 3)
        if e >= 0:
            most += e + 1
        elif most > 2 and e < -2:
            leading = min(-e, most) - 2
            most -= leading
        else:
            most += 1
    elif mode == "e" or not most:
        most += 1
    trailing = max(most - LONGEST, 0)
    most -= trailing
    trailing = min(trailing, room - most - (3 if mode == "f" else EXPONENT + 1))
    count = min(REPR_DIGITS, most)
    while True:
        text = _written(value, mode, e, count, plain, leading, max(trailing, 0) + most - count)
        if count >= most or float(text) == value:
            return text.upper() if form.isupper() else text
        count += 1


def _written(value: float, mode: str, e: int, count: int, plain: int, leading: int, zeros: int) -> str:
    """A float with `count` digits. They are computed from its fraction of two integers, and rounded half up.

    `e` is the decimal exponent, `plain` the one from which on `%g` prints it, `leading` the number of zeros after the
    point that `%f` prints before the digits, `zeros` those after them.
    """
    before, point = "", 0
    if not value:
        shift = 0
    elif mode != "f":
        shift = count - e - 1
    elif e >= 0:
        shift, point = count - 1 - e, e
    elif leading:
        before, shift, point = "0." + "0" * leading, count + leading, NO_POINT
    else:
        shift = count - 1
    number, divisor = value.as_integer_ratio()
    number, divisor = (number * 10**shift, divisor) if shift >= 0 else (number, divisor * 10**-shift)
    mantissa = (2 * number + divisor) // (2 * divisor)
    if mantissa >= 10**count:
        if mode == "f":
            count, point = count + 1, point + (0 if leading else 1)
        else:
            mantissa, e = mantissa // 10, e + 1
    if mode == "g" and 0 < e < plain:
        point, e = point + e, 0
        zeros = point - (count - 1) if point >= count else zeros
    elif mode == "g" and -4 <= e < 0:
        cut = 0
        while e < 0 and not mantissa % 10:
            mantissa, cut, e = mantissa // 10, cut + 1, e + 1
        count -= cut
        before, point, e = "0." + "0" * (cut - e - 1), NO_POINT, 0
    figures = str(mantissa).rjust(count, "0") + "0" * zeros
    if point < NO_POINT and point + 1 < len(figures):
        figures = f"{figures[: point + 1]}.{figures[point + 1 :]}"
    text = before + figures
    if mode == "g" and "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text}e{e:+03}" if mode == "e" or (mode == "g" and e) else text


def approximate(value: float, form: str, precision: int, signs: int) -> str:
    """A positive float as before 1.26, step by step as in C, with floats (py/formatfloat.c:97@v1.25.0).

    `signs` is the number of characters of its sign, 0 or 1, which the buffer has to hold, too. In the code `e` is the
    decimal exponent or, below 1, its negative; `count` is the number of digits, `at` the exponent of the first one,
    `point` the index of the digit before the point, and `sign` that of the exponent, "" for none.
    """
    room = BUFFER - 1 - signs
    low = form.lower()
    kind = low
    if kind == "g" and not precision:
        precision = 1
    e = count = at = 0
    point, sign = 0, ""
    guess = int(max(math.frexp(value)[1] - 1, -1023) * 0.3010299956639812)
    if not value:
        if kind == "f":
            precision = min(precision, room - 2)
            count = precision + 1
        else:
            precision = min(precision, room - 6)
            sign = "+" if kind == "e" else ""
    elif value < 1:
        e = -guess
        whole = value
        while power(-e) > value:
            e += 1
        value = value / power(-e) if power(-e) else math.inf
        if kind == "f" or (kind == "g" and e <= 4):
            precision += e - 1 if low == "g" else 0
            kind = "f"
            precision = min(precision, room - 2)
            count, value = precision + 1, whole
        else:
            sign = "-"
            if precision > room - EXPONENT:
                precision = room - EXPONENT + (kind == "g")
            at = -e
    else:
        e = guess
        while value >= power(e + 1):
            e += 1
        if kind == "f" and e >= room:
            kind = "e"
        elif kind == "f" and e + precision + 2 > room:
            precision = room - e - 2
            precision += precision < 0
        if kind == "e":
            precision = min(precision, room - EXPONENT)
        if kind == "g":
            precision = min(precision, room - EXPONENT + 1)
        if kind == "g" and e < precision:
            kind, precision = "f", precision - e - 1
        if kind == "f":
            point, count = e, precision + e + 1
        else:
            sign = "+"
        at = e
    precision = max(precision, 0)
    if kind == "e":
        count = precision + 1
    elif kind == "g":
        precision = precision or 1
        count = precision
    text, last = _digits(value, at, count, point, precision)
    if last >= 5:
        text, moved = _rounded(text, kind, BUFFER - 1 - signs)
        if moved:
            e += -1 if sign == "-" else 1
            sign = sign if e else "+"
    if low == "g" and precision > 0:
        text = text.rstrip("0").rstrip(".")
    text += f"e{sign}{e:02}" if sign else ""
    return text.upper() if form.isupper() else text


def _digits(value: float, place: int, count: int, point: int, precision: int) -> tuple[str, int]:
    """`count` digits from 10 ** `place` on, with the point after digit `point`; and the digit that follows them."""
    found: list[str] = []
    digit = 0
    while count >= 0:
        unit = power(place) if place > 0 else 1.0
        digit = 0
        while digit < 9 and value >= unit:
            value -= unit
            digit += 1
        if count > 0:
            found.append(str(digit))
            if not point and precision > 0:
                found.append(".")
        point -= 1
        count -= 1
        if place <= 0:
            value *= 10.0
        place -= 1
    return "".join(found), digit


def _rounded(text: str, kind: str, room: int) -> tuple[str, bool]:
    """The digits rounded up, and True if the exponent grows by that."""
    figures = [*text]
    place = len(figures) - 1
    while place >= 0:
        if figures[place] != ".":
            if figures[place] < "9":
                figures[place] = chr(ord(figures[place]) + 1)
                return "".join(figures), False
            figures[place] = "0"
        place -= 1
    if len(figures) > 1 and figures[1] == "." and kind != "f":
        return "".join(["1", ".", *figures[2:]]), True
    return "".join(["1", *figures])[:room], False

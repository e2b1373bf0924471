"""str.format, f-strings and `%` of MicroPython: widths count bytes, there are fewer forms, and other messages."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, cast

from usock_lint.ports import Release
from usock_lint.shim.core.arguments import real, text
from usock_lint.shim.world import floats
from usock_lint.shim.world.shown import Printer, type_name

UNDERSCORE_SINCE: Release = (1, 26, 0)
"""`_` separates digits from then on, and groups of other bases than ten have four (py/objstr.c:1232@v1.26.0)."""

ZEROS_SINCE: Release = (1, 27, 0)
"""Zeros that fill a number have separators from then on (py/mpprint.c:74@v1.27.0)."""

GROUPS = {",": 4, "_": 5}
"""The number of characters in a group of such zeros, with its separator."""

CHARACTERS_SINCE: Release = (1, 29, 0)
"""`c` takes all characters from then on, and a byte before (py/objstr.c:1161@1c3c201149)."""

BASES = {"b": 2, "o": 8, "d": 10, "n": 10, "": 10, "x": 16, "X": 16}

TYPES = "bcdeEfFgGnosxX%"


class Layout(NamedTuple):
    """The layout of a value. The alignment `=` pads after the sign."""

    align: str = ">"
    fill: str = " "
    width: int = -1
    precision: int = -1
    sign: str = ""
    prefix: str = ""
    """The sign of the base before the digits, such as 0x, or ""."""
    separator: str = ""
    """The separator between groups of digits."""
    grouping: str = ""
    """The separator between groups of zeros that fill the width."""

    def padded(self, text: str) -> str:
        """A text padded to the width, which is counted in bytes."""
        width, size = self.width, GROUPS.get(self.grouping, 1) if self.fill == "0" else 1
        if size > 1 and not width % size:
            width += 1  # else a separator would be the first character
        missing = width - len(text if text.isascii() else text.encode("utf-8", "surrogateescape"))
        if missing <= 0:
            return text
        fill = self.fill * missing
        if size > 1:
            fill = "".join(self.fill if (width - place) % size else self.grouping for place in range(missing))
        left = missing // 2 if self.align == "^" else 0 if self.align == "<" else missing
        return fill[:left] + text + fill[: missing - left]


class Formatter:
    """Formats values as a release does."""

    def __init__(self, printer: Printer, release: Release) -> None:
        self.printer = printer
        self.release = release

    def format(self, form: str, values: Sequence[Any], named: Mapping[str, Any]) -> str:
        """form.format(*values, **named)"""
        return Fields(self, values, named).filled(form)

    def percent(self, left: str | bytes, right: Any) -> Any:
        """left % right, of a text or bytes"""
        if isinstance(left, str):
            return self.replaced(left, right, False)
        done = self.replaced(left.decode("utf-8", "surrogateescape"), right, True)
        return done.encode("utf-8", "surrogateescape")

    def replaced(self, form: str, right: Any, of_bytes: bool) -> str:
        """A text with the values for its `%` filled in (py/objstr.c:1471@v1.26.0)."""
        arguments = Arguments(right, takes_derived=self.release >= TAKES_DERIVED_SINCE)
        pieces: list[str] = []
        at = 0
        while (found := form.find("%", at)) >= 0:
            pieces.append(form[at:found])
            piece, at = self.conversion(form, found + 1, arguments, of_bytes)
            pieces.append(piece)
        arguments.check_all_taken()
        return "".join([*pieces, form[at:]])

    def conversion(self, form: str, at: int, arguments: Arguments, of_bytes: bool) -> tuple[str, int]:
        """The text for one `%`, which is before the position `at`, and the position of its end."""
        if form[at : at + 1] == "%":
            return "%", at + 1
        named: Any = None
        if has_key := form[at : at + 1] == "(":
            named, at = arguments.key(form, at)
        flags = form[at : (end := skip(form, at, "-+ #0"))]
        width, end = self.count(form, end, arguments)
        precision = -1
        if form[end : end + 1] == ".":
            precision, end = self.count(form, end + 1, arguments)
        if end >= len(form):
            raise ValueError("incomplete format")
        layout = Layout(
            "<" if "-" in flags else "=" if "0" in flags else ">",
            "0" if "0" in flags else " ",
            width,
            precision,
            "+" if "+" in flags else " " if " " in flags else "",
        )
        arg = named if has_key else arguments.take()
        return self.value(form[end], arg, layout, end, "#" in flags, of_bytes), end + 1

    def count(self, form: str, at: int, arguments: Arguments) -> tuple[int, int]:
        """A width or a precision at a position of a form, and the position of its end; `*` takes the next value."""
        if form[at : at + 1] == "*":
            return to_int(arguments.take()), at + 1
        end = skip(form, at, "0123456789")
        return int(form[at:end] or 0), end

    def value(self, kind: str, arg: Any, layout: Layout, at: int, alternate: bool, of_bytes: bool) -> str:
        """The text for one `%`. `at` is the position of its type in the form."""
        if kind == "c":
            spaced = layout._replace(fill=" ")
            if isinstance(arg, str):
                if len(arg.encode()) != 1:
                    raise TypeError("%c needs int or char")
                return spaced.padded(arg)
            if not isinstance(arg, int):
                raise TypeError("integer needed")
            return spaced.padded(self.character(arg))
        if kind in "diuoxX":
            base = BASES.get(kind, 10)
            whole = arg
            if isinstance(arg, float) and base == 10:
                if not math.isfinite(arg):
                    raise not_finite(arg)
                whole = int(arg)
            prefix = f"0{kind}" if alternate and base != 10 else ""
            return self.integer(whole, base, kind == "X", layout._replace(prefix=prefix))
        if kind in "eEfFgG":
            return self.float(to_float(arg), kind, layout)
        if kind in "rs":
            if kind == "s" and of_bytes and isinstance(arg, bytes):
                shown = arg.decode("utf-8", "surrogateescape")
            else:
                shown = self.printer.str(arg) if kind == "s" else self.printer.repr(arg)
            return layout._replace(fill=" ").padded(shortened(shown, layout.precision))
        raise ValueError(f"unsupported format character '{kind}' ({ord(kind):#x}) at index {at}")

    def character(self, number: int) -> str:
        """The character of a number."""
        if self.release >= CHARACTERS_SINCE:
            if not 0 <= to_int(number) < 0x110000:
                raise OverflowError("char not in range(0x110000)")
            return chr(number)
        byte = to_int(number) & 0xFF
        return bytes([byte]).decode("utf-8", "surrogateescape")

    def integer(self, value: Any, base: int, upper: bool, layout: Layout) -> str:
        """The text of an int (py/mpprint.c:204@v1.26.0).

        A precision above 1 is the least number of digits: zeros fill them, and spaces fill the width around them. If
        zeros fill the width, the larger of width and precision is the width.
        """
        number = value if isinstance(value, int) else to_int(value)
        width, precision, fill, align = layout.width, layout.precision, layout.fill, layout.align
        if align not in "<^" and fill == "0":
            width, precision = max(width, precision), 0
        digits = {2: "b", 8: "o", 10: "d", 16: "X" if upper else "x"}[base]
        figures = format(abs(number), digits)
        if layout.separator:
            figures = grouped(figures, layout.separator, 3 if base == 10 or self.release < UNDERSCORE_SINCE else 4)
        minus = "-" if number < 0 else ""
        prefix = ("" if minus else layout.sign) + layout.prefix
        before = after = ""
        if precision > 1:
            taken = max(len(figures), precision) + len(minus) + len(prefix)
            spaces = " " * (width - taken)
            before, after = ("", spaces) if align == "<" else (spaces, "")
            fill, align = "0", ">" if align == "<" else align
        elif align != "=":
            return layout._replace(width=width).padded(minus + prefix + figures)
        width = precision if precision > 1 else width - len(minus) - len(prefix)
        return before + minus + prefix + Layout(align, fill, width, grouping=layout.grouping).padded(figures) + after

    def float(self, value: float, kind: str, layout: Layout, percent: str = "") -> str:
        """The text of a float, with `percent` behind it (py/mpprint.c:340@v1.26.0).

        Before EXACT_SINCE it is left out if the number fills the buffer (py/mpprint.c:359@v1.25.0).
        """
        shown = floats.digits(self.release, value, kind, layout.precision, layout.sign)
        if self.release >= floats.EXACT_SINCE or len(shown) < floats.BUFFER - 1:
            shown += percent
        if layout.align == "=" and shown[0] < "0":  # a sign
            return shown[0] + layout._replace(width=layout.width - 1).padded(shown[1:])
        return layout.padded(shown)


TAKES_DERIVED_SINCE: Release = (1, 26, 0)
"""From then on the right side of a `%` may be a named tuple; before, it is one value (py/objstr.c:361@v1.26.0).

An object of a script's class is always one, and so is an OrderedDict.
"""


class Arguments:
    """The right side of a `%`: one value, a tuple of values, or a dict."""

    def __init__(self, right: Any, *, takes_derived: bool) -> None:
        plain = not hasattr(right, "__dict__")  # which objects of a script's class have
        several = isinstance(right, tuple) and plain and (takes_derived or type(cast("Any", right)) is tuple)
        self.values: list[Any] = [*right] if several else [right]
        is_named = isinstance(right, dict) and plain and type(cast("Any", right)).__name__ == "dict"
        self.named = cast("dict[Any, Any] | None", right if is_named else None)
        self.taken = 0

    def take(self) -> Any:
        """The next value."""
        if self.taken >= len(self.values):
            raise TypeError("format string needs more arguments")
        self.taken += 1
        return self.values[self.taken - 1]

    def key(self, form: str, at: int) -> tuple[Any, int]:
        """The value of the key in parentheses at a position of a form, and the position of its end."""
        if self.named is None:
            raise TypeError("format needs a dict")
        self.taken = 1
        end = form.find(")", at)
        if end < 0:
            raise ValueError("incomplete format key")
        return self.named[form[at + 1 : end]], end + 1

    def check_all_taken(self) -> None:
        """TypeError if values are left; a dict need not be used."""
        if self.named is None and self.taken != len(self.values):
            raise TypeError("format string didn't convert all arguments")


class Fields:
    """The values for the fields of one call of str.format (py/objstr.c:1012@v1.26.0)."""

    def __init__(self, formatter: Formatter, values: Sequence[Any], named: Mapping[str, Any]) -> None:
        self.formatter = formatter
        self.values = values
        self.named = named
        self.next = 0
        """The number of the value for the next field without a number; -1 if fields have numbers."""

    def filled(self, form: str) -> str:
        """The text with values for its fields."""
        return "".join([part if isinstance(part, str) else self.field(part) for part in parse_form(form)])

    def field(self, field: Field | ValueError) -> str:
        """The text for a field. Raises the error that `parse_form` has found."""
        if isinstance(field, ValueError):
            raise ValueError(*field.args)
        value = self.value(field.name)
        conversion = field.conversion or ("" if field.spec else "s")
        if conversion:
            printer = self.formatter.printer
            value = printer.str(value) if conversion == "s" else printer.repr(value)
        return self.by_spec(value, self.filled(field.spec)) if field.spec else value

    def value(self, name: str) -> Any:
        """The value of a field."""
        if not name:
            if self.next < 0:
                raise ValueError("can't switch from manual field specification to automatic field numbering")
            self.next += 1
            return self.positional(self.next - 1)
        if name[0].isdigit():
            if self.next > 0:
                raise ValueError("can't switch from automatic field numbering to manual field specification")
            end = skip(name, 0, "0123456789")
            value = self.positional(int(name[:end]))
            self.next = -1
        else:
            end = min((place for sign in ".[" if (place := name.find(sign)) >= 0), default=len(name))
            if name[:end] not in self.named:
                raise KeyError(name[:end])
            value = self.named[name[:end]]
        if end < len(name):
            raise NotImplementedError("attributes not supported")
        return value

    def positional(self, place: int) -> Any:
        """A positional value. Raises IndexError."""
        if place >= len(self.values):
            raise IndexError("tuple index out of range")
        return self.values[place]

    def by_spec(self, value: Any, spec: str) -> str:
        """The text of a value with a format specification."""
        if not spec:
            return str(value)
        return self.by_type(value, *parse_spec(spec, isinstance(value, int | float), self.formatter.release))

    def by_type(self, value: Any, kind: str, layout: Layout, alternate: bool) -> str:
        """The text of a value with a type, a layout and `#` as `parse_spec` returns them."""
        formatter = self.formatter
        if isinstance(value, int):
            if kind == "c":
                return layout.padded(formatter.character(value))
            if kind in BASES:
                prefix = f"0{kind}" if alternate and BASES[kind] != 10 else ""
                laid = layout._replace(prefix=prefix, precision=0)
                return formatter.integer(value, BASES[kind], kind == "X", laid)
        if isinstance(value, int | float):
            if kind and kind in "eEfFgGn":
                return formatter.float(to_float(value), "g" if kind == "n" else kind, layout)
            if not kind:
                return formatter.float(to_float(value), "g", layout)
            if kind == "%":
                return formatter.float(value * 100.0, "f", layout, "%")
        elif layout.align == "=":
            raise ValueError("'=' alignment not allowed in string format specifier")
        elif kind in ("", "s"):
            return layout.padded(shortened(text(value), layout.precision))
        raise ValueError(f"unknown format code '{kind}' for object of type '{type_name(type(value))}'")


def not_finite(value: float) -> Exception:
    """The error for converting inf or NaN to an int."""
    return OverflowError("can't convert inf to int") if value == value else ValueError("can't convert NaN to int")


@lru_cache(1000)
def parse_spec(spec: str, numeric: bool, release: Release) -> tuple[str, Layout, bool]:
    """The type, the layout and whether there is a `#` in a format specification. Raises ValueError."""
    fill = align = sign = ""
    at = 0
    if spec[0] in "<>=^":
        align, at = spec[0], 1
    elif spec[1:2] and spec[1] in "<>=^":
        fill, align, at = spec[0], spec[1], 2
    if spec[at : at + 1] and spec[at] in "+- ":
        sign, at = spec[at], at + 1
    alternate = spec[at : at + 1] == "#"
    at += alternate
    if spec[at : at + 1] == "0":
        align = align or ("=" if numeric else "")
        fill = fill or "0"
    end = skip(spec, at, "0123456789")
    width, at = int(spec[at:end] or -1), end
    separator = ""
    if spec[at : at + 1] and spec[at] in (",_" if release >= UNDERSCORE_SINCE else ","):
        separator, at = spec[at], at + 1
    precision = -1
    if spec[at : at + 1] == ".":
        end = skip(spec, at + 1, "0123456789")
        precision, at = int(spec[at + 1 : end] or -1), end
    kind = ""
    if spec[at : at + 1] and spec[at] in TYPES:
        kind, at = spec[at], at + 1
    if at < len(spec):
        raise ValueError("invalid format specifier")
    if sign in ("+", " ") and kind == "s":
        raise ValueError("sign not allowed in string format specifier")
    if sign in ("+", " ") and kind == "c":
        raise ValueError("sign not allowed with integer format specifier 'c'")
    sign = "" if sign == "-" else sign
    align = align or (">" if numeric else "<")
    grouping = separator if release >= ZEROS_SINCE else ""
    return kind, Layout(align, fill or " ", width, precision, sign, "", separator, grouping), alternate


class Field(NamedTuple):
    """A field {name!conversion:spec} of a text for str.format."""

    name: str
    conversion: str
    spec: str


@lru_cache(1000)
def parse_form(form: str) -> tuple[str | Field | ValueError, ...]:
    """The parts of a text for str.format. The last one is the error at which parsing ended, if there was one."""
    parts: list[str | Field | ValueError] = []
    at = 0
    try:
        while at < len(form):
            end = min((place for sign in "{}" if (place := form.find(sign, at)) >= 0), default=len(form))
            parts.append(form[at:end])
            if end == len(form):
                break
            if form[end + 1 : end + 2] == form[end]:
                parts.append(form[end])
                at = end + 2
            elif form[end] == "}":
                raise ValueError("single '}' encountered in format string")
            else:
                part, at = field_at(form, end + 1)
                parts.append(part)
    except ValueError as error:
        parts.append(error)
    return tuple(parts)


def field_at(form: str, at: int) -> tuple[Field, int]:
    """A field from behind its opening brace, and the position of its end. Raises ValueError."""
    end = at
    while end < len(form) and form[end] not in "}!:":
        end += 1
    name, conversion, spec = form[at:end], "", ""
    if form[end : end + 1] == "!":
        conversion = form[end + 1 : end + 2]
        if not conversion or conversion not in "rs":
            raise ValueError(f"unknown conversion specifier {conversion}" if conversion else UNENDED)
        end += 2
    if form[end : end + 1] == ":":
        end += 1
        begin, depth = end, 1
        while end < len(form):
            depth += (form[end] == "{") - (form[end] == "}")
            if not depth:
                break
            end += 1
        spec = form[begin:end]
    if end >= len(form):
        raise ValueError("unmatched '{' in format")
    if form[end] != "}":
        raise ValueError("expected ':' after format specifier")
    return Field(name, conversion, spec), end + 1


UNENDED = "end of format while looking for conversion specifier"


def skip(text: str, at: int, signs: str) -> int:
    """The first position from `at` on without one of these characters."""
    while at < len(text) and text[at] in signs:
        at += 1
    return at


def grouped(figures: str, separator: str, size: int) -> str:
    """Digits in groups of `size` with separators."""
    first = len(figures) % size
    groups = [figures[at : at + size] for at in range(first, len(figures), size)]
    return separator.join([figures[:first], *groups] if first else groups)


def shortened(text: str, precision: int) -> str:
    """The first bytes of a text as a precision counts them; all if it is negative."""
    if precision < 0:
        return text
    return text[:precision] if text.isascii() else text.encode()[:precision].decode("utf-8", "surrogateescape")


def to_int(value: Any) -> int:
    """An int from a value with `__int__`. Raises TypeError, and OverflowError beyond 64 bits."""
    own = getattr(cast("Any", type(value)), "__int__", None)
    if isinstance(value, float | str | bytes) or own is None:
        raise TypeError(f"can't convert {type_name(type(value))} to int")
    found = own(value)
    if not -(1 << 63) <= found < 1 << 63:
        raise OverflowError("overflow converting long int to machine word")
    return found


def to_float(value: Any) -> float:
    """A float from a value with `__float__`. Raises TypeError."""
    own = getattr(cast("Any", type(value)), "__float__", None)
    if own is None:
        raise TypeError(f"can't convert {type_name(type(value))} to float")
    return real(value) if isinstance(value, int) else own(value)

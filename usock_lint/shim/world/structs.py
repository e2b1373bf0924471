"""struct as MicroPython has it: numbers are cut to their size, missing ones are 0 (py/modstruct.c@v1.28.0)."""

from __future__ import annotations

import math
import re
import struct as host
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from usock_lint.shim.core.arguments import buffer, long_integer, real, word, writable
from usock_lint.shim.core.sealed import Module
from usock_lint.shim.world.world import World

INTEGERS = "bBhHiIlLqQ"
FLOATS = "efd"
OTHERS = FLOATS + "sxOPS"
"""The type codes. In `OTHERS` are also bytes (s), padding (x), and addresses (O of an object, P, S of a string)."""


class Item(NamedTuple):
    """One value of a format: its type code, its size in bytes, and the number of bytes before it that align it."""

    code: str
    length: int
    padding: int


@dataclass(frozen=True)
class Formats:
    """The functions of the module, for processors with words of so many bytes."""

    word: int

    def items(self, form: Any) -> Iterator[Item]:
        """The values of a format. Raises ValueError for an unknown type code."""
        if not isinstance(form, bytes | str):
            raise TypeError(f"can't convert '{type(form).__name__}' object to str implicitly")
        text = (form.decode() if isinstance(form, bytes) else form).partition("\0")[0]
        aligned = text[:1] not in tuple("=<>!")
        # The sizes of numbers are known for the other byte orders only.
        codes = "sx" if text[:1] == "=" else INTEGERS + OTHERS
        place = 0
        for count, code in re.findall(r"(\d*)(.)", text[1:] if text[:1] in tuple("@=<>!") else text, re.DOTALL):
            if code not in codes:
                raise ValueError("bad typecode")
            length = int(count or 1)
            for _ in range(1 if code == "s" else length):
                size = length if code == "s" else self.width(code, aligned)
                padding = -place % size if aligned and code not in "sx" else 0
                place += padding + size
                yield Item(code, size, padding)

    def width(self, code: str, native: bool) -> int:
        """The size of a value in bytes. Addresses have that of a word, and so have native longs."""
        if code in "OPS" or (native and code in "lL"):
            return self.word
        return 1 if code == "x" else host.calcsize("<" + code)

    def calcsize(self, fmt: Any) -> int:
        """The size of a format in bytes."""
        return sum(item.padding + item.length for item in self.items(fmt))

    def pack(self, fmt: Any, *values: Any) -> bytes:
        """The values as bytes. Missing values are 0, further ones are ignored."""
        given = iter(values)
        data = bytearray()
        missing = object()
        for item in self.items(fmt):
            data += bytes(item.padding)
            value = bytes(1) if item.code == "x" else next(given, missing)
            data += bytes(item.length) if value is missing else packed(item, value, order(fmt))
        return bytes(data)

    def pack_into(self, fmt: Any, data: Any, offset: object, *values: Any) -> None:
        """Put the values into a buffer."""
        view = writable(data)
        made = self.pack(fmt, *values)
        place = start(view, offset, len(made))
        view[place : place + len(made)] = made

    def unpack(self, fmt: Any, data: Any) -> tuple[Any, ...]:
        """The values at the start of the data. What follows them is ignored."""
        return self.unpack_from(fmt, data)

    def unpack_from(self, fmt: Any, data: Any, offset: object = 0) -> tuple[Any, ...]:
        """The values from an offset on; a negative one counts from the end. Raises ValueError if bytes are missing."""
        size = self.calcsize(fmt)
        place = start(view := memoryview(buffer(data)), offset, size)
        found: list[Any] = []
        for item in self.items(fmt):
            place += item.padding
            piece = bytes(view[place : place + item.length])
            place += item.length
            if item.code != "x":
                found.append(unpacked(item, piece, order(fmt)))
        return tuple(found)


def order(form: Any) -> str:
    """The byte order of a format, "big" or "little"."""
    start = form[:1].decode() if isinstance(form, bytes | bytearray) else form[:1]
    return "big" if start in (">", "!") else "little"


def packed(item: Item, value: Any, byteorder: Any) -> bytes:
    """One value as bytes."""
    if item.code in "sx":
        return bytes(buffer(value))[: item.length].ljust(item.length, b"\0")
    if item.code in FLOATS:
        form, number = (">" if byteorder == "big" else "<") + item.code, real(value)
        try:
            return host.pack(form, number)
        except OverflowError:
            return host.pack(form, math.copysign(math.inf, number))
    value = long_integer(value)
    if item.code == "O":
        value = value << 1 | 1  # an int is kept so, and no other object has an address here (py/obj.h:97@v1.28.0)
    return (value % (1 << 8 * item.length)).to_bytes(item.length, byteorder)


def unpacked(item: Item, piece: bytes, byteorder: Any) -> Any:
    """One value from its bytes."""
    if item.code == "s":
        return piece
    if item.code in FLOATS:
        return host.unpack((">" if byteorder == "big" else "<") + item.code, piece)[0]
    value = int.from_bytes(piece, byteorder, signed=item.code in "bhilqO")
    return value >> 1 if item.code == "O" else value


def start(view: memoryview, given: object, size: int) -> int:
    """The index at which values of `size` bytes begin. Raises ValueError if they do not fit."""
    offset = word(given)
    place = offset + len(view) if offset < 0 else offset
    if place < 0 or place + size > len(view):
        raise ValueError("buffer too small")
    return place


def struct(world: World) -> Module:
    """The module."""
    formats = Formats(world.port.word)
    functions: tuple[Callable[..., Any], ...] = (
        *(formats.calcsize, formats.pack, formats.pack_into, formats.unpack, formats.unpack_from),
    )
    return Module({"__name__": "struct", **{one.__name__: one for one in functions}})

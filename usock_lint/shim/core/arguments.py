"""Arguments of MicroPython's C functions: conversions, their errors, and arity."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

HEAP_SIZE = 1 << 30
"""The size in bytes of the heap, as far as the program is told."""

LARGEST_PIECE = 2_070_800
"""The most bytes that can be allocated at once: so many on the unix port (run:unix@1.25, 1.26), and fewer on boards."""


def cut(value: int) -> int:
    """An int cut to C's int."""
    return (value + (1 << 31)) % (1 << 32) - (1 << 31)


SMALL = 1 << 62
"""The end of small ints, which are kept without an object of the heap (MP_SMALL_INT_MAX on 64 bits)."""

WORD = 1 << 63
"""The end of the ints that fit a machine word of 64 bits; it is lower on 32-bit boards."""

CONSTANTS: dict[object, int] = {None: 3, False: 7, True: 15}
"""The numbers that `unchecked` reads for constants: py/obj.h:316@v1.26.0."""

INTERNED = 4001
"""The number that `unchecked` reads for a str. On a device it is an odd number of this order, if the str is short."""


def converted(value: object, name: str) -> object:
    """The result of the special method `name`, such as `__int__`, if a script's class defines it; else the value."""
    kind: Any = type(value)
    method = getattr(kind, name, None)
    return value if method is None or kind.__module__ == "builtins" else method(value)


def integer(value: object) -> int:
    """An int or bool, cut to C's int; TypeError for anything else, OverflowError beyond 64 bits."""
    return cut(word(value))


def word(value: object) -> int:
    """An int or bool of a machine word; TypeError for anything else, OverflowError beyond 64 bits."""
    if not isinstance(value, int):
        value = converted(value, "__int__")
    if not isinstance(value, int):
        raise TypeError(f"can't convert {type(value).__name__} to int")
    if not -WORD < value < WORD:
        raise OverflowError("overflow converting long int to machine word")
    return value


def long_integer(value: object) -> int:
    """An int of any size, not cut; TypeError for anything else."""
    if not isinstance(value, int):
        value = converted(value, "__int__")
    if not isinstance(value, int):
        raise TypeError(f"can't convert {type(value).__name__} to int")
    return value


def unchecked(value: object) -> int:
    """An int cut to C's int; for anything else a number from its representation, as releases without a check read it.

    The number of an object is made from its address.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return cut(value)
    if value is None or isinstance(value, bool):
        return CONSTANTS[value]
    return INTERNED if isinstance(value, str) else 1 << 30 | id(value) & 0x3FFFFFFE


def real(value: object) -> float:
    """A float from an int, a float or an object with `__float__`; TypeError for anything else."""
    if not isinstance(value, int | float):
        value = converted(value, "__float__")
    if not isinstance(value, int | float):
        raise TypeError(f"can't convert {type(value).__name__} to float")
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def utf8(value: str) -> bytes:
    """The bytes of a str. On MicroPython a surrogate has some, too (py/objstrunicode.c@v1.28.0)."""
    return value.encode("utf-8", "surrogatepass")


def from_utf8(data: Any) -> str:
    """The str of bytes; UnicodeError, the only one MicroPython has, if they are not UTF-8.

    MicroPython also takes sequences that are too long, or beyond the last character (py/unicode.c:183@v1.28.0).
    """
    try:
        return str(data, "utf-8", "surrogatepass")
    except UnicodeDecodeError:
        raise UnicodeError from None


def text(value: object) -> str:
    """A str from a str or bytes; TypeError for anything else."""
    if isinstance(value, bytes):
        return from_utf8(value)
    if not isinstance(value, str):
        raise TypeError(f"can't convert '{type(value).__name__}' object to str implicitly")
    return value


def buffer(value: object) -> memoryview:
    """The bytes of a buffer or of a str (as UTF-8); TypeError for anything else, tuples and None included."""
    give = getattr(type(value), "__buffer__", None)  # which CPython itself asks for since 3.12
    try:
        data: Any = utf8(value) if isinstance(value, str) else give(value, 0) if give else value
        return memoryview(data).cast("B")
    except TypeError:
        raise TypeError("object with buffer protocol required") from None


def writable(value: object) -> memoryview:
    """A buffer that can be written to; TypeError for anything else."""
    view = buffer(value)
    if view.readonly:
        raise TypeError("object with buffer protocol required")
    return view


def size(value: int, more: int = 0) -> int:
    """A number of bytes to allocate; MemoryError when it is negative or beyond any heap.

    `more` bytes are allocated with them, and are counted in the message only. The message has a number of 64 bits;
    `World.caught` cuts it where the port's has 32.
    """
    if not 0 <= value <= LARGEST_PIECE:
        raise MemoryError(f"memory allocation failed, allocating {(value + more) % (1 << 64)} bytes")
    return value


def builtin(function: Callable[..., Any], arity: tuple[int, int | None] | None, bound: int) -> Callable[..., Any]:
    """`function` under MicroPython's calling convention: positional arguments only, arity[0] to arity[1].

    No maximum, or no arity, is any number. `bound` is 1 for a method (self is counted in the messages), 0 for
    a function. What is made raises TypeError on a keyword or a wrong number of arguments.
    """
    least, most = arity or (0, None)
    low, high = least + bound, None if most is None else most + bound

    def call(*args: object, **keywords: object) -> Any:
        if keywords:
            raise TypeError("function doesn't take keyword arguments")
        check_count(len(args), low, high)
        return function(*args)

    return call


def check_count(given: int, low: int, high: int | None) -> None:
    """TypeError unless low <= given <= high (None: no limit), in the words of a builtin function."""
    if low == high and given != low:
        raise TypeError(f"function takes {low} positional arguments but {given} were given")
    if given < low:
        raise TypeError(f"function missing {low - given} required positional arguments")
    if high is not None and given > high:
        raise TypeError(f"function expected at most {high} arguments, got {given}")

"""Decoding and encoding, with the encodings and handlers of errors that MicroPython has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from usock_lint.ports import Cell, strings
from usock_lint.shim.core.arguments import from_utf8, text, utf8

METHODS = {("bytes", "decode"), ("bytearray", "decode"), ("str", "encode")}
"""The methods that take an encoding, by their owners."""


def method(cell: Cell, thing: Any, name: str) -> Callable[..., Any]:
    """MicroPython's method `decode` or `encode` of an object."""
    function = decoded if name == "decode" else encoded
    return lambda *arguments: function(cell, thing, *arguments)


def decoded(cell: Cell, data: Any, encoding: str = "utf-8", errors: str | None = None) -> str:
    """Bytes decoded to a str; the bytes of a str, which the constructor `str` takes as well.

    Raises LookupError for an unknown encoding, UnicodeError for bytes that are not in it.
    """
    handled = errors if strings.handles_errors(cell) and errors in ("ignore", "replace") else "strict"
    try:
        given = utf8(data) if isinstance(data, str) else bytes(data)
        found = codec(cell, encoding)
        return from_utf8(given) if (found, handled) == ("utf-8", "strict") else given.decode(found, handled)
    except UnicodeError:
        raise UnicodeError from None


def encoded(cell: Cell, value: str, encoding: str = "utf-8", _errors: str | None = None) -> bytes:
    """A str encoded. Raises LookupError for an unknown encoding, UnicodeError for a character that it lacks."""
    try:
        found = codec(cell, encoding)
        return utf8(value) if found == "utf-8" else value.encode(found)
    except UnicodeError:
        raise UnicodeError from None


def codec(cell: Cell, encoding: str) -> str:
    """The host's name of an encoding. Raises LookupError for one that the port does not know, if it looks at them."""
    if not strings.checks_encodings(cell):
        return "utf-8"
    if not strings.knows_encoding(cell, text(encoding)):
        raise LookupError(f"unknown encoding: {encoding}")
    return "ascii" if encoding == "ascii" else "utf-8"


CONSTRUCTORS: Mapping[Any, tuple[tuple[type, ...], Callable[..., Any]]] = {
    str: ((bytes, bytearray, memoryview, str), decoded),
    bytes: ((str,), encoded),
}
"""The types that can be called with an encoding: which types of a first argument they take, and the function."""


def constructor(cell: Cell, function: Any, arguments: tuple[Any, ...]) -> Callable[..., Any]:
    """The function to call for `function`: MicroPython's str or bytes if an encoding is given, else itself."""
    if len(arguments) < 2 or function not in (bytes, str):
        return function
    if function is bytes and type(arguments[0]) is bytes:
        return lambda *_: arguments[0]
    sources, made = CONSTRUCTORS[function]
    return (lambda *given: made(cell, *given)) if isinstance(arguments[0], sources) else function

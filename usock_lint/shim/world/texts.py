"""json as MicroPython has it: a lenient reader of JSON, and a writer of any value."""

from __future__ import annotations

import re as host_re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, cast

from usock_lint.ports import Release
from usock_lint.shim.core.arguments import buffer
from usock_lint.shim.core.sealed import Module, is_native
from usock_lint.shim.core.streams import IOBase
from usock_lint.shim.world.containers import ByteArray
from usock_lint.shim.world.shown import Printer

CLOSES_SINCE: Release = (1, 26, 0)
"""Before, the end of the text closed open lists and objects (run:unix@1.25, 1.26)."""

ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def json(world: Any) -> Module:
    """The module."""
    release = world.port.release

    def loads(text: Any) -> Any:
        words = text if isinstance(text, str) else bytes(buffer(text)).decode("utf-8", "surrogateescape")
        return Reader(words, release < CLOSES_SINCE, world.builtins["dict"]).all()

    def load(stream: Any) -> Any:
        if not isinstance(stream, IOBase) and not (hasattr(stream, "read") and is_native(stream)):
            raise world.port.OSError("stream operation not supported")
        return loads(read_all(stream))

    def dumps(value: Any, *, separators: Any = None) -> str:
        return Writer(world.printer, separators).text(value)

    def dump(value: Any, stream: Any, *, separators: Any = None) -> None:
        for piece in Writer(world.printer, separators).pieces(value):
            world.write(stream, piece)

    return Module({"__name__": "json", "dump": dump, "dumps": dumps, "load": load, "loads": loads})


def read_all(stream: Any) -> Any:
    """The rest of a stream. A stream of a script's class is read into a bytearray, byte by byte."""
    if not isinstance(stream, IOBase):
        return stream.read()
    data, byte, own = bytearray(), ByteArray(1), cast("Any", stream)
    while own.readinto(byte):
        data += byte
    return data


IGNORED = ",: \t\n\r"
"""Characters that the reader ignores everywhere: extmod/modjson.c:166@v1.28.0."""

WORDS: tuple[tuple[str, Any], ...] = (("null", None), ("true", True), ("false", False))

LETTERS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class Reader:
    """A reader of JSON. It ignores commas and colons, and takes both brackets as the end of a list or object."""

    def __init__(self, text: str, closes: bool, kind: Callable[[], dict[Any, Any]]) -> None:
        self.text = text
        self.kind = kind
        """The type of the dicts that are made."""
        self.place = 0
        self.closes = closes
        """True if the end of the text closes open lists and objects."""

    def all(self) -> Any:
        """The one value of the text. Raises ValueError."""
        self.skip(IGNORED)
        value = self.value()
        self.skip(" \t\n\r")
        if self.place < len(self.text):
            raise self.error()
        return value

    def error(self) -> ValueError:
        """The error for a text that is not JSON."""
        return ValueError("syntax error in JSON")

    def skip(self, signs: str) -> str:
        """Skip these characters; the next one, "" at the end."""
        while self.place < len(self.text) and self.text[self.place] in signs:
            self.place += 1
        return self.text[self.place : self.place + 1]

    def value(self) -> Any:
        """The value that begins here."""
        sign = self.text[self.place : self.place + 1]
        if sign == '"':
            return self.string()
        if sign and sign in "-0123456789":
            return self.number()
        if sign == "[":
            return list(self.items())
        if sign == "{":
            return self.members()
        for word, value in WORDS:
            if self.text.startswith(word, self.place):
                self.place += len(word)
                return value
        raise self.error()

    def items(self) -> Iterator[Any]:
        """The values up to the closing bracket."""
        self.place += 1
        while (sign := self.skip(IGNORED)) not in ("]", "}", ""):
            yield self.value()
        if not sign and not self.closes:
            raise self.error()
        self.place += 1

    def members(self) -> dict[Any, Any]:
        """An object: the values are keys and values in turn; a last key without a value is dropped."""
        found = self.kind()
        items = self.items()
        for key in items:
            if isinstance(key, list | dict):
                raise self.error()
            for value in islice(items, 1):
                found[key] = value
        return found

    def number(self) -> Any:
        """An int, or a float."""
        found = host_re.compile(r"[-+0-9.eE]+").match(self.text, self.place)
        digits = found[0] if found else ""
        self.place += len(digits)
        return (float if set(digits) & set(".eE") else int)(digits)

    def string(self) -> str:
        """A text."""
        letters: list[str] = []
        self.place += 1
        while (sign := self.text[self.place : self.place + 1]) != '"':
            self.place += 1
            if not sign:
                raise self.error()
            letters.append(self.escaped() if sign == "\\" else sign)
        self.place += 1
        return "".join(letters)

    def escaped(self) -> str:
        """The character that an escape stands for, from behind its backslash."""
        sign = self.text[self.place : self.place + 1]
        self.place += 1
        if sign != "u":
            return LETTERS.get(sign, sign)
        digits = self.text[self.place : self.place + 4]
        self.place += 4
        return chr(int(digits, 16))


class Writer:
    """A writer of JSON. Values that JSON lacks are printed (py/objstr.c:112@v1.28.0)."""

    def __init__(self, printer: Printer, separators: Any) -> None:
        if separators is not None and not isinstance(separators, tuple | list):
            raise TypeError(f"object '{type(separators).__name__}' isn't a tuple or list")
        pair = [", ", ": "] if separators is None else [*cast("tuple[str, ...]", separators)]
        if len(pair) != 2:
            raise ValueError(f"requested length 2 but object has length {len(pair)}")
        self.printer = printer
        self.comma, self.colon = pair

    def text(self, value: Any) -> str:
        """A value as JSON."""
        return "".join(self.pieces(value))

    def pieces(self, value: Any) -> Iterator[str]:
        """A value as JSON, in the pieces in which it is written to a stream."""
        if value is None or isinstance(value, bool):
            yield {None: "null", True: "true", False: "false"}[value]
        elif isinstance(value, str | bytes):
            yield from quoted(value if isinstance(value, str) else value.decode("utf-8", "replace"))
        elif isinstance(value, dict):
            yield "{"
            for place, (name, one) in enumerate(cast("dict[Any, Any]", value).items()):
                if place:
                    yield self.comma
                yield from self.key(name)
                yield self.colon
                yield from self.pieces(one)
            yield "}"
        elif isinstance(value, list | tuple):
            yield "["
            for place, one in enumerate(cast("list[Any]", value)):
                if place:
                    yield self.comma
                yield from self.pieces(one)
            yield "]"
        elif isinstance(value, BaseException):
            yield from self.pieces(value.args)
        else:
            yield self.printer.repr(value)

    def key(self, name: Any) -> Iterator[str]:
        """The name of a member, in quotes whatever its type."""
        quote = () if isinstance(name, str | bytes) else ('"',)
        yield from quote
        yield from self.pieces(name)
        yield from quote


def quoted(text: str) -> Iterator[str]:
    """A string of JSON, character by character, with escapes only where they are needed."""
    yield '"'
    for sign in text:
        yield ESCAPES.get(sign, sign if sign >= " " else f"\\u{ord(sign):04x}")
    yield '"'

"""json and re as MicroPython has them: a lenient reader of JSON, a writer of any value, and regular expressions."""

from __future__ import annotations

import re as host_re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, cast

from usock_lint.ports import Release
from usock_lint.shim.core.arguments import buffer, integer, text
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


class Match:
    """A match of a regular expression."""

    __slots__ = ("__found",)

    def __init__(self, found: host_re.Match[Any]) -> None:
        self.__found = found

    def __repr__(self) -> str:
        return f"<match num={1 + self.__found.re.groups}>"

    def __number(self, no: Any) -> int:
        number = integer(no)
        if not 0 <= number <= self.__found.re.groups:
            raise IndexError(no)
        return number

    def group(self, no: Any, /) -> Any:
        """What the whole expression (0) or a group matched."""
        return self.__found.group(self.__number(no))

    def groups(self) -> tuple[Any, ...]:
        """What each group matched."""
        return self.__found.groups()

    def span(self, no: Any = 0, /) -> tuple[int, int]:
        """The start and the end of a group."""
        return self.__found.span(self.__number(no))

    def start(self, no: Any = 0, /) -> int:
        """The start of a group."""
        return self.span(no)[0]

    def end(self, no: Any = 0, /) -> int:
        """The end of a group."""
        return self.span(no)[1]


class Pattern:
    """A regular expression. Its subjects are str or bytes, and what it finds is of the type of the subject."""

    __slots__ = ("__host",)

    def __init__(self, pattern: Any) -> None:
        form = "".join(pieces(text(pattern)))
        try:
            self.__host: dict[type, Any] = {
                str: host_re.compile(form, host_re.DOTALL),
                bytes: host_re.compile(form.encode(), host_re.DOTALL),
            }
        except host_re.error:
            raise ValueError("error in regex") from None

    def __repr__(self) -> str:
        return f"<re {id(self):x}>"

    def __of(self, subject: Any) -> Any:
        if type(subject) not in self.__host:
            raise TypeError(f"can't convert '{type(subject).__name__}' object to str implicitly")
        return self.__host[type(subject)]

    def match(self, subject: Any, *bounds: Any) -> Match | None:
        """Match the start of the subject, or of the part between the bounds."""
        found = self.__of(subject).match(subject, *map(integer, bounds))
        return found and Match(found)

    def search(self, subject: Any, *bounds: Any) -> Match | None:
        """Find the first match in the subject, or in the part between the bounds."""
        found = self.__of(subject).search(subject, *map(integer, bounds))
        return found and Match(found)

    def split(self, subject: Any, most: Any = 0, /) -> list[Any]:
        """The parts between matches; an empty match ends the search."""
        host, parts, begin = self.__of(subject), list[Any](), 0
        left = integer(most)
        while (found := host.search(subject, begin)) and found.end() > found.start():
            if host.groups:
                raise NotImplementedError("splitting with sub-captures")
            parts.append(subject[begin : found.start()])
            begin, left = found.end(), left - 1
            if left == 0:
                break
        return [*parts, subject[begin:]]

    def sub(self, replacement: Any, subject: Any, most: Any = 0, _flags: Any = 0, /) -> Any:
        """Replace matches by a text with groups, or by the result of a function; an empty match ends the search."""
        host, parts, begin = self.__of(subject), list[Any](), 0
        left = integer(most)
        while (found := host.search(subject, begin)) and found.end() > found.start():
            made = text(replacement(Match(found)) if callable(replacement) else replacement)
            filled = "".join(filled_in(made, found))
            parts += [subject[begin : found.start()], filled if isinstance(subject, str) else filled.encode()]
            begin, left = found.end(), left - 1
            if left == 0:
                break
        return type(subject)().join([*parts, subject[begin:]])


def filled_in(replacement: str, found: host_re.Match[Any]) -> Iterator[str]:
    """The parts of a replacement, with the matches of groups for `\\1` and `\\g<1>`: extmod/modre.c:300@v1.28.0."""
    for part in host_re.finditer(r"\\g<(\d+)>?|\\(\d+)|\\(\\?)|[^\\]+", replacement, host_re.DOTALL):
        number = part[1] or part[2]
        if number is None:
            yield part[0] if part[3] is None else part[3]
        elif int(number) > found.re.groups:
            raise IndexError(int(number))
        else:
            group = found.group(int(number)) or ""
            yield group if isinstance(group, str) else group.decode("utf-8", "surrogateescape")


for _kind, _name in ((Match, "match"), (Pattern, "re")):
    _kind.__name__ = _kind.__qualname__ = _name


def re() -> Module:
    """The module."""

    def compiled(pattern: Any, _flags: int = 0) -> Any:
        return pattern if isinstance(pattern, Pattern) else Pattern(pattern)

    def calling(name: str) -> Callable[..., Any]:
        def call(pattern: Any, *arguments: Any) -> Any:
            # Without a compiled expression, bounds are ignored (extmod/modre.c:183@v1.28.0).
            used = arguments[:1] if name != "sub" and not isinstance(pattern, Pattern) else arguments
            return getattr(compiled(pattern), name)(*used)

        return call

    names = ("match", "search", "sub")
    return Module({"__name__": "re", "compile": compiled, **{name: calling(name) for name in names}})


def pieces(pattern: str) -> Iterator[str]:
    """The parts of an expression as the host's. Raises ValueError for `(?P<name>` and the like.

    Braces are plain characters, and so is any character but d, s and w behind a backslash: lib/re1.5@v1.28.0.
    """
    for found in host_re.finditer(r"\[\^?\]|\\.|\(\?.?|.|\\", pattern, host_re.DOTALL):
        part = found[0]
        if part in ("[]", "[^]"):  # a class ends with the first bracket, so that these are empty
            yield r"(?!)" if part == "[]" else r"[\s\S]"
            continue
        if part == "\\" or (part.startswith("(?") and part != "(?:"):
            raise ValueError("error in regex")
        if part in "{}":
            yield f"\\{part}"
        elif part[0] == "\\" and part[1].lower() not in "dsw":
            yield host_re.escape(part[1])
        else:
            yield part

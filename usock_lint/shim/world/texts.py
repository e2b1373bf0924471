"""json as MicroPython has it: a lenient reader of JSON, and a writer of any value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from usock_lint.ports import Release
from usock_lint.shim.core.arguments import buffer
from usock_lint.shim.core.sealed import Module, is_native
from usock_lint.shim.core.streams import IOBase
from usock_lint.shim.world.containers import ByteArray
from usock_lint.shim.world.shown import Printer

CLOSES_SINCE: Release = (1, 26, 0)
"""Before, the end of the text closed the outermost list or object (run:unix@1.25, 1.26)."""

if TYPE_CHECKING:
    from usock_lint.shim.world.world import World

ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def json(world: World) -> Module:
    """The module."""
    release = world.port.release

    def value(read: Callable[[], int]) -> Any:
        return Reader(read, release < CLOSES_SINCE, world.builtins["dict"]).all()

    def loads(text: Any) -> Any:
        data = iter(bytes(buffer(text)))
        return value(lambda: next(data, 0))

    def load(stream: Any) -> Any:
        if not isinstance(stream, IOBase) and not (hasattr(stream, "read") and is_native(stream)):
            raise world.port.OSError("stream operation not supported")
        return value(one_by_one(world, stream))

    def dumps(value: Any, *, separators: Any = None) -> str:
        return Writer(world.printer, separators).text(value)

    def dump(value: Any, stream: Any, *, separators: Any = None) -> None:
        for piece in Writer(world.printer, separators).pieces(value):
            world.write(stream, piece)

    return Module({"__name__": "json", "dump": dump, "dumps": dumps, "load": load, "loads": loads})


def one_by_one(world: World, stream: Any) -> Callable[[], int]:
    """A function that reads the next byte of a stream, as the reader takes it; 0 at the end.

    A stream of a script's class reads into a bytearray. OSError if there is no data, but more may come.
    """
    if isinstance(stream, IOBase):
        byte, own = ByteArray(1), cast("Any", stream)

        def fetch() -> bytes | None:
            count = own.readinto(byte)
            return None if count is None else bytes(byte[:count])

    else:

        def fetch() -> bytes | None:
            found = stream.read(1)
            return found.encode() if isinstance(found, str) else found

    left = bytearray()  # of a stream of characters, which may be several bytes

    def read() -> int:
        if not left:
            found = fetch()
            if found is None:
                raise world.port.error("EAGAIN")
            left.extend(found)
        return left.pop(0) if left else 0

    return read


IGNORED = b",: \t\n\r"
"""Characters that the reader ignores everywhere: extmod/modjson.c:166@v1.28.0."""

SPACE = b" \t\n\r\v\f"

WORDS: dict[int, tuple[bytes, Any]] = {
    one[0]: (one[1:], value) for one, value in ((b"null", None), (b"true", True), (b"false", False))
}
"""The words of JSON by their first letter: the other letters, and the value."""

LETTERS = {b"b"[0]: 8, b"f"[0]: 12, b"n"[0]: 10, b"r"[0]: 13, b"t"[0]: 9}


class Reader:
    """A reader of JSON. It ignores commas and colons, and takes both brackets as the end of a list or object.

    `read` gives the bytes one by one; 0 is the end. The reader takes one byte more than the value has.
    """

    def __init__(self, read: Callable[[], int], closes: bool, kind: Callable[[], dict[Any, Any]]) -> None:
        self.read = read
        self.kind = kind
        """The type of the dicts that are made."""
        self.closes = closes
        """True if the end of the text closes the outermost list or object."""
        self.depth = 0
        self.sign = read()
        """The next byte."""

    def all(self) -> Any:
        """The one value of the text. Raises ValueError."""
        self.skip(IGNORED)
        value = self.value()
        self.skip(SPACE)
        if self.sign:
            raise self.error()
        return value

    def error(self) -> ValueError:
        """The error for a text that is not JSON."""
        return ValueError("syntax error in JSON")

    def advance(self) -> int:
        """Read the next byte, and return it."""
        self.sign = self.read()
        return self.sign

    def skip(self, signs: bytes) -> int:
        """Skip these bytes; the next one."""
        while self.sign and self.sign in signs:
            self.advance()
        return self.sign

    def value(self) -> Any:
        """The value that begins here."""
        sign = self.sign
        if sign and sign in b"-0123456789":
            return self.number()
        if not sign:
            raise self.error()
        self.advance()
        if sign == ord('"'):
            return self.string()
        if sign == ord("["):
            return list(self.items())
        if sign == ord("{"):
            return self.members()
        if sign not in WORDS:
            raise self.error()
        rest, value = WORDS[sign]
        for letter in rest:
            if self.sign != letter:
                raise self.error()
            self.advance()
        return value

    def items(self) -> Iterator[Any]:
        """The values up to the closing bracket."""
        self.depth += 1
        while (sign := self.skip(IGNORED)) and sign not in b"]}":
            yield self.value()
        if not sign and not (self.closes and self.depth == 1):
            raise self.error()
        self.depth -= 1
        self.advance()

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
        digits = bytearray()
        while self.sign and self.sign in b"-+0123456789.eE":
            digits.append(self.sign)
            self.advance()
        return (float if set(digits) & set(b".eE") else int)(digits.decode())

    def string(self) -> str:
        """A text. UnicodeError if it is not UTF-8."""
        letters = bytearray()
        while (sign := self.sign) and sign != ord('"'):
            letters += self.escaped(self.advance()) if sign == ord("\\") else bytes([sign])
            self.advance()
        if not self.sign:
            raise self.error()
        self.advance()
        try:
            return letters.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            raise UnicodeError from None

    def escaped(self, sign: int) -> bytes:
        """The bytes that an escape stands for, of which `sign` is the first one behind the backslash."""
        if sign != ord("u"):
            return bytes([LETTERS.get(sign, sign)]) if sign else b""
        number = 0
        for _ in range(4):
            # Digits are not checked (extmod/modjson.c:215@v1.28.0).
            digit = ((self.advance() | 32) - ord("0")) & 0xFF
            number = number << 4 | (digit if digit < 10 else (digit - 39) & 0xFF)
        return chr(number & 0xFFFFF).encode("utf-8", "surrogatepass")


SHOW_TUPLE: Any = vars(tuple)["__repr__"]


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
        elif isinstance(value, tuple) and cast("Any", type(cast("Any", value))).__repr__ is not SHOW_TUPLE:
            yield self.printer.repr(value)  # a named tuple (py/objnamedtuple.c:68@v1.28.0)
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

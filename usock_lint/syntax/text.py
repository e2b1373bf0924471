"""Decodes a file's bytes to text and back, and finds the comments in a text."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterator

from usock_lint.fast_dataclasses import dataclass

BYTE_ORDER_MARK = "\ufeff"

_ASCII = "".join(chr(code) for code in range(1, 128) if chr(code) != "\\") + "\\u0041"
"""The characters of ASCII, apart from the backslash, and an escape that codecs such as unicode_escape decode."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a file, with its own line ends and byte order mark, and the encoding that it was decoded by."""

    text: str
    encoding: str
    warning: str | None = None

    def encode(self, text: str) -> bytes:
        """Encode a changed text as the file was. Raises UnicodeError."""
        return text.encode(self.encoding)


def decode(data: bytes) -> Decoded:
    """Read bytes as Python does (byte order mark, PEP 263 cookie, UTF-8), or else as Latin-1 with a warning.

    MicroPython does not check the encoding and runs such files. It ignores the cookie; here a cookie is ignored if its
    codec does not decode ASCII as ASCII.
    """
    encoding = _declared(data).removesuffix("-sig")  # the mark stays in the text: MicroPython refuses it
    try:
        return Decoded(data.decode(encoding), encoding)
    except (LookupError, UnicodeError):
        return Decoded(data.decode("latin-1"), "latin-1", f"is not valid {encoding}; read as Latin-1")


def _declared(data: bytes) -> str:
    try:
        encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0]
        return encoding if _ASCII.encode().decode(encoding, "ignore") == _ASCII else "utf-8"
    # A cookie that is unknown, names a codec of something else than text (hex), or contradicts the byte order mark.
    except (SyntaxError, LookupError, UnicodeError):
        return "utf-8"


def comments(lines: list[str]) -> Iterator[tuple[int, int, str]]:
    """Row (from 1), column (from 0) and text of each comment, up to the first place that cannot be tokenized."""
    try:
        for token in tokenize.generate_tokens(io.StringIO("\n".join(lines)).readline):
            if token.type == tokenize.COMMENT:
                yield *token.start, token.string
    except (tokenize.TokenError, SyntaxError):
        return

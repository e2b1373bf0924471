"""hashlib and binascii as MicroPython has them: a digest ends its hash, and a str is taken for its bytes."""

from __future__ import annotations

import binascii as host_binascii
import hashlib as host_hashlib
import re
import string
from functools import partial
from typing import Any, Final

from usock_lint.ports import Release
from usock_lint.shim.core.arguments import buffer, check_count, integer, text
from usock_lint.shim.core.sealed import Module, Sealed, built_in

_PADDING: Final = ord("=")
_LETTERS: Final = f"{string.ascii_uppercase}{string.ascii_lowercase}{string.digits}+/"
_SEXTETS: Final = {ord(letter): number for number, letter in enumerate(_LETTERS)}


class Hash(metaclass=Sealed):
    """A hash. After digest() it cannot be used any more (extmod/modhashlib.c:67@v1.28.0)."""

    __slots__ = ("__host",)

    def __init__(self, data: object = b"", /) -> None:
        self.__host: Any = host_hashlib.new(built_in(type(self)).__name__, buffer(data))

    def __open(self) -> Any:
        if self.__host is None:
            raise ValueError("hash is final")
        return self.__host

    def update(self, data: object, /) -> None:
        """Add bytes."""
        self.__open().update(buffer(data))

    def digest(self) -> bytes:
        """The hash."""
        found: bytes = self.__open().digest()
        self.__host = None
        return found


HASHES: tuple[Any, ...] = tuple(Sealed(name, (Hash,), {"__slots__": ()}) for name in ("md5", "sha1", "sha256"))


def hashlib(_: object) -> Module:
    """The module."""
    return Module({"__name__": "hashlib", **{kind.__name__: kind for kind in HASHES}})


def hexlify(data: object, /, *separator: object) -> bytes:
    """The bytes as hexadecimal digits; only the first byte of a separator is used, which of an empty one is the NUL at
    its end (py/objstr.c:1988@v1.28.0). Of no bytes the separator is not looked at."""
    check_count(1 + len(separator), 1, 2)
    pairs = [b"%02x" % byte for byte in bytes(buffer(data))]
    if not pairs or not separator:
        return b"".join(pairs)
    between = separator[0] if isinstance(separator[0], bytes) else text(separator[0]).encode()
    return (between[:1] or b"\0").join(pairs)


ONE_MESSAGE_SINCE: Final[Release] = (1, 24, 0)
"""From then on an odd number of digits has the message of a wrong digit (py/objstr.c:2027@v1.24.0)."""


def unhexlify(release: Release, data: object, /) -> bytes:
    """The bytes of hexadecimal digits. Raises ValueError."""
    digits = b"".join(bytes(buffer(data)).split())
    if len(digits) % 2 and release < ONE_MESSAGE_SINCE:
        raise ValueError("odd-length string")
    if len(digits) % 2 or not re.fullmatch(rb"[0-9a-fA-F]*", digits):
        raise ValueError("non-hex digit found" if release < ONE_MESSAGE_SINCE else "non-hex digit")
    return bytes.fromhex(digits.decode())


def a2b_base64(data: object, /) -> bytes:
    """The bytes of a text in base64. Raises ValueError for incomplete padding (extmod/modbinascii.c:68@v1.28.0).

    Characters that are not of base64, and all behind the padding, are ignored; some releases of CPython refuse them.
    """
    found, bits, count, padded = bytearray(), 0, 0, False
    for letter in bytes(buffer(data)):
        if letter == _PADDING:
            if count == 2 or (count == 4 and padded):
                count = 0
                break
            padded = True
        elif letter in _SEXTETS:
            bits, count, padded = (bits << 6 | _SEXTETS[letter]) & 0xFFFF, count + 6, False
            if count >= 8:
                count -= 8
                found.append(bits >> count & 0xFF)
    if count:
        raise ValueError("incorrect padding")
    return bytes(found)


def b2a_base64(data: object, newline: object = True) -> bytes:
    """Bytes in base64, with a newline behind them unless `newline` is false."""
    return host_binascii.b2a_base64(bytes(buffer(data)), newline=bool(newline))


def crc32(data: object, begin: object = 0, /) -> int:
    """The CRC-32 of bytes; `begin` is that of the bytes before them."""
    return host_binascii.crc32(buffer(data), integer(begin))


def binascii(world: Any) -> Module:
    """The module."""
    functions = (a2b_base64, b2a_base64, crc32, hexlify)
    own = {"unhexlify": partial(unhexlify, world.port.release)}
    return Module({"__name__": "binascii", **{one.__name__: one for one in functions}, **own})

"""cryptolib and deflate: AES (FIPS 197), and streams that are inflated as they are read."""

from __future__ import annotations

import errno
import zlib
from typing import Any, Final

from usock_lint.shim.core.arguments import buffer, check_count, integer, writable
from usock_lint.shim.core.sealed import Module, Sealed
from usock_lint.shim.core.streams import Stream

ECB, CBC = 1, 2
BLOCK: Final = 16


def times(left: int, right: int) -> int:
    """The product of two bytes in AES's field, GF(2^8)."""
    found = 0
    while right:
        found ^= left if right & 1 else 0
        left = left << 1 ^ (0x11B if left & 0x80 else 0)
        right >>= 1
    return found


def substitutions() -> bytes:
    """The S-box of AES: the substitute of each byte."""
    found = bytearray(256)
    inverse = [0] + [next(two for two in range(256) if times(one, two) == 1) for one in range(1, 256)]
    for one, value in enumerate(inverse):
        combined = value
        for _ in range(4):
            value = (value << 1 | value >> 7) & 0xFF
            combined ^= value
        found[one] = combined ^ 0x63
    return bytes(found)


class Aes:
    """AES for single blocks, with the round keys that a key expands to."""

    def __init__(self, key: bytes) -> None:
        self.box = substitutions()
        self.inverse_box = bytes(self.box.index(one) for one in range(256))
        words = [key[place : place + 4] for place in range(0, len(key), 4)]
        count, factor = len(words), 1
        self.rounds = count + 6
        while len(words) < 4 * (self.rounds + 1):
            last = words[-1]
            if len(words) % count == 0:
                last = bytes(self.box[one] for one in last[1:] + last[:1])
                last = bytes([last[0] ^ factor, *last[1:]])
                factor = times(factor, 2)
            elif count > 6 and len(words) % count == 4:
                last = bytes(self.box[one] for one in last)
            words.append(bytes(one ^ two for one, two in zip(words[-count], last, strict=True)))
        self.keys = [b"".join(words[place : place + 4]) for place in range(0, len(words), 4)]

    def encrypt(self, block: bytes) -> bytes:
        """The block, encrypted."""
        state = xored(block, self.keys[0])
        for number in range(1, self.rounds + 1):
            # SubBytes and ShiftRows in one: the byte that comes to this place, substituted.
            state = bytes(self.box[state[(place + 4 * (place % 4)) % BLOCK]] for place in range(BLOCK))
            state = mixed_columns(state, (2, 3, 1, 1)) if number < self.rounds else state
            state = xored(state, self.keys[number])
        return state

    def decrypt(self, block: bytes) -> bytes:
        """The block, decrypted."""
        state = block
        for number in range(self.rounds, 0, -1):
            state = xored(state, self.keys[number])
            state = mixed_columns(state, (14, 11, 13, 9)) if number < self.rounds else state
            state = bytes(self.inverse_box[state[(place - 4 * (place % 4)) % BLOCK]] for place in range(BLOCK))
        return xored(state, self.keys[0])


def xored(left: bytes, right: bytes) -> bytes:
    """The bytes of `left` xor those of `right`, as many as the shorter one has."""
    return bytes(one ^ two for one, two in zip(left, right, strict=False))


def mixed_columns(state: bytes, factors: tuple[int, ...]) -> bytes:
    """The MixColumns step: each column multiplied by a polynomial with these coefficients."""
    found = bytearray()
    for begin in range(0, BLOCK, 4):
        column = state[begin : begin + 4]
        for row in range(4):
            total = 0
            for place, one in enumerate(column):
                total ^= times(one, factors[(place - row) % 4])
            found.append(total)
    return bytes(found)


class aes(metaclass=Sealed):  # noqa: N801 (as on the device)
    """cryptolib.aes. The first call decides whether it encrypts or decrypts (extmod/modcryptolib.c:260@v1.28.0)."""

    __slots__ = ("__cipher", "__encrypts", "__mode", "__vector")

    def __init__(self, *arguments: Any) -> None:
        check_count(len(arguments), 2, 3)
        self.__mode = integer(arguments[1])
        if self.__mode not in (ECB, CBC):
            raise ValueError("mode")
        key = bytes(buffer(arguments[0]))
        if len(key) not in (16, 32):
            raise ValueError("key")
        vector = bytes(buffer(arguments[2])) if len(arguments) > 2 and arguments[2] is not None else None
        if (vector is None and self.__mode != ECB) or (vector is not None and len(vector) != BLOCK):
            raise ValueError("IV")
        self.__cipher, self.__vector = Aes(key), vector or b""
        self.__encrypts: bool | None = None

    def encrypt(self, *data: Any) -> Any:
        """Encrypt data; the result, or, if a buffer for it is given, that buffer."""
        return self.__process(data, True)

    def decrypt(self, *data: Any) -> Any:
        """Decrypt data; the result, or, if a buffer for it is given, that buffer."""
        return self.__process(data, False)

    def __process(self, arguments: tuple[Any, ...], encrypts: bool) -> Any:
        """Check the arguments of encrypt() or decrypt(), and do it. Raises ValueError."""
        check_count(len(arguments) + 1, 2, 3)
        data, *target = arguments
        given = bytes(buffer(data))
        if len(given) % BLOCK:
            raise ValueError("blksize % 16")
        view = writable(target[0]) if target else None
        if view is not None and len(view) < len(given):
            raise ValueError("output too small")
        if self.__encrypts not in (None, encrypts):
            raise ValueError("can't encrypt & decrypt")
        self.__encrypts = encrypts
        found = self.__blocks(given, encrypts)
        if view is None:
            return found
        view[: len(found)] = found
        return target[0]

    def __blocks(self, data: bytes, encrypts: bool) -> bytes:
        """The data with each of its blocks encrypted, or decrypted."""
        found = bytearray()
        for place in range(0, len(data), BLOCK):
            block = data[place : place + BLOCK]
            if self.__mode == ECB:
                found += self.__cipher.encrypt(block) if encrypts else self.__cipher.decrypt(block)
            elif encrypts:
                self.__vector = self.__cipher.encrypt(xored(block, self.__vector))
                found += self.__vector
            else:
                found += xored(self.__cipher.decrypt(block), self.__vector)
                self.__vector = block
        return bytes(found)


def cryptolib(_: object) -> Module:
    """The module. No board has the mode CTR (ports/unix/variants/coverage/mpconfigvariant.h:47@1c3c201149)."""
    return Module({"__name__": "cryptolib", "aes": aes, "MODE_ECB": ECB, "MODE_CBC": CBC})


AUTO, RAW, ZLIB, GZIP = range(4)

WINDOWS: Final = {AUTO: 15 + 32, RAW: -15, ZLIB: 15, GZIP: 15 + 16}
"""The argument `wbits` of zlib for each format, which has the size of the window and the kind of header."""


class Inflating(Stream):
    """The decompressed data of a stream. Compressed data is read byte by byte, as on the device."""

    def __init__(self, world: Any, stream: Any, form: int) -> None:
        self.world = world
        self.stream = stream
        self.host = zlib.decompressobj(WINDOWS[form])

    def receive(self, count: int) -> bytes:
        found = self.inflated(b"", count)
        while not found and not self.host.eof:
            byte = self.stream.read(1)
            if not byte:
                raise EOFError
            found = self.inflated(byte, count)
        return found

    def inflated(self, data: bytes, count: int) -> bytes:
        """At most `count` decompressed bytes, with further compressed data. Raises OSError for wrong data."""
        try:
            return b"" if self.host.eof else self.host.decompress(self.host.unconsumed_tail + data, count)
        except zlib.error:
            raise self.world.port.OSError(errno.EINVAL) from None


def deflate(world: Any) -> Module:
    """The module. It only decompresses, although some ports also compress."""

    class DeflateIO(metaclass=Sealed):
        """A stream whose data is decompressed when it is read."""

        __slots__ = ("__close", "__inflating")

        def __init__(self, *arguments: Any) -> None:
            check_count(len(arguments), 1, 4)
            stream, *_ = arguments
            form = integer(arguments[1]) if len(arguments) > 1 else AUTO
            window = integer(arguments[2]) if len(arguments) > 2 else 0
            if form not in WINDOWS:
                raise ValueError("format")
            if window and not 5 <= window <= 15:
                raise ValueError("wbits")
            self.__inflating: Inflating | None = Inflating(world, stream, form)
            self.__close = any(arguments[3:])

        def __open(self) -> Inflating:
            if self.__inflating is None:
                raise world.port.OSError(errno.EINVAL)
            return self.__inflating

        def read(self, count: Any = -1, /) -> Any:
            """At most `count` bytes, or all of them."""
            return self.__open().read(count)

        def readinto(self, target: Any, *count: Any) -> Any:
            """Fill a buffer."""
            return self.__open().readinto(target, *count)

        def readline(self, limit: Any = -1, /) -> Any:
            """A line."""
            return self.__open().readline(limit)

        def close(self) -> None:
            """Close this object, and also the stream below if the constructor was told to."""
            if self.__inflating and self.__close:
                self.__inflating.stream.close()
            self.__inflating = None

        def __enter__(self) -> Any:
            return self

        def __exit__(self, *_: object) -> None:
            self.close()

    names = {"DeflateIO": DeflateIO, "AUTO": AUTO, "RAW": RAW, "ZLIB": ZLIB, "GZIP": GZIP}
    return Module({"__name__": "deflate", **names})

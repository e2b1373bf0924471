"""MicroPython's stream methods: no short reads, None when there is nothing yet, str accepted."""

from __future__ import annotations

import errno
import os
from typing import Any

from usock_lint.shim.core.arguments import (
    SMALL,
    buffer,
    check_count,
    from_utf8,
    integer,
    size,
    unchecked,
    word,
    writable,
)

CHUNK = 4096
"""The number of bytes that are asked for at once when all are read."""


class IOBase:
    """io.IOBase, of which scripts derive streams: it has nothing itself (py/modio.c:104@v1.28.0)."""

    def __init__(self, *_: object) -> None:
        pass


IOBase.__module__ = "builtins"


class Stream:
    """read, readinto, readline and write over two primitives that a subclass has to define.

    Both primitives return None when they would block, and raise a timeout that is an error.
    """

    def receive(self, count: int) -> bytes | None:
        """At most `count` bytes; b"" at the end; None: nothing yet."""
        raise NotImplementedError

    def transmit(self, data: memoryview) -> int | None:
        """Send `data`; return the number of bytes sent, None if none can be sent now, 0 if none ever can."""
        raise NotImplementedError

    def read(self, count: object = -1) -> bytes | None:
        """`count` bytes, fewer only at the end of the stream; without a count, or with -1, all there are."""
        wanted = integer(count)
        # MicroPython allocates a zero byte behind them.
        return self.gather(None if wanted == -1 else size(wanted, 1))

    def gather(self, wanted: int | None) -> bytes | None:
        """`wanted` bytes, None for all; what has arrived (None if nothing has) when it would block."""
        data = bytearray()
        while wanted is None or len(data) < wanted:
            piece = self.receive(CHUNK if wanted is None else wanted - len(data))
            if piece is None:
                return bytes(data) or None
            if not piece:
                break
            data += piece
        return bytes(data)

    def readinto(self, target: object, *count: object) -> int | None:
        """Fill the buffer, or its first `count` bytes; the number of bytes read, None when it would block."""
        check_count(2 + len(count), 2, 3)
        view = writable(target)
        wanted = integer(count[0]) if count else len(view)
        wanted = len(view) if wanted < 0 else min(len(view), wanted)
        filled = 0  # what came before an error is in the buffer
        while filled < wanted:
            piece = self.receive(wanted - filled)
            if piece is None:
                return filled or None
            if not piece:
                break
            view[filled : filled + len(piece)] = piece
            filled += len(piece)
        return filled

    def readline(self, limit: object = -1) -> bytes | None:
        """A line with its end, at most `limit` bytes of it; b"" at the end; None when it would block."""
        longest = small(limit)
        if longest != -1:
            size(longest)
        line = bytearray()
        while len(line) != longest and not line.endswith(b"\n"):
            byte = self.receive(1)
            if byte is None:
                return bytes(line) or None
            if not byte:
                break
            line += byte
        return bytes(line)

    def write(self, data: object, *bounds: object) -> int | None:
        """Write `data`, or write(data, max), write(data, offset, max) of it; the number of bytes written."""
        check_count(2 + len(bounds), 2, 4)
        view = buffer(data)
        # A negative number is a huge one (py/stream.c:275@v1.28.0).
        *skipped, longest = [place if (place := integer(bound)) >= 0 else len(view) for bound in bounds] or [len(view)]
        view = view[skipped[0] :] if skipped else view
        view = view[:longest]
        done = 0
        while done < len(view):
            count = self.transmit(view[done:])
            if not count:  # 0 if the stream is full
                return done or count
            done += count
        return done


def small(limit: object) -> int:
    """The number that readline() reads for its argument, which it does not check (py/stream.c:370@v1.28.0)."""
    if not isinstance(limit, int) or isinstance(limit, bool):
        return unchecked(limit)
    return limit if -SMALL <= limit < SMALL else unchecked(object())


def seeking(offset: object, whence: object) -> tuple[int, int]:
    """The arguments of seek(). OSError(EINVAL) for a place before the start (py/stream.c:470@v1.28.0)."""
    steps, base = word(offset), integer(whence)
    if base == os.SEEK_SET and steps < 0:
        raise OSError(errno.EINVAL, "seek")
    return steps, base


class Characters:
    """A stream as text: the methods return str, and count characters of UTF-8."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream

    def read(self, count: object = -1) -> Any:
        """`count` characters, or all until the end; None when it would block."""
        wanted = integer(count)
        if wanted == -1:
            data = self.stream.gather(None)
            return data if data is None else from_utf8(data)
        return self._read_characters(size(wanted))

    def _read_characters(self, wanted: int) -> str | None:
        """`wanted` characters, fewer at the end. The first byte of each tells how many follow it."""
        data = bytearray()
        for _ in range(wanted):
            first = self.stream.gather(1)
            if not first:
                if first is None and not data:
                    return None
                break
            following = (first[0] >= 0xC0) + (first[0] >= 0xE0) + (first[0] >= 0xF0)
            data += first + (self.stream.gather(following) or b"")
        return from_utf8(bytes(data))

    def readline(self, limit: object = -1) -> str | None:
        """A line as str; None when it would block."""
        line = self.stream.readline(limit)
        return line if line is None else from_utf8(line)

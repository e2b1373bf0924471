"""BytesIO and StringIO: files in memory, which take bytes and str alike (py/objstringio.c@v1.28.0)."""

from __future__ import annotations

import errno
import os
from typing import Any

from usock_lint.shim.core.arguments import buffer, from_utf8, size, word
from usock_lint.shim.core.sealed import Sealed
from usock_lint.shim.core.streams import Characters, Stream, seeking

WORDS = 1 << 64
"""The end of the positions in a file."""


class Memory(Stream):
    """The bytes of a file and the position in them."""

    def __init__(self, data: bytes) -> None:
        self.data = bytearray(data)
        self.position = 0
        self.is_open = True

    def check(self) -> None:
        """Raise ValueError if it is closed. Of the methods only those ask that read, write or return bytes."""
        if not self.is_open:
            raise ValueError("I/O operation on closed file")

    def close(self) -> None:
        """Forget the bytes."""
        self.data.clear()
        self.is_open = False

    def receive(self, count: int) -> bytes:
        self.check()
        piece = bytes(self.data[self.position : self.position + count])
        self.position += len(piece)
        return piece

    def transmit(self, data: memoryview) -> int:
        self.check()
        missing = self.position - len(self.data)
        self.data += bytes(size(max(missing, 0)))
        self.data[self.position : self.position + len(data)] = data
        self.position += len(data)
        return len(data)

    def seek(self, offset: object, whence: object) -> int:
        """Move; the new position, a number of 64 bits (py/objstringio.c:105@v1.28.0)."""
        steps, base = seeking(offset, whence)
        begin = {os.SEEK_CUR: self.position, os.SEEK_END: len(self.data)}.get(base, 0)
        if steps >= 0 and begin + steps >= WORDS:
            raise OSError(errno.EINVAL, "seek")
        # Before the start is 0, unless `whence` is unknown, so that there is nothing to count from.
        self.position = max(begin + steps, 0)
        return self.position


class BytesIO(metaclass=Sealed):
    """Bytes as a file. An int is the number of bytes to keep room for.

    Further arguments are ignored (py/objstringio.c:181@v1.28.0).
    """

    __slots__ = ("__memory",)

    def __init__(self, initial: object = b"", /, *_: object, **__: object) -> None:
        is_size = isinstance(initial, int) and not isinstance(initial, bool)
        if is_size:
            size(word(initial))
        self.__memory = Memory(b"" if is_size else bytes(buffer(initial)))

    def __repr__(self) -> str:
        return f"<io.{type(self).__name__} {id(self):#x}>"

    def _stream(self) -> Memory:
        return self.__memory

    def read(self, count: object = -1, /) -> Any:
        """At most `count` bytes, or all until the end."""
        return self._stream().read(count)

    def readinto(self, target: object, /, *count: object) -> int | None:
        """Fill a buffer."""
        return self._stream().readinto(target, *count)

    def readline(self, limit: object = -1, /) -> Any:
        """A line."""
        return self._stream().readline(limit)

    def write(self, data: object, /, *bounds: object) -> int | None:
        """Write all of it."""
        return self._stream().write(data, *bounds)

    def getvalue(self) -> Any:
        """All bytes."""
        self._stream().check()
        return bytes(self._stream().data)

    def seek(self, offset: object, whence: object = 0, /) -> int:
        """Move; the new position."""
        return self._stream().seek(offset, whence)

    def tell(self) -> int:
        """The position."""
        return self._stream().position

    def flush(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Forget the bytes."""
        self.__memory.close()

    def poll_source(self) -> Any:
        """The source for select.poll. It can be registered, but polling it raises."""
        return MemorySource()

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def __enter__(self) -> Any:
        return self

    def __exit__(self, _kind: object, _error: object, _trace: object, /) -> None:
        self.close()


class StringIO(BytesIO):
    """A stream in memory that holds str."""

    __slots__ = ()

    def read(self, count: object = -1, /) -> Any:
        """At most `count` characters, or all until the end."""
        return Characters(self._stream()).read(count)

    def readline(self, limit: object = -1, /) -> Any:
        """A line as str."""
        return Characters(self._stream()).readline(limit)

    def getvalue(self) -> Any:
        """All characters."""
        self._stream().check()
        return from_utf8(self._stream().data)


class MemorySource:
    """The source of a file in memory for select.poll, which cannot poll it."""

    descriptor = -1

    def events(self, mask: int, seen: int) -> int:
        """OSError(EINVAL): its ioctl does not know the request (py/objstringio.c:146@v1.28.0)."""
        raise OSError(errno.EINVAL, "poll")

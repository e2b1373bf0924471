"""Files: a FileIO or a TextIOWrapper on a descriptor, which open() and, on the unix port, makefile() return."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from usock_lint.shim.core.errors import raising
from usock_lint.shim.core.sealed import Sealed
from usock_lint.shim.core.streams import Characters, Stream, seeking


class OpenFile(Stream):
    """The stream of an open descriptor. Reading returns None if nothing has come, or not within the timeout."""

    def __init__(self, number: int, error: type[OSError], garbage: list[Any]) -> None:
        self.number = number
        self.error = error
        self.garbage = garbage

    def receive(self, count: int) -> bytes | None:
        return self._attempt(lambda: os.read(self.number, count))

    def transmit(self, data: memoryview) -> int | None:
        return self._attempt(lambda: os.write(self.number, data))

    def _attempt(self, action: Callable[[], Any]) -> Any:
        with raising(self.error):
            try:
                return action()
            except BlockingIOError:
                return None

    def flush(self) -> None:
        """fsync(2), which is OSError(EINVAL) for a socket."""
        with raising(self.error):
            os.fsync(self.number)

    def seek(self, offset: object, whence: object = 0) -> int:
        """lseek(2), which is OSError(ESPIPE) for a socket."""
        with raising(self.error):
            return os.lseek(self.number, *seeking(offset, whence))

    def close(self) -> None:
        """Close the descriptor."""
        with raising(self.error):
            os.close(self.number)

    def abandon(self) -> None:
        """Have the next collection close a file that was dropped without being closed."""
        self.garbage.append(self)


class FileIO(metaclass=Sealed):
    """A binary file: closing it, or collecting it as garbage, closes the descriptor."""

    __slots__ = ("__file",)

    def __init__(self, file: OpenFile) -> None:
        self.__file: OpenFile | None = file
        """The open file; None after close()."""

    def _stream(self) -> OpenFile:
        if self.__file is None:
            raise ValueError("I/O operation on closed file")
        return self.__file

    def read(self, count: object = -1, /) -> Any:
        """At most `count` bytes, or all until the end."""
        return self._stream().read(count)

    def readline(self, limit: object = -1, /) -> Any:
        """A line."""
        return self._stream().readline(limit)

    def readlines(self) -> list[Any]:
        """The lines until the end, or until there is nothing to read yet."""
        return list(self)

    def readinto(self, target: object, /, *count: object) -> int | None:
        """Fill a buffer."""
        return self._stream().readinto(target, *count)

    def write(self, data: object, /, *bounds: object) -> int | None:
        """Write all of it."""
        return self._stream().write(data, *bounds)

    def flush(self) -> None:
        """Have the host store what was written; OSError(EINVAL) for a socket."""
        self._stream().flush()

    def seek(self, offset: object, whence: object = 0, /) -> int:
        """Move; the new position. OSError(ESPIPE) for a socket, which has none."""
        return self._stream().seek(offset, whence)

    def tell(self) -> int:
        """The position; OSError(ESPIPE) for a socket, which has none."""
        return self._stream().seek(0, os.SEEK_CUR)

    def fileno(self) -> int:
        """The descriptor."""
        return self._stream().number

    def close(self) -> None:
        """Close the descriptor, once."""
        if self.__file is not None:
            self.__file.close()
            self.__file = None

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

    def __repr__(self) -> str:
        number = -1 if self.__file is None else self.__file.number
        return f"<io.{type(self).__name__} {number}>"

    def __del__(self) -> None:
        if self.__file is not None:
            self.__file.abandon()


class TextIOWrapper(FileIO):
    """A file opened in text mode, which reads str."""

    __slots__ = ()

    def read(self, count: object = -1, /) -> Any:
        """At most `count` characters, or all until the end."""
        return Characters(self._stream()).read(count)

    def readline(self, limit: object = -1, /) -> Any:
        """A line as str."""
        return Characters(self._stream()).readline(limit)

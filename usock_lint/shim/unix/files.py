"""The results of makefile() on the unix port: a FileIO or a TextIOWrapper on the socket's own descriptor."""

from __future__ import annotations

import os
import socket as host_socket
from collections.abc import Callable
from typing import Any

from usock_lint.shim.core.arguments import integer
from usock_lint.shim.core.errors import raising
from usock_lint.shim.core.sealed import Sealed
from usock_lint.shim.core.streams import Characters, Stream


class SocketFile(Stream):
    """The stream of a file: nothing to read yet and an expired timeout are the same None."""

    def __init__(self, host: host_socket.socket, number: int, error: type[OSError]) -> None:
        self.host = host
        self.number = number
        self.error = error

    def receive(self, count: int) -> bytes | None:
        return self._attempt(lambda: self.host.recv(count))

    def transmit(self, data: memoryview) -> int | None:
        return self._attempt(lambda: self.host.send(data))

    def _attempt(self, action: Callable[[], Any]) -> Any:
        with raising(self.error):
            try:
                return action()
            except BlockingIOError:
                return None

    def flush(self) -> None:
        """fsync(2), which no socket knows: OSError(EINVAL)."""
        with raising(self.error):
            os.fsync(self.host.fileno())

    def seek(self, offset: object, whence: object = 0) -> int:
        """lseek(2), which no socket knows: OSError(ESPIPE)."""
        with raising(self.error):
            return os.lseek(self.host.fileno(), integer(offset), integer(whence))


class FileIO(metaclass=Sealed):
    """A binary file on a socket: closing it, or collecting it as garbage, closes the socket."""

    __slots__ = ("__abandon", "__descriptor")

    def __init__(self, descriptor: SocketFile, abandon: Callable[[host_socket.socket], None]) -> None:
        self.__descriptor: SocketFile | None = descriptor
        self.__abandon = abandon

    def _stream(self) -> SocketFile:
        if self.__descriptor is None:
            raise ValueError("I/O operation on closed file")
        return self.__descriptor

    def read(self, count: object = -1, /) -> Any:
        """As the socket's read()."""
        return self._stream().read(count)

    def readline(self, limit: object = -1, /) -> Any:
        """As the socket's readline()."""
        return self._stream().readline(limit)

    def readlines(self) -> list[Any]:
        """The lines until the end, or until there is nothing to read yet."""
        return list(self)

    def readinto(self, target: object, *count: object) -> int | None:
        """As the socket's readinto()."""
        return self._stream().readinto(target, *count)

    def write(self, data: object, *bounds: object) -> int | None:
        """As the socket's write()."""
        return self._stream().write(data, *bounds)

    def flush(self) -> None:
        """OSError(EINVAL): a socket cannot be synchronised."""
        self._stream().flush()

    def seek(self, offset: object, whence: object = 0, /) -> int:
        """OSError(ESPIPE): a socket has no position."""
        return self._stream().seek(offset, whence)

    def tell(self) -> int:
        """OSError(ESPIPE): a socket has no position."""
        return self._stream().seek(0, os.SEEK_CUR)

    def fileno(self) -> int:
        """The socket's descriptor."""
        return self._stream().number

    def close(self) -> None:
        """Close the socket, once."""
        if self.__descriptor is not None:
            self.__descriptor.host.close()
            self.__descriptor = None

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        number = -1 if self.__descriptor is None else self.__descriptor.number
        return f"<io.{type(self).__name__} {number}>"

    def __del__(self) -> None:
        if self.__descriptor is not None:
            self.__abandon(self.__descriptor.host)


class TextIOWrapper(FileIO):
    """The same, reading str."""

    __slots__ = ()

    def read(self, count: object = -1, /) -> Any:
        """So many characters, or all until the end."""
        return Characters(self._stream()).read(count)

    def readline(self, limit: object = -1, /) -> Any:
        """A line as str."""
        return Characters(self._stream()).readline(limit)

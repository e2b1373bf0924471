"""The streams of asyncio over the shim's own sockets, clear or with TLS."""

from __future__ import annotations

import asyncio as host
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeAlias

from usock_lint.ports import Release
from usock_lint.shim.core.base import Port, Source
from usock_lint.shim.world.tls import TlsStream

if TYPE_CHECKING:
    from usock_lint.shim.world.world import World

TLS_SINCE: Release = (1, 22, 0)
"""extmod/asyncio/stream.py:99@v1.22.0."""


async def ready(number: int, add: Callable[..., object], remove: Callable[[int], object]) -> None:
    """Wait until the descriptor can be read, or written, whichever the two methods of the loop are for."""
    future = host.get_running_loop().create_future()

    def tell() -> None:
        if not future.done():
            future.set_result(None)

    try:
        add(number, tell)
    except (OSError, ValueError):
        return  # it was closed, as the call that comes next will say
    try:
        await future
    finally:
        remove(number)


async def readable(source: Source) -> None:
    """Wait until there is something to read or to accept."""
    loop = host.get_running_loop()
    await ready(source.descriptor, loop.add_reader, loop.remove_reader)


async def writable(source: Source) -> None:
    """Wait until something can be written, or connecting has ended one way or the other."""
    loop = host.get_running_loop()
    await ready(source.descriptor, loop.add_writer, loop.remove_writer)


class Stream:
    """Both directions of a connection in one object, which is handed out as reader and as writer."""

    def __init__(self, port: Port, socket: Any, peer: object = None) -> None:
        self.s = socket
        self.__source = port.source(socket)
        self.__tls: TlsStream | None = getattr(socket, "tls_stream", None)
        self.__shaken = self.__tls is None
        self.e = {"peername": peer}
        self.out_buf = b""

    def get_extra_info(self, name: str) -> object:
        """peername, the address that accept() gave."""
        return self.e[name]

    async def __readable(self) -> None:
        await self.__shake_hands()
        if self.__tls and self.__tls.pending():
            await host.sleep(0)
        else:
            await readable(self.__source)

    async def __shake_hands(self) -> None:
        # As on the device, a handshake that fails does so at the first read or drain().
        while not self.__shaken:
            self.__shaken = bool(self.__tls and self.__tls.step(self.__tls.shake))
            if not self.__shaken:
                await readable(self.__source)

    async def read(self, count: int = -1) -> bytes:
        """What arrives next, at most `count` bytes; all until the end without a count."""
        data = b""
        while True:
            await self.__readable()
            piece = self.s.read(count)
            if piece is not None:
                if count >= 0:
                    return piece
                if not piece:
                    return data
                data += piece

    async def readinto(self, target: bytearray) -> int | None:
        """What arrives next, as much as fits; the number of bytes."""
        await self.__readable()
        return self.s.readinto(target)

    async def readexactly(self, count: int) -> bytes:
        """`count` bytes; EOFError when the stream ends before."""
        data = b""
        while len(data) < count:
            await self.__readable()
            piece = self.s.read(count - len(data))
            if piece == b"":
                raise EOFError
            data += piece or b""
        return data

    async def readline(self) -> bytes:
        """A line with its end, or what there was when the stream ended."""
        line = b""
        while not line.endswith(b"\n"):
            await self.__readable()
            piece = self.s.readline()
            if piece == b"":
                break
            line += piece or b""
        return line

    def write(self, data: Any) -> None:
        """Keep bytes, or a str, for drain()."""
        self.out_buf += data.encode() if isinstance(data, str) else bytes(data)

    async def drain(self) -> None:
        """Send what was written."""
        await self.__shake_hands()
        data, self.out_buf = memoryview(self.out_buf), b""
        while data:
            await writable(self.__source)
            data = data[self.s.write(data) or 0 :]
        while self.__tls and not self.__tls.flush():
            await writable(self.__source)

    def close(self) -> None:
        """Nothing: wait_closed() closes."""

    async def wait_closed(self) -> None:
        """Close the socket."""
        self.s.close()

    async def awrite(self, data: Any, offset: int = 0, size: int = -1) -> None:
        """write() and drain() in one, as old programs have it: extmod/asyncio/stream.py:210@v1.28.0."""
        self.write(data[offset:] if size == -1 else data[offset : offset + size])
        await self.drain()

    async def aclose(self) -> None:
        """wait_closed() by its old name."""
        await self.wait_closed()

    async def __aenter__(self) -> Stream:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.wait_closed()


Serve: TypeAlias = Callable[[Stream, Stream], Coroutine[Any, Any, Any]]


class Server:
    """A listening socket and the task that accepts on it."""

    def __init__(self, port: Port, socket: Any, serve: Serve, context: Any) -> None:
        self.__port = port
        self.__context = context
        self.__closing = False
        self.__task = host.get_running_loop().create_task(self.__accept(socket, serve))
        # Also when it is cancelled before it has begun.
        self.__task.add_done_callback(lambda _: socket.close())

    async def __accept(self, socket: Any, serve: Serve) -> None:
        loop = host.get_running_loop()
        tasks: set[host.Task[Any]] = set()
        while True:
            await readable(self.__port.source(socket))
            connection, peer = socket.accept()
            if self.__context:
                connection = self.__context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
            connection.setblocking(False)
            stream = Stream(self.__port, connection, peer)
            task = loop.create_task(serve(stream, stream))
            tasks.add(task)
            # What is referred to no more is reported if it failed.
            task.add_done_callback(tasks.discard)

    def close(self) -> None:
        """Stop accepting."""
        self.__closing = True
        self.__task.cancel()

    async def wait_closed(self) -> None:
        """Wait until close() has taken effect; to cancel that wait stops accepting, too."""
        try:
            await self.__task
        except host.CancelledError:
            if not self.__closing:
                raise

    async def __aenter__(self) -> Server:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()
        await self.wait_closed()


def streams(world: World) -> dict[str, Any]:
    """open_connection and start_server over a port's socket module."""
    port = world.port
    net: Any = port.module

    async def open_connection(
        name: str, number: int, ssl: Any = None, server_hostname: str | None = None
    ) -> tuple[Stream, Stream]:
        *fields, _, address = net.getaddrinfo(name, number, 0, net.SOCK_STREAM)[0]
        socket = net.socket(*fields)
        socket.setblocking(False)
        try:
            socket.connect(address)
        except OSError as error:
            if error.args[0] != port.number("EINPROGRESS"):
                raise
        # Whether the connection was refused shows at the first read or write, as on the device.
        await writable(port.source(socket))
        if ssl:
            tls: Any = world.load("ssl")
            context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT) if ssl is True else ssl
            socket = context.wrap_socket(socket, server_hostname=server_hostname or name, do_handshake_on_connect=False)
        stream = Stream(port, socket)
        return stream, stream

    async def start_server(serve: Serve, name: str, number: int, backlog: int = 5, ssl: Any = None) -> Server:
        socket = net.socket()
        socket.setblocking(False)
        socket.setsockopt(net.SOL_SOCKET, net.SO_REUSEADDR, 1)
        socket.bind(net.getaddrinfo(name, number)[0][-1])
        socket.listen(backlog)
        return Server(port, socket, serve, ssl)

    if port.release >= TLS_SINCE:
        return {"open_connection": open_connection, "start_server": start_server}

    async def open_clear(name: str, number: int) -> tuple[Stream, Stream]:
        return await open_connection(name, number)

    async def start_clear(serve: Serve, name: str, number: int, backlog: int = 5) -> Server:
        return await start_server(serve, name, number, backlog)

    return {"open_connection": open_clear, "start_server": start_clear}

"""asyncio as MicroPython has it: the host's tasks and timers, and streams over the shim's own sockets."""

from __future__ import annotations

import asyncio as host
import sys
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from usock_lint.shim._base import Port, Source
from usock_lint.shim._sealed import Module
from usock_lint.shim._trace import print_exception

if TYPE_CHECKING:
    from usock_lint.shim._world import World

SHARED = "CancelledError Event Lock Task TimeoutError current_task gather sleep wait_for"


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

    def __init__(self, socket: Any, source: Source, peer: object = None) -> None:
        self.s = socket
        self.__source = source
        self.e = {"peername": peer}
        self.out_buf = b""

    def get_extra_info(self, name: str) -> object:
        """peername, the address that accept() gave."""
        return self.e[name]

    async def read(self, count: int = -1) -> bytes:
        """What arrives next, at most `count` bytes; all until the end without a count."""
        data = b""
        while True:
            await readable(self.__source)
            piece = self.s.read(count)
            if piece is not None:
                if count >= 0:
                    return piece
                if not piece:
                    return data
                data += piece

    async def readinto(self, target: bytearray) -> int | None:
        """What arrives next, as much as fits; the number of bytes."""
        await readable(self.__source)
        return self.s.readinto(target)

    async def readexactly(self, count: int) -> bytes:
        """`count` bytes; EOFError when the stream ends before."""
        data = b""
        while len(data) < count:
            await readable(self.__source)
            piece = self.s.read(count - len(data))
            if piece == b"":
                raise EOFError
            data += piece or b""
        return data

    async def readline(self) -> bytes:
        """A line with its end, or what there was when the stream ended."""
        line = b""
        while not line.endswith(b"\n"):
            await readable(self.__source)
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
        data, self.out_buf = memoryview(self.out_buf), b""
        while data:
            await writable(self.__source)
            data = data[self.s.write(data) or 0 :]

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

    def __init__(self, port: Port, socket: Any, serve: Serve) -> None:
        self.__port = port
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
            connection.setblocking(False)
            stream = Stream(connection, self.__port.source(connection), peer)
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


class Loop:
    """The one event loop of a script."""

    def __init__(self, world: World) -> None:
        self.__loop = host.new_event_loop()
        self.__loop.set_exception_handler(lambda _, context: report(context, world))

    def create_task(self, coroutine: Coroutine[Any, Any, Any]) -> host.Task[Any]:
        """Schedule a coroutine, also before the loop runs."""
        return self.__loop.create_task(coroutine)

    def run_until_complete(self, coroutine: Awaitable[Any]) -> Any:
        """Run until this one is done; its result."""
        return self.__loop.run_until_complete(coroutine)

    def run_forever(self) -> None:
        """Run until stop()."""
        self.__loop.run_forever()

    def stop(self) -> None:
        """End run_forever()."""
        self.__loop.stop()

    def close(self) -> None:
        """Nothing, as on MicroPython; the script's end cancels what is left."""

    def shut(self) -> None:
        """Cancel what is left and close."""
        self.__loop.run_until_complete(cancel_others())
        self.__loop.close()


def report(context: Mapping[str, Any], world: World) -> None:
    """Print the exception that ended a task nobody waits for: extmod/asyncio/core.py:238@v1.28.0."""
    if error := context.get("exception"):
        print("Task exception wasn't retrieved", file=sys.stderr)
        print("future:", context.get("future"), file=sys.stderr)
        print_exception(error, sys.stderr, world.builtins)


async def cancel_others() -> None:
    """Cancel every other task and wait for it."""
    tasks = host.all_tasks() - {host.current_task()}
    for task in tasks:
        task.cancel()
    await host.gather(*tasks, return_exceptions=True)


def streams(port: Port) -> dict[str, Any]:
    """open_connection and start_server over a port's socket module."""
    net: Any = port.module

    async def open_connection(name: str, number: int) -> tuple[Stream, Stream]:
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
        stream = Stream(socket, port.source(socket))
        return stream, stream

    async def start_server(serve: Serve, name: str, number: int, backlog: int = 5) -> Server:
        socket = net.socket()
        socket.setblocking(False)
        socket.setsockopt(net.SOL_SOCKET, net.SO_REUSEADDR, 1)
        socket.bind(net.getaddrinfo(name, number)[0][-1])
        socket.listen(backlog)
        return Server(port, socket, serve)

    return {"open_connection": open_connection, "start_server": start_server}


def asyncio(world: World) -> Module:
    """The module; its loop ends with the world."""
    loop = Loop(world)
    world.closers.append(loop.shut)

    def sleep_ms(duration: int) -> Awaitable[None]:
        return host.sleep(max(duration, 0) / 1000)

    def wait_for_ms(task: Awaitable[Any], timeout: int) -> Awaitable[Any]:
        return host.wait_for(task, timeout / 1000)

    return Module(
        {
            "__name__": "asyncio",
            **{name: getattr(host, name) for name in SHARED.split()},
            **streams(world.port),
            "StreamReader": Stream,
            "StreamWriter": Stream,
            "create_task": loop.create_task,
            "get_event_loop": lambda: loop,
            "new_event_loop": lambda: loop,
            "run": loop.run_until_complete,
            "sleep_ms": sleep_ms,
            "wait_for_ms": wait_for_ms,
        }
    )

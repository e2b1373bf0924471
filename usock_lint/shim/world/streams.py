"""The streams of asyncio over the port's sockets, with TLS or without: extmod/asyncio/stream.py@v1.28.0."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

from usock_lint.ports import Release
from usock_lint.shim.world.frozen import frozen
from usock_lint.shim.world.operators import plus
from usock_lint.shim.world.scheduler import CancelledError, Scheduler, Task, pause
from usock_lint.shim.world.traceback import print_exception

TLS_SINCE: Release = (1, 22, 0)
"""From then on open_connection() and start_server() take `ssl`: extmod/asyncio/stream.py:99@v1.22.0."""

WRITES_AT_ONCE_SINCE: Release = (1, 20, 0)
"""From then on write() sends at once, and read() needs no size: extmod/uasyncio/stream.py:70@v1.20.0."""

FAMILY_SINCE: Release = (1, 27, 0)
"""From then on start_server() listens on the family of its address: extmod/asyncio/stream.py:184@v1.27.0."""

CONTEXT_UNTIL: Release = (1, 22, 0)
"""Until then a stream could be entered with `async with`, but not left: extmod/asyncio/stream.py:15@v1.21.0."""


STREAM = "asyncio/stream.py"


def stream_class(scheduler: Scheduler) -> type:
    """asyncio.StreamReader and asyncio.StreamWriter, which are one class."""
    release = scheduler.world.port.release

    async def readable(stream: Any) -> None:
        scheduler.io.queue_read(stream)
        await pause()

    async def writable(stream: Any) -> None:
        scheduler.io.queue_write(stream)
        await pause()

    @frozen(STREAM)
    class Stream:
        """Both directions of a connection in one object, which is handed out as reader and as writer.

        What it puts together is bytes, although a stream below such as sys.stdin reads a str (see `plus`).
        """

        def __init__(self, s: Any, e: Any = {}) -> None:  # noqa: B006 (as on the device)
            self.s = s
            self.e = e
            self.out_buf = b""

        def get_extra_info(self, v: str) -> object:
            """peername, the address that accept() gave."""
            return self.e[v]

        def close(self) -> None:
            """Do nothing: wait_closed() closes the socket."""

        async def wait_closed(self) -> None:
            """Close the socket."""
            self.s.close()

        async def read(self, n: int = -1) -> Any:
            """The next bytes, at most `n`; all until the end without a size."""
            data = b""
            while True:
                await readable(self.s)
                piece = self.s.read(n)
                if piece is not None:
                    if n >= 0:
                        return piece
                    if not len(piece):
                        return data
                    data = plus(data, piece)

        async def readinto(self, buf: Any) -> Any:
            """Read the next bytes into a buffer, as many as fit; return their number."""
            await readable(self.s)
            return self.s.readinto(buf)

        async def readexactly(self, n: int) -> bytes:
            """`n` bytes; EOFError when the stream ends before."""
            data = b""
            while n:
                await readable(self.s)
                piece = self.s.read(n)
                if piece is not None:
                    if not len(piece):
                        raise EOFError
                    data = plus(data, piece)
                    n -= len(piece)
            return data

        async def readline(self) -> Any:
            """A line with its end, or what there was when the stream ended."""
            line = b""
            while True:
                await readable(self.s)
                piece = self.s.readline()
                if piece is None:
                    continue
                line = plus(line, piece)
                if not piece or line.endswith(b"\n"):
                    return line

        def write(self, buf: Any) -> None:
            """Send what can be sent at once and keep the rest for drain()."""
            if not self.out_buf and release >= WRITES_AT_ONCE_SINCE:
                count = self.s.write(buf)
                if count == len(buf):
                    return
                if count is not None:
                    buf = buf[count:]
            self.out_buf += buf.encode() if isinstance(buf, str) else bytes(memoryview(buf))

        async def drain(self) -> None:
            """Send what was written."""
            if not self.out_buf and release >= WRITES_AT_ONCE_SINCE:
                scheduler.queue.push(scheduler.running())
                return await pause()
            data = memoryview(self.out_buf)
            while data:
                await writable(self.s)
                count = self.s.write(data)
                if count is not None:
                    data = data[count:]
            self.out_buf = b""
            return None

        async def awrite(self, buf: Any, off: int = 0, sz: int = -1) -> None:
            """write() and drain(), for old programs: extmod/asyncio/stream.py:210@v1.28.0."""
            if off != 0 or sz != -1:
                buf = memoryview(buf)
                buf = buf[off : off + (len(buf) if sz == -1 else sz)]
            self.write(buf)
            await self.drain()

        awritestr = awrite
        aclose = wait_closed

    if release < CONTEXT_UNTIL:
        add_context(Stream)
    if release < WRITES_AT_ONCE_SINCE:
        require_size(Stream)
    return Stream


def add_context(stream: Any) -> None:
    """Let `async with` enter a stream. Leaving it is a TypeError: close() returns None, which cannot be awaited."""

    async def enter(self: Any) -> Any:
        return self

    async def leave(self: Any, *_: object) -> None:
        raise TypeError("'NoneType' object isn't iterable")

    stream.__aenter__, stream.__aexit__ = enter, leave


def require_size(stream: Any) -> None:
    """Make the size an argument that read() has to be given."""
    read = stream.read

    def read_sized(self: Any, n: int) -> Any:
        return read(self, n)

    stream.read = read_sized


Serve: TypeAlias = Callable[[Any, Any], Coroutine[Any, Any, Any]]


@frozen(STREAM)
class Server:
    """A listening socket and the task that accepts on it."""

    def __init__(self) -> None:
        self.state = False
        self.task: Task

    async def __aenter__(self) -> Server:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()
        await self.wait_closed()

    def close(self) -> None:
        """Stop accepting."""
        self.state = True
        self.task.cancel()

    async def wait_closed(self) -> None:
        """Wait until close() has taken effect; to cancel that wait stops accepting, too."""
        await self.task


@frozen(STREAM, serving="_serve")
async def serving(server: Server, scheduler: Scheduler, stream: Any, socket: Any, cb: Serve, context: Any) -> None:
    """Accept connections, each served by a task of its own, until the server is closed."""
    while True:
        scheduler.io.queue_read(socket)
        try:
            await pause()
        except CancelledError:
            socket.close()
            if server.state:
                return
            raise
        try:
            connection, peer = socket.accept()
        except Exception:  # the client has gone already
            continue
        serve_connection(scheduler, stream, connection, peer, cb, context)


def serve_connection(scheduler: Scheduler, stream: Any, connection: Any, peer: Any, cb: Serve, context: Any) -> None:
    """Serve a connection in a task of its own, with TLS if there is a context."""
    if context:
        try:
            connection = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        except OSError as error:
            print_exception(error, scheduler.world.load("sys").stdout, scheduler.world.builtins)
            connection.close()
            return
    connection.setblocking(False)
    both = stream(connection, {"peername": peer})
    scheduler.create_task(cb(both, both))


def streams(scheduler: Scheduler) -> dict[str, Any]:
    """The class, open_connection and start_server over the module socket."""
    own = scheduler.world.port
    stream: Any = stream_class(scheduler)

    @frozen(STREAM)
    async def open_connection(host: Any, port: Any, ssl: Any = None, server_hostname: Any = None) -> tuple[Any, Any]:
        net: Any = scheduler.world.load("socket")  # each time, as a script may have put another one into sys.modules
        entry = net.getaddrinfo(host, port, 0, net.SOCK_STREAM)[0]
        socket = net.socket(entry[0], entry[1], entry[2])
        socket.setblocking(False)
        try:
            socket.connect(entry[-1])
        except own.OSError as error:
            if error.args[0] != own.number("EINPROGRESS"):
                raise
        if ssl:
            tls: Any = scheduler.world.load("ssl")
            context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT) if ssl is True else ssl
            name = server_hostname or host
            socket = context.wrap_socket(socket, server_hostname=name, do_handshake_on_connect=False)
            socket.setblocking(False)
        both = stream(socket)
        scheduler.io.queue_write(socket)
        await pause()
        return both, both

    @frozen(STREAM)
    async def start_server(cb: Serve, host: Any, port: Any, backlog: int = 5, ssl: Any = None) -> Server:
        net: Any = scheduler.world.load("socket")
        entry = net.getaddrinfo(host, port)[0]
        socket = net.socket(entry[0]) if own.release >= FAMILY_SINCE else net.socket()
        socket.setblocking(False)
        socket.setsockopt(net.SOL_SOCKET, net.SO_REUSEADDR, 1)
        socket.bind(entry[-1])
        socket.listen(backlog)
        server = Server()
        server.task = scheduler.create_task(serving(server, scheduler, stream, socket, cb, ssl))
        try:
            scheduler.queue.push(scheduler.running())
            await pause()
        except CancelledError:
            server.task.cancel()
            raise
        return server

    @frozen(STREAM, open_clear="open_connection")
    async def open_clear(host: Any, port: Any) -> Any:
        return await open_connection(host, port)

    @frozen(STREAM, start_clear="start_server")
    async def start_clear(cb: Serve, host: Any, port: Any, backlog: int = 5) -> Server:
        return await start_server(cb, host, port, backlog)

    opened, started = (open_connection, start_server) if own.release >= TLS_SINCE else (open_clear, start_clear)
    return {"StreamReader": stream, "StreamWriter": stream, "open_connection": opened, "start_server": started}

"""websocket: frames of RFC 6455 over a stream (extmod/modwebsocket.c@v1.28.0)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from usock_lint.ports import Release
from usock_lint.shim.core.arguments import integer
from usock_lint.shim.core.sealed import Module, Sealed
from usock_lint.shim.core.streams import Stream
from usock_lint.shim.world.tls import core_of

if TYPE_CHECKING:
    from usock_lint.shim.world.world import World

OPCODE, CONTINUED, TEXT, CLOSES = 0x0F, 0x00, 0x01, 0x08
MASKED, FINAL = 0x80, 0x80
LENGTH_OF_TWO, LENGTH_OF_EIGHT = 126, 127
"""The lengths in a head that tell that the length follows, in two or eight bytes."""

LONGEST = 0x10000
"""The size in bytes that the payload of a written frame must not reach."""

REFUSES_LONG_SINCE: Release = (1, 27, 0)
"""From then on a frame that is too long is an error; before, its length is cut (extmod/modwebsocket.c:222@v1.27.0)."""

METHODS = ("read", "readinto", "readline", "write", "ioctl", "close")

STREAM_CLOSE, GET_DATA_OPTS, SET_DATA_OPTS = 4, 8, 9
"""Requests of ioctl() (py/stream.h:40@v1.28.0)."""


class Frames(Stream):
    """A connection: the frame that is being read, and the kind of the frames to write."""

    def __init__(self, world: World, socket: Any, blocking: bool) -> None:
        self.port = world.port
        self.socket = socket
        self.core: Any = core_of(world.port, socket)
        self.blocking = blocking
        self.kind = TEXT
        """The opcode of the frames to write."""
        self.flags = 0
        """The first byte of the last frame's head; the opcode of a continued frame is that of the first one."""
        self.begin()

    def begin(self) -> None:
        """Start with the head of the next frame."""
        self.head = bytearray()
        self.wanted = 2
        """The number of bytes of the head that are still to come, as far as is known."""
        self.left, self.at = 0, 0
        """The number of bytes of the payload that are still to come, and of those that were read."""
        self.mask = bytes(4)

    def receive(self, count: int) -> bytes | None:
        """At most `count` bytes of a frame's payload; b"" at the end of the stream, or after a frame that closes it."""
        while True:
            if self.wanted:
                found = self.more_of_head()
                if not found:
                    return None if found is None else b""
            data = self.core.receive(min(count, self.left)) if self.left else b""
            if self.left and not data:
                return data
            data = bytes(byte ^ self.mask[(self.at + index) & 3] for index, byte in enumerate(data))
            self.left, self.at = self.left - len(data), self.at + len(data)
            if not self.left:
                opcode = self.head[0] & OPCODE
                self.begin()
                if opcode == CLOSES:
                    self.send(bytes((FINAL | CLOSES, 0)))
                    return b""
                if opcode > CLOSES:
                    continue
            if data:
                return data

    def more_of_head(self) -> bool | None:
        """Read the rest of the head. True if it is complete, False at the end of the stream, else None."""
        while self.wanted:
            data = self.core.receive(self.wanted)
            if not data:
                return None if data is None else False
            self.head += data
            self.wanted -= len(data)
            if self.wanted:
                return None
            if len(self.head) == 2:
                self.wanted = self.rest_of_head()
        size = self.head[1] & ~MASKED
        self.left = int.from_bytes(self.head[2:4], "big") if size == LENGTH_OF_TWO else size
        self.mask = bytes(self.head[-4:]) if self.head[1] & MASKED else bytes(4)
        return True

    def rest_of_head(self) -> int:
        """The number of bytes of the head behind the first two."""
        kept = OPCODE if self.head[0] & OPCODE == CONTINUED else 0  # the opcode of the frame before
        self.flags = self.flags & kept | self.head[0] & ~kept
        size = self.head[1] & ~MASKED
        if size == LENGTH_OF_EIGHT:
            if self.port.release >= REFUSES_LONG_SINCE:
                self.core.close()
                raise self.port.error("EIO")
            # The eight bytes are taken for payload: the assertion against them is not compiled
            # (extmod/modwebsocket.c:124@v1.26.1).
            return 4 * bool(self.head[1] & MASKED)
        return 2 * (size == LENGTH_OF_TWO) + 4 * bool(self.head[1] & MASKED)

    def write(self, data: object, *bounds: object) -> int | None:
        """Send a frame; no data sends none."""
        payload = Payload()
        count = payload.write(data, *bounds)
        size = len(payload.data)
        if not size:
            return 0
        if size >= LONGEST and self.port.release >= REFUSES_LONG_SINCE:
            raise self.port.error("ENOBUFS")
        length = bytes((size,)) if size < LENGTH_OF_TWO else bytes((LENGTH_OF_TWO, size >> 8 & 0xFF, size & 0xFF))
        self.send(bytes((FINAL | self.kind,)) + length + payload.data)
        return count

    def send(self, data: bytes) -> None:
        """Write all of it to the stream below."""
        if self.blocking:
            self.core.setblocking(True)
        rest = memoryview(data)
        while rest:
            count = self.core.transmit(rest)
            if count is None:
                raise self.port.error("EAGAIN")
            rest = rest[count:]
        if self.blocking:
            self.core.setblocking(False)

    def ioctl(self, request: object, argument: object = 0) -> int:
        """Close it, return the opcode of the last frame, or set that of the frames to write and return the old one."""
        number = integer(request)
        if number == STREAM_CLOSE:
            self.close()
            return 0
        if number == GET_DATA_OPTS:
            return self.flags & OPCODE
        if number == SET_DATA_OPTS:
            before, self.kind = self.kind, integer(argument) & OPCODE
            return before
        raise self.port.error("EINVAL")

    def close(self) -> None:
        """Close the stream below."""
        self.core.close()


class Payload(Stream):
    """A stream that keeps what the arguments of write() select."""

    data = b""

    def transmit(self, data: memoryview) -> int:
        self.data = bytes(data)
        return len(data)


def websocket(world: World) -> Module:
    """The module."""

    def start(instance: Any, sock: Any, blocking: object = False, /) -> None:
        frames = Frames(world, sock, blocking is True)
        object.__setattr__(instance, "_frames", frames)

    def method(name: str) -> Any:
        def call(instance: Any, *arguments: Any) -> Any:
            return getattr(object.__getattribute__(instance, "_frames"), name)(*arguments)

        return call

    methods = {name: method(name) for name in METHODS}
    kind = Sealed("websocket", (), {"__slots__": ("_frames",), "__init__": start, **methods})
    return Module({"__name__": "websocket", "websocket": kind})

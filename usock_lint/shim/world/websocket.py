"""websocket: frames over a stream (extmod/modwebsocket.c@v1.28.0), of text unless another kind is set."""

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
LONGEST = 0x10000

REFUSES_LONG_SINCE: Release = (1, 27, 0)
"""From then on a frame that is too long is an error; before, its length is cut (extmod/modwebsocket.c:222@v1.27.0)."""

METHODS = ("read", "readinto", "readline", "write", "ioctl", "close")


class Frames(Stream):
    """The state of a connection."""

    def __init__(self, world: World, socket: Any, blocking: bool) -> None:
        self.port = world.port
        self.socket = socket
        self.core: Any = core_of(world.port, socket)
        self.blocking = blocking
        self.kind = TEXT
        self.flags = 0
        self.begin()

    def begin(self) -> None:
        """Wait for the head of a frame."""
        self.head, self.wanted, self.left, self.mask, self.at = bytearray(), 2, 0, bytes(4), 0

    def receive(self, count: int) -> bytes | None:
        """Payload, of one frame; b"" at the end, also that which the peer announces."""
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
        """Read the head to its end; False at the end of the stream, None if it has to be waited for."""
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
        """How many bytes of the head follow the first two."""
        kept = OPCODE if self.head[0] & OPCODE == CONTINUED else 0  # the kind of the frame before
        self.flags = self.flags & kept | self.head[0] & ~kept
        size = self.head[1] & ~MASKED
        if size == LENGTH_OF_EIGHT:
            if self.port.release >= REFUSES_LONG_SINCE:
                self.core.close()
                raise self.port.error("EIO")
            return 4 * bool(self.head[1] & MASKED)
        return 2 * (size == LENGTH_OF_TWO) + 4 * bool(self.head[1] & MASKED)

    def write(self, data: object, *bounds: object) -> int | None:
        """A frame, none for no data."""
        whole = Written()
        count = whole.write(data, *bounds)
        size = len(whole.data)
        if not size:
            return 0
        if size >= LONGEST and self.port.release >= REFUSES_LONG_SINCE:
            raise self.port.error("ENOBUFS")
        length = bytes((size,)) if size < LENGTH_OF_TWO else bytes((LENGTH_OF_TWO, size >> 8 & 0xFF, size & 0xFF))
        self.send(bytes((FINAL | self.kind,)) + length + whole.data)
        return count

    def send(self, data: bytes) -> None:
        """Write all of it."""
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
        """The kind of the last frame, or the kind of those to be written; requests of py/stream.h:40@v1.28.0."""
        match integer(request):
            case 4:
                self.close()
                return 0
            case 8:
                return self.flags & OPCODE
            case 9:
                before, self.kind = self.kind, integer(argument) & OPCODE
                return before
            case _:
                raise self.port.error("EINVAL")

    def close(self) -> None:
        """Close the stream below."""
        self.core.close()


class Written(Stream):
    """What a write() is to write, of its arguments."""

    data = b""

    def transmit(self, data: memoryview) -> int:
        self.data = bytes(data)
        return len(data)


def websocket(world: World) -> Module:
    """The module."""

    def start(instance: Any, sock: Any, blocking: object = False, /) -> None:
        frames = Frames(world, sock, blocking is True)
        object.__setattr__(instance, "_frames", frames)

    def act(name: str) -> Any:
        def call(instance: Any, *arguments: Any) -> Any:
            return getattr(object.__getattribute__(instance, "_frames"), name)(*arguments)

        return call

    methods = {name: act(name) for name in METHODS}
    kind = Sealed("websocket", (), {"__slots__": ("_frames",), "__init__": start, **methods})
    return Module({"__name__": "websocket", "websocket": kind})

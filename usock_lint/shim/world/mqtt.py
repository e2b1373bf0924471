"""The modules umqtt.simple and umqtt.robust of boards: MQTT 3.1.1 over the port's sockets.

Clients send the same bytes as MicroPython's, in the same calls of write(), and raise the same errors (umqtt/simple.py
of micropython-lib, versions 1.3.4 to 1.8.0).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import FunctionType
from typing import TYPE_CHECKING, Any

from usock_lint.ports import Cell, Release
from usock_lint.ports import world as table
from usock_lint.shim.core.sealed import OpenModule

if TYPE_CHECKING:
    from usock_lint.shim.world.world import World

SIMPLE, ROBUST = "umqtt.simple", "umqtt.robust"

FIRST_DESCRIBED: Release = (1, 12, 0)
"""The first release whose members of the modules the table has."""

RETURNS_MESSAGES_SINCE: Release = (1, 20, 0)
"""The release since which wait_msg() returns the kind of the packet for a message, too."""

EMPTY_USER_IS_NONE_SINCE: Release = (1, 23, 0)
"""The release since which an empty user name counts as none."""

CONTEXTS_SINCE: Release = (1, 23, 0)
"""The release since which the argument `ssl` may be an SSLContext."""

MENDED_SINCE: Release = (1, 29, 0)
"""The release since which connect() closes an older socket, and a subscription may be longer than 127 bytes."""

CONNECT, CONNACK, PUBLISH, PUBACK = 0x10, 0x20, 0x30, 0x40
SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT = 0x82, 0x90, 0xA2, 0xB0, 0xC0, 0xD0, 0xE0

PROTOCOL = b"\x00\x04MQTT\x04"
LONGEST = 2097152
"""The size in bytes that a message must not reach."""

REFUSED = 0x80
"""The code in SUBACK for a subscription that the broker refuses."""

CLOSED = -1
"""The number of the OSError for a connection that the broker closed."""


class MQTTClient:
    """A client as a program sees it."""

    __world: World
    __error: type[Exception]
    ssl_params: Any

    def __init__(
        self,
        client_id: Any,
        server: Any,
        port: Any = 0,
        user: Any = None,
        password: Any = None,
        keepalive: Any = 0,
        ssl: Any = None,
        ssl_params: Any = None,
    ) -> None:
        self.client_id = client_id
        self.sock: Any = None
        self.server = server
        self.port = port or (8883 if ssl else 1883)
        self.ssl = ssl
        self.pid = 0
        self.cb: Callable[[Any, Any], object] | None = None
        self.user = user
        self.pswd = password
        self.keepalive = keepalive
        self.lw_topic = self.lw_msg = None
        self.lw_qos: Any = 0
        self.lw_retain: Any = False
        if table.class_member(described_at(self.__world.port.cell), SIMPLE, "MQTTClient", "ssl_params"):
            self.ssl_params = {} if ssl_params is None else ssl_params

    def _send_str(self, text: Any) -> None:
        """Send a text behind its length in two bytes."""
        self.sock.write((len(text) & 0xFFFF).to_bytes(2, "big"))
        self.sock.write(text)

    def _recv_len(self) -> int:
        """Read the size of a packet, see `encoded_length`."""
        number = shift = 0
        while (byte := self.sock.read(1)[0]) & 0x80:
            number |= (byte & 0x7F) << shift
            shift += 7
        return number | byte << shift

    def set_callback(self, function: Any, /) -> None:
        """Have a function called with each message."""
        self.cb = function

    def set_last_will(self, topic: Any, msg: Any, retain: Any = False, qos: Any = 0) -> None:
        """Set the message that the broker publishes when the connection breaks."""
        require(0 <= qos <= 2)
        require(topic)
        self.lw_topic, self.lw_msg, self.lw_qos, self.lw_retain = topic, msg, qos, retain

    def connect(self, clean_session: Any = True, timeout: Any = None) -> int:
        """Connect; 1 if the broker still has the session."""
        self.__open(timeout)
        flags, fields = int(clean_session) << 1, [self.client_id]
        if self.lw_topic:
            flags |= 0x04 | self.lw_qos << 3 | int(self.lw_retain) << 5
            fields += [self.lw_topic, self.lw_msg]
        if self.user if self.__world.port.release >= EMPTY_USER_IS_NONE_SINCE else self.user is not None:
            flags |= 0xC0
            fields += [self.user, self.pswd]
        require(self.keepalive < 65536)
        head = PROTOCOL + bytes([flags]) + self.keepalive.to_bytes(2, "big")
        self.sock.write(bytes([CONNECT]) + encoded_length(len(head) + sum(2 + len(field) for field in fields)))
        self.sock.write(head)
        for field in fields:
            self._send_str(field)
        answer = self.sock.read(4)
        require(answer[0] == CONNACK and answer[1] == 2)
        if answer[3]:
            raise self.__error(answer[3])
        return answer[2] & 1

    def __open(self, timeout: Any) -> None:
        """Connect a socket to the broker, with TLS if `ssl` is set."""
        socket = self.__world.load("socket")
        release = self.__world.port.release
        if self.sock and release >= MENDED_SINCE:
            self.sock.close()
        self.sock = socket.socket()
        if timeout is not None:
            self.sock.settimeout(timeout)
        self.sock.connect(socket.getaddrinfo(self.server, self.port)[0][-1])
        if not self.ssl:
            return
        if hasattr(self, "ssl_params") and (self.ssl is True or release < CONTEXTS_SINCE):
            self.sock = self.__world.load("ssl").wrap_socket(self.sock, **self.ssl_params)
        else:
            self.sock = self.ssl.wrap_socket(self.sock, server_hostname=self.server)

    def disconnect(self) -> None:
        """Send DISCONNECT, and close the connection."""
        self.sock.write(bytes([DISCONNECT, 0]))
        self.sock.close()

    def ping(self) -> None:
        """Send PINGREQ."""
        self.sock.write(bytes([PINGREQ, 0]))

    def publish(self, topic: Any, msg: Any, retain: Any = False, qos: Any = 0) -> None:
        """Send a message; with QoS 1 wait until the broker has it."""
        size = 2 + len(topic) + len(msg) + (2 if qos > 0 else 0)
        require(size < LONGEST)
        self.sock.write(bytes([PUBLISH | qos << 1 | int(retain)]) + encoded_length(size))
        self._send_str(topic)
        if qos > 0:
            self.__send_number()
        number = self.pid
        self.sock.write(msg)
        while qos == 1:
            if self.wait_msg() == PUBACK:
                require(self.sock.read(1) == b"\x02")
                if two_bytes(self.sock.read(2)) == number:
                    return
        require(qos != 2)

    def __send_number(self) -> None:
        """Send a new packet number, which is `pid` afterwards."""
        self.pid += 1
        self.sock.write((self.pid & 0xFFFF).to_bytes(2, "big"))

    def subscribe(self, topic: Any, qos: Any = 0) -> None:
        """Subscribe to a topic."""
        if self.cb is None:
            raise AssertionError("Subscribe callback is not set")
        self.__request(SUBSCRIBE, topic, bytes([qos]))
        if self.__acknowledged(SUBACK, 4)[3] == REFUSED:
            raise self.__error(REFUSED)

    def unsubscribe(self, topic: Any) -> None:
        """Unsubscribe from a topic."""
        self.__request(UNSUBSCRIBE, topic, b"")
        self.__acknowledged(UNSUBACK, 3)

    def __request(self, kind: int, topic: Any, options: bytes) -> None:
        """Send SUBSCRIBE or UNSUBSCRIBE."""
        size = 4 + len(topic) + len(options)
        mended = self.__world.port.release >= MENDED_SINCE
        self.sock.write(bytes([kind]) + (encoded_length(size) if mended else bytes([size & 0xFF])))
        self.__send_number()
        self._send_str(topic)
        if options:
            self.sock.write(options)

    def __acknowledged(self, kind: int, size: int) -> bytes:
        """Wait for the packet that acknowledges the last request; its `size` bytes behind the first one."""
        number = self.pid
        while self.wait_msg() != kind:
            pass
        answer: bytes = self.sock.read(size)
        require(two_bytes(answer[1:3]) == number)
        return answer

    def wait_msg(self) -> int | None:
        """Wait for a packet. A message is passed to the callback; of other packets the kind is returned.

        None for PINGRESP, if nothing has come, and for a message before RETURNS_MESSAGES_SINCE.
        """
        first = self.sock.read(1)
        self.sock.setblocking(True)
        if first is None:
            return None
        if not first:
            raise self.__world.port.OSError(CLOSED)
        kind: int = first[0]
        if kind == PINGRESP:
            require(self.sock.read(1)[0] == 0)
            return None
        if kind & 0xF0 != PUBLISH:
            return kind
        self.__deliver(kind, self._recv_len())
        return kind if self.__world.port.release >= RETURNS_MESSAGES_SINCE else None

    def __deliver(self, kind: int, size: int) -> None:
        """Read a message of `size` bytes, pass it to the callback, and acknowledge it with QoS 1."""
        topic = self.sock.read(two_bytes(self.sock.read(2)))
        size -= 2 + len(topic)
        number = b""
        if kind & 6:
            number = self.sock.read(2)
            size -= 2
        callback: Any = self.cb
        callback(topic, self.sock.read(size))
        if kind & 6 == 2:
            self.sock.write(bytes([PUBACK, 2]) + number)
        require(kind & 6 != 4)

    def check_msg(self) -> int | None:
        """`wait_msg` without waiting: None if no packet has come."""
        self.sock.setblocking(False)
        return self.wait_msg()


def without_timeout(self: MQTTClient, clean_session: Any = True) -> int:
    """connect() of older releases, which takes no timeout."""
    return MQTTClient.connect(self, clean_session)


without_timeout.__qualname__ = MQTTClient.connect.__qualname__


def encoded_length(number: int) -> bytes:
    """The size of a packet as MQTT encodes it, with seven bits in a byte."""
    data = bytearray()
    while number > 0x7F:
        data.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*data, number])


def two_bytes(data: bytes) -> int:
    """The number in two bytes; IndexError if the connection has ended before the second."""
    return data[0] << 8 | data[1]


def require(condition: Any) -> None:
    """AssertionError unless the condition is true."""
    if not condition:
        raise AssertionError


def robust_client(client: type[MQTTClient], world: World) -> type[MQTTClient]:
    """The client of umqtt.robust, which connects again when a connection breaks."""
    error = world.port.OSError

    def with_reconnects(self: Any, act: Callable[[], Any]) -> Any:
        while True:
            try:
                return act()
            except error as failure:
                self.log(False, failure)
            self.reconnect()

    class Robust(client):  # type: ignore[misc, valid-type]
        DELAY = 2
        DEBUG = False

        def delay(self, i: Any) -> None:
            """Wait before the next attempt."""
            world.load("time").sleep(self.DELAY)

        def log(self, in_reconnect: Any, e: Any) -> None:
            """Print an error, with DEBUG."""
            if self.DEBUG:
                world.print(f"mqtt{' reconnect' if in_reconnect else ''}: {world.printer.repr(e)}")

        def reconnect(self) -> Any:
            """Try to connect until it succeeds."""
            tries = 0
            while True:
                try:
                    return self.connect(False)
                except error as failure:
                    self.log(True, failure)
                    tries += 1
                    self.delay(tries)

        def publish(self, topic: Any, msg: Any, retain: Any = False, qos: Any = 0) -> Any:
            """Send a message, on a new connection if need be."""
            send = super().publish
            return with_reconnects(self, lambda: send(topic, msg, retain, qos))

        def wait_msg(self) -> Any:
            """Wait for a packet, on a new connection if need be."""
            return with_reconnects(self, super().wait_msg)

        def check_msg(self, attempts: Any = 2) -> Any:
            """Look for a packet, on a new connection if need be."""
            wait = super().wait_msg
            while attempts:
                self.sock.setblocking(False)
                try:
                    return wait()
                except error as failure:
                    self.log(False, failure)
                self.reconnect()
                attempts -= 1
            return None

    for name, one in vars(Robust).items():
        if isinstance(one, FunctionType):
            one.__qualname__ = f"MQTTClient.{name}"
    return Robust


def umqtt(world: World) -> OpenModule:
    """The package umqtt."""
    package = OpenModule("umqtt")
    package.__path__ = []
    return package


def simple(world: World) -> OpenModule:
    """The module umqtt.simple."""
    cell = described_at(world.port.cell)
    error = type("MQTTException", (Exception,), {"__module__": SIMPLE})
    kept = {
        name: value
        for name, value in vars(MQTTClient).items()
        if name[:1] == "_" or table.class_member(cell, SIMPLE, "MQTTClient", name) is not False
    }
    own: dict[str, Any] = {"_MQTTClient__world": world, "_MQTTClient__error": error, "__module__": SIMPLE}
    call = table.signature(cell, SIMPLE + ".MQTTClient", "connect")
    if call and "timeout" not in call.named:
        own["connect"] = without_timeout
    client = type("MQTTClient", (), {**without(kept, "__dict__", "__weakref__"), **own})
    names = {"MQTTClient": client, "MQTTException": error, "hexlify": world.load("binascii").hexlify}
    return module(cell, SIMPLE, {**names, **{name: world.load(name) for name in ("socket", "struct")}})


def robust(world: World) -> OpenModule:
    """The module umqtt.robust."""
    cell = described_at(world.port.cell)
    below = world.load(SIMPLE)
    client = robust_client(vars(below)["MQTTClient"], world)
    client.__name__ = client.__qualname__ = "MQTTClient"
    client.__module__ = ROBUST
    if not table.class_member(cell, ROBUST, "MQTTClient", "check_msg"):
        del client.check_msg
    names = {"MQTTClient": client, "simple": below, "time": world.load("time"), "utime": world.load("time")}
    return module(cell, ROBUST, names)


def described_at(cell: Cell) -> Cell:
    """The port at the first release from this one on whose modules the table describes."""
    return Cell(cell.port, max(cell.release, FIRST_DESCRIBED), cell.implementation)


def without(names: Mapping[str, Any], *left_out: str) -> dict[str, Any]:
    """All but some names."""
    return {name: value for name, value in names.items() if name not in left_out}


def module(cell: Cell, name: str, names: Mapping[str, Any]) -> OpenModule:
    """A module with the names that the port's has, of those in `names`."""
    made = OpenModule(name)
    vars(made).update({one: value for one, value in names.items() if table.module_name(cell, name, one)})
    return made

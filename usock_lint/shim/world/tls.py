"""ssl and tls: streams over the host's TLS, with the members that the table has, on the shim's own sockets.

A failure is OSError with mbedTLS's number (include/mbedtls/ssl.h), or a ValueError when the peer's certificate is
refused (extmod/modtls_mbedtls.c:713@v1.28.0). A clear connection is not made of a wrapped one: unwrap is nowhere.
"""

from __future__ import annotations

import select
import ssl as host_ssl
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, cast

from usock_lint.ports import Release
from usock_lint.ports import tls as members
from usock_lint.shim.core.arguments import integer
from usock_lint.shim.core.base import Port, Source
from usock_lint.shim.core.sealed import Module, Sealed
from usock_lint.shim.core.streams import CHUNK, Stream
from usock_lint.shim.world.certificates import load_files, pem_certificate
from usock_lint.shim.world.poll import reading_ahead

if TYPE_CHECKING:
    from usock_lint.shim.world.world import World

CONTEXT_SINCE: Release = (1, 21, 0)

CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED = range(3)

CONN_EOF = -0x7280
FATAL_ALERT = -0x7780
INVALID_RECORD = -0x7200

FUNCTIONS = (
    *("read", "readinto", "readline", "write", "setblocking", "close"),
    *("getpeercert", "cipher", "recv", "recv_into", "send", "sendall"),
)
"""What a wrapped socket can have; which of them it has says the table."""


class TlsStream(Stream):
    """A TLS connection over a core, which it reads and writes as the core's own stream methods do."""

    def __init__(self, port: Port, socket: Any, context: host_ssl.SSLContext, server: bool, name: str | None) -> None:
        self.port = port
        self.socket = socket
        self.core: Any = port.socket_core(socket)
        self.incoming, self.outgoing = host_ssl.MemoryBIO(), host_ssl.MemoryBIO()
        self.rest = memoryview(b"")
        with_name = None if server else name
        self.object = context.wrap_bio(self.incoming, self.outgoing, server_side=server, server_hostname=with_name)

    def step(self, action: Callable[[], Any]) -> Any:
        """What `action` on the TLS object answers, once the other side lets it; None when it would block."""
        while True:
            try:
                answer = action()
            except host_ssl.SSLWantReadError:
                if not self.flush() or not self.feed():
                    return None
            except host_ssl.SSLZeroReturnError:
                return b""
            except host_ssl.SSLError as error:
                self.flush()
                raise self.failure(error) from None
            else:
                self.flush()
                return answer

    def failure(self, error: host_ssl.SSLError) -> Exception:
        """The error as MicroPython raises it."""
        if isinstance(error, host_ssl.SSLCertVerificationError):
            return ValueError(error.verify_message)
        if isinstance(error, host_ssl.SSLEOFError):
            return self.port.OSError(CONN_EOF, "MBEDTLS_ERR_SSL_CONN_EOF")
        if "ALERT" in (error.reason or ""):
            return self.port.OSError(FATAL_ALERT, "MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE")
        return self.port.OSError(INVALID_RECORD, "MBEDTLS_ERR_SSL_INVALID_RECORD")

    def flush(self) -> bool:
        """Send what TLS has ready; whether all of it went out."""
        self.rest = memoryview(bytes(self.rest) + self.outgoing.read())
        while self.rest:
            count = self.core.transmit(self.rest)
            if count is None:
                return False
            self.rest = self.rest[count:]
        return True

    def feed(self) -> bool:
        """Hand TLS what has come; whether anything did, if only the end."""
        data = self.core.receive(CHUNK)
        if data:
            self.incoming.write(data)
        elif data is not None:
            self.incoming.write_eof()
        return data is not None

    def pending(self) -> bool:
        """Whether there is something to read that has left the socket already."""
        return bool(self.object.pending() or self.incoming.pending)

    def receive(self, count: int) -> bytes | None:
        try:
            return self.step(lambda: self.object.read(count))
        except self.port.OSError as error:
            # The end without a goodbye is an end all the same: extmod/modtls_mbedtls.c:224@v1.28.0 passes 0 on.
            if error.args[0] == CONN_EOF:
                return b""
            raise

    def transmit(self, data: memoryview) -> int | None:
        return self.step(lambda: self.object.write(data))

    def handshake(self) -> None:
        """Shake hands, for as long as it takes: without blocking, too."""
        while self.step(self.shake) is None:
            select.select([], [], [], 0.001)

    def shake(self) -> bool:
        """The host's handshake, which answers nothing."""
        self.object.do_handshake()
        return True

    def recv(self, count: int) -> bytes:
        """What the next record has, at most `count` bytes."""
        data = self.receive(count)
        if data is None:
            raise self.port.error("EAGAIN")
        return data

    def recv_into(self, target: Any, *count: Any) -> int | None:
        """As readinto()."""
        return self.readinto(target, *count)

    def send(self, data: Any) -> int | None:
        """As write()."""
        return self.write(data)

    def sendall(self, data: Any) -> int | None:
        """As write()."""
        return self.write(data)

    def setblocking(self, flag: object) -> None:
        """The socket's."""
        self.core.setblocking(flag)

    def getpeercert(self, binary: object = True) -> bytes | None:
        """The peer's certificate as DER."""
        if not binary:
            raise NotImplementedError
        return self.object.getpeercert(True)

    def cipher(self) -> tuple[str, str] | None:
        """The suite and the protocol."""
        found = self.object.cipher()
        return found and (found[0], found[1])

    def close(self) -> None:
        """Say goodbye, if that goes at once, and close the socket."""
        with suppress(OSError, ValueError):
            self.object.unwrap()
        with suppress(self.port.OSError):
            self.flush()
        self.core.close()


def socket_class(port: Port) -> Callable[[TlsStream], Any]:
    """The class of wrapped sockets on this port; it hides the stream, as its sockets hide their cores."""
    names = [name for name in FUNCTIONS if members.has(port.cell, name)]

    def wrap(stream: TlsStream) -> Any:
        def names_(_: object) -> list[str]:
            return ["__class__", *names]

        def source(_: object) -> Source:
            return reading_ahead(port, port.source(stream.socket), stream.pending)

        def finish(_: object) -> None:
            stream.core.close()

        namespace = {name: staticmethod(getattr(stream, name)) for name in names}
        hidden = {"__slots__": (), "__dir__": names_, "poll_source": source, "tls_stream": stream, "__del__": finish}
        return Sealed("SSLSocket", (), {**hidden, **namespace})()

    return wrap


class Context:
    """SSLContext, but for the port; a subclass of a world's has that."""

    port: ClassVar[Port]
    wrap: ClassVar[Callable[[TlsStream], Any]]

    def __init__(self, protocol: int) -> None:
        self.__server = protocol == 1
        kind = host_ssl.PROTOCOL_TLS_SERVER if self.__server else host_ssl.PROTOCOL_TLS_CLIENT
        self.__host = host_ssl.SSLContext(kind)
        self.__host.check_hostname = False
        self.verify_mode = CERT_NONE if self.__server else CERT_REQUIRED

    @property
    def verify_mode(self) -> int:
        """One of the CERT_ numbers; others are kept, too, and require nothing."""
        return self.__verify_mode

    @verify_mode.setter
    def verify_mode(self, mode: object) -> None:
        self.__verify_mode = integer(mode)

    def load_cert_chain(self, cert: Any, key: Any) -> None:
        """A certificate and its key: bytes, or the names of files."""
        try:
            load_files(self.__host.load_cert_chain, cert, key)
        except (host_ssl.SSLError, ValueError):
            raise ValueError("invalid key") from None

    def load_verify_locations(self, cafile: str | None = None, cadata: Any = None) -> None:
        """Certificates to trust: the name of a file, or bytes."""
        try:
            for value in (cafile, cadata):
                if value is not None:
                    self.__host.load_verify_locations(cadata=pem_certificate(value).decode("ascii"))
        except (host_ssl.SSLError, ValueError):
            raise ValueError("invalid cert") from None

    def wrap_socket(
        self,
        sock: Any,
        *,
        server_side: bool = False,
        do_handshake_on_connect: bool = True,
        server_hostname: str | None = None,
    ) -> Any:
        """A TLS stream over a connected socket."""
        self.port.socket_core(sock)
        required = self.verify_mode == CERT_REQUIRED
        if required and not server_side and server_hostname is None:
            raise ValueError("CERT_REQUIRED requires server_hostname")
        # With the host's CERT_OPTIONAL a bad certificate ends the handshake, with mbedTLS's it does not.
        self.__host.check_hostname = False
        self.__host.verify_mode = host_ssl.CERT_REQUIRED if required else host_ssl.CERT_NONE
        self.__host.check_hostname = required and not server_side
        stream = TlsStream(self.port, sock, self.__host, server_side, server_hostname)
        if do_handshake_on_connect:
            stream.handshake()
        return type(self).wrap(stream)


def context_class(world: World) -> type[Context]:
    """SSLContext of this world."""
    wrap = staticmethod(socket_class(world.port))
    return cast("type[Context]", type("SSLContext", (Context,), {"port": world.port, "wrap": wrap}))


def names(world: World, name: str) -> dict[str, Any]:
    """What ssl and tls share."""
    context = context_class(world)
    constants = {"CERT_NONE": CERT_NONE, "CERT_OPTIONAL": CERT_OPTIONAL, "CERT_REQUIRED": CERT_REQUIRED}
    protocols = {"PROTOCOL_TLS_CLIENT": 0, "PROTOCOL_TLS_SERVER": 1}
    found: dict[str, Any] = {"__name__": name, **constants}
    return {**found, **protocols, "SSLContext": context} if world.port.release >= CONTEXT_SINCE else found


def tls(world: World) -> Module:
    """The builtin module."""
    return Module(names(world, "tls"))


def ssl(world: World) -> Module:
    """tls and wrap_socket()."""
    context = context_class(world)

    def wrap_socket(
        sock: Any,
        server_side: bool = False,
        key: Any = None,
        cert: Any = None,
        cert_reqs: int = CERT_NONE,
        cadata: Any = None,
        server_hostname: str | None = None,
        do_handshake: bool = True,
    ) -> Any:
        made = context(1 if server_side else 0)
        made.verify_mode = cert_reqs
        if cert or key:
            made.load_cert_chain(cert, key)
        if cadata:
            made.load_verify_locations(cadata=cadata)
        return made.wrap_socket(
            sock,
            server_side=server_side,
            server_hostname=server_hostname,
            do_handshake_on_connect=do_handshake,
        )

    return Module({**names(world, "ssl"), "wrap_socket": wrap_socket})

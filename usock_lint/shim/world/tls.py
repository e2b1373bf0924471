"""tls, and ssl where it is C, too: the host's TLS over the shim's sockets, with the members that the table has.

A failure is an OSError with mbedTLS's number (include/mbedtls/ssl.h), or a ValueError when the peer's certificate is
refused (extmod/modtls_mbedtls.c:713@v1.28.0). No port has unwrap().
"""

from __future__ import annotations

import select
import ssl as host_ssl
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

from usock_lint.ports import Release
from usock_lint.ports import tls as members
from usock_lint.ports import world as table
from usock_lint.shim.core.arguments import buffer, check_count, integer, text
from usock_lint.shim.core.base import Port, Source
from usock_lint.shim.core.errors import NotSimulated
from usock_lint.shim.core.sealed import Module, Sealed, is_native
from usock_lint.shim.core.streams import IOBase, Stream
from usock_lint.shim.world.certificates import is_certificate, is_key, load_files, pem_certificate
from usock_lint.shim.world.hello import HEADER, Hello, Refusal
from usock_lint.shim.world.poll import source_of

if TYPE_CHECKING:
    from usock_lint.shim.world.world import World

PEM_SINCE: Release = (1, 29, 0)
"""From then on PEM is understood, on esp32 always: MBEDTLS_PEM_PARSE_C in
extmod/mbedtls/mbedtls_config_common.h:84@1c3c201149; esp32 has a configuration of its own."""

TELLS_PENDING_SINCE: Release = (1, 20, 0)
"""From then on poll() reports data that TLS has read already: mbedtls_ssl_check_pending() in
extmod/modussl_mbedtls.c@v1.20.0."""

DROPS_SINCE: Release = (1, 22, 0)
"""From then on a connection whose handshake fails drops its socket, and leaves it open
(extmod/modssl_mbedtls.c:139@v1.22.0)."""

NEWEST_LIBRARY_SINCE: Release = (1, 29, 0)
"""From then on mbedTLS is 3.6.6 (lib/mbedtls@1c3c201149)."""

PEM = b"-----BEGIN"
DER = 2
"""_ssl.ENCODING_DER."""
LARGEST_RECORD = 4096
"""The most bytes that are sent in a record: MBEDTLS_SSL_OUT_CONTENT_LEN, also the default of ESP-IDF
(extmod/mbedtls/mbedtls_config_common.h:64@v1.28.0)."""

BOTH = select.POLLIN | select.POLLOUT
BAD_CONFIG = -0x5E80
BAD_INPUT = -0x7100
"""The error for arguments that mbedTLS does not take. A closed connection, whose state is gone, is one
(extmod/modtls_mbedtls.c:847@v1.28.0)."""

ECDHE = ("ECDHE-ECDSA", "ECDHE-RSA")

CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED = range(3)

ATTRIBUTES = ("verify_mode", "verify_callback", "psk_identity", "psk_key", "server_psk_keys")
"""Attributes of a context (extmod/modtls_mbedtls.c:366@1c3c201149)."""

MEMBERS = (*ATTRIBUTES, "get_ciphers", "set_ciphers", "load_cert_chain", "load_verify_locations")

CONN_EOF = -0x7280
FATAL_ALERT = -0x7780
INVALID_RECORD = -0x7200
UNEXPECTED_MESSAGE = -0x7700
DECODE_ERROR = -0x7300
CHAIN_REQUIRED = -0x7680
NO_CLIENT_CERTIFICATE = -0x7480
HANDSHAKE_FAILURE = -0x6E00
"""The numbers of mbedTLS's errors (include/mbedtls/ssl.h)."""

HANDSHAKE = b"\x16"
"""The first byte of a record of the handshake. If a client's first record begins with another one, its other bytes do
not matter: ssl_parse_client_hello() in library/ssl_tls12_server.c of mbedTLS."""

NOT_SIGNED = "The certificate is not correctly signed by the trusted CA"
OTHER_NAME = "The certificate Common Name (CN) does not match with the expected CN"
VERIFY_ERRORS = {
    9: "The certificate validity starts in the future",
    10: "The certificate validity has expired",
    62: OTHER_NAME,
    64: OTHER_NAME,
}
"""The texts of mbedtls_x509_crt_verify_info(), by OpenSSL's errors (X509_V_ERR_* of x509_vfy.h)."""

NOBODY = "nobody.invalid"
"""The host name to verify in place of an empty or impossible one: no certificate has it."""

CIPHERS = tuple(
    f"TLS-{name}"
    for name in (
        *(f"{kind}-WITH-AES-256-{rest}" for rest in ("GCM-SHA384", "CBC-SHA384", "CBC-SHA") for kind in ECDHE),
        *(f"{kind}-WITH-AES-128-{rest}" for rest in ("GCM-SHA256", "CBC-SHA256", "CBC-SHA") for kind in ECDHE),
        *(f"RSA-WITH-AES-256-{rest}" for rest in ("GCM-SHA384", "CBC-SHA256", "CBC-SHA")),
        *(f"RSA-WITH-AES-128-{rest}" for rest in ("GCM-SHA256", "CBC-SHA256", "CBC-SHA")),
    )
)
"""The suites of extmod/mbedtls/mbedtls_config_common.h@v1.28.0, in the order of preference (run:unix@1.29)."""

PSK_CIPHERS = tuple(
    f"TLS-PSK-WITH-AES-{rest}"
    for rest in ("256-GCM-SHA384", "256-CBC-SHA384", "256-CBC-SHA", "128-GCM-SHA256", "128-CBC-SHA256", "128-CBC-SHA")
)
LONGEST_NAME = 255
"""MBEDTLS_SSL_MAX_HOST_NAME_LEN."""

LONGEST_PSK = 32
"""MBEDTLS_PSK_MAX_LEN (run:unix@1.29)."""

PSK_SINCE: Release = (1, 29, 0)
"""From then on there are suites with pre-shared keys."""

CLIENT_ID_SINCE: Release = (1, 26, 0)
"""From then on wrap_socket() takes `client_id`: MBEDTLS_SSL_DTLS_HELLO_VERIFY in
extmod/mbedtls/mbedtls_config_common.h:87@v1.26.0."""

SOCKET_METHODS = (
    *("read", "readinto", "readline", "write", "setblocking", "close"),
    *("getpeercert", "cipher", "recv", "recv_into", "send", "sendall"),
)
"""Methods that a wrapped socket can have; the table says which of them it has."""


class TlsStream(Stream):
    """A TLS connection over a core.

    The host's TLS reads and writes two buffers, and `attempt` moves data between these and the core. As mbedTLS does,
    it reads no further than to the end of a record, and sends each record by itself. Both can be seen: a socket that is
    closed with unread data sends a reset, and a small piece is not sent before the peer has acknowledged the last one.
    """

    def __init__(self, port: Port, socket: Any, context: host_ssl.SSLContext, server: bool, name: str | None) -> None:
        self.port = port
        self.socket = socket
        self.core: Any = core_of(port, socket)
        self.incoming, self.outgoing = host_ssl.MemoryBIO(), host_ssl.MemoryBIO()
        self.unsent: list[memoryview] = []
        """The records of `outgoing` that the core has not taken yet; of the first one, what is left."""
        self.record = bytearray()
        """The record that is being read."""
        self.has_record = False
        """True if a record has come."""
        self.hello = Hello(server) if has_newest_library(port) else None
        """What has come of the first message of the other side, until it is whole."""
        self.begun = 0
        """The number of bytes in the record that was begun and is not sent yet."""
        self.failed: Exception | None = None
        """The error that has ended the connection."""
        self.needs = 0
        """The direction that the last step had to wait for, if it was not its own: POLLIN for a write, else POLLOUT."""
        self.has_ca = bool(context.cert_store_stats()["x509_ca"])
        """True if there are certificates to trust."""
        self.is_paired = True
        """False if the key is not that of the certificate."""
        self.closed = False
        self.dropped = False
        """True if the connection has dropped its socket, see DROPS_SINCE."""
        self.unsimulated = ""
        """What the connection would need and the shim does not simulate: its first use ends the run."""
        self.verify: Callable[[Any, int], Any] | None = None
        """The script's `verify_callback`, until it was called."""
        host_name = None if server else name or None
        try:
            made = context.wrap_bio(self.incoming, self.outgoing, server_side=server, server_hostname=host_name)
        except ValueError:  # for impossible names
            made = context.wrap_bio(self.incoming, self.outgoing, server_side=server, server_hostname=NOBODY)
        self.object = made

    def step(self, action: Callable[[], Any], direction: int = 0) -> Any:
        """The result of `action`, a call of the host's TLS object, after the handshake; None if it would block.

        `direction` is POLLIN for one that reads, POLLOUT for one that writes.

        An error is permanent: each later call raises it again (extmod/modtls_mbedtls.c:766 and :808@v1.28.0). The end
        of the stream below is not kept as one, because `receive` reports it as the end of the data.
        """
        if self.failed:
            raise self.failed.with_traceback(None)
        if self.closed and self.port.name != "esp8266":  # esp8266 has axTLS
            raise self.port.OSError(BAD_INPUT, "MBEDTLS_ERR_SSL_BAD_INPUT_DATA")
        if self.unsimulated:
            raise NotSimulated(self.unsimulated)
        self.needs = 0
        try:
            answer = self.attempt(action) if self.has_verified() else None
        except (self.port.OSError, ValueError) as error:
            self.failed = None if error.args[:1] == (CONN_EOF,) else error
            drops = self.port.release >= DROPS_SINCE and self.port.name != "esp8266"
            self.dropped = bool(self.failed and drops and not self.object.version())
            raise
        # Only the other direction is noted, as poll_mask is: extmod/modtls_mbedtls.c:766 and :808@v1.28.0.
        self.needs = 0 if self.needs == direction else self.needs
        return answer

    def attempt(self, action: Callable[[], Any]) -> Any:
        """The result of `action`, called again until it needs no more data; None if there is none yet."""
        while True:
            try:
                answer = action()
            except host_ssl.SSLWantReadError:
                if not self.flush():
                    self.needs = select.POLLOUT
                    return None
                if not self.feed():
                    self.needs = select.POLLIN
                    return None
            except host_ssl.SSLWantWriteError:
                self.needs = select.POLLOUT
                return None
            except host_ssl.SSLZeroReturnError:
                if not self.object.version():  # still in the handshake
                    raise self.port.OSError(CONN_EOF, "MBEDTLS_ERR_SSL_CONN_EOF") from None
                return b""
            except host_ssl.SSLError as error:
                with suppress(self.port.OSError):
                    self.flush()
                raise self.failure(error) from None
            else:
                self.flush()
                return answer

    def has_verified(self) -> bool:
        """Do the handshake and call `verify`, if the script has set it. False while the handshake goes on."""
        if self.verify:
            if not self.attempt(self.do_handshake):
                return False
            self.verify, verify = None, self.verify
            self.call_verify(verify)
        return True

    def call_verify(self, verify: Callable[[Any, int], Any]) -> None:
        """Call the script's function with each certificate of the peer, the topmost first. OSError for an errno."""
        inner: Any = cast("Any", self.object)._sslobj
        chain = inner.get_verified_chain() or inner.get_unverified_chain() or ()
        for depth in reversed(range(len(chain))):
            status = integer(verify(memoryview(chain[depth].public_bytes(DER)), depth))
            if status:
                raise self.port.OSError(status)

    def failure(self, error: host_ssl.SSLError) -> Exception:
        """MicroPython's exception for an error of the host's TLS."""
        if isinstance(error, host_ssl.SSLCertVerificationError) and not self.has_ca:
            return self.port.OSError(CHAIN_REQUIRED, "MBEDTLS_ERR_SSL_CA_CHAIN_REQUIRED")
        if isinstance(error, host_ssl.SSLCertVerificationError):
            return ValueError(f"\n{VERIFY_ERRORS.get(error.verify_code, NOT_SIGNED)}\n")
        if isinstance(error, host_ssl.SSLEOFError):
            return self.port.OSError(CONN_EOF, "MBEDTLS_ERR_SSL_CONN_EOF")
        if error.reason == "PEER_DID_NOT_RETURN_A_CERTIFICATE":
            return self.port.OSError(NO_CLIENT_CERTIFICATE, "MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE")
        if error.reason == "NO_SHARED_CIPHER" and not self.is_paired:
            return self.port.OSError(FATAL_ALERT, "MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE")
        if error.reason == "NO_SHARED_CIPHER":
            return self.port.OSError(HANDSHAKE_FAILURE, "MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE")
        if "ALERT" in (error.reason or ""):
            return self.port.OSError(FATAL_ALERT, "MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE")
        if error.reason == "UNEXPECTED_MESSAGE" and not self.object.server_side:
            return self.port.OSError(DECODE_ERROR, "MBEDTLS_ERR_SSL_DECODE_ERROR")
        if self.object.server_side and not self.has_record and self.record[:1] != HANDSHAKE:
            return self.port.OSError(UNEXPECTED_MESSAGE, "MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE")
        return self.port.OSError(INVALID_RECORD, "MBEDTLS_ERR_SSL_INVALID_RECORD")

    def flush(self) -> bool:
        """Send the data that TLS has ready. True if all of it was sent."""
        self.unsent += records(self.outgoing.read())
        while self.unsent:
            count = self.core.transmit(self.unsent[0])
            if count is None:
                return False
            self.unsent[0] = self.unsent[0][count:]
            if not self.unsent[0]:
                del self.unsent[0]
        return True

    def feed(self) -> bool:
        """Pass received data of one record, or the end of the stream, to TLS. False if neither has come."""
        size = HEADER if len(self.record) < HEADER else record_size(self.record)
        data = self.core.receive(size - len(self.record))
        if data:
            self.record += data
            if not self.hello:
                self.incoming.write(data)
            elif len(self.record) == HEADER:
                self.accept(self.hello.refusal_of_header(self.record))
            if len(self.record) >= HEADER and len(self.record) == record_size(self.record):
                if self.hello:
                    self.take_hello(self.hello)
                self.record.clear()
                self.has_record = True
        elif data is not None:
            self.incoming.write_eof()
        return data is not None

    def take_hello(self, hello: Hello) -> None:
        """Take a record of the first message, which TLS gets when it is whole."""
        self.accept(hello.refusal(bytes(self.record)))
        if hello.is_whole():
            self.incoming.write(hello.records)
            self.hello = None

    def accept(self, refusal: Refusal) -> None:
        """OSError if a record is refused."""
        if refusal:
            raise self.port.OSError(*refusal)

    def pending(self) -> bool:
        """True if there is data to read that was taken from the core already."""
        return bool(self.object.pending())

    def receive(self, count: int) -> bytes | None:
        try:
            return self.step(lambda: self.object.read(count), select.POLLIN)
        except self.port.OSError as error:
            # An end without a close_notify is no error: extmod/modtls_mbedtls.c:224@v1.28.0 returns 0.
            if error.args[0] == CONN_EOF:
                return b""
            raise

    def transmit(self, data: memoryview) -> int | None:
        return self.step(lambda: self.send_record(data), select.POLLOUT)

    def send_record(self, data: memoryview) -> int:
        """Send a record, or what is left of one that was begun, of which the caller has passed the data again."""
        self.begun = self.begun or self.object.write(data[:LARGEST_RECORD])
        if not self.flush():
            raise host_ssl.SSLWantWriteError
        sent, self.begun = self.begun, 0
        return sent

    def handshake(self) -> None:
        """Do the handshake. It waits as long as it takes, also for a non-blocking socket."""
        while self.step(self.do_handshake) is None:
            time.sleep(0.001)

    def do_handshake(self) -> bool:
        """The host's handshake; True, since `attempt` returns None if it has to wait."""
        self.object.do_handshake()
        return True

    def recv(self, count: object = -1) -> bytes | None:
        """The bytes of the next record, at most `count`, or for -1 all up to the end; None if there are none yet."""
        wanted = integer(count)
        return self.gather(None) if wanted == -1 else self.receive(wanted)

    def recv_into(self, target: Any, *count: Any) -> int | None:
        """The same as readinto()."""
        return self.readinto(target, *count)

    def send(self, data: Any) -> int | None:
        """Send as much as possible at once; return the number of bytes, None if none can be sent."""
        return self.transmit(buffer(data))

    def sendall(self, data: Any) -> int | None:
        """The same as write()."""
        return self.write(data)

    def setblocking(self, flag: object) -> None:
        """Set whether the socket below blocks."""
        self.core.setblocking(flag)

    def getpeercert(self, binary: object = True) -> bytes | None:
        """The peer's certificate as DER."""
        if not binary:
            raise NotImplementedError
        return self.object.getpeercert(True)

    def cipher(self) -> tuple[str, str] | None:
        """The names of the suite and of the protocol."""
        found = self.object.cipher()
        return found and (next((name for name in CIPHERS if host_cipher(name) == found[0]), found[0]), found[1])

    def close(self) -> None:
        """Close the socket, without a close_notify (extmod/modtls_mbedtls.c:838@v1.28.0).

        axTLS, on esp8266, sends one if that is possible at once.
        """
        was_open = not (self.closed or self.dropped)
        self.closed = True
        if not was_open:
            return
        if self.port.name == "esp8266":
            with suppress(OSError, ValueError):
                self.object.unwrap()
            with suppress(self.port.OSError):
                self.flush()
        self.core.close()


def has_newest_library(port: Port) -> bool:
    """True if the port has mbedTLS 3.6.6; ESP-IDF has another one."""
    return port.release >= NEWEST_LIBRARY_SINCE and not port.name.startswith("esp")


def record_size(header: Any) -> int:
    """The bytes of a record that begins with these."""
    return HEADER + int.from_bytes(header[3:HEADER], "big")


def records(data: bytes) -> Iterator[memoryview]:
    """The records in the data that TLS sends."""
    left = memoryview(data)
    while left:
        size = record_size(left)
        yield left[:size]
        left = left[size:]


class StreamCore:
    """A stream other than a socket, such as BytesIO, below TLS."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        inner = getattr(stream.read, "__self__", None)
        # Over another TLS connection at most one record at a time is read, as by mbedTLS.
        self.receive: Callable[[int], bytes | None] = inner.receive if isinstance(inner, TlsStream) else stream.read
        self.close = stream.close

    def transmit(self, data: memoryview) -> int | None:
        """Write to the stream."""
        return self.stream.write(bytes(data))

    def setblocking(self, flag: object) -> None:
        """Call the stream's setblocking(). Raises AttributeError if it has none."""
        self.stream.setblocking(flag)


class ScriptCore:
    """A stream of a class of the script below TLS (extmod/modio.c:44@v1.28.0)."""

    def __init__(self, port: Port, stream: Any) -> None:
        self.port = port
        self.stream = stream

    def receive(self, count: int) -> bytes | None:
        """Read from the stream."""
        target = bytearray(count)
        found = self.count(self.stream.readinto(target))
        return None if found is None else bytes(target[:found])

    def transmit(self, data: memoryview) -> int | None:
        """Write to the stream."""
        return self.count(self.stream.write(bytearray(data)))

    def count(self, answer: Any) -> int | None:
        """The result of a method of the stream: the number of bytes, or a negative errno, which is raised."""
        if answer is not None and integer(answer) < 0:
            raise self.port.OSError(-answer)
        return answer

    def setblocking(self, flag: object) -> None:
        """Call the stream's setblocking(). Raises AttributeError if it has none."""
        self.stream.setblocking(flag)

    def close(self) -> None:
        """Close the stream by its ioctl()."""
        self.stream.ioctl(CLOSE, 0)


CLOSE = 4
"""The request of ioctl() to close a stream: MP_STREAM_CLOSE, py/stream.h:40@v1.28.0."""


def core_of(port: Port, thing: Any) -> Any:
    """What a TLS connection over an object reads and writes; OSError for an object that is not a stream."""
    if type(thing) is not IOBase and IOBase in cast("Any", type(thing)).__mro__ and not is_native(thing):
        return ScriptCore(port, thing)
    if not isinstance(thing, port.socket | type) and all(hasattr(thing, name) for name in ("read", "write", "close")):
        return StreamCore(thing)
    return port.socket_core(thing)


def host_ciphers(names: Iterable[str]) -> str:
    """A list of suites for OpenSSL, with @SECLEVEL=0, so that it takes short keys as well."""
    return ":".join([*(host_cipher(name) for name in names if name in CIPHERS), "@SECLEVEL=0"])


def host_cipher(name: str) -> str:
    """OpenSSL's name of a suite of mbedTLS's."""
    words = name.removeprefix("TLS-").replace("-WITH", "").replace("-CBC", "").replace("AES-", "AES")
    return words.removeprefix("RSA-")


@dataclass(frozen=True)
class TlsSource:
    """The source of a TLS connection for select.poll (extmod/modtls_mbedtls.c:830@v1.28.0).

    While the connection needs one direction (`TlsStream.needs`), only that is watched, whatever the script waits for.
    """

    stream: TlsStream
    below: Source

    @property
    def descriptor(self) -> int:
        """The descriptor of the stream below; unix looks at it anew each time, and finds none of a closed socket."""
        port = self.stream.port
        return (source_of(port, self.stream.socket) if port.name == "unix" else self.below).descriptor

    def watch(self, mask: int) -> int:
        """The events to ask the source below for."""
        return mask & ~BOTH | self.stream.needs if self.stream.needs and mask & BOTH else mask

    def events(self, mask: int, seen: int) -> int:
        """The events of the source below, and those of pending data."""
        stream = self.stream
        if stream.closed or stream.failed:
            return select.POLLNVAL
        wanted = self.watch(mask)
        # axTLS, on esp8266, does not report pending data.
        tells_pending = stream.port.release >= TELLS_PENDING_SINCE and stream.port.name != "esp8266"
        found = select.POLLIN if tells_pending and wanted & select.POLLIN and stream.pending() else 0
        found |= self.below.events(wanted, seen)
        return found | (mask & BOTH if found & stream.needs else 0)


def socket_maker(port: Port) -> Callable[[TlsStream], Any]:
    """A function that makes a script's socket of a TLS stream. Each has a class of its own, which hides the stream."""
    names = [name for name in SOCKET_METHODS if members.has(port.cell, name)]

    def wrap(stream: TlsStream) -> Any:
        def names_(_: object) -> list[str]:
            return ["__class__", *names]

        def source(_: object) -> Source:
            return TlsSource(stream, source_of(port, stream.socket))

        def finish(_: object) -> None:
            port.garbage.append(stream.core)

        namespace = {name: staticmethod(getattr(stream, name)) for name in names}
        hidden = {"__slots__": (), "__dir__": names_, "poll_source": source, "__del__": finish}
        return Sealed("SSLSocket", (), {**hidden, **namespace})()

    return wrap


class Context:
    """SSLContext written in C. `context_class` derives a class for each world."""

    port: ClassVar[Port]
    wrap: ClassVar[Callable[[TlsStream], Any]]
    hidden: ClassVar[frozenset[str]]
    """The names in MEMBERS that the port lacks."""

    def __init__(self, *protocol: object, **keywords: object) -> None:
        if keywords:
            raise TypeError("function doesn't take keyword arguments")
        check_count(len(protocol), 1, 1)
        server, datagrams = bool(integer(protocol[0]) & 1), bool(integer(protocol[0]) & 2)
        kind = host_ssl.PROTOCOL_TLS_SERVER if server else host_ssl.PROTOCOL_TLS_CLIENT
        host = host_ssl.SSLContext(kind)
        host.check_hostname = False
        # mbedTLS is built without 1.3: extmod/mbedtls/mbedtls_config_common.h@v1.28.0.
        host.maximum_version = host_ssl.TLSVersion.TLSv1_2
        host.options |= host_ssl.OP_IGNORE_UNEXPECTED_EOF  # which ends mbedTLS's reading, and not its writing
        verifies = not server and not members.lacks_constant(type(self).port.cell, "CERT_REQUIRED")
        own = dict.fromkeys(ATTRIBUTES) | {"verify_mode": CERT_REQUIRED if verifies else CERT_NONE}
        # `_kept` has the values of ATTRIBUTES. `_loaded` is True once a certificate and a key were loaded, `_paired`
        # False if the two do not belong together, `_psk_alone` True if all ciphers need pre-shared keys.
        keep(
            self,
            _host=host,
            _kept=own,
            _loaded=False,
            _paired=True,
            _server=server,
            _datagrams=datagrams,
            _psk_alone=False,
        )
        host.set_ciphers(host_ciphers(CIPHERS))

    def __getattribute__(self, name: str) -> Any:
        if name in type(self).hidden:
            raise AttributeError(f"'SSLContext' object has no attribute '{name}'")
        kept: dict[str, object] = object.__getattribute__(self, "_kept")
        return kept[name] if name in kept else object.__getattribute__(self, name)

    def __setattr__(self, name: str, value: object) -> None:
        if name not in self._kept or name in type(self).hidden:
            raise AttributeError(f"'SSLContext' object has no attribute '{name}'")
        # axTLS knows CERT_NONE alone, and ignores what verify_mode is set to (extmod/modtls_axtls.c:172@v1.28.0).
        if not members.lacks_constant(self.port.cell, "CERT_REQUIRED"):
            self._kept[name] = integer(value) if name == "verify_mode" else value
            identity, key = self._kept["psk_identity"], self._kept["psk_key"]
            if name.startswith("psk_") and identity is not None and key is not None:
                self.check_psk(identity, key)

    def check_psk(self, identity: Any, key: Any) -> None:
        """OSError for a pre-shared key or identity that mbedtls_ssl_conf_psk() does not take."""
        name = identity if isinstance(identity, bytes) else text(identity).encode()
        if not 0 < len(buffer(key)) <= LONGEST_PSK or not 0 < len(name) < 1 << 16:
            raise self.port.OSError(BAD_INPUT, "MBEDTLS_ERR_SSL_BAD_INPUT_DATA")

    def __dir__(self) -> list[str]:
        return ["__class__", "wrap_socket", *(name for name in MEMBERS if name not in type(self).hidden)]

    def __repr__(self) -> str:
        return "<SSLContext>"

    def get_ciphers(self) -> list[str]:
        """The names of the suites."""
        return [*CIPHERS, *(PSK_CIPHERS if self.port.release >= PSK_SINCE else ())]

    def set_ciphers(self, ciphersuite: Any, /) -> None:
        """Use these suites."""
        if not isinstance(ciphersuite, list | tuple):
            raise TypeError(f"object '{type(ciphersuite).__name__}' isn't a tuple or list")
        names = [text(name) for name in cast("list[object]", ciphersuite)]
        if not names or not {*names} <= {*self.get_ciphers()}:
            raise self.port.OSError(BAD_CONFIG, "MBEDTLS_ERR_SSL_BAD_CONFIG")
        keep(self, _psk_alone={*names} <= {*PSK_CIPHERS})
        if not self._psk_alone:
            self._host.set_ciphers(host_ciphers(names))

    def load_cert_chain(self, cert: Any, pkey: Any, /) -> None:
        """Use a certificate and its key."""
        key = self.data(pkey)
        if not is_key(key) or (self._loaded and PEM in key):
            raise ValueError("invalid key")  # mbedTLS frees the old key only before it reads one that is DER
        certificate = self.data(cert)
        paired = True
        try:
            load_files(self._host.load_cert_chain, certificate, key)
        except (host_ssl.SSLError, ValueError) as error:
            # Whether the key is that of the certificate, mbedTLS does not ask: the other side finds out.
            paired = not (isinstance(error, host_ssl.SSLError) and str(error.reason).endswith("_MISMATCH"))
            if paired:
                raise ValueError(f"invalid {'key' if is_certificate(certificate) else 'cert'}") from None
        keep(self, _loaded=True, _paired=paired)

    def load_verify_locations(self, cadata: Any, /) -> None:
        """Trust certificates."""
        try:
            self._host.load_verify_locations(cadata=pem_certificate(self.data(cadata)).decode("ascii"))
        except (host_ssl.SSLError, ValueError):
            raise ValueError("invalid cert") from None

    def data(self, value: Any) -> bytes:
        """The bytes of a certificate or key; ValueError for PEM before PEM_SINCE."""
        found = value if isinstance(value, bytes) else text(value).encode()
        if PEM in found and self.port.name != "esp32" and self.port.release < PEM_SINCE:
            raise ValueError("invalid cert")
        return found

    def wrap_socket(
        self,
        sock: Any,
        *,
        server_side: bool = False,
        do_handshake_on_connect: bool = True,
        server_hostname: str | None = None,
        **further: Any,
    ) -> Any:
        """A TLS stream over a connected socket."""
        if further and (further.keys() != {"client_id"} or self.port.release < CLIENT_ID_SINCE):
            raise TypeError("extra keyword arguments given")
        core_of(self.port, sock)
        name = None if server_hostname is None else text(server_hostname)
        if len((name or "").encode()) > LONGEST_NAME:
            raise self.port.OSError(BAD_INPUT, "MBEDTLS_ERR_SSL_BAD_INPUT_DATA")
        required = self._kept["verify_mode"] == CERT_REQUIRED and "verify_mode" not in type(self).hidden
        if required and not server_side and name is None:
            raise ValueError("CERT_REQUIRED requires server_hostname")
        # CERT_OPTIONAL is CERT_NONE on the host, whose own CERT_OPTIONAL refuses a bad certificate; mbedTLS's does not.
        host = self._host
        host.check_hostname = False
        host.verify_mode = host_ssl.CERT_REQUIRED if required else host_ssl.CERT_NONE
        host.check_hostname = required and not server_side
        # The context alone decides which side this is, `server_side` is ignored: extmod/modtls_mbedtls.c:341@v1.28.0.
        stream = TlsStream(self.port, sock, host, self._server, name if name or not required else NOBODY)
        stream.is_paired = self._paired
        if self._kept["verify_mode"] and "verify_callback" not in type(self).hidden:
            stream.verify = self._kept["verify_callback"]
        if self._datagrams or self._psk_alone or self._kept["psk_key"] or self._kept["server_psk_keys"]:
            stream.unsimulated = "DTLS" if self._datagrams else "TLS with pre-shared keys"
        if do_handshake_on_connect:
            stream.handshake()
        return type(self).wrap(stream)


def keep(thing: object, **values: object) -> None:
    """Set attributes of a context that scripts do not see."""
    for name, value in values.items():
        object.__setattr__(thing, name, value)


def context_class(world: World, module: str) -> Any:
    """The class SSLContext of `tls`, or of `ssl` before there was `tls`."""
    port = world.port
    hidden = frozenset(name for name in MEMBERS if lacks(port, module, name))
    wrap = staticmethod(socket_maker(port))
    return type("SSLContext", (Context,), {"port": port, "wrap": wrap, "hidden": hidden})


def lacks(port: Port, module: str, member: str) -> bool:
    """True if SSLContext of a module lacks a member; False if the table describes a board without the module."""
    there = table.module_exists(port.cell, module)
    return there is not False and table.class_member(port.cell, module, "SSLContext", member) is False


CONSTANTS: dict[str, object] = {
    "CERT_NONE": CERT_NONE,
    "CERT_OPTIONAL": CERT_OPTIONAL,
    "CERT_REQUIRED": CERT_REQUIRED,
    "MBEDTLS_VERSION": "Mbed TLS 3.6.2",
    "PROTOCOL_DTLS_CLIENT": 2,
    "PROTOCOL_DTLS_SERVER": 3,
    "PROTOCOL_TLS_CLIENT": 0,
    "PROTOCOL_TLS_SERVER": 1,
}
"""Names of ssl and tls; the table says which of them a port has."""


def constants(port: Port) -> dict[str, object]:
    """The same of a port."""
    return CONSTANTS | ({"MBEDTLS_VERSION": "Mbed TLS 3.6.6"} if has_newest_library(port) else {})


def tls(world: World) -> Module:
    """The builtin module."""
    return Module({"__name__": "tls", **constants(world.port), "SSLContext": context_class(world, "tls")})

"""MicroPython's ssl module, as far as sockets go: TLS over a connected socket.

There is no SSLError: failures are OSErrors, whose numbers are those of the TLS library. esp8266 has another library
(axTLS), which does not check certificates and has fewer names. Certificates and keys are DER; mbedTLS reads PEM too, since
1.29 and on esp32 always.
"""

from typing import Final, Literal, type_check_only

from socket import _Data, _Stream
from typing_extensions import Buffer

CERT_NONE: Final[int]
"""Do not ask the peer for a certificate."""
CERT_OPTIONAL: Final[int]
"""Ask for a certificate and accept what comes."""
CERT_REQUIRED: Final[int]
"""Insist on a valid certificate; needs the right time, and the host's name."""
PROTOCOL_TLS_CLIENT: Final[int]
"""Kind of context: the client's side of TLS."""
PROTOCOL_TLS_SERVER: Final[int]
"""Kind of context: the server's side of TLS."""
PROTOCOL_DTLS_CLIENT: Final[int]
"""Kind of context: the client's side of DTLS, over a datagram socket. Since 1.25."""
PROTOCOL_DTLS_SERVER: Final[int]
"""Kind of context: the server's side of DTLS, over a datagram socket. Since 1.25."""
MBEDTLS_VERSION: Final[str]
"""Version of the TLS library."""

@type_check_only
class _SSLSocket:
    """A TLS connection: a stream, with less than a socket has. A timeout is the socket's own."""

    def read(self, size: int = -1, /) -> bytes | None:
        """Read *size* bytes, fewer only at the end; without *size* until the peer closes. None: nothing has come."""

    def readinto(self, buf: Buffer, nbytes: int = ..., /) -> int | None:
        """Fill *buf*, or its first *nbytes* bytes, and return how many were stored. None: nothing has come."""

    def readline(self, max_size: int = -1, /) -> bytes | None:
        """Read through the next newline, which is kept. None: nothing has come."""

    def write(self, buf: _Data, max_len: int = ..., /) -> int | None:
        """Write all of *buf*; when the socket does not block what fits. None: nothing could be sent."""

    def recv(self, size: int, /) -> bytes | None:
        """Read one record, at most *size* bytes of it. Since 1.25, in builds with DTLS."""

    def recv_into(self, buf: Buffer, nbytes: int = ..., /) -> int | None:
        """The same as readinto. Since 1.25, in builds with DTLS."""

    def send(self, buf: _Data, /) -> int | None:
        """Send what fits in one record and return the number of bytes. Since 1.25, in builds with DTLS."""

    def sendall(self, buf: _Data, /) -> int | None:
        """The same as write. Since 1.25, in builds with DTLS."""

    def setblocking(self, flag: int, /) -> None:
        """Wait forever (True or 1) or never (False or 0)."""

    def getpeercert(self, binary_form: Literal[True], /) -> bytes | None:
        """Return the peer's certificate in DER, or None when it sent none. Not in every build."""

    def cipher(self) -> tuple[str, str]:
        """Return the cipher suite and the version of the protocol."""

    def close(self) -> None:
        """Close the connection and the socket."""

class SSLContext:
    """What several connections share: certificates and how strict to be."""

    verify_mode: int
    """One of CERT_NONE, CERT_OPTIONAL and CERT_REQUIRED."""

    def __init__(self, protocol: int, /) -> None:
        """Make a context of one of the PROTOCOL_* kinds."""

    def load_cert_chain(self, certfile: str | Buffer, keyfile: str | Buffer) -> None:
        """Load one's own certificate and key: the bytes of both, or the names of their files.

        Raises ValueError for what is no certificate or no key.
        """

    def load_verify_locations(self, cafile: str | None = None, cadata: Buffer | None = None) -> None:
        """Load the certificate of whom to trust: the name of its file, or its bytes."""

    def get_ciphers(self) -> list[str]:
        """Return the names of the cipher suites."""

    def set_ciphers(self, ciphers: list[str] | tuple[str, ...], /) -> None:
        """Restrict the cipher suites to these."""

    def wrap_socket(
        self,
        sock: _Stream,
        *,
        server_side: bool = False,
        do_handshake_on_connect: bool = True,
        server_hostname: str | None = None,
    ) -> _SSLSocket:
        """Speak TLS over *sock*, which is connected. A client names the server in *server_hostname*.

        Raises OSError when the handshake fails, ValueError for a certificate that is not valid.
        """

def wrap_socket(
    sock: _Stream,
    *,
    server_side: bool = False,
    key: Buffer | None = None,
    cert: Buffer | None = None,
    cert_reqs: int = ...,
    cadata: Buffer | None = None,
    server_hostname: str | None = None,
    do_handshake: bool = True,
) -> _SSLSocket:
    """Speak TLS over *sock*, which is connected; *key*, *cert* and *cadata* are bytes.

    Nobody's certificate is checked unless *cert_reqs* is CERT_REQUIRED. CPython took this function out in
    3.12: SSLContext is on both. Raises as SSLContext.wrap_socket does.
    """

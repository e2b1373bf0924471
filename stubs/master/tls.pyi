"""MicroPython's tls module, on which ssl is built since 1.23; it reads no files."""

from collections.abc import Callable
from typing import Final

from socket import _Stream
from ssl import _SSLSocket
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

class SSLContext:
    """What several connections share: certificates and how strict to be."""

    verify_mode: int
    """One of CERT_NONE, CERT_OPTIONAL and CERT_REQUIRED."""
    verify_callback: Callable[[bytes, int], int] | None
    """Called with each certificate of the peer, in DER, and its depth; a number other than 0 refuses it."""

    def __init__(self, protocol: int, /) -> None:
        """Make a context of one of the PROTOCOL_* kinds."""

    def load_cert_chain(self, certfile: Buffer, keyfile: Buffer, /) -> None:
        """Load one's own certificate and key, the bytes in DER."""

    def load_verify_locations(self, cadata: Buffer, /) -> None:
        """Load the certificate of whom to trust, the bytes in DER."""

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
        client_id: Buffer | None = None,
    ) -> _SSLSocket:
        """Speak TLS over *sock*, which is connected. A client names the server in *server_hostname*.

        *client_id* is for a DTLS server. Raises OSError when the handshake fails.
        """

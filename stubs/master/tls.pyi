"""MicroPython's tls module, on which ssl is built since 1.23; it reads no files.

Certificates and keys are DER; mbedTLS reads PEM too, since 1.29 and on esp32 always.
"""

from collections.abc import Callable, Mapping
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
    verify_callback: Callable[[memoryview, int], int] | None
    """Called with each certificate of the peer, in DER, and its depth; a number other than 0 refuses it."""
    psk_identity: bytes | None
    """Who one is to the server, where both have a key beforehand; to be set with psk_key. Since 1.29."""
    psk_key: bytes | None
    """The key that goes with psk_identity. Since 1.29."""
    server_psk_keys: Mapping[bytes, bytes] | None
    """The keys of a server's clients by their identities; any object with such a get() does. Since 1.29."""

    def __init__(self, protocol: int, /) -> None:
        """Make a context of one of the PROTOCOL_* kinds."""

    def load_cert_chain(self, certfile: Buffer, keyfile: Buffer, /) -> None:
        """Load one's own certificate and key, their bytes. Raises ValueError for what is neither."""

    def load_verify_locations(self, cadata: Buffer, /) -> None:
        """Load the certificate of whom to trust, its bytes."""

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

        *client_id* is for a DTLS server. Raises OSError when the handshake fails, ValueError for a certificate that
        is not valid.
        """

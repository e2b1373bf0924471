"""What TLS does with the first records that come, as mbedTLS 3.6.6 does.

ssl_parse_client_hello() of library/ssl_tls12_server.c and ssl_parse_server_hello() of library/ssl_tls12_client.c read
them with mbedtls_ssl_read_record() of library/ssl_msg.c, which tells a record that is none from another message.
"""

from __future__ import annotations

HEADER = 5
"""The bytes before the contents of a record: its type, a version and the size."""

CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, APPLICATION_DATA = range(20, 24)
"""The types of records."""

NEWEST_VERSION = b"\x03\x03"
LARGEST = 16384 + 325
"""The most bytes that a record has with its header: MBEDTLS_SSL_IN_BUFFER_LEN of library/ssl_misc.h, less the 8 of a
sequence number (run:unix@1.29)."""

CLIENT_HELLO, SERVER_HELLO = 1, 2
SHORTEST_HELLO = 38
MESSAGE_HEADER = 4
"""The bytes before the contents of a message of the handshake: its type and its size."""

FATAL = 2
CLOSE_NOTIFY = b"\x01\x00"

INVALID_RECORD = -0x7200, "MBEDTLS_ERR_SSL_INVALID_RECORD"
UNEXPECTED_MESSAGE = -0x7700, "MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE"
FATAL_ALERT = -0x7780, "MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE"
PEER_CLOSE_NOTIFY = -0x7880, "MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY"
BAD_INPUT = -0x7100, "MBEDTLS_ERR_SSL_BAD_INPUT_DATA"
DECODE_ERROR = -0x7300, "MBEDTLS_ERR_SSL_DECODE_ERROR"
"""The arguments of errors (include/mbedtls/ssl.h)."""

Refusal = tuple[int, str] | None
"""The arguments of the error that a record is refused with, if it is."""


class Hello:
    """The first message of a client, or, for a client, of the server. It may come in several records."""

    def __init__(self, of_client: bool) -> None:
        self.of_client = of_client
        self.message = bytearray()
        self.records = bytearray()
        """Its records as they came."""

    def refusal_of_header(self, header: bytes) -> Refusal:
        """What a record that begins with these bytes is refused with."""
        size = int.from_bytes(header[3:HEADER], "big")
        is_known = CHANGE_CIPHER_SPEC <= header[0] <= APPLICATION_DATA and header[1:3] <= NEWEST_VERSION
        if not is_known or not size:
            return INVALID_RECORD
        return BAD_INPUT if HEADER + size > LARGEST else None

    def refusal(self, record: bytes) -> Refusal:
        """What a record is refused with. Warnings are ignored."""
        kind, contents = record[0], record[HEADER:]
        if kind == ALERT and not self.message:
            if len(contents) != 2:
                return INVALID_RECORD
            if contents == CLOSE_NOTIFY:
                return PEER_CLOSE_NOTIFY
            return FATAL_ALERT if contents[0] == FATAL else None
        if kind == CHANGE_CIPHER_SPEC and contents != b"\x01" and not self.message:
            return INVALID_RECORD
        if kind != HANDSHAKE:
            return UNEXPECTED_MESSAGE
        self.records += record
        self.message += contents
        if len(self.message) < MESSAGE_HEADER:
            return INVALID_RECORD
        if not self.is_whole():
            return None
        if self.message[0] != (CLIENT_HELLO if self.of_client else SERVER_HELLO):
            return UNEXPECTED_MESSAGE if self.of_client else DECODE_ERROR
        return DECODE_ERROR if self.size() < SHORTEST_HELLO else None

    def size(self) -> int:
        """The bytes of the message after its header."""
        return int.from_bytes(self.message[1:MESSAGE_HEADER], "big")

    def is_whole(self) -> bool:
        """True if the message has come to its end."""
        return len(self.message) >= MESSAGE_HEADER + self.size()

"""Certificates and keys as MicroPython takes them, DER or PEM, for a host that reads PEM files."""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Callable

KEYS = {b"\x02": "RSA PRIVATE KEY", b"\x04": "EC PRIVATE KEY"}
"""Labels of keys in PEM by the type after the version: PKCS #1 and SEC 1. Any other key is PKCS #8."""


def load_files(load: Callable[[str, str], None], certificate: bytes, key: bytes) -> None:
    """Call `load` with the names of PEM files with a certificate and its key."""
    with tempfile.TemporaryDirectory() as folder:
        names = [os.path.join(folder, name) for name in ("certificate", "key")]
        for name, data in zip(names, (pem_certificate(certificate), pem_key(key)), strict=True):
            with open(name, "wb") as file:
                file.write(data)
        load(*names)


def pem_certificate(data: bytes) -> bytes:
    """Certificates as PEM. Of DER only the first is taken, because mbedTLS reads no more."""
    return pem(data[: bounds(data)[1] or None], "CERTIFICATE")


def pem_key(data: bytes) -> bytes:
    """A private key as PEM."""
    # DER begins with 30, a length of one byte or more, 02 01 and the version; then comes the type of the next element.
    following = 5 + (data[1] & 127 if data[1:2] >= b"\x80" else 0)
    return pem(data, KEYS.get(data[following : following + 1], "PRIVATE KEY"))


def pem(data: bytes, kind: str) -> bytes:
    """DER as PEM; PEM as it is."""
    if b"-----BEGIN" in data:
        return data
    return ssl.DER_cert_to_PEM_cert(data).replace("CERTIFICATE", kind).encode()


def is_certificate(data: bytes) -> bool:
    """True if the host can read a certificate."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=pem_certificate(data).decode("ascii"))
    except (ssl.SSLError, ValueError):
        return False
    return True


def is_key(data: bytes) -> bool:
    """True for PEM of a key, and for DER with the right length whose first element is an integer, the version."""
    if b"-----BEGIN" in data:
        return b"PRIVATE KEY" in data
    begin, end = bounds(data)
    return len(data) == end and data[begin : begin + 1] == b"\x02"


def bounds(data: bytes) -> tuple[int, int]:
    """The start and the end of the contents of a DER sequence; (0, 0) if `data` is none."""
    if data[:1] != b"\x30" or len(data) < 2:
        return 0, 0
    begin = 2 + (data[1] & 127 if data[1] & 128 else 0)
    return begin, begin + (int.from_bytes(data[2:begin], "big") if begin > 2 else data[1])

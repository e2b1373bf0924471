"""Certificates and keys as MicroPython takes them, DER or PEM, in memory or a file, for a host that reads PEM files."""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Callable
from typing import Any

KEYS = {b"\x02": "RSA PRIVATE KEY", b"\x04": "EC PRIVATE KEY"}
"""What a key is called in PEM, by the type of what follows its version: PKCS #1 and SEC 1. Any other is PKCS #8."""


def load_files(load: Callable[[str, str], None], certificate: Any, key: Any) -> None:
    """Hand certificate and key, each bytes or the name of a file, to what takes names of PEM files only."""
    with tempfile.TemporaryDirectory() as folder:
        names = [os.path.join(folder, name) for name in ("certificate", "key")]
        for name, data in zip(names, (pem_certificate(certificate), pem_key(key)), strict=True):
            with open(name, "wb") as file:
                file.write(data)
        load(*names)


def pem_certificate(value: Any) -> bytes:
    """A certificate, or several, as PEM."""
    return pem(contents(value), "CERTIFICATE")


def pem_key(value: Any) -> bytes:
    """A private key as PEM."""
    data = contents(value)
    # 30, a length of one byte or more, 02 01 and the version.
    following = 5 + (data[1] & 127 if data[1:2] >= b"\x80" else 0)
    return pem(data, KEYS.get(data[following : following + 1], "PRIVATE KEY"))


def contents(value: Any) -> bytes:
    """What the file of that name holds, or the bytes themselves. Raises ValueError for what is neither."""
    if isinstance(value, str):
        if not os.path.isfile(value):
            return value.encode()
        with open(value, "rb") as file:
            return file.read()
    if value is None:
        raise ValueError("no certificate or key")
    return bytes(value)


def pem(data: bytes, kind: str) -> bytes:
    """DER as PEM; PEM as it is."""
    if b"-----BEGIN" in data:
        return data
    return ssl.DER_cert_to_PEM_cert(data).replace("CERTIFICATE", kind).encode()

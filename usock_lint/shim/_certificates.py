"""Certificates and keys as MicroPython takes them, DER or PEM in memory, for a host that reads them from files."""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Callable
from typing import Any


def load_files(load: Callable[[str, str], None], certificate: Any, key: Any) -> None:
    """Hand certificate and key, each bytes or the name of a file, to what takes names only."""
    with tempfile.TemporaryDirectory() as folder:
        names: list[str] = []
        for value in (certificate, key):
            if isinstance(value, str) and os.path.isfile(value):
                names.append(value)
                continue
            names.append(os.path.join(folder, str(len(names))))
            with open(names[-1], "wb") as file:
                file.write(pem(value, "CERTIFICATE" if len(names) == 1 else "PRIVATE KEY"))
        load(names[0], names[1])


def pem(value: Any, kind: str) -> bytes:
    """A certificate or key as PEM, from DER or PEM."""
    data = value.encode() if isinstance(value, str) else bytes(value)
    if b"-----BEGIN" in data:
        return data
    text = ssl.DER_cert_to_PEM_cert(data)
    return text.replace("CERTIFICATE", kind).encode()

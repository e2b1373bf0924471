"""The digest by which bytes are known again."""

from __future__ import annotations

try:
    # hashlib loads OpenSSL, which takes as long as the rest of a short run.
    from _blake2 import blake2b
except ImportError:  # a Python without the private module
    from hashlib import blake2b


def digest(data: bytes) -> str:
    """The digest in 32 hexadecimal digits."""
    return blake2b(data, digest_size=16).hexdigest()

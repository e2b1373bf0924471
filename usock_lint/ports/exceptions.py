"""CPython's exceptions that no port has at any release, other than those of `socket` and OSError's builtin children."""

from __future__ import annotations

from collections.abc import Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

INSTEAD: Final[Mapping[str, str]] = {
    "BaseExceptionGroup": "",
    "BufferError": "",
    "ExceptionGroup": "",
    "FloatingPointError": "ArithmeticError",
    "ModuleNotFoundError": "ImportError",
    "RecursionError": "RuntimeError",
    "ReferenceError": "",
    "SystemError": "",
    "TabError": "SyntaxError",
    "UnboundLocalError": "NameError",
    "UnicodeDecodeError": "ValueError",
    "UnicodeEncodeError": "ValueError",
    "UnicodeTranslateError": "ValueError",
    "Warning": "",
    "BytesWarning": "",
    "DeprecationWarning": "",
    "EncodingWarning": "",
    "FutureWarning": "",
    "ImportWarning": "",
    "PendingDeprecationWarning": "",
    "ResourceWarning": "",
    "RuntimeWarning": "",
    "SyntaxWarning": "",
    "UnicodeWarning": "",
    "UserWarning": "",
}
"""CPython's exceptions, each with the class to use instead: a base class, or the one that MicroPython raises.

"" if there is none (py/objexcept.c@v1.28.0).
"""

_OF_REQUESTS: Final = (
    "ConnectTimeout ConnectionError HTTPError ReadTimeout RequestException Timeout TooManyRedirects URLRequired".split()
)

OF_MODULES: Final[Mapping[str, str]] = {
    "asyncio.IncompleteReadError": "EOFError",
    "ssl.SSLError": "OSError",
    "ssl.CertificateError": "OSError",
    "ssl.SSLWantReadError": "OSError",
    "ssl.SSLWantWriteError": "OSError",
    "ssl.SSLCertVerificationError": "OSError",
    "select.error": "OSError",
    "json.JSONDecodeError": "ValueError",
    "struct.error": "ValueError",
    "binascii.Error": "ValueError",
    **{f"requests.{name}": "OSError" for name in _OF_REQUESTS},
    "requests.JSONDecodeError": "ValueError",
}
"""Exceptions of CPython's modules, each with the one that MicroPython raises instead: mostly a base class of it.

`readexactly` of a stream raises EOFError at its end (extmod/asyncio/stream.py:49@v1.28.0).
"""

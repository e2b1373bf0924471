"""CPython's builtin exceptions, other than OSError's children, that no port has at any release."""

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

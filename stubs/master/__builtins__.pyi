"""What CPython has built in and MicroPython has not, for pyright and basedpyright; mypy does not read this file.

A file of this name is looked up before the builtins of the standard library's stubs.
"""

from typing import type_check_only

@type_check_only
class _NotInMicroPython:
    """MicroPython lacks this name: looking it up, also in an ``except`` clause, is a NameError. Use OSError."""

BlockingIOError: _NotInMicroPython
BrokenPipeError: _NotInMicroPython
ChildProcessError: _NotInMicroPython
ConnectionAbortedError: _NotInMicroPython
ConnectionError: _NotInMicroPython
ConnectionRefusedError: _NotInMicroPython
ConnectionResetError: _NotInMicroPython
EnvironmentError: _NotInMicroPython
FileExistsError: _NotInMicroPython
FileNotFoundError: _NotInMicroPython
IOError: _NotInMicroPython
InterruptedError: _NotInMicroPython
IsADirectoryError: _NotInMicroPython
NotADirectoryError: _NotInMicroPython
PermissionError: _NotInMicroPython
ProcessLookupError: _NotInMicroPython
ReferenceError: _NotInMicroPython
TimeoutError: _NotInMicroPython

class OSError(Exception):
    """A failure of the system; which one, ``errno`` tells. MicroPython's has no strerror and no filename."""

    errno: int
    """The number of the failure; the errno module has the names. getaddrinfo's are negative and its own."""

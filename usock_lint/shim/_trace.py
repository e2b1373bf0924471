"""A traceback as MicroPython prints it: files and lines of the script only, then the exception."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from typing import Any, TextIO


def print_exception(error: BaseException, file: TextIO, builtins: Mapping[str, Any]) -> None:
    """Print `error` with those frames that ran under `builtins`; what it was raised from is not shown."""
    print("Traceback (most recent call last):", file=file)
    for frame, line in traceback.walk_tb(error.__traceback__):
        if frame.f_builtins is builtins:
            print(f'  File "{frame.f_code.co_filename}", line {line}, in {frame.f_code.co_name}', file=file)
    if isinstance(error, SyntaxError):
        print(f'  File "{error.filename}", line {error.lineno}', file=file)
    print(f"{device_name(type(error), builtins)}: {message(error)}", file=file)


def device_name(kind: type, builtins: Mapping[str, Any]) -> str:
    """The name of an exception's type, or of the first of its bases, that a script could have used."""
    for base in kind.__mro__:
        if base.__module__ != "builtins" or base.__name__ in builtins:
            return base.__name__
    return kind.__name__


def message(error: BaseException) -> str:
    """What MicroPython prints after the type."""
    if isinstance(error, SyntaxError):
        return error.msg
    if isinstance(error, OSError):
        return str(error)
    match error.args:
        case ():
            return ""
        case (only,):
            return str(only)
        case several:
            return repr(several)

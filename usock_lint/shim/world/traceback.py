"""A traceback as MicroPython prints it: files and lines of the script only, then the exception."""

from __future__ import annotations

import re
import traceback
from collections.abc import Mapping
from typing import Any, TextIO

WORDS = (
    (r"(.* object) is not (callable|iterable|subscriptable)", r"\1 isn't \2"),
    (r"(name '\w+') is not defined", r"\1 isn't defined"),
    (r"cannot unpack non-iterable (\w+) object", r"'\1' object isn't iterable"),
    (r"object (\w+) can't be used in 'await' expression", r"'\1' object isn't iterable"),
    (r"('\w+' object) can't be awaited", r"\1 isn't iterable"),  # 3.14
    (r"invalid literal for int\(\) with base (.*)", r"invalid syntax for integer with base \1"),
    (r"cannot access \w+ variable '\w+' where.*", "local variable referenced before assignment"),
    (r"\w+ variable '\w+' referenced before assignment.*", "local variable referenced before assignment"),  # 3.10
    (r"(?:\w+ )*(?:division|modulo)(?: or modulo)? by zero|float modulo", "divide by zero"),
    (r"(?:0\.0 cannot be raised|zero) to a negative power", "divide by zero"),
    (r"can only concatenate (\w+) \(not .(\w+).\) to \w+", r"unsupported types for __add__: '\1', '\2'"),
    (r"unsupported operand type\(s\) for \+=?: ('\w+') and ('\w+')", r"unsupported types for __add__: \1, \2"),
    (r"(\w+ indices must be integers) or slices, not (\w+)", r"\1, not \2"),
    (r"max\(\) .* empty.*", "arg is an empty sequence"),
    (r"\w+\(\) got an (unexpected keyword argument '\w+').*", r"\1"),
    (r"(.* object has no attribute '\w+') and no __dict__ for setting new attributes", r"\1"),
    (r"(too many values to unpack \(expected \d+), got \d+\)", r"\1)"),
    (r"not enough values to unpack \(expected (?:at least )?\d+, got (\d+)\)", r"need more than \1 values to unpack"),
    (r"(?:cannot use '.*' as a .* \()?unhashable type: ('[\w.]+')\)?", r"unsupported type for __hash__: \1"),
)
"""CPython's messages for the most frequent mistakes, and MicroPython's (run on 1.25 and 1.26)."""


def print_exception(error: BaseException, file: TextIO, builtins: Mapping[str, Any]) -> None:
    """Print `error` with those frames that ran under `builtins`; what it was raised from is not shown."""
    lines = [
        f'  File "{frame.f_code.co_filename}", line {line}, in {frame.f_code.co_name}'
        for frame, line in traceback.walk_tb(error.__traceback__)
        if frame.f_builtins is builtins
    ]
    if isinstance(error, SyntaxError):
        lines.append(f'  File "{error.filename}", line {error.lineno}')
    if lines:
        print("Traceback (most recent call last):", *lines, sep="\n", file=file)
    print(f"{device_name(type(error), builtins)}: {message(error)}", file=file)


def device_name(kind: type, builtins: Mapping[str, Any]) -> str:
    """The name of an exception's type, or of the first of its bases, that a script could have used."""
    for base in kind.__mro__:
        if base.__module__ != "builtins" or base.__name__ in builtins:
            return base.__name__
    return kind.__name__


def message(error: BaseException) -> str:
    """The text that MicroPython prints after the exception's type."""
    if isinstance(error, SyntaxError):
        return error.msg
    if isinstance(error, OSError):
        return str(error)
    match error.args:
        case ():
            return ""
        case (only,):
            return str(device_words(only))
        case several:
            return repr(several)


def device_words(words: Any) -> Any:
    """MicroPython's message where CPython's is known."""
    if not isinstance(words, str):
        return words
    return next((re.sub(host, own, words) for host, own in WORDS if re.fullmatch(host, words)), words)

"""A traceback as MicroPython prints it: files and lines of the script only, then the exception."""

from __future__ import annotations

import re
import traceback
import types
from collections.abc import Mapping
from typing import Any, TextIO

OPERATORS = (
    *(("-", "sub"), ("*", "mul"), ("/", "truediv"), ("//", "floordiv"), ("%", "mod"), ("**", "pow")),
    *(("<<", "lshift"), (">>", "rshift"), ("&", "and"), ("|", "or"), ("^", "xor"), ("@", "matmul")),
)
COMPARISONS = (("<", "lt"), (">", "gt"), ("<=", "le"), (">=", "ge"))
UNARY = (("-", "neg"), ("+", "pos"), ("~", "invert"))
"""Operators, and what MicroPython's messages call them."""

WORDS = (
    ("subsection not found", "substring not found"),
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
    (r"\w+\(\) got an (unexpected keyword argument '\w+').*", r"\1"),
    (r"(.* object has no attribute '\w+') and no __dict__ for setting new attributes", r"\1"),
    (r"(too many values to unpack \(expected \d+), got \d+\)", r"\1)"),
    (r"not enough values to unpack \(expected (?:at least )?\d+, got (\d+)\)", r"need more than \1 values to unpack"),
    (  # in brackets on 3.14
        r"(?:cannot use '.*' as a .* \()?(?:unhashable type|unsupported type for __hash__): ('[\w.]+')\)?",
        r"unsupported type for __hash__: \1",
    ),
    (r"could not convert string to float: .*", "invalid syntax for number"),
    (r".* is not in list|(?:tuple|list)\.\w+\(x\): x not in \w+", "object not in sequence"),
    (r"(?:min|max)\(\) (?:arg|iterable argument) is (?:an )?empty(?: sequence)?", "arg is an empty sequence"),
    (r"No active exception to reraise", "no active exception to reraise"),
    (r"cannot convert float infinity to integer", "can't convert inf to int"),
    (r"cannot convert float NaN to integer", "can't convert NaN to int"),
    (r"bytes must be in range\(0, 256\)", "bytes value out of range"),
    (r"range\(\) arg 3 must not be zero", "zero step"),
    (r"sequence item \d+: expected .*", "join expects a list of str/bytes objects consistent with self object"),
    (r"Replacement index \d+ out of range for positional args tuple", "tuple index out of range"),
    (r"%[a-z] format: .* is required, not (\w+)", r"can't convert \1 to int"),
    (r"not enough arguments for format string", "format string needs more arguments"),
    (r"not all arguments converted during (?:string|bytes) formatting", "format string didn't convert all arguments"),
    (r"Unknown format code .*|Invalid format specifier.*", "invalid format specifier"),
    (r"Single '\{' encountered in format string|expected '\}' before end of string", "unmatched '{' in format"),
    (r"Single '\}' encountered in format string", "single '}' encountered in format string"),
    (r"(int|float)\(\) argument must be .*, not '(\w+)'", r"can't convert \2 to \1"),
    (r"bad operand type for abs\(\): ('\w+')", r"unsupported type for __abs__: \1"),
    (r"type (\w+) doesn't define __round__ method", r"can't convert \1 to float"),
    (r"dictionary update sequence element #\d+ has length .*", "dict update sequence has wrong length"),
    (r"('\w+' object) is not an iterator", r"\1 isn't an iterator"),
    (r"('\w+') object is not reversible", r"object of type \1 has no len()"),
    *(
        (
            rf"'{sign}' not supported between instances of ('\w+') and ('\w+')",
            rf"unsupported types for __{name}__: \1, \2",
        )
        for sign, name in COMPARISONS
    ),
    *(
        (rf"bad operand type for unary {re.escape(sign)}: ('\w+')", rf"unsupported type for __{name}__: \1")
        for sign, name in UNARY
    ),
    *(
        (
            rf"unsupported operand type\(s\) for {re.escape(sign)}=?(?: or pow\(\))?: ('\w+') and ('\w+')",
            rf"unsupported types for __{name}__: \1, \2",
        )
        for sign, name in OPERATORS
    ),
    (r"can't multiply sequence by non-int of type ('\w+')", r"unsupported types for __mul__: 'list', \1"),
    (
        r"(?:[\w.<>]+\.)?([\w<>]+\(\) takes \d+ positional argument)s? but (\d+) (?:was|were) given",
        r"\1s but \2 were given",
    ),
    (r"[\w.<>]+\(\) (got multiple values for argument '\w+')", r"function \1"),
    (r"[\w.<>]+\(\) missing \d+ required keyword-only argument.*", "function missing keyword-only argument"),
    (r".* argument after \* must be an iterable, not (\w+)", r"'\1' object isn't iterable"),
    (r"cannot set '(\w+)' attribute of immutable type '\w+'", r"'type' object has no attribute '\1'"),
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


_MISSING = re.compile(r"([\w.]+)\(\) missing (\d+) required positional arguments?: .*")


def counted(error: BaseException) -> str:
    """The message for too few arguments, which has the number of all; "" for another one, or without a number."""
    found = _MISSING.fullmatch(str(error.args[0])) if isinstance(error, TypeError) else None
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    if not found or not frames:
        return ""
    first, *rest = found[1].split(".")
    thing = frames[-1].f_locals.get(first, frames[-1].f_globals.get(first))
    for name in rest:
        thing = getattr(thing, name, None)
    if not isinstance(thing, types.FunctionType) or thing.__defaults__ or thing.__kwdefaults__:
        return ""
    total = thing.__code__.co_argcount
    return f"{thing.__name__}() takes {total} positional arguments but {total - int(found[2])} were given"


def device_words(words: Any) -> Any:
    """MicroPython's message where CPython's is known."""
    if not isinstance(words, str):
        return words
    return next((re.sub(host, own, words) for host, own in WORDS if re.fullmatch(host, words)), words)

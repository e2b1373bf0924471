"""A traceback as MicroPython prints it: frames of the script and of frozen code, then the exception."""

from __future__ import annotations

import re
import traceback
import types
from collections.abc import Iterator, Mapping
from typing import Any, TextIO

from usock_lint.shim.world.frozen import FRAMES, wrong_call

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
    (r"[\w.<>]+\(\) got an (unexpected keyword argument '\w+').*", r"\1"),
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
    """Print `error` with the frames of frozen code and of what ran under `builtins`, not what it was raised from."""
    lines = [
        f'  File "{file}", line {line}, in {name}'
        for frame, at in traceback.walk_tb(error.__traceback__)
        for file, line, name in shown(frame, at, builtins)
    ]
    if isinstance(error, SyntaxError):
        lines.append(f'  File "{error.filename}", line {error.lineno}')
    if lines:
        print("Traceback (most recent call last):", *lines, sep="\n", file=file)
    print(f"{device_name(type(error), builtins)}: {message(error)}", file=file)


def shown(frame: types.FrameType, line: int, builtins: Mapping[str, Any]) -> Iterator[tuple[str, int, str]]:
    """The file, the line and the function of a frame that MicroPython has, too; of frozen code no lines are kept."""
    code = frame.f_code
    if frame.f_builtins is builtins:
        yield code.co_filename, line, code.co_name
    elif code in FRAMES:
        file, name = FRAMES[code]
        yield file, 1, name


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
            return wrong_call(error) or str(device_words(only))
        case several:
            return repr(several)


def device_words(words: Any) -> Any:
    """MicroPython's message where CPython's is known."""
    if not isinstance(words, str):
        return words
    return next((re.sub(host, own, words) for host, own in WORDS if re.fullmatch(host, words)), words)

"""A traceback as MicroPython prints it: frames of the script and of frozen code, then the exception."""

from __future__ import annotations

import ast
import re
import traceback
import types
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from opcode import opmap
from typing import Any, TextIO

from usock_lint.shim.core.sealed import is_of_shim
from usock_lint.shim.world.frozen import CALL, FRAMES, wrong_call

OPERATORS = (
    *(("-", "sub"), ("*", "mul"), ("/", "truediv"), ("//", "floordiv"), ("%", "mod"), ("**", "pow")),
    *(("<<", "lshift"), (">>", "rshift"), ("&", "and"), ("|", "or"), ("^", "xor"), ("@", "matmul")),
)
COMPARISONS = (("<", "lt"), (">", "gt"), ("<=", "le"), (">=", "ge"))
UNARY = (("-", "neg"), ("+", "pos"), ("~", "invert"))
"""The names of operators in MicroPython's messages: binary ones, comparisons and unary ones."""

OWN_FUNCTION = (
    r"(?:(?:World|Device|BytesIO|StringIO|FileIO|TextIOWrapper|deque|Match|Pattern|ByteArray|Array|OrderedDict|RingIO|Views"
    r"|set_type\.<locals>\.\w+|(?:array|binascii|cmath|cryptolib|deflate|gc|hashlib|io|json|math|micropython|os|random|re"
    r"|struct|sys|thread|uctypes)\.<locals>)\.)\w+\(\)"
)
"""A pattern of the names that CPython's messages have for functions of the shim which stand for builtin ones."""

NO_KEYWORDS = "function doesn't take keyword arguments"


def of_integer(found: re.Match[str]) -> str:
    """The message of int() for a text, without its sign and prefix (py/parsenum.c:94, py/parsenumbase.c:36@v1.28.0)."""
    base = int(found[1])
    try:
        given: Any = ast.literal_eval(found[2])
    except (ValueError, SyntaxError):  # CPython has cut it
        return f"invalid syntax for integer with base {base or 10}: {found[2]}"
    data: bytes = given.encode() if isinstance(given, str) else given
    digits = re.sub(rb"\A[+-]", b"", data.lstrip(b" \t\n\r\v\f"))
    for prefix, of_prefix in ((b"0x", 16), (b"0o", 8), (b"0b", 2)):
        if digits[:2].lower() == prefix and base in (0, of_prefix):
            base, digits = of_prefix, digits[2:]
            break
    return f"invalid syntax for integer with base {base or 10}: {repr(digits)[1:]}"


WORDS: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (
        rf"{OWN_FUNCTION} (takes \d+ positional argument)s? but (\d+) (?:was|were) given",
        r"function \1s but \2 were given",
    ),
    (
        rf"{OWN_FUNCTION} takes from \d+ to (\d+) .* but (\d+) were given",
        r"function expected at most \1 arguments, got \2",
    ),
    (rf"{OWN_FUNCTION} (missing \d+ required positional argument).*", r"function \1s"),
    (rf"(?:{OWN_FUNCTION}|[A-Z]\w+\(\)|os_error\.\S+) (?:got an unexpected|takes no) keyword argument.*", NO_KEYWORDS),
    ("subsection not found", "substring not found"),
    (r"(.* object) is not (callable|iterable|subscriptable)", r"\1 isn't \2"),
    (r"(name '\w+') is not defined", r"\1 isn't defined"),
    (r"cannot unpack non-iterable (\w+) object", r"'\1' object isn't iterable"),
    (r"object (\w+) can't be used in 'await' expression", r"'\1' object isn't iterable"),
    (r"('\w+' object) can't be awaited", r"\1 isn't iterable"),  # 3.14
    (r"invalid literal for int\(\) with base (\d+): (.*)", of_integer),
    (r"cannot access \w+ variable '\w+' where.*", "local variable referenced before assignment"),
    (r"\w+ variable '\w+' referenced before assignment.*", "local variable referenced before assignment"),  # 3.10
    (r"(?:\w+ )*(?:division|modulo)(?: or modulo)? by zero|float modulo", "divide by zero"),
    (r"(?:0\.0 cannot be raised|zero) to a negative power", "divide by zero"),
    (r"can only concatenate (\w+) \(not .(\w+).\) to \w+", r"unsupported types for __add__: '\1', '\2'"),
    (r"unsupported operand type\(s\) for \+=?: ('\w+') and ('\w+')", r"unsupported types for __add__: \1, \2"),
    (r"((?!byte )\w+ indices must be integers) or slices, not (\w+)", r"\1, not \2"),
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
    (r"maximum recursion depth exceeded.*", "maximum recursion depth exceeded"),
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
    (r"can't multiply sequence by non-int of type ('\w+')", r"unsupported types for __mul__: 'str', \1"),
    (
        r"(?:[\w.<>]+\.)?([\w<>]+\(\) takes \d+ positional argument)s? but (\d+) (?:was|were) given",
        r"\1s but \2 were given",
    ),
    (r"[\w.<>]+\(\) (got multiple values for argument '\w+')", r"function \1"),
    (r"[\w.<>]+\(\) missing \d+ required keyword-only argument.*", "function missing keyword-only argument"),
    (r".* argument after \* must be an iterable, not (\w+)", r"'\1' object isn't iterable"),
    (r"argument of type 'bool' is not .*", "'int' object isn't iterable"),
    (r"argument of type ('\w+') is not .*", r"\1 object isn't iterable"),
    (r"unsupported operand type\(s\) for \*\* or pow\(\): '\w+', .*", "pow() with 3 arguments requires integers"),
    (r"(?:bool|list|tuple|set|frozenset|float) (expected at most 1 argument), (got \d+)", r"function \1s, \2"),
    (r"cannot (create '\w+' instances)", r"can't \1"),
    (r"pop index out of range", "list index out of range"),
    (r"(list|array) assignment (index out of range)", r"\1 \2"),
    (r"descriptor '\w+' for ('\w+') objects doesn't apply to an? ('\w+') object", r"argument should be a \1 not a \2"),
    (r"int too big to convert", "buffer too small"),
    (r"property ('\w+') of ('\w+' object) has no (?:setter|deleter)", r"\2 has no attribute \1"),
    (
        r"calling .* should have returned an instance of BaseException, not .*",
        "exceptions must derive from BaseException",
    ),
    (r"memoryview: invalid slice key", "memoryview indices must be integers, not str"),
    (r"memoryview assignment: lvalue and rvalue have different structures", "lhs and rhs should be compatible"),
    (r"cannot delete memory", "'memoryview' object doesn't support item deletion"),
    (r"slice indices must be integers or None or have an __index__ method", "can't convert str to int"),
    (r"non-hexadecimal number found in fromhex\(\) arg .*|fromhex\(\) arg must .*", "non-hex digit"),
    (r"cannot modify read-only memory", "'memoryview' object doesn't support item assignment"),
    (r"negative count|EOF when reading a line", ""),
    (r"unbound method \w+\.\w+\(\) needs an argument", "function missing 1 required positional arguments"),
    (r"('\w+' object) does not (support item \w+)", r"\1 doesn't \2"),
    (r"can't concat (\w+) to (\w+)", r"unsupported types for __add__: '\2', '\1'"),
    (r"NoneType takes no arguments", "can't create 'NoneType' instances"),
    (r"(?:memoryview: )?a bytes-like object is required, not .*", "object with buffer protocol required"),
    (  # the second since 3.14
        r"cannot convert dictionary update sequence element #\d+ to a sequence|object is not iterable",
        "'int' object isn't iterable",
    ),
    (r"('\w+' object has no attribute '\w+'|object of type '\w+' has no len\(\))", r"\1"),
    (
        r"(?:\w+\.)?\w+\(\) takes no arguments \((\d+) given\)",
        lambda found: f"function takes 1 positional arguments but {int(found[1]) + 1} were given",
    ),
    (
        r"\w+\.\w+\(\) takes exactly one argument \((\d+) given\)",
        lambda found: f"function takes 2 positional arguments but {int(found[1]) + 1} were given",
    ),
    (r"negative argument not allowed", ""),
    (r"\w+\(\) takes exactly one argument \((\d+) given\)", r"function takes 1 positional arguments but \1 were given"),
    (
        r"(?:dict|update) expected at most 1 argument, got (\d+)",
        lambda found: f"function expected at most 2 arguments, got {int(found[1]) + 1}",
    ),
    (r"type\(\) (takes 1 or 3 arguments)", r"type \1"),
    (r"unsupported operand type\(s\) for divmod\(\): ('\w+') and ('\w+')", r"unsupported types for __divmod__: \1, \2"),
    (r"type '\w+' is not subscriptable", "'type' object isn't subscriptable"),
    (r"'(\w+)' object cannot be interpreted as an integer", r"can't convert \1 to int"),
    (r"attribute name must be string, not ('\w+')", r"can't convert \1 object to str implicitly"),
    (r"must be real number, not (\w+)", r"can't convert \1 to float"),
    (r"int\(\) base must be >= 2 and <= 36, or 0", "int() arg 2 must be >= 2 and <= 36"),
    (r"bytes\(\) argument 'encoding' must be .*|encoding without a string argument", "wrong number of arguments"),
    (r"cannot convert ('\w+' object) to (?:bytes|bytearray)", r"\1 isn't iterable"),
    (r"complex\(\) arg is a malformed string", "invalid syntax for number"),
    (r"complex\(\) .*argument must be a string or a number, not '?(?:.*\.)?(\w+)'?", r"can't convert \1 to complex"),
    (r"(string) (indices must be integers), not '(\w+)'", r"\1 \2, not \3"),
    (r"byte (indices must be integers) or slices, not (\w+)", r"bytes \1, not \2"),
    (r"index out of range", "bytes index out of range"),
    (r"range object (index out of range)", r"range \1"),
    (r"index out of bounds on dimension 1", "memoryview index out of range"),
    (r"'in <string>' requires string as left operand, not (\w+)", r"can't convert '\1' object to str implicitly"),
    (r"ord\(\) expected string of length 1, but (\w+) found", r"can't convert '\1' object to str implicitly"),
    (r"compile\(\) arg 1 must be a string, bytes or AST object", "object with buffer protocol required"),
    (r"hea\w+\(\) argument (?:1 )?must be list, not .*", "heap must be a list"),
    (r"round\(\) takes at most 2 arguments \((\d+) given\)", r"function expected at most 2 arguments, got \1"),
    (r"cannot set '(\w+)' attribute of immutable type '\w+'", r"'type' object has no attribute '\1'"),
)
"""CPython's messages for the most frequent mistakes, and MicroPython's (run on 1.25 and 1.26)."""


TYPES = {
    "method_descriptor": "function",
    "method": "bound_method",
    "ellipsis": "",
    "NotImplementedType": "",
    "coroutine": "generator",
    **dict.fromkeys(("dict_keys", "dict_values", "dict_items"), "dict_view"),
    **dict.fromkeys(
        (
            *("list_iterator", "tuple_iterator", "str_iterator", "str_ascii_iterator", "range_iterator"),
            *("bytes_iterator", "bytearray_iterator", "memory_iterator"),
        ),
        "iterator",
    ),
    "list_reverseiterator": "reversed",
}
"""The names of types in CPython's messages, and in MicroPython's, where they differ."""

_TYPES = re.compile(f"(?<=')(?:{'|'.join(TYPES)})(?=')|(?<=convert )(?:{'|'.join(TYPES)})(?= to )")

_BINARY = re.compile(r"unsupported types for __(\w+)__: ('\w*'), ('\w*')")


def binary_message(found: re.Match[str]) -> str:
    """The message about two operands, with int for bool: a left bool, and a right one unless the operator compares.

    MicroPython's bool makes an int of itself first (py/objbool.c:75@v1.28.0).
    """
    name, left, right = found.groups()
    left = "'int'" if left == "'bool'" else left
    right = "'int'" if right == "'bool'" and name not in ("lt", "gt", "le", "ge") else right
    return f"unsupported types for __{name}__: {left}, {right}"


def print_exception(error: BaseException, file: TextIO, builtins: Mapping[str, Any]) -> None:
    """Print `error` with the frames of frozen code and of code with these builtins; without its cause."""
    lines = [
        f'  File "{file}", line {line}, in {name}'
        for frame, at in traceback.walk_tb(error.__traceback__)
        for file, line, name in shown(frame, at, builtins)
    ]
    if isinstance(error, SyntaxError) and error.filename:
        # `device_syntax` has put the name of the function in the place of the line's text.
        inside = f", in {error.text}" if error.text else ""
        lines.append(f'  File "{error.filename}", line {error.lineno}{inside}')
    if lines:
        print("Traceback (most recent call last):", *lines, sep="\n", file=file)
    show = type(error).__repr__
    if isinstance(show, types.FunctionType) and not is_of_shim(show):
        print(repr(error), file=file)  # the class of the script prints itself: py/objtype.c:240@v1.28.0
    else:
        print(f"{device_name(type(error), builtins)}: {message(error, builtins)}", file=file)


def shown(frame: types.FrameType, line: int, builtins: Mapping[str, Any]) -> Iterator[tuple[str, int, str]]:
    """The file, line and function of a frame that MicroPython has, too; else nothing. The line of frozen code is 1."""
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


def message(error: BaseException, builtins: Mapping[str, Any]) -> str:
    """The text that MicroPython prints after the exception's type."""
    if isinstance(error, SyntaxError):
        return error.msg
    if isinstance(error, OSError):
        # A script's __str__ is not asked: py/objtype.c:240@v1.28.0.
        texts = (vars(kind)["__str__"] for kind in type(error).__mro__ if "__str__" in vars(kind))
        return next(text(error) for text in texts if not isinstance(text, types.FunctionType) or is_of_shim(text))
    match error.args:
        case ():
            return ""
        case (only,):
            return str(words_of(error, only, builtins))
        case several:
            return repr(several)


def words_of(error: BaseException, only: Any, builtins: Mapping[str, Any]) -> Any:
    """The one argument of an exception, as MicroPython's. Code with these builtins raises it with words of its own."""
    if not isinstance(only, str) or is_raised_by(error, only, builtins):
        return only
    return wrong_call(error) or device_words(only)


RAISE = opmap["RAISE_VARARGS"]


def is_of_raise(error: BaseException, words: str) -> bool:
    """True for a TypeError of `raise` itself, about a class that it cannot make an exception of."""
    return isinstance(error, TypeError) and (words.startswith("calling <") or bool(CALL.fullmatch(words)))


def is_raised_by(error: BaseException, words: str, builtins: Mapping[str, Any]) -> bool:
    """True if a statement `raise x` of code with these builtins, or an assert, raises the exception."""
    place = error.__traceback__
    while place and place.tb_next:
        place = place.tb_next
    if place is None or place.tb_frame.f_builtins is not builtins or is_of_raise(error, words):
        return False
    operation, argument = place.tb_frame.f_code.co_code[place.tb_lasti :][:2]
    return operation == RAISE and argument > 0


def without_details(words: str) -> str:
    """MicroPython's message as a build with normal error reporting has it: of all ports only unix tells details.

    py/mpconfig.h:926, py/bc.c:98, py/objnamedtuple.c:100, py/parsenum.c:185@v1.28.0, run:lwip@1.28.
    """
    words = re.sub(r"\A\w+\(\) (takes \d+ positional arguments but \d+ were given)\Z", r"function \1", words)
    return re.sub(r"\A(invalid syntax for integer with base \d+): .*", r"\1", words, flags=re.DOTALL)


@cache
def patterns() -> list[tuple[str, str, str | Callable[[re.Match[str]], str]]]:
    """WORDS, each with a part of the message. To compile all would take longer than many a timeout of a program."""
    return [(plain_part(host), host, own) for host, own in WORDS]


def plain_part(pattern: str) -> str:
    """The longest text that is in each message that a pattern matches; "" if none is obvious."""
    outside = GROUP.sub("\0", pattern)
    while GROUP.search(outside):
        outside = GROUP.sub("\0", outside)
    if "|" in outside:
        return ""
    return max(re.split(r"\0|\\.|.[?*{][\d,}]*|[.+^$]", outside), key=len)


GROUP = re.compile(r"\[[^]]*\]|(?<!\\)\((?:\\.|[^()\\])*\)(?:[?*+]|\{[\d,]+\})?")
"""Brackets, and parentheses without others inside."""


def device_words(words: str) -> str:
    """MicroPython's message for one of CPython's in WORDS; anything else is unchanged."""
    words = words.replace("builtin_function_or_method", "function").replace("array.arrayiterator", "iterator")
    likely = ((host, own) for part, host, own in patterns() if part in words)
    found = next((re.sub(host, own, words) for host, own in likely if re.fullmatch(host, words)), None)
    if found is None:
        return words
    found = _TYPES.sub(lambda match: TYPES[match[0]], found)
    return _BINARY.sub(binary_message, found)

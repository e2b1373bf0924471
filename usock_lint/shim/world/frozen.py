"""Functions of the shim that stand for frozen modules: those of the firmware that are Python, such as asyncio.

They differ from functions that stand for C code: they have lines in tracebacks, their errors for wrong arguments are
those of a script's function, and their coroutines are generators.
"""

from __future__ import annotations

import gc
import inspect
import os
import re
import traceback
import types
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from usock_lint.shim.core.arguments import check_count

FRAMES: dict[types.CodeType, tuple[str, str]] = {}
"""The file in the firmware and the name there of each frozen function, by its code object."""

T = TypeVar("T")


def frozen(file: str, **names: str) -> Callable[[T], T]:
    """A decorator that marks a function, or the methods of a class, as frozen code in this file of the firmware.

    `names` gives the firmware's name for a function that has another one here; with "" it has no line in tracebacks.
    """

    def mark(thing: T) -> T:
        if not isinstance(thing, type):
            return marked(thing)
        for name, one in [*vars(thing).items()]:
            if isinstance(one, types.FunctionType):
                setattr(thing, name, marked(one))
            elif (function := getattr(one, "__func__", None)) is not None:  # of a class method or a static one
                setattr(thing, name, type(one)(marked(function)))
        return thing

    def marked(function: Any) -> Any:
        name = names.get(function.__name__, function.__name__)
        if function.__code__.co_flags & inspect.CO_COROUTINE:
            function = as_generator(function)
        if name:
            FRAMES[function.__code__] = (file, name)
        return function

    return mark


def is_frozen(thing: object) -> bool:
    """True for a function that `frozen` has marked."""
    return getattr(thing, "__code__", None) in FRAMES


def as_generator(coroutine: types.FunctionType) -> types.FunctionType:
    """A coroutine as a generator that can be awaited."""
    code = coroutine.__code__
    flags = code.co_flags & ~inspect.CO_COROUTINE | inspect.CO_GENERATOR | inspect.CO_ITERABLE_COROUTINE
    function = types.FunctionType(
        code.replace(co_flags=flags),
        coroutine.__globals__,
        coroutine.__name__,
        coroutine.__defaults__,
        coroutine.__closure__,
    )
    function.__kwdefaults__ = coroutine.__kwdefaults__
    function.__qualname__ = coroutine.__qualname__
    return function


CALL = re.compile(
    r"(?P<name>[\w.<>]+)\(\) (?:"
    r"missing \d+ required positional arguments?: (?P<lacked>.*)"
    r"|takes (?:from \d+ to )?(?P<count>\d+) positional arguments? but (?P<given>\d+) .*given"
    r"|got an unexpected keyword argument '(?P<keyword>\w+)'.*"
    r"|got some positional-only arguments passed as (?P<closed>keyword) arguments: .*"
    r"|missing \d+ required keyword-only arguments?: (?P<named>.*))"
)
"""CPython's messages for the wrong arguments of a function."""


def wrong_call(error: BaseException) -> str:
    """MicroPython's message for a TypeError that CALL matches; "" for another error, or an unknown function."""
    found = CALL.fullmatch(str(error.args[0])) if isinstance(error, TypeError) and len(error.args) == 1 else None
    code, optional = next(candidates(found, error), (None, 0)) if found else (None, 0)
    if found is None or code is None:
        return ""
    lacked = re.findall(r"'(\w+)'", found["lacked"] or "")
    if named := re.findall(r"'(\w+)'", found["named"] or ""):
        # With keywords, or defaults of such parameters, the first one is named (py/bc.c:300@v1.28.0).
        told = len(named) < code.co_kwonlyargcount or has_keywords(error)
        return (
            f"function missing required keyword argument '{named[0]}'"
            if told
            else "function missing keyword-only argument"
        )
    # What a function closes over is passed as its first arguments (py/objclosure.c:40@v1.28.0).
    closed = 0 if code in FRAMES else len(code.co_freevars)
    # Arguments that are missing without keywords are the last ones that have to be given.
    required = code.co_varnames.index(lacked[-1]) + 1 if lacked else code.co_argcount
    if code.co_filename.startswith(SHIM) and code not in FRAMES:
        return builtin_mismatch(found, code, optional, required - len(lacked))
    if found["given"]:
        return mismatch(code, closed + code.co_argcount, closed + int(found["given"]))
    if lacked and (code.co_kwonlyargcount or has_keywords(error)):
        # MicroPython checks the last parameter first (py/bc.c:282@v1.28.0).
        return f"function missing required positional argument #{closed + required - 1}"
    return mismatch(code, closed + required, closed + required - len(lacked)) if lacked else ""


def has_keywords(error: BaseException) -> bool:
    """True if the call that failed has keywords, as far as the shim made it for the script."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return bool(frames) and frames[-1].f_code.co_filename.startswith(SHIM) and bool(frames[-1].f_locals.get("keywords"))


SHIM = os.path.dirname(os.path.dirname(__file__))
"""The folder of the shim: a function in it that is not frozen stands for a builtin one."""


def builtin_mismatch(found: re.Match[str], code: types.CodeType, optional: int, given: int) -> str:
    """The message of a builtin function; `optional` of its parameters have defaults, `given` arguments were given."""
    if found["keyword"] or found["closed"]:
        own = code.co_varnames[: code.co_argcount][:1] == ("self",)
        takes_some = code.co_kwonlyargcount or max(code.co_posonlyargcount, own) < code.co_argcount
        return "extra keyword arguments given" if takes_some else "function doesn't take keyword arguments"
    own = int(found["name"].endswith(("__init__", "__new__")))  # `self` or the class, which messages do not count
    most = None if code.co_flags & inspect.CO_VARARGS or code.co_kwonlyargcount else code.co_argcount - own
    if code.co_kwonlyargcount and found["given"]:
        return "extra positional arguments given"
    try:
        check_count(int(found["given"] or given) - own, code.co_argcount - optional - own, most)
    except TypeError as error:
        return str(error)
    return ""


def mismatch(code: types.CodeType, wanted: int, given: int) -> str:
    """The message of fun_pos_args_mismatch() (py/bc.c:104@v1.28.0)."""
    name = FRAMES.get(code, ("", code.co_name))[1]
    return f"{name}() takes {wanted} positional arguments but {given} were given"


def candidates(found: re.Match[str], error: BaseException) -> Iterator[tuple[types.CodeType, int]]:
    """The functions that the message may be about: those with its name and its parameters.

    Each is its code, and the number of its parameters with defaults, 0 if that is not known.
    """
    lacked = set(re.findall(r"'(\w+)'", found["lacked"] or ""))
    count = found["count"] and int(found["count"])
    for name, code, optional in (*functions(error), *inside(error)):
        parameters = code.co_varnames[: code.co_argcount]
        if found["name"] == name and lacked <= {*parameters} and count in (None, len(parameters)):
            yield code, optional


def functions(error: BaseException) -> Iterator[tuple[str, types.CodeType, int]]:
    """All functions of the process, those of the script's file that raised the error, or made the call, first."""
    there = [one for one in gc.get_objects() if type(one) is types.FunctionType]
    files = [frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)]
    here = [one for one in files if not one.startswith(SHIM)][-1:] or files[-1:]
    for function in sorted(there, key=lambda one: one.__code__.co_filename not in here):
        yield function.__qualname__, function.__code__, len(function.__defaults__ or ())


def inside(error: BaseException) -> Iterator[tuple[str, types.CodeType, int]]:
    """The functions defined inside those that the error has passed through. The functions themselves may be gone."""
    left = [frame.f_code for frame, _ in traceback.walk_tb(error.__traceback__)]
    while left:
        for code in [one for one in left.pop().co_consts if isinstance(one, types.CodeType)]:
            left.append(code)
            yield getattr(code, "co_qualname", code.co_name), code, 0

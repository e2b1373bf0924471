from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from usock_lint.analysis.uses import TypeMember
from usock_lint.checks import Report, on
from usock_lint.checks._repairs import Repair, by_super, replace
from usock_lint.i18n import Field, Said, say
from usock_lint.ports import special_names

_ADVICE: Final[Mapping[str, Said]] = {
    "format_map": say("; use `format`"),
    "__init__": say("; call `super().__init__`"),
    "hexdigest": say("; use `binascii.hexlify` of `digest()`"),
    "iter_content": say("; read pieces from `raw`"),
    "iter_lines": say("; read pieces from `raw`, and split them into lines"),
    "ok": say("; compare `status_code`"),
    "raise_for_status": say("; compare `status_code`"),
    "isalnum": say("; ask each character with `isalpha` and `isdigit`"),
    "isdecimal": say("; use `isdigit`"),
    "isnumeric": say("; use `isdigit`"),
    "ljust": say("; pad it with `str.format`"),
    "removeprefix": say("; ask `startswith`, then slice"),
    "removesuffix": say("; ask `endswith`, then slice"),
    "rjust": say("; pad it with `str.format`"),
    "tobytes": say("; use `bytes`"),
    "tolist": say("; use `list`"),
    "zfill": say("; pad it with `str.format`"),
}

_NO_OPERATORS: Final = frozenset(
    "__annotations__ __closure__ __defaults__ __doc__ __kwdefaults__ __module__ __mro__ __new__ __qualname__ "
    "__sizeof__ __subclasses__".split()
)
"""Special names that stand for no operator and no builtin function."""

_TUPLE: Final = say("; it is a tuple: take the field by its index")

_OPERATOR: Final = say("; use the operator or the builtin for it")

_EQUAL: Final[Mapping[tuple[str, str], str]] = {("memoryview", "tobytes"): "bytes", ("memoryview", "tolist"): "list"}
"""Methods without arguments, and the builtins that give the same."""

_SHOWN: Final[Mapping[str, Said]] = {
    "binary_file": say("a file"),
    "class": say("a class"),
    "collections.deque": say("`deque`"),
    "function": say("a function"),
    "match": say("a match"),
    "object": say("an object"),
    "os.stat_result": say("what `os.stat` gives"),
    "pattern": say("a compiled pattern"),
    "requests.Response": say("what `requests` returns"),
    "text_file": say("a file"),
    "time.struct_time": say("what `time.localtime` gives"),
}
"""How a message calls types whose name in the table is not the one that programs use."""


@on(TypeMember)
def attribute(use: TypeMember) -> Iterator[Report]:
    if use.stored:
        message = say("functions take no attributes {where}; use a variable of the module")
        yield Report(use.node, use.site.live, message, "AttributeError")
        return
    owner = _SHOWN.get(use.type, say("`{type}`", type=use.type.rpartition(".")[2]))
    message = say("{type} has no `{name}` {where}{advice}", type=owner, name=use.name, advice=_advice(use))
    repair = by_super(use.site, use.call) if use.name == "__init__" else _by_builtin(use)
    yield Report(use.node, use.site.live, message, "AttributeError", repair=repair)


def _advice(use: TypeMember) -> Field:
    if use.name == "__init__" and use.type in special_names.FIXED:
        return say("; leave it out")
    return _ADVICE.get(use.name) or _by_form(use.name)


def _by_form(name: str) -> Field:
    if name.startswith(("tm_", "st_")):
        return _TUPLE
    return _OPERATOR if special_names.is_special(name) and name not in _NO_OPERATORS else ""


def _by_builtin(use: TypeMember) -> Repair | None:
    function = _EQUAL.get((use.type, use.name))
    if function is None or use.call is None or use.call.args:
        return None
    value = use.site.code(use.node.value)
    return Repair(say("Use `{name}`", name=function), (replace(use.call, f"{function}({value})"),))

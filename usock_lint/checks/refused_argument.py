from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import chain
from typing import Final

import libcst as cst

from usock_lint.analysis.domain.operations import constant, constants
from usock_lint.analysis.domain.values import Builtin, Cells, Module, OfType
from usock_lint.analysis.uses import Argument, Converted, Indexed, LibraryCall, Refused, Stepped
from usock_lint.checks import Report, on
from usock_lint.checks._calls import module_of
from usock_lint.checks._counts import arguments
from usock_lint.checks._repairs import Change, Edge, Repair, replace, without_arguments
from usock_lint.i18n import Said, say
from usock_lint.ports import Cell, world
from usock_lint.ports.regexes import refused_in_pattern
from usock_lint.ports.strings import refused_in_format
from usock_lint.syntax.nodes import of_type, once_per_node

ORDER: Final[Mapping[str, str]] = {
    "builtins.bytearray": "source encoding errors",
    "builtins.bytes": "source encoding errors",
    "builtins.int": "x base",
    "builtins.pow": "base exp mod",
    "builtins.round": "number ndigits",
    "builtins.str": "object encoding errors",
    "builtins.sum": "iterable start",
    "builtins.bytes.decode": "encoding='utf-8' errors",
    "builtins.bytearray.decode": "encoding='utf-8' errors",
    "builtins.str.encode": "encoding='utf-8' errors",
    "builtins.bytes.hex": "sep",
    "builtins.bytearray.hex": "sep",
    "builtins.memoryview.hex": "sep",
    "builtins.bytes.split": "sep=None maxsplit",
    "builtins.str.split": "sep=None maxsplit",
    "builtins.bytes.rsplit": "sep maxsplit",
    "builtins.str.rsplit": "sep maxsplit",
    "builtins.int.from_bytes": "bytes byteorder",
    "builtins.int.to_bytes": "length byteorder",
    "binascii.hexlify": "data sep",
    "collections.deque": "iterable=() maxlen",
    "hashlib.md5": "string",
    "hashlib.sha1": "string",
    "hashlib.sha256": "string",
    "struct.unpack_from": "format buffer offset",
}
"""The parameters that CPython takes by position or by name, in order; after `=` the default to write for one.
`rsplit` takes no None for the separator on MicroPython (py/objstr.c:727@v1.28.0).
"""

_PLAIN: Final = cst.Name | cst.Attribute | cst.Integer | cst.SimpleString
"""Expressions without side effects, so that it does not matter in which order they are evaluated."""
_CONSTRUCTORS: Final = frozenset({"bytes", "str"})
"""Classes that raise NotImplementedError for a keyword (py/objstr.c:192@v1.28.0, 248)."""

_LEAVE_OUT: Final = say("; leave it out")

_OF_KEYWORDS: Final[Mapping[tuple[str, str], Said]] = {
    ("builtins", "flush"): _LEAVE_OUT,
    **dict.fromkeys((("json", name) for name in ("ensure_ascii", "indent", "sort_keys")), _LEAVE_OUT),
    ("requests", "params"): say("; write them into the URL"),
    ("requests", "verify"): say("; leave it out: no certificate is verified"),
}
"""Advice for keywords that no argument by position takes the place of, by the module of the function."""

_ADVICE: Final[Mapping[tuple[str, str], Said]] = {
    ("builtins", "iter"): say("; call the function in a `while` loop"),
    ("collections", "deque"): say("; give an iterable and a maximum length"),
    ("match", "group"): say("; give one number"),
}

_WITH_FORMAT: Final = ("calcsize", "pack", "pack_into", "unpack", "unpack_from")
"""The functions of `struct`, all of which take a format first."""

_FOR_CODES: Final[Mapping[str, Said]] = {
    " ": say("; leave out the blanks"),
    "=": say("; write `<`, the byte order of every board"),
    "?": say("; use `B`"),
    "c": say("; use `s`"),
}

_WITH_PATTERN: Final = ("compile", "match", "search", "sub")
"""The functions of `re`, all of which take a pattern first."""

_LINE_END: Final = say("; without `r` before the string it is the character itself")
_FOR_PATTERNS: Final[Mapping[str, Said]] = {
    "{": say("; write what is repeated as often, with `?` where it may be missing"),
    "(?P<": say("; count the groups"),
    "\\n": _LINE_END,
    "\\r": _LINE_END,
    "\\t": _LINE_END,
}

_FROM_LISTS: Final[Mapping[str, str]] = {"bytes": "bytes", "str": '"".join', "tuple": "tuple"}
"""For types that do not change: the function that makes a value of the type from a list of its items."""


@on(Refused)
def call(use: Refused) -> Iterator[Report]:
    known = frozenset(name for one in _signatures(use) for name in (*one.named, *(one.keywords or ())))
    named = [one for one in use.arguments if one.keyword is not None]
    refused = [one for one in named if one.keyword not in known]
    yield _of_keywords(use, refused, takes_some=bool(known)) if refused else _of_count(use)


@on(Stepped)
def step(use: Stepped) -> Iterator[Report]:
    maker = _FROM_LISTS.get(use.type)
    advice = say("; assign each item") if use.type == "list" else say("; slice `list(...)` of it, or use a loop")
    message = say(
        "a step in a slice of `{type}` raises NotImplementedError {where}{advice}",
        type=use.type.rpartition(".")[2],
        advice=advice,
    )
    repair = _by_list(use, maker) if maker else None
    yield Report(use.node, use.site.live, message, "NotImplementedError", repair=repair)


@on(Indexed, Builtin)
def types_in_brackets(use: Indexed) -> Iterator[Report]:
    text = use.site.code(use.node.value)
    message = say(
        "`{name}[...]` raises TypeError {where}: no class takes an index; "
        "leave it to annotations, which are not evaluated",
        name=text,
    )
    yield Report(use.node, use.site.live, message, "TypeError")


@on(Indexed, OfType)
def match_in_brackets(use: Indexed) -> Iterator[Report]:
    message = say("a match takes no index {where}; call `group`")
    repair = None
    match use.node.slice:
        case [cst.SubscriptElement(slice=cst.Index(value=cst.Integer(value=number)))]:
            called = f"{use.site.code(use.node.value)}.group({number})"
            repair = Repair(say("Call `group`"), (replace(use.node, called),))
        case _:
            pass
    yield Report(use.node, use.site.live, message, "TypeError", repair=repair)


@on(Converted)
def instance(use: Converted) -> Iterator[Report]:
    message = say("`bytes` does not call `__bytes__` {where}; call it")
    yield Report(use.node, use.site.live, message, "" if use.iterable else "TypeError")


def _plain(use: LibraryCall, place: int, module: str) -> Argument | None:
    """The argument of a call of this module's function that is at a place, without a keyword or a star."""
    given = use.arguments[place] if place < len(use.arguments) else None
    return None if given is None or given.keyword or given.star or module_of(use) != module else given


@on(LibraryCall, Module, *_WITH_FORMAT)
def struct_format(use: LibraryCall) -> Iterator[Report]:
    given = _plain(use, 0, "struct")
    if given is None:
        return
    for form, cells in constants(given.value, str, use.site.live):
        if refused := refused_in_format(form):
            message = say(
                "`struct` takes no `{code}` in a format {where}{advice}",
                code=refused,
                advice=_FOR_CODES.get(refused, ""),
            )
            repair = _without_blanks(given) if refused == " " else None
            yield Report(given.node, cells, message, "ValueError", repair=repair)


@on(LibraryCall, Module, *_WITH_PATTERN)
def pattern(use: LibraryCall) -> Iterator[Report]:
    given = _plain(use, 0, "re")
    if given is None:
        return
    live = use.site.live
    in_bytes = ((one.decode("latin-1"), cells) for one, cells in constants(given.value, bytes, live))
    for text, cells in chain(constants(given.value, str, live), in_bytes):
        if refused := refused_in_pattern(text):
            advice = next((one for start, one in _FOR_PATTERNS.items() if refused.part.startswith(start)), "")
            message = say("`re` has no `{part}` in a pattern {where}{advice}", part=refused.part, advice=advice)
            yield Report(given.node, cells, message, "ValueError" if refused.raises else "")


@on(LibraryCall, Module, "namedtuple")
def names(use: LibraryCall) -> Iterator[Report]:
    given = _plain(use, 1, "collections")
    if given is None:
        return
    for text, cells in constants(given.value, str, use.site.live):
        found, meant = text.split(), text.replace(",", " ").split()
        # With as many names as are meant, the items can be taken by their places.
        if "," in text and (len(found) != len(meant) or not _members(use.site.module).isdisjoint({*meant} - {*found})):
            message = say(
                "`namedtuple` splits names at blanks only {where}: {first!r} is one; write no commas",
                first=found[0],
            )
            yield Report(given.node, cells, message, "", repair=_without_commas(given))


@once_per_node
def _members(module: cst.Module) -> frozenset[str]:
    """The names of the attributes in a file that are not called, and those that arguments are given by."""
    called = {id(one.func) for one in of_type(module, cst.Call)}
    read = (one.attr.value for one in of_type(module, cst.Attribute) if id(one) not in called)
    return frozenset((*read, *(one.keyword.value for one in of_type(module, cst.Arg) if one.keyword is not None)))


def _without_commas(given: Argument) -> Repair | None:
    """Write blanks between the names, as CPython takes them too."""
    match given.node.value:
        case cst.SimpleString(value=text):
            return Repair(
                say("Leave out the commas"), (replace(given.node.value, " ".join(text.replace(",", " ").split())),)
            )
        case _:
            return None


def _without_blanks(given: Argument) -> Repair | None:
    match given.node.value:
        case cst.SimpleString(value=text):
            return Repair(say("Leave out the blanks"), (replace(given.node.value, text.replace(" ", "")),))
        case _:
            return None


def _by_list(use: Stepped, maker: str) -> Repair:
    """Slice the list of the items instead."""
    brackets = use.site.code(use.node.with_changes(value=cst.Name("_"), lpar=(), rpar=())).removeprefix("_")
    text = f"{maker}(list({use.site.code(use.node.value)}){brackets})"
    return Repair(say("Slice a list"), (replace(use.node, text),))


def _of_keywords(use: Refused, refused: Sequence[Argument], *, takes_some: bool) -> Report:
    keyword, name = str(refused[0].keyword), _written(use)
    moved = _by_position(use)
    if moved is not None:
        advice = say("; pass `{keyword}` by position", keyword=keyword)
    else:
        advice = _OF_KEYWORDS.get((use.owner_name, keyword), "")
    if takes_some:
        message = say(
            "`{name}` takes no argument `{keyword}` {where}{advice}", name=name, keyword=keyword, advice=advice
        )
    else:
        message = say("`{name}` takes no keyword arguments {where}{advice}", name=name, advice=advice)
    constructs = use.owner_name == "builtins" and use.name in _CONSTRUCTORS
    raises = "NotImplementedError" if constructs else "TypeError"
    repair = moved or _without_flush(use, refused)
    return Report(refused[0].node, use.site.live, message, raises, _is_taken(use), repair)


def _of_count(use: Refused) -> Report:
    count = arguments(len(use.arguments))
    advice = _ADVICE.get((use.owner_name, use.name), "")
    message = say(
        "`{name}` with {count} raises TypeError {where}{advice}", name=_written(use), count=count, advice=advice
    )
    return Report(use.node, use.site.live, message, "TypeError", _is_taken(use), _whole_match(use))


def _is_taken(use: Refused) -> Callable[[Cell], bool | None]:
    """Whether a cell takes the call."""
    given = frozenset(str(one.keyword) for one in use.arguments if one.keyword is not None)
    return partial(_takes_on, whose=use.owner_name, name=use.name, positional=use.positional, keywords=given)


def _takes_on(cell: Cell, *, whose: str, name: str, positional: int, keywords: frozenset[str]) -> bool | None:
    found = world.signature(cell, whose, name)
    return None if found is None else found.takes(positional, keywords)


def _whole_match(use: Refused) -> Repair | None:
    """Ask a match for the group that CPython gives where no number is given."""
    if (use.owner_name, use.name, use.arguments) != ("match", "group", ()):
        return None
    change = Change(Edge(use.node, "start"), Edge(use.node, "end"), f"{use.site.code(use.node.func)}(0)")
    return Repair(say("Ask for group 0"), (change,))


def _signatures(use: Refused) -> frozenset[world.Call]:
    return _signatures_on(use.site.live, use.owner_name, use.name)


@lru_cache(1_000)
def _signatures_on(cells: Cells, whose: str, name: str) -> frozenset[world.Call]:
    found = (world.signature(cell, whose, name) for cell in cells)
    return frozenset(one for one in found if one is not None)


def _written(use: Refused) -> str:
    """The name as it is commonly written: that of a module's function with the module."""
    return (
        use.name
        if use.owner_name.startswith("builtins") or use.owner_name not in world.micropython_modules()
        else f"{use.owner_name}.{use.name}"
    )


def _by_position(use: Refused) -> Repair | None:
    """Pass keywords, given in any order, by position after the positional arguments.

    Defaults are written for parameters before them that are left out. None if there is a gap without a default, if the
    port takes fewer arguments, or if the order of evaluation would change.
    """
    slots = [one for one in use.arguments if one.keyword is not None]
    order = [text.partition("=") for text in ORDER.get(f"{use.owner_name}.{use.name}", "").split()][use.positional :]
    by_name = {str(one.keyword): one for one in slots}
    names = [name for name, _, _ in order]
    if not by_name or not by_name.keys() <= set(names) or len(by_name) < len(slots):
        return None
    first, last = min(map(names.index, by_name)), max(map(names.index, by_name)) + 1
    before = [default for _, _, default in order[:first]]
    moved = [by_name[name] for name in names[first:last] if name in by_name]
    if not all(before) or len(moved) < last - first or not _takes(use, use.positional + last):
        return None
    if moved != slots and not all(isinstance(one.node.value, _PLAIN) for one in slots):
        return None
    texts = [use.site.code(one.node.value) for one in moved]
    texts[0] = ", ".join([*before, texts[0]])
    changes = (
        Change(Edge(slot.node, "start"), Edge(slot.node, "end"), text) for slot, text in zip(slots, texts, strict=True)
    )
    return Repair(say("Pass by position"), tuple(changes))


def _takes(use: Refused, positional: int) -> bool:
    return all(one.takes(positional) for one in _signatures(use))


def _without_flush(use: Refused, refused: Sequence[Argument]) -> Repair | None:
    """Leave `flush` out of a `print`: safe if it is False, as then it does nothing on CPython."""
    if (use.owner_name, use.name, [one.keyword for one in refused]) != ("builtins", "print", ["flush"]):
        return None
    change = without_arguments(use.site, use.node, [refused[0].node])
    idle = all(constant(atom) is False for atom in refused[0].value)
    return Repair(say("Leave it out"), (change,), "safe" if idle else "unsafe")

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import libcst as cst

from usock_lint import ports
from usock_lint.analysis.domain.operations import NO_CELLS
from usock_lint.analysis.domain.values import Module, Socket
from usock_lint.analysis.handlers import is_guarded_by_handler
from usock_lint.analysis.uses import Argument, Call
from usock_lint.checks import Report, behaving, on
from usock_lint.checks._repairs import Change, Edge, Repair
from usock_lint.i18n import say

# Keywords of `makefile` that makefile-text-argument reports.
_TEXT = frozenset({"encoding", "errors", "newline"})

# Expressions without side effects, so that it does not matter in which order they are evaluated.
_PLAIN = cst.Name | cst.Attribute | cst.Integer | cst.SimpleString


@on(Call, Socket, Module)
def call(use: Call) -> Iterator[Report]:
    named = [one for one in use.arguments if one.keyword is not None]
    if use.name == "makefile":
        named = [one for one in named if one.keyword not in _TEXT]
    if named:
        yield _report(use, named[0])


def _report(use: Call, first: Argument) -> Report:
    kind = "socket" if isinstance(use.owner, Socket) else "module"
    cells = frozenset(cell for cell in use.site.live if ports.has(cell, kind, use.name))
    of_class = kind == "module" and use.name == "socket"
    ignoring = behaving(cells, "constructor_keywords", "ignored") if of_class else NO_CELLS
    # A handler guards where the call raises. Where the keywords are ignored, it never runs.
    if ignoring and is_guarded_by_handler(use.site.attempts, "TypeError"):
        cells = ignoring
    both = say("are ignored or raise TypeError") if ignoring else say("raise TypeError")
    effect = say("are ignored") if ignoring == cells else both
    message = say(
        "keyword arguments of `{name}` {effect} {where}; pass `{keyword}` by position",
        name=use.name,
        effect=effect,
        keyword=str(first.keyword),
    )
    raises = "" if ignoring == cells else "TypeError"
    return Report(first.node, cells, message, raises, repair=_by_position(use))


def _by_position(use: Call) -> Repair | None:
    """Pass keywords by position if they are, in any order, the parameters that follow the positional arguments."""
    slots = [one for one in use.arguments if one.keyword is not None]
    start = use.count
    order = None if start is None else _parameters(use)[start : start + len(slots)]
    by_name = {one.keyword: one for one in slots}
    if order is None or set(order) != set(by_name) or len(order) != len(slots):
        return None
    moved = [by_name[name] for name in order]
    if moved != slots and not all(isinstance(one.node.value, _PLAIN) for one in slots):
        return None
    return Repair(say("Pass by position"), tuple(_written(use, slots, moved)))


def _written(use: Call, slots: Sequence[Argument], moved: Sequence[Argument]) -> Iterator[Change]:
    for slot, argument in zip(slots, moved, strict=True):
        yield Change(Edge(slot.node, "start"), Edge(slot.node, "end"), use.site.code(argument.node.value))


def _parameters(use: Call) -> list[str]:
    """The names of the parameters in order, as the documentation calls them."""
    docs = ports.implementation("docs")
    found = (docs.members if isinstance(use.owner, Socket) else docs.module).get(use.name)
    signature = found.signature() if found is not None else None
    return re.findall(r"\w+", signature.text.partition("(")[2]) if signature is not None else []

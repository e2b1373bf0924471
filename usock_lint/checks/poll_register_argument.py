from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import libcst as cst

from usock_lint.analysis.domain import library
from usock_lint.analysis.domain.operations import constant, unconditional
from usock_lint.analysis.domain.values import Box, Descriptor, Items, Module, Socket, Tuple, Value
from usock_lint.analysis.uses import Argument, Call, LibraryCall, LookedUp, Operation
from usock_lint.checks import Report, behaving, on
from usock_lint.checks._calls import report
from usock_lint.checks._counts import arguments
from usock_lint.checks._modules import importing
from usock_lint.i18n import say
from usock_lint.ports import companions

_NO_LISTS: Final = frozenset({"deque", "dict", "set"})
"""The kinds of containers that are neither a list nor a tuple."""


@on(Call, Box, "register", "unregister", "modify")
def registered(use: Call) -> Iterator[Report]:
    first = use.positional(0)
    if first is None or not _is_number(first.value):
        return
    cells = behaving(use.site.live, "poll_takes", "objects")
    message = say("`{name}` takes streams, not descriptors {where}; give it the socket itself", name=use.name)
    yield Report(first.node, cells, message, raises="OSError")


@on(Call, Box, "register", "unregister", "modify", "poll", "ipoll")
def counted(use: Call) -> Iterator[Report]:
    count = use.count
    if count is None or any(one.keyword is not None for one in use.arguments):
        return
    method = companions.known("select")[f"poll.{use.name}"]
    arities = {cell: method.arity(cell.release) for cell in use.site.live}
    cells = frozenset(
        cell
        for cell, arity in arities.items()
        if arity is not None and not (arity[0] <= count and (arity[1] is None or count <= arity[1]))
    )
    advice = say("; ipoll takes flags") if use.name == "poll" else ""
    message = say(
        "`{name}` with {count} raises TypeError {where}{advice}", name=use.name, count=arguments(count), advice=advice
    )
    yield Report(use.node, cells, message, raises="TypeError")


@on(Call, Box, "poll", "ipoll")
def waited(use: Call) -> Iterator[Report]:
    for one in use.arguments:
        if one.keyword is not None:
            message = say("`{name}` takes no keyword arguments {where}; give the milliseconds alone", name=use.name)
            yield Report(one.node, use.site.live, message, raises="TypeError")
    first = use.positional(0)
    if (
        first is not None
        and first.value
        and all(isinstance(constant(unconditional(atom)), float) for atom in first.value)
    ):
        message = say("`{name}` takes milliseconds as an int {where}: a float raises TypeError", name=use.name)
        yield Report(first.node, use.site.live, message, raises="TypeError")


@on(LookedUp, Socket)
def looked_up(use: LookedUp) -> Iterator[Report]:
    if _is_number(use.keys):
        message = say(
            "`poll` gives the socket that was registered, not its descriptor {where}: it is not a key of a dict of "
            "descriptors; take id() of the socket as the key, or compare with `is`"
        )
        yield Report(use.node, use.site.live, message, raises="KeyError")


@on(Operation, cst.Equal, cst.NotEqual)
def compared(use: Operation) -> Iterator[Report]:
    sides = (use.left, use.right)
    for one, other in (sides, sides[::-1]):
        if (
            one == frozenset({Descriptor()})
            and other
            and all(isinstance(unconditional(atom), Socket) for atom in other)
        ):
            message = say("a socket is never equal to its descriptor {where}; compare sockets with `is`")
            yield Report(use.node, use.site.live, message, raises="")


def _is_number(value: Value) -> bool:
    """True if each possibility of a value is a descriptor: a result of fileno(), or a number."""
    return bool(value) and all(
        isinstance(unconditional(atom), Descriptor) or type(constant(unconditional(atom))) is int for atom in value
    )


@on(LibraryCall, Module, "select")
def selected(use: LibraryCall) -> Iterator[Report]:
    if use.owner != Module("select") or not use.sole:
        return
    cells = importing("select", use.site) - library.lacking("select", use.name, use.site.live)
    for one in use.arguments[:3]:
        if one.star or one.keyword is not None:
            return
        if _is_no_list(one):
            message = say("`select.select` takes lists and tuples alone {where}; make a list of it")
            yield report(use, one, cells, message, "TypeError")
        elif any(_is_number(item) for atom in one.value if isinstance(atom, Tuple) for item in atom.items):
            refusing = cells & behaving(cells, "poll_takes", "objects")
            message = say("`select.select` takes streams, not descriptors {where}; give it the sockets themselves")
            yield report(use, one, refusing, message, "OSError")


def _is_no_list(argument: Argument) -> bool:
    """True if a value is certainly neither a list nor a tuple: None, a set, a dict, or a view of one."""
    match argument.node.value:
        case cst.Call(func=cst.Attribute(attr=cst.Name(value="keys" | "values")), args=[]):
            return bool(argument.value) and all(isinstance(unconditional(atom), Items | Box) for atom in argument.value)
        case _:
            return bool(argument.value) and all(
                constant(unconditional(atom)) is None or (isinstance(atom, Box) and atom.kind in _NO_LISTS)
                for atom in argument.value
            )

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import libcst as cst

from usock_lint.analysis.domain.values import Cells, File, Function, Module, Object, Socket, TlsSocket
from usock_lint.analysis.uses import Awaited
from usock_lint.checks import Report, on
from usock_lint.checks._modules import importing, presumed
from usock_lint.checks._repairs import Change, Edge, Repair
from usock_lint.i18n import say
from usock_lint.ports import asyncio_classes
from usock_lint.syntax.nodes import once_per_node, within

_RETURNING_ITERABLES: Final = frozenset("accept read readline recv recvfrom".split())
"""Methods that return bytes or tuples. `await` iterates over these and hands each item to the scheduler, which does not
know what the task waits for and never runs it again."""

_TIMES: Final = frozenset("sleep sleep_ms sleep_us".split())


@on(Awaited, Socket, File, TlsSocket)
def of_socket(use: Awaited) -> Iterator[Report]:
    if use.name in _RETURNING_ITERABLES:
        message = say(
            "`{name}` of a socket is not a coroutine {where}: awaiting what it returns stops this task for ever; use "
            "asyncio's streams",
            name=use.name,
        )
        yield Report(use.node, use.site.live, message, raises="")
    else:
        yield _report(use, use.site.live)


@on(Awaited, Object)
def of_asyncio(use: Awaited) -> Iterator[Report]:
    if isinstance(use.owner, Object) and use.owner.module == "asyncio":
        cells = importing("asyncio", use.site)
        cls = use.owner.cls
        yield _report(use, frozenset(cell for cell in cells if asyncio_classes.is_plain(cell, cls, use.name)))


@on(Awaited, Module, *_TIMES)
def of_time(use: Awaited) -> Iterator[Report]:
    if use.owner == Module("time"):
        message = say(
            "`time.{name}` is not a coroutine {where}: awaiting it raises TypeError; await asyncio.{name}",
            name=use.name,
        )
        yield Report(use.node, use.site.live, message, raises="TypeError")


@on(Awaited, Function)
def of_file(use: Awaited) -> Iterator[Report]:
    if isinstance(use.owner, Function) and _returns_nothing(use.owner.node):
        yield _report(use, use.site.live)


def _report(use: Awaited, cells: Cells) -> Report:
    message = say("`{name}` is not a coroutine {where}: awaiting it raises TypeError; leave `await` out", name=use.name)
    change = Change(Edge(use.node, "start"), Edge(use.node.expression, "outer_start"), "")
    return Report(
        use.node,
        cells,
        message,
        "TypeError",
        repair=Repair(say("Leave `await` out"), (change,)),
        presumed=presumed(use.site),
    )


@once_per_node
def _returns_nothing(node: cst.FunctionDef) -> bool:
    """True if a call of this function returns None: it is a plain function without `return` of a value.

    MicroPython takes `await` in a plain `def` for `yield from`.
    """
    if node.asynchronous is not None or node.decorators:
        return False
    inner = {part for one in within(node.body) if isinstance(one, cst.FunctionDef | cst.Lambda) for part in within(one)}
    return not any(
        isinstance(one, cst.Yield | cst.Await | cst.Asynchronous)
        or (isinstance(one, cst.Return) and one.value is not None)
        for one in within(node.body)
        if one not in inner
    )

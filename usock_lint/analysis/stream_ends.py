"""Reads whose unchecked result ends a program, or one of its tasks, after the other side has closed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from functools import partial
from typing import Final

import libcst as cst

from usock_lint.analysis.call_paths import CallPaths
from usock_lint.analysis.domain.values import READER, File, Object, Socket, TlsSocket, Value
from usock_lint.analysis.handlers import catches
from usock_lint.analysis.unchecked_ends import unchecked
from usock_lint.analysis.uses import (
    AnyUse,
    Call,
    ClientError,
    EndlessLoop,
    LibraryCall,
    ReadOnce,
    ShortRead,
    UncheckedEnd,
)
from usock_lint.fast_dataclasses import replace
from usock_lint.syntax.nodes import statements_around, within

_READING: Final = frozenset("read readline recv".split())
_CONDITIONAL: Final = (cst.If, cst.While, cst.For, cst.Try, cst.ExceptHandler)


def unchecked_ends(
    module: cst.Module, uses: Sequence[AnyUse], callees: Mapping[cst.Call, Value]
) -> Iterator[UncheckedEnd]:
    """Uses that raise for the empty result at the end of a stream, if no caller catches the exception.

    A read that ends an accept loop, or expects a whole message, has another finding and is left out.
    """
    reads = [use for use in uses if isinstance(use, (Call, LibraryCall)) and _is_read(use)]
    if not reads:
        return
    paths = CallPaths(module, callees)
    reported = {use.node for use in uses if isinstance(use, (ClientError, ReadOnce, ShortRead))}
    stopping = {use.node for use in uses if isinstance(use, EndlessLoop)}
    for use in reads:
        one = next(unchecked(use.node, paths.parents), None)
        if one is None or one.node in reported or not _is_reached(use.node, one.node, paths, stopping):
            continue
        ways = paths.ways(one.node, partial(catches, raises=one.raises))
        # If a clause of any caller catches the exception, it may be meant for it: nothing is reported.
        if all(way.clause is None for way in ways):
            reported.add(one.node)
            site = replace(use.site, path=statements_around(one.node, paths.parents))
            yield UncheckedEnd(site, one.node, use.name, one.raises)


def _is_reached(read: cst.CSTNode, node: cst.CSTNode, paths: CallPaths, stopping: Set[cst.CSTNode]) -> bool:
    """True if this node is reached after a read whatever the read returned.

    A condition between them may prevent that, or a loop that does not end at the end of the stream.
    """
    above = {*paths.above(read)}
    inner = [one for one in paths.above(node) if one not in above]
    # A condition between the read and this may let it run only if the result is not empty.
    if any(isinstance(one, _CONDITIONAL) for one in inner):
        return False
    order = {one: index for index, one in enumerate(within(next(one for one in paths.above(node) if one in above)))}
    # A loop in between that never ends at the end of the stream has its own finding, and nothing below it is reached.
    return not any(order[read] < order[one] < order[node] for one in stopping if one in order)


def _is_read(use: Call | LibraryCall) -> bool:
    """True if a call reads from a stream, and nothing else can be called there."""
    if not use.sole or use.name not in _READING:
        return False
    match use.owner:
        case Socket(type=kind):
            return kind == "SOCK_STREAM"
        case File() | TlsSocket():
            return True
        case Object() as owner:
            return owner.plain == READER
        case _:
            return False

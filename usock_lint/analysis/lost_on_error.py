"""Sockets that a function closes, but not if an exception leaves the function before.

This matters only if the program goes on: if a caller catches the exception and may call the function again. For a
function that only other files call, this is assumed if the socket has a timeout, because the program then expects
calls to fail.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import libcst as cst

from usock_lint.analysis import handlers, heuristics
from usock_lint.analysis.call_paths import CallPaths, Way
from usock_lint.analysis.domain.operations import FALSE, NONE, const
from usock_lint.analysis.domain.values import File, Socket, Value
from usock_lint.analysis.uses import AnyUse, Call, Leaked, LostOnError
from usock_lint.syntax.nodes import within


def lost(module: cst.Module, uses: Sequence[AnyUse], callees: Mapping[cst.Call, Value]) -> Iterator[LostOnError]:
    """The first call for each socket whose exception loses it, unless the socket is reported as leaked already."""
    # A socket that a path without an exception loses has a finding already.
    reported = {use.node for use in uses if isinstance(use, Leaked) and use.closed == FALSE}
    calls = [use for use in uses if isinstance(use, Call) and isinstance(use.owner, (Socket, File))]
    closed = {made: _function(use) for use in calls if use.name == "close" and (made := _made(use)) is not None}
    timed = {made for use in calls if _sets_timeout(use) and (made := _made(use)) is not None}
    # A socket that its function never closes is leaked with or without an exception.
    if not closed:
        return
    paths = CallPaths(module, callees)
    for use in calls:
        made = _made(use)
        if (
            made is None
            or made in reported
            or not _may_fail(use, has_timeout=made in timed)
            or use.state.closed != FALSE
        ):
            continue
        function = _function(use)
        # Closed in another function, made by the caller, or guarded here: this function need not close it.
        if function is None or closed.get(made) is not function or not _is_made_in(made, function) or _is_guarded(use):
            continue
        if any(_goes_on(paths, way, has_timeout=made in timed) for way in paths.ways(use.node, _catches)):
            reported.add(made)
            yield LostOnError(use.site, made, use.name)


def _made(use: Call) -> cst.Call | None:
    made = use.owner.made if isinstance(use.owner, (Socket, File)) else None
    return made if isinstance(made, cst.Call) else None


def _function(use: Call) -> cst.FunctionDef | None:
    return next((one for one in reversed(use.site.path) if isinstance(one, cst.FunctionDef)), None)


def _may_fail(use: Call, *, has_timeout: bool) -> bool:
    """True if the call fails when the other side does.

    With datagrams only receiving does. `accept` raises only after a timeout.
    """
    if use.name == "accept":
        return has_timeout
    is_datagram = isinstance(use.owner, Socket) and use.owner.type == "SOCK_DGRAM"
    return use.name in (("recv", "recvfrom") if is_datagram else heuristics.FAILING)


def _is_made_in(made: cst.Call, function: cst.FunctionDef) -> bool:
    return any(one is made for one in within(function))


def _is_guarded(use: Call) -> bool:
    """True if the function catches the error itself, or closes the socket in a `finally` or `with`."""
    around: list[cst.CSTNode] = []
    for one in reversed(use.site.path):
        # Clauses of the callers do not count: they cannot reach a local name of this function.
        if isinstance(one, cst.FunctionDef):
            break
        around.append(one)
    return any(map(heuristics.tidies, around)) or any(
        attempt.node in around and any(map(handlers.catches_oserror, attempt.node.handlers))
        for attempt in use.site.attempts
    )


def _sets_timeout(use: Call) -> bool:
    given = use.positional(0)
    return use.name == "settimeout" and given is not None and given.value not in (NONE, const(0))


def _catches(handler: handlers.Handler) -> bool:
    return handlers.catches_oserror(handler) and not handlers.ends_in_raise(handler)


def _goes_on(paths: CallPaths, way: Way, *, has_timeout: bool) -> bool:
    """True if the program goes on after the error and may make the same call again."""
    if way.clause is None:
        return has_timeout and way.leaves is not None
    if any(map(heuristics.ends_program, within(way.clause))):
        return False
    return paths.is_repeated(_left(paths, way.clause), by_others=True)


def _left(paths: CallPaths, clause: handlers.Handler) -> cst.CSTNode:
    """The loop around a clause that ends in `break`, which leaves it; else the clause itself."""
    if isinstance(heuristics.statements(clause.body)[-1], cst.Break):
        return next((one for one in paths.above(clause) if isinstance(one, (cst.For, cst.While))), clause)
    return clause

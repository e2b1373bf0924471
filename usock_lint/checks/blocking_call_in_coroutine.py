from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from usock_lint.analysis.domain.operations import FALSE, UNKNOWN, constant
from usock_lint.analysis.domain.values import File, Module, Socket, Value
from usock_lint.analysis.uses import Call, LibraryCall, Use, Wrapped
from usock_lint.checks import Report, on
from usock_lint.checks._tls import shakes_hands
from usock_lint.i18n import say
from usock_lint.ports import tls
from usock_lint.syntax.nodes import once_per_node, within

_WAITING = "accept connect read readinto readline recv recvfrom".split()
_UNITS = {"sleep": 1.0, "sleep_ms": 0.001, "sleep_us": 0.000001}
_RUNNERS = frozenset({"run", "run_until_complete"})
_SHORT = 0.05  # seconds that a task may well take


@on(Call, Socket, File, *_WAITING)
def waits(use: Call) -> Iterator[Report]:
    if use.name == "connect" and not (isinstance(use.owner, Socket) and use.owner.type == "SOCK_STREAM"):
        return
    if use.state.closed == FALSE and _takes_long(use.state.timeout) and _is_in_coroutine(use, use.node):
        message = say(
            "`{name}` stops all other tasks while it waits {where}; use asyncio's streams, or a non-blocking socket",
            name=use.name,
        )
        yield Report(use.node, use.site.live, message, raises="")


@on(Call, Module, "getaddrinfo")
def resolves(use: Call) -> Iterator[Report]:
    host = use.argument(0, "host")
    if host is not None and not (_is_numeric(host.value) or _goes_to_bind(use)) and _is_in_coroutine(use, use.node):
        message = say("`getaddrinfo` stops all other tasks until the answer comes {where}; call it before they run")
        yield Report(use.node, use.site.live, message, raises="")


@on(Wrapped)
def wraps(use: Wrapped) -> Iterator[Report]:
    if shakes_hands(use) and _is_in_coroutine(use, use.node):
        cells = frozenset(cell for cell in use.site.live if tls.waits_for_handshake(cell))
        message = say(
            "the handshake of `wrap_socket` stops all other tasks, also of a non-blocking socket {where}; put it off "
            "by do_handshake_on_connect=False, or give `ssl` to open_connection"
        )
        yield Report(use.node, cells, message, raises="")


@on(LibraryCall, Module, *_UNITS)
def sleeps(use: LibraryCall) -> Iterator[Report]:
    given = use.arguments[0].value if use.arguments else UNKNOWN
    if use.owner == Module("time") and _is_in_coroutine(use, use.node) and not _ends_program(use):
        times = [constant(atom) for atom in given]
        long = [isinstance(time, int | float) and time * _UNITS[use.name] >= _SHORT for time in times]
        if long and all(long):
            message = say("`time.{name}` stops all other tasks as well {where}; await asyncio.{name}", name=use.name)
            yield Report(use.node, use.site.live, message, raises="")


def _takes_long(timeout: Value) -> bool:
    """True if a socket certainly waits, for ever or for long enough to be missed."""
    times = [constant(atom) for atom in timeout]
    return all(time is None or (isinstance(time, int | float) and time >= _SHORT) for time in times) and bool(times)


def _is_numeric(host: Value) -> bool:
    """True if a host may be an address in digits, or "", which need no look-up."""
    hosts = [constant(atom) for atom in host]
    return any(isinstance(one, str) and not one.strip("0123456789.:") for one in hosts)


def _goes_to_bind(use: Call) -> bool:
    """True if a socket is bound to the result of getaddrinfo: the board resolves its own address without a server."""
    names: set[str] = set()
    match use.site.path[-1]:
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))]):
            names.add(name)
        case _:
            pass
    around = next((one for one in reversed(use.site.path) if isinstance(one, cst.FunctionDef)), use.site.module)
    for one in within(around):
        match one:
            case cst.Call(func=cst.Attribute(attr=cst.Name(value="bind")), args=[cst.Arg(value=address)]):
                if any(
                    part is use.node or (isinstance(part, cst.Name) and part.value in names) for part in within(address)
                ):
                    return True
            case _:
                pass
    return False


def _ends_program(use: Use) -> bool:
    """True if the board is reset, or the program left, in the statements around."""
    suite = next(one for one in reversed(use.site.path) if isinstance(one, cst.BaseSuite))
    for one in suite.body:
        match one.body[0] if isinstance(one, cst.SimpleStatementLine) else one:
            case cst.Expr(value=cst.Call(func=cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)))):
                if name in ("reset", "soft_reset", "exit"):
                    return True
            case _:
                pass
    return False


def _is_in_coroutine(use: Use, node: cst.Call) -> bool:
    """True if a coroutine makes the call while other tasks may run.

    In the main coroutine there may be none before its first `await`.
    """
    path = use.site.path
    functions = [index for index, one in enumerate(path) if isinstance(one, cst.FunctionDef)]
    if not functions:
        return False
    function = path[functions[-1]]
    if not isinstance(function, cst.FunctionDef) or function.asynchronous is None:
        return False
    if function.name.value not in _mains(use.site.module):
        return True
    loops = [one for one in path[functions[-1] :] if isinstance(one, cst.For | cst.While)]
    return any(map(_awaits, loops)) or _awaits(function, before=node)


def _awaits(node: cst.CSTNode, before: cst.CSTNode | None = None) -> bool:
    """True if an `await` is written in a node; with `before`, if it is written before that other node."""
    for one in within(node):
        if one is before:
            return False
        if isinstance(one, cst.Await):
            return True
    return False


@once_per_node
def _mains(module: cst.Module) -> frozenset[str]:
    """The coroutines that the file gives to asyncio.run() and the like."""
    found: set[str] = set()
    for one in within(module):
        match one:
            case cst.Call(
                func=cst.Attribute(attr=cst.Name(value=runner)), args=[cst.Arg(value=cst.Call(func=function)), *_]
            ) if runner in _RUNNERS:
                name = function.attr if isinstance(function, cst.Attribute) else function
                found |= {name.value} if isinstance(name, cst.Name) else set()
            case _:
                pass
    return frozenset(found)

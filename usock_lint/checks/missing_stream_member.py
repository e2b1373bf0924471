from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import libcst as cst

from usock_lint.analysis.domain import library
from usock_lint.analysis.domain.operations import constant
from usock_lint.analysis.domain.values import READER, SLEEP, WRITER, Box, Function, Module, Object, Value
from usock_lint.analysis.uses import Argument, Iterated, LibraryAttribute, LibraryCall, WithItem
from usock_lint.checks import Report, on
from usock_lint.checks._calls import Counsel, module_of, refused, report
from usock_lint.checks._modules import importing
from usock_lint.checks._repairs import Repair, replace
from usock_lint.i18n import Said, say
from usock_lint.ports import asyncio_classes

_NO_DATAGRAMS: Final = say("; use a non-blocking socket and select.poll in a task")
_STREAMS: Final = say("; use asyncio.open_connection")
_AT_EOF: Final = say('; what is read is b"" at the end')
_RESULT: Final = say("; `await` gives its result")

_ADVICE: Final[Mapping[str, Said]] = {
    "Server.serve_forever": say("; await wait_closed"),
    "Server.sockets": say("; keep the address that start_server was given"),
    "Server.start_serving": say("; start_server has started it"),
    "StreamReader.at_eof": _AT_EOF,
    "StreamReader.readuntil": say("; use readline"),
    "StreamWriter.awriteiter": say("; use write and drain"),
    "StreamWriter.is_closing": say("; keep what was closed in a variable"),
    "StreamWriter.can_write_eof": say("; the end is told by closing"),
    "StreamWriter.write_eof": say("; the end is told by closing"),
    "StreamWriter.writelines": say('; write b"".join of them'),
    "Task.result": _RESULT,
    "Task.exception": say("; `await` raises it"),
    "Task.cancelled": say("; `await` raises CancelledError"),
    "Task.add_done_callback": say("; await it in another task"),
    "Loop.call_soon": say("; use create_task"),
    "Loop.call_later": say("; use a task that sleeps first"),
    "Loop.call_later_ms": say("; use a task that sleeps first"),
    "Loop.create_connection": _STREAMS,
    "Loop.create_server": say("; use asyncio.start_server"),
    "Loop.create_datagram_endpoint": _NO_DATAGRAMS,
    "Loop.getaddrinfo": say("; socket.getaddrinfo blocks: call it before there are tasks"),
    "Loop.run_in_executor": say("; await what does not block: streams, or a poll with a timeout of 0"),
    "Loop.sock_accept": say("; use asyncio.start_server"),
    "Loop.sock_connect": _STREAMS,
    "Loop.sock_recv": _STREAMS,
    "Loop.sock_sendall": _STREAMS,
    "Loop.sock_recvfrom": _NO_DATAGRAMS,
    "Loop.sock_sendto": _NO_DATAGRAMS,
    "Loop.time": say("; use time.ticks_ms"),
}

_SLEEPING: Final[Value] = frozenset({SLEEP})
_TAKING_COROUTINES: Final = frozenset({"create_task", "gather", "run", "run_until_complete", "wait_for", "wait_for_ms"})

_COUNSEL: Final = Counsel(
    arguments={
        "debug": say("; leave it out"),
        "limit": say("; leave it out"),
        "loop": say("; leave it out"),
        "name": say("; leave it out"),
        "reuse_address": say("; it is set already"),
        **dict.fromkeys(("client_connected_cb", "delay", "fut", "main"), say("; pass it by position")),
    },
    calls={"StreamReader.read": say("; give a size"), "StreamWriter.get_extra_info": say("; it has no default")},
    other_names={},
)


@on(LibraryAttribute, Object)
def member(use: LibraryAttribute) -> Iterator[Report]:
    cls = use.owner.cls
    if use.owner.module != "asyncio" or use.stored or not asyncio_classes.is_known(cls, use.name):
        return
    cells = library.without_member(use.owner, use.name, use.site.live) & importing("asyncio", use.site)
    if cells:
        advice = _ADVICE.get(f"{cls}.{use.name}", "")
        message = say("asyncio's {cls} has no `{name}` {where}{advice}", cls=cls, name=use.name, advice=advice)
        yield report(use, None, cells, message, "AttributeError", _repair(use))


@on(LibraryCall, Module, Object)
def call(use: LibraryCall) -> Iterator[Report]:
    if module_of(use) != "asyncio":
        return
    if (found := refused(use, _COUNSEL)) is not None:
        yield found
    elif use.name in _TAKING_COROUTINES and use.sole and any(one.value == _SLEEPING for one in use.arguments):
        message = say("what `sleep` gives is not a coroutine {where}; await it in an `async def` and give that")
        cells = importing("asyncio", use.site) - library.lacking("asyncio", SLEEP.cls, use.site.live)
        yield report(use, None, cells, message, "TypeError")
    elif use.name in _TAKING_COROUTINES and use.sole and any(_is_uncalled(one) for one in use.arguments):
        message = say(
            "`{name}` takes a coroutine, not the `async def` function itself {where}: call the function", name=use.name
        )
        yield report(use, None, importing("asyncio", use.site), message, "TypeError")
    elif use.owner in (READER, WRITER) and use.name == "get_extra_info" and use.sole:
        yield from _extra_info(use)


def _extra_info(use: LibraryCall) -> Iterator[Report]:
    """Report what `get_extra_info` does not know: all but `peername`, and that too for a stream of a client."""
    asked = {constant(atom) for atom in use.arguments[0].value}
    if all(isinstance(name, str) for name in asked) and "peername" not in asked:
        message = say("asyncio's streams know `peername` alone {where}; keep what else is needed")
        yield report(use, None, importing("asyncio", use.site), message, "KeyError")
    elif asked == {"peername"} and isinstance(use.made, cst.Call):  # the streams of a server are parameters
        message = say("a connection that open_connection made knows no `peername` {where}; keep what it was given")
        yield report(use, None, importing("asyncio", use.site), message, "KeyError")


def _is_uncalled(argument: Argument) -> bool:
    """True if the argument is certainly an `async def` function itself, which should have been called."""
    functions = [atom.node for atom in argument.value if isinstance(atom, Function)]
    return len(functions) == len(argument.value) > 0 and all(one.asynchronous is not None for one in functions)


@on(WithItem, Object)
def context(use: WithItem) -> Iterator[Report]:
    if use.owner in (READER, WRITER):
        message = say("`with` does not work for asyncio's streams {where}; await wait_closed in a `finally`")
        yield report(use, None, use.site.live, message, "AttributeError")  # `async with` looks up `__aexit__`


@on(Iterated, Object)
def iterated(use: Iterated) -> Iterator[Report]:
    """Report a stream that is iterated over: no other object of a library is recorded as such a use."""
    message = say('asyncio\'s streams cannot be iterated over {where}; call readline until it gives b""')
    yield report(use, None, use.site.live, message, "AttributeError")  # `async for` looks up `__aiter__`


@on(Iterated, Box)
def generator(use: Iterated) -> Iterator[Report]:
    message = say(
        "`async for` raises AttributeError {where}: an `async def` with `yield` makes a plain generator; "
        "write a class with __aiter__ and __anext__"
    )
    yield Report(use.node, use.site.live, message, "AttributeError")


def _repair(use: LibraryAttribute) -> Repair | None:
    """The replacement of a call of a missing member."""
    arguments = [] if use.call is None else [one for one in use.call.args if one.keyword is None and not one.star]
    if use.call is None or len(arguments) < len(use.call.args):
        return None
    match f"{use.owner.cls}.{use.name}", arguments:
        case "Server.serve_forever", []:
            return Repair(say("Await wait_closed"), (replace(use.node.attr, "wait_closed"),), "unsafe")
        case "StreamWriter.writelines", [lines]:
            owner, parts = use.site.code(use.node.value), use.site.code(lines.value)
            return Repair(say("Join and write"), (replace(use.call, f'{owner}.write(b"".join({parts}))'),))
        case "StreamReader.readuntil", ([] | [cst.Arg(value=cst.SimpleString(value='b"\\n"' | "b'\\n'"))]):
            changed = f"{use.site.code(use.node.value)}.readline()"
            return Repair(say("Use readline"), (replace(use.call, changed),), "unsafe")
        case _:
            return None

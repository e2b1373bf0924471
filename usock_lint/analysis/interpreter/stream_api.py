"""Connections of asyncio, and contexts of TLS: the calls that make them, and what calls do to them."""

from __future__ import annotations

from typing import Final

import libcst as cst

from usock_lint.analysis.domain import typestate
from usock_lint.analysis.domain.operations import TRUE, const, constant, on
from usock_lint.analysis.domain.values import (
    READER,
    WRITER,
    Anything,
    Cells,
    Const,
    Made,
    Member,
    Module,
    Object,
    TlsSocket,
    Tuple,
    Value,
)
from usock_lint.analysis.interpreter.core import Interpreter
from usock_lint.analysis.uses import Argument, LibraryCall
from usock_lint.fast_dataclasses import replace
from usock_lint.ports import asyncio_classes

Arguments = tuple[Argument, ...]

_ENDS: Final = (READER, WRITER)

_COROUTINES: Final = frozenset({"aclose", "awrite", "awritestr", "drain", "wait_closed"})

_SHORT: Final = 1000
"""The number of bytes that the send buffer of an idle connection certainly takes: lwIP's smallest has 2,048."""


def is_end(atom: object) -> bool:
    """True if this is an end of a connection of asyncio, a reader or a writer."""
    return isinstance(atom, Object) and atom.plain in _ENDS


def note_call(
    interp: Interpreter,
    node: cst.Call,
    owner: Module | Object,
    name: str,
    arguments: Arguments,
    cells: Cells,
    *,
    sole: bool,
) -> None:
    """Record a call of a function or method that the table knows, with the state of the TLS context that it uses.

    `sole` tells that the callee can be nothing else.
    """
    module = owner.module if isinstance(owner, Object) else owner.name
    if module != "builtins" and not interp.library.is_standard(module):
        return
    if isinstance(owner, Module) and interp.library.replaces(module, name):
        return
    made = owner.made if isinstance(owner, Object) else _context_given(name, arguments)
    context = typestate.context(interp.state.scope, made)
    plain = owner.plain if isinstance(owner, Object) else owner
    interp.recorder.note(LibraryCall(interp.recorder.site(cells), node, plain, name, arguments, sole, made, context))


def _context_given(name: str, arguments: Arguments) -> Made | None:
    """The allocation site of the TLS context that `open_connection` is given."""
    given = [one.value for one in arguments if one.keyword == "ssl"] if name == "open_connection" else []
    found = {atom.made if isinstance(atom, Object) else None for value in given for atom in value}
    # If it may be one of two contexts, neither state is certain.
    return found.pop() if len(found) == 1 else None


def connected(interp: Interpreter, node: cst.Call, cells: Cells) -> Value:
    """The two ends of the connection that this call of `open_connection` makes."""
    interp.state.made[node] = interp.recorder.site(cells)
    interp.leaks.on_remake(node)
    _follow(interp, node, typestate.Connection())
    return frozenset({Tuple(tuple(frozenset({replace(end, made=node)}) for end in _ENDS))})


def context(interp: Interpreter, node: cst.Call, kind: Object, arguments: Arguments) -> Value:
    """The context of TLS that this call makes."""
    given = [atom for one in arguments[:1] for atom in one.value]
    names = [atom.name if isinstance(atom, Member) and isinstance(atom.owner, Module) else None for atom in given]
    protocol = const(names[0] if len(names) == 1 else None)
    _follow(interp, node, typestate.Context(protocol=protocol))
    return frozenset({replace(kind, made=node)})


def wrapped(interp: Interpreter, node: cst.Call, plain: Made | None, timeout: Value) -> Value:
    """The TLS socket that this call of `wrap_socket` makes of a plain one, which has this timeout."""
    _follow(interp, node, typestate.Encrypted(timeout=timeout))
    if plain is not None:
        typestate.wrap(interp.state.scope, plain, node)
    return frozenset({TlsSocket(node)})


def _follow(interp: Interpreter, node: cst.Call, start: typestate.Typestate) -> None:
    in_loop = any(isinstance(one, (cst.For, cst.While)) for one in interp.state.path)
    typestate.follow(interp.state.scope, node, start, in_loop=in_loop)


def serve(interp: Interpreter, function: cst.FunctionDef) -> None:
    """Begin to track the connection that a server of asyncio passes to this function, which has to close it."""
    # Only if a server is known to call this function. Any other caller may close the connection itself.
    if not interp.summaries.read("served", function):
        return
    names = interp.state.scope.names
    ends = [one for one in function.params.params if _is_an_end(names.get(one.name.value, frozenset()))]
    if len(ends) == len(_ENDS):
        # The writer is what a server closes, so its parameter stands for the connection.
        made = ends[-1]
        for parameter, end in zip(ends, _ENDS, strict=True):
            names[parameter.name.value] = frozenset({replace(end, made=made)})
        interp.state.made[made] = interp.recorder.site(interp.state.live)
        typestate.follow(interp.state.scope, made, typestate.Connection())


def _is_an_end(value: Value) -> bool:
    """True if each known possibility of a parameter is an end of a connection."""
    known = frozenset(atom for atom in value if not isinstance(atom, Anything))
    return known in (frozenset({READER}), frozenset({WRITER}))


def publish_served(interp: Interpreter, function: Value) -> None:
    """Publish that a server of asyncio calls these functions, with each of its connections."""
    for atom in function:
        node = getattr(atom, "node", None)
        if isinstance(node, cst.FunctionDef):
            interp.summaries.publish("served", node, TRUE)


def apply_method(
    interp: Interpreter, node: cst.Call, owner: Object, name: str, arguments: Arguments, cells: Cells
) -> None:
    """Apply a method's transition to a stream. A coroutine that is not awaited has no effect.

    A call of `write` is noted, as a constant of its node, on the configurations where it may leave data unsent.
    """
    if owner.made is None or (name in _COROUTINES and _is_forgotten(node, interp.state.path[-1])):
        return
    scope = interp.state.scope
    sure = interp.state.certain and not interp.state.optional
    if name == "write" and is_end(owner) and len(arguments) == 1:
        short = _is_short(arguments[0].value)
        unsent = frozenset(cell for cell in cells if not (short and asyncio_classes.writes_at_once(cell)))
        typestate.write(scope, owner.made, on(unsent, frozenset({Const(node)})) if unsent != cells else const(node))
    elif name in ("wait_closed", "aclose"):
        interp.leaks.on_end_of_connection(owner.made)
    typestate.transition(scope, owner, name, [one.value for one in arguments], sure=sure)


def _is_short(value: Value) -> bool:
    """True if the data that are written are known, and few."""
    texts = [constant(atom) for atom in value]
    return bool(texts) and all(isinstance(text, (str, bytes)) and len(text) < _SHORT for text in texts)


def _is_forgotten(node: cst.Call, statement: cst.CSTNode) -> bool:
    """True if a statement consists of this call alone, which is not awaited."""
    return isinstance(statement, cst.Expr) and statement.value is node


def is_context(atom: object) -> bool:
    """True if this is the class of TLS's contexts."""
    return isinstance(atom, Member) and atom in (
        Member(Module("ssl"), "SSLContext"),
        Member(Module("tls"), "SSLContext"),
    )

"""Calls after the end of a stream: of methods of streams, of functions of the file, and of other code."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Final

import libcst as cst

from usock_lint.analysis.end_of_stream import values
from usock_lint.analysis.end_of_stream.paths import Frame, Outcome, Runner, State, Then, evaluates
from usock_lint.analysis.end_of_stream.sizes import Method
from usock_lint.analysis.end_of_stream.values import NOTHING, VOLATILE, Derived, Kept, Known, Large, Row, Value, derived

# Builtins without side effects.
_PURE: Final = frozenset(
    (
        "abs all any bool bytearray bytes chr divmod enumerate float hex int isinstance len list max memoryview min "
        "ord range repr reversed round sorted str sum tuple zip"
    ).split()
)
# Those of them whose result is computed if all arguments are constants.
_COMPUTED: Final = frozenset(
    "abs all any bool bytearray bytes chr float hex int len list max min ord repr str sum tuple".split()
)

# Methods of bytes, str and containers that do not change them.
_LOOKING: Final = frozenset(
    (
        "count decode encode endswith find format get index isalpha isdigit islower isspace isupper items join keys "
        "lower lstrip partition replace rfind rindex rpartition rsplit rstrip split splitlines startswith strip upper "
        "values"
    ).split()
)
# Methods that search the data. Their result says something of its content, so it is not a test for the end.
_ASKING: Final = frozenset("count endswith find index rfind startswith".split())

# The results of the methods that convert a text, if it is empty.
_EMPTY: Final = {"decode": "", "encode": b""}

# Methods of connections that send.
_SENDING: Final = frozenset("drain send sendall sendto write".split())

# Methods that take the empty result of a read without raising.
_TAKING: Final = frozenset("append debug error extend info log print put send sendall update write".split())


@evaluates(cst.Call)
def call(run: Runner, node: cst.Call, state: State, frame: Frame, then: Then) -> Outcome:
    inner = frame._replace(is_awaited=False)
    if run.callees.ends_program(node):
        return Outcome.LEAVES
    method = node.func if isinstance(node.func, cst.Attribute) else None
    # What the look-up of the callee evaluates: `COMMANDS[word]()` may fail as any item of a dict does.
    first = [method.value] if method is not None else [node.func] if isinstance(node.func, cst.Subscript) else []
    plain = [one.value for one in node.args]

    def called(after: State, found: Sequence[Value]) -> Outcome:
        owner = found[0] if method is not None else None
        return _called(run, node, owner, list(found[len(first) :]), after, frame, then)

    return run.values([*first, *plain], state, inner, called)


def _called(
    run: Runner, node: cst.Call, owner: Value | None, given: list[Value], state: State, frame: Frame, then: Then
) -> Outcome:
    """Continue with the result of a call. `owner` is the value of the object whose method it is, if it is a method."""
    stream = run.callees.stream_method(node)
    if stream is not None and owner is not None:
        return _of_stream(run, node, stream, owner, given, state, frame, then)
    if (function := run.callees.function(node)) is not None:
        # A call of an `async def` makes a coroutine; its body runs only where that is awaited.
        if function.node.asynchronous is not None and not frame.is_awaited:
            return then(state, VOLATILE)
        return run.inline(function, node, owner, given, state, frame, then)
    if run.callees.passes_on(node) and given:
        return then(state, given[0])
    if (builtin := run.callees.builtin(node)) is not None:
        return _builtin(run, builtin, node, given, state, frame, then)
    if isinstance(node.func, cst.Attribute) and owner is not None:
        return _method(run, node, node.func, owner, given, state, frame, then)
    return _foreign(run, node, given, state, frame, then)


def _of_stream(
    run: Runner, node: cst.Call, name: str, owner: Value, given: list[Value], state: State, frame: Frame, then: Then
) -> Outcome:
    """Call a method of a connection that the other side has closed."""
    match name:
        case "recv" | "read" | "readline" | "recvfrom" | "readinto" | "recv_into" if isinstance(owner, (Kept, Derived)):
            # The end of the stream: each read returns an empty result at once.
            there = state.having_read(node)
            run.sources |= values.keys(owner)
            if name == "recvfrom":
                return then(there, Row((values.END, VOLATILE)))
            return then(there, values.Known(0, "data") if name.endswith("into") else values.END)
        # Each turn may have another stream, such as one from `accept`: it need not be at its end.
        case "recv" | "read" | "readline" | "recvfrom" | "readinto" | "recv_into":
            return then(state, VOLATILE)
        case "readexactly":
            return frame.on_raise(state.having_read(node), EOFError())
        case "settimeout" | "setblocking" | "setsockopt" | "fileno" | "makefile" | "get_extra_info":
            return then(state, VOLATILE)
        # Nothing is sent, so the closed connection is not touched and nothing fails.
        case "send" | "sendall" | "write" if given and isinstance(given[0], Known) and not given[0].value:
            return then(state, Known(0))
        case _:
            # Other methods may raise once the other side has closed, and sending does so in one of the next turns.
            return _may_fail(run, state._replace(failed=state.failed or name in _SENDING), state, frame, then)


def _may_fail(run: Runner, failed: State, state: State, frame: Frame, then: Then) -> Outcome:
    """Call a method that raises, which leads to `failed`, or does not. The latter comes first: it may read."""
    return run.every(lambda: then(state, VOLATILE), lambda: frame.on_raise(failed, OSError()))


def _builtin(
    run: Runner, name: str, node: cst.Call, given: list[Value], state: State, frame: Frame, then: Then
) -> Outcome:
    """Call a builtin."""
    if any(one.star or one.keyword for one in node.args) and name in _PURE:
        return then(state, derived(*given))
    if name in _COMPUTED and all(isinstance(one, (Known, Large)) for one in given):
        return run.calculated(state, frame, then, getattr(builtins, name), *given)
    if name in _PURE:
        # The type of a constant is certain, but which class it is compared with is not followed: either answer counts.
        if name == "isinstance" and given and isinstance(given[0], Known):
            return then(state, VOLATILE)
        return then(state, derived(*given))
    if name in ("print", "hasattr", "id", "type", "super", "setattr", "getattr"):
        return then(state, NOTHING if name == "print" else VOLATILE)
    # These end the program, wait for a person, or may raise StopIteration: the loop is taken to end.
    if name in ("exit", "quit", "input", "next"):
        return Outcome.LEAVES
    return _foreign(run, node, given, state, frame, then)


def _method(
    run: Runner,
    node: cst.Call,
    func: cst.Attribute,
    owner: Value,
    given: list[Value],
    state: State,
    frame: Frame,
    then: Then,
) -> Outcome:
    """Call a method of an object that is neither a stream nor an instance of a class in this file."""
    name = func.attr.value
    if name == "drain":  # of a writer that came from elsewhere: what was written before is sent, which may fail
        return _may_fail(run, state._replace(failed=True), state, frame, then)
    if values.is_text(owner):
        are_known = all(isinstance(one, (Known, Large)) for one in given)
        if are_known and not any(one.keyword or one.star for one in node.args):

            def answer(after: State, value: Value) -> Outcome:
                # `data.find(b"\n")` asks about the content, so it is not a test for the end of the stream.
                asked = name in _ASKING and isinstance(value, Known) and value.origin == "data"
                return then(after, value._replace(origin="answer") if asked and isinstance(value, Known) else value)

            return run.calculated(state, frame, answer, Method(name), owner, *given)
        if not values.truth(owner) and name in _EMPTY:  # whatever the encoding is
            return then(state, Known(_EMPTY[name], owner.origin))
        return then(state, derived(owner, *given) if name in _LOOKING else VOLATILE)
    # `helper.split(data)` is a function that may refuse what is empty.
    if name in _LOOKING and not run.callees.is_of_module(node):
        return then(state, derived(owner, *given))
    # `parts.extend(data)` of nothing changes nothing.
    nothing = bool(given) and all(isinstance(one, Known) and one.origin and not one.value for one in given)
    if nothing and name in ("extend", "update", "write"):
        return then(state, VOLATILE)
    changed = state
    if isinstance(owner, Kept) and not run.callees.is_of_module(node):
        if _is_own(func.value, frame):
            return Outcome.LEAVES  # a method of a class of this file that is defined elsewhere
        changed = state.with_value(owner.key, VOLATILE)
    if name in _TAKING:
        return then(changed, VOLATILE)
    return _foreign(run, node, given, changed, frame, then)


def _foreign(run: Runner, node: cst.Call, given: list[Value], state: State, frame: Frame, then: Then) -> Outcome:
    """Call other code. It may change its arguments, and raise if one of them is the empty result of a read."""
    after = state
    for one in given:
        if isinstance(one, Kept):
            after = after.with_value(one.key, VOLATILE)
    if any(map(values.is_data, given)):
        return run.every(lambda: frame.on_raise(after, None), lambda: then(after, VOLATILE))
    return then(after, VOLATILE)


def _is_own(node: cst.BaseExpression, frame: Frame) -> bool:
    """True if this is the `self` of the current method."""
    params = frame.function.params.params if frame.function is not None else ()
    return isinstance(node, cst.Name) and bool(params) and params[0].name.value == node.value == "self"

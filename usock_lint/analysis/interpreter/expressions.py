"""Expressions: what each may be, and the uses of the socket API inside it, in source order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import libcst as cst

from usock_lint.analysis import heuristics
from usock_lint.analysis.domain import builtin_types, device, flags, types, typestate
from usock_lint.analysis.domain.environment import Scope
from usock_lint.analysis.domain.operations import (
    NO_CELLS,
    NONE,
    NOTHING,
    TRUE,
    UNKNOWN,
    atoms,
    constant,
    evaluated,
    join,
    truth,
    unconditional,
)
from usock_lint.analysis.domain.values import (
    SLEEP,
    TASK,
    Anything,
    Atom,
    Box,
    Cells,
    Function,
    Lambda,
    Literal,
    Member,
    Received,
    Socket,
    Tuple,
    Value,
)
from usock_lint.analysis.interpreter import borrowed, calls, containers, names, operators, passing
from usock_lint.analysis.interpreter.core import Interpreter, evaluates
from usock_lint.analysis.interpreter.names import key_of
from usock_lint.analysis.uses import Argument, Awaited, Encoding, ReadOnce, Refused, ShortRead

_NOT_OF_FILE: Final = frozenset({Member, Anything})
"""Callees that are not functions of the file, so that they may set attributes of their arguments."""


# Displays and literals
@evaluates(cst.SimpleString, cst.Integer, cst.Float)
def literal(interp: Interpreter, node: cst.SimpleString | cst.Integer | cst.Float) -> Value:
    return frozenset({Literal(node)})


@evaluates(cst.ConcatenatedString)
def concatenated(interp: Interpreter, node: cst.ConcatenatedString) -> Value:
    if isinstance(node.left, cst.SimpleString) and isinstance(node.right, cst.SimpleString):
        return frozenset({Literal(node)})
    interp.evaluate_parts(node)
    return builtin_types.STR


@evaluates(cst.FormattedString)
def formatted(interp: Interpreter, node: cst.FormattedString) -> Value:
    interp.evaluate_parts(node)
    return builtin_types.STR


@evaluates(cst.Tuple, cst.List)
def display(interp: Interpreter, node: cst.Tuple | cst.List) -> Value:
    items = tuple(
        UNKNOWN if element in interp.state.left_out else interp.value(element.value) for element in node.elements
    )
    known = not any(isinstance(element, cst.StarredElement) for element in node.elements)
    if known and (items or isinstance(node, cst.Tuple)):
        return frozenset({Tuple(items, node if isinstance(node, cst.List) else None)})
    # Items of unknown number (`[*rows]`), or a list that is empty and will grow: its content is a summary.
    typestate.forget(interp.state.scope, frozenset({Tuple(items)}))
    pairs = zip(node.elements, items, strict=True)
    parts = [
        calls.iterated(interp, one.value, value) if isinstance(one, cst.StarredElement) else value
        for one, value in pairs
    ]
    return containers.made(interp, node, "list", join(*parts))


@evaluates(cst.Dict, cst.Set)
def dict_or_set(interp: Interpreter, node: cst.Dict | cst.Set) -> Value:
    """Evaluate a display. The keys of a dict and the members of a set are hashed, those that `**` and `*` add aside."""
    box = Box(node, "dict" if isinstance(node, cst.Dict) else "set")
    systems = heuristics.systems(node)
    for element in node.elements:
        if element in interp.state.left_out:
            continue
        # `{"win32": on_computer, "esp32": on_board}[sys.platform]()`
        if element in systems and not device.with_name(systems[element], interp.state.live):
            interp.summaries.body.unreached.add(element.value)
            continue
        key = interp.value(element.key) if isinstance(element, cst.DictElement) else None
        member = interp.value(element.value)
        if isinstance(element, cst.DictElement) and key is not None:
            interp.recorder.note_hashed(element.key, key)
        elif isinstance(element, cst.Element):
            interp.recorder.note_hashed(element.value, member)
        else:
            key = member = UNKNOWN
        typestate.forget(interp.state.scope, member if key is None else member | key)
        containers.put(interp, box, member, key)
    return frozenset({box})


# Expressions that bind names
@evaluates(cst.NamedExpr)
def walrus(interp: Interpreter, node: cst.NamedExpr) -> Value:
    value = interp.value(node.value)
    scope = interp.state.scope
    # A walrus in a comprehension binds in the scope around it.
    while scope.is_comprehension and scope.parent is not None:
        scope = scope.parent
    with interp.state.inside(scope):
        names.bind(interp, node.target, value)
    return value


@evaluates(cst.Lambda)
def lambda_(interp: Interpreter, node: cst.Lambda) -> Value:
    """Evaluate the body of a lambda where it is written, with the arguments of its known calls."""
    given = defaults(interp, node.params)
    interp.state.scope.share()
    # The body runs at a call, perhaps never, so it must not narrow or change names here.
    with interp.state.inside(Scope(interp.state.scope)), interp.state.perhaps(interp.state.live):
        for name in (one.name.value for one in parameters(node.params)):
            passed = interp.summaries.read("parameters", (node, name)) or UNKNOWN
            interp.state.scope.bind(name, join(given.get(name, NOTHING), passed))
        interp.summaries.publish("returns", node, interp.value(node.body))
    return frozenset({Lambda(node)})


def defaults(interp: Interpreter, params: cst.Parameters) -> dict[str, Value]:
    """Evaluate the defaults of parameters, where the function is defined."""
    given = [(one.name.value, one.default) for one in parameters(params)]
    return {name: interp.value(default) for name, default in given if default is not None}


@evaluates(cst.ListComp, cst.SetComp, cst.GeneratorExp, cst.DictComp)
def comprehension(interp: Interpreter, node: cst.BaseComp) -> Value:
    parts: list[Value] = []
    with (
        interp.state.inside(Scope(interp.state.scope, is_comprehension=True)),
        # Conditions in the comprehension change the reachability and `vague_branch`, which these two restore.
        interp.state.only(interp.state.live),
        interp.state.vaguely(False),
    ):
        loop: cst.CompFor | None = node.for_in
        while loop is not None:
            names.bind(interp, loop.target, calls.iterated(interp, loop.iter, interp.value(loop.iter)))
            # Each `if` of the comprehension limits the configurations for what follows, as a branch does.
            for condition in loop.ifs:
                outcome = operators.branch(interp, condition.test)
                interp.state.live, interp.state.cpython = outcome.true, interp.state.cpython and not outcome.asks
                interp.state.vague_branch |= outcome.vague
            loop = loop.inner_for_in
        for result in ("key", "value", "elt"):
            if (part := getattr(node, result, None)) is not None:
                parts.append(interp.value(part))
    typestate.forget(interp.state.scope, join(*parts))
    box = Box(node, "dict" if isinstance(node, cst.DictComp) else "list")
    containers.put(interp, box, parts[-1], parts[0] if isinstance(node, cst.DictComp) else None)
    return frozenset({box})


@evaluates(cst.Await)
def await_(interp: Interpreter, node: cst.Await) -> Value:
    value = interp.value(node.expression)
    if isinstance(node.expression, cst.Call):
        _note_awaited(interp, node, interp.callees.get(node.expression, UNKNOWN))
    interp.env.run_others()
    # `await task` is the result of the task, which is unknown.
    plain = value - {SLEEP, TASK}
    return plain | UNKNOWN if plain != value else value


def _note_awaited(interp: Interpreter, node: cst.Await, callees: Value) -> None:
    """Record a call that is awaited, if its callee can be nothing else."""
    found = list(atoms(callees, interp.state.live))
    for atom, cells in found if len(found) == 1 else ():
        match atom:
            case Member(owner, name):
                interp.recorder.note(Awaited(interp.recorder.site(cells), node, owner, name))
            case Function(function, None):
                interp.recorder.note(Awaited(interp.recorder.site(cells), node, atom, function.name.value))
            case _:
                continue


@evaluates(cst.Yield)
def yield_(interp: Interpreter, node: cst.Yield) -> Value:
    """Evaluate a yield: the yielded value becomes part of the generator's content."""
    given = NONE
    if isinstance(node.value, cst.From):
        given = calls.iterated(interp, node.value.item, interp.value(node.value.item))
    elif node.value is not None:
        given = interp.value(node.value)
    typestate.forget(interp.state.scope, given)
    if interp.state.function is not None:
        containers.put(interp, Box(interp.state.function, "list"), given)
        interp.state.yields = True
    # The caller runs until it asks for the next item.
    interp.env.run_others()
    return UNKNOWN


@evaluates(cst.Call)
def call(interp: Interpreter, node: cst.Call) -> Value:
    value = _called(interp, node)
    # `RELEASE.startswith("1.1")`, where the release is such a flag, has one as its callee.
    asks = flags.is_about_python(interp.callees[node]) or (
        heuristics.mentions_system(interp.module) and heuristics.is_question_about_system(node)
    )
    if asks and _is_undecided(value, interp.state.live):
        return flags.blurred(value, flags.FLAG)
    match node.func:
        # `config.get("micropython")`
        case cst.Attribute(attr=cst.Name(value="get" | "getenv")) if node.args:
            return operators.named_by(node.args[0].value, value)
        case cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)):
            return flags.named(name, value)
        case _:
            return value


def _is_undecided(value: Value, live: Cells) -> bool:
    """True if a value is not known, or may be one of several on some configuration."""
    parts = [cells for _, cells in atoms(value, live)]
    several = sum(map(len, parts)) > len(NO_CELLS.union(*parts))
    true, false = truth(value, live)
    return several or bool(true & false) or any(isinstance(unconditional(atom), Anything) for atom in value)


def _note_incomplete(interp: Interpreter, node: cst.Call, argument: Argument) -> None:
    """Record received bytes in a call that expects a whole message, or as many bytes as were requested."""
    match node.func:
        case (
            cst.Attribute(attr=cst.Name(value=("unpack" | "from_bytes" | "loads") as name))
            | cst.Name(value=("int" | "loads" | "unpack") as name)
        ):
            value = argument.value if name in ("unpack", "from_bytes") else _undecoded(interp, argument)
        case _:
            return
    for atom, cells in atoms(value, interp.state.live):
        if isinstance(atom, Received) and atom.asked is not None and name in ("unpack", "from_bytes"):
            # `from_bytes` takes any number of bytes, and of one byte none can be left out.
            if name == "unpack" or atom.asked > 1:
                raises = "ValueError" if name == "unpack" else ""
                interp.recorder.note(ShortRead(interp.recorder.site(cells), node, atom, raises))
        elif isinstance(atom, Received) and (atom.once or 0) > 1 and len(value) == 1:
            interp.recorder.note(ReadOnce(interp.recorder.site(cells), node, atom))


def _undecoded(interp: Interpreter, argument: Argument) -> Value:
    """The value that an argument decodes, `data` in `data.decode()`; else the value of the argument."""
    node, value = argument.node.value, argument.value
    match node:
        case cst.Call(func=cst.Attribute(value=inner, attr=cst.Name(value="decode"))):
            return interp.quiet(inner)
        case cst.Call(func=cst.Name(value="str"), args=[cst.Arg(value=inner), cst.Arg()]):
            return interp.quiet(inner)
        case _:
            return value


def _called(interp: Interpreter, node: cst.Call) -> Value:
    """The result of a call. The callee is evaluated first, then the arguments, as Python does."""
    interp.state.calling = node
    callee = interp.callees[node] = interp.value(node.func)
    # `x.start(5)` on an unknown object may call any method `start` of this file.
    if isinstance(node.func, cst.Attribute) and any(isinstance(atom, Anything) for atom in callee):
        interp.note_unknown_call(node.func.attr.value)
    if callee is UNKNOWN:
        return _unknown_called(interp, node)
    # On cells that lack the method, its look-up raises before the arguments are evaluated.
    here, interp.state.live = interp.state.live, interp.state.live - device.lacking(callee, interp.state.live)
    arguments = _evaluated(interp, node)
    interp.state.live = here
    for one in arguments:
        _note_incomplete(interp, node, one)
        if one.star == "*":
            names.spread(interp, one.node.value, one.value)
    if len(callee) > 1 and isinstance(node.func, cst.Attribute):
        callee = _accepting(interp, node.func, callee, [one.value for one in arguments if not one.star])
    found = list(atoms(callee, interp.state.live))
    # On each configuration there is one callee, or all are methods of received bytes.
    sole = sum([len(cells) for _, cells in found]) == len(interp.state.live) or all(
        _is_of_bytes(atom) for atom, _ in found
    )
    callees = [builtin_types.callee(atom) for atom, _ in found]
    possible = [
        (_by_keywords(node) if isinstance(atom, Anything) else (one,) if one else (), cells)
        for one, (atom, cells) in zip(callees, found, strict=True)
    ]
    # An unknown callee among the possible ones may take any arguments, so the call is not refused for certain. None has
    # no methods, so the call is not of one.
    if all(some for some, _ in possible):
        known = [(one, cells) for some, cells in possible for one in some if one[0] != "NoneType"]
        _note_refusing(interp, node, known, arguments)
    if arguments:
        _note_encoding_argument(interp, callees, arguments)
    interp.state.certain = sum([not _is_of_none(atom) for atom in callee]) == 1
    parts = [
        interp.state.limit(calls.result(interp, node, atom, arguments, cells, sole=sole), cells)
        for atom, cells in found
        # None has no methods: after the call the value is one of the other possibilities.
        if len(found) == 1 or not _is_of_none(atom)
    ]
    if interp.env.holders and not _NOT_OF_FILE.isdisjoint([type(atom) for atom, _ in found]):
        _expose(interp, node)
    return join(*parts)


def _unknown_called(interp: Interpreter, node: cst.Call) -> Value:
    """The result of a call of an unknown object, into which the arguments escape."""
    typestate.forget_seen(interp.state.scope, interp.known_to_functions)
    borrowed.forget_at_unknown(interp, node)
    arguments = _evaluated(interp, node)
    if _wraps_connection(interp, node, arguments):
        interp.state.certain = True  # the object is taken for an SSLContext
        return calls.wrapped(interp, node, Anything(), arguments, interp.state.live, sole=False)
    for one in arguments:
        _note_incomplete(interp, node, one)
        typestate.forget(interp.state.scope, one.value)
        if one.star == "*":
            names.spread(interp, one.node.value, one.value)
    if isinstance(node.func, cst.Attribute):
        passing.call_method_later(interp, node.func.attr.value, arguments)
    _expose(interp, node)
    return _result_by_name(interp, node, arguments)


def _wraps_connection(interp: Interpreter, node: cst.Call, arguments: Sequence[Argument]) -> bool:
    """True if an unknown object's `wrap_socket` is called with a connected plain socket, so that it is an SSLContext.

    For a socket that is not connected it may be an object of the program, which wraps a listening socket.
    """
    match node.func, arguments:
        case cst.Attribute(attr=cst.Name(value="wrap_socket")), (first, *_) if len(first.value) == 1:
            (atom,) = first.value
            return isinstance(atom, Socket) and typestate.state_of(interp.state.scope, atom).connected == TRUE
        case _:
            return False


def _expose(interp: Interpreter, node: cst.Call) -> None:
    """Let an unknown callee set attributes of its arguments and of the object whose method it is."""
    of = [node.func.value] if isinstance(node.func, cst.Attribute) else []
    for one in (*of, *(argument.value for argument in node.args)):
        if isinstance(one, cst.Name) and one.value in interp.env.holders:
            interp.env.expose(one.value)


def _evaluated(interp: Interpreter, node: cst.Call) -> tuple[Argument, ...]:
    found: list[Argument] = []
    for one in node.args:
        if len(found) == 2 and _has_no_default(interp, node, found):
            interp.summaries.body.unreached.add(one.value)
            value = NOTHING
        else:
            value = interp.value(one.value)
        found.append(Argument(one, value, one.keyword and one.keyword.value, one.star))
    return tuple(found)


def _has_no_default(interp: Interpreter, node: cst.Call, given: Sequence[Argument]) -> bool:
    """True if a third argument is of no use: in `getattr(time, "sleep_ms", pause)`, as every board has the name."""
    if not isinstance(node.func, cst.Name) or node.func.value != "getattr" or interp.state.scope.lookup("getattr"):
        return False
    _, lacking = truth(calls.has_attribute(interp, given, interp.state.live), interp.state.live)
    return not lacking and bool(interp.state.live)


def _result_by_name(interp: Interpreter, node: cst.Call, arguments: Sequence[Argument]) -> Value:
    """The result of a method of an unknown object, for methods that their name and arguments identify."""
    if not isinstance(node.func, cst.Attribute):
        return UNKNOWN
    name = node.func.attr.value
    _note_refusing(interp, node, [(one, interp.state.live) for one in _by_keywords(node)], arguments)
    texts = [_text(one.value) for one in node.args]
    if name in ("decode", "encode") and texts and texts[0] is not None and builtin_types.is_codec(texts[0]):
        _note_encoding(interp, name, arguments[0])
    return builtin_types.result_by_name(name, texts)


def _by_keywords(node: cst.Call) -> tuple[builtin_types.Callee, ...]:
    """The methods that a call of an unknown object's method may be of, if its keywords tell."""
    keywords = frozenset([one.keyword.value for one in node.args if one.keyword is not None])
    if not keywords or not isinstance(node.func, cst.Attribute):
        return ()
    return builtin_types.callees_by_keywords(node.func.attr.value, keywords)


def _text(node: cst.BaseExpression) -> str | None:
    value = evaluated(node.value) if isinstance(node, cst.SimpleString) else None
    return value if isinstance(value, str) else None


def _note_encoding_argument(
    interp: Interpreter, callees: Sequence[builtin_types.Callee | None], arguments: Sequence[Argument]
) -> None:
    """Record the argument of a call that is an encoding, if it is that for all possible callees."""
    places = {builtin_types.encoding_index(one) for one in callees}
    place = places.pop() if len(places) == 1 else None
    if place is None or callees[0] is None or len(arguments) <= place:
        return
    if not any(one.keyword or one.star for one in arguments[: place + 1]):
        _note_encoding(interp, callees[0][1], arguments[place])


def _note_encoding(interp: Interpreter, name: str, given: Argument) -> None:
    site = interp.recorder.site(interp.state.live)
    interp.recorder.note_by_type(Encoding(site, given.node.value, given.value, name))


def _note_refusing(
    interp: Interpreter,
    node: cst.Call,
    callees: Sequence[tuple[builtin_types.Callee, Cells]],
    arguments: Sequence[Argument],
) -> None:
    """Record a call that each of these callees refuses, on some cells."""
    owners = {owner for (owner, _), _ in callees}
    # A star import may have bound the name of a builtin to something else, which takes other arguments.
    if any(one.star for one in arguments) or any(
        owner == "builtins" and names.may_be_starred(interp, name) for (owner, name), _ in callees
    ):
        return
    keywords = frozenset(one.keyword for one in arguments if one.keyword is not None)
    refusing = NO_CELLS.union(*(cells for _, cells in callees))
    for callee, cells in callees:
        # Remove the cells on which some callee accepts the call: on the others all refuse it.
        refusing -= cells - builtin_types.refusing(callee, len(arguments) - len(keywords), keywords, cells)
    if not refusing or any(map(interp.library.is_own, owners)):
        return
    if callees and not any(interp.library.replaces(*callee) for callee, _ in callees):
        owner, name = max(callee for callee, _ in callees)
        interp.recorder.note_by_type(Refused(interp.recorder.site(refusing), node, owner, name, tuple(arguments)))


def _accepting(interp: Interpreter, method: cst.Attribute, callee: Value, arguments: list[Value]) -> Value:
    """The callees that accept these arguments. After the call the callee is one of them, because it did not raise."""
    accepting = frozenset(atom for atom in callee if not types.is_refused(atom, arguments))
    if not accepting or accepting == callee:
        return callee
    if key_of(method.value) is not None:
        name = method.attr.value
        names.rule_out(
            interp, method.value, interp.quiet(method.value), lambda atom: not types.takes(atom, name, arguments)
        )
    return accepting


def _is_of_none(atom: Atom) -> bool:
    """True if this is an attribute of None, which has no methods."""
    return isinstance(atom, Member) and constant(atom.owner) is None


def _is_of_bytes(atom: Atom) -> bool:
    return isinstance(atom, Member) and isinstance(atom.owner, Received)


def parameters(params: cst.Parameters) -> list[cst.Param]:
    """Every parameter of a function, in order."""
    star = [params.star_arg] if type(params.star_arg) is cst.Param else []
    rest = [params.star_kwarg] if params.star_kwarg is not None else []
    return [*params.posonly_params, *params.params, *star, *params.kwonly_params, *rest]

"""Sockets that the current function did not make.

They are its arguments, attributes of its instance, names of the module, results of functions and items of containers.
Their typestates are tracked like those of sockets that the function makes, until other code runs that can use them.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from usock_lint.analysis.domain import typestate
from usock_lint.analysis.domain.keys import Attr, StateOf
from usock_lint.analysis.domain.operations import NONE, UNKNOWN
from usock_lint.analysis.domain.values import Class, Instance, Made, Socket, TlsSocket, Value
from usock_lint.analysis.interpreter.bindings import PARTS
from usock_lint.analysis.interpreter.core import Interpreter
from usock_lint.fast_dataclasses import replace
from usock_lint.syntax.nodes import of_type, once_per_node


def borrow(interp: Interpreter, node: cst.FunctionDef) -> None:
    """Begin to track the sockets that exist when this function is called."""
    names = interp.state.scope.names
    for parameter in node.params.params:
        name = parameter.name.value
        if _is_socket(value := names.get(name, frozenset())):
            key = None if interp.is_called_from_outside(node) else (node, name)
            names[name] = _follow(interp, value, parameter, key)
    for receiver in _receivers(node.body):
        if isinstance(receiver, cst.Name):
            _from_outside(interp, receiver.value)
        elif isinstance(holder := receiver.value, cst.Name) and holder.value in names:
            _attribute(interp, receiver, holder.value)


def _attribute(interp: Interpreter, node: cst.Attribute, holder: str) -> None:
    name = node.attr.value
    owners = [atom.node for atom in interp.state.scope.names[holder] if isinstance(atom, (Instance, Class))]
    if len(owners) == 1 and _is_socket(value := interp.quiet(node)):
        interp.env.holders.add(holder)
        interp.state.scope.names[Attr(holder, name)] = _follow(interp, value, node, (owners[0], name))
        interp.env.lend(owners[0], name, node)


def _from_outside(interp: Interpreter, name: str) -> None:
    """Begin to track the socket in a name of the module, with its state at the end of the module's statements."""
    scope = interp.state.scope
    if name in scope.names or scope.parent is None:
        return
    for atom in scope.lookup(name) or ():
        if isinstance(atom, Socket) and atom.made is not None:
            # For a method the scope around is its class, and the state is in that of the module, further out.
            timeout, inherited = (scope.lookup(StateOf(atom.made, part)) or UNKNOWN for part in PARTS)
            typestate.borrow(scope, atom.made, timeout, inherited)


def _follow(interp: Interpreter, value: Value, made: Made, key: tuple[cst.CSTNode, str] | None) -> Value:
    """Begin to track the sockets in a value at a site. `key` is that of their `states`; None if these are unknown."""
    if any(isinstance(atom, TlsSocket) for atom in value):
        typestate.follow(interp.state.scope, made, typestate.Encrypted())
        interp.state.scope.within_reach.add(made)
    else:
        known = [interp.summaries.read("states", (*key, part)) if key else None for part in PARTS]
        typestate.borrow(interp.state.scope, made, *(UNKNOWN if one is None else one for one in known))
    return _with_site(value, made)


def _is_socket(value: Value) -> bool:
    """True if a value is a socket from elsewhere, or None: all of them are plain, or all are of TLS."""
    sockets = [atom for atom in value if isinstance(atom, (Socket, TlsSocket))]
    return (
        len(set(map(type, sockets))) == 1
        and value - set(sockets) <= NONE
        and all(atom.made is None for atom in sockets)
    )


def bound(interp: Interpreter, target: cst.Name, value: Value) -> Value:
    """The value that a name is bound to. A socket from a container or a function is tracked from here on.

    Other code can use such a socket as well.
    """
    scope = interp.state.scope
    if scope.is_class or scope.is_comprehension or not _is_socket(value):
        return value
    is_tls = any(isinstance(atom, TlsSocket) for atom in value)
    # Each time the name is bound it may be another socket, so older ones that other names hold lose the site.
    typestate.follow(scope, target, typestate.Encrypted() if is_tls else typestate.FOUND, in_loop=True)
    scope.within_reach.add(target)
    return _with_site(value, target)


def _with_site(value: Value, made: Made) -> Value:
    return frozenset(replace(atom, made=made) if isinstance(atom, (Socket, TlsSocket)) else atom for atom in value)


@once_per_node
def _receivers(body: cst.BaseSuite) -> list[cst.Name | cst.Attribute]:
    """The names and attributes whose methods are called in a function, each once."""
    return list({_spelt(one): one for one in _called_on(body)}.values())


def _called_on(body: cst.BaseSuite) -> Iterator[cst.Name | cst.Attribute]:
    """The names and attributes of names whose methods are called."""
    for one in of_type(body, cst.Call):
        match one.func:
            case cst.Attribute(value=cst.Name() as owner):
                yield owner
            case cst.Attribute(value=cst.Attribute(value=cst.Name()) as owner):
                yield owner
            case _:
                continue


def _spelt(node: cst.Name | cst.Attribute) -> tuple[str, ...]:
    if isinstance(node, cst.Name):
        return (node.value,)
    return (node.value.value if isinstance(node.value, cst.Name) else "", node.attr.value)


def publish_states(interp: Interpreter, given: dict[str, Value], node: cst.FunctionDef) -> None:
    """Publish the typestates of the arguments of a call to the called function."""
    for name, value in given.items():
        for atom in value:
            if isinstance(atom, Socket):
                state = typestate.state_of(interp.state.scope, atom)
                for part in PARTS:
                    interp.summaries.publish("states", (node, name, part), getattr(state, part))


def forget_at_unknown(interp: Interpreter, call: cst.Call) -> None:
    """Forget borrowed sockets at an unknown call. A method of another object, such as a pin, cannot reach them."""
    params = interp.state.function.params.params if interp.state.function is not None else ()
    match call.func:
        # `pin.on()`: only a method of `self`, or a plain function, is assumed to reach the sockets of this function.
        case cst.Attribute(value=cst.Name(value=name)) if not params or name != params[0].name.value:
            return
        case _:
            interp.env.release_sockets()

"""Sockets in an attribute or a global name that are overwritten while they are open.

A method that connects is called again when the connection is lost, and sets `self.sock` to a new socket. The old one is
open until it is collected. This is reported only if the file has all the code between one call of the method and the
next: a turn of a loop, or the way from a `try` that uses the socket into its handler. It is not reported if this code
tests the socket, closes it or passes it to other code.

A function that sets the attribute to None, or deletes it, is reported only if nothing in the file closes the socket in
the attribute or passes it to other code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import libcst as cst

from usock_lint.analysis import handlers, heuristics
from usock_lint.analysis.call_paths import CallPaths, Try, functions
from usock_lint.analysis.domain.operations import FALSE
from usock_lint.analysis.domain.values import Module, Socket, Value
from usock_lint.analysis.uses import AnyUse, Call, Leaked, LostOnError, Overwritten
from usock_lint.syntax.nodes import called_name, of_type, within

_Loop = cst.For | cst.While

_TESTING: Final = (
    cst.BooleanOperation,
    cst.Comparison,
    cst.ComparisonTarget,
    cst.If,
    cst.UnaryOperation,
    cst.While,
)

# Methods that leave a socket as open as it was.
_HARMLESS: Final = heuristics.FAILING | frozenset("bind listen setblocking setsockopt settimeout".split())
# Functions and methods that neither close a socket among their arguments nor pass it to code that may.
_TAKING: Final = frozenset("modify poll print register select unregister wrap_socket".split())


class _Holder(NamedTuple):
    """The place of a socket: an attribute of the object `this`, or a global name if `this` is None."""

    name: str
    this: str | None = None


class _Names(NamedTuple):
    """The names of a function that are global, that it closes and that it returns.

    `passed_on` has, for each local name, the assignments of its value to something else.
    """

    outer: frozenset[str]
    closed: frozenset[str]
    returned: frozenset[str]
    passed_on: Mapping[str, Sequence[cst.Assign]]


class _Again(NamedTuple):
    """A way back to a function: the `nodes` that run between two calls of it, and the `call` that leads to the next."""

    nodes: tuple[cst.CSTNode, ...]
    call: cst.CSTNode


def overwritten(module: cst.Module, uses: Sequence[AnyUse], callees: Mapping[cst.Call, Value]) -> Iterator[Overwritten]:
    """The calls that make sockets which are overwritten, except for sockets that have a finding already."""
    reported = {use.node for use in uses if isinstance(use, Leaked) and use.closed == FALSE}
    reported |= {use.node for use in uses if isinstance(use, LostOnError)}
    made = [use for use in uses if isinstance(use, Call) and use.sole and _makes(use) and use.node not in reported]
    if not made:
        return
    search = _Search(module, callees)
    for use in made:
        if (found := search.holder(use.node)) is not None:
            holder, setting = found
            again = next((one for one in search.again(setting, holder) if search.keeps_open(one, holder)), None)
            if again is not None:
                yield Overwritten(use.site, use.node, search.name(setting))
            elif (dropping := search.dropping(holder)) is not None:
                yield Overwritten(use.site, use.node, dropping, dropped=True)


def _makes(use: Call) -> bool:
    return (use.name == "socket" and use.owner == Module("socket")) or (
        use.name == "accept" and isinstance(use.owner, Socket)
    )


class _Search:
    """The search for the holders of sockets, and for what runs between two assignments to a holder."""

    def __init__(self, module: cst.Module, callees: Mapping[cst.Call, Value]) -> None:
        self._module, self._paths, self._callees = module, CallPaths(module, callees), callees
        self._dropping: dict[_Holder, str | None] = {}
        self._known: dict[cst.FunctionDef, _Names] = {}

    def holder(self, made: cst.Call, seen: frozenset[cst.CSTNode] = frozenset()) -> tuple[_Holder, cst.Call] | None:
        """The holder of the socket that a call makes, and the call whose result is assigned to it.

        If the function returns the socket, this is a call of that function.
        """
        function = self._function(made)
        if function is None or function in seen:
            return None
        assigned = self._paths.parents.get(made)
        target = _target(assigned)
        names = self._names(function)
        # A local name: follow the socket to where it is assigned next, or returned, `s = socket(); self.sock = s`.
        if isinstance(target, cst.Name) and target.value not in names.outer:
            later = names.passed_on.get(target.value, ())
            returned = target.value in names.returned
            if target.value in names.closed:
                return None
            if returned and not later:
                calls = self._paths.callers.get(function, [])
                return self.holder(calls[0], seen | {function}) if len(calls) == 1 else None
            target = _target(later[0]) if len(later) == 1 and not returned else None
        match target:
            case cst.Name(value=name) if name in names.outer:
                return _Holder(name), made
            case cst.Attribute(value=cst.Name(value=this), attr=cst.Name(value=name)) if this == _this(function):
                return _Holder(name, this), made
            case _:
                return None

    def _names(self, function: cst.FunctionDef) -> _Names:
        """What a function does with its names."""
        if function not in self._known:
            self._known[function] = _names(function)
        return self._known[function]

    def _function(self, node: cst.CSTNode) -> cst.FunctionDef | None:
        return next((one for one in self._paths.above(node) if isinstance(one, cst.FunctionDef)), None)

    def again(self, node: cst.CSTNode, holder: _Holder, seen: frozenset[cst.CSTNode] = frozenset()) -> Iterator[_Again]:
        """The loops and handlers by which a call runs again, for the same object."""
        part = node
        for one in self._paths.above(node):
            # `for client in clients: client.connect()` calls the method of another object in each turn.
            if isinstance(one, _Loop) and self._comes_round(node, one) and not _binds(one, _root(node)):
                yield _Again((one,), node)
            # `try: self.sock.send(b"")` with `except OSError: self.connect()`: the socket is open in the handler.
            elif isinstance(one, Try) and isinstance(part, cst.ExceptHandler) and handlers.catches_oserror(part):
                if any(self._uses(mention) for mention in self._mentions((one.body,), holder)):
                    yield _Again((one.body, part.body), node)
            elif isinstance(one, cst.FunctionDef):
                # `__init__` sets an attribute of a new object, so it overwrites nothing.
                if one not in seen and (holder.this is None or one.name.value != "__init__"):
                    for call in self._paths.callers.get(one, []):
                        yield from self.again(call, holder, seen | {one})
                return
            part = one

    def keeps_open(self, again: _Again, holder: _Holder) -> bool:
        """True if nothing in between closes the socket, tests it, or gives it to code that may close it."""
        ran = self._reached(again.nodes)
        return (
            not any(heuristics.ends_program(part) for one in ran for part in within(one))
            and not any(self._may_close(call, again) for one in ran for call in of_type(one, cst.Call))
            and all(self._leaves_open(mention) for mention in self._mentions(ran, holder))
        )

    def dropping(self, holder: _Holder) -> str | None:
        """The function that drops the holder's socket, if nothing in the file closes it or passes it to other code."""
        if holder not in self._dropping:
            self._dropping[holder] = self._dropped_by(holder)
        return self._dropping[holder]

    def _dropped_by(self, holder: _Holder) -> str | None:
        """The answer of `dropping`."""
        mentions = [*self._mentions((self._module,), holder)]
        if not all(self._leaves_open(one) or self._is_tested(one) for one in mentions):
            return None
        for one in mentions:
            if self._is_dropped(one) and (name := self.name(one)) not in ("__init__", ""):
                return name
        return None

    def name(self, node: cst.CSTNode) -> str:
        """The name of the function around a node, "" at the module's level."""
        function = self._function(node)
        return function.name.value if function is not None else ""

    def _is_dropped(self, mention: cst.CSTNode) -> bool:
        """True if a statement sets this to None, or deletes it."""
        match self._paths.parents.get(mention):
            case cst.Del():
                return True
            case cst.AssignTarget() as target:
                assign = self._paths.parents[target]
                return isinstance(assign, cst.Assign) and _is_name(assign.value, "None")
            case _:
                return False

    def _is_tested(self, mention: cst.CSTNode) -> bool:
        return isinstance(self._paths.parents.get(mention), _TESTING)

    def _reached(self, nodes: Sequence[cst.CSTNode]) -> list[cst.CSTNode]:
        """The nodes, and the functions of the file that they call, directly or through others."""
        found, pending = list[cst.CSTNode](), [*nodes]
        while pending:
            one = pending.pop()
            if one not in found:
                found.append(one)
                pending += [
                    function
                    for call in of_type(one, cst.Call)
                    for function in functions(self._callees.get(call, frozenset()))
                ]
        return found

    def _mentions(self, nodes: Sequence[cst.CSTNode], holder: _Holder) -> Iterator[cst.CSTNode]:
        """The names, or the attributes of any object, that are called like the holder."""
        for node in nodes:
            if holder.this is None:
                yield from (one for one in of_type(node, cst.Name) if one.value == holder.name)
            else:
                yield from (one for one in of_type(node, cst.Attribute) if one.attr.value == holder.name)

    def _leaves_open(self, mention: cst.CSTNode) -> bool:
        """True if a mention of a holder neither closes its socket nor gives it to code that may."""
        parent = self._paths.parents.get(mention)
        match parent:
            case cst.AssignTarget() | cst.NameItem() | cst.Del():
                return True
            case cst.Element() if isinstance(self._paths.parents.get(self._paths.parents[parent]), cst.AssignTarget):
                return True
            case cst.Arg():
                return called_name(self._paths.parents.get(parent)) in _TAKING
            case cst.Attribute(attr=attr) if attr is mention:
                return True  # an attribute that has the same name as the global
            case cst.Call(func=function) if function is mention:
                return True  # a function that has the same name: `socket.socket()`
            case _:
                return self._uses(mention)

    def _uses(self, mention: cst.CSTNode) -> bool:
        """True if a method is called on the socket that leaves it open."""
        parent = self._paths.parents.get(mention)
        call = self._paths.parents.get(parent) if parent is not None else None
        return (
            isinstance(parent, cst.Attribute)
            and parent.value is mention
            and isinstance(call, cst.Call)
            and call.func is parent
            and parent.attr.value in _HARMLESS
        )

    def _may_close(self, call: cst.Call, again: _Again) -> bool:
        """True if this calls a method of the same object that stands in another file, and may close by its name."""
        match call.func:
            case cst.Attribute(value=cst.Name(value=owner), attr=cst.Name(value=name)):
                is_same = owner in ("self", _root(again.call))
            case cst.Attribute(value=cst.Call(func=cst.Name(value="super")), attr=cst.Name(value=name)):
                is_same = True
            case _:
                return False
        is_known = any(functions(self._callees.get(call, frozenset())))
        return is_same and not is_known and any(word in name.lower() for word in heuristics.ENDING)

    def _comes_round(self, node: cst.CSTNode, loop: _Loop) -> bool:
        """True if the next turn of a loop may begin after this node has been evaluated, or has raised."""
        part, goes_on = node, True
        for one in self._paths.above(node):
            if one is loop:
                in_test = isinstance(loop, cst.While) and part is loop.test
                return goes_on and (part is loop.body or (in_test and _falls_through(loop.body)))
            # The statements behind the node's in the same suite: they fall through to its end, or one may `continue`.
            if isinstance(one, cst.BaseSuite):
                rest = [*one.body]
                while rest and rest.pop(0) is not part:
                    pass
                if goes_on and any(map(_has_continue, _until_left(rest))):
                    return True
                goes_on = goes_on and _falls(rest)
            # An exception of the node may be caught: then the next turn may begin after the handler.
            elif isinstance(one, Try) and part is one.body:
                caught = [handler.body for handler in one.handlers if handlers.catches_oserror(handler)]
                if any(_has_continue(body) for body in caught):
                    return True
                goes_on = goes_on or any(_falls(body.body) for body in caught)
            part = one
        return False


def _target(assigned: cst.CSTNode | None) -> cst.BaseExpression | None:
    """The only target of an assignment, or the first of a tuple as in `conn, peer = s.accept()`."""
    match assigned:
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Tuple(elements=[first, *_]))]):
            return first.value
        case cst.Assign(targets=[cst.AssignTarget(target=target)]):
            return target
        case _:
            return None


def _is_name(node: cst.BaseExpression, name: str) -> bool:
    return isinstance(node, cst.Name) and node.value == name


def _names(function: cst.FunctionDef) -> _Names:
    outer, closed, returned, passed_on = set[str](), set[str](), set[str](), dict[str, list[cst.Assign]]()
    for one in of_type(function, cst.Assign, cst.Call, cst.Global, cst.Return):
        match one:
            case cst.Assign(value=cst.Name(value=name)):
                passed_on.setdefault(name, []).append(one)
            case cst.Call(func=cst.Attribute(value=cst.Name(value=name), attr=cst.Name(value="close"))):
                closed.add(name)
            case cst.Global(names=names):
                outer.update(item.name.value for item in names)
            case cst.Return(value=cst.Name(value=name)):
                returned.add(name)
            case _:
                pass
    return _Names(frozenset(outer), frozenset(closed), frozenset(returned), passed_on)


def _this(function: cst.FunctionDef) -> str | None:
    """The name of the first parameter: in a method, the object itself."""
    params = function.params.params
    return params[0].name.value if params else None


def _root(node: cst.CSTNode) -> str | None:
    """The plain name with which the callee begins: `client` of `client.sock.connect()`."""
    owner = node.func if isinstance(node, cst.Call) else None
    while isinstance(owner, cst.Attribute):
        owner = owner.value
    return owner.value if isinstance(owner, cst.Name) else None


def _binds(loop: _Loop, name: str | None) -> bool:
    """True if a loop assigns a plain name."""
    return any(_is_name(one.target, name or "") for one in of_type(loop, cst.AssignTarget)) or (
        isinstance(loop, cst.For) and _is_name(loop.target, name or "")
    )


def _until_left(statements: Sequence[cst.CSTNode]) -> Iterator[cst.CSTNode]:
    """Statements up to the first that nothing follows."""
    for one in statements:
        yield one
        if not _falls([one]):
            return


def _has_continue(node: cst.CSTNode) -> bool:
    return any(of_type(node, cst.Continue, closed=(cst.For, cst.While, cst.FunctionDef)))


def _falls(statements: Sequence[cst.CSTNode]) -> bool:
    """True if these statements may end without leaving the suite that they stand in."""
    return all(map(_falls_through, statements))


def _falls_through(node: cst.CSTNode) -> bool:
    """True if the statement after this one may run next."""
    match node:
        case cst.Return() | cst.Raise() | cst.Break() | cst.Continue():
            return False
        case cst.SimpleStatementLine() | cst.BaseSuite():
            return _falls(node.body)
        case cst.If():
            return node.orelse is None or _falls_through(node.body) or _falls_through(node.orelse)
        case cst.Else() | cst.ExceptHandler() | cst.ExceptStarHandler():
            return _falls_through(node.body)
        case cst.Try() | cst.TryStar():
            ends = [node.body if node.orelse is None else node.orelse, *node.handlers]
            return any(map(_falls_through, ends))
        case cst.While(test=test, orelse=None) if heuristics.is_literal(test):
            return any(of_type(node.body, cst.Break, closed=(cst.For, cst.While)))
        case _:
            return True

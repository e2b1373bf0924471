"""Uses of the network directly after `WLAN.connect`, which returns before the network is connected.

The statements are followed in the order in which the program runs them, also in functions of the file. A use is
reported only if nothing between it and `WLAN.connect` may wait for the network: a loop, a call of an unknown function,
or a condition on the WLAN. A use in a `try` that catches its error is not reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import libcst as cst

from usock_lint.analysis import handlers, heuristics
from usock_lint.analysis.call_paths import CallPaths, Try, functions
from usock_lint.analysis.domain.operations import constant
from usock_lint.analysis.domain.values import Module, Object, Socket, Value
from usock_lint.analysis.uses import AnyUse, BeforeNetwork, Call, LibraryCall
from usock_lint.fast_dataclasses import replace
from usock_lint.syntax.nodes import called_name, of_type, parts, statements_around

_WLAN: Final = Object("network", "WLAN")
# Methods that return whether the WLAN is connected.
_STATUS: Final = frozenset({"isconnected", "status"})
# The class of umqtt, whose `connect` connects to a broker.
_BROKER: Final = "MQTTClient"
# The depth of calls that are followed into functions. Deeper calls are assumed to wait for the network.
_DEPTH: Final = 4
_INNER: Final = (cst.FunctionDef, cst.ClassDef, cst.Lambda, cst.GeneratorExp, cst.ListComp, cst.SetComp, cst.DictComp)


class _End(NamedTuple):
    """The state at the end of a suite.

    `begun` is the call of `WLAN.connect` that nothing has waited for since, `left` tells that the suite was left, such
    as by `return`.
    """

    begun: cst.Call | None
    left: bool = False


def before_network(
    module: cst.Module, uses: Sequence[AnyUse], callees: Mapping[cst.Call, Value]
) -> Iterator[BeforeNetwork]:
    """The first use of the network after each call of `WLAN.connect`, if nothing in between may wait."""
    begins = {use.node: use for use in uses if isinstance(use, LibraryCall) and _begins(use)}
    if not begins:
        return
    needing = {use.node for use in uses if isinstance(use, (Call, LibraryCall)) and use.sole and _needs(use)}
    needing |= set(_of_brokers(module))
    asking = {use.node for use in uses if isinstance(use, LibraryCall) and _is_of_wlan(use) and use.name in _STATUS}
    walk = _Walk(CallPaths(module, callees), callees, begins, needing, asking)
    walk.module(module)
    yield from walk.found.values()


def _is_of_wlan(use: LibraryCall) -> bool:
    return isinstance(use.owner, Object) and use.owner.plain == _WLAN


def _begins(use: LibraryCall) -> bool:
    return use.sole and use.name == "connect" and _is_of_wlan(use) and bool(use.arguments)


def _needs(use: Call | LibraryCall) -> bool:
    """True if a call fails without a network: it resolves a name, connects, or asks a server."""
    match use.owner:
        case Module("socket"):
            return use.name == "getaddrinfo" and bool(use.arguments) and _is_name(use.arguments[0].value)
        case Socket("SOCK_STREAM"):
            return use.name == "connect"
        case Module("requests" | "urequests"):
            return use.name in ("get", "head", "patch", "post", "put", "request")
        case Module("ntptime"):
            return use.name in ("settime", "time")
        case _:
            return False


def _of_brokers(module: cst.Module) -> Iterator[cst.Call]:
    """The calls of `connect` on names and attributes that are assigned an MQTTClient."""
    clients = [
        one.targets[0].target
        for one in of_type(module, cst.Assign)
        if len(one.targets) == 1 and called_name(one.value) == _BROKER
    ]
    for call in of_type(module, cst.Call):
        match call.func:
            case cst.Attribute(value=client, attr=cst.Name(value="connect")):
                if any(client.deep_equals(one) for one in clients):
                    yield call
            case _:
                continue


def _is_name(host: Value) -> bool:
    """True if a host is a constant name, which a name server has to resolve, and not a numeric address."""
    texts = [constant(atom) for atom in host]
    return bool(texts) and all(isinstance(text, str) and text.strip("0123456789.:") for text in texts)


class _Walk:
    """Follows the statements of a module. Each step takes and returns the pending `WLAN.connect` (`begun`), if any.

    `begins`, `needing` and `asking` are the calls that connect the WLAN, that need the network, and that ask for its
    status.
    """

    def __init__(
        self,
        paths: CallPaths,
        callees: Mapping[cst.Call, Value],
        begins: Mapping[cst.Call, LibraryCall],
        needing: set[cst.Call],
        asking: set[cst.Call],
    ) -> None:
        self._paths, self._callees = paths, callees
        self._begins, self._needing, self._asking = begins, needing, asking
        self.found: dict[cst.Call, BeforeNetwork] = {}

    def module(self, module: cst.Module) -> None:
        """Follow the module, and each function with a `WLAN.connect` in it that nothing in the module calls."""
        self._suite(module.body, None, 0)
        for function in {one for node in self._begins for one in self._paths.above(node)}:
            if isinstance(function, cst.FunctionDef) and not self._paths.callers.get(function):
                self._suite(function.body.body, None, 0)

    def _suite(self, statements: Sequence[cst.CSTNode], begun: cst.Call | None, depth: int) -> _End:
        for one in statements:
            end = self._statement(one, begun, depth)
            if end.left:
                return end
            begun = end.begun
        return _End(begun)

    def _statement(self, node: cst.CSTNode, begun: cst.Call | None, depth: int) -> _End:
        match node:
            case cst.SimpleStatementLine() | cst.BaseSuite():
                return self._suite(node.body, begun, depth)
            case cst.FunctionDef() | cst.ClassDef():
                return _End(begun)
            case cst.If():
                return self._branch(node, begun, depth)
            case cst.While(test=test, body=body):
                # The first turn runs before the loop can have waited. After the loop it may have waited.
                begun = self._expression(test, begun, depth)
                if heuristics.is_literal(test) and not _may_wait(body):
                    self._suite(body.body, begun, depth)
                return _End(None)
            case cst.Try() | cst.TryStar():
                return self._attempt(node, begun, depth)
            case cst.With(items=items, body=body):
                for item in items:
                    begun = self._expression(item, begun, depth)
                return self._suite(body.body, begun, depth)
            case cst.BaseCompoundStatement():
                return _End(None)
            case _:
                leaves = isinstance(node, (cst.Return, cst.Raise, cst.Break, cst.Continue))
                return _End(self._expression(node, begun, depth), leaves)

    def _branch(self, node: cst.If, begun: cst.Call | None, depth: int) -> _End:
        asks = any(one in self._asking for one in _calls(node.test))
        begun = self._expression(node.test, begun, depth)
        # After a condition on the WLAN's status the program knows whether the network is up.
        into = None if asks else begun
        ends = [self._suite(node.body.body, into, depth)]
        if isinstance(node.orelse, cst.If):
            ends.append(self._branch(node.orelse, into, depth))
        elif node.orelse is not None:
            ends.append(self._suite(node.orelse.body.body, into, depth))
        else:
            ends.append(_End(into))
        going = [end.begun for end in ends if not end.left]
        # A `connect` in one branch is pending after the `if`; one from before it only if no branch may have waited.
        new = next((one for one in going if one is not None and one is not begun), None)
        return _End(new or (begun if going and None not in going else None), not going)

    def _attempt(self, node: Try, begun: cst.Call | None, depth: int) -> _End:
        if any(map(handlers.catches_oserror, node.handlers)):
            # A use in this body may fail, because the handler catches the error: the body begins without a pending
            # `connect`, and at the greatest depth nothing is reported in it.
            end = self._suite(node.body.body, None, _DEPTH)
            return _End(end.begun if not node.finalbody else None)
        end = self._suite(node.body.body, begun, depth)
        return end if node.finalbody is None else _End(None)

    def _expression(self, node: cst.CSTNode, begun: cst.Call | None, depth: int) -> cst.Call | None:
        """Follow the calls in an expression, and the functions that they run."""
        for call in _calls(node):
            called = [*functions(self._callees.get(call, frozenset()))]
            if call in self._begins:
                begun = call
            elif call in self._needing:
                if begun is not None and depth < _DEPTH:
                    path = statements_around(call, self._paths.parents)
                    site = replace(self._begins[begun].site, path=path)
                    self.found.setdefault(begun, BeforeNetwork(site, call, called_name(call) or ""))
                begun = None
            elif len(called) == 1 and depth < _DEPTH and self._runs(called[0], call):
                begun = self._suite(called[0].body.body, begun, depth + 1).begun
            elif called or not _is_harmless(call):
                begun = None
        return begun

    def _runs(self, function: cst.FunctionDef, call: cst.Call) -> bool:
        """True if this call runs the function at once: a coroutine only if it is awaited."""
        return function.asynchronous is None or self._paths.is_awaited(call)


def _calls(node: cst.CSTNode) -> Iterator[cst.Call]:
    """The calls in an expression, in the order in which they are made."""
    if isinstance(node, _INNER):
        return
    for part in parts(node):
        yield from _calls(part)
    if isinstance(node, cst.Call):
        yield node


def _may_wait(body: cst.BaseSuite) -> bool:
    """True if a loop may try until the network is up: a turn has a `try`."""
    return any(isinstance(one, Try) for one in body.body)


def _is_harmless(call: cst.Call) -> bool:
    return (name := called_name(call)) in heuristics.IMMEDIATE or name == _BROKER

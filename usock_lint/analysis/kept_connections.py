"""Responses to HTTP/1.1 requests that are read to the end of a connection which the server keeps open.

The names of all headers have to be in literals, because an unknown header may be `Connection: close`. The values may be
anything that is formatted into the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import libcst as cst

from usock_lint.analysis.domain.operations import evaluated
from usock_lint.analysis.domain.values import File, Socket, TlsSocket
from usock_lint.analysis.heuristics import is_literal
from usock_lint.analysis.uses import AnyUse, Call, KeptConnection
from usock_lint.syntax.nodes import of_type, once_per_node, within

_SENDING: Final = frozenset({"send", "sendall", "write"})
_READING: Final = frozenset({"read", "readline", "recv"})
_REQUEST: Final = re.compile(r"(?:DELETE|GET|OPTIONS|PATCH|POST|PUT) \S+ HTTP/1\.1\r\n")
_HEADER: Final = re.compile(r"([A-Za-z-]+) *:.*", re.DOTALL)
# Stands for an unknown part of a text. It is assumed to have neither white space nor colons, like a path or a host.
_UNKNOWN: Final = "\0"
# The number of names in a row that are followed to the text that they are assigned.
_DEPTH: Final = 6


def kept_connections(module: cst.Module, uses: Sequence[AnyUse]) -> Iterator[KeptConnection]:
    """The first of the reads after each such request that end only with the connection."""
    calls = [use for use in uses if isinstance(use, Call) and isinstance(use.owner, (Socket, File, TlsSocket))]
    for use in calls:
        body = _body(module, use)
        if use.name not in _SENDING or not use.arguments or not _is_kept(use.arguments[0].node.value, module, body):
            continue
        # The reads after the request in source order, on the same object, in the same function.
        order = {one: index for index, one in enumerate(within(body))}
        later = [one for one in calls if order.get(one.node, -1) > order.get(use.node, 0) and _is_same(one, use)]
        read = next((one for one in later if one.name in _READING and _reads_on(one)), None)
        if read is not None:
            yield KeptConnection(read.site, read.node, read.name)


def _body(module: cst.Module, use: Call) -> cst.CSTNode:
    return next((one for one in reversed(use.site.path) if isinstance(one, cst.FunctionDef)), module)


def _is_same(one: Call, other: Call) -> bool:
    """True if both are methods of an object by the same name, and the first can be no call of anything else."""
    mine, theirs = one.node.func, other.node.func
    return (
        isinstance(mine, cst.Attribute)
        and isinstance(theirs, cst.Attribute)
        and mine.value.deep_equals(theirs.value)
        and one.sole
    )


def _reads_on(use: Call) -> bool:
    """True if this ends with the connection: `read()`, or a read in a loop that nothing else ends."""
    if use.name == "read" and not use.arguments:
        return True
    return any(_ends_with_stream(one, use.node) for one in reversed(use.site.path) if isinstance(one, cst.While))


def _ends_with_stream(loop: cst.While, read: cst.Call) -> bool:
    """True if a `while True` is left only where the read returned nothing."""
    names = {
        one.targets[0].target.value
        for one in of_type(loop, cst.Assign)
        if one.value is read and isinstance(one.targets[0].target, cst.Name)
    }
    # A second exit, an inner loop or a `try` may end the loop before the connection ends.
    leaving = [one for one in within(loop.body) if isinstance(one, (cst.Break, cst.Return, cst.Raise))]
    return (
        is_literal(loop.test)
        and bool(names)
        and len(leaving) == 1
        and not any(True for _ in of_type(loop.body, cst.Try, cst.TryStar, cst.While, cst.For))
        and any(_leaves_at_end(one, leaving[0], next(iter(names))) for one in of_type(loop.body, cst.If))
    )


def _leaves_at_end(branch: cst.If, leaving: cst.CSTNode, name: str) -> bool:
    """True if a condition leads here if the name is empty: `if not data: break`, `if data: ... else: break`."""
    match branch.test:
        case cst.UnaryOperation(operator=cst.Not(), expression=cst.Name(value=tested)):
            side: cst.CSTNode | None = branch.body
        case cst.Comparison(
            left=cst.Name(value=tested),
            comparisons=[cst.ComparisonTarget(operator=cst.Equal(), comparator=cst.SimpleString() as text)],
        ) if not evaluated(text.value):
            side = branch.body
        case cst.Name(value=tested):
            side = branch.orelse
        case _:
            return False
    return tested == name and side is not None and any(one is leaving for one in within(side))


def _is_kept(given: cst.BaseExpression, module: cst.Module, body: cst.CSTNode) -> bool:
    """True if this is a request whose headers are known, and none of them asks the server to close."""
    # The text has to go up to the blank line after the headers: more headers may be sent later.
    text = _text(given, (body, module), _DEPTH)
    head, end, _ = text.partition("\r\n\r\n")
    request, *headers = head.split("\r\n")
    found = [_HEADER.fullmatch(header) for header in headers]
    return (
        bool(end)
        and _REQUEST.fullmatch(request + "\r\n") is not None
        and all(header is not None and header[1].lower() != "connection" for header in found)
    )


def _text(node: cst.BaseExpression, scopes: tuple[cst.CSTNode, ...], depth: int) -> str:
    """The text of an expression, with `_UNKNOWN` for its unknown parts."""
    match node:
        case cst.SimpleString():
            text = evaluated(node.value)
            return text.decode("latin-1") if isinstance(text, bytes) else str(text)
        case cst.ConcatenatedString(left=left, right=right):
            return _text(left, scopes, depth) + _text(right, scopes, depth)
        case cst.BinaryOperation(operator=cst.Add(), left=left, right=right):
            return _text(left, scopes, depth) + _text(right, scopes, depth)
        case cst.FormattedString(parts=written):
            return "".join(
                _plain(node, one.value) if isinstance(one, cst.FormattedStringText) else _UNKNOWN for one in written
            )
        case cst.BinaryOperation(operator=cst.Modulo(), left=left):
            return re.sub(r"%\w", _UNKNOWN, _text(left, scopes, depth))
        case cst.Call(func=cst.Attribute(value=text, attr=cst.Name(value="format"))):
            return re.sub(r"\{[^{}]*\}", _UNKNOWN, _text(text, scopes, depth))
        case cst.Call(func=cst.Attribute(value=text, attr=cst.Name(value="encode"))):
            return _text(text, scopes, depth)
        case cst.Call(func=cst.Name(value="bytes" | "str"), args=[first, *_]):
            return _text(first.value, scopes, depth)
        case cst.Name(value=name) if depth:
            # The module has the assignments of its functions, too, so one of the body is found twice.
            assigned = [value for scope in scopes for value in _assigned(scope).get(name, ())]
            return _text(assigned[0], scopes, depth - 1) if len({*map(id, assigned)}) == 1 else _UNKNOWN
        case _:
            return _UNKNOWN


@once_per_node
def _assigned(scope: cst.CSTNode) -> Mapping[str, Sequence[cst.BaseExpression]]:
    """The expressions that a scope assigns to each name."""
    found: dict[str, list[cst.BaseExpression]] = {}
    for one in of_type(scope, cst.Assign):
        for each in one.targets:
            if isinstance(each.target, cst.Name):
                found.setdefault(each.target.value, []).append(one.value)
    return found


def _plain(node: cst.FormattedString, text: str) -> str:
    """The text between the fields of an f-string."""
    literal = node.start.lower().replace("f", "") + text.replace("{{", "{").replace("}}", "}") + node.end
    return str(evaluated(literal))

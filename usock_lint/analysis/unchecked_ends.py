"""Operations on the result of a read that raise for the empty result at the end of a stream.

The result is followed from the call through methods, subscripts and plain names of the same body. A condition, `len`
or any other function that is given the value may check it, so the search ends there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import libcst as cst

from usock_lint.analysis.domain.operations import evaluated
from usock_lint.syntax.nodes import Parents, within

# Methods that keep an empty result empty.
_SAME: Final = frozenset("decode lower lstrip replace rstrip strip upper".split())
_SPLITTING: Final = frozenset({"rsplit", "split"})
_SCOPES: Final = (cst.FunctionDef, cst.ClassDef, cst.Lambda)


class Unchecked(NamedTuple):
    """An expression that raises this exception if the read returned an empty result."""

    node: cst.CSTNode
    raises: str


class _Result(NamedTuple):
    """The value computed from the empty result: its number of items or characters, and that of each item of a list."""

    length: int
    item: int | None = None
    raises: str = ""


_NOTHING: Final = _Result(0)
_REPRESENTED: Final = _Result(3)  # str(b"") is "b''"
_BEYOND: Final = _Result(0, raises="IndexError")

_REFUSING: Final = {"float": "ValueError", "int": "ValueError", "loads": "ValueError", "ord": "TypeError"}
"""Functions, with the exception that each raises for an empty first argument."""


def unchecked(read: cst.Call, parents: Parents) -> Iterator[Unchecked]:
    """The expressions that raise if this call returns an empty result, in source order."""
    yield from _followed(read, _NOTHING, parents, frozenset())


def _followed(node: cst.CSTNode, result: _Result, parents: Parents, seen: frozenset[str]) -> Iterator[Unchecked]:
    """The expressions that raise because a node has this value; `seen` are the names that the value was bound to."""
    # Evaluate the chain of methods and subscripts around the read, such as `.decode().split()[0]`.
    while (step := _step(node, result, parents)) is not None:
        node, result = step
        if result.raises:
            yield Unchecked(node, result.raises)
            return
    statement = parents.get(node)
    if not isinstance(statement, cst.Assign) or len(statement.targets) != 1:
        return
    match statement.targets[0].target:
        case cst.Name(value=name) if name not in seen:
            # A name that is bound again to a part of its own value is followed once.
            for one in _uses(name, statement, parents):
                yield from _followed(one, result, parents, seen | {name})
        case cst.Tuple(elements=elements) | cst.List(elements=elements) if result.item is not None:
            # More targets than items raise ValueError.
            plain = not any(isinstance(one, cst.StarredElement) for one in elements)
            if plain and len(elements) > result.length:
                yield Unchecked(node, "ValueError")
        case _:
            return


def _step(node: cst.CSTNode, result: _Result, parents: Parents) -> tuple[cst.CSTNode, _Result] | None:
    """The expression around a node that computes a new value from the node's, and that value; None for any other."""
    parent = parents.get(node)
    match parent:
        case cst.Attribute(value=value, attr=cst.Name(value=name)) if value is node:
            call = parents.get(parent)
            if isinstance(call, cst.Call) and call.func is parent and (made := _method(name, call, result)) is not None:
                return call, made
        case cst.Arg() if isinstance(call := parents.get(parent), cst.Call):
            made = _called(call, parent, result)
            return (call, made) if made is not None else None
        case cst.Await():
            return parent, result
        case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=cst.Index(value=index))]) if value is node:
            number = _number(index)
            # `rows[i]`: for an unknown index it is not certain that the look-up raises.
            if number is None:
                return None
            # `data.split()[0]`: b"" has no words, so there is no item 0.
            if not -result.length <= number < result.length:
                return parent, _BEYOND
            return (parent, _Result(result.item)) if result.item is not None else None
        case _:
            return None
    return None


def _called(call: cst.Call, given: cst.Arg, result: _Result) -> _Result | None:
    """The result of a function that is given this value."""
    match call:
        case cst.Call(func=cst.Name(value="str"), args=[first]) if first is given and result == _NOTHING:
            return _REPRESENTED
        case cst.Call(func=cst.Name(value="str"), args=[first, _]) if first is given:
            return result
        case cst.Call(func=cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)), args=[first, *_]) if (
            first is given and result == _NOTHING and name in _REFUSING
        ):
            return _Result(0, raises=_REFUSING[name])
        case cst.Call(
            func=cst.Name(value="unpack") | cst.Attribute(attr=cst.Name(value="unpack")), args=[_, second]
        ) if second is given and result == _NOTHING:
            return _Result(0, raises="ValueError")
        case _:
            return None


def _method(name: str, call: cst.Call, result: _Result) -> _Result | None:
    """The result of a method of this value; None for a method that is not known."""
    if result.item is not None:
        return None
    if name in _SAME:
        return result
    # b"".split() is [], while b"".split(b",") is [b""].
    if name == "splitlines" or (name in _SPLITTING and _is_at_white_space(call)):
        return _Result(1, result.length) if result.length else _Result(0, 0)
    return _Result(1, result.length) if name in _SPLITTING else None


def _is_at_white_space(call: cst.Call) -> bool:
    match call.args:
        case [] | [cst.Arg(value=cst.Name(value="None")), *_]:
            return True
        case _:
            return False


def _number(index: cst.BaseExpression) -> int | None:
    """The integer that an index is written as; None for any other."""
    match index:
        case cst.Integer(value=text):
            number = evaluated(text)
            return number if isinstance(number, int) else None
        case cst.UnaryOperation(operator=cst.Minus(), expression=cst.Integer() as positive):
            number = _number(positive)
            return None if number is None else -number
        case _:
            return None


def _uses(name: str, statement: cst.CSTNode, parents: Parents) -> Iterator[cst.Name]:
    """The reads of a name after this statement, up to the first that checks it, or its next binding."""
    body = _body(statement, parents)
    is_after = False
    for one in within(body):
        if one is statement:
            is_after = True
        elif is_after and isinstance(one, cst.Name) and one.value == name and not _is_inside(one, statement, parents):
            # `print(data)` neither raises for an empty result nor checks it, so the search goes on below it.
            if _is_printed(one, parents):
                continue
            yield one
            if _is_looked_at(one, parents):
                return


def _body(node: cst.CSTNode, parents: Parents) -> cst.CSTNode:
    while (parent := parents.get(node)) is not None and not isinstance(node, _SCOPES):
        node = parent
    return node


def _is_inside(node: cst.CSTNode | None, around: cst.CSTNode, parents: Parents) -> bool:
    while node is not None and node is not around:
        node = parents.get(node)
    return node is around


def _is_printed(name: cst.Name, parents: Parents) -> bool:
    match parents.get(parents.get(name, name)):
        case cst.Call(func=cst.Name(value="print")):
            return True
        case _:
            return False


def _is_looked_at(name: cst.Name, parents: Parents) -> bool:
    """True if a use of the name may test the result. A computed value that is bound to a name is followed itself."""
    node: cst.CSTNode | None = name
    while node is not None and not isinstance(node, (cst.BaseSmallStatement, cst.BaseCompoundStatement)):
        node = parents.get(node)
    is_taken_apart = isinstance(parents.get(name), (cst.Attribute, cst.Subscript))
    return not isinstance(node, cst.Assign) and not (isinstance(node, cst.Expr) and is_taken_apart)

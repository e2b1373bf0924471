"""Binding: the items of a value to targets, the arguments of a call to parameters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

import libcst as cst

from usock_lint.analysis.domain.operations import NO_CONSTANT, evaluated
from usock_lint.analysis.domain.values import Function
from usock_lint.analysis.end_of_stream import values
from usock_lint.analysis.end_of_stream.values import VOLATILE, Known, Row, Value


def distributed(value: Value, targets: Sequence[cst.BaseElement]) -> Sequence[Value] | None:
    """The value for each of these targets, None if there are too many or too few items. One target may have a star."""
    match value:
        case Row():
            items = [*value.items]
        case Known(constant, origin) if isinstance(constant, (tuple, list, bytes, str)):
            items: list[Value] = [Known(part, origin) for part in cast("Iterable[Any]", constant)]
        case Known():
            return None
        case _:
            return [values.derived(value)] * len(targets)
    star = next((place for place, one in enumerate(targets) if isinstance(one, cst.StarredElement)), None)
    if star is None:
        return items if len(items) == len(targets) else None
    behind = len(items) - (len(targets) - 1 - star)
    return None if behind < star else [*items[:star], values.row(tuple(items[star:behind]), list), *items[behind:]]


def parameters(function: Function, node: cst.Call, owner: Value | None, given: Sequence[Value]) -> dict[str, Value]:
    """The parameters of a function for a call. A default that is not a constant is unknown."""
    params = function.node.params
    plain = [*params.posonly_params, *params.params]
    names = [one.name.value for one in plain]
    found: dict[str, Value] = dict.fromkeys([*names, *(one.name.value for one in params.kwonly_params)], VOLATILE)
    for one in (*plain, *params.kwonly_params):
        match one.default:
            case cst.Name(value="None" | "True" | "False" as word):
                found[one.name.value] = Known({"None": None, "True": True, "False": False}[word])
            case cst.SimpleString() | cst.Integer() as text if (value := evaluated(text.value)) is not NO_CONSTANT:
                found[one.name.value] = Known(value)
            case _:
                continue
    if function.owner is not None and names and owner is not None:
        found[names.pop(0)] = owner
    for index, (argument, value) in enumerate(zip(node.args, given, strict=True)):
        if argument.star:
            return dict.fromkeys(found, VOLATILE)
        if argument.keyword is not None:
            found[argument.keyword.value] = value
        elif index < len(names):
            found[names[index]] = value
    return found

"""Abstract values of expressions after the end of a stream, where each read returns `b""`.

Nothing else is known of the state in which a loop begins. A turn is one iteration of the loop. A value is a constant
(`Known`), or unchanged since the turn began (`Kept`), or computed from such values alone (`Derived`), or volatile: it
may be another on every turn.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal

import libcst as cst

from usock_lint.fast_dataclasses import NamedTuple

Key = tuple[object, str]
"""A name with the function that binds it, None for the module; or an attribute with the value that has it."""

Origin = Literal["", "data", "answer"]
"""The origin of a constant: written in the code (""), received, or the answer of a test of received data."""


# Tuples of different classes are equal if their items are, so values with other kinds of parts have a `kind`, too.


class Known(NamedTuple):
    """A constant."""

    value: Any
    origin: Origin = ""


class Kept(NamedTuple):
    """The value of a key at the beginning of the turn."""

    key: Key


class Derived(NamedTuple):
    """A value computed only from values at the beginning of the turn, so it is the same on every turn."""

    keys: frozenset[Key]
    kind: Literal["derived"] = "derived"


class Row(NamedTuple):
    """A tuple or list of these items."""

    items: tuple[Value, ...]
    kind: Literal["row"] = "row"


class Volatile(NamedTuple):
    """A value that may be another on every turn."""

    kind: Literal["volatile"] = "volatile"


Value = Known | Kept | Derived | Row | Volatile

VOLATILE: Final = Volatile()
NOTHING: Final = Known(None)
END: Final = Known(b"", "data")


def _shifted(left: Any, right: Any) -> Any:
    return left << right


_COMPUTING: Final[dict[type[cst.CSTNode], Callable[[Any, Any], Any]]] = {
    cst.Add: operator.add,
    cst.AddAssign: operator.add,
    cst.Subtract: operator.sub,
    cst.SubtractAssign: operator.sub,
    cst.Multiply: operator.mul,
    cst.MultiplyAssign: operator.mul,
    cst.Modulo: operator.mod,
    cst.FloorDivide: lambda left, right: left // right,
    cst.BitAnd: lambda left, right: left & right,
    cst.BitAndAssign: lambda left, right: left & right,
    cst.BitOr: lambda left, right: left | right,
    cst.BitOrAssign: lambda left, right: left | right,
    cst.LeftShift: _shifted,
    cst.RightShift: lambda left, right: left >> right,
}

_SIZING: Final[tuple[Callable[..., Any], ...]] = (bytearray, bytes, operator.mul, _shifted)
"""Functions whose result may have as many bytes, bits or items as an argument says."""

_LARGEST: Final = 100_000
"""The largest number of them that is computed: `b"x" * 10**9` would fill the memory."""

# Operators that leave the left side unchanged if the right one is empty or zero.
_ADDING: Final = (cst.Add, cst.AddAssign, cst.Subtract, cst.SubtractAssign, cst.BitOr, cst.BitOrAssign)

_ORDERS: Final = frozenset({cst.LessThan, cst.LessThanEqual, cst.GreaterThan, cst.GreaterThanEqual})
_SIZE: Final = 1
"""A number for any that the length of an empty read is compared with."""

_EQUALITY: Final[dict[type[cst.BaseCompOp], bool]] = {cst.Equal: False, cst.NotEqual: True}


def keys(value: Value) -> frozenset[Key]:
    """The keys that a value was computed from."""
    match value:
        case Kept(key):
            return frozenset({key})
        case Derived(found):
            return found
        case Row(items):
            return frozenset[Key]().union(*map(keys, items))
        case _:
            return frozenset()


def is_volatile(value: Value) -> bool:
    """True if a value may be another on every turn."""
    return value == VOLATILE or (isinstance(value, Row) and any(map(is_volatile, value.items)))


def is_data(value: Value) -> bool:
    """True if a value was received, or computed from received data."""
    return (isinstance(value, Known) and value.origin != "") or (
        isinstance(value, Row) and any(map(is_data, value.items))
    )


def derived(*values: Value) -> Value:
    """A value computed from these by an operation that is not modelled."""
    if any(map(is_volatile, values)):
        return VOLATILE
    return Derived(frozenset[Key]().union(*map(keys, values)))


def row(items: tuple[Value, ...], kind: type[tuple[Any, ...]] | type[list[Any]]) -> Value:
    """The value of a tuple or list display."""
    if all(isinstance(item, Known) for item in items):
        return Known(kind(item.value for item in items if isinstance(item, Known)), origin(*items))
    return Row(items)


def origin(*values: Value) -> Origin:
    """The origin of a constant that is computed from these."""
    found = [one.origin for one in values if isinstance(one, Known)]
    return "data" if "data" in found else "answer" if "answer" in found else ""


def computed(function: Callable[..., Any], *values: Value) -> Value:
    """The result of a function of these values, or the exception that the function raises."""
    if all(isinstance(value, Known) for value in values):
        given = [value.value for value in values if isinstance(value, Known)]
        return VOLATILE if _is_too_large(function, given) else Known(function(*given), origin(*values))
    return derived(*values)


def _is_too_large(function: Callable[..., Any], given: Sequence[Any]) -> bool:
    """True if the result of a function of these constants may be too large to be computed."""
    is_product = function is operator.mul and all(isinstance(one, (int, float)) for one in given)
    return not is_product and function in _SIZING and any(map(is_large, given))


def is_large(constant: Any) -> bool:
    """True if this is a number of items that are too many to be computed."""
    return isinstance(constant, int) and constant > _LARGEST


def combined(sign: cst.CSTNode, left: Value, right: Value) -> Value:
    """The result of a binary operation. Adding an empty value leaves the other side unchanged."""
    # `buffer += b""`: unchanged, so the same condition on `buffer` takes the same branch on the next turn.
    if isinstance(sign, _ADDING) and _is_empty(right) and not isinstance(left, Known):
        return left
    if isinstance(sign, cst.Add) and _is_empty(left) and not isinstance(right, Known):
        return right
    function = _COMPUTING.get(type(sign))
    return derived(left, right) if function is None else computed(function, left, right)


def _is_empty(value: Value) -> bool:
    return isinstance(value, Known) and value.value in (b"", "", 0, [], ())


def compared(sign: cst.BaseCompOp, left: Value, right: Value, fold: Callable[[Any, Any], Any]) -> Value:
    """The result of a comparison. A value that received data is compared with is assumed not to be empty."""
    if isinstance(left, Known) and isinstance(right, Known):
        answer = bool(fold(left.value, right.value))
        source = origin(left, right)
        return Known(answer, "answer" if source == "data" and _asks_for_content(sign, left, right) else source)
    if _is_end(left) or _is_end(right):
        # `data == header` at the end: header is taken not to be empty, so the answer is known.
        if (answer := _EQUALITY.get(type(sign))) is not None and not is_volatile(derived(left, right)):
            return Known(answer, "answer")
        # `name in data` at the end: `name` is taken not to be empty, and b"" contains only the empty value.
        if isinstance(sign, (cst.In, cst.NotIn)) and _is_end(right) and not is_volatile(left):
            return Known(isinstance(sign, cst.NotIn), "answer")
    if type(sign) in _ORDERS and not is_volatile(derived(left, right)):
        # `len(data) < size` at the end: the size is taken to be above 0.
        if _is_no_length(left):
            return Known(bool(fold(0, _SIZE)), "data")
        if _is_no_length(right):
            return Known(bool(fold(_SIZE, 0)), "data")
    if keys(left) & keys(right):
        return VOLATILE  # one may be computed from the other
    return derived(left, right)


def _asks_for_content(sign: cst.BaseCompOp, left: Known, right: Known) -> bool:
    """True if a comparison looks for certain content in received data, so that it does not test for the end."""
    if isinstance(sign, (cst.In, cst.NotIn)):
        return all(_inside(right)) if isinstance(right.value, (tuple, list)) else bool(left.value)
    other = right if left.origin == "data" else left
    return other.value is None or (isinstance(sign, (cst.Equal, cst.NotEqual)) and bool(other.value))


def _inside(row: Known) -> Sequence[Any]:
    return row.value


def _is_no_length(value: Value) -> bool:
    """True if a value is the length of an empty read."""
    return isinstance(value, Known) and value.origin == "data" and type(value.value) is int and value.value == 0


def _is_end(value: Value) -> bool:
    return isinstance(value, Known) and value.origin == "data" and value.value in (b"", "")

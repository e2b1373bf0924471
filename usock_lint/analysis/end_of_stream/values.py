"""Abstract values of expressions after the end of a stream, where each read returns `b""`.

Nothing else is known of the state in which a loop begins. A turn is one iteration of the loop. A value is a constant
(`Known`), or unchanged since the turn began (`Kept`), or computed from such values alone (`Derived`), or volatile: it
may be another on every turn.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal, TypeGuard

import libcst as cst

from usock_lint.analysis.end_of_stream import sizes
from usock_lint.analysis.end_of_stream.sizes import Shape
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


class Large(NamedTuple):
    """A constant, or a tuple or list, that is too large to be computed: its type and length are known."""

    shape: Shape
    origin: Origin = ""
    kind: Literal["large"] = "large"


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


Value = Known | Large | Kept | Derived | Row | Volatile

VOLATILE: Final = Volatile()
NOTHING: Final = Known(None)
END: Final = Known(b"", "data")


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
    cst.LeftShift: sizes.shifted,
    cst.RightShift: lambda left, right: left >> right,
}

# Operators that leave the left side unchanged if the right one is empty or zero.
_ADDING: Final = (cst.Add, cst.AddAssign, cst.Subtract, cst.SubtractAssign, cst.BitOr, cst.BitOrAssign)

_ORDERS: Final = frozenset({cst.LessThan, cst.LessThanEqual, cst.GreaterThan, cst.GreaterThanEqual})
_SIZE: Final = 1
"""A number for any that the length of an empty read is compared with."""

# The results of comparing values that are not equal.
_EQUALITY: Final[dict[type[cst.BaseCompOp], bool]] = {cst.Equal: False, cst.NotEqual: True}
_IDENTITY: Final[dict[type[cst.BaseCompOp], bool]] = {cst.Is: False, cst.IsNot: True}


def is_text(value: Value) -> TypeGuard[Known | Large]:
    """True if a value is a constant str or bytes."""
    if isinstance(value, Large):
        return value.shape.type in (bytes, str)
    return isinstance(value, Known) and isinstance(value.value, (bytes, str))


def truth(value: Value) -> bool | None:
    """The truth of a constant in a condition, and None for another value."""
    return bool(value.value) if isinstance(value, Known) else True if isinstance(value, Large) else None


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
    """True if a value may be another on every turn, or is too large for anything to be computed from it."""
    return isinstance(value, (Large, Volatile)) or (isinstance(value, Row) and any(map(is_volatile, value.items)))


def is_data(value: Value) -> bool:
    """True if a value was received, or computed from received data."""
    return (isinstance(value, (Known, Large)) and value.origin != "") or (
        isinstance(value, Row) and any(map(is_data, value.items))
    )


def derived(*values: Value) -> Value:
    """A value computed from these by an operation that is not modelled."""
    if any(map(is_volatile, values)):
        return VOLATILE
    return Derived(frozenset[Key]().union(*map(keys, values)))


def row(items: tuple[Value, ...], kind: type[tuple[Any, ...]] | type[list[Any]]) -> Value:
    """The value of a tuple or list display."""
    # `x = x, x` on line after line has as many items as two to the power of their number.
    if _weight(Row(items)) > sizes.LARGEST:
        return Large(Shape(kind, len(items)), origin(*items))
    if all(isinstance(item, Known) for item in items):
        constants = [item.value for item in items if isinstance(item, Known)]
        if sizes.size(constants) <= sizes.LARGEST:
            return Known(kind(constants), origin(*items))
    return Row(items)


def _weight(value: Value) -> int:
    """The number of items of a tuple or list, with those of the tuples and lists in it."""
    match value:
        case Known(list() | tuple()):
            return sizes.size(value.value)
        case Row(items):
            return 1 + sum(map(_weight, items))
        case _:
            return 1


def origin(*values: Value) -> Origin:
    """The origin of a constant that is computed from these."""
    found = [one.origin for one in values if isinstance(one, (Known, Large))]
    return "data" if "data" in found else "answer" if "answer" in found else ""


def computed(function: Callable[..., Any], *values: Value) -> Value:
    """The result of a function of these values, or the exception that the function raises."""
    match values:
        case [Large() | Row() as items] if (answer := _of_length(function, items)) is not None:
            return Known(answer, origin(items))
        case _:
            pass
    constants = [one for one in values if isinstance(one, (Known, Large))]
    if len(constants) < len(values):
        return derived(*values)
    given = [*map(_content, constants)]
    source = origin(*values)
    if not any(isinstance(one, Large) for one in constants) and sizes.bound(function, given) <= sizes.LARGEST:
        return Known(function(*given), source)
    found = sizes.shape(function, given)
    if found is None:
        return VOLATILE
    return Large(found, source) if found.length != 0 else Known(found.type(), source)


def _of_length(function: Callable[..., Any], items: Large | Row) -> int | None:
    """The result of `bool`, `len` or `not` of something that is not known but for its length."""
    length = items.shape.length if isinstance(items, Large) else len(items.items)
    if function is len:
        return length
    return length != 0 if function is bool else length == 0 if function is operator.not_ else None


def _content(value: Known | Large) -> Any:
    """The constant that a value is, or its shape if it is too large."""
    return value.value if isinstance(value, Known) else value.shape


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
    if isinstance(left, (Known, Large)) and isinstance(right, (Known, Large)):
        answer = (_EQUALITY | _IDENTITY).get(type(sign))
        if answer is None or not sizes.differ(_content(left), _content(right)):
            return VOLATILE
        return Known(answer, "answer" if origin(left, right) == "data" else "")
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

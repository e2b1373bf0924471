"""Operations on abstract values: a value is a set of atoms, one for each thing that an expression may be.

The empty value is that of an expression which is never evaluated. `On` limits an atom to some configurations, which is
how `sys.platform` is "esp32" on one port and "rp2" on another, and `hasattr` true on one and false on the rest.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Final, cast

import libcst as cst

from usock_lint.analysis.domain.values import (
    HARDWARE,
    AddrField,
    AddrInfo,
    Anything,
    Atom,
    Box,
    Builtin,
    Cells,
    ConsoleInput,
    Const,
    ErrorNumber,
    File,
    Function,
    Given,
    Instance,
    Items,
    Literal,
    Made,
    Member,
    Message,
    Module,
    NoData,
    Object,
    OfType,
    On,
    Partial,
    Received,
    SockAddr,
    Socket,
    TlsSocket,
    Tuple,
    Value,
)
from usock_lint.fast_dataclasses import replace
from usock_lint.ports import world
from usock_lint.threads import without_warnings

UNKNOWN: Final[Value] = frozenset({Anything()})
SOCKET: Final[Value] = frozenset({Socket()})
NO_CELLS: Final[Cells] = frozenset()
NOTHING: Final[Value] = frozenset()
NONE: Final[Value] = frozenset({Const(None)})
TRUE: Final[Value] = frozenset({Const(True)})
FALSE: Final[Value] = frozenset({Const(False)})

NO_CONSTANT: Final = object()

_IMPLEMENTATION: Final = Member(Module("sys"), "implementation")

_IDENTITY: Final[dict[Callable[[Any, Any], Any], bool]] = {operator.is_: False, operator.is_not: True}
"""The result of comparing a value other than None with None."""

# Atoms in which `without_sites` looks for sockets.
_HOLDING: Final = frozenset({Socket, File, TlsSocket, Object, Member, Tuple, Items, Partial, On})

# Atoms that may be an argument of a caller (`Given`), or have one in them.
_OPEN_TO_CALLERS: Final = frozenset({Given, Tuple, Items, On})

# Atoms that may have values in them, with more in these.
_NESTING: Final = frozenset({Tuple, Items, Partial, On})

# Atoms that may be true or false in a condition. `OSError()` has the message "" and the number None.
_EITHER: Final = frozenset(
    {Box, Items, Member, Object, OfType, Instance, AddrField, Received, ConsoleInput, ErrorNumber, Message}
)

# Atoms that may be a constant.
_CONSTANTS: Final = frozenset({Builtin, Const, Literal, NoData, Tuple})

# The bound of the widening. Real values have a few possibilities; a table of constants may have hundreds.
_MOST_POSSIBILITIES: Final = 24

# The bounds of the parts of a value, and of their depth. Real values have a few levels; a table may have many rows.
_MOST_PARTS: Final = 4096
_DEEPEST: Final = 50

COMPARE: Final[dict[type[cst.BaseCompOp], Callable[[Any, Any], Any]]] = {
    cst.Equal: operator.eq,
    cst.NotEqual: operator.ne,
    cst.LessThan: operator.lt,
    cst.LessThanEqual: operator.le,
    cst.GreaterThan: operator.gt,
    cst.GreaterThanEqual: operator.ge,
    cst.Is: operator.is_,
    cst.IsNot: operator.is_not,
    cst.In: lambda item, container: item in container,
    cst.NotIn: lambda item, container: item not in container,
}
"""The function that a comparison operator computes."""

_TYPES: Final[dict[str, type]] = {
    one.__name__: one for one in (bool, bytearray, bytes, dict, float, int, list, set, str, tuple, type(None))
}


def const(value: Any) -> Value:
    """The value that is this constant."""
    return frozenset({Const(value)})


def join(*values: Value) -> Value:
    """The join of values: their union, widened to unknown above a number of possibilities."""
    if len(values) == 1:
        return values[0]
    return _widened(NOTHING.union(*values))


def _widened(value: Value) -> Value:
    # So many possibilities do not help a check, and cost time at each join.
    return value if len(value) <= _MOST_POSSIBILITIES else UNKNOWN


def is_too_large(value: Value) -> bool:
    """True if a value has more parts, or deeper ones, than are followed.

    `x = x, x` on line after line has as many parts as two to the power of the number of lines.
    """
    if _NESTING.isdisjoint(map(type, value)):
        return False
    parts, number = [value], 0
    for _ in range(_DEEPEST):
        parts = [part for one in parts for atom in one for part in _parts(unconditional(atom))]
        if not parts:
            return False
        number += len(parts)
        if number > _MOST_PARTS:
            break
    return True


def without_parts(value: Value) -> Value:
    """The value with unknown parts."""
    return frozenset(map(_without_parts, value))


def _without_parts(atom: Atom) -> Atom:
    match atom:
        case On(cells, inner):
            return On(cells, _without_parts(inner))
        case Tuple(items):
            return replace(atom, items=(UNKNOWN,) * len(items))
        case Items():
            return replace(atom, item=UNKNOWN)
        case _:
            return Anything() if _parts(atom) else atom


def _parts(atom: Atom) -> tuple[Value, ...]:
    """The values that an atom has in it."""
    match atom:
        case Tuple(items):
            return items
        case Items(item):
            return (item,)
        case Member(owner):
            return (frozenset({owner}),)
        case Partial(owner, given):
            return (frozenset({owner}), *(value for _, value, *_ in given))
        case _:
            return ()


def on(cells: Cells, value: Value) -> Value:
    """The conditional value: this value, on these cells only."""
    return frozenset(On(both, atom) for atom, both in atoms(value, cells))


def atoms(value: Value, live: Cells) -> Iterator[tuple[Atom, Cells]]:
    """The atoms of a value that are possible on live cells, each with these cells."""
    for atom in value:
        if type(atom) is not On:
            yield atom, live
        elif both := atom.cells & live:
            yield atom.atom, both


def unconditional(atom: Atom) -> Atom:
    """The atom without the configurations that it is limited to."""
    return atom.atom if isinstance(atom, On) else atom


def without_sites(value: Value, made: Made | None = None) -> Value:
    """Drop the allocation site `made`, or every site, from the sockets in a value.

    The call may since have made a newer socket, whose typestate the site has from then on (recency abstraction).
    """
    # Values without a socket in them are passed on without making a copy.
    if _HOLDING.isdisjoint(map(type, value)):
        return value
    return frozenset([_without_site(atom, made) for atom in value])


def _without_site(atom: Atom, made: Made | None) -> Atom:
    match atom:
        case Socket() | File() | TlsSocket() | Object() if made is None or atom.made is made:
            return replace(atom, made=None)
        case On(cells, inner):
            return On(cells, _without_site(inner, made))
        case Member(owner, name):
            return Member(_without_site(owner, made), name)
        case Tuple(items):
            return replace(atom, items=tuple(without_sites(item, made) for item in items))
        case Items(item):
            return replace(atom, item=without_sites(item, made))
        case Partial(_, given):
            return replace(atom, given=tuple((one, without_sites(value, made), *rest) for one, value, *rest in given))
        case _:
            return atom


def substituted(value: Value, passed: Callable[[Given], Value | None]) -> Value:
    """The value with each `Given` replaced by the value that this file passes, unknown if it passes none."""
    if _OPEN_TO_CALLERS.isdisjoint(map(type, value)):
        return value
    parts: list[Value] = []
    callers: list[Value] = []
    for atom in value:
        match atom:
            case Given():
                found = passed(atom)
                callers.append(frozenset({atom}) if found is None else found)
            case On(cells, inner):
                parts.append(on(cells, substituted(frozenset({inner}), passed)))
            case Tuple(items):
                parts.append(frozenset({replace(atom, items=tuple(substituted(item, passed) for item in items))}))
            case Items(item):
                parts.append(frozenset({replace(atom, item=substituted(item, passed))}))
            case _:
                parts.append(frozenset({atom}))
    return join(*parts, join(*callers) or UNKNOWN) if callers else join(*parts)


def constant(atom: Atom) -> Any:
    """The Python constant that an atom is, or NO_CONSTANT."""
    if type(atom) not in _CONSTANTS:
        return NO_CONSTANT
    if isinstance(atom, Literal):
        return _written(atom.node)
    if isinstance(atom, Const):
        return atom.value
    if isinstance(atom, NoData):
        return None
    if isinstance(atom, Builtin):
        return _TYPES.get(atom.name, NO_CONSTANT)
    # `len(item) == 1`: a tuple is a constant only if there is one possibility for each of its items.
    items = atom.items if isinstance(atom, Tuple) else ()
    parts = [constant(next(iter(item))) if len(item) == 1 else NO_CONSTANT for item in items]
    return NO_CONSTANT if NO_CONSTANT in parts else tuple(parts)


def are_flags(value: Value) -> bool:
    """True if a value is nothing but None, True, False, zero or an empty string, wherever the program runs."""
    found = [constant(atom) for atom in value]
    return bool(found) and all(one is not NO_CONSTANT and (not one or one is True) for one in found)


def constants(value: Value, kind: type, live: Cells) -> Iterator[tuple[Any, Cells]]:
    """The constants of exactly this type among the possibilities, each with its cells."""
    for atom, cells in atoms(value, live):
        found = constant(atom)
        # `type(found) is kind`: True is an int for isinstance(), but no index is written as True.
        if type(found) is kind:
            yield found, cells


def unknown_unless_constant(value: Value, kind: type, live: Cells) -> Value:
    """Unknown on the cells on which a value may be something else than a constant of exactly this type.

    It is the part of a result that `constants` does not tell; no value if all possibilities are such constants.
    """
    cells = NO_CELLS.union(*(cells for atom, cells in atoms(value, live) if type(constant(atom)) is not kind))
    return on(cells, UNKNOWN) if cells else NOTHING


def truth(value: Value, live: Cells) -> tuple[Cells, Cells]:
    """The cells on which a value may be true, and those on which it may be false."""
    if value is UNKNOWN:
        return live, live  # a shortcut with the same result as the loop
    true = false = NO_CELLS
    for atom, cells in atoms(value, live):
        known = is_true(atom)
        if known is not False:
            true |= cells
        if known is not True:
            false |= cells
    return true, false


def is_true(atom: Atom) -> bool | None:
    """True or False if an atom is that in a condition, None if it may be either."""
    if isinstance(atom, Anything):
        return atom.truth
    if isinstance(atom, On):
        return is_true(atom.atom)
    if isinstance(atom, Tuple):
        # A list display may have grown since, so `[]` need not be false.
        return bool(atom.items) if atom.made is None else None
    if isinstance(atom, Member) and isinstance(atom.owner, Module):
        if atom == _IMPLEMENTATION:
            return True
        # `getattr(time, "ticks_ms", None)` where there is such a function.
        return True if world.kind(atom.owner.name, atom.name) in ("function", "class") else None
    if isinstance(atom, Object) and atom.module in HARDWARE:
        return True
    if type(atom) in _EITHER or (isinstance(atom, Function) and atom.node.decorators):
        return None
    # Sockets, modules and functions are true. A decorated function, see above, may be any object.
    found = constant(atom)
    return found is NO_CONSTANT or bool(found)


def combine(left: Value, right: Value, live: Cells, fold: Callable[[Any, Any], Any]) -> Value:
    """Apply a function to each pair of constants of two values; unknown if one side is, or if the function raises."""
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    results: set[Atom] = set()
    for atom, cells in atoms(left, live):
        for other, both in atoms(right, cells):
            folded = _folded(atom, other, fold)
            results.add(folded if both == live else On(both, folded))
    return _widened(frozenset(results))


def item(base: Value, key: Value, live: Cells) -> Value:
    """The value of `base[key]`."""
    picked: list[Value] = []
    for atom, cells in atoms(base, live):
        if isinstance(atom, Tuple):
            for index in {constant(one) for one, _ in atoms(key, cells)}:
                # An index out of range raises: the analysis goes on with an unknown item rather than with none.
                is_there = isinstance(index, int) and -len(atom.items) <= index < len(atom.items)
                picked.append(atom.items[index] if is_there else UNKNOWN)
        else:
            picked.append(combine(frozenset({On(cells, atom)}), key, live, operator.getitem))
    return join(*picked) or UNKNOWN


def items(atom: Atom, cells: Cells) -> tuple[Value, ...]:
    """The items of a tuple on these cells."""
    if isinstance(atom, Tuple):
        return atom.items
    if isinstance(atom, AddrInfo):
        return fields(atom)
    found = constant(atom)
    parts = cast("tuple[Any, ...]", found) if isinstance(found, tuple) else ()
    return tuple(on(cells, const(part)) for part in parts)


def fields(entry: AddrInfo) -> tuple[Value, ...]:
    """The five fields of an entry that getaddrinfo() returned."""
    found = [frozenset[Atom]({AddrField(index, entry.type)}) for index in range(4)]
    return (*found, frozenset({SockAddr("getaddrinfo", entry.family, entry.port)}))


def _folded(left: Atom, right: Atom, fold: Callable[[Any, Any], Any]) -> Atom:
    """The result of a function of two atoms; unknown if one of them is no constant, or the function raises."""
    one, two = constant(left), constant(right)
    # `x is None` is False for a value that is known not to be None, although x is not a constant.
    if two is None and fold in _IDENTITY and isinstance(left, Anything) and left.some:
        return Const(_IDENTITY[fold])
    if one is NO_CONSTANT or two is NO_CONSTANT:
        return Anything()
    try:
        result = fold(one, two)
        # Atoms are members of sets, so a result such as a list cannot be kept as a constant.
        hash(result)
    # The operation may raise, as 1 / 0 does: the result is unknown.
    except Exception:
        return Anything()
    return Const(result)


def _written(node: cst.SimpleString | cst.ConcatenatedString | cst.Integer | cst.Float) -> Any:
    """The constant that is written as these literals, or NO_CONSTANT."""
    if not isinstance(node, cst.ConcatenatedString):
        return evaluated(node.value)
    # Without an f-string among the parts there are two, which can be added unless one is no constant.
    try:
        parts = [_written(part) for part in (node.left, node.right) if not isinstance(part, cst.FormattedString)]
        return parts[0] + parts[1]
    except (IndexError, TypeError):
        return NO_CONSTANT


@lru_cache(4096)
def evaluated(text: str) -> Any:
    """The constant that a literal stands for; NO_CONSTANT for one that Python refuses.

    libcst parses numbers of too many digits and escapes that do not exist, such as `"\\N{no such name}"`.
    """
    try:
        with without_warnings:
            return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return NO_CONSTANT

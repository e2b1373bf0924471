"""Operators, comparisons and subscripts."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

import libcst as cst

from usock_lint.analysis import heuristics
from usock_lint.analysis.domain import builtin_types, device, flags, types, typestate
from usock_lint.analysis.domain.flags import FLAG
from usock_lint.analysis.domain.operations import (
    COMPARE,
    FALSE,
    NO_CELLS,
    NO_CONSTANT,
    NONE,
    NOTHING,
    TRUE,
    UNKNOWN,
    atoms,
    combine,
    const,
    constant,
    constants,
    evaluated,
    fields,
    is_true,
    item,
    join,
    on,
    truth,
    unconditional,
)
from usock_lint.analysis.domain.values import (
    ARGUMENTS,
    MATCH,
    TRACKED,
    AddrInfo,
    AddrInfos,
    Anything,
    Atom,
    Box,
    Builtin,
    Caught,
    Cells,
    Class,
    ErrorNumber,
    Function,
    Instance,
    Items,
    Lambda,
    Member,
    Message,
    Module,
    NoData,
    Object,
    OfType,
    On,
    Received,
    SockAddr,
    Tuple,
    Value,
)
from usock_lint.analysis.interpreter import containers, names, narrowing
from usock_lint.analysis.interpreter.core import Interpreter, evaluates
from usock_lint.analysis.uses import Indexed, Operation, ShortRead
from usock_lint.fast_dataclasses import replace
from usock_lint.syntax.nodes import called_name, of_type

# Operators that take None.
_WITH_NONE: Final = frozenset({cst.Equal, cst.NotEqual, cst.Is, cst.IsNot})

_ERRNO: Final[Value] = frozenset({Module("errno")})
_ABOUT_ERRORS: Final = frozenset({ErrorNumber, Message})


class Outcome(NamedTuple):
    """The live configurations on which a condition may be true, and those on which it may be false.

    `vague`: an unknown flag about the implementation of Python decides it. `asks`: each configuration decides it, as
    only a question about the board or the implementation does, so CPython's answer may differ.
    """

    true: Cells
    false: Cells
    vague: bool
    asks: bool


def branch(interp: Interpreter, test: cst.BaseExpression) -> Outcome:
    """Evaluate a condition."""
    return _outcome(interp, test, interp.value(test))


def _outcome(interp: Interpreter, test: cst.BaseExpression, value: Value) -> Outcome:
    true, false = _truth(interp, test, value)
    asks = true.isdisjoint(false) and not heuristics.is_literal(test)
    return Outcome(true, false, flags.is_about_python(value), asks)


def _truth(interp: Interpreter, node: cst.BaseExpression, value: Value) -> tuple[Cells, Cells]:
    """The cells on which a condition may be true, and those on which it may be false.

    The documentation goes the way of the boards: no program runs on it, so a question about the device says nothing of
    it.
    """
    true, false = truth(value, interp.state.live)
    if len(interp.state.live) > 1:
        if _is_documentation(true):
            true, false = NO_CELLS, true | false
        elif _is_documentation(false):
            true, false = true | false, NO_CELLS
    if not true or not false:
        _decided_by(interp, node)
    return true, false


def _is_documentation(cells: Cells) -> bool:
    return len(cells) == 1 and next(iter(cells)).port == "docs"


def _decided_by(interp: Interpreter, node: cst.BaseExpression) -> None:
    """Record the names that decided a condition, so that the body is analysed again if their values change."""
    match node:
        case cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)):
            interp.summaries.body.decided_by.add(name)
        case cst.Call(func=function):
            _decided_by(interp, function)
        case _:
            pass


@evaluates(cst.BooleanOperation)
def boolean(interp: Interpreter, node: cst.BooleanOperation) -> Value:
    """Evaluate a chain of `and`, or of `or`, from its first operand on: each is known to the later ones."""
    chain = [*_chain(node)]
    conjunction, known = type(node.operator) is cst.And, chain[0].left
    value = interp.value(known)
    with narrowing.assumptions(interp) as assume:
        for one in chain:
            value = _combined(interp, one, value, lambda known=known: assume(known, conjunction))
            known = one.right
    return value


def _chain(node: cst.BooleanOperation) -> Iterator[cst.BooleanOperation]:
    """The operations with the same operator that `a and b and c` consists of, the innermost, which is first, first."""
    found = [node]
    while isinstance(found[-1].left, cst.BooleanOperation) and type(found[-1].left.operator) is type(node.operator):
        found.append(found[-1].left)
    return reversed(found)


def _combined(interp: Interpreter, node: cst.BooleanOperation, left: Value, assume: Callable[[], None]) -> Value:
    """The value of an operation whose left side has this value; its right side is evaluated as `assume` has it."""
    true, false, vague, asks = _outcome(interp, node.left, left)
    conjunction = type(node.operator) is cst.And
    with interp.state.perhaps(true if conjunction else false, cpython=not asks), interp.state.vaguely(vague):
        assume()
        if not interp.state.live:
            interp.summaries.body.unreached.add(node.right)
        right = interp.value(node.right) if interp.state.live else NOTHING
        decided = on(interp.state.live, right)
    # `x and False` is false, and `x or True` true, whatever x is. Where the right side is `"a"` or 80, x matters.
    settled = _settled(right, true if conjunction else false, conjunction)
    if vague:
        unsettled = interp.state.live - settled
        sides = ((unsettled, flags.blurred(FLAG, decided)), (settled, right))
        return join(*(on(cells, side) for cells, side in sides if cells))
    # Atoms of the left side that decide alone: false ones of `and`, true ones of `or`.
    # `x or 80` with an unknown x: x is kept as anything that is true (`truth`), 80 comes from the right side.
    kept = frozenset(
        replace(atom, truth=not conjunction) if isinstance(atom, Anything) else atom
        for atom in left
        if is_true(atom) is not conjunction
    )
    deciding = false if conjunction else true
    ending = frozenset(Anything(truth=not conjunction) if is_true(atom) is None else atom for atom in kept)
    parts = [
        interp.state.limit(kept, deciding - settled),
        *([interp.state.limit(ending, deciding & settled)] if deciding & settled else ()),
        decided,
    ]
    # The documentation goes the way of the boards, with a value that would go the other: "" for `sys.platform or "?"`.
    if len(kept) < len(left) and (bare := deciding.difference(*(cells for _, cells in atoms(kept, deciding)))):
        parts.append(on(bare, left))
    return join(*parts)


def _settled(right: Value, live: Cells, conjunction: bool) -> Cells:
    """The cells on which the right side of `and` can only be false, or that of `or` only True or a module."""
    settling, others = NO_CELLS, NO_CELLS
    for atom, cells in atoms(right, live):
        plain = conjunction or isinstance(atom, Module) or isinstance(constant(atom), bool)
        if plain and is_true(atom) is not conjunction and is_true(atom) is not None:
            settling |= cells
        else:
            others |= cells
    return settling - others


@evaluates(cst.UnaryOperation)
def unary(interp: Interpreter, node: cst.UnaryOperation) -> Value:
    value = interp.value(node.expression)
    if type(node.operator) is cst.Not:
        true, false = _truth(interp, node.expression, value)
        # `not IS_MICROPYTHON` is a flag again: both its branches are analysed, and neither is reported.
        if flags.is_about_python(value):
            return FLAG
        return join(interp.state.limit(FALSE, true), interp.state.limit(TRUE, false))
    if type(node.operator) is cst.Minus:
        return combine(const(0), value, interp.state.live, operator.sub)
    return UNKNOWN


_OF_TEXTS: Final[dict[type[cst.BaseBinaryOp], Callable[[Any, Any], Any]]] = {
    cst.Add: operator.add,
    cst.Modulo: operator.mod,
}
"""Operators of texts."""

_OF_BITS: Final[dict[type[cst.BaseBinaryOp], Callable[[Any, Any], Any]]] = {
    cst.BitAnd: lambda left, right: left & right,
    cst.BitOr: lambda left, right: left | right,
    cst.BitXor: lambda left, right: left ^ right,
}
_ORDER: Final = frozenset((cst.LessThan, cst.LessThanEqual, cst.GreaterThan, cst.GreaterThanEqual))


@evaluates(cst.Comparison)
def comparison(interp: Interpreter, node: cst.Comparison) -> Value:
    left, left_node = interp.value(node.left), node.left
    results: list[Value] = []
    for target in node.comparisons:
        right = interp.value(target.comparator)
        result = _found(interp, left_node, left, target)
        if result is None:
            result = _compared(interp, target.operator, left, right, is_name=isinstance(left_node, cst.Name))
        sides = (left_node, target.comparator)
        # `self.mode == Kind.MICROPYTHON`, where the mode is not known.
        if any(map(_names_python, sides)):
            true, false = truth(result, interp.state.live)
            result = FLAG if true & false else result
        # `sys.platform in config.BOARDS`
        elif any(map(heuristics.asks_for_system, sides)):
            result = FLAG if any(isinstance(unconditional(one), Anything) for one in result) else result
        # `(major, minor) < (1, 21)`, `"%d.%d" % (major, minor) == "1.21"`
        elif (
            (type(target.operator) in _ORDER or heuristics.is_compared_to_literal(interp.names_field, *sides))
            and any(isinstance(unconditional(one), Anything) for one in result)
            and any(
                heuristics.asks_for_release(one, interp.tells_release) and not heuristics.is_release(one)
                for one in sides
            )
        ):
            result = FLAG
        results.append(result)
        left_node = target.comparator
        # `a < b < c`: the middle part is the left side of the next comparison.
        _, left = operation(interp, node, target.operator, (node.left, target.comparator), (left, right))
    result = _all_of(interp, results)
    if result is not UNKNOWN:
        for part in (node.left, *(target.comparator for target in node.comparisons)):
            _decided_by(interp, part)
    return result


def _all_of(interp: Interpreter, results: list[Value]) -> Value:
    """The value of comparisons in a chain, `(1, 21) <= release < (1, 24)`, which is true if each of them is."""
    if len(results) == 1:
        return results[0]
    if any(map(flags.is_about_python, results)):
        return FLAG
    live = interp.state.live
    outcomes = [truth(one, live) for one in results]
    true, false = live.intersection(*(one for one, _ in outcomes)), NO_CELLS.union(*(one for _, one in outcomes))
    if true & false:
        return UNKNOWN
    return join(interp.state.limit(TRUE, true), interp.state.limit(FALSE, false))


def _found(interp: Interpreter, sought: cst.BaseExpression, value: Value, target: cst.ComparisonTarget) -> Value | None:
    """The result of `in` or `not in` for a set and `dir(x)`; None for other operators and operands."""
    if not isinstance(target.operator, (cst.In, cst.NotIn)):
        return None
    comparator = target.comparator
    if isinstance(comparator, cst.Name):
        comparator = interp.listed(comparator.value) or comparator
    match comparator:
        case cst.Set(elements=elements) if all(isinstance(one, cst.Element) for one in elements):
            items = frozenset({Tuple(tuple(interp.quiet(one.value) for one in elements))})
            return _compared(interp, target.operator, value, items, is_name=isinstance(sought, cst.Name))
        # `"connect_ex" in dir(s)` is `hasattr(s, "connect_ex")`.
        case (
            cst.Call(func=cst.Name(value="dir"), args=[cst.Arg(value=owner)])
            | cst.Attribute(value=owner, attr=cst.Name(value="__dict__"))
        ) if not interp.state.scope.lookup("dir"):
            asked = cst.Call(cst.Name("hasattr"), [cst.Arg(owner), cst.Arg(sought)])
            there, lacking = truth(interp.quiet(asked), interp.state.live)
        case _:
            return None
    if isinstance(target.operator, cst.NotIn):
        there, lacking = lacking, there
    return join(interp.state.limit(TRUE, there), interp.state.limit(FALSE, lacking))


def _names_python(node: cst.BaseExpression) -> bool:
    """True if a name, or an attribute, mentions an implementation of Python."""
    name = node.attr if isinstance(node, cst.Attribute) else node
    return isinstance(name, cst.Name) and flags.is_flag(name.value)


_SAMENESS: Final[Mapping[type[cst.BaseCompOp], bool]] = {
    cst.Equal: True,
    cst.NotEqual: False,
    cst.In: True,
    cst.NotIn: False,
}
"""Operators that ask whether something is another thing, or one of these, and whether they are true if it is."""


def _compared(interp: Interpreter, operator: cst.BaseCompOp, left: Value, right: Value, *, is_name: bool) -> Value:
    """The result of one comparison. `is_name`: the left side is a name, all of whose values are known."""
    if flags.is_about_python(left | right):
        return FLAG
    if isinstance(operator, cst.In) and (answer := device.names_machine(left, right, interp.state.live)) is not None:
        return answer
    if (same := _SAMENESS.get(type(operator))) is not None:
        for one, other in ((left, right), (right, left)):
            if (answer := device.equals_machine(one, other, interp.state.live, not same)) is not None:
                return answer
    if device.names_system(left, right, interp.state.live):
        return FALSE if isinstance(operator, cst.Equal) else TRUE if isinstance(operator, cst.NotEqual) else UNKNOWN
    fold = COMPARE.get(type(operator))
    if fold is None:
        return UNKNOWN
    if right in (NONE, FALSE):
        is_name = is_name and right == NONE
        some = frozenset(atom for atom in left if _is_something(atom, is_name=is_name))
    else:
        some = NOTHING
    if not some:
        return combine(left, right, interp.state.live, fold)
    decided = FALSE if isinstance(operator, (cst.Is, cst.Equal)) else TRUE
    there = NO_CELLS.union(*(cells for _, cells in atoms(some, interp.state.live)))
    return join(interp.state.limit(decided, there), combine(left - some, right, interp.state.live, fold))


def matches(interp: Interpreter, subject: Value, pattern: cst.MatchPattern, live: Cells) -> tuple[Cells, Cells]:
    """The cells on which a pattern of `match` may match, and those on which it may not."""
    match pattern:
        case cst.MatchValue(value=value):
            with interp.state.only(live):
                return truth(combine(subject, interp.value(value), live, operator.eq), live)
        case cst.MatchOr(patterns=parts):
            found = [matches(interp, subject, one.pattern, live) for one in parts]
            return NO_CELLS.union(*(true for true, _ in found)), live.intersection(*(false for _, false in found))
        case cst.MatchAs(pattern=None):
            return live, NO_CELLS
        case _:
            return live, live


def _is_something(atom: Atom, *, is_name: bool) -> bool:
    """True if this is not None: a module, a function or class of one as `getattr(time, "ticks_ms", None)` finds it, or
    an object. An attribute may have been None until now, by a class in another file."""
    found = unconditional(atom)
    if is_name and isinstance(found, (Instance, Object, OfType)):
        return True
    return isinstance(found, (Member, Module, Object)) and bool(is_true(atom))


@evaluates(cst.BinaryOperation)
def binary(interp: Interpreter, node: cst.BinaryOperation) -> Value:
    """Evaluate a binary operation. The sum of received bytes and bytes is received; arithmetic is not computed."""
    values = interp.value(node.left), interp.value(node.right)
    left, right = operation(interp, node, node.operator, (node.left, node.right), values)
    if flags.is_about_python(left | right):
        return FLAG
    # `sys.platform + "-" + sys.implementation.name`
    if (fold := _OF_TEXTS.get(type(node.operator))) and heuristics.is_text_of_system(node):
        made = combine(left, right, interp.state.live, fold)
        if made and all(isinstance(constant(unconditional(atom)), str) for atom in made):
            return made
    if isinstance(node.operator, cst.Add):
        return summed(left, right) or _chained(interp, node, left, right)
    if isinstance(node.operator, cst.Modulo):
        return builtin_types.formatted(left)
    # `ON_BOARD | ON_LINUX` is a condition.
    if (fold := _OF_BITS.get(type(node.operator))) and all(
        isinstance(constant(unconditional(atom)), bool) for atom in left | right
    ):
        return combine(left, right, interp.state.live, fold)
    if isinstance(node.operator, cst.Multiply):
        return builtin_types.repeated(left) or _chained(interp, node, left)
    return UNKNOWN


def _chained(interp: Interpreter, node: cst.BinaryOperation, *values: Value) -> Value:
    """The list that `+` or `*` makes of these lists; unknown if one of them may not be a list."""
    found = [atom for value in values for atom in value]
    # A tuple has the same atom as a list, but no site that made it.
    if any(not isinstance(atom, (Box, Items, Tuple)) or (type(atom) is Tuple and atom.made is None) for atom in found):
        return UNKNOWN
    parts = [containers.taken(interp, atom) for atom in found if not containers.is_empty(interp, atom)]
    return containers.made(interp, node, "list", join(*parts))


def operation(
    interp: Interpreter,
    node: cst.Comparison | cst.BinaryOperation | cst.AugAssign,
    operator: cst.BaseCompOp | cst.BaseBinaryOp | cst.BaseAugOp,
    nodes: tuple[cst.BaseExpression, cst.BaseExpression],
    values: tuple[Value, Value],
) -> tuple[Value, Value]:
    """Record an operation on a tracked value; return the operands without the atoms for which it raises."""
    values = _with_numbers(values[0]), _with_numbers(values[1])
    if type(operator) not in _WITH_NONE:
        if not (isinstance(operator, cst.Modulo) and types.are_strings(values[0])):
            interp.recorder.require_not_none(nodes[1], values[1])  # unlike `"%s" % None`
        if type(operator) in (cst.In, cst.NotIn):
            interp.recorder.note_iterated(nodes[1], values[1])
        else:
            interp.recorder.require_not_none(nodes[0], values[0])
    if type(node) is not cst.Comparison:
        # The result may hold its operands (`[sock] + others`), so sockets among them escape.
        for value in values:
            typestate.forget(interp.state.scope, value)
    # `if e.errno == EINPROGRESS`: the connect may be in progress, so no socket counts as one that failed to connect.
    if any(_is_about_errors(atom) for value in values for atom in value):
        typestate.examine(interp.state.scope)
    found = [atom for value in values for atom, _ in atoms(value, interp.state.live)]
    if not TRACKED.isdisjoint(map(type, found)) or any(map(_is_about_errors, found)):
        errno = interp.env.spelling(_ERRNO)
        interp.recorder.note(Operation(interp.recorder.site(interp.state.live), node, operator, *values, *nodes, errno))
    return _without_failing(interp, operator, nodes, values)


def _without_failing(
    interp: Interpreter,
    operator: cst.CSTNode,
    nodes: tuple[cst.BaseExpression, cst.BaseExpression],
    values: tuple[Value, Value],
) -> tuple[Value, Value]:
    """The operands without the atoms for which the operation raises, and with their names narrowed."""
    left, right = values
    # One possibility on each side: there is nothing to rule out, and an operation that raises is a finding.
    if len(left) == len(right) == 1 or types.always_fails(operator, left, right):
        return values
    return (
        names.rule_out(interp, nodes[0], left, lambda one: all(types.fails(operator, one, other) for other in right)),
        names.rule_out(interp, nodes[1], right, lambda one: all(types.fails(operator, other, one) for other in left)),
    )


@evaluates(cst.IfExp)
def choice(interp: Interpreter, node: cst.IfExp) -> Value:
    true, false, vague, asks = branch(interp, node.test)
    sides: list[Value] = []
    for live, side in ((true, node.body), (false, node.orelse)):
        if live:
            with (
                interp.state.perhaps(live, cpython=not asks),
                interp.state.vaguely(vague),
                narrowing.assuming(interp, node.test, side is node.body),
            ):
                sides.append(on(live, interp.value(side)))
        else:
            interp.summaries.body.unreached.add(side)
    return flags.blurred(*sides) if vague else join(*sides)


@evaluates(cst.Subscript)
def subscript(interp: Interpreter, node: cst.Subscript) -> Value:
    outer, interp.state.left_out = interp.state.left_out, _left_out(interp, node)
    value = interp.value(node.value)
    interp.state.left_out = outer
    if value is UNKNOWN:
        for element in node.slice:
            _key(interp, element.slice)
        match node.slice:
            case [cst.SubscriptElement(slice=cst.Index(value=index))]:
                return named_by(index, UNKNOWN)
            case _:
                return UNKNOWN
    interp.recorder.require_not_none(node.value, value)
    others = NO_CELLS
    classes: list[tuple[Builtin, Cells]] = []
    for atom, cells in atoms(value, interp.state.live):
        if isinstance(atom, Builtin) and builtin_types.is_class(atom.name):
            classes.append((atom, cells))
        else:
            others |= cells
    for atom, cells in classes:
        # `self.size = tuple`, where another method assigns a tuple, is a class until then only.
        if not cells <= others and not names.may_be_starred(interp, atom.name):
            interp.recorder.note(Indexed(interp.recorder.site(cells - others), node, atom))
    # None takes no index either.
    if MATCH in value <= {MATCH, *NONE}:
        interp.recorder.note_by_type(Indexed(interp.recorder.site(interp.state.live), node, MATCH))
    base = device.sequence(frozenset(atom for atom in value if not _is_no_data(atom)), interp.state.live)
    if len(node.slice) > 1:
        return _by_parts(interp, node, value)
    match node.slice[0].slice:
        case cst.Index(value=index):
            key = interp.value(index)
            interp.recorder.note_hashed(index, key)
            # `d["a"]` raises if `d` is bytes or str: after it `d` is one of the other possibilities.
            if types.are_strings(key):
                base = names.rule_out(interp, node.value, base, lambda atom: types.string_kind(atom) is not None)
            found = _of_strings(base, _indexed(interp, node, base, key), builtin_types.item)
            return flags.blurred(found, FLAG) if flags.is_about_python(key) else named_by(index, found)
        case cst.Slice(lower=lower, upper=upper, step=None):
            start = NONE if lower is None else interp.value(lower)
            end = NONE if upper is None else interp.value(upper)
            # A slice of received data is received data too, of a length that is not known.
            if received := _received(base):
                return received
            # A slice of an empty list is empty.
            if ARGUMENTS in base <= {ARGUMENTS}:
                return base
            # A slice of a list that grows may have any of its items.
            if rows := [containers.taken(interp, one) for one in base if isinstance(one, (Box, Items))]:
                rest = UNKNOWN if any(isinstance(one, Anything) for one in base) else NOTHING
                return join(frozenset({Items(join(*rows))}), rest)
            base = frozenset(Tuple(fields(one)) if isinstance(one, AddrInfo) else one for one in _with_numbers(base))
            if (part := _part(base, start, end)) is not None:
                return part
            part = combine(base, end, interp.state.live, lambda items, end: items[:end])
            part = combine(part, start, interp.state.live, lambda items, start: items[start:])
            return _of_strings(base, part, builtin_types.sliced)
        case cst.Slice(step=cst.BaseExpression() as step) as part:
            for bound in (part.lower, part.upper):
                if bound is not None:
                    interp.value(bound)
            containers.note_step(interp, node, base, interp.value(step))
            typestate.forget(interp.state.scope, base)
            return _of_strings(base, UNKNOWN, builtin_types.sliced)
        case _:
            return _by_parts(interp, node, value)


def named_by(key: cst.BaseExpression, value: Value) -> Value:
    """The value under this key: an unknown one is a flag if the key mentions a Python: `config["micropython"]`."""
    name = evaluated(key.value) if isinstance(key, cst.SimpleString) else None
    return flags.named(name, value) if isinstance(name, str) else value


_EFFECTS: Final = (cst.Call, cst.NamedExpr, cst.Await, cst.Yield)
"""Expressions that do more than to look at values, but for calls of `_LOOKING`."""

_LOOKING: Final = frozenset({"bool", "hasattr", "int"})


def _left_out(interp: Interpreter, node: cst.Subscript) -> frozenset[cst.CSTNode]:
    """The functions and classes in a display that the index never picks: `(on_computer, on_board)[IS_BOARD]()`."""
    if type(node.value) not in (cst.Tuple, cst.List, cst.Dict):
        return frozenset()
    match node:
        case cst.Subscript(
            value=cst.Tuple(elements=elements) | cst.List(elements=elements) | cst.Dict(elements=elements),
            slice=[cst.SubscriptElement(slice=cst.Index(value=index))],
        ) if all(called_name(one) in _LOOKING for one in of_type(index, *_EFFECTS)):
            keys = {constant(atom) for atom, _ in atoms(interp.quiet(index), interp.state.live)}
        case _:
            return frozenset()
    if not all(isinstance(key, str) or (isinstance(key, int) and key >= 0) for key in keys):
        return frozenset()
    found = frozenset(
        one
        for number, one in enumerate(elements)
        if (place := _place(interp, one, number)) is not NO_CONSTANT
        and place not in keys
        and _is_definition(interp, one.value)
    )
    interp.summaries.body.unreached.update(one.value for one in found)
    return found


def _place(interp: Interpreter, element: cst.BaseElement | cst.BaseDictElement, number: int) -> object:
    """The index or the key of an element of a display; NO_CONSTANT if it is not known."""
    match element:
        case cst.Element():
            return number
        case cst.DictElement(key=cst.SimpleString() | cst.Name() | cst.BaseNumber() as key):
            found = [constant(atom) for atom in interp.quiet(key)]
            return found[0] if len(found) == 1 else NO_CONSTANT
        case _:
            return NO_CONSTANT


def _is_definition(interp: Interpreter, node: cst.BaseExpression) -> bool:
    """True if an expression is a function or a class of the file."""
    return isinstance(node, cst.Lambda) or (
        isinstance(node, cst.Name)
        and all(isinstance(unconditional(atom), (Class, Function, Lambda)) for atom in interp.quiet(node))
    )


def _by_parts(interp: Interpreter, node: cst.Subscript, base: Value) -> Value:
    """Evaluate the indices of a subscript that is not modelled. Sockets in them, and in its base, escape."""
    typestate.forget(interp.state.scope, base)
    for element in node.slice:
        interp.evaluate_parts(element)
    return UNKNOWN


def _of_strings(base: Value, taken: Value, part: Callable[[Atom], Value]) -> Value:
    """The value `taken` by a subscript; if it is unknown and `base` is strings, a value of the type that `part` has."""
    parts = [part(unconditional(atom)) for atom in base]
    return join(*parts) if taken == UNKNOWN and parts and all(parts) else taken


def _key(interp: Interpreter, index: cst.BaseSlice) -> None:
    """Evaluate an index of an unknown value."""
    if isinstance(index, cst.Index):
        interp.recorder.note_hashed(index.value, interp.value(index.value))
    else:
        interp.evaluate_parts(index)


def _indexed(interp: Interpreter, node: cst.Subscript, base: Value, key: Value) -> Value:
    """The item at an index of a container, an address, a result of getaddrinfo() or a constant."""
    indices: list[int] = [index for index, _ in constants(key, int, interp.state.live)]
    found: set[Atom] = set()
    others: set[Atom] = set()
    for atom, cells in atoms(base, interp.state.live):
        if isinstance(atom, (AddrInfos, AddrInfo, SockAddr)) or atom == ARGUMENTS:
            interp.recorder.note(Indexed(interp.recorder.site(cells), node, atom))
        if isinstance(atom, Received) and any(_is_beyond_first(index, atom) for index in indices):
            interp.recorder.note(ShortRead(interp.recorder.site(cells), node, atom, "IndexError"))
            names.measured(interp, node.value, base)  # one finding for each read
        if isinstance(atom, (Box, Items)) or containers.has_grown(interp, atom):
            containers.note_look_up(interp, node, atom, key)
            found |= containers.taken(interp, atom, key)
        elif isinstance(atom, AddrInfos):
            found.add(AddrInfo(atom.family, atom.type, atom.port))
        elif isinstance(atom, AddrInfo):
            others.add(On(cells, Tuple(fields(atom))))
        elif (number := _error_number(atom)) is not None:
            found.add(number)
        elif constant(atom) is not None:
            others.add(On(cells, atom))
    # If nothing was found the item is unknown. An empty value would mean that the expression is never evaluated.
    rest = item(frozenset(others), key, interp.state.live) if others or not found else NOTHING
    return join(frozenset(found), rest)


def _is_beyond_first(index: int, received: Received) -> bool:
    """True if an index is in range for the requested number of bytes, but not if only one byte has come."""
    asked = received.asked
    return asked is not None and (0 < index < asked or -asked <= index < -1)


def _error_number(atom: Atom) -> ErrorNumber | None:
    """The error number in `e.args`, if the atom is the `args` of a caught exception."""
    match atom:
        case Member(Caught(resolving), "args"):
            return ErrorNumber(resolving)
        case _:
            return None


def _with_numbers(value: Value) -> Value:
    """The value, with `e.args` of a caught exception as a tuple of its error number."""
    if Member not in map(type, value):
        return value
    numbers = {atom: _error_number(atom) for atom in value}
    return frozenset(atom if one is None else Tuple((frozenset({one}),)) for atom, one in numbers.items())


def _is_about_errors(atom: Atom) -> bool:
    return type(atom) in _ABOUT_ERRORS or (
        isinstance(atom, Tuple) and len(atom.items) == 1 and any(type(one) in _ABOUT_ERRORS for one in atom.items[0])
    )


def summed(left: Value, right: Value) -> Value:
    """The sum of two strings: received bytes if these are added to bytes; empty for other values.

    If the operation always raises, the sum is the left side, so that it does not become unknown.
    """
    if types.always_fails(cst.Add(), left, right):
        return left
    return _received(left | right) or builtin_types.summed(left, right)


def _received(value: Value) -> Value:
    """The received data in a value, if each of its other atoms is constant bytes; else empty."""
    received = frozenset(atom for atom in value if isinstance(atom, Received))
    if not all(isinstance(constant(atom), bytes) for atom in value - received):
        return frozenset()
    return frozenset(Received(atom.method) for atom in received)


def _is_no_data(atom: Atom) -> bool:
    return isinstance(unconditional(atom), NoData)


def _part(base: Value, start: Value, end: Value) -> Value | None:
    """A slice of a tuple, whose items may be unknown; None if the bounds are."""
    match (*base, *start, *end):
        case Tuple(items), low, high:
            bounds = constant(low), constant(high)
            known = all(bound is None or isinstance(bound, int) for bound in bounds)
            return frozenset({Tuple(items[slice(*bounds)])}) if known else None
        case _:
            return None

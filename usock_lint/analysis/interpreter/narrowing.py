"""What a condition tells of the names in it, on the branch where it holds and on the one where it does not."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any, Final

import libcst as cst

from usock_lint.analysis.domain.keys import OPAQUE, Attr, Key
from usock_lint.analysis.domain.operations import FALSE, NO_CONSTANT, TRUE, UNKNOWN, combine, constant, is_true, truth
from usock_lint.analysis.domain.values import (
    Anything,
    Atom,
    Box,
    Builtin,
    File,
    On,
    Received,
    Socket,
    TlsSocket,
    Tuple,
    Value,
)
from usock_lint.analysis.interpreter.names import KEYWORDS
from usock_lint.analysis.interpreter.operators import COMPARE, Operators

_PLAIN: Final = (cst.Integer, cst.SimpleString, cst.Name, cst.UnaryOperation)
_NAMES: Final = (cst.Name, cst.Attribute)
_STREAM: Final = "a stream"
_OTHER: Final = "no builtin"


def narrow(point: Operators, test: cst.BaseExpression, holds: bool) -> None:
    """Drop the possibilities that the outcome of a condition excludes."""
    if (told := _TELLING.get(type(test))) is not None:
        told(point, test, holds)


def _inverted(point: Operators, test: cst.UnaryOperation, holds: bool) -> None:
    if type(test.operator) is cst.Not:
        narrow(point, test.expression, not holds)


def _combined(point: Operators, test: cst.BooleanOperation, holds: bool) -> None:
    if isinstance(test.operator, cst.And) is holds:
        narrow(point, test.left, holds)
        narrow(point, test.right, holds)


def _named(point: Operators, test: cst.Name | cst.Attribute, holds: bool) -> None:
    _keep(point, test, lambda atom: is_true(atom) is not (not holds))


def _walrus(point: Operators, test: cst.NamedExpr, holds: bool) -> None:
    _keep(point, test.target, lambda atom: is_true(atom) is not (not holds))


def _called(point: Operators, test: cst.Call, holds: bool) -> None:
    match test:
        case cst.Call(func=cst.Name(value="isinstance"), args=[subject, kind]):
            _typed(point, subject.value, kind.value, holds)
        case _:
            pass


@contextmanager
def assuming(point: Operators, test: cst.BaseExpression, holds: bool) -> Generator[None]:
    """Work where this condition holds, or does not, then go back to where either may be."""
    before = dict(point.scope.names)
    narrow(point, test, holds)
    names = point.scope.names
    narrowed = {name: value for name, value in names.items() if before.get(name) is not value}
    yield
    for name, value in narrowed.items():
        if names.get(name) is value:
            names[name] = before.get(name, value)


def _compared(point: Operators, test: cst.Comparison, holds: bool) -> None:
    subject, one = test.left, test.comparisons[0]
    fold = COMPARE.get(type(one.operator))
    if len(test.comparisons) > 1 or fold is None or type(subject) not in _NAMES or not _is_plain(one.comparator):
        return
    right = point.quiet(one.comparator)

    def may_hold(atom: Atom) -> bool:
        if isinstance(atom, Anything):
            return True
        true, false = truth(combine(frozenset({atom}), right, point.live, fold), point.live)
        return bool(true if holds else false)

    _keep(point, subject, may_hold)


def _is_plain(node: cst.BaseExpression) -> bool:
    """Whether evaluating it once more does nothing."""
    if type(node) is cst.Tuple:
        return all(type(one.value) in _PLAIN for one in node.elements)
    return type(node) in _PLAIN


def _typed(point: Operators, subject: cst.BaseExpression, kind: cst.BaseExpression, holds: bool) -> None:
    names = set(_type_names(point.value(kind)))
    if not names - {_OTHER} or "object" in names:
        return
    unknown = {None, _STREAM} if _OTHER in names else {None}
    _keep(point, subject, lambda atom: (type_of(atom) in names) is holds or type_of(atom) in unknown)
    if names == {"tuple"}:
        point.scope.names[OPAQUE] = FALSE if holds else TRUE


def _type_names(kinds: Value) -> Iterator[str]:
    """The builtin types that isinstance() is asked for, those in a tuple too, and whether there are others."""
    for atom in kinds:
        if isinstance(atom, Builtin):
            yield atom.name
        elif isinstance(atom, Tuple):
            for item in atom.items:
                yield from _type_names(item)
        else:
            yield _OTHER


def type_of(atom: Atom) -> str | None:
    """The name of the builtin type of an atom, that of no builtin for a stream, None where it is not known."""
    if isinstance(atom, On):
        return type_of(atom.atom)
    if isinstance(atom, Tuple):
        return "tuple" if atom.made is None else "list"
    if isinstance(atom, Received):
        return "bytes"
    if isinstance(atom, Box):
        return atom.kind
    if isinstance(atom, Socket | File | TlsSocket):
        return _STREAM
    found = constant(atom)
    return None if found is NO_CONSTANT else type(found).__name__


def _keep(point: Operators, node: cst.BaseExpression, test: Callable[[Atom], bool]) -> None:
    match node:
        case cst.Name(value=name) if name not in KEYWORDS:
            key: Key = name
        case cst.Attribute(value=cst.Name(value=holder), attr=cst.Name(value=attribute)):
            key = Attr(holder, attribute)
            point.holders.add(holder)
        case _:
            return
    value: Value = point.quiet(node)
    if value and value is not UNKNOWN:
        # Bound on either branch even where nothing is dropped, so that both are joined where the branches meet.
        point.scope.names[key] = frozenset(filter(test, value)) or value


_TELLING: Final[dict[type[cst.CSTNode], Callable[[Operators, Any, bool], None]]] = {
    cst.UnaryOperation: _inverted,
    cst.BooleanOperation: _combined,
    cst.Name: _named,
    cst.Attribute: _named,
    cst.NamedExpr: _walrus,
    cst.Comparison: _compared,
    cst.Call: _called,
}

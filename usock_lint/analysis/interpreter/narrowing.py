"""What a condition tells of the names in it, on the branch where it holds and on the one where it does not."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any, Final

import libcst as cst

from usock_lint.analysis.domain.keys import OPAQUE, Attr, Key
from usock_lint.analysis.domain.operations import (
    COMPARE,
    FALSE,
    NO_CONSTANT,
    TRUE,
    UNKNOWN,
    combine,
    constant,
    is_true,
    truth,
)
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
from usock_lint.analysis.interpreter.core import Interpreter
from usock_lint.analysis.interpreter.names import KEYWORDS

_PLAIN: Final = (cst.Integer, cst.SimpleString, cst.Name, cst.UnaryOperation)
_NAMES: Final = (cst.Name, cst.Attribute)
_STREAM: Final = "a stream"
_OTHER: Final = "no builtin"


def narrow(interp: Interpreter, test: cst.BaseExpression, holds: bool) -> None:
    """Drop the possibilities that the outcome of a condition excludes."""
    if (told := _TELLING.get(type(test))) is not None:
        told(interp, test, holds)


def _inverted(interp: Interpreter, test: cst.UnaryOperation, holds: bool) -> None:
    if type(test.operator) is cst.Not:
        narrow(interp, test.expression, not holds)


def _combined(interp: Interpreter, test: cst.BooleanOperation, holds: bool) -> None:
    if isinstance(test.operator, cst.And) is holds:
        narrow(interp, test.left, holds)
        narrow(interp, test.right, holds)


def _named(interp: Interpreter, test: cst.Name | cst.Attribute, holds: bool) -> None:
    _keep(interp, test, lambda atom: is_true(atom) is not (not holds))


def _walrus(interp: Interpreter, test: cst.NamedExpr, holds: bool) -> None:
    _keep(interp, test.target, lambda atom: is_true(atom) is not (not holds))


def _called(interp: Interpreter, test: cst.Call, holds: bool) -> None:
    match test:
        case cst.Call(func=cst.Name(value="isinstance"), args=[subject, kind]):
            _typed(interp, subject.value, kind.value, holds)
        case _:
            pass


@contextmanager
def assuming(interp: Interpreter, test: cst.BaseExpression, holds: bool) -> Generator[None]:
    """Work where this condition holds, or does not, then go back to where either may be."""
    before = dict(interp.state.scope.names)
    narrow(interp, test, holds)
    names = interp.state.scope.names
    narrowed = {name: value for name, value in names.items() if before.get(name) is not value}
    yield
    for name, value in narrowed.items():
        if names.get(name) is value:
            names[name] = before.get(name, value)


def _compared(interp: Interpreter, test: cst.Comparison, holds: bool) -> None:
    subject, one = test.left, test.comparisons[0]
    fold = COMPARE.get(type(one.operator))
    if len(test.comparisons) > 1 or fold is None or type(subject) not in _NAMES or not _is_plain(one.comparator):
        return
    right = interp.quiet(one.comparator)

    def may_hold(atom: Atom) -> bool:
        if isinstance(atom, Anything):
            return True
        true, false = truth(combine(frozenset({atom}), right, interp.state.live, fold), interp.state.live)
        return bool(true if holds else false)

    _keep(interp, subject, may_hold)


def _is_plain(node: cst.BaseExpression) -> bool:
    """Whether evaluating it once more does nothing."""
    if type(node) is cst.Tuple:
        return all(type(one.value) in _PLAIN for one in node.elements)
    return type(node) in _PLAIN


def _typed(interp: Interpreter, subject: cst.BaseExpression, kind: cst.BaseExpression, holds: bool) -> None:
    names = set(_type_names(interp.value(kind)))
    if not names - {_OTHER} or "object" in names:
        return
    unknown = {None, _STREAM} if _OTHER in names else {None}
    _keep(interp, subject, lambda atom: (type_of(atom) in names) is holds or type_of(atom) in unknown)
    if names == {"tuple"}:
        interp.state.scope.names[OPAQUE] = FALSE if holds else TRUE


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


def _keep(interp: Interpreter, node: cst.BaseExpression, test: Callable[[Atom], bool]) -> None:
    match node:
        case cst.Name(value=name) if name not in KEYWORDS:
            key: Key = name
        case cst.Attribute(value=cst.Name(value=holder), attr=cst.Name(value=attribute)):
            key = Attr(holder, attribute)
            interp.env.holders.add(holder)
        case _:
            return
    value: Value = interp.quiet(node)
    if value and value is not UNKNOWN:
        # Bound on either branch even where nothing is dropped, so that both are joined where the branches meet.
        interp.state.scope.names[key] = frozenset(filter(test, value)) or value


_TELLING: Final[dict[type[cst.CSTNode], Callable[[Interpreter, Any, bool], None]]] = {
    cst.UnaryOperation: _inverted,
    cst.BooleanOperation: _combined,
    cst.Name: _named,
    cst.Attribute: _named,
    cst.NamedExpr: _walrus,
    cst.Comparison: _compared,
    cst.Call: _called,
}

"""Type annotations: a source of values for names, used only if the interpreter knows nothing better."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import libcst as cst

from usock_lint.analysis.domain import device
from usock_lint.analysis.domain.environment import Names, Scope
from usock_lint.analysis.domain.operations import NONE, UNKNOWN, evaluated, join
from usock_lint.analysis.domain.values import (
    READER,
    WRITER,
    Anything,
    Builtin,
    Class,
    Const,
    Instance,
    Items,
    Member,
    Module,
    OfType,
    Socket,
    TlsSocket,
    Tuple,
    Value,
)
from usock_lint.syntax.nodes import dotted

_COMPOSED: Final = (cst.Subscript, cst.BinaryOperation)


class Typing:
    """The names that annotations use beside those of the scope.

    `names` are bound under `if TYPE_CHECKING:`, `aliases` are names of types, each with a value of this type.
    """

    def __init__(self) -> None:
        self.names: Names = {}
        self.aliases: Names = {}

    def alias(self, scope: Scope, name: str, node: cst.BaseExpression) -> None:
        """Record a name as an alias of a type, if the expression assigned to it can only be a type."""
        if type(node) in _COMPOSED and _is_type(node) and (meaning := meant(scope, self, node)) != UNKNOWN:
            self.aliases[name] = meaning


_WRAPPING: Final = frozenset("Annotated ClassVar Final Required".split())
"""Generic types whose values are those of their first argument."""

_LONGEST: Final = 500
"""The most characters of a quoted annotation: the parser recurses, and deep brackets overflow the C stack."""

_MANY: Final = frozenset(
    (
        "Collection Deque FrozenSet Generator Iterable Iterator List MutableSequence Sequence Set deque frozenset list "
        "set"
    ).split()
)
"""Generic types whose values have any number of items, each of the first argument."""

_TEXTS: Final = frozenset({"bytes", "str"})
"""Builtin types that are followed: they lack methods on boards."""

_GENERIC: Final = _WRAPPING | _MANY | {"Optional", "Tuple", "Union", "tuple"}


def meant(scope: Scope, typing: Typing, node: cst.BaseExpression) -> Value:
    """A value of this type; unknown if a part of the type is not one that the analysis tracks."""
    match node:
        case cst.Name(value=name) if name in typing.aliases:
            return typing.aliases[name]
        case cst.Name(value="None"):
            return NONE
        case cst.Name() | cst.Attribute():
            return join(*(_instance(atom) for atom in _looked_up(scope, typing, node))) or UNKNOWN
        case cst.SimpleString():
            inner = _parsed(node)
            return UNKNOWN if inner is None else meant(scope, typing, inner)
        case cst.BinaryOperation(left=left, right=right, operator=cst.BitOr()):
            return _union(meant(scope, typing, left), meant(scope, typing, right))
        case cst.Subscript(value=cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)), slice=parts):
            inside = [one.slice.value for one in parts if isinstance(one.slice, cst.Index)]
            return _generic(name, [meant(scope, typing, one) for one in inside], inside)
        case _:
            return UNKNOWN


def refined(value: Value, declared: Value, *, none: bool = False) -> Value:
    """The value with its unknown part replaced by the declared type.

    With `none` a value that is only None is extended too: other code sets the name later.
    """
    if declared == UNKNOWN:
        return value
    known = frozenset(atom for atom in value if not isinstance(atom, Anything))
    # The value had an unknown part, which the declared type replaces.
    if known != value:
        return join(known, declared)
    return join(known, declared) if none and known <= NONE else value


def imported(suite: cst.BaseSuite) -> Iterator[tuple[str, Value]]:
    """The names that the imports in a suite would bind."""
    statements = (one for line in suite.body if isinstance(line, cst.SimpleStatementLine) for one in line.body)
    for statement in statements:
        if isinstance(statement, cst.Import):
            for alias in statement.names:
                name = dotted(alias.name)
                # `import a.b` binds `a`, `import a.b as c` binds `a.b`.
                bound, module = (alias.evaluated_alias, name) if alias.asname else (name.partition(".")[0],) * 2
                yield str(bound), frozenset({Module(device.module_name(module))})
        # `from .socket import socket` is a class of the project, whatever module has the same name.
        elif (
            isinstance(statement, cst.ImportFrom)
            and not statement.relative
            and not isinstance(statement.names, cst.ImportStar)
        ):
            module = dotted(statement.module) if statement.module is not None else ""
            for alias in statement.names:
                found = Member(Module(device.module_name(module)), dotted(alias.name))
                yield alias.evaluated_alias or alias.evaluated_name, frozenset({found})


def _looked_up(scope: Scope, typing: Typing, node: cst.BaseExpression) -> Value:
    """The value of a name or a dotted name in an annotation."""
    match node:
        case cst.Name(value=name):
            found = scope.lookup(name)
            if found is not None:
                return found
            # Names under `if TYPE_CHECKING:` are bound in no scope, so those of the scope come first.
            return typing.names.get(name, frozenset({Builtin(name)}) if name in _TEXTS else UNKNOWN)
        case cst.Attribute(value=owner, attr=cst.Name(value=name)):
            return frozenset(
                Member(atom, name) for atom in _looked_up(scope, typing, owner) if isinstance(atom, Module)
            )
        case _:
            return UNKNOWN


def _is_type(node: cst.BaseExpression) -> bool:
    """True if this is an expression of types, as far as its form tells: `Tuple[str, int]`, `socket.socket | None`."""
    match node:
        case cst.Subscript(value=cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name))):
            return name in _GENERIC
        case cst.BinaryOperation(operator=cst.BitOr(), right=cst.Name(value="None")):
            return True
        case _:
            return False


def _instance(atom: object) -> Value:
    """An object of the type that an atom is; empty for None, unknown for other types."""
    match atom:
        case Member(Module("socket"), "socket" | "SocketType"):
            return frozenset({Socket(None, None)})
        case Member(Module("ssl" | "tls"), "SSLSocket"):
            return frozenset({TlsSocket()})
        case Member(Module("asyncio"), "StreamReader"):
            return frozenset({READER})
        case Member(Module("asyncio"), "StreamWriter"):
            return frozenset({WRITER})
        case Builtin(name):
            return frozenset({OfType(name)})
        case Class(node):
            return frozenset({Instance(node)})
        # `try: from m import T` with `T = None` in the handler: the None is not a type, the other possibility is.
        case Const(None):
            return frozenset()
        case _:
            return UNKNOWN


def _union(*values: Value) -> Value:
    found = join(*values)
    # `socket.socket | Other`: the name may be an Other, which is not tracked, so the value is unknown. So it is for
    # `socket.socket | str`: a function tells them apart in ways that are not followed.
    kinds = {type(atom) for atom in found - NONE}
    return UNKNOWN if Anything in kinds or (OfType in kinds and len(kinds) > 1) else found


def _generic(name: str, meanings: list[Value], nodes: list[cst.BaseExpression]) -> Value:
    """A value of a generic type, from the meanings of its arguments and their nodes."""
    if not meanings:
        return UNKNOWN
    if name == "Optional":
        return _union(meanings[0], NONE)
    if name == "Union":
        return _union(*meanings)
    if name in _WRAPPING:
        return meanings[0]
    # `tuple[X, ...]` has any number of items, as a list has.
    if name in _MANY or (name in ("tuple", "Tuple") and isinstance(nodes[-1], cst.Ellipsis)):
        return UNKNOWN if meanings[0] == UNKNOWN else frozenset({Items(meanings[0])})
    return frozenset({Tuple(tuple(meanings))}) if name in ("tuple", "Tuple") else UNKNOWN


def _parsed(node: cst.SimpleString) -> cst.BaseExpression | None:
    text = evaluated(node.value)
    try:
        return cst.parse_expression(text) if isinstance(text, str) and len(text) <= _LONGEST else None
    except Exception:  # the text may be anything, and so may the parser's error
        return None

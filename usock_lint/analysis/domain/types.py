"""The builtin types of values, and which operations a str or bytes refuses.

An operation that raises for one atom of a value rules this atom out in the code that follows.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Sequence
from typing import Final

import libcst as cst

from usock_lint.analysis.domain.operations import NO_CONSTANT, UNKNOWN, constant, unconditional
from usock_lint.analysis.domain.values import (
    STDIN,
    Anything,
    Atom,
    Box,
    Builtin,
    Class,
    File,
    Function,
    Instance,
    Items,
    Lambda,
    Member,
    Module,
    OfType,
    On,
    Partial,
    Received,
    Socket,
    TlsSocket,
    Tuple,
    Value,
)
from usock_lint.ports import is_known, strings, world

_OF_FILES: Final = frozenset("close fileno read readinto readline write".split())

STREAM: Final = "a stream"
"""The type that sockets, their files and TLS sockets have here. It is the name of no builtin type."""

_ORDERED: Final = (cst.LessThan, cst.LessThanEqual, cst.GreaterThan, cst.GreaterThanEqual)

_ON_BOARDS: Final = {"os.stat_result": "tuple", "time.struct_time": "tuple"}
"""The types of objects that have a class of their own on CPython (extmod/vfs_fat.c:322@v1.28.0,
extmod/modtime.c:75@v1.28.0)."""

# Frequent atoms for which `type_of` returns None.
_WITHOUT_TYPE: Final = frozenset({Anything, Class, Function, Instance, Member, Module})


def type_of(atom: Atom) -> str | None:
    """The name of the builtin type of an atom; `STREAM` for sockets and the like, None if the type is unknown."""
    if type(atom) in _WITHOUT_TYPE:
        return None
    match atom:
        case On(_, inner):
            return type_of(inner)
        case Tuple(_, made):
            return "tuple" if made is None else "list"
        case Received():
            return "bytes"
        case OfType(name):
            return name
        case Items(_, name):
            return name
        case Box(node, kind):
            return _type_of_box(node, kind)
        case Socket() | File() | TlsSocket():
            return STREAM
        case _:
            found = constant(atom)
            return None if found is NO_CONSTANT else type(found).__name__


def _type_of_box(node: cst.CSTNode, kind: str) -> str:
    match node:
        case cst.GeneratorExp() | cst.FunctionDef():
            return "generator"
        case cst.SetComp():
            return "set"
        case _:
            return "collections.deque" if kind == "deque" else kind


def is_builtin(name: str) -> bool:
    """True if this is a builtin type."""
    return isinstance(getattr(builtins, name, None), type)


def triple(part: Value) -> Tuple:
    """The result of `partition`: a tuple of three such parts."""
    return Tuple((part, part, part))


def class_of(atom: Atom) -> Value:
    """The result of `type()`."""
    if isinstance(atom, Instance):
        return frozenset({Class(atom.node)})
    name = type_of(atom) or ""
    name = _ON_BOARDS.get(name, name)
    return frozenset({Builtin(name)}) if is_builtin(name) else UNKNOWN


def is_callable(atom: Atom) -> bool | None:
    """The result of `callable()`, None if it is not known."""
    match atom:
        case On(_, inner):
            return is_callable(inner)
        case Function() | Lambda() | Partial() | Class() | Builtin():
            return True
        case Member(owner) if string_kind(owner) is not None:
            return True
        case Member(Module(module), name) if world.kind(module, name) in ("function", "class"):
            return True
        case _:
            return None if type_of(atom) is None else False


def is_one_of(name: str, kinds: Iterable[str]) -> bool:
    """True if a type is one of some builtin types, or derives from one. Unlike CPython's, bool derives from no int."""
    name = _ON_BOARDS.get(name, name)
    bases = object.__mro__ if name == "bool" else getattr(builtins, name, object).__mro__
    return name in kinds or any(base.__name__ in kinds for base in bases)


def string_kind(atom: Atom) -> strings.Kind | None:
    """The type of an atom if it is bytes or str, else None."""
    match type_of(atom):
        case "bytes":
            return "bytes"
        case "str":
            return "str"
        case _:
            return None


def has_method(atom: Atom, name: str) -> bool | None:
    """True if bytes or str has an attribute; None if only some builds do, or the atom is neither type."""
    kind = string_kind(atom)
    return None if kind is None else strings.has(kind, name)


def lacks(atom: Atom, name: str) -> bool:
    """True if the atom is bytes or str without this attribute, or standard input and only sockets have it."""
    if atom == STDIN:
        return is_known(name, "socket") and name not in _OF_FILES
    return has_method(atom, name) is False


def takes(atom: Atom, name: str, arguments: Sequence[Value]) -> bool:
    """True if a method of this atom may accept these arguments."""
    kind = string_kind(atom)
    # `b"a b".split(" ")` is a TypeError: these methods of bytes and str take only arguments of their own type.
    if kind is None or name not in strings.TAKING_ITS_OWN:
        return True
    return not any(_are_of_the_other_kind(argument, kind) for argument in arguments)


def is_refused(atom: Atom, arguments: Sequence[Value]) -> bool:
    """True if this is a method that raises TypeError for these arguments."""
    method = unconditional(atom)
    return isinstance(method, Member) and not takes(method.owner, method.name, arguments)


def fails(operator: cst.CSTNode, left: Atom, right: Atom) -> bool:
    """True if an operation on bytes and str raises TypeError; bytes + str does not, nor does a search for str."""
    kinds = (string_kind(left), string_kind(right))
    match operator:
        # "a" + b"b" raises, while b"a" + "b" is b"ab". Equality never raises, and `<` does in both orders.
        case cst.Add() | cst.AddAssign():
            return kinds == ("str", "bytes")
        case cst.In() | cst.NotIn():
            return kinds == ("bytes", "str")
        case _:
            return isinstance(operator, _ORDERED) and set(kinds) == {"bytes", "str"}


def always_fails(operator: cst.CSTNode, left: Value, right: Value) -> bool:
    """True if an operation raises TypeError for all possible operands."""
    return bool(left) and bool(right) and all(fails(operator, one, other) for one in left for other in right)


def are_strings(value: Value) -> bool:
    """True if each possibility of a value is a str."""
    return bool(value) and all(string_kind(atom) == "str" for atom in value)


def _are_of_the_other_kind(value: Value, kind: strings.Kind) -> bool:
    kinds = {string_kind(atom) for atom in value}
    return len(kinds) == 1 and not kinds & {kind, None}

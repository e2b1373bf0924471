"""The function that binds a name, and the names that other code of the file may assign while a loop runs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Final

import libcst as cst

from usock_lint.analysis import references
from usock_lint.analysis.end_of_stream.values import Key
from usock_lint.syntax.nodes import BINDING, called_name, kept_per_node, of_type

_SCOPES: Final = frozenset({cst.FunctionDef, cst.ClassDef, cst.Lambda})

_BINDING: Final = (*BINDING, cst.ImportAlias)


_CHANGING: Final = frozenset("add append clear discard extend insert pop popleft remove update".split())
"""Methods that change a container."""


class Scopes:
    """The functions of a file: the names that each binds, and the outer names and attributes that each assigns.

    `properties` has the names of decorated functions: as attributes they may be computed at each look-up.
    """

    def __init__(self, module: cst.Module) -> None:
        self._module = module
        self._outer: dict[cst.FunctionDef, cst.FunctionDef | None] = {}
        self._own: dict[cst.FunctionDef, frozenset[str]] = {}
        self.properties: set[str] = set()
        self._texts: dict[str, set[str]] = {}
        for statement in module.body:
            for function, outer in _functions(statement).items():
                self._outer[function] = outer
                if references.is_decorated(function):
                    self.properties.add(function.name.value)
            for name, kind in _texts(statement):
                self._texts.setdefault(name, set()).add(kind)

    def is_text(self, key: Key) -> bool:
        """True if every literal assigned to a name or an attribute is a str."""
        return self._texts.get(key[1]) == {"str"}

    def key(self, function: cst.FunctionDef | None, name: str) -> Key:
        """The key of a plain name in a function."""
        while function is not None and name not in self._bound(function):
            function = self._outer.get(function)
        return (function, name)

    def _bound(self, function: cst.FunctionDef) -> frozenset[str]:
        if function not in self._own:
            self._own[function] = _own_names(function)
        return self._own[function]

    def changes_meanwhile(self, key: Key, function: cst.FunctionDef | None) -> bool:
        """True if code that may run while a loop of this function does assigns a name or an attribute."""
        holder, name = key
        kind = "attributes" if isinstance(holder, tuple) else "names"
        # A loop of the main program is interrupted only by interrupts and threads, whose functions were given away
        # (`Timer(callback=tick)`). During a loop of such a function, or of a coroutine, any other function may run.
        if function is None or (function.asynchronous is None and function.name.value not in self._given_away):
            return name in self._storing_any_time[kind]
        return any(other is not function for other in self._storing[kind].get(name, ()))

    @cached_property
    def _given_away(self) -> set[str]:
        """The names of functions that may run at any time, as interrupts or threads, and of those that they call."""
        by_name: dict[str, list[cst.FunctionDef]] = {}
        for function in self._outer:
            by_name.setdefault(function.name.value, []).append(function)
        pending = [name for name in references.referred(self._module) if name in by_name]
        seen = set[str]()
        while pending:
            name = pending.pop()
            if name not in seen:
                seen.add(name)
                # The functions that it calls run at any time as well.
                pending += [called for one in by_name.get(name, ()) for called in _called(one)]
        return seen

    @cached_property
    def _storing(self) -> dict[str, dict[str, list[cst.FunctionDef]]]:
        """For the outer "names" and the "attributes" of each name, the functions that assign it.

        `__init__` is not one of them: it sets the attributes of a new object, not those that the loop looks at.
        """
        found: dict[str, dict[str, list[cst.FunctionDef]]] = {"names": {}, "attributes": {}}
        for function in self._outer:
            if function.name.value != "__init__":
                for stored, names in _assigned(function).items():
                    for name in names:
                        found[stored].setdefault(name, []).append(function)
        return found

    @cached_property
    def _storing_any_time(self) -> dict[str, set[str]]:
        """The outer "names" and the "attributes" that functions assign which may run at any time."""
        found: dict[str, set[str]] = {"names": set(), "attributes": set()}
        for function in self._outer:
            if function.name.value in self._given_away:
                for stored, names in _assigned(function).items():
                    found[stored] |= names
        return found


@kept_per_node
def _functions(statement: cst.CSTNode) -> dict[cst.FunctionDef, cst.FunctionDef | None]:
    """The functions in a statement of the module, each with the one around it."""
    found: dict[cst.FunctionDef, cst.FunctionDef | None] = {}
    for function in of_type(statement, cst.FunctionDef):
        found.setdefault(function, None)
        for inner in of_type(function.body, cst.FunctionDef):
            found[inner] = function  # an inner function comes later in the loop, and replaces this for those in it
    return found


@kept_per_node
def _texts(statement: cst.CSTNode) -> list[tuple[str, str]]:
    """The names and attributes that a statement of the module assigns a str or bytes, with which of them it is."""
    found: list[tuple[str, str]] = []
    for one in of_type(statement, cst.Assign):
        match one:
            case cst.Assign(
                targets=[cst.AssignTarget(target=cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)))],
                value=cst.SimpleString(prefix=prefix),
            ):
                found.append((name, "bytes" if "b" in prefix.lower() else "str"))
            case _:
                continue
    return found


@kept_per_node
def _own_names(function: cst.FunctionDef) -> frozenset[str]:
    """The names that a function binds."""
    found, outside = set[str](), set[str]()
    params = function.params
    for one in (*params.posonly_params, *params.params, *params.kwonly_params, params.star_arg, params.star_kwarg):
        if isinstance(one, cst.Param):
            found.add(one.name.value)
    for one in of_type(function.body, cst.Global, cst.Nonlocal, closed=_SCOPES):
        outside.update(item.name.value for item in one.names)
    for one in of_type(function.body, *_BINDING, closed=_SCOPES):
        found.update(_bound_by(one))
    # `global x`: what the function assigns to x is the module's.
    return frozenset(found - outside)


@kept_per_node
def _assigned(function: cst.FunctionDef) -> dict[str, set[str]]:
    """The outer "names" and the "attributes" that a function assigns; all names that it declares count.

    What changes a container that one of them holds counts as well: `state[0] = False`, `lines.append(line)`.
    """
    names, attributes = set[str](), set[str]()
    for one in of_type(function.body, cst.Global, cst.Nonlocal, closed=_SCOPES):
        names.update(item.name.value for item in one.names)
    for one in of_type(function.body, *BINDING, closed=_SCOPES):
        attributes.update(target.attr.value for target in _targets(one) if isinstance(target, cst.Attribute))
    own = _own_names(function)
    for holder in _changed(function):
        if isinstance(holder, cst.Attribute):
            attributes.add(holder.attr.value)
        elif isinstance(holder, cst.Name) and holder.value not in own:
            names.add(holder.value)
    return {"names": names, "attributes": attributes}


def _changed(function: cst.FunctionDef) -> Iterator[cst.BaseExpression]:
    """The expressions for the containers that a function changes."""
    for one in of_type(function.body, *BINDING, closed=_SCOPES):
        yield from (target.value for target in _targets(one) if isinstance(target, cst.Subscript))
    for one in of_type(function.body, cst.Call, closed=_SCOPES):
        if isinstance(one.func, cst.Attribute) and one.func.attr.value in _CHANGING:
            yield one.func.value


@kept_per_node
def _called(function: cst.FunctionDef) -> list[str]:
    """The names of the functions and methods that a function calls."""
    calls = of_type(function.body, cst.Call, closed=_SCOPES)
    return [name for one in calls if (name := called_name(one)) is not None]


def _bound_by(node: cst.CSTNode) -> Iterator[str]:
    """The plain names that a node binds."""
    match node:
        case (
            cst.FunctionDef(name=name) | cst.ClassDef(name=name) | cst.ImportAlias(name=cst.Name() as name, asname=None)
        ):
            yield name.value
        case _:
            yield from (target.value for target in _targets(node) if isinstance(target, cst.Name))


def _targets(node: cst.CSTNode) -> Iterator[cst.BaseExpression]:
    """The names, attributes and items that a node assigns: `a`, `b.c` and `d[0]` of `a, (b.c, *d[0]) = ...`."""
    match node:
        case (
            cst.AssignTarget(target=target)
            | cst.AnnAssign(target=target)
            | cst.AugAssign(target=target)
            | cst.For(target=target)
            | cst.NamedExpr(target=target)
            | cst.AsName(name=target)
        ):
            yield from _single_targets(target)
        case _:
            return


def _single_targets(target: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    if isinstance(target, (cst.Tuple, cst.List)):
        for element in target.elements:
            yield from _single_targets(element.value)
    else:
        yield target

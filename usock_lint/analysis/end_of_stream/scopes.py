"""Which function binds a name, and what other code of the file may assign while a loop runs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import libcst as cst

from usock_lint.analysis import references
from usock_lint.analysis.end_of_stream.values import Key
from usock_lint.syntax.nodes import parts


class Scopes:
    """The functions of a file."""

    def __init__(self, module: cst.Module) -> None:
        self._module = module
        self._outer: dict[cst.FunctionDef, cst.FunctionDef | None] = {}
        self._own: dict[cst.FunctionDef, frozenset[str]] = {}
        self.properties: set[str] = set()
        self._texts: dict[str, set[str]] = {}
        self._enter(module, None)

    def _enter(self, node: cst.CSTNode, function: cst.FunctionDef | None) -> None:
        for one in parts(node):
            if isinstance(one, cst.FunctionDef):
                self._outer[one] = function
                if references.is_decorated(one):
                    self.properties.add(one.name.value)
                self._enter(one, one)
            else:
                self._note_text(one)
                self._enter(one, function)

    def _note_text(self, node: cst.CSTNode) -> None:
        match node:
            case cst.Assign(
                targets=[cst.AssignTarget(target=cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)))],
                value=cst.SimpleString(prefix=prefix),
            ):
                self._texts.setdefault(name, set()).add("bytes" if "b" in prefix.lower() else "str")
            case _:
                return

    def is_text(self, key: Key) -> bool:
        """Whether a name or an attribute is given strs and no bytes, as far as literals tell."""
        return self._texts.get(key[1]) == {"str"}

    def key(self, function: cst.FunctionDef | None, name: str) -> Key:
        """The key of a plain name in a function."""
        while function is not None and name not in self._bound(function):
            function = self._outer.get(function)
        return (function, name)

    def _bound(self, function: cst.FunctionDef) -> frozenset[str]:
        if function not in self._own:
            found, outside = set[str](), set[str]()
            params = function.params
            for one in (
                *params.posonly_params,
                *params.params,
                *params.kwonly_params,
                params.star_arg,
                params.star_kwarg,
            ):
                if isinstance(one, cst.Param):
                    found.add(one.name.value)
            for one in in_scope(function.body):
                if isinstance(one, cst.Global | cst.Nonlocal):
                    outside.update(item.name.value for item in one.names)
                found.update(_bound_by(one))
            self._own[function] = frozenset(found - outside)
        return self._own[function]

    def changes_meanwhile(self, key: Key) -> bool:
        """Whether code that may run at any time assigns a name or an attribute."""
        holder, name = key
        if isinstance(holder, tuple):
            return name in self._meanwhile[1]
        return name in self._meanwhile[0]

    @cached_property
    def _meanwhile(self) -> tuple[frozenset[str], frozenset[str]]:
        """The outer names and the attributes that functions assign which are given away, or whom these call."""
        by_name: dict[str, list[cst.FunctionDef]] = {}
        for function in self._outer:
            by_name.setdefault(function.name.value, []).append(function)
        pending = [name for name in references.referred(self._module) if name in by_name]
        seen, names, attributes = set[str](), set[str](), set[str]()
        while pending:
            name = pending.pop()
            if name in seen:
                continue
            seen.add(name)
            for function in by_name.get(name, ()):
                for one in in_scope(function.body):
                    match one:
                        case cst.Global(names=items) | cst.Nonlocal(names=items):
                            names.update(item.name.value for item in items)
                        case cst.AssignTarget(target=cst.Attribute(attr=cst.Name(value=attr))):
                            attributes.add(attr)
                        case cst.AugAssign(target=cst.Attribute(attr=cst.Name(value=attr))):
                            attributes.add(attr)
                        case cst.Call(func=cst.Name(value=called) | cst.Attribute(attr=cst.Name(value=called))):
                            pending.append(called)
                        case _:
                            continue
        return frozenset(names), frozenset(attributes)


def in_scope(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A node and what is below it, but not what has a scope of its own."""
    yield node
    if not isinstance(node, cst.FunctionDef | cst.ClassDef | cst.Lambda):
        for child in parts(node):
            yield from in_scope(child)


def _bound_by(node: cst.CSTNode) -> Iterator[str]:
    match node:
        case cst.AssignTarget(target=target) | cst.AnnAssign(target=target) | cst.AugAssign(target=target):
            yield from _names(target)
        case cst.For(target=target) | cst.NamedExpr(target=target) | cst.AsName(name=target):
            yield from _names(target)
        case (
            cst.FunctionDef(name=name) | cst.ClassDef(name=name) | cst.ImportAlias(name=cst.Name() as name, asname=None)
        ):
            yield name.value
        case _:
            return


def _names(target: cst.BaseExpression) -> Iterator[str]:
    if isinstance(target, cst.Name):
        yield target.value
    elif isinstance(target, cst.Tuple | cst.List):
        for element in target.elements:
            yield from _names(element.value)
    elif isinstance(target, cst.StarredElement):
        yield from _names(target.value)

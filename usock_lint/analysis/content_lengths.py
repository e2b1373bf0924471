"""Lengths of a str that are sent as Content-Length: the number of characters instead of that of bytes.

Few files have such a header, so the possible values of the str are only searched for on demand: in the assignments of
the same body or the module, and in the results of functions of the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import libcst as cst

from usock_lint.analysis.domain.values import Cells
from usock_lint.analysis.uses import Site, StrLength
from usock_lint.syntax.nodes import Parents, function_around, of_type, parents, statements_around, within

_HEADER: Final = "content-length"
_HEADERS: Final = (cst.Arg, cst.SimpleString, cst.FormattedStringText)
_KEYWORD: Final = "content_length"
# Methods of str whose result has the characters of the object or of the arguments.
_SAME: Final = frozenset("format join lower lstrip replace rstrip strip upper".split())
# The depth of expressions, names and calls that is searched for the text.
_DEPTH: Final = 8


def content_lengths(module: cst.Module, universe: Cells) -> Iterator[StrLength]:
    """The calls of `len` whose result becomes a Content-Length but counts characters that may be beyond ASCII."""
    headers = [node for node in of_type(module, *_HEADERS) if _is_header(node)]
    if not headers:
        return
    around = parents(module)
    search = _Search(module, around)
    for header in headers:
        for call in _lengths(header, around, search):
            if search.is_wide(call.args[0].value, call):
                yield StrLength(
                    Site(universe, module, statements_around(call, around), (), micropython_only=False), call
                )


def _is_header(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.Arg):
        return node.keyword is not None and node.keyword.value == _KEYWORD
    return isinstance(node, (cst.SimpleString, cst.FormattedStringText)) and _HEADER in node.value.lower()


def _lengths(node: cst.CSTNode, around: Parents, search: _Search) -> Iterator[cst.Call]:
    """The call of `len` whose result is the value of the header that this node names."""
    place = node.value if isinstance(node, cst.Arg) else _statement(node, around)
    found = {id(one): one for one in _calls_of_len(place, search)}
    # Two calls of `len` where the header is made: which of them is its value is not known.
    if len(found) == 1:
        yield from found.values()


def _calls_of_len(node: cst.CSTNode, search: _Search) -> Iterator[cst.Call]:
    """The calls of `len` in a node, also those whose results were bound to names before."""
    for one in within(node):
        match one:
            case cst.Call(func=cst.Name(value="len"), args=[_]):
                yield one
            case cst.Name():
                for value in search.assigned(one):
                    match value:
                        # `str(len(body))` was bound to the name: the length is inside.
                        case cst.Call(func=cst.Name(value="str"), args=[cst.Arg(value=cst.Call() as inner)]):
                            value = inner
                        case _:
                            pass
                    match value:
                        case cst.Call(func=cst.Name(value="len"), args=[_]):
                            yield value
                        case _:
                            continue
            case _:
                continue


def _statement(node: cst.CSTNode, around: Parents) -> cst.CSTNode:
    """The simple statement around a node; the node itself where it is part of a condition."""
    above: cst.CSTNode | None = node
    while above is not None and not isinstance(above, (cst.BaseSmallStatement, cst.BaseCompoundStatement)):
        above = around.get(above)
    return above if isinstance(above, cst.BaseSmallStatement) else node


class _Search:
    """Finds the possible sources of expressions in a module."""

    def __init__(self, module: cst.Module, around: Parents) -> None:
        self._module, self._around = module, around
        self._functions = {one.name.value: one for one in of_type(module, cst.FunctionDef)}
        self._order = {node: place for place, node in enumerate(within(module))}
        # By body and name: the place of each binding in source order, the value, and if it is added to the old one.
        self._bindings: dict[tuple[cst.CSTNode, str], list[tuple[int, cst.BaseExpression, bool]]] = {}
        for node in of_type(module, cst.Assign, cst.AugAssign, cst.WithItem):
            if (binding := _binding(node)) is not None:
                name, value, is_added = binding
                key, place = (self._body(node), name), self._order[node]
                self._bindings.setdefault(key, []).append((place, value, is_added))

    def is_wide(self, node: cst.CSTNode, at: cst.CSTNode, depth: int = _DEPTH) -> bool:
        """True if an expression is a str that has text beyond ASCII, or unknown text, which may have some.

        `at` is where it is evaluated: bindings of its names above that place count.
        """
        if depth == 0:
            return False
        match node:
            case cst.SimpleString():
                return "b" not in node.prefix.lower() and not node.value.isascii()
            case cst.FormattedStringText(value=text):
                return not text.isascii()
            case cst.Call(func=function):
                return self._is_wide_call(node, function, at, depth - 1)
            case cst.Name():
                return any(self.is_wide(one, one, depth - 1) for one in self.assigned(node, at))
            case cst.BinaryOperation(left=left, right=right) | cst.ConcatenatedString(left=left, right=right):
                return self.is_wide(left, at, depth - 1) or self.is_wide(right, at, depth - 1)
            case cst.FormattedString(parts=texts):
                return any(self.is_wide(one, at, depth - 1) for one in texts)
            case cst.FormattedStringExpression(expression=inner) | cst.Element(value=inner) | cst.Arg(value=inner):
                return self.is_wide(inner, at, depth)
            case cst.Tuple(elements=elements):
                return any(self.is_wide(one, at, depth - 1) for one in elements)
            case _:
                return False

    def _is_wide_call(self, call: cst.Call, function: cst.BaseExpression, at: cst.CSTNode, depth: int) -> bool:
        match function:
            case cst.Attribute(attr=cst.Name(value="decode")):
                return True
            # `str(data, "utf-8")` decodes, as `data.decode()` does: the text comes from elsewhere.
            case cst.Name(value="str") if len(call.args) == 2:
                return True
            case cst.Attribute(value=cst.Name(value="json" | "ujson"), attr=cst.Name(value="dumps")) if call.args:
                return self._may_have_text(call.args[0].value, at, depth)
            case cst.Attribute(value=opened, attr=cst.Name(value="read")) if not call.args:
                return self._is_text_file(opened, at)
            case cst.Attribute(value=receiver, attr=cst.Name(value=name)) if name in _SAME:
                return any(self.is_wide(one, at, depth) for one in (receiver, *call.args))
            case cst.Name(value=name) if name in self._functions:
                returns = (one for one in within(self._functions[name].body) if isinstance(one, cst.Return))
                return any(self.is_wide(one.value, one, depth) for one in returns if one.value is not None)
            case _:
                return False

    def _may_have_text(self, node: cst.BaseExpression, at: cst.CSTNode, depth: int) -> bool:
        """True if JSON of this may have unknown text. False if it is made of numbers and literals of this file.

        A parameter may be any text if it is all that becomes JSON; as a value in a dict or a list it is not looked at.
        """
        if depth <= 0:
            return False
        match node:
            case cst.Dict(elements=elements) | cst.List(elements=elements) | cst.Tuple(elements=elements):
                values = [one.value for one in elements]
                return any(
                    self._may_have_text(one, at, depth - 1)
                    if isinstance(one, (cst.Dict, cst.List))
                    else self.is_wide(one, at, depth)
                    for one in values
                )
            case cst.Name():
                known = self.assigned(node, at)
                # A name that nothing here binds is a parameter, and callers may give any text.
                return not known or any(self._may_have_text(one, one, depth - 1) for one in known)
            case cst.Call(func=cst.Name(value="dict" | "list")):
                return True  # what it is made of is not followed
            case _:
                return self.is_wide(node, at, depth)

    def _is_text_file(self, node: cst.BaseExpression, at: cst.CSTNode) -> bool:
        """True if the object that is read is a file that was opened as text."""
        found = self.assigned(node, at) if isinstance(node, cst.Name) else [node]
        for one in found:
            match one:
                # `open(path)` without a mode reads text.
                case cst.Call(func=cst.Name(value="open"), args=[_]):
                    return True
                case cst.Call(func=cst.Name(value="open"), args=[_, cst.Arg(value=cst.SimpleString() as mode), *_]):
                    return "b" not in mode.value
                case _:
                    continue
        return False

    def assigned(self, name: cst.Name, at: cst.CSTNode | None = None) -> list[cst.BaseExpression]:
        """The values bound to a name in its body before this place; if there are none, at module level."""
        at = name if at is None else at
        body = self._body(at)
        found = self._bound(name.value, body, self._order[at])
        return found or ([] if body is self._module else self._bound(name.value, self._module, len(self._order)))

    def _body(self, node: cst.CSTNode) -> cst.CSTNode:
        return function_around(node, self._around) or self._module

    def _bound(self, name: str, body: cst.CSTNode, end: int) -> list[cst.BaseExpression]:
        """The values that a name may have at a place in a body, by the bindings above it."""
        found: list[cst.BaseExpression] = []
        for place, value, is_added in self._bindings.get((body, name), []):
            if place >= end:
                break
            # `body = body.encode()`: from here on it is bytes, whose `len` is right.
            if _is_encoded(value):
                found = []
            # `body += row`, `body = head + body`: earlier values are still a part of it.
            elif is_added or any(_is_name(part, name) for part in within(value)):
                found = [*found, value]
            else:
                found = [value]
        return found


def _binding(node: cst.CSTNode) -> tuple[str, cst.BaseExpression, bool] | None:
    """The name that a node binds, the value, and True if the value is added to the old one."""
    match node:
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=value):
            return name, value, False
        case cst.AugAssign(target=cst.Name(value=name), value=value):
            return name, value, True
        case cst.WithItem(item=value, asname=cst.AsName(name=cst.Name(value=name))):
            return name, value, False
        case _:
            return None


def _is_name(node: cst.CSTNode, name: str) -> bool:
    return isinstance(node, cst.Name) and node.value == name


def _is_encoded(value: cst.BaseExpression) -> bool:
    """True if an expression is bytes, whose length is the right one."""
    match value:
        case cst.Call(func=cst.Attribute(attr=cst.Name(value="encode")) | cst.Name(value="bytes" | "bytearray")):
            return True
        case cst.SimpleString():
            return "b" in value.prefix.lower()
        case _:
            return False

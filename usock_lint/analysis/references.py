"""Facts about a file as a whole: which functions other code may call, whether any socket gets a timeout, and so on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final

import libcst as cst

from usock_lint.syntax.nodes import kept_per_node, of_type, once_per_node, parts

_WAITS: Final = frozenset({"settimeout", "setblocking"})

_ARGUMENTS: Final = "argv"

_SERVING: Final = frozenset({"accept", "start_server"})


@once_per_node
def referred(module: cst.Module) -> frozenset[str]:
    """The names and attributes that a file does not only call, so that other code may get functions of these names."""
    return frozenset(chain.from_iterable(map(_referred_in, module.body)))


@kept_per_node
def _referred_in(statement: cst.CSTNode) -> frozenset[str]:
    found: set[str] = set()
    pending = [statement]
    while pending:
        node = pending.pop()
        if type(node) is cst.Name:
            found.add(node.value)
        elif type(node) is cst.Attribute:
            found.add(node.attr.value)
            if type(node.value) is not cst.Name:
                pending.append(node.value)
        elif type(node) is cst.Call:
            pending += [one.value for one in node.args]
            called = node.func.value if type(node.func) is cst.Attribute else node.func
            if type(called) is not cst.Name:
                pending.append(called)
        elif type(node) is cst.FunctionDef:
            pending += [*node.decorators, node.params, node.body]
        elif type(node) is cst.ClassDef:
            pending += [*node.decorators, *[one.value for one in (*node.bases, *node.keywords)], node.body]
        elif type(node) is cst.Param:
            if node.default is not None:
                pending.append(node.default)
        elif not isinstance(node, (cst.Import, cst.ImportFrom)):
            pending += parts(node)
    return frozenset(found)


@once_per_node
def definitions(module: cst.Module) -> dict[str, cst.FunctionDef | cst.ClassDef]:
    """The functions and classes that the module's own statements define, by name; the last one of a name."""
    return {line.name.value: line for line in module.body if isinstance(line, (cst.FunctionDef, cst.ClassDef))}


@once_per_node
def private_methods(module: cst.Module) -> dict[str, list[cst.FunctionDef]]:
    """The methods of the module's classes whose names begin with one underscore, by name."""
    found: dict[str, list[cst.FunctionDef]] = {}
    for owner in definitions(module).values():
        for line in owner.body.body if isinstance(owner, cst.ClassDef) else ():
            if isinstance(line, cst.FunctionDef) and (name := line.name.value)[:1] == "_" != name[1:2]:
                found.setdefault(name, []).append(line)
    return found


@once_per_node
def sets_timeouts(module: cst.Module) -> bool:
    """True if a file sets a timeout anywhere. If it does not, each socket waits for ever."""
    return any(node.value in _WAITS for node in of_type(module, cst.Name))


def examines_arguments(module: cst.Module, path: Sequence[cst.CSTNode]) -> bool:
    """True if a file does more with `sys.argv` than to take its items, before it gets to the last statement of a path.

    It may test its length, or add items. A function may be called at any time, a statement outside of functions runs
    after those that are above it.
    """
    examining = _examining_arguments(module)
    line = path[1] if len(path) > 1 else None
    if line is None or isinstance(line, cst.FunctionDef | cst.ClassDef):
        return bool(examining)
    last = next(index for index, one in enumerate(module.body) if one is line)
    return any(index <= last for index in examining)


@once_per_node
def _examining_arguments(module: cst.Module) -> frozenset[int]:
    """The places of the statements of a module in which more is done with `sys.argv` than to take its items.

    If a function of the file gets the list as an argument, what it does with this parameter counts as well.
    """
    functions = {line.name.value: index for index, line in enumerate(module.body) if isinstance(line, cst.FunctionDef)}
    # The statements, and the name that the list has in each: `argv` anywhere, and parameters in functions.
    places: list[tuple[int, cst.CSTNode, str]] = [(index, line, _ARGUMENTS) for index, line in enumerate(module.body)]
    found: set[int] = set()
    for index, place, name in places:
        harmless = set(map(id, _taken_apart(place)))
        harmless.update(id(one.name) for one in of_type(place, cst.ImportAlias, cst.Param))
        for call in of_type(place, cst.Call):
            called = call.func.value if isinstance(call.func, cst.Name) else ""
            function = module.body[functions[called]] if called in functions else None
            for position, given in enumerate(call.args):
                last = _last(given.value)
                if not isinstance(last, cst.Name) or last.value != name:
                    continue
                if called == "print" and function is None:
                    harmless.add(id(last))
                if isinstance(function, cst.FunctionDef) and (taken := _parameter(function, position, given)):
                    harmless.add(id(last))
                    if (functions[called], *taken) not in places:
                        places.append((functions[called], *taken))
        if any(node.value == name and id(node) not in harmless for node in of_type(place, cst.Name)):
            found.add(index)
    return frozenset(found)


def _taken_apart(place: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The names of lists of which items are taken: `argv[1]`, and `host, port = argv[1:]`."""
    yield from (_last(node.value) for node in of_type(place, cst.Subscript) if _is_item(node))
    for node in of_type(place, cst.Assign):
        match node:
            case cst.Assign(targets=[cst.AssignTarget(target=cst.Tuple() | cst.List())], value=value):
                yield _last(value.value if isinstance(value, cst.Subscript) else value)
            case _:
                continue


def _parameter(function: cst.FunctionDef | None, index: int, given: cst.Arg) -> tuple[cst.CSTNode, str] | None:
    """The function with the name of the parameter that a plain positional argument becomes."""
    params = function.params.params if function is not None else ()
    if function is None or given.keyword is not None or given.star or index >= len(params):
        return None
    return function, params[index].name.value


def _is_item(node: cst.Subscript) -> bool:
    return len(node.slice) == 1 and isinstance(node.slice[0].slice, cst.Index)


def _last(node: cst.BaseExpression) -> cst.BaseExpression:
    return node.attr if isinstance(node, cst.Attribute) else node


@once_per_node
def serves(module: cst.Module) -> bool:
    """True if a file accepts connections: anybody may be on the other side."""
    named = (node.attr.value for node in of_type(module, cst.Attribute))
    # `from asyncio import start_server`
    imported = (node.evaluated_name for node in of_type(module, cst.ImportAlias))
    return any(name in _SERVING for name in chain(named, imported))


def is_decorated(node: cst.FunctionDef) -> bool:
    """True if a function is decorated, so that its name may stand for another object."""
    names = [one.decorator.value if isinstance(one.decorator, cst.Name) else "" for one in node.decorators]
    return not all(name in ("staticmethod", "classmethod") for name in names)

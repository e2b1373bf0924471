"""Functions that only code for CPython uses: every mention of them stands where no board gets to.

`if MICROPYTHON: return connect_on_board(host)` is followed by `return connect_on_computer(host)`. Other files are
assumed not to use what the file itself uses for CPython only.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from collections.abc import Set as AbstractSet

import libcst as cst

from usock_lint.analysis.references import definitions, private_methods
from usock_lint.analysis.summaries import Body
from usock_lint.analysis.uses import Site
from usock_lint.syntax.nodes import of_type, syntax_parts


def functions_for_cpython(module: cst.Module, bodies: Sequence[Body]) -> frozenset[cst.FunctionDef]:
    """The functions and methods that no board runs, by what was reached in the last passes over all bodies."""
    own: dict[str, list[cst.FunctionDef | cst.ClassDef]] = {name: [one] for name, one in definitions(module).items()}
    own |= {f".{name}": [*found] for name, found in private_methods(module).items()}
    own = {**_inner(module), **own}
    unreached = frozenset[cst.CSTNode]().union(*(body.unreached for body in bodies))
    mentioned = (part for node in unreached for part in of_type(node, cst.Name))
    if not any(part.value in own or f".{part.value}" in own for part in mentioned):
        return frozenset()
    reached = frozenset[cst.CSTNode]().union(*(body.reached for body in bodies))
    mentions: dict[str, list[_Mention]] = {name: [] for name in own}
    for name, mention in _mentions(module, own):
        if not any(one.body in mention for one in own[name]):
            mentions[name].append(mention)
    gone: set[cst.CSTNode] = set()
    while True:
        more = {
            one.body
            for name, found in mentions.items()
            if found and all(_is_dead(mention, gone, unreached, reached) for mention in found)
            for one in own[name]
        }
        if more <= gone:
            bodies_gone = (one for found in own.values() for one in found if one.body in gone)
            return frozenset(function for one in bodies_gone for function in of_type(one, cst.FunctionDef))
        gone |= more


def _inner(module: cst.Module) -> dict[str, list[cst.FunctionDef | cst.ClassDef]]:
    """The functions that functions define in their own statements, by name: no other code can call these."""
    found: dict[str, list[cst.FunctionDef | cst.ClassDef]] = {}
    for outer in of_type(module, cst.FunctionDef):
        for line in outer.body.body:
            if isinstance(line, cst.FunctionDef):
                found.setdefault(line.name.value, []).append(line)
    return found


def runs_in(functions: AbstractSet[cst.FunctionDef], site: Site) -> bool:
    """True if a site is in the body of one of these functions. The head of a function runs where that is defined."""
    path = site.path
    return any(
        isinstance(one, cst.FunctionDef) and one in functions and path[index + 1] is one.body
        for index, one in enumerate(path[:-1])
    )


_Mention = tuple[cst.CSTNode, ...]
"""A name and the nodes around it, the innermost last."""


def _is_dead(
    mention: _Mention,
    gone: AbstractSet[cst.CSTNode],
    unreached: AbstractSet[cst.CSTNode],
    reached: AbstractSet[cst.CSTNode],
) -> bool:
    """True if a mention stands in a function that is `gone`, or in code that no board reaches.

    Code may be evaluated more than once. A mention that was `reached` at one time is not dead.
    """
    return not gone.isdisjoint(mention) or (mention[-1] not in reached and not unreached.isdisjoint(mention))


def _mentions(module: cst.Module, names: Container[str]) -> Iterator[tuple[str, _Mention]]:
    """Each mention of these names, also in an annotation or in a str (`__all__`). Attributes have a dot in front."""
    pending: list[_Mention] = [(module,)]
    while pending:
        path = pending.pop()
        node = path[-1]
        if isinstance(node, cst.Name):
            spelt = (node.value,)
        elif isinstance(node, cst.SimpleString):
            spelt = (node.raw_value, f".{node.raw_value}")
        elif isinstance(node, cst.Attribute):
            pending.append((*path, node.value))
            path, spelt = (*path, node.attr), (f".{node.attr.value}",)
        else:
            own_name = node.name if isinstance(node, (cst.FunctionDef, cst.ClassDef)) else None
            pending += [(*path, part) for part in syntax_parts(node) if part is not own_name]
            continue
        for name in spelt:
            if name in names:
                yield name, path

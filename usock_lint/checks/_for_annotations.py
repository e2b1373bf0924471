"""Imports whose names are used only in annotations, which MicroPython does not evaluate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import libcst as cst

from usock_lint.analysis.uses import Site
from usock_lint.checks._modules import is_at_top
from usock_lint.checks._repairs import Change, Edge, Repair, without
from usock_lint.i18n import say
from usock_lint.syntax.nodes import once_per_node, within

_CHECKING = "TYPE_CHECKING"


def for_annotations(site: Site, statement: cst.Import | cst.ImportFrom) -> Repair | None:
    """Put an import whose names are used only in annotations into a `try`; set TYPE_CHECKING to False."""
    if isinstance(statement.names, cst.ImportStar) or not site.alone or not is_at_top(site):
        return None
    flag = next((one for one in statement.names if one.evaluated_name == _CHECKING and one.asname is None), None)
    rest = [one for one in statement.names if one is not flag]
    if not all(_is_annotation(site.module, one) for one in rest):
        return None
    if isinstance(statement, cst.ImportFrom) and flag is not None:
        return _with_flag(site, without(statement, flag), statement)
    if len(rest) > 1 and isinstance(statement, cst.Import):
        return None
    before, after = _try_around(site)
    text = site.code(statement).join((before, after))
    change = Change(Edge(statement, "start"), Edge(statement, "end"), text)
    return Repair(say("Go on without it"), (change,))


def _with_flag(site: Site, rest: cst.ImportFrom | None, statement: cst.ImportFrom) -> Repair:
    text = f"{_CHECKING} = False"
    if rest is not None:
        text += site.newline + site.code(rest).join(_try_around(site))
    change = Change(Edge(statement, "start"), Edge(statement, "end"), text)
    return Repair(say("Set {name} to False", name=_CHECKING), (change,))


def _try_around(site: Site) -> tuple[str, str]:
    """The text before and after an import that makes it one that may fail."""
    indent = site.module.default_indent
    return f"try:{site.newline}{indent}", f"{site.newline}except ImportError:{site.newline}{indent}pass"


def _is_annotation(module: cst.Module, alias: cst.ImportAlias) -> bool:
    """True if the name that an import binds is used only in annotations."""
    bound = alias.name if alias.asname is None else alias.asname.name
    if not isinstance(bound, cst.Name) or alias.evaluated_name == _CHECKING:
        return False
    return _evaluated(module)[bound.value] == [*_names(alias)].count(bound.value)


@once_per_node
def _evaluated(module: cst.Module) -> Counter[str]:
    """The number of occurrences of each name in a file, without annotations."""
    return Counter(_names(module))


def _names(node: cst.CSTNode) -> Iterator[str]:
    return (one.value for one in within(node) if isinstance(one, cst.Name))

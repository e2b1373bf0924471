"""Renders a stub from a master: the names that every port and release has, with their values and signatures.

A master is a stub with conditions on the table, of which one branch stays, such as
`if everywhere("makefile.returns", "socket"):` or `if somewhere("hashable", False):`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias, cast

import libcst as cst
from libcst import matchers as m

from usock_lint.stubgen.conditions import holds
from usock_lint.stubgen.facts import Facts
from usock_lint.stubgen.signatures import UnfitError, fit
from usock_lint.syntax.nodes import syntax_parts

Statement: TypeAlias = cst.SimpleStatementLine | cst.BaseCompoundStatement
_Named: TypeAlias = tuple[Statement, list[str]]
"""A statement and every name in it."""

_IMPORT = m.SimpleStatementLine(body=[m.ImportFrom()])
_TEXT = m.SimpleStatementLine(body=[m.Expr(m.SimpleString())])
_NUMBER = m.AnnAssign(
    annotation=m.Annotation(m.Subscript(m.Name("Final"), [m.SubscriptElement(m.Index(m.Name("int")))]))
)


def render(master: str, facts: Facts, keep: frozenset[str] = frozenset()) -> str:
    """The text of the stub. Names in `keep` that some cell lacks stay, marked as `@deprecated`."""
    tree = _parsed(master)
    body = [(one, _names(one)) for one in _Cutter(facts, keep).cut(tree.body, "")]
    while len(needed := _without_unused(body)) < len(body):
        body = needed
    return tree.with_changes(body=list(_without_unused_imports(body))).code


@cache
def _parsed(master: str) -> cst.Module:
    return cst.parse_module(master)


@dataclass(frozen=True, slots=True)
class _Cutter:
    """Chooses the statements of a master that stay, and fits them to the facts."""

    facts: Facts
    keep: frozenset[str]

    def cut(self, body: Sequence[cst.BaseStatement], owner: str) -> list[Statement]:
        """The statements of a module (owner "") or class that stay. A constant's docstring is removed with it.

        If a removed statement had a blank line above, the next one that stays has it.
        """
        kept: list[Statement] = []
        dropped = after_gap = False
        for one in self._chosen(body):
            if not (dropped and m.matches(one, _TEXT)):
                fitted = self._fitted(one, owner)
                dropped = fitted is None
                kept += [_with_blank_line(fitted) if after_gap else fitted] if fitted else []
                after_gap = dropped and (after_gap or _has_blank_line(one))
        return list(_without_single_overloads(kept))

    def _chosen(self, body: Sequence[cst.BaseStatement]) -> Iterator[Statement]:
        """The statements, with those of the branch that applies in place of each `if`."""
        for one in cast("Sequence[Statement]", body):
            if isinstance(one, cst.If):
                branch = list(self._chosen(_branch(one, self.facts)))
                above = (*one.leading_lines, *branch[0].leading_lines) if branch else ()
                for statement in (branch[0].with_changes(leading_lines=above), *branch[1:]) if branch else ():
                    yield _dedented(statement)
            else:
                yield one

    def _fitted(self, one: Statement, owner: str) -> Statement | None:
        """The statement with its values and arguments, None if it is removed."""
        name = _defined(one)
        qualified = f"{owner}.{name}".lstrip(".")
        if name and not (self.facts.has(qualified) or qualified in self.keep):
            return None
        match one:
            case cst.ClassDef(body=cst.IndentedBlock() as block):
                return one.with_changes(body=block.with_changes(body=self.cut(block.body, name)))
            case cst.FunctionDef():
                called = owner if name == "__init__" else qualified
                return self._function(one, called, deprecated=qualified in self.keep and not self.facts.has(qualified))
            case cst.SimpleStatementLine(body=[cst.AnnAssign() as constant]) if m.matches(constant, _NUMBER):
                return one.with_changes(body=[_with_value(constant, self.facts.value(qualified))])
            case _:
                return one

    def _function(self, one: cst.FunctionDef, name: str, *, deprecated: bool) -> cst.FunctionDef | None:
        try:
            fitted = one.with_changes(params=fit(one.params, name, self.facts))
        except UnfitError:
            return None
        return fitted if deprecated else _undecorated(fitted, "deprecated")


def _dedented(one: Statement) -> Statement:
    """A statement from a branch, with its docstrings moved to the left by the indentation that it has lost."""
    return cast("Statement", m.replace(one, m.SimpleString(), _dedented_text))


def _dedented_text(text: cst.CSTNode, _: object) -> cst.SimpleString:
    assert isinstance(text, cst.SimpleString)
    return text.with_changes(value=text.value.replace("\n    ", "\n"))


def _has_blank_line(one: Statement) -> bool:
    return any(line.comment is None for line in one.leading_lines[:1])


def _with_blank_line(one: Statement) -> Statement:
    """The statement with a blank line above."""
    blank = cst.EmptyLine(indent=False)
    return one if _has_blank_line(one) else one.with_changes(leading_lines=(blank, *one.leading_lines))


def _branch(one: cst.If, facts: Facts) -> Sequence[cst.BaseStatement]:
    """The statements of the branch that applies."""
    if holds(one.test, facts):
        return cast("Sequence[cst.BaseStatement]", one.body.body)
    match one.orelse:
        case cst.If() as other:
            return [other.with_changes(leading_lines=())]
        case cst.Else() as other:
            return cast("Sequence[cst.BaseStatement]", other.body.body)
        case _:
            return []


def _defined(one: Statement) -> str:
    """The name that a statement defines, or ""."""
    match one:
        case cst.ClassDef(name=name) | cst.FunctionDef(name=name):
            return name.value
        case cst.SimpleStatementLine(body=[cst.AnnAssign(target=cst.Name(value=name))]):
            return name
        case _:
            return ""


def _with_value(constant: cst.AnnAssign, value: int | None) -> cst.AnnAssign:
    if value is None:
        return constant
    number = cst.parse_expression(str(value))
    return constant.with_changes(annotation=cst.Annotation(cst.Name("Final")), value=number)


def _undecorated(one: cst.FunctionDef, decorator: str) -> cst.FunctionDef:
    return one.with_changes(decorators=[found for found in one.decorators if decorator not in _names(found)])


def _without_single_overloads(body: Sequence[Statement]) -> Iterator[Statement]:
    """The statements without `@overload` on functions that have only one left."""
    times = Counter(_defined(one) for one in body)
    for one in body:
        if isinstance(one, cst.FunctionDef) and times[one.name.value] == 1:
            yield _undecorated(one, "overload")
        else:
            yield one


def _without_unused(body: Sequence[_Named]) -> list[_Named]:
    """The statements without private names that nothing refers to, and without the comments above these."""
    times = Counter(name for _, names in body for name in names)
    return [named for named in body if not ((name := _defined(named[0])).startswith("_") and times[name] == 1)]


def _without_unused_imports(body: Sequence[_Named]) -> Iterator[Statement]:
    used = {name for one, names in body if not m.matches(one, _IMPORT) for name in names}
    after_gap = False
    for one, _ in body:
        kept = _import(one, used) if m.matches(one, _IMPORT) else one
        if kept:
            yield _with_blank_line(kept) if after_gap else kept
        after_gap = not kept and (after_gap or _has_blank_line(one))


def _import(one: Statement, used: set[str]) -> Statement | None:
    line = cst.ensure_type(cst.ensure_type(one, cst.SimpleStatementLine).body[0], cst.ImportFrom)
    assert not isinstance(line.names, cst.ImportStar)
    kept = [alias for alias in line.names if alias.evaluated_name in used]
    names = [*kept[:-1], *(alias.with_changes(comma=cst.MaybeSentinel.DEFAULT) for alias in kept[-1:])]
    return one.with_changes(body=[line.with_changes(names=names)]) if names else None


def _names(node: cst.CSTNode) -> list[str]:
    """Every name in a node. Not by `matchers.findall`, which takes ten times as long."""
    found, pending = list[str](), [node]
    while pending:
        one = pending.pop()
        if type(one) is cst.Name:
            found.append(one.value)
        pending += syntax_parts(one)
    return found

"""Building blocks of fixes: changes of nodes, which the engine turns into edits of the text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

import libcst as cst

from usock_lint.analysis.handlers import clause_parts
from usock_lint.analysis.uses import Clause, ImportedName, Site
from usock_lint.diagnostics import Applicability
from usock_lint.fast_dataclasses import dataclass
from usock_lint.i18n import Said, say
from usock_lint.ports import special_names
from usock_lint.syntax.nodes import BINDING, is_text, last_name, of_type, once_per_node, within


class Edge(NamedTuple):
    """One end of a node, with its own parentheses and white space ("outer") or without; or the end of its last line."""

    node: cst.CSTNode
    side: Literal["outer_start", "start", "end", "outer_end", "line_end"]


@dataclass(frozen=True, slots=True)
class Change:
    """Put `content` in place of the text from one edge up to another."""

    first: Edge
    last: Edge
    content: str


@dataclass(frozen=True, slots=True)
class Repair:
    """A node fix: changes that remove a finding. The engine makes a `Fix` of it, with positions."""

    message: Said
    changes: tuple[Change, ...]
    applicability: Applicability = "safe"


def replace(node: cst.CSTNode, content: str) -> Change:
    """Put this text in place of a node, its parentheses included."""
    return Change(Edge(node, "outer_start"), Edge(node, "outer_end"), content)


def by_super(site: Site, call: cst.Call | None) -> Repair | None:
    """Call `super().__init__`, in place of `Base.__init__` with the method's own instance.

    None where that may do something else.
    """
    around = [one for one in site.path if isinstance(one, cst.ClassDef | cst.FunctionDef)][-2:]
    match around, call:
        case (
            [
                cst.ClassDef(bases=[cst.Arg(value=base)]),
                cst.FunctionDef(params=cst.Parameters(params=[cst.Param(name=mine), *_]), decorators=[]),
            ],
            cst.Call(
                func=cst.Attribute(value=owner), args=[cst.Arg(value=cst.Name(value=given), keyword=None, star=""), *_]
            ) as call,
        ) if mine.value == given and owner.deep_equals(base):
            # A lambda or a comprehension is a function of its own, in which `super()` has no instance.
            inner = of_type(site.path[-1], cst.Lambda, cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)
            if not _is_like_base(site.module) or any(call in within(one) for one in inner):
                return None
            code = site.code(call.with_changes(func=cst.parse_expression("super().__init__"), args=call.args[1:]))
            return Repair(say("Call super().__init__"), (replace(call, code),))
        case _:
            return None


@once_per_node
def _is_like_base(module: cst.Module) -> bool:
    """True if `super().__init__` is what `Base.__init__` is in each class of a file.

    Where a class has several bases, `super()` may find another one. A value that cannot change is lost by the call on
    boards (py/objtype.c:93@v1.28.0).
    """
    bases = [one.bases for one in of_type(module, cst.ClassDef)]
    return not any(len(one) > 1 or (one and last_name(one[0].value) in special_names.FIXED) for one in bases)


def asking_for_ipv4(call: cst.CSTNode, module: str) -> Repair | None:
    """Add the family to a call of getaddrinfo; None for other calls, and for one with more than a host and a port."""
    if not isinstance(call, cst.Call) or len(call.args) != 2 or any(one.star for one in call.args):
        return None
    end = Edge(call.args[1].value, "outer_end")
    return Repair(say("Ask for IPv4"), (Change(end, end, f", {module}.AF_INET"),))


def use_oserror(node: cst.BaseExpression, clause: Clause | None) -> Repair:
    """Name OSError instead."""
    return Repair(say("Use OSError"), _renaming(node, clause, "OSError"))


def use_instead(node: cst.BaseExpression, clause: Clause | None, name: str) -> Repair:
    """Name another exception instead."""
    return Repair(say("Use {name}", name=name), _renaming(node, clause, name))


def _renaming(node: cst.BaseExpression, clause: Clause | None, name: str) -> tuple[Change, ...]:
    """Rewrite the whole tuple of an except clause, so that each exception is in it once.

    A tuple without parentheses is left as it is: it is a SyntaxError, and `except A, e:` may be Python 2.
    """
    if clause is None or not isinstance(clause.handler.type, cst.Tuple) or not clause.handler.type.lpar:
        return (replace(node, name),)
    kept: dict[str, None] = {}
    for part in clause_parts(clause.handler.type):
        is_renamed = part is node or (name == "OSError" and part in clause.missing)
        kept[name if is_renamed else cst.Module(()).code_for_node(part)] = None
    names = list(kept)
    return (replace(clause.handler.type, names[0] if len(names) == 1 else f"({', '.join(names)})"),)


def importing_under(alias: cst.ImportAlias, name: str, bound: str) -> tuple[Change, ...]:
    """Import another module in `import a` or `import a as b`, under the name that the file uses."""
    if alias.asname is None:
        return (replace(alias.name, f"{name} as {bound}"),)
    if isinstance(alias.asname.name, cst.Name) and alias.asname.name.value == name:
        return (Change(Edge(alias.name, "start"), Edge(alias.asname.name, "end"), name),)
    return (replace(alias.name, name),)


def assign_instead(use: ImportedName, value: str) -> Repair:
    """Remove a name from an import of the socket module, and bind it to this value after the import."""
    return bind_instead(use.site, use.statement, use.node, value)


def bind_instead(site: Site, statement: cst.ImportFrom, alias: cst.ImportAlias, value: str) -> Repair:
    """Remove a name from an import, and bind it to this value after the import."""
    bound = alias.name if alias.asname is None else alias.asname.name
    assignment = f"{site.code(bound)} = {value}"
    rest = without(statement, alias)
    if rest is not None:
        between = site.newline if site.alone else "; "
        assignment = site.code(rest) + between + assignment
    change = Change(Edge(statement, "start"), Edge(statement, "end"), assignment)
    return Repair(say("Bind {value} to the name", value=value), (change,))


def without(statement: cst.ImportFrom, left_out: cst.ImportAlias) -> cst.ImportFrom | None:
    """An import without one of its names; None where it has no other."""
    assert not isinstance(statement.names, cst.ImportStar)
    kept = [alias for alias in statement.names if alias is not left_out]
    if not kept:
        return None
    if left_out is statement.names[-1]:
        kept[-1] = kept[-1].with_changes(comma=left_out.comma)
    return statement.with_changes(names=kept, semicolon=cst.MaybeSentinel.DEFAULT)


def importing(module: cst.Module, name: str) -> tuple[Change, ...] | None:
    """Add an import of a module at the top of the file; None if the file uses its name for something else."""
    first = next((line for line in module.body if not _comes_first(line)), None)
    # A function or class with decorators begins at its `def` or `class`: an import there would be below the decorators.
    if first is None or getattr(first, "decorators", ()) or name in _taken(module):
        return None
    place = Edge(first, "start")
    return (Change(place, place, f"import {name}{module.default_newline}"),)


def importing_too(module: cst.Module, names: Sequence[str], name: str) -> tuple[Change, ...] | None:
    """Add a name to the one import from a module of these names; None if there are several, or the name is taken."""
    found = [one for one in _imports(module) if _plain(one.module) in names]
    if len(found) != 1 or isinstance(found[0].names, cst.ImportStar) or name in _taken(module):
        return None
    if not any(isinstance(line, cst.SimpleStatementLine) and found[0] in line.body for line in module.body):
        return None
    place = Edge(found[0].names[-1], "end")
    return (Change(place, place, f", {name}"),)


def _comes_first(line: cst.CSTNode) -> bool:
    """True if this is a docstring or an import from __future__, which have to stand before all else."""
    first = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
    match first:
        case cst.ImportFrom(module=cst.Name("__future__")):
            return True
        case _:
            return first is not None and is_text(first)


@once_per_node
def _imports(module: cst.Module) -> tuple[cst.ImportFrom, ...]:
    return tuple(of_type(module, cst.ImportFrom))


_BINDING: Final = (*BINDING, cst.ImportFrom, cst.Param)


@once_per_node
def _taken(module: cst.Module) -> frozenset[str]:
    """The names in a file that are bound to something other than the module of the same name."""
    return frozenset(name for node in of_type(module, *_BINDING) for name in _bound(node))


def _bound(node: cst.CSTNode) -> Iterator[str]:
    """The names that a node binds, except for modules that are imported under their own name."""
    match node:
        case cst.ImportFrom(names=names) if not isinstance(names, cst.ImportStar):
            yield from (_plain(one.name) for one in names if one.asname is None)
        case (
            cst.AssignTarget(target=target)
            | cst.AnnAssign(target=target)
            | cst.AugAssign(target=target)
            | cst.NamedExpr(target=target)
            | cst.For(target=target)
            | cst.AsName(name=target)
            | cst.Param(name=target)
            | cst.FunctionDef(name=target)
            | cst.ClassDef(name=target)
        ):
            yield from (one.value for one in of_type(target, cst.Name))
        case _:
            return


def _plain(name: cst.CSTNode | None) -> str:
    """A name without dots, "" for any other node."""
    return name.value if isinstance(name, cst.Name) else ""


def without_arguments(site: Site, call: cst.Call, left_out: Sequence[cst.Arg]) -> Change:
    """Drop arguments of a call."""
    kept = [argument for argument in call.args if argument not in left_out]
    if kept and call.args[-1] in left_out:
        kept[-1] = kept[-1].with_changes(comma=call.args[-1].comma)
    return replace(call, site.code(call.with_changes(args=kept)))

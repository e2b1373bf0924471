from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from usock_lint.analysis.domain.values import Closing, Socket, TlsSocket
from usock_lint.analysis.uses import WithItem
from usock_lint.checks import Report, behaving, on
from usock_lint.checks._repairs import Change, Edge, Repair
from usock_lint.i18n import say
from usock_lint.syntax.nodes import BINDING, of_type


@on(WithItem, Closing)
def closing(use: WithItem) -> Iterator[Report]:
    message = say("there is no contextlib {where}; close the socket in a finally clause")
    yield Report(use.node.item, use.site.live, message, "ImportError")


@on(WithItem, Socket)
def item(use: WithItem) -> Iterator[Report]:
    cells = behaving(use.site.live, "context_manager", False)
    message = say("`with` does not work for sockets {where}; close the socket in a finally clause")
    yield Report(use.node.item, cells, message, "AttributeError", repair=_close_at_last(use))


@on(WithItem, TlsSocket)
def encrypted(use: WithItem) -> Iterator[Report]:
    message = say("`with` does not work for TLS sockets {where}; close the socket in a finally clause")
    yield Report(use.node.item, use.site.live, message, "AttributeError", repair=_close_at_last(use))


def _close_at_last(use: WithItem) -> Repair | None:
    """The with statement as try and finally.

    None if it has several items, or a body on the same line, or one that gives the name another value.
    """
    body, made = use.statement.body, use.node.asname
    if len(use.statement.items) > 1 or not isinstance(body, cst.IndentedBlock):
        return None
    name = use.node.item if made is None else made.name
    if not isinstance(name, cst.Name | cst.Attribute) or any(_binds(one, name) for one in of_type(body, *_BINDING)):
        return None
    code, newline = use.site.code, use.site.newline
    head = "try:" if made is None else f"{code(name)} = {code(use.node.item)}{newline}try:"
    indent = use.site.module.default_indent if body.indent is None else body.indent
    tail = f"{newline}finally:{newline}{indent}{code(name)}.close()"
    return Repair(
        say("Close in a finally clause"),
        (
            Change(Edge(use.statement, "start"), Edge(body, "outer_start"), head),
            Change(Edge(body, "line_end"), Edge(body, "line_end"), tail),
        ),
        "unsafe" if _may_change(name, use) else "safe",
    )


_BINDING = (*BINDING, cst.Del)
_Named = cst.AsName | cst.ClassDef | cst.FunctionDef
_Targeting = cst.AnnAssign | cst.AssignTarget | cst.AugAssign | cst.Del | cst.For | cst.NamedExpr


def _binds(node: _Named | _Targeting, name: cst.Name | cst.Attribute) -> bool:
    """True if a node gives this name, or this attribute of any object, a value, or deletes it."""
    target: cst.CSTNode = node.name if isinstance(node, _Named) else node.target
    if isinstance(name, cst.Name):
        bound = of_type(target, cst.Name, closed=(cst.Attribute, cst.Subscript))
        return any(one.value == name.value for one in bound)
    changed = of_type(target, cst.Attribute, closed=(cst.Attribute, cst.Subscript))
    return any(one.attr.value == name.attr.value for one in changed)


def _may_change(name: cst.Name | cst.Attribute, use: WithItem) -> bool:
    """True if another function may give the name another value while the body runs."""
    own = next((one for one in reversed(use.site.path) if isinstance(one, cst.FunctionDef)), None)
    others = [one for one in of_type(use.site.module, cst.FunctionDef) if one is not own]
    if isinstance(name, cst.Name):
        declared = (item for one in others for each in of_type(one, cst.Global, cst.Nonlocal) for item in each.names)
        return any(item.name.value == name.value for item in declared)
    calls = of_type(use.statement.body, cst.Call)
    if not any(isinstance(one.func, cst.Attribute) and one.func.value.deep_equals(name.value) for one in calls):
        return False
    methods = (one for one in others if one.name.value != "__init__")
    return any(_binds(each, name) for one in methods for each in of_type(one, *_BINDING))

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from usock_lint.analysis.domain.values import Closing, Socket, TlsSocket
from usock_lint.analysis.uses import WithItem
from usock_lint.checks import Report, behaving, on
from usock_lint.checks._repairs import Change, Edge, Repair
from usock_lint.i18n import say


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
    """The with statement as try and finally; None if it has several items, or a body on the same line."""
    body, made = use.statement.body, use.node.asname
    if len(use.statement.items) > 1 or not isinstance(body, cst.IndentedBlock):
        return None
    name = use.node.item if made is None else made.name
    if not isinstance(name, cst.Name | cst.Attribute):
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
    )

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from usock_lint import ports
from usock_lint.analysis.domain.values import Cells, Module
from usock_lint.analysis.uses import Attribute, ImportedErrno
from usock_lint.checks import Report, on
from usock_lint.checks._repairs import Repair, replace
from usock_lint.i18n import Field, say
from usock_lint.syntax.nodes import within

_INSTEAD = {"EWOULDBLOCK": "EAGAIN", "ENOTSUP": "EOPNOTSUPP"}

_Display = cst.Tuple | cst.List


@on(Attribute, Module)
def name(use: Attribute) -> Iterator[Report]:
    if _is_number(use.name):
        message = say("`errno.{name}` does not exist {where}{advice}", name=use.name, advice=_advice(use.name))
        yield Report(use.node, _without(use.site.live, use.name), message, "AttributeError", repair=_repair(use))


@on(ImportedErrno)
def import_(use: ImportedErrno) -> Iterator[Report]:
    if _is_number(use.name):
        message = say("`{name}` cannot be imported from errno {where}{advice}", name=use.name, advice=_advice(use.name))
        yield Report(use.node, _without(use.site.live, use.name), message, "ImportError", repair=_reimport(use))


def _is_number(name: str) -> bool:
    return name.startswith("E") and name.isupper()


def _without(cells: Cells, name: str) -> Cells:
    return frozenset(cell for cell in cells if name not in ports.errno_names(cell))


def _advice(name: str) -> Field:
    return say("; use {name}", name=_INSTEAD[name]) if name in _INSTEAD else ""


def _reimport(use: ImportedErrno) -> Repair | None:
    if use.name != "EWOULDBLOCK":
        return None
    bound = "" if use.node.asname else f" as {use.name}"
    return Repair(say("Import EAGAIN under this name"), (replace(use.node.name, f"EAGAIN{bound}"),))


def _repair(use: Attribute) -> Repair | None:
    if use.name != "EWOULDBLOCK":
        return None
    instead = f"{use.site.code(use.node.value)}.EAGAIN"
    display = _display(use.site.path[-1], use.node)
    if display is not None and any(use.site.code(one.value) == instead for one in display.elements):
        return Repair(say("Leave it to EAGAIN"), (replace(display, use.site.code(_shorter(display, use.node))),))
    return Repair(say("Use EAGAIN"), (replace(use.node, instead),))


def _display(tree: cst.CSTNode, node: cst.CSTNode) -> _Display | None:
    """The tuple or list that has this node as a member."""
    displays = (one for one in within(tree) if isinstance(one, _Display))
    return next((one for one in displays if any(element.value is node for element in one.elements)), None)


def _shorter(display: _Display, node: cst.CSTNode) -> _Display:
    kept = [one for one in display.elements if one.value is not node]
    comma = cst.Comma() if len(kept) == 1 and isinstance(display, cst.Tuple) else display.elements[-1].comma
    return display.with_changes(elements=[*kept[:-1], kept[-1].with_changes(comma=comma)])

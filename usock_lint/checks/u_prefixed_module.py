from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from usock_lint import ports
from usock_lint.analysis.uses import ImportedModule
from usock_lint.checks import Report, on
from usock_lint.checks._repairs import Change, Edge, Repair, replace
from usock_lint.i18n import say


@on(ImportedModule)
def module(use: ImportedModule) -> Iterator[Report]:
    # One target whose module is still called `usocket`, as up to 1.20, is a reason for a file to use this name.
    has_old_name = any(ports.behaviour(cell, "imports")["builtin"] != "socket" for cell in use.site.live)
    if use.name != "usocket" or has_old_name or use.site.micropython_only:
        return
    node, change = _renamed(use)
    message = say("`usocket` is the old name of `socket`, and CPython does not know it; import socket")
    yield Report(node, use.site.live, message, "ImportError", repair=Repair(say("Import socket"), (change,)))


def _renamed(use: ImportedModule) -> tuple[cst.CSTNode, Change]:
    """The node to change, and the change, which keeps the name that the file uses."""
    match use.node:
        case cst.ImportAlias(name=name, asname=None):
            return name, replace(name, "socket as usocket")
        case cst.ImportAlias(name=name, asname=cst.AsName(name=cst.Name("socket") as bound)):
            return name, Change(Edge(name, "start"), Edge(bound, "end"), "socket")
        case cst.ImportAlias(name=name) | name:
            return name, replace(name, "socket")

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Literal

import libcst as cst

from usock_lint.analysis.domain import library
from usock_lint.analysis.domain.values import Cells
from usock_lint.analysis.uses import LibraryModule, Site, UnboundModule
from usock_lint.checks import Presumption, Report, on
from usock_lint.checks._for_annotations import for_annotations
from usock_lint.checks._modules import is_at_top, knows_micropython, renamed
from usock_lint.checks._repairs import Change, Edge, Repair, importing_under, replace
from usock_lint.i18n import Field, Said, say
from usock_lint.ports import world
from usock_lint.ports.modules import CPYTHON_ONLY, NAMES_OF_CPYTHON, OFTEN_OWN
from usock_lint.syntax.nodes import of_type

_FUTURE = "__future__"

_MANDATORY = frozenset("nested_scopes generators division absolute_import with_statement print_function".split()) | {
    "unicode_literals",
    "generator_stop",
}
"""Features of `__future__` that are always on in CPython 3."""

_INSTALLED = frozenset({"typing"})
"""Modules that boards get from another source than micropython-lib."""

LOST = {"datetime": frozenset({"strftime", "strptime"})}
"""Methods of the classes of modules that those of micropython-lib lack (python-stdlib/datetime/datetime.py@v1.28.0)."""

_EVALUATED = say("; boards check no types: leave it out, and use collections.namedtuple for NamedTuple")
"""The advice for `typing` where annotations are not all that needs it."""

_COROUTINE = say("; start a coroutine with asyncio.create_task")

_WITHOUT_REPLACEMENT = frozenset({"getpass", "multiprocessing", "signal", "subprocess"})
"""Modules whose job no module of a board does."""

_FEW = 2
"""The number of names up to which a module of micropython-lib is no replacement for CPython's."""

_ADVICE = {
    "threading": say("; _thread.start_new_thread starts a function"),
    "concurrent": say("; start a function with _thread.start_new_thread, or a coroutine with asyncio.create_task"),
    "selectors": say("; use select.poll"),
    "queue": say("; use collections.deque"),
    "socketserver": say("; use asyncio.start_server, or accept in a loop"),
    "http.server": say("; use asyncio.start_server"),
    "urllib.parse": say("; take it apart with `partition` and `split`"),
    "codecs": say("; use `encode` and `decode`"),
    "http.client": say("; use requests"),
    "urllib.request": say("; use requests"),
    "subprocess": say("; a board has no other programs"),
    "multiprocessing": say("; a board has no processes; _thread.start_new_thread starts a function"),
    "argparse": say("; a board has no command line: write constants"),
    "getopt": say("; a board has no command line: write constants"),
    "getpass": say("; a board has no users"),
    "signal": say("; a board has no signals"),
    "typing": say("; annotations, which are not evaluated, need no more than a `try` with `except ImportError: pass`"),
    "__future__": say("; leave it out"),
    "secrets": say("; use os.urandom"),
    "upip": say("; use mip"),
    "enum": say("; write a class with constants"),
    "dataclasses": say("; write a class with __init__"),
}


@on(LibraryModule)
def module(use: LibraryModule) -> Iterator[Report]:
    cells = _without(use)
    if cells and not library.is_known(use.name):
        message = say("no module named `{name}` {where}; this project has none either", name=use.name)
        yield Report(
            _node(use), cells, message, "ImportError", presumed=_presumed(use) if _is_listed(use) else "CPython"
        )
    if not cells or not _is_worth_a_report(use):
        return
    yield Report(
        _node(use),
        cells,
        say("no module named `{name}` {where}{advice}", name=use.name, advice=_advice(use, cells)),
        "ImportError",
        partial(library.has_module, name=use.name),
        repair=_repair(use),
        only_if_everywhere=True,
        presumed=_presumed(use),
        way=_way(use, cells),
    )


@on(UnboundModule)
def unbound(use: UnboundModule) -> Iterator[Report]:
    message = say("`{name}` is not defined {where}: its import fails there, and nothing takes its place", name=use.name)
    yield Report(use.node, use.site.live, message, "NameError")


def _without(use: LibraryModule) -> Cells:
    """The cells on which the import fails.

    `from package import module` does not fail where `package.module` is built in: the package is then there, too.
    """
    cells = library.not_built_in(use.name, use.site.live)
    if isinstance(use.statement, cst.ImportFrom) and not isinstance(use.statement.names, cst.ImportStar):
        for alias in use.statement.names:
            inner = f"{use.name}.{alias.evaluated_name}"
            if world.mip_package(inner) or inner in world.micropython_modules():
                cells &= library.not_built_in(inner, use.site.live)
    return cells


def _is_worth_a_report(use: LibraryModule) -> bool:
    """True if a missing module is worth a report.

    A project often has its own file for some modules. In a file that is written for MicroPython, modules that `mip` can
    install are taken to be installed.
    """
    package, dot, _ = use.name.partition(".")
    if not library.is_known(use.name):
        return False
    if package in OFTEN_OWN and (dot or knows_micropython(use.site.module) or _takes_other_names(use)):
        return False
    if _is_listed(use) or not _is_installable(use):
        return True
    return not knows_micropython(use.site.module)


def _takes_other_names(use: LibraryModule) -> bool:
    """True if the file takes a name from the module that CPython's has not: `from secrets import SSID`."""
    known = NAMES_OF_CPYTHON.get(use.name)
    if known is None:
        return False
    if isinstance(use.statement, cst.ImportFrom):
        names = () if isinstance(use.statement.names, cst.ImportStar) else use.statement.names
        return not known.issuperset(one.evaluated_name for one in names)
    alias = use.node.evaluated_alias if isinstance(use.node, cst.ImportAlias) else None
    bound = alias or use.name
    members = of_type(use.site.module, cst.Attribute)
    taken = {one.attr.value for one in members if isinstance(one.value, cst.Name) and one.value.value == bound}
    # A variable may have the name of the module: `queue.put` beside `queue.Queue`.
    return bool(taken) and known.isdisjoint(taken)


def _is_listed(use: LibraryModule) -> bool:
    """True if a module is in the list of those for CPython alone.

    Any other name may also be that of a driver which is on the board and not in the project.
    """
    return use.name in CPYTHON_ONLY or use.name.partition(".")[0] in CPYTHON_ONLY


def _is_installable(use: LibraryModule) -> bool:
    inside = (name.startswith(f"{use.name}.") for name in world.mip_modules())
    if world.mip_package(use.name) is None:
        return any(inside)
    return any(world.mip_works(cell, use.name) for cell in library.not_built_in(use.name, use.site.live))


def _presumed(use: LibraryModule) -> Presumption | None:
    """The assumption that the report rests on.

    No board gets past an import at top level of a module that cannot be installed, so this rests on none. Other imports
    may be in a part of the program that is for a computer.
    """
    can_be_installed = _is_installable(use) or use.name in _INSTALLED
    if knows_micropython(use.site.module) or (is_at_top(use.site) and not can_be_installed):
        return None
    return "a board as flashed" if can_be_installed else "a board"


def _node(use: LibraryModule) -> cst.CSTNode:
    return use.node.name if isinstance(use.node, cst.ImportAlias) else use.node


def _advice(use: LibraryModule, cells: Cells) -> Field:
    if other := renamed(use.name, use.site.live):
        return say("; import {name}", name=other)
    package, known = _brought(use, cells), _known(use, cells)
    if package is None or known is _COROUTINE:  # the package `threading` imports `_thread`
        return known
    if package.folder == "unix-ffi":  # `mip` does not install this folder
        return say("; unix-ffi/{package} of micropython-lib has it{more}", package=package.name, more=known)
    if known and (few := _few(use.name)):
        names = ", ".join(few)
        return say(
            '{known}; mip.install("{package}") brings {names} only', known=known, package=package.name, names=names
        )
    if lost := _lost(use):
        return say('; mip.install("{package}") brings it without {names}', package=package.name, names=", ".join(lost))
    return say('; mip.install("{package}") brings it{more}', package=package.name, more=known)


def _known(use: LibraryModule, cells: Cells) -> Field:
    """The advice for the module, whether `mip` can install it or not."""
    if use.name == "typing" and for_annotations(use.site, use.statement) is None:
        return _EVALUATED
    return _about_threads(cells) if use.name == "threading" else _own_advice(use.name)


def _lost(use: LibraryModule) -> list[str]:
    """The methods that the file calls and that the module of micropython-lib lacks, unless a module may be meant."""
    names = LOST.get(use.name, frozenset())
    called = {
        one.attr.value
        for one in (of_type(use.site.module, cst.Attribute) if names else ())
        if one.attr.value in names and not (isinstance(one.value, cst.Name) and one.value.value == "time")
    }
    return sorted(called)


def _about_threads(cells: Cells) -> Said:
    """The advice for `threading`: not every port has `_thread`, and rp2 runs one thread beside the main program."""
    if all(world.module_exists(cell, "_thread") is False for cell in cells if cell.port != "docs"):
        return _COROUTINE
    # ports/rp2/mpthreadport.c:129@v1.28.0
    if any(cell.port == "rp2" for cell in cells):
        return say("; _thread.start_new_thread starts a function, on rp2 one at a time")
    return _ADVICE["threading"]


def _brought(use: LibraryModule, cells: Cells) -> world.Package | None:
    """The package of micropython-lib that has the module, if it can be installed on all of these boards."""
    package = world.mip_package(use.name) if use.name != _FUTURE else None
    able = all(library.may_be_installed(cell, use.name) for cell in cells if cell.port != "docs")
    return package if able else None


def _few(module: str) -> list[str]:
    """The names of the module that `mip` installs, if these are few; else an empty list."""
    names = sorted(world.mip_names(module))
    return names if len(names) <= _FEW else []


def _way(use: LibraryModule, cells: Cells) -> Literal["mip", "none"] | None:
    if use.name in _WITHOUT_REPLACEMENT:
        return "none"
    package = _brought(use, cells)
    is_whole = package is not None and package.folder != "unix-ffi" and not (_own_advice(use.name) and _few(use.name))
    return "mip" if is_whole and not _lost(use) else None


def _own_advice(module: str) -> Field:
    """The advice of this rule for a missing module, else that for the package it is in."""
    return _ADVICE.get(module) or _ADVICE.get(module.partition(".")[0]) or ""


def _repair(use: LibraryModule) -> Repair | None:
    if use.name == _FUTURE:
        return _without_future(use)
    other = renamed(use.name, use.site.live)
    if other is None:
        return for_annotations(use.site, use.statement)
    if isinstance(use.node, cst.ImportAlias):
        changes = importing_under(use.node, other, use.name)
    else:
        changes = (replace(use.node, other),)
    return Repair(say("Import {name}", name=other), changes)


def _without_future(use: LibraryModule) -> Repair | None:
    names = getattr(use.statement, "names", ())
    if isinstance(names, cst.ImportStar) or not use.site.alone or not is_at_top(use.site):
        return None
    safe = all(isinstance(one, cst.ImportAlias) and one.evaluated_name in _MANDATORY for one in names)
    change = Change(Edge(use.statement, "start"), _next_start(use.site, use.statement), "")
    return Repair(say("Leave it out"), (change,), "safe" if safe else "unsafe")


def _next_start(site: Site, statement: cst.CSTNode) -> Edge:
    """The start of the module's next statement if only blank lines are between, else the end of this line."""
    body = site.module.body
    place = next(index for index, line in enumerate(body) if line is site.path[1])
    after = body[place + 1] if place + 1 < len(body) else None
    leading = getattr(after, "leading_lines", ())
    if after is None or any(line.comment for line in leading) or getattr(after, "decorators", ()):
        return Edge(statement, "line_end")
    return Edge(after, "start")

"""Shared by the rules on modules."""

from __future__ import annotations

import libcst as cst

from usock_lint.analysis.domain import library
from usock_lint.analysis.domain.values import Cells
from usock_lint.analysis.uses import Site
from usock_lint.checks import Presumption
from usock_lint.ports import world
from usock_lint.ports.modules import BUILT_IN, CPYTHON_ONLY, IN_LIBRARY, MICROPYTHON_ONLY
from usock_lint.syntax.nodes import imports_at_top, of_type, once_per_node, package_of, packages_at_top, within

# Attributes whose use is a sign that a file is written for MicroPython, such as `sys.implementation`.
_MEMBERS = frozenset(
    "implementation mem_alloc mem_free print_exception sleep_ms sleep_us ticks_add ticks_diff ticks_ms ticks_us".split()
)

# Names in modules that no board has or fills: signs that a file is for a computer.
_OF_COMPUTERS = frozenset(
    "argv create_connection gethostbyaddr gethostbyname gethostname getfqdn setdefaulttimeout "
    "SHUT_RD SHUT_RDWR SHUT_WR".split()
)
_METHODS_OF_COMPUTERS = frozenset("getpeername getsockname gettimeout".split())
"""Methods of CPython's sockets that no board has."""

_TOP = 3
"""The number of nodes around a statement at top level: the module, a line and itself."""


def is_at_top(site: Site) -> bool:
    """True if a statement is at top level, and not in a compound statement."""
    return len(site.path) <= _TOP


@once_per_node
def knows_micropython(module: cst.Module) -> bool:
    """True if a file uses something that only MicroPython has.

    Threads of `_thread` count, which few programs for CPython use, unless the file has a sign that it is one of these.
    A method that sockets lack is none, as it may be a slip, nor is `threading`, which may be installed.
    """
    # The imports at the top settle it for most files, without a search of the whole tree.
    at_top = (part for one in imports_at_top(module) for part in within(one))
    if any(map(_is_sign, at_top)) or any(map(_is_sign, of_type(module, cst.Attribute, cst.Import, cst.ImportFrom))):
        return True
    members = {node.attr.value for node in of_type(module, cst.Attribute)}
    if "start_new_thread" not in members or not members.isdisjoint(_OF_COMPUTERS):
        return False
    return (CPYTHON_ONLY - IN_LIBRARY).isdisjoint(packages_at_top(module))


@once_per_node
def is_for_computers(module: cst.Module) -> bool:
    """True if a file uses something that no board has: a module of CPython's alone, or a name of its `socket`."""
    members = {node.attr.value for node in of_type(module, cst.Attribute)}
    if not members.isdisjoint(_OF_COMPUTERS | _METHODS_OF_COMPUTERS):
        return True
    return not CPYTHON_ONLY.isdisjoint(packages_at_top(module))


def importing(module: str, site: Site) -> Cells:
    """The cells on which the module can be imported.

    A file written for MicroPython is assumed to have the modules installed that `mip` can install.
    """
    missing = library.not_built_in(module, site.live)
    installed = missing and module not in CPYTHON_ONLY and module not in BUILT_IN and knows_micropython(site.module)
    return site.live if installed else site.live - missing


def presumed(site: Site) -> Presumption | None:
    """The assumption that a finding about an object of a module rests on; None in a file written for MicroPython."""
    return None if knows_micropython(site.module) else "a board"


def _is_sign(node: cst.CSTNode) -> bool:
    match node:
        case cst.Attribute(attr=cst.Name(value=name)):
            return name in _MEMBERS
        case cst.Import(names=names):
            return any(package_of(alias.name) in MICROPYTHON_ONLY for alias in names)
        case cst.ImportFrom(module=module, names=names) if module is not None:
            named = () if isinstance(names, cst.ImportStar) else names
            return package_of(module) in MICROPYTHON_ONLY or any(one.evaluated_name in _MEMBERS for one in named)
        case _:
            return False


def renamed(name: str, cells: Cells) -> str | None:
    """The present name of a module with a `u`, if all of these cells have it under that name."""
    other = name[1:]
    if not name.startswith("u") or name not in world.micropython_modules() or "." in name:
        return None
    return other if all(world.module_exists(cell, other) for cell in cells) else None

"""Infers targets from imports: a module that imports `esp32` at top level runs on ports that have it."""

from __future__ import annotations

import libcst as cst

from usock_lint.ports import NEWEST, PORTABLE, Target, cells, world
from usock_lint.ports.modules import ON_PORTS
from usock_lint.syntax.nodes import of_type, packages_at_top


def targets(module: cst.Module) -> tuple[Target, ...]:
    """The targets of a module where none are configured.

    If it imports, at top level and outside any `if` or `try`, modules that only some ports have, the targets are the
    ports that have all of these modules, at the newest release. Else they are the portable ones.
    """
    needed = [ON_PORTS[name] for name in packages_at_top(module) if name in ON_PORTS and not _is_cpythons(module, name)]
    if not needed:
        return PORTABLE
    common = [port for port in needed[0] if all(port in ports for ports in needed)]
    return tuple(Target(port, NEWEST, NEWEST) for port in common) or PORTABLE


def _is_cpythons(module: cst.Module, name: str) -> bool:
    """True if a file uses a name that CPython's module has and none of those on ports: `termios.TCSADRAIN`."""
    if name not in world.cpython_modules():
        return False
    there = cells(Target(port, NEWEST, NEWEST) for port in ON_PORTS[name])
    attributes = of_type(module, cst.Attribute)
    used = {one.attr.value for one in attributes if isinstance(one.value, cst.Name) and one.value.value == name}
    return any(all(world.module_name(cell, name, one) is False for cell in there) for one in used)

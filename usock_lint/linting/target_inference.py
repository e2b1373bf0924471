"""What a module's imports say of the ports that it runs on."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from usock_lint.ports import NEWEST, PORTABLE, Target
from usock_lint.ports.modules import ON_PORTS


def targets(module: cst.Module) -> tuple[Target, ...]:
    """The ports to lint a module for where none is configured.

    They are the portable ones, but for a module that needs what only some port has: then it is those ports, at the
    newest release. It needs what it imports at top level under no condition, and outside any `try`.
    """
    needed = [ON_PORTS[name] for name in _imported(module) if name in ON_PORTS]
    if not needed:
        return PORTABLE
    common = [port for port in needed[0] if all(port in ports for ports in needed)]
    return tuple(Target(port, NEWEST, NEWEST) for port in common) or PORTABLE


def _imported(module: cst.Module) -> Iterator[str]:
    """The top-level packages that the module's own statements import."""
    for line in module.body:
        for statement in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            match statement:
                case cst.Import(names=names):
                    yield from (_package(alias.name) for alias in names)
                case cst.ImportFrom(module=source, relative=()) if source is not None:
                    yield _package(source)
                case _:
                    pass


def _package(node: cst.Attribute | cst.Name) -> str:
    """`a` of `a.b.c`."""
    inner: cst.BaseExpression = node
    while isinstance(inner, cst.Attribute):
        inner = inner.value
    return cst.ensure_type(inner, cst.Name).value

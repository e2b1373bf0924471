"""Facts about a file as a whole: functions that other code may call, and if any socket gets a timeout."""

from __future__ import annotations

from typing import Final

import libcst as cst

from usock_lint.syntax.nodes import of_type, once_per_node, parts

_WAITS: Final = frozenset({"settimeout", "setblocking"})


_TOLD_APART: Final = frozenset(
    {
        cst.Name,
        cst.Attribute,
        cst.Call,
        cst.FunctionDef,
        cst.ClassDef,
        cst.Param,
        cst.Import,
        cst.ImportFrom,
    }
)


@once_per_node
def referred(module: cst.Module) -> frozenset[str]:
    """The names and attributes that a file mentions other than to call them: what they stand for may go anywhere."""
    found: set[str] = set()
    pending: list[cst.CSTNode] = [module]
    while pending:
        node = pending.pop()
        if type(node) not in _TOLD_APART:
            pending += parts(node)
            continue
        match node:
            case cst.Name(value=name):
                found.add(name)
            case cst.Attribute(value=value, attr=cst.Name(value=name)):
                found.add(name)
                pending += [] if isinstance(value, cst.Name) else [value]
            case cst.Call(func=func, args=args):
                pending += [one.value for one in args]
                called = func.value if isinstance(func, cst.Attribute) else func
                pending += [] if isinstance(called, cst.Name) else [called]
            case cst.FunctionDef(decorators=decorators, params=params, body=body):
                pending += [*decorators, params, body]
            case cst.ClassDef(decorators=decorators, bases=bases, keywords=keywords, body=body):
                pending += [*decorators, *(one.value for one in (*bases, *keywords)), body]
            case cst.Param(default=default):
                pending += [] if default is None else [default]
            case _:
                pass
    return frozenset(found)


@once_per_node
def sets_timeouts(module: cst.Module) -> bool:
    """True if a file says of any socket how long it waits. Where it says so of none, each waits for ever."""
    return any(node.value in _WAITS for node in of_type(module, cst.Name))


def is_decorated(node: cst.FunctionDef) -> bool:
    """True if something else than the function may have its name."""
    names = [one.decorator.value if isinstance(one.decorator, cst.Name) else "" for one in node.decorators]
    return not all(name in ("staticmethod", "classmethod") for name in names)

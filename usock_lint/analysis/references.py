"""Which functions of a file can be called with more than the calls in the file show."""

from __future__ import annotations

import libcst as cst

from usock_lint.syntax.nodes import parts


def referred(module: cst.Module) -> frozenset[str]:
    """The names and attributes that a file mentions other than to call them: what they stand for may go anywhere."""
    found: set[str] = set()
    pending: list[cst.CSTNode] = [module]
    while pending:
        match pending.pop():
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
            case cst.Import() | cst.ImportFrom():
                pass
            case other:
                pending += parts(other)
    return frozenset(found)


def is_decorated(node: cst.FunctionDef) -> bool:
    """Whether something else than the function may have its name."""
    names = [one.decorator.value if isinstance(one.decorator, cst.Name) else "" for one in node.decorators]
    return not all(name in ("staticmethod", "classmethod") for name in names)

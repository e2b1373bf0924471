"""Shared by the rules on str in the place of bytes."""

from __future__ import annotations

import ast
from collections.abc import Callable

import libcst as cst

from usock_lint.analysis.domain.operations import atoms, constant
from usock_lint.analysis.domain.values import Atom, Cells, Value
from usock_lint.ports import Cell
from usock_lint.threads import without_warnings


def as_bytes(node: cst.BaseExpression) -> str | None:
    """An ASCII string literal as the same bytes, None where a `b` in front does not give that."""
    if not isinstance(node, cst.SimpleString) or node.lpar or node.prefix.lower() not in ("", "r"):
        return None
    text = f"b{node.value}"
    with without_warnings:
        try:
            same = ast.literal_eval(text).decode("ascii") == node.evaluated_value
        except (SyntaxError, UnicodeDecodeError):
            return None
    return text if same else None


def where_str(value: Value, live: Cells) -> Cells:
    """The cells on which each possibility of this value is a known str."""
    return where(value, live, is_str) - where(value, live, lambda atom: not is_str(atom))


def where(value: Value, live: Cells, holds: Callable[[Atom], bool]) -> Cells:
    """The cells on which a value may be an atom for which `holds` is true."""
    return frozenset[Cell]().union(*(cells for atom, cells in atoms(value, live) if holds(atom)))


def is_str(atom: Atom) -> bool:
    """True if this is a str constant."""
    return isinstance(constant(atom), str)

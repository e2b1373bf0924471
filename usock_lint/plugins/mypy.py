"""A plugin for mypy, `plugins = ["usock_lint.mypy_plugin"]`: builtins that MicroPython lacks are not defined.

mypy takes its builtins from one file, which no stub of a project can change. So this takes the names out of what mypy
has read: `except ConnectionError` is then the NameError that it is on MicroPython, and `error.strerror` no attribute.
"""

from __future__ import annotations

from mypy.nodes import AssignmentStmt, ClassDef, MypyFile, NameExpr, Statement
from mypy.plugin import Plugin

from usock_lint.ports import MISSING_BUILTINS, MISSING_OSERROR_ATTRIBUTES


def plugin(version: str) -> type[Plugin]:
    """The entry point that mypy calls to load the plugin, for any version of mypy."""
    return _MicroPython


class _MicroPython(Plugin):
    def get_additional_deps(self, file: MypyFile) -> list[tuple[int, str, int]]:
        """Called for each file after it was read; it needs no others."""
        if file.fullname == "builtins":
            file.defs[:] = [one for one in file.defs if _defined(one) not in MISSING_BUILTINS]
            for one in file.defs:
                if isinstance(one, ClassDef) and one.name == "OSError":
                    body = one.defs.body
                    body[:] = [inner for inner in body if _defined(inner) not in MISSING_OSERROR_ATTRIBUTES]
        return []


def _defined(one: Statement) -> str:
    """The name that a statement of a stub defines, or nothing."""
    match one:
        case ClassDef():
            return one.name
        case AssignmentStmt(lvalues=[NameExpr() as target]):
            return target.name
        case _:
            return ""

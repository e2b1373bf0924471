"""A plugin for mypy, `plugins = ["usock_lint.mypy_plugin"]`: builtins that MicroPython lacks are not defined.

mypy reads its builtins from one file, which no stub of a project can change. So the plugin removes the names from what
mypy has read. Then mypy reports `except ConnectionError`, a NameError on MicroPython, and `error.strerror`.
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
    """The name that a statement of a stub defines, or ""."""
    match one:
        case ClassDef():
            return one.name
        case AssignmentStmt(lvalues=[NameExpr() as target]):
            return target.name
        case _:
            return ""

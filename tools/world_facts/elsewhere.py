"""Find the names of modules that any port, board or driver of MicroPython has, or ever had."""

from __future__ import annotations

import re
from pathlib import Path

_REGISTERED = re.compile(r"MP_REGISTER_(?:EXTENSIBLE_)?MODULE\s*\(\s*MP_QSTR_(\w+)")
_LISTED = re.compile(
    r"\{\s*MP_(?:ROM_QSTR|OBJ_NEW_QSTR)\(MP_QSTR_(\w+)\),\s*(?:MP_ROM_PTR|\(mp_obj_t\))\(?&\w*module\w*\)?"
)
_NOT_MODULES = re.compile(
    r"boot|main|_boot\w*|manifest\w*|setup|test\w*|\w*_test|example\w*|make\w*|conf|__init__|deploy\w*|\w*-.*|\d.*"
)


def names(tree: Path) -> set[str]:
    """What the C of every port registers, the Python that ports and boards freeze, and the drivers."""
    found: set[str] = set()
    for pattern in ("py/*.c", "extmod/*.c", "ports/*/**/*.c", "ports/*/mpconfigport.h", "drivers/**/*.c"):
        for path in tree.glob(pattern):
            text = path.read_text(encoding="utf-8", errors="replace")
            found |= set[str](_REGISTERED.findall(text) + _LISTED.findall(text))
    for pattern in (
        "ports/*/modules/*.py",
        "ports/*/boards/*/*.py",
        "ports/*/boards/*/modules/*.py",
        "drivers/**/*.py",
    ):
        found |= {path.stem for path in tree.glob(pattern)}
    return {name for name in found if not _NOT_MODULES.fullmatch(name)}

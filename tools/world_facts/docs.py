"""Read what the documentation documents: modules, their names, and the members of classes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tools.world_facts.builds import Known
from tools.world_facts.entries import Entry, Members, Module

_DIRECTIVE = re.compile(r"(\s*)\.\. (\w+):: (.*)")
_KINDS = {"function": "f", "class": "c", "exception": "c", "data": "k", "method": "f", "classmethod": "f",
          "staticmethod": "f", "attribute": "o"}  # fmt: skip


def documented(folder: Path) -> Known:
    """The modules of docs/library, and the builtins."""
    found = Known(boards=["docs"])
    for path in sorted(folder.glob("*.rst")):
        module = ""
        for directive, text in _directives(path.read_text(encoding="utf-8")):
            if directive in ("module", "currentmodule"):
                module = text.strip()
                found.modules.setdefault(module, Module({}, set())).sources.add(f"docs/library/{path.name}")
            elif directive in _KINDS:
                known = found.modules.get(module)
                names = found.builtins if path.name == "builtins.rst" else known.names if known else {}
                _add(names, module, _KINDS[directive], text)
    found.everywhere = set(found.modules)
    return found


def _directives(text: str) -> Iterator[tuple[str, str]]:
    """Directives with their arguments; further lines that are indented below the first are arguments too.

    What the text denies is left out.
    """
    lines = text.splitlines()
    for index, line in enumerate(lines):
        directive = _DIRECTIVE.match(line)
        if directive is None or "does NOT exist" in "".join(lines[index + 1 : index + 4]):
            continue
        yield directive[2], directive[3]
        indent = len(directive[1]) + 3
        for more in lines[index + 1 :]:
            words = more.strip()
            if not words or len(more) - len(more.lstrip()) <= indent or words.startswith(":"):
                break
            yield directive[2], words


def _add(names: Members, module: str, kind: str, text: str) -> None:
    path = re.match(r"[\w.]+", text.strip())
    if path is None:
        return
    parts = path[0].removeprefix(f"{module}.").split(".")
    if len(parts) == 1:
        names.setdefault(parts[0], Entry(kind))
    elif len(parts) == 2:
        owner = names.setdefault(parts[0], Entry("c"))
        owner.members.setdefault(parts[1], Entry(kind))

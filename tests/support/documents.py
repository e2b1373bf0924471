"""Reading the documents of the project."""

from __future__ import annotations

import re
from pathlib import Path


def snippet(path: Path, language: str, holding: str) -> str:
    """The one block of this language with these words in it."""
    blocks: list[str] = re.findall(rf"^```{language}\n(.*?)^```$", path.read_text(encoding="utf-8"), re.S | re.M)
    (found,) = (block for block in blocks if holding in block)
    return found

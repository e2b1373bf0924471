"""What one process of pytest-xdist runs in one go."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest
from xdist.scheduler import LoadScopeScheduling  # pyright: ignore[reportMissingTypeStubs]

_PARTS: Final = {
    "test_pages.py": re.compile(r"[\w-]+\.md(?=[]-])"),
    "test_shim_programs.py": re.compile(r"\[\w+\.\w"),
}
"""By file: what the names of tests that belong together have in common."""


class ByFileAndPart(LoadScopeScheduling):
    """The tests of a file share fixtures, so one process runs them; two files have too many for one.

    Those of the rule pages are cut by page, those of whole programs by what the names of these begin with. What was
    collected first is run first.
    """

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        file, _, test = nodeid.partition("::")
        part = _PARTS.get(file.rpartition("/")[2])
        found = part.search(test) if part else None
        return f"{file}::{found[0]}" if found else file

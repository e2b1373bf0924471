"""What one process of pytest-xdist runs in one go."""

from __future__ import annotations

import re
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling  # pyright: ignore[reportMissingTypeStubs]


class ByFileAndPage(LoadScopeScheduling):
    """The tests of a file share fixtures, so one process runs them; those of the rule pages are cut by page.

    What was collected first is run first.
    """

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        file, _, test = nodeid.partition("::")
        page = re.search(r"[\w-]+\.md(?=[]-])", test) if file.endswith("/test_pages.py") else None
        return f"{file}::{page[0]}" if page else file

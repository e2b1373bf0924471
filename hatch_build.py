"""Makes of README.md what the package index shows: its links, relative in the repository, lead nowhere there.

The address of the repository is `Repository` in `[project.urls]` of pyproject.toml. With it a link leads to the file of
this version in the repository. Without it, as long as the address is not known, only the text of the link is kept.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_LINK = re.compile(r"\[(?P<text>[^\]]+)\]\((?!https?:)(?P<path>[^)]+)\)")


class ReadmeHook(MetadataHookInterface):
    """Fills in the readme, which pyproject.toml declares as dynamic."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the readme of the package's metadata."""
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        address = metadata.get("urls", {}).get("Repository")
        link = rf"[\g<text>]({address.rstrip('/')}/blob/v{metadata['version']}/\g<path>)" if address else r"\g<text>"
        metadata["readme"] = {"content-type": "text/markdown", "text": _LINK.sub(link, text)}

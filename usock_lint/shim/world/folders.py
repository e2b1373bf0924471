"""Where the files of a program are: on unix where their paths say, on a board in one folder of the computer."""

from __future__ import annotations

import os
import posixpath


class Folders:
    """The paths of a program, and those of the computer. `root` is the folder that a board has for its root."""

    def __init__(self, root: str = "") -> None:
        self.root = root.rstrip("/")
        self.inside = "/"
        """The current folder, as a board names it."""

    def host(self, path: str) -> str:
        """The path on the computer. A path that begins with the root, such as a module's `__file__`, is one already."""
        if not self.root or f"{path}/".startswith(f"{self.root}/"):
            return path
        return f"{self.root}{self._named(path)}"

    def enter(self, path: str) -> None:
        """Change the current folder. Raises OSError if there is no such folder."""
        if not self.root:
            os.chdir(path)
            return
        if not os.path.isdir(self.host(path)):
            raise FileNotFoundError(2, "no such folder")
        self.inside = self._named(path)

    def current(self) -> str:
        """The path of the current folder."""
        return self.inside if self.root else os.getcwd()

    def _named(self, path: str) -> str:
        return posixpath.normpath(f"/{posixpath.join(self.inside, path).lstrip('/')}")

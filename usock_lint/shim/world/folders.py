"""The files of a program: on unix all of the computer's, on a board those in one folder of the computer."""

from __future__ import annotations

import os
import posixpath


class Folders:
    """From paths of a program to paths of the computer. `root` is the folder that is a board's root; "" on unix."""

    def __init__(self, root: str = "") -> None:
        self.root = root.rstrip("/")
        self.board_cwd = "/"
        """The current folder of a board."""

    def host(self, path: str) -> str:
        """The path on the computer. A path that is in the root already, such as a module's `__file__`, is unchanged."""
        if not self.root or f"{path}/".startswith(f"{self.root}/"):
            return path
        return f"{self.root}{self._on_board(path)}"

    def enter(self, path: str) -> None:
        """Change the current folder. Raises OSError if there is no such folder."""
        if not self.root:
            os.chdir(path)
            return
        if not os.path.isdir(self.host(path)):
            raise FileNotFoundError(2, "no such folder")
        self.board_cwd = self._on_board(path)

    def current(self) -> str:
        """The path of the current folder."""
        return self.board_cwd if self.root else os.getcwd()

    def _on_board(self, path: str) -> str:
        """The absolute path on a board, without `..`."""
        return posixpath.normpath(f"/{posixpath.join(self.board_cwd, path).lstrip('/')}")

"""A source on its way through a run: its bytes, text, directives and role, each computed once, when it is needed."""

from __future__ import annotations

from functools import cached_property

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usock_lint.linting.directives import Directives
    from usock_lint.linting.role import Role
    from usock_lint.syntax.text import Decoded

_MARKS = (b"usock-lint", b"usock_lint")
"""The words of which every directive contains one; the second is a mistake that is reported."""


class Source:
    """One file, or the text of a document. Gate, cache, engine and fixer get the same object.

    `folder` is the folder below which the file was found; None if the file was named.
    """

    def __init__(self, path: str, data: bytes, folder: str | None = None) -> None:
        self.path = path
        self.data = data
        self.folder = folder
        self.has_networks: bool | None = None
        """True if the file imports a module for networks; None until the gate is asked."""

    @classmethod
    def of(cls, source: str | bytes, path: str, folder: str | None = None) -> Source:
        """The source with this text, or these bytes."""
        if isinstance(source, bytes):
            return cls(path, source, folder)
        from usock_lint.syntax.text import Decoded

        made = cls(path, source.encode("utf-8", "surrogatepass"), folder)
        made.decoded = Decoded(source, "utf-8")
        return made

    @cached_property
    def decoded(self) -> Decoded:
        """The text, and the encoding that it is in."""
        from usock_lint.syntax import text

        return text.decode(self.data)

    @cached_property
    def directives(self) -> Directives | None:
        """The settings in the comments of the file; None if its bytes cannot hold any, as in most files."""
        if not any(mark in self.data for mark in _MARKS):
            return None
        from usock_lint.linting import directives
        from usock_lint.syntax.text import BYTE_ORDER_MARK

        return directives.read(self.decoded.text.removeprefix(BYTE_ORDER_MARK))

    @cached_property
    def role(self) -> Role:
        """The kind of interpreter that the file is for."""
        from usock_lint.linting import role

        return role.role(self.data, self.path, self.folder)

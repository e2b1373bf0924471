"""What the linter says: plain data, shared by the engine, the front ends and the outputs."""

from __future__ import annotations

from usock_lint.fast_dataclasses import NamedTuple, dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    Applicability = Literal["safe", "unsafe"]
else:
    Applicability = None  # a name in annotations, which nothing evaluates


class Location(NamedTuple):
    """A place in a file: row and column, both from 1, columns counted in characters."""

    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text from `location` up to `end_location` (exclusive) by `content`."""

    location: Location
    end_location: Location
    content: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that belong together: all of them are applied or none. Without any, the byte order mark is left out.

    A *safe* fix keeps what the code does on CPython; an *unsafe* one may change it there.
    """

    applicability: Applicability
    message: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One offence at one place, and the targets (as the user wrote them) on which it is one."""

    path: str
    location: Location
    end_location: Location
    code: str
    name: str
    message: str
    targets: tuple[str, ...]
    fix: Fix | None
    line: str = ""
    """The text of the row where it begins, without its line end."""

    @property
    def line_key(self) -> str:
        """The line as it is compared with another version of the file: without the blanks that formatters change."""
        return " ".join(self.line.split())

    @property
    def url(self) -> str:
        """MicroPython's own documentation of what the rule is about."""
        from usock_lint.catalog.pages import rules

        return rules()[self.name].reference


class FileReport(NamedTuple):
    """What became of one file. With `problem` set it could not be read, linted or written, and why."""

    path: str
    findings: tuple[Finding, ...] = ()
    problem: str | None = None
    warning: str | None = None
    skipped: bool = False
    """Whether it runs on no device, by its imports, or a comment in it says that it is to be skipped."""
    fixed: int = 0
    diff: bytes = b""

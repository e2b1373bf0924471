"""What the linter says: plain data, shared by the engine, the front ends and the outputs."""

from __future__ import annotations

import os

from usock_lint.fast_dataclasses import NamedTuple, dataclass
from usock_lint.i18n import say, shortened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from usock_lint.i18n import Lang

    Applicability = Literal["safe", "unsafe"]
    Why = Literal["host", "test", "stand-in", "CircuitPython", "Pycom", "comment", "excluded"]
else:
    Applicability = Why = None  # names in annotations, which nothing evaluates


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


class InternalError(NamedTuple):
    """An exception in usock-lint itself: what a file has lost to it, of the rule with this code or ("") of all."""

    code: str
    error: str
    trace: str

    @classmethod
    def of(cls, error: BaseException, code: str = "") -> InternalError:
        """The exception as plain data, which other processes can be told of."""
        import traceback

        said = " ".join(f"{type(error).__name__}: {error}".split())
        return cls(code, shortened(said.removesuffix(":")), "".join(traceback.format_exception(error)))

    def text(self, lang: Lang) -> str:
        """What to say of it."""
        code, error = self.code, self.error
        said = say("internal error ({error}); please report it with this file", error=error)
        if code:
            said = say("internal error in {code} ({error}); please report it with this file", code=code, error=error)
        return said.in_(lang)

    def traceback(self) -> Iterator[str]:
        """The lines of the traceback, for those who ask for it by `USOCK_LINT_DEBUG=1`."""
        if is_debugging():
            yield from self.trace.splitlines()


def is_debugging() -> bool:
    """Whether tracebacks are wanted."""
    return os.environ.get("USOCK_LINT_DEBUG", "") not in ("", "0")


class LeftOut(NamedTuple):
    """Why a file was not linted."""

    why: Why
    imports: tuple[tuple[str, int], ...] = ()
    """What in it says so, each with its row: modules that it imports, as a rule."""


class FileReport(NamedTuple):
    """What became of one file. With `problem` set it could not be read, linted or written, and why.

    `errors` are those of usock-lint itself, by which findings were lost; `unfixable` are findings whose fixes would
    make a file that cannot be parsed.
    """

    path: str
    findings: tuple[Finding, ...] = ()
    problem: str | None = None
    warning: str | None = None
    left_out: LeftOut | None = None
    """Why it was not linted, for one that was not."""
    linted: bool = False
    """Whether the rules saw it. Those that are neither linted nor left out have nothing to do with networks."""
    fixed: int = 0
    diff: bytes = b""
    errors: tuple[InternalError, ...] = ()
    unfixable: tuple[Finding, ...] = ()
    asked: tuple[tuple[str, bool], ...] = ()
    """The modules that the project was asked for, and whether it has them: the findings go by that."""

"""Findings, fixes and reports: plain data, shared by the engine, the front ends and the outputs.

`to_dict` converts them to JSON types, for outputs and the cache; `from_dict` reads those and raises ValueError for
anything else, because a cache file may be damaged or forged.
"""

from __future__ import annotations

import os

from usock_lint.fast_dataclasses import NamedTuple, dataclass
from usock_lint.i18n import say, shortened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Literal

    from usock_lint.catalog.pages import Severity
    from usock_lint.i18n import Lang

    Applicability = Literal["safe", "unsafe"]
    Way = Literal["mip", "fix", "other", "none"]
    Why = Literal["host", "test", "stand-in", "CircuitPython", "Pycom", "comment", "excluded", "no rule"]
else:
    Applicability = Way = Why = None  # names in annotations, which nothing evaluates


class Location(NamedTuple):
    """A place in a file: row and column, both from 1, columns counted in characters."""

    row: int
    column: int

    def to_dict(self) -> dict[str, int]:
        """As an object of JSON."""
        return {"column": self.column, "row": self.row}

    @classmethod
    def from_dict(cls, found: Any) -> Location:
        """Raises ValueError."""
        match found:
            case {"column": int(column), "row": int(row)}:
                return cls(row, column)
            case _:
                raise ValueError("no location")


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text from `location` up to `end_location` (exclusive) by `content`."""

    location: Location
    end_location: Location
    content: str

    def to_dict(self) -> dict[str, object]:
        """As an object of JSON."""
        ends = {"end_location": self.end_location.to_dict(), "location": self.location.to_dict()}
        return {"content": self.content, **ends}

    @classmethod
    def from_dict(cls, found: Any) -> Edit:
        """Raises ValueError."""
        match found:
            case {"content": str(content), "end_location": end, "location": start}:
                return cls(Location.from_dict(start), Location.from_dict(end), content)
            case _:
                raise ValueError("no edit")


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that belong together: all of them are applied or none. A fix without edits removes the byte order mark.

    A *safe* fix keeps what the code does on CPython; an *unsafe* one may change it there.
    """

    applicability: Applicability
    message: str
    edits: tuple[Edit, ...]

    def to_dict(self) -> dict[str, object]:
        """As an object of JSON."""
        edits = [edit.to_dict() for edit in self.edits]
        return {"applicability": self.applicability, "edits": edits, "message": self.message}

    @classmethod
    def from_dict(cls, found: Any) -> Fix:
        """Raises ValueError."""
        match found:
            case {"applicability": "safe" | "unsafe" as applicability, "edits": [*edits], "message": str(message)}:
                return cls(applicability, message, tuple(map(Edit.from_dict, edits)))
            case _:
                raise ValueError("no fix")


class Because(NamedTuple):
    """The finding in another file that is the cause of one: the path as seen from this file's folder, row and code."""

    file: str
    row: int
    code: str

    @classmethod
    def from_list(cls, found: Any) -> Because:
        """Raises ValueError."""
        match found:
            case [str(file), int(row), str(code)]:
                return cls(file, row, code)
            case _:
                raise ValueError("no cause")

    def path(self, path: str) -> str:
        """The path of the other file, for a finding in the file of this path."""
        return os.path.normpath(os.path.join(os.path.dirname(path), self.file))


@dataclass(frozen=True, slots=True)
class Finding:
    """A failure that a rule reports: its place, and the targets on which it fails, as the user wrote them."""

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
    raises: str = ""
    """The exception that the line raises there, "" if it does something wrong without raising."""
    on_import: bool = False
    """True if it fails as the module is imported, not in a function or below `if __name__ == "__main__":`."""
    way: Way = "other"
    """The way to mend it: install a package with mip, apply the fix, write it another way, or none."""
    severity: Severity = "error"
    """The severity of its rule, which every output shows."""
    because: Because | None = None
    """The finding in another file that is the cause of this one."""

    def to_dict(self) -> dict[str, object]:
        """As an object of JSON, without the path: that is the report's."""
        return {
            "because": self.because and list(self.because),
            "code": self.code,
            "end_location": self.end_location.to_dict(),
            "fix": self.fix and self.fix.to_dict(),
            "line": self.line,
            "location": self.location.to_dict(),
            "message": self.message,
            "name": self.name,
            "on_import": self.on_import,
            "raises": self.raises,
            "severity": self.severity,
            "targets": list(self.targets),
            "way": self.way,
        }

    @classmethod
    def from_dict(cls, path: str, found: Any) -> Finding:
        """Raises ValueError."""
        match found:
            case {
                "because": because,
                "code": str(code),
                "end_location": end,
                "fix": fix,
                "line": str(line),
                "location": start,
                "message": str(message),
                "name": str(name),
                "on_import": bool(on_import),
                "raises": str(raises),
                "severity": "error" | "warning" as severity,
                "targets": [*words],
                "way": "mip" | "fix" | "other" | "none" as way,
            }:
                place, targets = (Location.from_dict(start), Location.from_dict(end)), tuple(map(_text, words))
                repair = None if fix is None else Fix.from_dict(fix)
                cause = None if because is None else Because.from_list(because)
                mending = repair, line, raises, on_import, way
                return cls(path, *place, code, name, message, targets, *mending, severity, cause)
            case _:
                raise ValueError("no finding")

    @property
    def line_key(self) -> str:
        """The line with blanks normalised: a baseline finds it again in another version of the file."""
        return " ".join(self.line.split())

    @property
    def url(self) -> str:
        """MicroPython's own documentation of what the rule is about."""
        from usock_lint.catalog.pages import rules

        return rules()[self.name].reference


def _text(found: Any) -> str:
    if isinstance(found, str):
        return found
    raise ValueError("no text")


class InternalError(NamedTuple):
    """An exception in usock-lint itself: a file has lost the findings of the rule `code`, or of all rules for ""."""

    code: str
    error: str
    trace: str

    @classmethod
    def of(cls, error: BaseException, code: str = "") -> InternalError:
        """The exception as plain data, which can be sent between processes."""
        import traceback

        said = " ".join(f"{type(error).__name__}: {error}".split())
        return cls(code, shortened(said.removesuffix(":")), "".join(traceback.format_exception(error)))

    def text(self, lang: Lang) -> str:
        """The message about it."""
        code, error = self.code, self.error
        said = say("internal error ({error}); please report it with this file", error=error)
        if code:
            said = say("internal error in {code} ({error}); please report it with this file", code=code, error=error)
        return said.in_(lang)

    def traceback(self) -> Iterator[str]:
        """The lines of the traceback, shown if `USOCK_LINT_DEBUG=1` is set."""
        if is_debugging():
            yield from self.trace.splitlines()


def is_debugging() -> bool:
    """True if tracebacks are wanted."""
    return os.environ.get("USOCK_LINT_DEBUG", "") not in ("", "0")


class Used(NamedTuple):
    """A dependency of the findings in a file: an import, or a question, of `importer` leads to the file at `path`.

    Paths are relative to the folder of the file with the findings; `digest` is "" where nothing is found, or read.
    """

    importer: str
    name: str
    path: str
    digest: str


class LeftOut(NamedTuple):
    """Why a file was not linted."""

    why: Why
    imports: tuple[tuple[str, int], ...] = ()
    """The evidence, mostly modules that it imports, each with its row."""


class Unchecked(NamedTuple):
    """The reason why no rule was run on a file that may be correct: only MicroPython can parse the line `row`."""

    row: int
    error: str

    def text(self, lang: Lang) -> str:
        """The message about it."""
        return say(
            "is not checked: line {row} may be right for MicroPython, but cannot be read: {error}",
            row=self.row,
            error=self.error,
        ).in_(lang)


class FileReport(NamedTuple):
    """The result for one file. `problem` says why the file could not be read, linted or written.

    `errors` are exceptions in usock-lint itself, by which findings were lost; `unfixable` are findings whose fixes are
    left out because the file could not be parsed with them.
    """

    path: str
    findings: tuple[Finding, ...] = ()
    problem: str | None = None
    warning: str | None = None
    left_out: LeftOut | None = None
    """The reason why the file was not linted, if so."""
    unchecked: Unchecked | None = None
    """The reason why the rules were not run, if that is not a finding. There may be findings that need no rules."""
    linted: bool = False
    """True if the rules were run. A file that is neither linted nor left out nor unchecked does not use networks."""
    reached: bool = False
    """True if it imports no network module itself, but a networked file of the same run imports it."""
    fixed: int = 0
    diff: bytes = b""
    errors: tuple[InternalError, ...] = ()
    unfixable: tuple[Finding, ...] = ()
    looked_for: tuple[tuple[str, bool], ...] = ()
    """Modules that were looked for in the project, and whether it has them: the findings depend on it."""
    used: tuple[Used, ...] = ()
    """The other files of the project that the findings depend on."""
    offered: tuple[tuple[str, int], ...] = ()
    """The number of findings of each opt-in rule that is off, by code."""

"""Writes the report on a linted file as JSON and reads it: without its path, and without what a run did to the file."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from usock_lint.diagnostics import FileReport, Used


_NOTHING = b"[null,[]]"
"""The report of most files: no warning, no findings."""


def dumps(report: FileReport) -> bytes:
    """One line of ASCII: JSON, in which a tab is escaped, then a tab and `CODE=NUMBER` for each rule in `offered`."""
    findings = [one.to_dict() for one in report.findings]
    offered = "".join(f"\t{code}={count}" for code, count in report.offered).encode()
    if not (report.warning or findings or report.looked_for or report.used):
        return _NOTHING + offered
    import json

    parts = (report.warning, findings, *([report.looked_for, report.used] if report.looked_for or report.used else ()))
    return json.dumps(parts, separators=(",", ":")).encode() + offered


def loads(path: str, text: bytes) -> FileReport | None:
    """The report; None for a text that is not one, as anybody may have written the file."""
    from usock_lint.diagnostics import FileReport, Finding

    text, *rest = text.split(b"\t")
    try:
        offered = tuple(_count(part) for part in rest)
    except ValueError:
        return None
    if text == _NOTHING:
        return FileReport(path, linted=True, offered=offered)
    import json  # takes half the time of a run without findings

    try:
        match json.loads(text):
            case [None | str() as warning, [*findings], *rest]:
                found = tuple(Finding.from_dict(path, one) for one in findings)
                known = FileReport(path, found, warning=warning, linted=True, offered=offered)
                return known._replace(**_dependencies(rest))
            case _:
                return None
    except (ValueError, RecursionError):
        return None


def _count(part: bytes) -> tuple[str, int]:
    code, _, count = part.decode("ascii").partition("=")
    return code, int(count)


def _dependencies(rest: list[Any]) -> dict[str, Any]:
    match rest:
        case []:
            return {}
        case [[*answers], [*used]]:
            return {"looked_for": tuple(_looked_for(one) for one in answers), "used": tuple(_used(one) for one in used)}
        case _:
            raise ValueError


def _looked_for(parts: Any) -> tuple[str, bool]:
    match parts:
        case [str(name), bool(there)]:
            return name, there
        case _:
            raise ValueError


def _used(parts: Any) -> Used:
    from usock_lint.diagnostics import Used

    match parts:
        case [str(importer), str(name), str(path), str(digest)]:
            return Used(importer, name, path, digest)
        case _:
            raise ValueError

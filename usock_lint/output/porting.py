"""The porting report: for each file of CPython code, the line that fails first on a board, and the ways to mend it."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from usock_lint.diagnostics import FileReport, Finding
from usock_lint.fast_dataclasses import NamedTuple
from usock_lint.files.discovery import read
from usock_lint.i18n import Lang, Said, number_of_files, say
from usock_lint.output.findings.json import described
from usock_lint.output.findings.summary import number_of_findings
from usock_lint.output.report_paths import absolute, printable
from usock_lint.output.run_order import rows_in_order
from usock_lint.output.terminal import Paint, plain, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usock_lint.diagnostics import Way

_TITLES: Mapping[Way, Said] = {
    "mip": say("Install with mip"),
    "fix": say("usock-lint --fix does it"),
    "other": say("Has another way"),
    "none": say("Has no way"),
}
"""The groups, in the order in which a porter works through them."""

_SHOWN = 80
"""Characters of a source line that are shown at most."""


class Failure(NamedTuple):
    """A line that fails as a file is imported: the finding in this file, and the one in another that is its cause.

    `here` is None if the package of the file fails, which is imported before it.
    """

    here: Finding | None
    cause: Finding


_RELATIVE = re.compile(rb"^[ \t]*from[ \t]+\.", re.MULTILINE)

Reports = Mapping[str, FileReport]
"""Reports by the absolute paths of their files."""


def first_on_import(reports: Reports, report: FileReport) -> Failure | None:
    """The line that fails first as the file is imported, in this file or in one that it imports.

    A file with an error of syntax fails at that before all. Before a module of a package the package is imported.
    """
    failing = [one for one in report.findings if one.raises and one.on_import]
    here = _earliest([one for one in failing if _stops_all(one)] or failing)
    own = here and Failure(here, _cause(reports, here))
    around = _package(report.path)
    # In the root of the file system there is nothing around a package.
    package = reports.get(around) if around != os.path.abspath(report.path) else None
    first = first_on_import(reports, package) if package is not None and _is_inside(report.path) else None
    if first is None or os.path.abspath(first.cause.path) == os.path.abspath(report.path):
        return own
    # The package may import this file, which fails by the same line then.
    return own if own and own.cause == first.cause else first._replace(here=None)


def _package(path: str) -> str:
    """The path that the `__init__.py` of the package around a module, or around a package, has if there is one."""
    folder, name = os.path.split(os.path.abspath(path))
    return os.path.join(os.path.dirname(folder) if name == "__init__.py" else folder, "__init__.py")


def _is_inside(path: str) -> bool:
    """True if a file can only be imported as a part of its package, because it has relative imports."""
    data = read(path)
    return isinstance(data, bytes) and bool(_RELATIVE.search(data))


def _stops_all(finding: Finding) -> bool:
    """True if no line of the file is run: it has an error of syntax itself."""
    return finding.raises == "SyntaxError" and finding.because is None


def _cause(reports: Reports, finding: Finding) -> Finding:
    if finding.because is None:
        return finding
    _, row, code = finding.because
    path = finding.because.path(os.path.abspath(finding.path))
    found = reports[path].findings if path in reports else ()
    return next((one for one in found if one.location.row == row and one.code == code), finding)


def _own(report: FileReport) -> list[Finding]:
    """The findings of a file that are not those of another."""
    return [one for one in report.findings if one.because is None]


def first_on_run(report: FileReport) -> Finding | None:
    """The first line that fails when what the file defines is run, as its statements call its functions."""
    failing = [one for one in report.findings if one.raises and not one.on_import]
    data = read(report.path) if len(failing) > 1 else b""
    return _earliest(failing, rows_in_order(data) if isinstance(data, bytes) else {})


def _earliest(failing: Sequence[Finding], rows: Mapping[int, int] = MappingProxyType({})) -> Finding | None:
    """The first of these in the order of rows, but an argument of a call, or another part of it, before the call."""
    first = min(failing, key=lambda one: (rows.get(one.location.row, len(rows)), one.location), default=None)
    if first is None:
        return None
    end = first.end_location
    inside = [one for one in failing if one.end_location <= end and one.location > first.location]
    return _earliest(inside, rows) or first


def render(reports: Sequence[FileReport], paint: Paint = plain, lang: Lang = "en") -> str:
    """A part for each file that has to change, with the lines in groups, and the counts of all files."""
    by_path = _by_path(reports)
    parts = [_part(one, first_on_import(by_path, one), paint, lang) for one in reports if one.findings]
    return "\n".join(["".join(f"{line}\n" for line in part) for part in [*parts, [_total(reports, lang)]]])


def _by_path(reports: Sequence[FileReport]) -> Reports:
    return {os.path.abspath(report.path): report for report in reports}


def _part(report: FileReport, first: Failure | None, paint: Paint, lang: Lang) -> Iterator[str]:
    found = _own(report)
    width = len(str(max((one.location.row for one in found), default=0)))
    yield paint("path", visible(report.path))
    if first:
        yield from _failing(first.cause, _on_import(first), lang)
    if on_run := first_on_run(report):
        yield from _failing(on_run, _on_run(on_run), lang)
    for way, title in _TITLES.items():
        group = [one for one in found if one.way == way]
        if group:
            yield f"  {title.in_(lang)} ({len(group)})"
            yield from (f"    {one.location.row:{width}}  {_line(one, paint, lang)}" for one in group)


def _line(finding: Finding, paint: Paint, lang: Lang) -> str:
    unsafe = say(" (unsafe)").in_(lang) if finding.fix and finding.fix.applicability == "unsafe" else ""
    return f"{paint(finding.severity, finding.code)} {visible(finding.message)}{unsafe}"


def _failing(found: Finding, said: Said, lang: Lang) -> Iterator[str]:
    yield f"  {said.in_(lang)}"
    yield f"    {visible(found.line.strip()[:_SHOWN])}"


def _on_import(first: Failure) -> Said:
    cause = first.cause
    if first.here is None:
        return say(
            "Fails on import before its first line, by line {line} of {path} ({error}):",
            line=cause.location.row,
            path=visible(cause.path),
            error=cause.raises,
        )
    row = first.here.location.row
    if cause is first.here:
        return say("Fails on import in line {row} ({error}):", row=row, error=cause.raises)
    return say(
        "Fails on import in line {row}, by line {line} of {path} ({error}):",
        row=row,
        line=cause.location.row,
        path=visible(cause.path),
        error=cause.raises,
    )


def _on_run(found: Finding) -> Said:
    return say("Fails on run in line {row} ({error}):", row=found.location.row, error=found.raises)


def _total(reports: Sequence[FileReport], lang: Lang) -> str:
    found = [one for report in reports for one in _own(report)]
    if not any(report.linted for report in reports):
        return say("Nothing was linted.").in_(lang)
    if not found:
        return say("Nothing is known that has to change.").in_(lang)
    changing = sum(bool(_own(report)) for report in reports)
    counted = Counter(one.way for one in found)
    return say(
        "{findings} in {files}: {mip} to install with mip, {fix} that --fix changes, {other} with another way, "
        "{none} with none.",
        findings=number_of_findings(len(found)),
        files=number_of_files(changing),
        mip=counted["mip"],
        fix=counted["fix"],
        other=counted["other"],
        none=counted["none"],
    ).in_(lang)


def render_json(reports: Sequence[FileReport]) -> str:
    """An object with a list of the files and the counts of the groups. Findings are as in the format `json`."""
    by_path = _by_path(reports)
    counted = Counter(one.way for report in reports for one in _own(report))
    files = [_file(one, first_on_import(by_path, one)) for one in reports]
    whole = {"files": files, "counts": {way: counted[way] for way in _TITLES}}
    return json.dumps(whole, indent=2) + "\n"


def _file(report: FileReport, first: Failure | None) -> dict[str, object]:
    on_run = first_on_run(report)
    return {
        "filename": printable(absolute(report.path)),
        "linted": report.linted,
        "first_on_import": first and _finding(first.cause),
        "first_on_run": on_run and _finding(on_run),
        **{way: [_finding(one) for one in _own(report) if one.way == way] for way in _TITLES},
    }


def _finding(finding: Finding) -> dict[str, object]:
    return {**described(finding), "raises": finding.raises or None, "on_import": finding.on_import}

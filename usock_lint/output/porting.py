"""The porting report: for each file of CPython code, the line that fails first on a board, and the ways to mend it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from usock_lint.diagnostics import FileReport, Finding
from usock_lint.i18n import Lang, Said, number_of_files, say
from usock_lint.output.findings.json import described
from usock_lint.output.findings.summary import number
from usock_lint.output.report_paths import absolute, printable
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


def first_on_import(report: FileReport) -> Finding | None:
    """The line that fails first as the file is imported. A file with an error of syntax fails at that before all."""
    failing = (one for one in report.findings if one.raises and one.on_import)
    return min(failing, key=lambda one: (one.raises != "SyntaxError", one.location), default=None)


def first_on_run(report: FileReport) -> Finding | None:
    """The first line that fails when what the file defines is run."""
    failing = (one for one in report.findings if one.raises and not one.on_import)
    return min(failing, key=lambda one: one.location, default=None)


def render(reports: Sequence[FileReport], paint: Paint = plain, lang: Lang = "en") -> str:
    """A part for each file that has to change, with the lines in groups, and the counts of all files."""
    parts = [_part(report, paint, lang) for report in reports if report.findings]
    return "\n".join(["".join(f"{line}\n" for line in part) for part in [*parts, [_total(reports, lang)]]])


def _part(report: FileReport, paint: Paint, lang: Lang) -> Iterator[str]:
    width = len(str(max(one.location.row for one in report.findings)))
    yield paint("path", visible(report.path))
    for found, when in ((first_on_import(report), "import"), (first_on_run(report), "run")):
        if found:
            yield f"  {_failing(found, when).in_(lang)}"
            yield f"    {visible(found.line.strip()[:_SHOWN])}"
    for way, title in _TITLES.items():
        group = [one for one in report.findings if one.way == way]
        if group:
            yield f"  {title.in_(lang)} ({len(group)})"
            yield from (f"    {one.location.row:{width}}  {_line(one, paint, lang)}" for one in group)


def _line(finding: Finding, paint: Paint, lang: Lang) -> str:
    unsafe = say(" (unsafe)").in_(lang) if finding.fix and finding.fix.applicability == "unsafe" else ""
    return f"{paint('code', finding.code)} {visible(finding.message)}{unsafe}"


def _failing(found: Finding, when: str) -> Said:
    row, error = found.location.row, found.raises
    if when == "import":
        return say("Fails on import in line {row} ({error}):", row=row, error=error)
    return say("Fails on run in line {row} ({error}):", row=row, error=error)


def _total(reports: Sequence[FileReport], lang: Lang) -> str:
    found = [one for report in reports for one in report.findings]
    if not any(report.linted for report in reports):
        return say("Nothing was linted.").in_(lang)
    if not found:
        return say("Nothing is known that has to change.").in_(lang)
    changing = sum(bool(report.findings) for report in reports)
    counted = Counter(one.way for one in found)
    return say(
        "{findings} in {files}: {mip} to install with mip, {fix} that --fix changes, {other} with another way, "
        "{none} with none.",
        findings=number(len(found)),
        files=number_of_files(changing),
        mip=counted["mip"],
        fix=counted["fix"],
        other=counted["other"],
        none=counted["none"],
    ).in_(lang)


def render_json(reports: Sequence[FileReport]) -> str:
    """An object with a list of the files and the counts of the groups. Findings are as in the format `json`."""
    found = [one for report in reports for one in report.findings]
    counted = Counter(one.way for one in found)
    whole = {"files": [*map(_file, reports)], "counts": {way: counted[way] for way in _TITLES}}
    return json.dumps(whole, indent=2) + "\n"


def _file(report: FileReport) -> dict[str, object]:
    on_import, on_run = first_on_import(report), first_on_run(report)
    return {
        "filename": printable(absolute(report.path)),
        "linted": report.linted,
        "first_on_import": on_import and _finding(on_import),
        "first_on_run": on_run and _finding(on_run),
        **{way: [_finding(one) for one in report.findings if one.way == way] for way in _TITLES},
    }


def _finding(finding: Finding) -> dict[str, object]:
    return {**described(finding), "raises": finding.raises or None, "on_import": finding.on_import}

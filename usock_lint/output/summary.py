"""What a run ends with on standard error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usock_lint.runner import FileReport


def notes(reports: Sequence[FileReport], *, verbose: bool) -> Iterator[str]:
    """A line for each file that could not be read or written, or was read with a warning."""
    for report in reports:
        if report.problem:
            yield f"{report.path}: {report.problem}"
        if report.warning:
            yield f"{report.path}: {report.warning}"
        if report.skipped and verbose:
            yield f"{report.path}: skipped, it runs on no device (--assume device lints it), or a comment says so"


def counts(reports: Sequence[FileReport], *, fix: bool, unsafe: bool) -> Iterator[str]:
    """How many findings there are, and how many of them can be fixed."""
    fixed = sum(report.fixed for report in reports)
    findings = [finding for report in reports for finding in report.findings]
    if not findings and not fixed:
        return
    done = f" ({fixed} fixed, {len(findings)} remaining)" if fix else ""
    yield f"Found {_number(len(findings) + fixed, 'finding')}{done}."
    fixable = Counter(finding.fix.applicability for finding in findings if finding.fix)
    if not fix and fixable["safe"]:
        yield f"{fixable['safe']} can be fixed with --fix."
    if fixable["unsafe"] and not (fix and unsafe):
        more = " more" if fixed or fixable["safe"] else ""
        yield f"{fixable['unsafe']}{more} can be fixed with --{'' if fix else 'fix --'}unsafe-fixes."


def files(reports: Sequence[FileReport], *, verbose: bool) -> Iterator[str]:
    """With `verbose` how many files there were, and how many of them were skipped."""
    skipped = sum(report.skipped for report in reports)
    if verbose:
        yield f"{_number(len(reports), 'file')}, {skipped} of them skipped."


def would_fix(reports: Sequence[FileReport]) -> Iterator[str]:
    """What --diff ends with."""
    fixed = sum(report.fixed for report in reports)
    if fixed:
        yield f"Would fix {_number(fixed, 'finding')}."


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"

"""What a run ends with on standard error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from usock_lint.i18n import Said, say
from usock_lint.output.terminal import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usock_lint.diagnostics import FileReport
    from usock_lint.i18n import Lang


def notes(reports: Sequence[FileReport], lang: Lang, *, verbose: bool) -> Iterator[str]:
    """A line for each file that could not be read or written or was read with a warning, and for errors of our own."""
    for report in reports:
        path = visible(report.path)
        if report.problem:
            yield f"{path}: {report.problem}"
        if report.warning:
            yield f"{path}: {report.warning}"
        for error in report.errors:
            yield f"{path}: {visible(error.text(lang))}"
            yield from error.traceback()
        for finding in report.unfixable:
            why = say("the fix of {code} is left out, as the file would not parse with it", code=finding.code)
            yield f"{path}:{finding.location.row}: {why.in_(lang)}"
        if report.skipped and verbose:
            why = say("skipped, it runs on no device (--assume device lints it), or a comment says so")
            yield f"{path}: {why.in_(lang)}"


def counts(reports: Sequence[FileReport], lang: Lang, *, fix: bool, unsafe: bool) -> Iterator[str]:
    """How many findings there are, and how many of them can be fixed."""
    fixed = sum(report.fixed for report in reports)
    findings = [finding for report in reports for finding in report.findings]
    if not findings and not fixed:
        return
    done = say(" ({fixed} fixed, {left} remaining)", fixed=fixed, left=len(findings)) if fix else ""
    yield say("Found {findings}{done}.", findings=number(len(findings) + fixed), done=done).in_(lang)
    fixable = Counter(finding.fix.applicability for finding in findings if finding.fix)
    if not fix and fixable["safe"]:
        yield say("{count} can be fixed with {options}.", count=fixable["safe"], options="--fix").in_(lang)
    if fixable["unsafe"] and not (fix and unsafe):
        count, options = fixable["unsafe"], "--unsafe-fixes" if fix else "--fix --unsafe-fixes"
        if fixed or fixable["safe"]:
            yield say("{count} more can be fixed with {options}.", count=count, options=options).in_(lang)
        else:
            yield say("{count} can be fixed with {options}.", count=count, options=options).in_(lang)


def files(reports: Sequence[FileReport], lang: Lang, *, verbose: bool) -> Iterator[str]:
    """With `verbose` how many files there were, and how many of them were skipped."""
    skipped = sum(report.skipped for report in reports)
    if verbose:
        read = say("1 file") if len(reports) == 1 else say("{count} files", count=len(reports))
        yield say("{files}, {skipped} of them skipped.", files=read, skipped=skipped).in_(lang)


def would_fix(reports: Sequence[FileReport], lang: Lang) -> Iterator[str]:
    """What --diff ends with."""
    fixed = sum(report.fixed for report in reports)
    if fixed:
        yield say("Would fix {findings}.", findings=number(fixed)).in_(lang)


def number(count: int) -> Said:
    """So many findings."""
    return say("1 finding") if count == 1 else say("{count} findings", count=count)

"""The summary that ends a run, on standard error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from usock_lint.i18n import Said, number_of_files, say
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
        if report.unchecked:
            yield f"{path}: {visible(report.unchecked.text(lang))}"
        for error in report.errors:
            yield f"{path}: {visible(error.text(lang))}"
            yield from error.traceback()
        for finding in report.unfixable:
            why = say("the fix of {code} is left out, as the file would not parse with it", code=finding.code)
            yield f"{path}:{finding.location.row}: {why.in_(lang)}"
        if report.left_out and verbose:
            from usock_lint.output import left_out

            yield f"{path}: {say('left out: {reason}', reason=left_out.reason(report.left_out)).in_(lang)}"


def counts(reports: Sequence[FileReport], lang: Lang, *, fix: bool, unsafe: bool) -> Iterator[str]:
    """The number of findings, and how many of them a fix removes, a package of `mip` solves, or nothing does.

    If there are warnings, which are the findings of opt-in rules, a line has the numbers of errors and warnings.
    """
    fixed = sum(report.fixed for report in reports)
    findings = [finding for report in reports for finding in report.findings]
    if not findings and not fixed:
        return
    done = say(" ({fixed} fixed, {left} remaining)", fixed=fixed, left=len(findings)) if fix else ""
    yield say("Found {findings}{done}.", findings=number_of_findings(len(findings) + fixed), done=done).in_(lang)
    if warnings := sum(finding.severity == "warning" for finding in findings):
        errors = len(findings) - warnings
        yield say("{errors}, {warnings}.", errors=_errors(errors), warnings=_warnings(warnings)).in_(lang)
    fixable = Counter(finding.fix.applicability for finding in findings if finding.fix)
    if not fix and fixable["safe"]:
        yield say("{count} can be fixed with {options}.", count=fixable["safe"], options="--fix").in_(lang)
    if fixable["unsafe"] and not (fix and unsafe):
        count, options = fixable["unsafe"], "--unsafe-fixes" if fix else "--fix --unsafe-fixes"
        if fixed or fixable["safe"]:
            yield say("{count} more can be fixed with {options}.", count=count, options=options).in_(lang)
        else:
            yield say("{count} can be fixed with {options}.", count=count, options=options).in_(lang)
    ways = Counter(finding.way for finding in findings)
    if ways["mip"]:
        yield say("{count} can be solved by a package that mip installs.", count=ways["mip"]).in_(lang)
    if ways["none"]:
        yield say("{count} cannot be solved on these targets.", count=ways["none"]).in_(lang)


def _errors(count: int) -> Said:
    return say("1 error") if count == 1 else say("{count} errors", count=count)


def _warnings(count: int) -> Said:
    return say("1 warning") if count == 1 else say("{count} warnings", count=count)


def files(reports: Sequence[FileReport], lang: Lang, *, verbose: bool) -> Iterator[str]:
    """Files that were left out, with reasons, and files not checked; with `verbose` also the number of all files."""
    if unchecked := sum(bool(report.unchecked) for report in reports):
        one = say("1 file is not checked.")
        yield (one if unchecked == 1 else say("{count} files are not checked.", count=unchecked)).in_(lang)
    if any(report.left_out for report in reports):
        from usock_lint.output import left_out

        for sentence in left_out.sentences(reports):
            yield sentence.in_(lang)
    if verbose:
        linted, out = sum(report.linted for report in reports), sum(bool(report.left_out) for report in reports)
        counted = say(
            "{files}: {linted} linted for sockets, {out} left out.",
            files=number_of_files(len(reports)),
            linted=linted,
            out=out,
        )
        yield counted.in_(lang)


def passed(reports: Sequence[FileReport], lang: Lang) -> Iterator[str]:
    """The lines of the summary if there are no findings: how many files pass, or that nothing was linted."""
    if any(report.findings or report.fixed for report in reports):
        return
    good = [one for one in reports if not (one.left_out or one.problem or one.unchecked or one.errors)]
    if good:
        yield _passing(len(good), others=len(good) < len(reports)).in_(lang)
    if good and not any(report.linted for report in good):
        yield (say("It uses no sockets.") if len(good) == 1 else say("None of them uses sockets.")).in_(lang)
    if reports and all(report.left_out for report in reports):
        yield say("Nothing was linted.").in_(lang)
        if any(report.left_out and report.left_out.why == "host" for report in reports):
            yield say("For what is to run on a board, `usock-lint port PATH` tells what has to change first.").in_(lang)


def _passing(count: int, *, others: bool) -> Said:
    if others:
        return say("The other file passes.") if count == 1 else say("The other {count} files pass.", count=count)
    return say("The file passes.") if count == 1 else say("All {count} files pass.", count=count)


def offered(reports: Sequence[FileReport], lang: Lang) -> Iterator[str]:
    """If there are no findings: the number that opt-in rules would have, and the option that shows them.

    They are hints there, as the line above says that the files pass.
    """
    is_clean = not any(report.findings or report.errors or report.unchecked for report in reports)
    if is_clean and any(report.offered for report in reports):
        from usock_lint.settings.config import OFFERED

        counts = Counter[str]()
        for report in reports:
            counts.update(dict(report.offered))
        total = counts.total()
        line = say(
            "{hints} of rules that are off by default: {codes} ({option} turns them on).",
            hints=say("1 hint") if total == 1 else say("{count} hints", count=total),
            codes=say(", ").in_(lang).join(sorted(counts)),
            option=f"--extend-select {OFFERED}",
        )
        yield line.in_(lang)


def would_fix(reports: Sequence[FileReport], lang: Lang) -> Iterator[str]:
    """The last line of `--diff`."""
    fixed, left = sum(report.fixed for report in reports), sum(len(report.findings) for report in reports)
    if fixed:
        yield say("Would fix {findings}.", findings=number_of_findings(fixed)).in_(lang)
    elif left:
        yield say("Would fix nothing: {findings} without a fix to apply.", findings=number_of_findings(left)).in_(lang)


def number_of_findings(count: int) -> Said:
    """The message "1 finding" or "3 findings"."""
    return say("1 finding") if count == 1 else say("{count} findings", count=count)

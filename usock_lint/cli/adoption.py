"""Adoption in an existing code base: `--add-noqa` writes comments for its findings, a baseline records them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from usock_lint.diagnostics import FileReport
from usock_lint.i18n import Said, say
from usock_lint.output.findings.summary import number_of_findings
from usock_lint.settings.config import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from usock_lint.cli.check_options import Options
    from usock_lint.running.baseline import Baseline
    from usock_lint.running.baselines import Baselines
    from usock_lint.settings.hierarchy import Hierarchy


_NO_FILE = "--write-baseline: which file? Name it by --baseline or the key `baseline`"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options `--add-noqa`, `--baseline` and `--write-baseline`."""
    group = parser.add_argument_group("adopting it in an old code base")
    group.add_argument("--add-noqa", action="store_true", help="write a noqa comment for each finding into the files")
    group.add_argument("--baseline", metavar="FILE", help="report only what is not in this file")
    group.add_argument("--write-baseline", action="store_true", help="write to that file what is found now")


def check_options(parser: argparse.ArgumentParser, options: Options) -> None:
    """End with a usage error if options contradict each other."""
    for option in ("add_noqa", "write_baseline"):
        if getattr(options, option) and options.diff:
            parser.error(f"--{option.replace('_', '-')} writes, and --diff does not")
    if options.add_noqa and options.paths == ["-"]:
        parser.error("--add-noqa writes into files, and - is none")
    if options.add_noqa and options.noqa is False:
        parser.error("--ignore-noqa looks past the comments that --add-noqa writes")
    if options.add_noqa and options.write_baseline:
        parser.error("--add-noqa or --write-baseline, not both")


def baselines(options: Options, settings: Hierarchy) -> Baselines | None:
    """The baselines: that of the option, else those of the settings; None without any.

    Raises ConfigError, before linting if the paths on the command line suffice to detect the error.
    """
    paths: list[str] = [options.stdin_filename] if options.paths == ["-"] else options.paths
    folders = [path if os.path.isdir(path) else os.path.dirname(path) for path in map(os.path.abspath, paths)]
    is_set = any(settings.inside(folder).config.baseline for folder in folders) or settings.sets("baseline")
    if not is_set and options.baseline is None:
        if options.write_baseline and not any(map(os.path.isdir, paths)):
            raise ConfigError(_NO_FILE)
        return None
    from usock_lint.running.baselines import Baselines

    found = Baselines(settings, options.baseline, new=options.write_baseline)
    for folder in folders:
        found.of_folder(folder)
    return found


def adopted(
    reports: Sequence[FileReport], options: Options, settings: Hierarchy, known: Baselines | None
) -> tuple[list[FileReport], list[str]]:
    """The reports without the findings that a comment or a baseline suppresses, and messages about these.

    With `--add-noqa` the comments are written first, with `--write-baseline` the baselines. Raises ConfigError.
    """
    notes: list[Said] = []
    known = known or baselines(options, settings)  # settings that were read while linting may name one
    if options.add_noqa:
        before = _count(without_known(reports, known))
        reports = _with_comments(reports, settings, known)
        left = without_known(reports, known)
        after = _count(left)
        notes.append(say("Added comments for {findings}.", findings=number_of_findings(before - after)))
        if refused := _count([report for report in left if not report.problem]):
            notes.append(say("{findings} cannot be suppressed by a comment.", findings=number_of_findings(refused)))
    if options.write_baseline and not known:
        raise ConfigError(_NO_FILE)
    if known and options.write_baseline:
        for one in known.write(reports):
            notes.append(say("Wrote {findings} to {file}.", findings=number_of_findings(one.size), file=one.file))
    left = without_known(reports, known)
    if known and not options.write_baseline:
        for one, of_it in known.groups(reports):
            notes += _gone(one, of_it, settings)
            if hidden := _count(of_it) - _count(known.unknown(of_it)):
                notes.append(
                    say("{findings} more, known from {file}.", findings=number_of_findings(hidden), file=one.file)
                )
    return left, [note.in_(options.language) for note in notes]


def _with_comments(reports: Sequence[FileReport], settings: Hierarchy, known: Baselines | None) -> list[FileReport]:
    from usock_lint.running.add_noqa import suppress

    return [
        suppress(new, settings.for_file(new.path).config) if new.findings else report
        for report, new in zip(reports, without_known(reports, known), strict=True)
    ]


def without_known(reports: Sequence[FileReport], known: Baselines | None) -> list[FileReport]:
    """The reports without the findings that are in a baseline."""
    return known.unknown(reports) if known else [*reports]


def _gone(known: Baseline, reports: Sequence[FileReport], settings: Hierarchy) -> Iterator[Said]:
    """Messages about the entries of a baseline whose findings are gone."""
    gone = known.gone(reports, settings)
    for entry in gone:
        line = say("no longer found: {path}: {code} {line}", **entry._asdict())
        yield say("{file}: {line}", file=known.file, line=line)
    if gone:
        yield say(
            "{findings} of {file} no longer found; --write-baseline drops them.",
            findings=number_of_findings(len(gone)),
            file=known.file,
        )


def _count(reports: Sequence[FileReport]) -> int:
    return sum(len(report.findings) for report in reports)

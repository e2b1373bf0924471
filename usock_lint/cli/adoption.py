"""What helps to begin in an old code base: comments for what is found there, and a baseline."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from usock_lint.diagnostics import FileReport
from usock_lint.i18n import say
from usock_lint.output.findings.summary import number
from usock_lint.settings.config import Config, ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usock_lint.running.baseline import Baseline


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this module."""
    group = parser.add_argument_group("adopting it in an old code base")
    group.add_argument("--add-noqa", action="store_true", help="write a noqa comment for each finding into the files")
    group.add_argument("--baseline", metavar="FILE", help="report only what is not in this file")
    group.add_argument("--write-baseline", action="store_true", help="write to that file what is found now")


def check_options(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """A usage error for options that contradict each other."""
    for option in ("add_noqa", "write_baseline"):
        if getattr(options, option) and options.diff:
            parser.error(f"--{option.replace('_', '-')} writes, and --diff does not")
    if options.add_noqa and options.paths == ["-"]:
        parser.error("--add-noqa writes into files, and - is none")
    if options.add_noqa and options.write_baseline:
        parser.error("--add-noqa or --write-baseline, not both")


def baseline(options: argparse.Namespace, config: Config) -> Baseline | None:
    """The known findings, if any are named: by the option, else by the settings. Raises ConfigError."""
    file: str | None = options.baseline
    if file is None and config.baseline is not None:
        file = os.path.relpath(os.path.join(config.root, config.baseline))
    if file is None:
        if options.write_baseline:
            raise ConfigError("--write-baseline: which file? Name it by --baseline or the key `baseline`")
        return None
    from usock_lint.running.baseline import Baseline, read

    return Baseline(file) if options.write_baseline and not os.path.lexists(file) else read(file)


def adopted(
    reports: Sequence[FileReport], options: argparse.Namespace, config: Config, known: Baseline | None
) -> tuple[list[FileReport], list[str]]:
    """The reports without what is known or was given a comment, and what is to be said of the rest."""
    notes: list[str] = []
    lang = config.lang or "en"
    if options.add_noqa:
        before = _count(unknown(reports, known))
        reports = _with_comments(reports, config, known)
        after = _count(unknown(reports, known))
        notes.append(say("Added comments for {findings}.", findings=number(before - after)).in_(lang))
        if after:
            notes.append(say("{findings} cannot be suppressed by a comment.", findings=number(after)).in_(lang))
    if known and options.write_baseline:
        known = known.renewed(reports, config)
        known.write()
        notes.append(say("Wrote {findings} to {file}.", findings=number(known.size), file=known.file).in_(lang))
    elif known:
        notes += _gone(known, reports, config)
    left = unknown(reports, known)
    if known and (hidden := _count(reports) - _count(left)) and not options.write_baseline:
        more = say("{findings} more, known from {file}.", findings=number(hidden), file=known.file)
        notes.append(more.in_(lang))
    return left, notes


def _with_comments(reports: Sequence[FileReport], config: Config, known: Baseline | None) -> list[FileReport]:
    from usock_lint.running.add_noqa import suppress

    return [
        suppress(new, config) if new.findings else report
        for report, new in zip(reports, unknown(reports, known), strict=True)
    ]


def unknown(reports: Sequence[FileReport], known: Baseline | None) -> list[FileReport]:
    """The reports without the findings that are known."""
    return [report._replace(findings=tuple(known.unknown(report))) if known else report for report in reports]


def _gone(known: Baseline, reports: Sequence[FileReport], config: Config) -> list[str]:
    gone = known.gone(reports, config)
    lines = [say("no longer found: {path}: {code} {line}", **entry._asdict()) for entry in gone]
    texts = [f"{known.file}: {line.in_(config.lang or 'en')}" for line in lines]
    if gone:
        total = say(
            "{findings} of {file} no longer found; --write-baseline drops them.",
            findings=number(len(gone)),
            file=known.file,
        )
        texts.append(total.in_(config.lang or "en"))
    return texts


def _count(reports: Sequence[FileReport]) -> int:
    return sum(len(report.findings) for report in reports)

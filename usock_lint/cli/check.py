"""`usock-lint [check] PATH...`: lint files and folders, and fix them when asked."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence

from usock_lint.cli import adoption
from usock_lint.cli.check_options import Options
from usock_lint.cli.in_force import hierarchy
from usock_lint.cli.progress import Progress
from usock_lint.diagnostics import FileReport
from usock_lint.files.discovery import reason
from usock_lint.i18n import say
from usock_lint.linting.file import fix_named, lint_named
from usock_lint.output import renderer
from usock_lint.output.findings import summary
from usock_lint.output.terminal import diff_in_colour, paint_for, plain
from usock_lint.running import cache_folder, runner, unchanged
from usock_lint.settings.config import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usock_lint.diagnostics import Finding
    from usock_lint.i18n import Lang
    from usock_lint.output.terminal import Paint
    from usock_lint.settings.hierarchy import Hierarchy

_INTERRUPTED = say("Interrupted: these are not all the files.")


def main(words: Sequence[str]) -> int:
    """Lint, fix or print a diff; the exit code."""
    options = options_in(words)
    if options.watch:
        from usock_lint.cli.watch import watch

        return watch(options.paths, lambda: _check(options))
    if unchanged.Run.current:
        unchanged.Run.current.begin()
    return _check(options)


def _check(options: Options) -> int:
    """One run with these options; the exit code."""
    settings, folder = hierarchy(options), _folder(options)
    options.language = settings.language(folder)
    if options.show_files or options.show_settings:
        from usock_lint.cli import shown

        return shown.files(options.paths, settings) if options.show_files else shown.settings(options.paths, settings)
    if settings.inside(folder).config.compile:
        from usock_lint.linting import compiler

        compiler.release()  # raises ConfigError if there is no compiler, before anything is linted
    known = adoption.baselines(options, settings)
    reports: list[FileReport] = []
    try:
        for report in _reports(options, settings):
            reports.append(report)
    except KeyboardInterrupt:
        if options.paths != ["-"]:
            left = adoption.without_known(reports, known)
            _print_reports(left, options, [_INTERRUPTED.in_(options.language)])
        raise
    left, notes = adoption.adopted(reports, options, settings, known)
    without_files = [*_without_files(reports, options.paths, settings, options.language)]
    end = [*without_files, *summary.passed(reports, options.language)]
    adopting = known or options.write_baseline or options.add_noqa
    if options.output_format in ("text", "full") and not (options.diff or adopting):
        end += summary.offered(left, options.language)
    # `observed` notes neither what the compiler is asked nor which excluded files a folder has.
    compiled = settings.inside(folder).config.compile or settings.sets("compile")
    run = None if without_files or compiled else unchanged.Run.current
    return _print_reports(left, options, [*_origins(settings, options.language), *notes], end, run)


def _folder(options: Options) -> str:
    """The folder of the first path, whose settings give the language of the summary."""
    path = os.path.abspath(options.stdin_filename if options.paths == ["-"] else options.paths[0])
    return path if os.path.isdir(path) else os.path.dirname(path)


def options_in(words: Sequence[str]) -> Options:
    """The options in these words. argparse, whose import takes a third of a short run, is needed for options only."""
    if words and not any(word.startswith("-") for word in words):
        options = Options()
        options.paths = [*words]
    else:
        from usock_lint.cli import check_parser

        options = check_parser.parse(words)
    options.paths = _expanded(options.paths)
    return options


def _expanded(words: Iterable[str]) -> list[str]:
    """The paths with `*.py` expanded, which Windows' shells leave to the program; a pattern without a match stays."""
    if sys.platform != "win32":
        return [*words]
    from glob import glob, has_magic

    found = (sorted(glob(word)) if has_magic(word) and not os.path.lexists(word) else [] for word in words)
    return [path for word, paths in zip(words, found, strict=True) for path in paths or [word]]


def _reports(options: Options, settings: Hierarchy) -> Iterable[FileReport]:
    return _from_stdin(options, settings) if options.paths == ["-"] else _from_paths(options, settings)


def _origins(settings: Hierarchy, lang: Lang) -> Iterator[str]:
    """A line for each set of inferred targets, with their origin."""
    for found in settings.inferred():
        targets = ", ".join(map(str, found.targets))
        yield say("Targets: {targets}, by {origin}.", targets=targets, origin=found.origin).in_(lang)


def _without_files(
    reports: Sequence[FileReport], paths: Iterable[str], settings: Hierarchy, lang: Lang
) -> Iterator[str]:
    """A line for each folder without files to lint, with the excluded Python files in it."""
    for path in paths:
        folder = os.path.join(os.path.abspath(path), "")
        if not os.path.isdir(folder) or any(
            f"{os.path.abspath(one.path)}{os.sep}".startswith(folder) for one in reports
        ):
            continue
        from usock_lint.files.discovery import passed_over
        from usock_lint.output import left_out

        yield left_out.no_files(path, [*passed_over(path, settings)]).in_(lang)


def _from_paths(options: Options, settings: Hierarchy) -> Iterator[FileReport]:
    cache = _cache(options)
    with Progress() as progress:
        if options.fix or options.diff:
            unsafe, write = options.unsafe_fixes, not options.diff
            yield from runner.fix_paths(
                options.paths,
                settings,
                unsafe=unsafe,
                write=write,
                jobs=options.jobs,
                cache=cache,
                progress=progress.show,
            )
        else:
            yield from runner.lint_paths(
                options.paths, settings, jobs=options.jobs, cache=cache, progress=progress.show
            )


def _cache(options: Options) -> str | None:
    """The folder of the cache. Raises ConfigError if the one that was named cannot be used."""
    if options.no_cache or options.cache_dir is None:
        return None if options.no_cache else cache_folder.CACHE
    if why := cache_folder.obstacle(options.cache_dir):
        raise ConfigError(f"--cache-dir: {options.cache_dir}: {why}")
    return options.cache_dir


def _from_stdin(options: Options, settings: Hierarchy) -> list[FileReport]:
    """Lint standard input. With --fix the fixed source goes to standard output."""
    from usock_lint.cli import standard_input

    data, name = standard_input.read(), options.stdin_filename
    config = settings.for_file(name).config
    if not options.fix and not options.diff:
        return [lint_named(data, name, config)]
    fixed, report = fix_named(data, name, config, unsafe=options.unsafe_fixes)
    if options.diff:
        from usock_lint.files.atomic_write import diff

        return [report._replace(diff=diff(data, fixed, name))]
    sys.stdout.buffer.write(fixed)
    return [report]


def _print_reports(
    reports: Sequence[FileReport],
    options: Options,
    notes: Iterable[str],
    end: Iterable[str] = (),
    run: unchanged.Run | None = None,
) -> int:
    """Print findings or diffs to standard output or a file, and all else to standard error; return the exit code.

    `run`, if given, keeps what was printed, so that the same command can print it again if no file has changed.
    """
    if options.output_file is not None:
        _refuse_linted(options.output_file, reports)
    output, lines = "", [*summary.notes(reports, options.language, verbose=options.verbose)]
    if options.diff:
        _print_diffs(reports, options)
    else:
        output = _print([finding for report in reports for finding in report.findings], options)
    if not options.quiet:
        lines += _summary(reports, options, notes, end)
    sys.stdout.flush()
    errors, status = "".join(f"{line}\n" for line in lines), exit_code(reports, options)
    sys.stderr.write(errors)
    if run and _does_nothing_else(options) and not any(report.problem or report.errors for report in reports):
        run.keep(options.cache_dir or cache_folder.CACHE, status, output, errors)
    return status


def _does_nothing_else(options: Options) -> bool:
    """True if these options make a run read files and print findings and do nothing else, and allow a cache."""
    writes = options.fix or options.diff or options.add_noqa or options.write_baseline or options.output_file
    return not (writes or options.watch or options.no_cache or options.paths == ["-"])


def _summary(
    reports: Sequence[FileReport], options: Options, notes: Iterable[str], end: Iterable[str]
) -> Iterator[str]:
    if options.diff:
        yield from summary.would_fix(reports, options.language)
    else:
        yield from summary.counts(reports, options.language, fix=options.fix, unsafe=options.unsafe_fixes)
    yield from notes
    yield from summary.files(reports, options.language, verbose=options.verbose)
    yield from end


def _print_diffs(reports: Iterable[FileReport], options: Options) -> None:
    """Print each diff in its file's encoding, as `patch` expects, unless it is coloured for people to read."""
    diffs = b"".join(report.diff for report in reports)
    if options.output_file is not None:
        _write(options.output_file, diffs)
        return
    if (paint := paint_for(sys.stdout, os.environ, options.color)) is not plain:
        diffs = diff_in_colour(diffs.decode("utf-8", "surrogateescape"), paint).encode("utf-8", "surrogateescape")
    sys.stdout.buffer.write(diffs)


def _print(findings: Sequence[Finding], options: Options) -> str:
    """Print to `--output-file`, else to standard output, or to standard error if that gets the fixed source.

    What is printed, and not written to a file, is returned.
    """
    stream = sys.stderr if options.fix and options.paths == ["-"] else sys.stdout
    if options.output_file is None:
        output = _rendered(findings, options, paint_for(stream, os.environ, options.color))
        stream.write(output)
        return output
    _write(options.output_file, _rendered(findings, options, plain).encode("utf-8", "backslashreplace"))
    return ""


def _refuse_linted(path: str, reports: Iterable[FileReport]) -> None:
    """Raise ConfigError if the output would replace a file that was linted, as in `-o main.py .`."""
    if any(os.path.exists(one.path) and os.path.samefile(one.path, path) for one in reports if os.path.exists(path)):
        raise ConfigError(f"--output-file: {path}: not written: it is one of the files that are linted")


def _write(path: str, data: bytes) -> None:
    from usock_lint.files import atomic_write

    try:
        atomic_write.write(path, data)
    except OSError as error:
        raise ConfigError(f"--output-file: {path}: {reason(error)}") from None


def _rendered(findings: Sequence[Finding], options: Options, paint: Paint) -> str:
    if not options.statistics:
        return renderer(options.output_format)(findings, paint, options.language)
    from usock_lint.output.findings import statistics

    return (statistics.render_json if options.output_format == "json" else statistics.render)(findings)


def exit_code(reports: Sequence[FileReport], options: Options) -> int:
    """0 without findings, 1 with some or an unreadable file, 2 if a path does not exist or a file was not checked."""
    named = {*options.paths, *map(os.path.normpath, options.paths)}
    if any(report.problem and report.path in named and not os.path.lexists(report.path) for report in reports):
        return 2
    if any(report.errors or report.unchecked for report in reports):
        return 2
    found = any(report.problem or (report.diff if options.diff else report.findings) for report in reports)
    return int(found and not options.exit_zero)

"""`usock-lint [check] PATH...`: lint files and folders, and fix them when asked."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Sequence

from usock_lint import __version__
from usock_lint.cli import adoption
from usock_lint.cli.options import Parser, add_settings, hierarchy
from usock_lint.cli.progress import Progress
from usock_lint.diagnostics import FileReport
from usock_lint.files.discovery import reason
from usock_lint.i18n import say
from usock_lint.linting.file import fix_named, lint_named
from usock_lint.output import FORMATS, renderer
from usock_lint.output.findings import summary
from usock_lint.output.terminal import paint_for, plain
from usock_lint.running import runner
from usock_lint.settings.config import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usock_lint.diagnostics import Finding
    from usock_lint.i18n import Lang
    from usock_lint.output.terminal import Paint
    from usock_lint.settings.hierarchy import Hierarchy

_EXIT_CODES = """\
exit code:
  0  no findings (with --diff: nothing to change)
  1  findings (with --diff: changes), or a file that could not be read or written; the others are still linted
  2  could not run: a bad option or setting, or no such path; a file that is not checked, as only MicroPython can read
     it; or an error in usock-lint itself, which lost findings (USOCK_LINT_DEBUG=1 prints its traceback)
  130, 141  interrupted, or nobody read its output any more; what was found before is printed

other commands (a folder called like one of them is linted by `usock-lint check NAME`):
  usock-lint explain CODE|NAME   print the page of a rule
  usock-lint explain ERROR       find the rules that explain what a device printed
  usock-lint rules               list the rules
  usock-lint config              print the settings in force, and where each comes from
  usock-lint port PATH           tell what has to change in CPython code before it runs on a board
  usock-lint ports [NAME|PORT]   print what each port's socket module has and does
  usock-lint run SCRIPT          run a script with a board's socket module
  usock-lint server              serve an editor (docs/editors.md)
  usock-lint stubs DIR           write type stubs for pyright and mypy
  usock-lint clean               remove the cache
"""


_INTERRUPTED = say("Interrupted: these are not all the files.")


def main(words: Sequence[str]) -> int:
    """Lint, fix or print a diff; the exit code."""
    parser = _parser()
    options = parser.parse_args(words)
    options.paths = _expanded(options.paths)
    if "-" in options.paths and len(options.paths) > 1:
        parser.error("- (standard input) stands alone")
    if options.statistics and options.output_format not in ("text", "json"):
        parser.error(f"--statistics is text or json, and not {options.output_format}")
    adoption.check_options(parser, options)
    settings, folder = hierarchy(options), _folder(options)
    options.lang = settings.language(folder)
    if settings.inside(folder).config.compile:
        from usock_lint.linting import compiler

        compiler.release()  # without a compiler nothing is begun
    known = adoption.baselines(options, settings)
    reports: list[FileReport] = []
    try:
        for report in _reports(options, settings):
            reports.append(report)
    except KeyboardInterrupt:
        if options.paths != ["-"]:
            _print_reports(adoption.unknown(reports, known), options, [_INTERRUPTED.in_(options.lang)])
        raise
    left, notes = adoption.adopted(reports, options, settings, known)
    end = [*_without_files(reports, options.paths, settings, options.lang), *summary.passed(reports, options.lang)]
    adopting = known or options.write_baseline or options.add_noqa
    if options.output_format in ("text", "full") and not (options.diff or adopting):
        end += summary.offered(left, options.lang)
    return _print_reports(left, options, [*_origins(settings, options.lang), *notes], end)


def _folder(options: argparse.Namespace) -> str:
    """The folder of what is named first, whose settings tell the language of the summary."""
    path = os.path.abspath(options.stdin_filename if options.paths == ["-"] else options.paths[0])
    return path if os.path.isdir(path) else os.path.dirname(path)


def _expanded(words: Iterable[str]) -> list[str]:
    """The paths that are meant. Shells of Windows leave `*.py` to the program; what matches nothing stays as it is."""
    if sys.platform != "win32":
        return [*words]
    from glob import glob, has_magic

    found = (sorted(glob(word)) if has_magic(word) and not os.path.lexists(word) else [] for word in words)
    return [path for word, paths in zip(words, found, strict=True) for path in paths or [word]]


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="usock-lint",
        description="Find the lines of socket code that fail on MicroPython.",
        epilog=_EXIT_CODES,
        formatter_class=_formatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("paths", metavar="PATH", nargs="+", help="a file, a folder (its .py files) or - for standard input")
    add("--version", action="version", version=f"usock-lint {__version__}")
    add("--stdin-filename", metavar="NAME", default="<stdin>", help="what to call standard input")
    add_settings(parser)
    adoption.add_options(parser)
    _add_fixing(parser)
    _add_output(parser)
    add("--exit-zero", action="store_true", help="exit with 0 instead of 1")
    add("--jobs", metavar="N", type=_positive, help="processes to lint with (default: as many as pay)")
    _add_cache(parser)
    add("--verbose", action="store_true", help="tell of each file that is left out why, and count the files")
    return parser


def _add_fixing(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("fixing")
    group.add_argument("--fix", action="store_true", help="apply the safe fixes, then report what remains")
    group.add_argument("--unsafe-fixes", action="store_true", help="with --fix or --diff: unsafe fixes too")
    group.add_argument("--diff", action="store_true", help="print what --fix would change, and write nothing")


def _add_output(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("output").add_argument
    add("--output-format", choices=FORMATS, default="text", help="how findings are printed (default: text)")
    add("--output-file", metavar="FILE", help="write them to this file instead, when all are known")
    add("--statistics", action="store_true", help="count them by rule and target instead (text or json)")


def _add_cache(parser: argparse.ArgumentParser) -> None:
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--no-cache", action="store_true", help="neither read nor write what earlier runs found")
    group.add_argument("--cache-dir", metavar="FOLDER", help=f"where to keep it (default: {runner.CACHE})")


def _formatter(prog: str) -> argparse.HelpFormatter:
    """As wide as the terminal. argparse would import slow modules to find that out, help wanted or not."""
    try:
        width = int(os.environ["COLUMNS"]) if "COLUMNS" in os.environ else os.get_terminal_size().columns
    except (ValueError, OSError):
        width = 80
    return argparse.RawDescriptionHelpFormatter(prog, width=max(width, 40) - 2)


def _positive(word: str) -> int:
    from usock_lint.numerals import read_int

    if not (number := read_int(word)):
        raise argparse.ArgumentTypeError(f"`{word}` is not a number above 0")
    return number


def _reports(options: argparse.Namespace, settings: Hierarchy) -> Iterable[FileReport]:
    return _from_stdin(options, settings) if options.paths == ["-"] else _from_paths(options, settings)


def _origins(settings: Hierarchy, lang: Lang) -> Iterator[str]:
    """Where targets are from that nobody chose."""
    for found in settings.inferred():
        targets = ", ".join(map(str, found.targets))
        yield say("Targets: {targets}, by {origin}.", targets=targets, origin=found.origin).in_(lang)


def _without_files(
    reports: Sequence[FileReport], paths: Iterable[str], settings: Hierarchy, lang: Lang
) -> Iterator[str]:
    """The folders in which there was nothing to lint, and what in them was passed over."""
    for path in paths:
        folder = os.path.join(os.path.abspath(path), "")
        if not os.path.isdir(folder) or any(
            f"{os.path.abspath(one.path)}{os.sep}".startswith(folder) for one in reports
        ):
            continue
        from usock_lint.files.discovery import passed_over
        from usock_lint.output import left_out

        yield left_out.no_files(path, [*passed_over(path, settings)]).in_(lang)


def _from_paths(options: argparse.Namespace, settings: Hierarchy) -> Iterator[FileReport]:
    cache = None if options.no_cache else options.cache_dir or runner.CACHE
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


def _from_stdin(options: argparse.Namespace, settings: Hierarchy) -> list[FileReport]:
    """With --fix the fixed source goes to standard output."""
    data, name = sys.stdin.buffer.read(), options.stdin_filename
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
    reports: Sequence[FileReport], options: argparse.Namespace, notes: Iterable[str], end: Iterable[str] = ()
) -> int:
    """Findings or diffs to standard output or a file, all the rest to standard error; the exit code."""
    lines = [*summary.notes(reports, options.lang, verbose=options.verbose)]
    if options.diff:
        for report in reports:
            sys.stdout.buffer.write(report.diff)
        lines += summary.would_fix(reports, options.lang)
    else:
        _print([finding for report in reports for finding in report.findings], options)
        lines += summary.counts(reports, options.lang, fix=options.fix, unsafe=options.unsafe_fixes)
    lines += notes
    lines += summary.files(reports, options.lang, verbose=options.verbose)
    lines += end
    sys.stdout.flush()
    sys.stderr.writelines(f"{line}\n" for line in lines)
    return _exit_code(reports, options)


def _print(findings: Sequence[Finding], options: argparse.Namespace) -> None:
    """To the file that was named, else to standard output, unless that takes the fixed source."""
    stream = sys.stderr if options.fix and options.paths == ["-"] else sys.stdout
    if options.output_file is None:
        stream.write(_rendered(findings, options, paint_for(stream, os.environ)))
        return
    from usock_lint.files.atomic_write import replace as replace_file

    text = _rendered(findings, options, plain)
    try:
        replace_file(options.output_file, text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise ConfigError(f"--output-file: {options.output_file}: {reason(error)}") from None


def _rendered(findings: Sequence[Finding], options: argparse.Namespace, paint: Paint) -> str:
    if not options.statistics:
        return renderer(options.output_format)(findings, paint, options.lang)
    from usock_lint.output.findings import statistics

    return (statistics.render_json if options.output_format == "json" else statistics.render)(findings)


def _exit_code(reports: Sequence[FileReport], options: argparse.Namespace) -> int:
    if any(report.problem and not os.path.lexists(report.path) for report in reports):
        return 2
    if any(report.errors or report.unchecked for report in reports):
        return 2
    found = any(report.problem or (report.diff if options.diff else report.findings) for report in reports)
    return int(found and not options.exit_zero)

"""The parser of the arguments of `usock-lint [check]`, imported only if there are options or no words at all."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from usock_lint import __version__
from usock_lint.cli import adoption
from usock_lint.cli.check_options import Options
from usock_lint.cli.options import Parser, add_settings
from usock_lint.output import FORMATS
from usock_lint.running.cache_folder import CACHE

_EPILOG = """\
exit code:
  0  no findings (with --diff: nothing to change)
  1  findings (with --diff: changes), or a file that could not be read or written; the others are still linted
  2  could not run: a bad option or setting, or no such path; a file that is not checked, as only MicroPython can read
     it; or an error in usock-lint itself, which lost findings (USOCK_LINT_DEBUG=1 prints its traceback)
  130, 141  interrupted, or nobody read its output any more; what was found before is printed

other commands (a folder called like one of them is linted by `usock-lint check NAME`):
  usock-lint explain CODE|NAME   say what a rule is about
  usock-lint explain ERROR       find the rules that explain what a device printed
  usock-lint rules               list the rules
  usock-lint init                write the settings of a project, and its hooks
  usock-lint config              print the settings in force, and where each comes from
  usock-lint port PATH           tell what has to change in CPython code before it runs on a board
  usock-lint ports [NAME|PORT]   print what each port's socket module has and does
  usock-lint probe               print a program that asks a board what it has: a target for --target
  usock-lint run SCRIPT          run a script with a board's socket module
  usock-lint server              serve an editor (docs/editors.md)
  usock-lint stubs DIR           write type stubs for pyright and mypy
  usock-lint completion SHELL    print what completes options and commands in a shell
  usock-lint clean               remove the cache
"""


def parse(words: Sequence[str]) -> Options:
    """The options in these words. If they contradict each other, the process ends with a usage error."""
    made = parser()
    options = made.parse_args(words, Options())
    options.paths = options.paths or [os.curdir]
    if "-" in options.paths and len(options.paths) > 1:
        made.error("- (standard input) stands alone")
    if options.statistics and options.output_format not in ("text", "json"):
        made.error(f"--statistics is text or json, and not {options.output_format}")
    if options.diff and (options.statistics or options.output_format not in ("text", "full")):
        other = "--statistics" if options.statistics else f"--output-format {options.output_format}"
        made.error(f"--diff or {other}, not both: a diff is what is printed")
    if options.watch and options.paths == ["-"]:
        made.error("--watch looks at files, and - is none")
    adoption.check_options(made, options)
    return options


def parser() -> argparse.ArgumentParser:
    """The parser of the options and paths of `check`."""
    made = Parser(
        prog="usock-lint",
        description="Find the lines of socket code that fail on MicroPython.",
        epilog=_EPILOG,
        formatter_class=_formatter,
        allow_abbrev=False,
    )
    add = made.add_argument
    text = "a file, a folder (its .py files; by default the current one) or - for standard input"
    add("paths", metavar="PATH", nargs="*", help=text)
    add("--version", action="version", version=f"usock-lint {__version__}")
    add("--stdin-filename", metavar="NAME", help="what to call standard input")
    add_settings(made)
    adoption.add_options(made)
    _add_fixing(made)
    _add_output(made)
    add("--exit-zero", action="store_true", help="exit with 0 instead of 1")
    add("--jobs", metavar="N", type=_positive, help="processes to lint with (default: as many as pay)")
    _add_cache(made)
    loud = made.add_mutually_exclusive_group()
    text = "tell of each file that is left out why, and count the files"
    loud.add_argument("--verbose", "-v", action="store_true", help=text)
    loud.add_argument("--quiet", "-q", action="store_true", help="print findings and what went wrong, and no summary")
    add("--watch", action="store_true", help="lint again whenever a file changes; needs usock-lint[watch]")
    shown = made.add_mutually_exclusive_group()
    shown.add_argument("--show-files", action="store_true", help="print the files that would be linted, and lint none")
    text = "print the settings of each PATH and where they come from, and lint nothing"
    shown.add_argument("--show-settings", action="store_true", help=text)
    return made


def _add_fixing(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("fixing")
    group.add_argument("--fix", action="store_true", help="apply the safe fixes, then report what remains")
    group.add_argument("--unsafe-fixes", action="store_true", help="with --fix or --diff: unsafe fixes too")
    group.add_argument("--diff", action="store_true", help="print what --fix would change, and write nothing")


def _add_output(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("output").add_argument
    add("--output-format", choices=FORMATS, help="how findings are printed (default: text)")
    add("--output-file", "-o", metavar="FILE", help="write them to this file instead, when all are known")
    add("--statistics", action="store_true", help="count them by rule and target instead (text or json)")
    text = "colours in text, full and --diff (default: on a terminal)"
    add("--color", choices=("auto", "always", "never"), help=text)


def _add_cache(parser: argparse.ArgumentParser) -> None:
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--no-cache", action="store_true", help="neither read nor write what earlier runs found")
    group.add_argument("--cache-dir", metavar="FOLDER", help=f"where to keep it (default: {CACHE})")


def _formatter(prog: str) -> argparse.HelpFormatter:
    """A formatter as wide as the terminal. argparse itself would import slow modules for the width."""
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

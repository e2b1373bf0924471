"""`usock-lint port PATH...`: what has to change in CPython code before it runs on a board."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from usock_lint.cli.in_force import hierarchy
from usock_lint.cli.options import Parser, add_settings
from usock_lint.cli.progress import Progress
from usock_lint.files.discovery import Found, discover
from usock_lint.output import porting
from usock_lint.output.findings import summary
from usock_lint.output.terminal import paint_for
from usock_lint.running import reach, runner, unchanged

_EXAMPLES = """\
The files of the project that a PATH imports are listed after it.

A line that fails on import fails when the file is imported or begins to run; one that fails on run does so when its
function is called, or below `if __name__ == "__main__":`. The lines are in four groups, by what there is to do.

examples:
  usock-lint port chat.py
  usock-lint port --target picow src/
  usock-lint port --output-format json src/
"""


def main(words: Sequence[str]) -> int:
    """Print the plan; 0 if nothing has to change, 1 if something has to, 2 if a file could not be read or linted."""
    parser = Parser(
        prog="usock-lint port",
        description="Tell what has to change in CPython code before it runs on a board.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("paths", metavar="PATH", nargs="+", help="a file, or a folder (its .py files)")
    parser.add_argument("--output-format", choices=("text", "json"), default="text", help="how to print it")
    add_settings(parser)
    options = parser.parse_args(words)
    # This run is not recorded, but its questions are noted: those of which there is a note are not asked again
    # (`usock_lint.observed`), so that no import is followed anew for each file.
    if unchanged.Run.current:
        unchanged.Run.current.begin()
    options.assume = options.assume or "device"
    # The plan has a line for each import that fails, also for that of a file which has lines of its own.
    settings = hierarchy(options, networked=False, every_import=True)
    lang = settings.language(os.path.dirname(os.path.abspath(options.paths[0])))
    given = [found for found in discover(options.paths, settings) if isinstance(found, Found) and not found.excluded]
    paths = [*options.paths, *reach.imported(given)]
    with Progress() as progress:
        reports = [*runner.lint_paths(paths, settings, jobs=None, progress=progress.show)]
    if options.output_format == "json":
        sys.stdout.write(porting.render_json(reports))
    else:
        sys.stdout.write(porting.render(reports, paint_for(sys.stdout, os.environ), lang))
    sys.stdout.flush()
    lines = [*summary.notes(reports, lang, verbose=False), *summary.files(reports, lang, verbose=False)]
    sys.stderr.writelines(f"{line}\n" for line in lines)
    if any(report.problem or report.errors or report.unchecked for report in reports):
        return 2
    return int(any(report.findings for report in reports))

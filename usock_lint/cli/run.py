"""`usock-lint run`: run a script with a board's socket module."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from usock_lint.cli.options import Parser
from usock_lint.ports import NEWEST, Target
from usock_lint.ports.releases import release_name
from usock_lint.settings.config import ConfigError, parse_targets, split
from usock_lint.settings.hierarchy import Hierarchy
from usock_lint.shim import SIMULATED
from usock_lint.shim.run import DESCRIPTION, add_arguments, run


def main(words: Sequence[str]) -> int:
    """Run the script; its exit code. Raises ConfigError for settings that cannot be used."""
    parser = Parser(prog="usock-lint run", description=DESCRIPTION)
    add_arguments(parser)
    parser.add_argument("--target", help="both of these, as the other commands take them: esp32==1.22, picow")
    options = parser.parse_args(words)
    if options.target is not None:
        if options.port is not None or options.version is not None:
            parser.error("--target is both --port and --version")
        targets = parse_targets(split([options.target]))
        if not (first := _first_simulated(targets)):
            raise ConfigError(f"--target: {targets[0]} cannot be run; these can: {', '.join(SIMULATED)}")
        _take(options, first)
    elif options.port is None:
        _choose(options)
    return run(options)


def _first_simulated(targets: Sequence[Target]) -> Target | None:
    return next((target for target in targets if target.port in SIMULATED), None)


def _take(options: argparse.Namespace, target: Target) -> None:
    """Run as this target, in the first of its releases where none was asked for."""
    options.port = target.port if target.is_probed else target.name or target.port
    options.version = options.version or release_name(target.since)


def _choose(options: argparse.Namespace) -> None:
    """Take port and release from the project's targets, and say so: nobody asked for them."""
    # With -m the module is looked for in the current folder.
    settings = Hierarchy().for_file("main.py" if options.module else options.script)
    targets = settings.config.targets
    if targets is None:
        return
    if first := _first_simulated(targets):
        _take(options, first)
        why = f"by the target {first}"
    else:
        options.port, why = "unix", f"as {', '.join(map(str, targets))} cannot be run; targets are"
    if not options.report:  # the report names port and release itself
        release = options.version or release_name(NEWEST)
        origin = f"of {settings.origins['targets']}; --port and --version choose another"
        print(f"usock-lint run: running as {options.port} {release}, {why} {origin}.", file=sys.stderr, flush=True)

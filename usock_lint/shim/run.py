"""Run a script as MicroPython would: `usock-lint run [--port unix] [--version 1.28] script.py [args...]`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from usock_lint.shim import PLAYED, ShimError, open_port
from usock_lint.shim._trace import print_exception
from usock_lint.shim._world import World

USAGE_ERROR = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give a parser the options of `run`."""
    parser.add_argument("--port", default="unix", help=f"the port to run as: {', '.join(PLAYED)} (default: unix)")
    parser.add_argument("--version", help="the MicroPython release, such as 1.25 (default: the newest)")
    parser.add_argument("script", help="the program")
    parser.add_argument("args", nargs=argparse.REMAINDER, help="what it finds in sys.argv[1:]")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the script that `argv` names; its exit code, 1 after an uncaught exception, 2 if it cannot run."""
    parser = argparse.ArgumentParser(prog="usock-lint run", description="Run a script as MicroPython would.")
    add_arguments(parser)
    options = parser.parse_args(argv)
    try:
        port = open_port(options.port, options.version)
        with open(options.script, "rb") as file:
            code = file.read()
    except (ShimError, OSError) as error:
        print(f"usock-lint run: {error}", file=sys.stderr)
        return USAGE_ERROR
    folder = os.path.dirname(os.path.abspath(options.script))
    world = World(port, [options.script, *options.args], folder)
    return exit_code(world, code, options.script)


def exit_code(world: World, code: bytes, filename: str) -> int:
    """Run a main program to its end and report an uncaught exception on standard error; its exit code."""
    try:
        world.run(code, filename, {"__name__": "__main__", "__file__": filename})
    except SystemExit as end:
        return 0 if end.code is None else end.code & 0xFF if isinstance(end.code, int) else 1
    except BaseException as error:
        sys.stdout.flush()
        print_exception(error, sys.stderr, world.builtins)
        return 1
    finally:
        world.close()
    return 0


def run_source(
    code: str | bytes,
    port: str = "unix",
    version: str | None = None,
    globals: Mapping[str, Any] | None = None,
    *,
    filename: str = "<string>",
    argv: Sequence[str] = (),
) -> dict[str, Any]:
    """Run `code` as the main program of a fresh world and return its globals, which start with `globals`.

    What it raises goes through, SystemExit included; what it left open is closed. Raises ShimError for a port
    or a version that cannot be played.
    """
    world = World(open_port(port, version), argv, os.path.dirname(os.path.abspath(filename)))
    scope: dict[str, Any] = {"__name__": "__main__", **(globals or {})}
    try:
        world.run(code, filename, scope)
    finally:
        world.close()
    return scope


if __name__ == "__main__":
    raise SystemExit(main())

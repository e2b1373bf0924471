"""`usock-lint stubs DIR`: write type stubs of the socket modules for the targets into a folder, or check one."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from usock_lint.cli.options import Parser
from usock_lint.ports import PORTABLE, Target
from usock_lint.settings import config
from usock_lint.settings.config import ConfigError
from usock_lint.settings.hierarchy import Hierarchy

if TYPE_CHECKING:
    from usock_lint.stubgen.folder import State

_DESCRIPTION = """\
Write type stubs of MicroPython's socket, asyncio, select, ssl, tls and errno modules into a folder of your project.
They have what works on every one of the targets, and are written again after the targets or usock-lint have changed.
"""
_EXIT_CODES = """\
exit code:
  0  written (with --check: nothing to write)
  1  with --check: something is stale or lacking
  2  could not write: a bad option, or a file that usock-lint did not write is in the way
"""


def main(words: Sequence[str]) -> int:
    """Write or check the stubs; the exit code. Raises ConfigError."""
    from usock_lint.stubgen import folder

    options = _parser().parse_args(words)
    directory: Path = options.directory
    if directory.exists() and not directory.is_dir():
        raise ConfigError(f"{directory} is not a folder")
    try:
        before = folder.aim_of(directory)
        targets = _targets(options.target, before, directory)
        texts = folder.stubs(targets)
        state = folder.state(directory, texts)
        if options.check:
            if before and before != folder.aim(targets):
                print(f"{directory} is for {before}, and not for {folder.aim(targets)}", file=sys.stderr)
            return _print_check(directory, state)
        _refuse_to_overwrite(directory, state, options.force)
        folder.write(directory, texts, (*state.stale, *state.foreign), state.superfluous)
    except OSError as error:
        raise ConfigError(f"{error.filename or directory}: {error.strerror}") from None
    _print_written(directory, state)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="usock-lint stubs",
        description=_DESCRIPTION,
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("directory", metavar="DIR", type=Path, help="the folder; `typings` is where pyright looks by itself")
    add(
        "--target",
        action="append",
        metavar="TARGET",
        help="esp32, rp2==1.24, picow>=1.22, portable, all; can be repeated and takes commas; by default what the "
        "nearest pyproject.toml says in [tool.usock-lint], else what stubs in DIR are for, else portable",
    )
    add("--check", action="store_true", help="write nothing; exit with 1 if something would be written")
    add("--force", action="store_true", help="overwrite files that usock-lint did not write")
    return parser


def _targets(words: Sequence[str] | None, before: str | None, directory: Path) -> tuple[Target, ...]:
    """The targets of the option, else those of the settings, else those that the stubs in the folder are for."""
    if words is None and (found := Hierarchy().inside(os.getcwd()).config.targets):
        return found
    if words is None and before is None:
        return PORTABLE
    origin = f"{directory / 'socket.pyi'}, without --target" if words is None else "--target"
    try:
        return config.parse_targets(config.split(words or [before or ""]))
    except ConfigError as error:
        raise ConfigError(f"{origin}: {error}") from None


def _print_check(directory: Path, state: State) -> int:
    """Print which files are stale, missing or not needed, and return 1 if any is, else 0.

    A file that usock-lint did not write counts as stale, because it is in the place of a stub.
    """
    for name in (*state.stale, *state.foreign):
        print(f"{directory / name} is {'stale' if (directory / name).exists() else 'missing'}")
    for name in state.superfluous:
        print(f"{directory / name} is not needed any more")
    return int(bool(state.stale or state.foreign or state.superfluous))


def _refuse_to_overwrite(directory: Path, state: State, force: bool) -> None:
    if state.foreign and not force:
        names = ", ".join(state.foreign)
        raise ConfigError(f"{directory}: usock-lint did not write {names}; --force overwrites, another DIR does not")


def _print_written(directory: Path, state: State) -> None:
    """Print a summary to standard error, and the lines for pyproject.toml to standard output."""
    count = len(state.stale) + len(state.foreign)
    wrote = f"Wrote {count} file{'' if count == 1 else 's'} to {directory}." if count else f"{directory} is up to date."
    print(wrote, file=sys.stderr)
    if state.foreign_builtins:
        kept = directory / "__builtins__.pyi"
        print(f"Kept {kept}, which is not usock-lint's: builtins that are missing stay unseen.", file=sys.stderr)
    print("In pyproject.toml:", file=sys.stderr)
    path = _from_project(directory)
    mypy = path if os.path.isabs(path) else f"$MYPY_CONFIG_FILE_DIR/{path}"
    sys.stderr.flush()
    print(f'[tool.pyright]\nstubPath = "{path}"\n\n[tool.mypy]\nmypy_path = "{mypy}"')


def _from_project(directory: Path) -> str:
    """The folder, with `/`, as seen from the nearest pyproject.toml, or from here when there is none."""
    here = Path.cwd()
    project = next((one for one in (here, *here.parents) if (one / "pyproject.toml").is_file()), here)
    whole = Path(os.path.abspath(directory))
    return (whole.relative_to(project) if whole.is_relative_to(project) else whole).as_posix()

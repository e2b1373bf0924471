"""The command line. `main` returns the exit code: 0 clean, 1 findings, 2 could not run or is broken."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from itertools import pairwise

from usock_lint.running import unchanged

COMMANDS = frozenset("check clean completion config explain init port ports probe rules run server stubs".split())
"""The commands, each a module of `usock_lint.cli`. A command line that begins with none of them is one of `check`."""

_TAKING_EMPTY = frozenset({"run", "dev"})
"""Commands that take empty words: the arguments of a program, and the name of a rule, which `dev` itself refuses."""

_LISTS = frozenset("--exclude --extend-exclude --extend-select --ignore --per-file-ignores --select".split())
"""Options that replace a list of the settings, also by an empty one."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. argparse's own SystemExit passes through."""
    return _process(sys.argv[1:]) if argv is None else _answered(list(argv))


def _answered(words: list[str], process: unchanged.Run | None = None) -> int:
    """Run a command and return its exit code, also if it fails.

    `process` is given if the process does nothing else: it may have the result of an equal run already.
    """
    try:
        _open_closed_streams()
        _print_any_character()
        if process:
            if (status := process.repeat()) is not None:
                return status
            unchanged.Run.current = process
        return _run(words)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _drop_output()
        return 141
    except OSError as error:
        from usock_lint.files.discovery import reason

        _drop_output()
        with suppress(OSError):
            print(f"usock-lint: {error.filename or 'output'}: {reason(error)}", file=sys.stderr)
        return 2
    except Exception as error:
        return _failed(error)


def _run(words: list[str]) -> int:
    """Run one command and return its exit code. Raises ConfigError, and whatever the command fails of."""
    given = [*words]
    command = words.pop(0) if _is_command(words) else "check"
    if command not in _TAKING_EMPTY and _has_empty(words):
        from usock_lint.settings.config import ConfigError

        raise ConfigError("an argument is empty; is a variable not set?")
    status: int = import_module(f"usock_lint.cli.{command}").main(words)
    sys.stdout.flush()
    if status == 2 and given and words == given:
        _name_command(words[0])
    return status


def _failed(error: Exception) -> int:
    """Print why a command failed and return 2. The traceback of an internal error is printed for developers only."""
    from usock_lint.output.terminal import visible
    from usock_lint.settings.config import ConfigError

    if isinstance(error, ConfigError):
        print(f"usock-lint: {visible(str(error))}", file=sys.stderr)
        return 2
    from usock_lint.diagnostics import InternalError

    lost = InternalError.of(error)
    print(f"usock-lint: {visible(lost.text('en'))}", *lost.traceback(), sep="\n", file=sys.stderr)
    return 2


def _is_command(words: Sequence[str]) -> bool:
    """True if the first word is a command. `dev` is one only before its own commands, which it does not run without."""
    if words[:1] == ["dev"]:
        from usock_lint.cli import dev

        return words[1:2] != [] and words[1] in dev.COMMANDS
    return words[:1] != [] and words[0] in COMMANDS


def _has_empty(words: Sequence[str]) -> bool:
    """True if a word, or the value of an option other than a list, is empty, as by a variable that is not set."""
    for before, word in pairwise(("", *words)):
        option, equals, value = word.partition("=")
        if not word and before not in _LISTS:
            return True
        if option.startswith("--") and equals and not value and option not in _LISTS:
            return True
    return False


def _process(words: list[str]) -> int:
    """As `main`, in a process that does nothing else.

    Imported modules live until exit. Collecting them takes a tenth of a short run, so the garbage collector's threshold
    is raised, and its objects are frozen at the end.
    """
    gc.set_threshold(200_000)
    process = unchanged.Run(words)
    try:
        return _answered([*words], process)
    finally:
        gc.freeze()


def _name_command(word: str) -> None:
    """Suggest a command for a word that is neither a command nor a path."""
    from usock_lint.ports.nearest import closest

    if not os.path.lexists(word) and (near := closest(word, COMMANDS, 0.75)):
        print(f"There is no command `{word}` either (did you mean `{near}`?).", file=sys.stderr)


def _open_closed_streams() -> None:
    """Open the null device for each closed standard stream (`>&-`): the next opened file would get its number."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, os.fdopen(nowhere, mode, encoding="utf-8", closefd=False))


def _drop_output() -> None:
    """Send buffered output to the null device: the flush at exit would fail a second time and print a traceback."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _print_any_character() -> None:
    """Let output escape characters that the terminal's encoding lacks, such as in file names."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")

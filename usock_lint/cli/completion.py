"""`usock-lint completion`: print the script by which a shell completes options, commands and paths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from usock_lint.cli import check_parser
from usock_lint.cli.main import COMMANDS
from usock_lint.cli.options import Parser
from usock_lint.settings.config import ConfigError

_SHELLS = ("bash", "zsh", "tcsh")
_PATHS = "_usock_lint_paths"


def main(words: Sequence[str]) -> int:
    """Print the script. Raises ConfigError without shtab."""
    parser = Parser(
        prog="usock-lint completion",
        description="Print the script by which a shell completes what is typed behind usock-lint.",
        epilog='In ~/.bashrc, say: eval "$(usock-lint completion bash)"',
    )
    parser.add_argument("shell", choices=_SHELLS)
    shell: str = parser.parse_args(words).shell
    try:
        import shtab
    except ModuleNotFoundError:
        raise ConfigError('completion needs shtab: pip install "usock-lint[completion]"') from None
    completed = check_parser.parser()
    paths: Any = next(one for one in completed._actions if one.dest == "paths")  # pyright: ignore[reportPrivateUsage]
    # tcsh completes a path for `f`; it gets no commands, since it has no functions.
    paths.complete = {"bash": _PATHS, "zsh": _PATHS, "tcsh": "f"}
    preamble: Any = _preamble()  # shtab takes a dict for several shells, but its annotation says str
    print(shtab.complete(completed, shell, preamble=preamble))
    return 0


def _preamble() -> dict[str, str]:
    """Functions of the shells that complete the first words: commands beside paths."""
    commands = " ".join(sorted(COMMANDS))
    return {
        "bash": f'{_PATHS}() {{ compgen -W "{commands}" -- "$1"; compgen -f -- "$1"; }}\n',
        "zsh": f"{_PATHS}() {{ compadd {commands}; _files }}\n",
    }

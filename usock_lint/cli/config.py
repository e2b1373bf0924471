"""`usock-lint config`: print the settings in force, and where each comes from."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from usock_lint.cli.in_force import hierarchy
from usock_lint.cli.options import Parser, add_settings
from usock_lint.ports import PORTABLE
from usock_lint.settings.config import Settings
from usock_lint.settings.hierarchy import Hierarchy
from usock_lint.settings.pyproject import KEYS

if TYPE_CHECKING:
    from usock_lint.settings.config import Pattern


def main(words: Sequence[str]) -> int:
    """Print the table as a pyproject.toml would have it. Raises ConfigError."""
    parser = Parser(
        prog="usock-lint config",
        description="Print the settings in force for a file or folder with these options, and where each comes from.",
        allow_abbrev=False,
    )
    text = "a file or folder (default: this folder)"
    parser.add_argument("path", metavar="PATH", nargs="?", default=os.curdir, help=text)
    add_settings(parser)
    options = parser.parse_args(words)
    show(options.path, hierarchy(options))
    return 0


def show(path: str, settings: Hierarchy) -> None:
    """Print the settings of one file, or of the files in a folder."""
    found = settings.for_file(os.path.join(path, "main.py") if os.path.isdir(path) else path)
    print("[tool.usock-lint]")
    for key in KEYS:
        print(_line(key, found))


def _line(key: str, found: Settings) -> str:
    value = getattr(found.config, key.replace("-", "_"))
    origin = found.origins.get(key, "default")
    if key == "targets" and value is None:
        return f"targets = {_toml(PORTABLE)}  # default; what a file imports may narrow it"
    if value is None:  # TOML has no word for nothing
        return f"# {key} is not set"
    return f"{key} = {_table(value) if key == 'per-file-ignores' else _toml(value)}  # {origin}"


def _table(rows: Sequence[tuple[Pattern, Sequence[str]]]) -> str:
    return f"{{ {', '.join(f'{json.dumps(_text(name))} = {_toml(words)}' for name, words in rows)} }}" if rows else "{}"


def _toml(value: str | bool | Sequence[object]) -> str:
    if isinstance(value, str | bool):
        return json.dumps(value)
    return f"[{', '.join(json.dumps(_text(one)) for one in value)}]"


def _text(value: object) -> str:
    """The text of a pattern, beginning with its folder if this is not the folder of the settings."""
    match value:
        case (str(folder), str(line)):
            return f"{folder}/{line}"
        case _:
            return str(value)

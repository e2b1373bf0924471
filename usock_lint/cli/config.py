"""`usock-lint config`: print the settings in force, and where each comes from."""

from __future__ import annotations

import json
from collections.abc import Sequence

from usock_lint.cli.options import Parser, add_settings, settings
from usock_lint.ports import PORTABLE
from usock_lint.settings.config import KEYS, Settings


def main(words: Sequence[str]) -> int:
    """Print the table as a pyproject.toml would have it. Raises ConfigError."""
    parser = Parser(
        prog="usock-lint config",
        description="Print the settings in force in this folder with these options, and where each comes from.",
        allow_abbrev=False,
    )
    add_settings(parser)
    found = settings(parser.parse_args(words))
    print("[tool.usock-lint]")
    for key in KEYS:
        print(_line(key, found))
    return 0


def _line(key: str, found: Settings) -> str:
    value = getattr(found.config, key.replace("-", "_"))
    origin = found.origins.get(key, "default")
    if key == "targets" and value is None:
        return f"targets = {_toml(PORTABLE)}  # default; what a file imports may narrow it"
    if value is None:  # TOML has no word for nothing
        return f"# {key} is not set"
    return f"{key} = {_table(value) if key == 'per-file-ignores' else _toml(value)}  # {origin}"


def _table(rows: Sequence[tuple[str, Sequence[str]]]) -> str:
    return f"{{ {', '.join(f'{_toml(name)} = {_toml(words)}' for name, words in rows)} }}" if rows else "{}"


def _toml(value: str | bool | Sequence[object]) -> str:
    if isinstance(value, str | bool):
        return json.dumps(value)
    return f"[{', '.join(json.dumps(str(one)) for one in value)}]"

"""Settings in pyproject.toml: the table [tool.usock-lint], its keys, and what is wrong with them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from usock_lint import observed
from usock_lint.paths import relative
from usock_lint.settings.config import (
    FILE,
    Config,
    ConfigError,
    Settings,
    parse_assume,
    parse_lang,
    parse_patterns,
    parse_selectors,
    parse_targets,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_Table = Mapping[str, object]

_TABLE = "usock-lint"
_MISSPELT = "usock_lint"  # as Python's import has it


def of_folder(folder: str) -> Settings | None:
    """The settings in the pyproject.toml of a folder, to which its patterns are relative; None if it has none.

    Raises ConfigError.
    """
    path = os.path.join(folder, FILE)
    table = _read_table(path)
    if table is None:
        return None
    found = _from_table(path, table)
    return found._replace(config=found.config._replace(root=folder))


def read(path: str) -> Settings:
    """The settings of a TOML file that was named; patterns are relative to the current folder. Raises ConfigError."""
    table = _read_table(path)
    if table is None:
        raise ConfigError(f"{path}: has no table [tool.{_TABLE}]")
    return _from_table(path, table)


def _read_table(path: str) -> _Table | None:
    observed.read(path)
    try:
        with open(path, "rb") as file:
            data = file.read()
        plain = data.replace(b"\0", b"")  # of UTF-16, which PowerShell writes and no TOML is
        if _TABLE.encode() not in plain and _MISSPELT.encode() not in plain:
            return None
        from usock_lint import toml  # slow to import, and most runs have no settings

        document: _Table = toml.loads(data.decode())
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: {error}") from None
    tools = _table(document.get("tool", {}))
    if tools and _MISSPELT in tools:
        raise ConfigError(f"{path}: tool.{_MISSPELT}: unknown table (did you mean `tool.{_TABLE}`?)")
    if not tools or _TABLE not in tools:
        return None
    table = _table(tools[_TABLE])
    if table is None:
        raise ConfigError(f"{path}: tool.{_TABLE}: expected a table")
    return table


def _table(value: object) -> _Table | None:
    from typing import cast

    return cast(_Table, value) if isinstance(value, dict) else None


def _from_table(path: str, table: _Table) -> Settings:
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in KEYS:
            from usock_lint.ports.nearest import did_you_mean

            near = did_you_mean(key, KEYS)
            raise ConfigError(f"{path}: tool.{_TABLE}.{key}: unknown key{near}; the keys are {', '.join(KEYS)}")
        try:
            values[key.replace("-", "_")] = KEYS[key](value)
        except ConfigError as error:
            raise ConfigError(f"{path}: tool.{_TABLE}.{key}: {error}") from None
    return Settings(Config()).changed(relative(path), **values)


def _strings(value: object) -> tuple[str, ...]:
    from typing import cast

    words = cast(list[object], value) if isinstance(value, list) else [None]
    if all(isinstance(word, str) for word in words):
        return tuple(cast(list[str], words))
    raise ConfigError("expected a list of strings")


def _string(value: object) -> str:
    if isinstance(value, str) and value and "\0" not in value:  # which no path has in it
        return value
    raise ConfigError("expected a string")


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ConfigError("expected true or false")


def _patterns(value: object) -> tuple[str, ...]:
    return parse_patterns(_strings(value))


def _per_file_ignores(value: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
    table = _table(value)
    if table is None:
        raise ConfigError("expected a table of patterns, each with a list of rules")
    found: list[tuple[str, tuple[str, ...]]] = []
    for pattern, words in table.items():
        try:
            parse_patterns((pattern.removeprefix("!"),))
            found.append((pattern, parse_selectors(_strings(words))))
        except ConfigError as error:
            raise ConfigError(f"`{pattern}`: {error}") from None
    return tuple(found)


KEYS: Mapping[str, Callable[[object], object]] = {
    "targets": lambda value: parse_targets(_strings(value)),
    "select": lambda value: parse_selectors(_strings(value)),
    "extend-select": lambda value: parse_selectors(_strings(value)),
    "ignore": lambda value: parse_selectors(_strings(value)),
    "per-file-ignores": _per_file_ignores,
    "exclude": _patterns,
    "extend-exclude": _patterns,
    "force-exclude": _boolean,
    "respect-gitignore": _boolean,
    "compile": _boolean,
    "networked": _boolean,
    "assume": lambda value: parse_assume(_string(value)),
    "baseline": _string,
    "lang": lambda value: parse_lang(_string(value)),
}
"""The keys of the table, in the order in which they are listed, and what reads the value of each."""

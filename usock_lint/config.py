"""What a run is asked to do: one frozen Config, from pyproject.toml, the command line or flake8's options."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping

from usock_lint.records import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

    from usock_lint.ports import Target

    Assume = Literal["auto", "device"]

_Table = Mapping[str, object]

_ASSUME: tuple[Assume, ...] = ("auto", "device")
_TABLE = "usock-lint"
_EVERY_RULE = "USK"


class ConfigError(ValueError):
    """A setting that cannot be used: one line with its place, what is valid and what was likely meant."""


class Config(NamedTuple):
    """The settings of a run. Selectors are code prefixes (`USK`, `USK1`, `USK102`) or rule names."""

    targets: tuple[Target, ...] | None = None
    """None: none were configured, so the portable ones, narrowed by what a file imports."""
    select: tuple[str, ...] = (_EVERY_RULE,)
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    assume: Assume = "auto"
    exclude: tuple[str, ...] = ()

    def selects(self, code: str, name: str, opt_in: bool) -> bool:
        """Whether a rule is on: the longest selector that covers it decides, and of two equals `ignore` wins.

        An opt-in rule needs more than the bare `USK` of `select`.
        """
        extended, selected = _reach(self.extend_select, code, name), _reach(self.select, code, name)
        if opt_in and not extended and selected <= len(_EVERY_RULE):
            return False
        return max(extended, selected) > _reach(self.ignore, code, name)


def _reach(selectors: Iterable[str], code: str, name: str) -> int:
    """Length of the longest selector that covers the rule, 0 for none. A name is as exact as a whole code."""
    lengths = (len(code) if word == name else len(word) for word in selectors if covers(word, code, name))
    return max(lengths, default=0)


def covers(selector: str, code: str, name: str) -> bool:
    """Whether a selector is the rule's name or begins its code."""
    return selector == name or code.startswith(selector)


def split(words: Iterable[str]) -> tuple[str, ...]:
    """The words of options that are repeatable and take commas, in order, without blanks."""
    return tuple(part for word in words for part in (piece.strip() for piece in word.split(",")) if part)


def parse_targets(words: Iterable[str]) -> tuple[Target, ...]:
    """The targets that words such as `esp32>=1.22` or `portable` stand for. Raises ConfigError."""
    from usock_lint import ports

    try:
        targets = ports.parse_targets(words)
    except ports.TargetError as error:
        raise ConfigError(str(error)) from None
    if not targets:
        raise ConfigError("expected at least one target")
    return targets


def parse_selectors(words: Iterable[str]) -> tuple[str, ...]:
    """Code prefixes and rule names as the catalogue spells them. Raises ConfigError for any other word."""
    return tuple(_parse_selector(word) for word in words)


def _parse_selector(word: str) -> str:
    if word.upper() == _EVERY_RULE:
        return _EVERY_RULE
    from usock_lint.catalog import rules

    known = rules().values()
    for spelling in (word.upper(), word.lower()):
        if any(covers(spelling, rule.code, rule.name) for rule in known):
            return spelling
    raise unknown_rule(word)


def unknown_rule(word: str) -> ConfigError:
    """The error for what is no rule's name and begins no rule's code."""
    from usock_lint.catalog import rules

    near = did_you_mean(word, (spelling for rule in rules().values() for spelling in (rule.code, rule.name)))
    return ConfigError(f"no rule has the code or name `{word}`{near}; `usock-lint rules` lists them")


def parse_assume(word: str) -> Assume:
    """`auto` or `device`. Raises ConfigError."""
    for choice in _ASSUME:
        if word == choice:
            return choice
    near = did_you_mean(word, _ASSUME)
    raise ConfigError(f"`{word}` is not one of {_listed(_ASSUME)}{near}")


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """` (did you mean ...?)` with the nearest of the choices, or nothing when none is near."""
    import difflib

    by_lower = {choice.lower(): choice for choice in choices}
    near = difflib.get_close_matches(word.lower(), by_lower, n=1)
    return f" (did you mean `{by_lower[near[0]]}`?)" if near else ""


def load(folder: str | os.PathLike[str]) -> Config:
    """The settings of the nearest pyproject.toml with a `[tool.usock-lint]` table, from a folder upwards.

    Raises ConfigError.
    """
    for parent in _upwards(os.fspath(folder)):
        path = os.path.join(parent, "pyproject.toml")
        if os.path.isfile(path) and (table := _read_table(path)) is not None:
            return _from_table(path, table)
    return Config()


def _upwards(folder: str) -> Iterator[str]:
    yield folder
    while (parent := os.path.dirname(folder)) != folder:
        yield (folder := parent)


def _read_table(path: str) -> _Table | None:
    try:
        with open(path, "rb") as file:
            data = file.read()
        if _TABLE.encode() not in data:
            return None
        import tomllib  # slow to import, and most runs have no settings

        document: _Table = tomllib.loads(data.decode())
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise ConfigError(f"{path}: {error}") from None
    tools = _table(document.get("tool", {}))
    if not tools or _TABLE not in tools:
        return None
    table = _table(tools[_TABLE])
    if table is None:
        raise ConfigError(f"{path}: tool.{_TABLE}: expected a table")
    return table


def _table(value: object) -> _Table | None:
    from typing import cast

    return cast(_Table, value) if isinstance(value, dict) else None


def _from_table(path: str, table: _Table) -> Config:
    settings: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _KEYS:
            near = did_you_mean(key, _KEYS)
            raise ConfigError(f"{path}: tool.{_TABLE}.{key}: unknown key{near}; the keys are {_listed(_KEYS)}")
        try:
            settings[key.replace("-", "_")] = _KEYS[key](value)
        except ConfigError as error:
            raise ConfigError(f"{path}: tool.{_TABLE}.{key}: {error}") from None
    return Config(**settings)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)


def _strings(value: object) -> tuple[str, ...]:
    from typing import cast

    words = cast(list[object], value) if isinstance(value, list) else [None]
    if all(isinstance(word, str) for word in words):
        return tuple(cast(list[str], words))
    raise ConfigError("expected a list of strings")


def _string(value: object) -> str:
    if isinstance(value, str):
        return value
    raise ConfigError("expected a string")


_KEYS: Mapping[str, Callable[[object], object]] = {
    "targets": lambda value: parse_targets(_strings(value)),
    "select": lambda value: parse_selectors(_strings(value)),
    "extend-select": lambda value: parse_selectors(_strings(value)),
    "ignore": lambda value: parse_selectors(_strings(value)),
    "assume": lambda value: parse_assume(_string(value)),
    "exclude": _strings,
}

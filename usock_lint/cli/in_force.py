"""The settings in force for a command: those of files, changed by the options that were given."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence

from usock_lint.i18n import spoken
from usock_lint.settings import config
from usock_lint.settings.config import Config, ConfigError, Settings
from usock_lint.settings.hierarchy import Hierarchy

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from usock_lint.cli.check_options import Options
    from usock_lint.i18n import Lang
    from usock_lint.ports import Target
    from usock_lint.settings.config import Pattern


def lang(given: Lang | None) -> Lang:
    """The language that was given, else the configured one, else that of the locale.

    Settings with a mistake in them do not keep a rule from being explained: they count for nothing here.
    """
    try:
        return given or Hierarchy(lang=spoken).language(_current_folder())
    except ConfigError:
        return spoken()


def project_targets() -> tuple[Target, ...]:
    """The targets of the project that the current folder is in; none if it has none, or settings with a mistake."""
    try:
        return Hierarchy().for_file(os.path.join(_current_folder(), "main.py")).config.targets or ()
    except ConfigError:
        return ()


def hierarchy(options: argparse.Namespace | Options, **forced: Any) -> Hierarchy:
    """The settings in force: those of files, overridden by the options that were given. Raises ConfigError.

    The fields in `forced` are set by the command and override files and options.
    """
    folder = _current_folder()
    given = [*_given(options)]

    def change(found: Settings) -> Settings:
        for option, name, value in given:
            found = _overridden(found, name, value, option, folder)
        return found.changed("command", **forced) if forced else found

    return Hierarchy(change, everywhere=_everywhere(options), infer=not options.isolated, lang=spoken)


def _everywhere(options: argparse.Namespace | Options) -> Settings | None:
    """The settings that hold in every folder, by `--config` or `--isolated`; None if each folder has its own."""
    if options.config:
        from usock_lint.settings import pyproject

        return pyproject.read(options.config)
    return Settings(Config()) if options.isolated else None


def _given(options: argparse.Namespace | Options) -> Iterator[tuple[str, str, Any]]:
    """Each option that was given, the name of the setting that it changes, and the value for that."""
    for option, name, parse in _OPTIONS:
        words = getattr(options, option)
        if words is None:
            continue
        shown = f"--{option.replace('_', '-')}"
        try:
            yield shown, name, parse(words)
        except ConfigError as error:
            raise ConfigError(f"{shown}: {error}") from None


def _overridden(found: Settings, name: str, value: Any, option: str, folder: str) -> Settings:
    """Settings with the value that an option gives one of them, or adds to it; patterns are relative to `folder`."""
    if name in ("exclude", "extend_exclude"):
        value = tuple(_rebased(pattern, found.config.root, folder) for pattern in value)
    elif name == "per_file_ignores":
        value = tuple((_rebased(pattern, found.config.root, folder), rules) for pattern, rules in value)
    if name.startswith("extend_") and (before := getattr(found.config, name)):
        origin = found.origins[name.replace("_", "-")]
        return found.changed(f"{origin} and {option}", **{name: before + value})
    return found.changed(option, **{name: value})


def _rebased(pattern: str, root: str, folder: str) -> Pattern:
    """A pattern given in this folder, as the settings of a folder above it would write it; else with its folder."""
    if root in ("", folder):
        return pattern
    from usock_lint.paths import relative

    between = relative(folder, root)
    if between.startswith(os.pardir) or os.path.isabs(between):
        return folder, pattern
    plain = pattern.removeprefix("!")
    # As in a .gitignore, a pattern without a slash before its end is one for all folders below.
    anywhere = "" if "/" in plain.rstrip("/") else "**/"
    return f"{'!' * (plain != pattern)}/{between.replace(os.sep, '/')}/{anywhere}{plain.lstrip('/')}"


def _current_folder() -> str:
    try:
        return os.getcwd()
    except FileNotFoundError:
        raise ConfigError("the current folder does not exist any more") from None


def _parse_per_file_ignores(words: Iterable[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Parse `PATTERN:RULE,RULE PATTERN:RULE` with commas or blanks, as ruff and flake8 do. Raises ConfigError."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for word in (part for each in words for part in each.replace(",", " ").split()):
        pattern, colon, rule = word.rpartition(":")
        if colon:
            config.parse_patterns((pattern.removeprefix("!"),))
            found.append((pattern, ()))
        if not found:
            raise ConfigError(f"`{word}`: expected PATTERN:RULE")
        if rule:
            found[-1] = (found[-1][0], (*found[-1][1], *config.parse_selectors((rule,))))
    return tuple(found)


def _selected(words: Iterable[str]) -> tuple[str, ...]:
    """As `parse_selectors`. Raises ConfigError for no rule at all as well: most likely a variable is not set."""
    if found := config.parse_selectors(words):
        return found
    raise ConfigError("expected at least one rule")


def _words(parse: Callable[[Iterable[str]], object]) -> Callable[[Sequence[str]], object]:
    """A parser of the words of an option that is repeatable and takes commas."""
    return lambda words: parse(config.split(words))


def _as_is(value: object) -> object:
    return value


_OPTIONS: tuple[tuple[str, str, Callable[[Any], object]], ...] = (
    ("target", "targets", _words(config.parse_targets)),
    ("select", "select", _words(_selected)),
    ("extend_select", "extend_select", _words(config.parse_selectors)),
    ("ignore", "ignore", _words(config.parse_selectors)),
    ("per_file_ignores", "per_file_ignores", _parse_per_file_ignores),
    ("exclude", "exclude", _words(config.parse_patterns)),
    ("extend_exclude", "extend_exclude", _words(config.parse_patterns)),
    ("force_exclude", "force_exclude", _as_is),
    ("respect_gitignore", "respect_gitignore", _as_is),
    ("compile", "compile", _as_is),
    ("assume", "assume", config.parse_assume),
    ("noqa", "noqa", _as_is),
    ("lang", "lang", config.parse_lang),
)
"""Each option, the setting that it changes, and the function that parses its words."""

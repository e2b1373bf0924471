"""The options that more than one command takes, and the settings in force with them."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable, Iterator, Sequence

from usock_lint.i18n import LANGS, spoken
from usock_lint.settings import config
from usock_lint.settings.config import Config, ConfigError, Settings
from usock_lint.settings.hierarchy import Hierarchy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from usock_lint.i18n import Lang
    from usock_lint.ports import Target
    from usock_lint.settings.config import Pattern


class Parser(argparse.ArgumentParser):
    """One that says in a line what is wrong with the words, and what was likely meant; not how all of it is used."""

    def error(self, message: str) -> NoReturn:
        """Exit with 2."""
        from usock_lint.ports.nearest import did_you_mean

        unknown = message.partition("unrecognized arguments: ")[2].partition(" ")[0].partition("=")[0]
        near = did_you_mean(unknown, self._option_string_actions) if unknown.startswith("-") else ""
        more = f"; `{self.prog} --help` tells more" if "required" in message else ""
        self.exit(2, f"{self.prog}: error: {message}{near}{more}\n")


def add_settings(parser: argparse.ArgumentParser) -> None:
    """The options that replace, or add to, what the table in pyproject.toml says."""
    group = parser.add_argument_group(
        "what to report",
        "Each can be repeated and takes commas. Each replaces what the nearest pyproject.toml above a file says in "
        "[tool.usock-lint]; the two that extend add to it.",
    )

    def add(option: str, metavar: str, text: str) -> None:
        group.add_argument(option, action="append", metavar=metavar, help=text)

    add("--target", "TARGET", "esp32, rp2==1.24, picow>=1.22, portable (the default), all")
    add("--select", "RULE", "codes, beginnings of codes (USK1) or names")
    add("--extend-select", "RULE", "also these; turns opt-in rules on")
    add("--ignore", "RULE", "but not these")
    add("--per-file-ignores", "PATTERN:RULE", "not these in files that match")
    add("--exclude", "PATTERN", "not these files and folders below a PATH; as in a .gitignore")
    add("--extend-exclude", "PATTERN", "nor these")
    _add_switch(group, "force-exclude", "leave those out even when they are a PATH", None)
    _add_switch(group, "respect-gitignore", None, "look at what git ignores too")
    _add_switch(group, "compile", "ask MicroPython's own compiler too; needs usock-lint[compile]", None)
    group.add_argument(
        "--assume",
        choices=("auto", "device"),
        help="what runs on a computer: device: lint it; auto: leave it out (default: in folders, not as a PATH)",
    )
    add_lang(parser)
    _add_files(parser)


def add_lang(parser: argparse.ArgumentParser) -> None:
    """The option that chooses the language, for commands that take no other settings."""
    parser.add_argument("--lang", choices=LANGS, help="the language of messages (default: that of the locale)")


def lang(given: Lang | None) -> Lang:
    """The language that was given, else the configured one, else that of the locale.

    Settings with a mistake in them do not keep a rule from being explained: they count for nothing here.
    """
    try:
        return given or Hierarchy(lang=spoken).language(_current_folder())
    except ConfigError:
        return spoken()


def project_targets() -> tuple[Target, ...]:
    """The targets of the project that the current folder is in, none where it has none or settings with a mistake."""
    try:
        return Hierarchy().for_file(os.path.join(_current_folder(), "main.py")).config.targets or ()
    except ConfigError:
        return ()


def _add_switch(
    group: argparse._ArgumentGroup,  # pyright: ignore[reportPrivateUsage]
    name: str,
    on: str | None,
    off: str | None,
) -> None:
    """Both forms, of which only that which changes the default has a text."""
    destination, hidden = name.replace("-", "_"), argparse.SUPPRESS
    either = group.add_mutually_exclusive_group()
    either.add_argument(f"--{name}", dest=destination, action="store_true", default=None, help=on or hidden)
    either.add_argument(f"--no-{name}", dest=destination, action="store_false", default=None, help=off or hidden)


def _add_files(parser: argparse.ArgumentParser) -> None:
    either = parser.add_argument_group("settings").add_mutually_exclusive_group()
    either.add_argument("--config", metavar="FILE", help="read [tool.usock-lint] in this TOML file instead")
    either.add_argument("--isolated", action="store_true", help="read no settings: neither files nor stubs")


def hierarchy(options: argparse.Namespace, **forced: Any) -> Hierarchy:
    """The settings in force: those of files, overridden by the options that were given. Raises ConfigError.

    What is `forced` is so for the command, whatever files and options say.
    """
    folder = _current_folder()
    given = [*_given(options)]

    def change(found: Settings) -> Settings:
        for option, name, value in given:
            found = _overridden(found, name, value, option, folder)
        return found.changed("command", **forced) if forced else found

    return Hierarchy(change, everywhere=_everywhere(options), infer=not options.isolated, lang=spoken)


def _everywhere(options: argparse.Namespace) -> Settings | None:
    if options.config:
        from usock_lint.settings import pyproject

        return pyproject.read(options.config)
    return Settings(Config()) if options.isolated else None


def _given(options: argparse.Namespace) -> Iterator[tuple[str, str, Any]]:
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
    anywhere = "" if "/" in plain.rstrip("/") else "**/"
    return f"{'!' * (plain != pattern)}/{between.replace(os.sep, '/')}/{anywhere}{plain.lstrip('/')}"


def _current_folder() -> str:
    try:
        return os.getcwd()
    except FileNotFoundError:
        raise ConfigError("the current folder does not exist any more") from None


def _parse_per_file_ignores(words: Iterable[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """`PATTERN:RULE` with more rules, and more of the same, after commas or blanks: as ruff and flake8 write it.

    Raises ConfigError.
    """
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
    """Nothing selected would find nothing: a variable that is not set, more likely than not."""
    if found := config.parse_selectors(words):
        return found
    raise ConfigError("expected at least one rule")


def _words(parse: Callable[[Iterable[str]], object]) -> Callable[[Sequence[str]], object]:
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
    ("lang", "lang", config.parse_lang),
)
"""Each option, the value that it sets, and what reads its words."""

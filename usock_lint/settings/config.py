"""The settings for a file, `Config`, and the parsing of their values from pyproject.toml and options."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from usock_lint.fast_dataclasses import NamedTuple
from usock_lint.i18n import LANGS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal, TypeAlias, TypeVar

    from usock_lint.i18n import Lang
    from usock_lint.ports import Target

    Assume = Literal["auto", "device"]
    Pattern: TypeAlias = str | tuple[str, str]
    """A line as in a `.gitignore`, relative to the root of the settings, or (folder, line), relative to that folder."""

    _Choice = TypeVar("_Choice", bound=str)

_ASSUME: tuple[Assume, ...] = ("auto", "device")
_EVERY_RULE = "USK"

_ALL = "ALL"
"""The selector of every rule, opt-in or not. Beside other selectors it counts like the beginning of a code, `USK1`."""

OFFERED = "USK8"
"""The beginning of the codes of opt-in rules whose findings are counted where they are off."""

_ANYWHERE = (
    "USK11",
    "USK501",
    "empty-argv",
    "failing-import",
    "missing-builtin",
    "missing-exception",
    "missing-module",
    "refused-argument",
    "shadowed-builtin-module",
    "unknown-encoding",
    "unsupported-syntax",
)
"""Beginnings of the selectors of rules that also apply to files which have nothing to do with networks."""

_OF_SOCKETS = ("USK505", "USK607")
"""Rules about the numbers of errors: in a file without networks these are of a sensor or a bus, such as 110 of I2C."""

FILE = "pyproject.toml"
"""The file with settings, in the folder that they are for."""


class ConfigError(ValueError):
    """An invalid setting: one line with its place, the valid values and a suggestion."""


class Config(NamedTuple):
    """The settings for a file. Selectors are code prefixes (`USK`, `USK1`, `USK102`) or rule names."""

    targets: tuple[Target, ...] | None = None
    """None: not configured. Then they are the portable ones, narrowed by the imports of a file."""
    select: tuple[str, ...] = (_EVERY_RULE,)
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    assume: Assume | None = None
    """`device`: lint every file; `auto`: those for a device, by their imports; None: `auto` for files in folders."""
    exclude: tuple[Pattern, ...] = ()
    """Files and folders that are left out below the folders that are linted."""
    extend_exclude: tuple[Pattern, ...] = ()
    force_exclude: bool = False
    """True if `exclude` holds for paths that are named, too."""
    respect_gitignore: bool = True
    per_file_ignores: tuple[tuple[Pattern, tuple[str, ...]], ...] = ()
    """Patterns, each with the selectors of the rules that are off in files that match."""
    baseline: str | None = None
    """The file with the known findings, which are not reported."""
    root: str = ""
    """The folder that patterns and `baseline` are relative to; "" is the current one."""
    compile: bool = False
    """True if mpy-cross compiles each file as well."""
    networked: bool = True
    """True if only files that import something of networks are linted."""
    noqa: bool = True
    """True if comments suppress findings; no key of pyproject.toml."""
    every_import: bool = False
    """True if the import of a failing file is reported although that file is linted too; no key of pyproject.toml."""
    lang: Lang | None = None
    """The language of messages; None: English, or on the command line that of the locale."""

    @property
    def lints_every_file(self) -> bool:
        """True if files that have nothing to do with networks are linted: by `networked`, or for a selected rule."""
        return not self.networked or any(word.startswith(_ANYWHERE) for word in (*self.select, *self.extend_select))

    @property
    def without_networks(self) -> Config:
        """The settings for a file that is linted although it has nothing to do with networks itself."""
        return self._replace(networked=False, ignore=(*self.ignore, *_OF_SOCKETS))

    @property
    def selects_nothing(self) -> bool:
        """True if no rule is on, as with an empty `select`, or an `ignore` of all."""
        return (not self.select or bool(self.ignore)) and _selects_nothing(self)

    def selects(self, code: str, name: str, opt_in: bool) -> bool:
        """True if a rule is on: the longest selector that covers it decides, and of two equals `ignore` wins.

        An opt-in rule needs more than the bare `USK` of `select`.
        """
        extended, selected = _reach(self.extend_select, code, name), _reach(self.select, code, name)
        if opt_in and not extended and selected <= len(_EVERY_RULE):
            return False
        return max(extended, selected) > _reach(self.ignore, code, name)

    def offers(self, code: str, name: str, opt_in: bool) -> bool:
        """True if the findings of a rule that is off are counted: nobody chose rules, or ignored this one."""
        if not opt_in or not code.startswith(OFFERED) or self.select != (_EVERY_RULE,):
            return False
        return not self.selects(code, name, opt_in) and not _reach(self.ignore, code, name)


class Settings(NamedTuple):
    """A Config, and where each of its values comes from: by key, what is missing is a default."""

    config: Config
    origins: Mapping[str, str] = {}

    def changed(self, origin: str, **values: Any) -> Settings:
        """These settings with other values, which come from `origin`."""
        origins = {**self.origins, **{name.replace("_", "-"): origin for name in values}}
        return Settings(self.config._replace(**values), origins)


@lru_cache(8)
def _selects_nothing(config: Config) -> bool:
    from usock_lint.catalog.pages import rules

    return not any(config.selects(rule.code, rule.name, rule.opt_in) for rule in rules().values())


def _reach(selectors: Iterable[str], code: str, name: str) -> int:
    """The length of the longest selector that covers the rule, 0 if none does. A name counts as a whole code."""
    return max((_length(word, code, name) for word in selectors if covers(word, code, name)), default=0)


def _length(selector: str, code: str, name: str) -> int:
    if selector == _ALL:
        return len(_EVERY_RULE) + 1
    return len(code) if selector == name else len(selector)


def covers(selector: str, code: str, name: str) -> bool:
    """True if a selector is the rule's name, begins its code, or is `ALL`."""
    return selector in (name, _ALL) or code.startswith(selector)


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
    if word.upper() in (_EVERY_RULE, _ALL):
        return word.upper()
    from usock_lint.catalog.pages import rules

    known = rules().values()
    for spelling in (word.upper(), word.lower()):
        if word and any(covers(spelling, rule.code, rule.name) for rule in known):
            return spelling
    raise unknown_rule(word)


def unknown_rule(word: str) -> ConfigError:
    """The error for a word that is neither a rule's name nor the beginning of a rule's code."""
    from usock_lint.catalog.pages import rules
    from usock_lint.ports.nearest import did_you_mean

    near = did_you_mean(word, (spelling for rule in rules().values() for spelling in (rule.code, rule.name)))
    return ConfigError(f"no rule has the code or name `{word}`{near}; `usock-lint rules` lists them")


def parse_assume(word: str) -> Assume:
    """`auto` or `device`. Raises ConfigError."""
    return _one_of(word, _ASSUME)


def parse_lang(word: str) -> Lang:
    """`en` or `zh`. Raises ConfigError."""
    return _one_of(word, LANGS)


def _one_of(word: str, choices: tuple[_Choice, ...]) -> _Choice:
    if word in choices:
        return choices[choices.index(word)]
    from usock_lint.ports.nearest import did_you_mean

    raise ConfigError(f"`{word}` is not one of {', '.join(choices)}{did_you_mean(word, choices)}")


def parse_patterns(words: Iterable[str]) -> tuple[str, ...]:
    """Patterns as in a `.gitignore`. Raises ConfigError for one that cannot match anything."""
    from usock_lint.patterns import parse

    for word in (found := tuple(words)):
        if parse(word) is None:
            raise ConfigError(f"`{word}` is no pattern")
    return found

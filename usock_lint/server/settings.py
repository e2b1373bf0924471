"""The settings of a document: those of the nearest pyproject.toml above it, changed by those of the editor."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, cast

from usock_lint.diagnostics import FileReport, Finding, LeftOut
from usock_lint.files.ignore import is_excluded_by_file
from usock_lint.i18n import LANGS, Lang, from_environment
from usock_lint.running.baseline import Baseline
from usock_lint.running.baselines import Baselines
from usock_lint.settings.config import Config, ConfigError, parse_selectors, parse_targets
from usock_lint.settings.config import Settings as FileSettings
from usock_lint.settings.hierarchy import Hierarchy

_NAME: Final = "usock-lint"

Given: TypeAlias = Mapping[str, Any]
"""Settings from the editor: fields of Config by name."""


@dataclass(frozen=True, slots=True)
class InForce:
    """The settings in force in one folder, with the findings of the baseline (`known`), which are not shown."""

    config: Config
    known: Baseline | None
    settings: Hierarchy = field(compare=False)
    origin: str = field(default="", compare=False)
    """The origin of the targets, "" for the default."""

    def excluded(self, path: str) -> FileReport | None:
        """The report on a document that the settings exclude, else None."""
        return FileReport(path, left_out=LeftOut("excluded")) if is_excluded_by_file(path, self.settings) else None

    def unknown(self, report: FileReport) -> tuple[Finding, ...]:
        """The findings that are not in the baseline."""
        return tuple(self.known.unknown(report)) if self.known else report.findings


class Settings:
    """The settings by folder. While a file of settings has a mistake, those that were read before stay in force."""

    def __init__(self) -> None:
        self._read: dict[str, InForce] = {}
        self._problems: dict[str, str] = {}
        self._given: Given = {}

    def take(self, settings: object) -> None:
        """Keep the editor's settings under the name `usock-lint`, for `reload` to apply. Invalid ones are ignored."""
        own = _object(settings).get(_NAME)
        self._problems.pop(_NAME, None)
        try:
            self._given = dict(_given(_object(own))) if own is not None else self._given
        except ConfigError as error:
            self._problems[_NAME] = f"settings of the editor: {error}"

    def of(self, path: str) -> InForce:
        """The settings for a document, read when its folder is seen for the first time."""
        folder = os.path.dirname(os.path.abspath(path))
        if folder not in self._read:
            self._load(folder)
        return self._read[folder]

    def reload(self) -> None:
        """Read the settings of all known folders again."""
        for folder in self._read:
            self._load(folder)

    def problems(self) -> frozenset[str]:
        """The mistakes in settings, one line for each file that has one."""
        return frozenset(self._problems.values())

    def _load(self, folder: str) -> None:
        self._problems.pop(folder, None)
        try:
            self._read[folder] = _in_force(os.path.join(folder, "document"), self._given)
        except ConfigError as error:
            self._problems[folder] = str(error)
            self._read.setdefault(folder, InForce(Config(), None, Hierarchy.of(Config())))


def _in_force(path: str, given: Given) -> InForce:
    """The settings of a document, changed by the editor's. Raises ConfigError."""

    def changed(found: FileSettings) -> FileSettings:
        """Apply the editor's settings, and turn `compile` off, which would start a process at every keystroke."""
        before = found.config.extend_select
        values = {**given, "extend_select": (*before, *given.get("extend_select", ())), "compile": False}
        return found.changed("the editor", **values)

    settings = Hierarchy(changed, lang=lambda: from_environment(os.environ))
    found = settings.for_file(path)
    return InForce(found.config, Baselines(settings).of_file(path), settings, found.origins.get("targets", ""))


def _given(settings: Mapping[str, object]) -> Iterator[tuple[str, Any]]:
    """The editor's settings by their names in Config, without empty ones. Raises ConfigError."""
    for key, name, parse in _KEYS:
        if value := settings.get(key):
            try:
                yield name, parse(value)
            except ConfigError as error:
                raise ConfigError(f"{key}: {error}") from None


def _words(value: object) -> list[str]:
    if isinstance(value, list) and all(isinstance(word, str) for word in cast(list[object], value)):
        return cast(list[str], value)
    raise ConfigError("expected an array of strings")


def _language(value: object) -> Lang:
    for lang in LANGS:
        if value == lang:
            return lang
    raise ConfigError(f"expected one of {', '.join(LANGS)}")


def _object(value: object) -> Mapping[str, object]:
    return cast(Mapping[str, object], value) if isinstance(value, Mapping) else {}


_KEYS: Final[tuple[tuple[str, str, Callable[[object], Any]], ...]] = (
    ("targets", "targets", lambda value: parse_targets(_words(value))),
    ("extendSelect", "extend_select", lambda value: parse_selectors(_words(value))),
    ("lang", "lang", _language),
)
"""Keys that an editor may set, each with the field of Config and the parser of the value."""

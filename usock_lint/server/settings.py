"""The settings that hold for a document: those of the nearest pyproject.toml above it, with what they refer to."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from usock_lint.diagnostics import FileReport, Finding, LeftOut
from usock_lint.files.ignore import is_excluded_by_file
from usock_lint.i18n import from_environment
from usock_lint.running.baseline import Baseline
from usock_lint.running.baselines import Baselines
from usock_lint.settings.config import Config, ConfigError
from usock_lint.settings.config import Settings as FileSettings
from usock_lint.settings.hierarchy import Hierarchy


@dataclass(frozen=True, slots=True)
class InForce:
    """The settings in one folder, and the baseline: the findings that are known and not shown."""

    config: Config
    known: Baseline | None
    settings: Hierarchy = field(compare=False)

    def excluded(self, path: str) -> FileReport | None:
        """The report on a document that the settings exclude, else None."""
        return FileReport(path, left_out=LeftOut("excluded")) if is_excluded_by_file(path, self.settings) else None

    def unknown(self, report: FileReport) -> tuple[Finding, ...]:
        """The findings that are not in the baseline."""
        return tuple(self.known.unknown(report)) if self.known else report.findings


class Settings:
    """The settings by folder. While a file has a mistake, the settings that were read before stay in force."""

    def __init__(self) -> None:
        self._read: dict[str, InForce] = {}
        self._problems: dict[str, str] = {}

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
            self._read[folder] = _in_force(os.path.join(folder, "document"))
        except ConfigError as error:
            self._problems[folder] = str(error)
            self._read.setdefault(folder, InForce(Config(), None, Hierarchy.of(Config())))


def _in_force(path: str) -> InForce:
    settings = Hierarchy(_without_compiler, lang=lambda: from_environment(os.environ))
    return InForce(settings.for_file(path).config, Baselines(settings).of_file(path), settings)


def _without_compiler(found: FileSettings) -> FileSettings:
    """The settings without `compile`, which would start a process at every keystroke."""
    return found._replace(config=found.config._replace(compile=False))

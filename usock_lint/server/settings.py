"""The settings that hold for a document: those of the nearest pyproject.toml above it, with what they refer to."""

from __future__ import annotations

import os
from dataclasses import dataclass

from usock_lint.diagnostics import FileReport, Finding, LeftOut
from usock_lint.files.ignore import is_excluded
from usock_lint.i18n import from_environment
from usock_lint.running import baseline
from usock_lint.running.baseline import Baseline
from usock_lint.settings import config, stub_targets
from usock_lint.settings.config import Config, ConfigError


@dataclass(frozen=True, slots=True)
class InForce:
    """The settings in one folder, and the findings that are known and not shown."""

    config: Config
    known: Baseline | None

    def excluded(self, path: str) -> FileReport | None:
        """The report on a document that is not looked at."""
        return FileReport(path, left_out=LeftOut("excluded")) if is_excluded(path, self.config) else None

    def unknown(self, report: FileReport) -> tuple[Finding, ...]:
        """The findings that are to be shown."""
        return tuple(self.known.unknown(report)) if self.known else report.findings


class Settings:
    """What was read, by folder. A file that cannot be used leaves in force what was there before it."""

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
        """Read again what was read."""
        for folder in self._read:
            self._load(folder)

    def problems(self) -> frozenset[str]:
        """What is wrong with a file, a line for each."""
        return frozenset(self._problems.values())

    def _load(self, folder: str) -> None:
        self._problems.pop(folder, None)
        try:
            self._read[folder] = _in_force(folder)
        except ConfigError as error:
            self._problems[folder] = str(error)
            self._read.setdefault(folder, InForce(Config(), None))


def _in_force(folder: str) -> InForce:
    found = config.load(folder)._replace(compile=False)  # it would be a process with every key that is hit
    if found.targets is None and (stubs := stub_targets.find(folder)):
        found = found._replace(targets=stubs.targets)
    if found.lang is None:
        found = found._replace(lang=from_environment(os.environ))
    known = baseline.read(os.path.join(found.root, found.baseline)) if found.baseline else None
    return InForce(found, known)

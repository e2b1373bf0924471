"""The flake8 plugin. flake8 chooses files and codes, and decides what `noqa` suppresses.

Settings are those of the nearest pyproject.toml above each file, as everywhere; flake8's own options override them.
"""

from __future__ import annotations

import argparse
import ast
import os
import sys
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from usock_lint import __version__
from usock_lint.diagnostics import FileReport, Finding, InternalError, LeftOut
from usock_lint.files.ignore import is_excluded_by_file
from usock_lint.i18n import spoken
from usock_lint.linting import gate
from usock_lint.linting.file import lint
from usock_lint.linting.source import Source
from usock_lint.paths import upwards
from usock_lint.running.baselines import Baselines
from usock_lint.running.cache_folder import CACHE
from usock_lint.settings.config import (
    Config,
    ConfigError,
    Settings,
    parse_assume,
    parse_lang,
    parse_selectors,
    parse_targets,
    split,
)
from usock_lint.settings.hierarchy import Hierarchy

if TYPE_CHECKING:
    from usock_lint.ports import Target
    from usock_lint.running.cache import Cache


_NO_FINDING = "USK000"
"""The code of messages that are not findings: a file is not checked, or usock-lint has failed.

flake8 prints only messages with a code.
"""


class OptionManager(Protocol):
    """The part of flake8's untyped class of this name that the plugin uses."""

    parser: argparse.ArgumentParser

    def add_option(
        self,
        long_option_name: str,
        *,
        default: str | bool,
        metavar: str = "",
        action: str = "store",
        help: str,
        parse_from_config: bool,
        comma_separated_list: bool = False,
        normalize_paths: bool = False,
    ) -> None:
        """Register an option, which `parse_from_config` allows in flake8's configuration file too."""
        ...


class Plugin:
    """Reports usock-lint's findings, each as flake8's (row, column from 0, text, type)."""

    name = "usock-lint"
    version = __version__
    settings: ClassVar[Hierarchy] = Hierarchy()
    """Like the next ones, set by `parse_options`, once in every process, before the first file."""
    known: ClassVar[Baselines] = Baselines(settings)
    given: ClassVar[frozenset[str]] = frozenset()
    """The absolute paths of the files and folders that flake8 is to look at."""
    options: ClassVar[argparse.Namespace | None] = None
    """flake8's own options."""
    cached = False
    """True if findings are cached for the next run."""
    _caches: ClassVar[dict[Config, Cache]] = {}
    """The caches that were opened, each for the first file with sockets that has these settings."""

    def __init__(self, tree: ast.Module, filename: str, lines: Sequence[str]) -> None:
        """flake8 passes arguments by these names; a plugin that requests the tree runs once a file."""
        self._path = filename
        self._text = "".join(lines)

    @staticmethod
    def add_options(manager: OptionManager) -> None:
        """Called by flake8 before it reads command line and configuration."""
        manager.add_option(
            "--usock-targets",
            default="",
            metavar="TARGETS",
            help="ports and boards to check for: esp32, rp2==1.24, picow>=1.22, portable (the default), all",
            parse_from_config=True,
        )
        manager.add_option(
            "--usock-extend-select",
            default="",
            metavar="RULES",
            help="opt-in rules to turn on, by code, beginning of code or name",
            parse_from_config=True,
            comma_separated_list=True,
        )
        manager.add_option(
            "--usock-assume",
            default="",
            metavar="auto|device",
            help="device: check also files that run on a computer, by what they import",
            parse_from_config=True,
        )
        manager.add_option(
            "--usock-lang",
            default="",
            metavar="en|zh",
            help="the language of messages (default: that of the locale)",
            parse_from_config=True,
        )
        manager.add_option(
            "--usock-baseline",
            default="",
            metavar="FILE",
            help="report only what is not in this file, which `usock-lint --write-baseline` writes",
            parse_from_config=True,
            normalize_paths=True,
        )
        manager.add_option(
            "--usock-config",
            default="",
            metavar="FILE",
            help="read [tool.usock-lint] in this TOML file instead of the nearest pyproject.toml above each file",
            parse_from_config=True,
            normalize_paths=True,
        )
        manager.add_option(
            "--usock-isolated",
            default=False,
            action="store_true",
            help="read no settings of usock-lint: neither files nor stubs",
            parse_from_config=True,
        )
        manager.add_option(
            "--usock-no-cache",
            default=False,
            action="store_true",
            help=f"neither read nor write what earlier runs found (in {CACHE})",
            parse_from_config=True,
        )

    @classmethod
    def parse_options(cls, manager: OptionManager, options: argparse.Namespace, _files: object) -> None:
        """Called by flake8 with the options that it has read. A wrong value is a usage error."""
        try:
            given = {name: (option, value) for name, option, value in _given(options)}
            cls.settings = Hierarchy(
                lambda found: _overridden(found, given),
                everywhere=_everywhere(options),
                infer=not options.usock_isolated,
                lang=spoken,
            )
            cls.settings.inside(os.getcwd())  # raises for a wrong setting before any file is linted
            cls.known = _baselines(cls.settings, options.usock_baseline)
        except ConfigError as error:
            manager.parser.error(str(error))
        cls.given = frozenset(map(os.path.abspath, options.filenames))
        cls.options = options
        cls.cached = not options.usock_no_cache and "-" not in options.filenames
        cls._caches = {}

    def run(self) -> Iterator[tuple[int, int, str, type[Plugin]]]:
        """Called by flake8 for each file."""
        try:
            (report,) = self.known.unknown([self._report()])
        except ConfigError as error:
            from flake8.exceptions import ExecutionError

            raise ExecutionError(str(error)) from None
        for finding in filter(self._is_reported_here, report.findings):
            row, column = finding.location
            yield row, column - 1, f"{finding.code} {finding.message}", type(self)
        lang = self.settings.for_file(self._path).config.lang or "en"
        if report.unchecked:
            yield report.unchecked.row, 0, f"{_NO_FINDING} {report.unchecked.text(lang)}", type(self)
        for error in report.errors:
            yield 1, 0, f"{_NO_FINDING} {error.text(lang)}", type(self)
            sys.stderr.writelines(f"{line}\n" for line in error.traceback())

    def _report(self) -> FileReport:
        """The report on the file, without the baseline. Raises ConfigError."""
        try:
            source = Source.of(self._text, self._path, self._folder)
            if not gate.passes(source, self.settings.inside(os.path.dirname(os.path.abspath(self._path))).config):
                return FileReport(self._path)
            config = self.settings.for_file(self._path).config._replace(noqa=False)
            if is_excluded_by_file(self._path, self.settings):
                return FileReport(self._path, left_out=LeftOut("excluded"))
            if _has_byte_order_mark(self._path):
                source = Source.of(BOM_UTF8.decode() + self._text, self._path, self._folder)
            if left_out := gate.left_out(source, config.assume):
                return FileReport(self._path, left_out=left_out)
            config = gate.settings(source, config)
            linted = partial(lint, source, config)
            return self._cache(config).report(source, linted) if self.cached else linted()
        except ConfigError:
            raise
        except Exception as error:  # flake8 would end with a traceback
            return FileReport(self._path, errors=(InternalError.of(error),))

    @property
    def _folder(self) -> str | None:
        """The folder that was given to flake8 and the file is in; the current one, if the file is in that as well.

        None if the file itself was given.
        """
        above = [*upwards(os.path.dirname(os.path.abspath(self._path)))]
        found = next((folder for folder in above if folder in self.given), None)
        return os.curdir if found is not None and os.getcwd() in above else found

    def _is_reported_here(self, finding: Finding) -> bool:
        """True unless its cause is in a file that flake8 looks at as well, or is ignored there.

        The engine makes no findings whose cause is below `_folder`, which is looked at.
        """
        if finding.because is None:
            return True
        path = finding.because.path(os.path.abspath(self._path))
        return path not in self.given and not self._is_ignored(path, finding.because.code)

    @classmethod
    def _is_ignored(cls, path: str, code: str) -> bool:
        """True if flake8's `ignore` or `per-file-ignores` have this code for a file."""
        if cls.options is None:
            return False
        from flake8.formatting.default import Nothing
        from flake8.style_guide import Ignored, StyleGuideManager

        guide = StyleGuideManager(cls.options, Nothing(cls.options)).style_guide_for(path)
        return guide.decider.was_ignored(code) is Ignored.Explicitly

    @classmethod
    def _cache(cls, config: Config) -> Cache:
        if config not in cls._caches:
            from usock_lint.running.cache import Cache

            cls._caches[config] = Cache(CACHE, config)
        return cls._caches[config]


def _targets(text: str) -> tuple[Target, ...]:
    """The targets of a list that commas, line ends or spaces separate, as in flake8's lists. `pico w` is one name."""
    found: list[Target] = []
    for part in split(text.splitlines()):
        try:
            found += parse_targets((part,))
        except ConfigError:
            found += parse_targets(part.split())
    return tuple(found) or parse_targets(())


_OPTIONS: tuple[tuple[str, Callable[[Any], object]], ...] = (
    ("targets", _targets),
    ("extend_select", parse_selectors),
    ("assume", parse_assume),
    ("lang", parse_lang),
)
"""The settings that an option `--usock-...` overrides, each with its parser."""


def _everywhere(options: argparse.Namespace) -> Settings | None:
    """The settings that options give all files; None if each file has those of its folders. Raises ConfigError."""
    if options.usock_isolated:
        return Settings(Config())
    if options.usock_config:
        from usock_lint.settings import pyproject

        return pyproject.read(options.usock_config)
    return None


def _given(options: argparse.Namespace) -> Iterator[tuple[str, str, object]]:
    """The settings that options give: name, option and value. Raises ConfigError."""
    for name, parse in _OPTIONS:
        words, option = getattr(options, f"usock_{name}"), f"--usock-{name.replace('_', '-')}"
        if not words:
            continue
        try:
            yield name, option, parse(words)
        except ConfigError as error:
            raise ConfigError(f"{option}: {error}") from None


def _overridden(found: Settings, given: Mapping[str, tuple[str, Any]]) -> Settings:
    """The settings of a file, changed by options."""
    if found.config.assume is None:  # flake8 names every file, and a named one is else linted whatever its role
        found = found.changed("default", assume="auto")
    for name, (option, value) in given.items():
        before = found.config.extend_select if name == "extend_select" else ()
        found = found.changed(option, **{name: (*before, *value) if before else value})
    return found


def _baselines(settings: Hierarchy, file: str) -> Baselines:
    try:
        return Baselines(settings, file or None)
    except ConfigError as error:
        raise ConfigError(f"--usock-baseline: {error}") from None


def _has_byte_order_mark(path: str) -> bool:
    """True if a file begins with a byte order mark, which flake8 leaves out of its lines."""
    try:
        with open(path, "rb") as file:
            return file.read(3) == BOM_UTF8
    except OSError:  # it is standard input by another name
        return False

"""The flake8 plugin. flake8 does the choosing: which files, which codes, and what `noqa` suppresses."""

from __future__ import annotations

import argparse
import ast
import os
import sys
from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar, Protocol

from usock_lint import __version__
from usock_lint.diagnostics import FileReport, InternalError
from usock_lint.i18n import spoken
from usock_lint.linting import gate
from usock_lint.linting.file import lint_unsettled, settled
from usock_lint.running.runner import CACHE
from usock_lint.settings.config import (
    Config,
    ConfigError,
    parse_assume,
    parse_lang,
    parse_selectors,
    parse_targets,
    split,
)

if TYPE_CHECKING:
    from usock_lint.ports import Target
    from usock_lint.running.baseline import Baseline
    from usock_lint.running.cache import Cache


_INTERNAL = "USK000"
"""The code of an error in usock-lint itself, which flake8 can print as a line of its own only if it has one."""


class OptionManager(Protocol):
    """What the plugin uses of flake8's class of this name, which is not typed."""

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
    config: ClassVar[Config] = Config(assume="auto")
    """Set by flake8 once in every process, before the first file."""
    known: ClassVar[Baseline | None] = None
    """Likewise."""
    cached = False
    """Whether what is found is kept for the next run."""
    _cache: ClassVar[Cache | None] = None
    """Opened for the first file with sockets."""

    def __init__(self, tree: ast.Module, filename: str, lines: Sequence[str]) -> None:
        """flake8 passes what these names ask for; asking for the tree makes this run once a file."""
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
            default="auto",
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
            "--usock-no-cache",
            default=False,
            action="store_true",
            help=f"neither read nor write what earlier runs found (in {CACHE})",
            parse_from_config=True,
        )

    @classmethod
    def parse_options(cls, manager: OptionManager, options: argparse.Namespace, _files: object) -> None:
        """Called by flake8 with what it read. A bad value is a usage error."""
        option = ""
        try:
            option = "--usock-targets"
            targets = _targets(options.usock_targets) if options.usock_targets else _targets_of_stubs()
            option = "--usock-extend-select"
            extend_select = parse_selectors(options.usock_extend_select)
            option = "--usock-assume"
            assume = parse_assume(options.usock_assume)
            option = "--usock-lang"
            lang = parse_lang(options.usock_lang) if options.usock_lang else spoken()
            option = "--usock-baseline"
            cls.known = _baseline(options.usock_baseline)
        except ConfigError as error:
            manager.parser.error(f"{option}: {error}")
        cls.config = Config(targets=targets, extend_select=extend_select, assume=assume, lang=lang)
        cls.cached = not options.usock_no_cache and "-" not in options.filenames
        cls._cache = None

    def run(self) -> Iterator[tuple[int, int, str, type[Plugin]]]:
        """Called by flake8 for each file."""
        report = self._report()
        findings = self.known.unknown(report) if self.known else report.findings
        for finding in findings:
            row, column = finding.location
            yield row, column - 1, f"{finding.code} {finding.message}", type(self)
        for error in report.errors:
            yield 1, 0, f"{_INTERNAL} {error.text(self.config.lang or 'en')}", type(self)
            sys.stderr.writelines(f"{line}\n" for line in error.traceback())

    def _report(self) -> FileReport:
        try:
            data = self._text.encode("utf-8", "surrogatepass")
            if gate.mentions_sockets(data) and _is_marked(self._path):
                self._text, data = BOM_UTF8.decode() + self._text, BOM_UTF8 + data
            if report := settled(data, self._path, self.config):
                return report
            return self._opened().report(self._path, data, self._lint) if self.cached else self._lint()
        except Exception as error:  # flake8 would end with a traceback
            return FileReport(self._path, errors=(InternalError.of(error),))

    def _lint(self) -> FileReport:
        return lint_unsettled(self._text, self._path, self.config, noqa=False)

    @classmethod
    def _opened(cls) -> Cache:
        if cls._cache is None:
            from usock_lint.running.cache import Cache

            cls._cache = Cache(CACHE, cls.config, noqa=False)
        return cls._cache


def _targets(text: str) -> tuple[Target, ...]:
    """Words apart by commas, ends of lines, or spaces, as flake8's lists are. A name may have spaces: `pico w`."""
    found: list[Target] = []
    for part in split(text.splitlines()):
        try:
            found += parse_targets((part,))
        except ConfigError:
            found += parse_targets(part.split())
    return tuple(found) or parse_targets(())


def _targets_of_stubs() -> tuple[Target, ...] | None:
    from usock_lint.settings import stub_targets

    found = stub_targets.find(os.getcwd())
    return found.targets if found else None


def _baseline(file: str) -> Baseline | None:
    from usock_lint.running import baseline

    return baseline.read(file) if file else None


def _is_marked(path: str) -> bool:
    """Whether a file begins with a byte order mark, which flake8 leaves out of its lines."""
    try:
        with open(path, "rb") as file:
            return file.read(3) == BOM_UTF8
    except OSError:  # it is standard input by another name
        return False

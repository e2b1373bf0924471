"""A file with findings that are known and not reported, so that an old code base can begin with the new ones.

A finding is known by its file, its rule and the text of its line: it stays known when the line moves.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from usock_lint import observed
from usock_lint.files import discovery
from usock_lint.paths import relative
from usock_lint.settings.config import ConfigError

if TYPE_CHECKING:
    from usock_lint.diagnostics import FileReport, Finding
    from usock_lint.settings.config import Config
    from usock_lint.settings.hierarchy import Hierarchy

VERSION = 1

_MOST = 1_000_000
"""Times that a line is found at most: more would not fit into a file."""


class Entry(NamedTuple):
    """One known finding: its file, relative to the baseline with `/`, its rule, and its line."""

    path: str
    code: str
    line: str


class Baseline:
    """The known findings, some of them more than once."""

    def __init__(self, file: str, entries: Counter[Entry] | None = None) -> None:
        self.file = file
        self._entries: Counter[Entry] = entries or Counter()

    def unknown(self, report: FileReport) -> list[Finding]:
        """The findings of a file that are not known. Of equal ones the first are the known ones."""
        left = self._entries.copy()
        new: list[Finding] = []
        for finding in report.findings:
            entry = self._entry(finding)
            if left[entry]:
                left[entry] -= 1
            else:
                new.append(finding)
        return new

    def gone(self, reports: Sequence[FileReport], settings: Hierarchy) -> list[Entry]:
        """The entries that this run looked for and did not find, or whose file is there no more; sorted."""
        return sorted((self._looked_for(reports, settings) - self._found(reports)).elements())

    def renewed(self, reports: Sequence[FileReport], settings: Hierarchy) -> Baseline:
        """The baseline after this run: all its findings, and the old entries that it did not look for."""
        return Baseline(self.file, (self._entries - self._looked_for(reports, settings)) | self._found(reports))

    def dumps(self) -> str:
        """The file's text: sorted, an entry a line, so that two versions of it differ where the code does."""
        entries = [f"    {_dumps(entry, count)}" for entry, count in sorted(self._entries.items())]
        findings = "".join(("[\n", ",\n".join(entries), "\n  ]")) if entries else "[]"
        return f'{{\n  "version": {VERSION},\n  "findings": {findings}\n}}\n'

    def write(self) -> None:
        """Replace the file. Raises ConfigError."""
        from usock_lint.files import atomic_write

        try:
            atomic_write.write(self.file, self.dumps().encode())
        except OSError as error:
            raise ConfigError(f"{self.file}: not written: {discovery.reason(error)}") from None

    @property
    def size(self) -> int:
        """The number of known findings."""
        return self._entries.total()

    def _looked_for(self, reports: Iterable[FileReport], settings: Hierarchy) -> Counter[Entry]:
        """The entries that the run would have found again: their rule was run on their file, or the file is gone."""
        paths = {self._relative(report.path): report.path for report in reports if _was_seen(report)}

        def is_looked_for(entry: Entry) -> bool:
            seen = paths.get(entry.path)
            is_on = seen is not None and _is_on(entry.code, settings.for_file(seen).config)
            return is_on or not self._exists(entry.path)

        return Counter({entry: count for entry, count in self._entries.items() if is_looked_for(entry)})

    def _found(self, reports: Iterable[FileReport]) -> Counter[Entry]:
        return Counter(self._entry(finding) for report in reports for finding in report.findings)

    def _entry(self, finding: Finding) -> Entry:
        return Entry(self._relative(finding.path), finding.code, finding.line_key)

    def _relative(self, path: str) -> str:
        return relative(path, os.path.dirname(os.path.abspath(self.file))).replace(os.sep, "/")

    def _exists(self, path: str) -> bool:
        whole = os.path.join(os.path.dirname(self.file), path)
        observed.listed(os.path.dirname(whole))  # a link that leads nowhere counts as well
        return os.path.lexists(whole)


def _was_seen(report: FileReport) -> bool:
    """True if all of a file was looked at."""
    parsed = all(finding.name != "syntax-error" for finding in report.findings)
    return parsed and not (report.problem or report.left_out or report.unchecked or report.errors)


def _is_on(code: str, config: Config) -> bool:
    """True if a rule is selected, or does not exist any more: then its findings are gone."""
    from usock_lint.catalog.pages import find

    try:
        rule = find(code)
    except KeyError:
        return True
    return config.selects(rule.code, rule.name, rule.opt_in)


def _dumps(entry: Entry, count: int) -> str:
    return json.dumps({**entry._asdict(), "count": count})


def read(file: str) -> Baseline:
    """The baseline in a file. Raises ConfigError if the file is not a baseline."""
    data = discovery.read(file)
    if isinstance(data, discovery.Unreadable):
        raise ConfigError(f"{file}: {data.reason}")
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        raise ConfigError(f"{file}: is no baseline: not JSON") from None
    match document:
        case {"version": int(version)} if version != VERSION:
            raise ConfigError(f"{file}: is a baseline of version {version}; this usock-lint reads version {VERSION}")
        case {"version": int(), "findings": [*found]}:
            return Baseline(file, Counter(dict(_entries(file, found))))
        case _:
            raise ConfigError(f"{file}: is no baseline: `version` and `findings` are missing")


def _entries(file: str, found: Sequence[object]) -> Iterator[tuple[Entry, int]]:
    for number, one in enumerate(found, 1):
        match one:
            case {"path": str(path), "code": str(code), "line": str(line), "count": int(count)} if 0 < count <= _MOST:
                yield Entry(path, code, line), count
            case _:
                raise ConfigError(f"{file}: is no baseline: finding {number} lacks path, code, line or count")

"""The baselines of a run: each file has the one that the command line names, or that of its settings."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence

from usock_lint.paths import relative

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usock_lint.diagnostics import FileReport
    from usock_lint.running.baseline import Baseline
    from usock_lint.settings.hierarchy import Hierarchy


class Baselines:
    """The baselines of a run: the one that was named for all files, else those that the settings of each name."""

    def __init__(self, settings: Hierarchy, file: str | None = None, *, new: bool = False) -> None:
        """`new`: a file that is not there is an empty baseline. Raises ConfigError."""
        self._settings = settings
        self._file = file
        self._new = new
        self._read: dict[str, Baseline] = {}
        if file is not None:
            self._of(file)

    def of_file(self, path: str) -> Baseline | None:
        """The baseline for a file. Raises ConfigError."""
        return self.of_folder(os.path.dirname(os.path.abspath(path)))

    def of_folder(self, folder: str) -> Baseline | None:
        """The baseline for what is in a folder, which is given by its absolute path. Raises ConfigError."""
        if self._file is not None:
            return self._of(self._file)
        config = self._settings.inside(folder).config
        return self._of(relative(os.path.join(config.root, config.baseline))) if config.baseline else None

    def unknown(self, reports: Iterable[FileReport]) -> list[FileReport]:
        """The reports without the findings that are known. Raises ConfigError."""
        paired = ((report, self.of_file(report.path)) for report in reports)
        return [report._replace(findings=tuple(known.unknown(report))) if known else report for report, known in paired]

    def groups(self, reports: Sequence[FileReport]) -> Iterator[tuple[Baseline, list[FileReport]]]:
        """Each baseline that was asked for, and the reports on its files, if any. Raises ConfigError."""
        owners = [self.of_file(report.path) for report in reports]
        for known in [*self._read.values()]:
            yield known, [report for report, owner in zip(reports, owners, strict=True) if owner is known]

    def write(self, reports: Sequence[FileReport]) -> Iterator[Baseline]:
        """Rewrite each baseline with the findings known after this run. Raises ConfigError."""
        for known, of_it in [*self.groups(reports)]:
            renewed = self._read[known.file] = known.renewed(of_it, self._settings)
            renewed.write()
            yield renewed

    def _of(self, file: str) -> Baseline:
        if file not in self._read:
            from usock_lint.running.baseline import Baseline, read  # most runs have none

            is_new = self._new and not os.path.lexists(file)
            self._read[file] = Baseline(file) if is_new else read(file)
        return self._read[file]
